# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The mixin's override points, and what it asks of a charm."""

import dataclasses
import pathlib
from typing import Any

import ops
import pytest
from ops import testing

from opencti_connector import Blocked, ConnectorType, NotReady, OpenctiConnectorMixin
from opencti_connector.testing import relation_for_provider

from ..property_charm import PropertyCharm
from ..states import only_relation
from .charms import CONFIG, NAME, MixinCharm, mixin_context, run
from .looks import environment, is_running, planned, started
from .states import ready_state


class TestOverrides:
    def test_environment_and_checks(self):
        class Charm(MixinCharm):
            connector_type = ConnectorType.STREAM
            connector_command = 'python3 main.py'

            def check_config(self) -> None:
                super().check_config()
                if self.config['log-level'] == 'bad':
                    raise Blocked('log-level: must be good')

            def connector_environment(self) -> dict[str, str]:
                more: dict[str, Any] = {'CONNECTOR_SCOPE': 'a-scope', 'MANY': True}
                return {**super().connector_environment(), **more}

        context = mixin_context(Charm)
        with context(context.on.update_status(), ready_state()) as manager:
            asked = manager.charm.connector_workload.environment()
            out = manager.run()
        assert (asked['CONNECTOR_SCOPE'], asked['MANY']) == ('a-scope', 'true')
        assert asked['CONNECTOR_TYPE'] == 'STREAM'
        assert environment(out) == asked
        assert planned(out)['command'] == 'python3 main.py'

        out = run(dataclasses.replace(out, config={**CONFIG, 'log-level': 'bad'}), Charm)
        assert out.unit_status == testing.BlockedStatus('log-level: must be good')
        assert not is_running(out)

        # The base class's own check comes first here, as the override says.
        out = run(dataclasses.replace(out, config={'log-level': 'bad'}), Charm)
        assert out.unit_status.message.startswith('missing configuration: api-key')

    def test_reconcile(self):
        class Charm(MixinCharm):
            is_ready = True

            def reconcile(self) -> None:
                if not self.is_ready:
                    raise NotReady('waiting for the weather')
                super().reconcile()

        state = run(ready_state(), Charm)
        assert is_running(state)
        Charm.is_ready = False
        state = run(state, Charm)
        assert not is_running(state)
        assert state.unit_status == testing.WaitingStatus('waiting for the weather')

    @pytest.mark.parametrize(
        ('said', 'what'), [({'what': 'the password'}, 'the password'), ({}, 'a secret')]
    )
    def test_a_further_secret_that_is_not_granted(self, said: dict[str, str], what: str):
        class Charm(MixinCharm):
            def connector_environment(self) -> dict[str, str]:
                secret_id = 'secret:cjqub6vubg2s77p3nio0'
                content = self.connector_workload.read_secret(secret_id, **said)
                return {**super().connector_environment(), **content}

        assert run(ready_state(), Charm).unit_status == testing.WaitingStatus(
            f'waiting for access to {what}'
        )

    def test_the_container_and_the_endpoint(self):
        class Charm(MixinCharm):
            container = 'second'
            relation_name = 'platform'
            connector_charm_name = 'opencti-other-connector'

        relation, secrets = relation_for_provider('platform')
        names = (NAME, 'second')
        state = ready_state(names, relations={relation}, secrets=set(secrets))
        out = run(state, Charm, containers=names, endpoints=['platform'])
        assert started(out) == {'second'}
        published = only_relation(out).local_app_data
        assert published['connector_charm_name'] == 'opencti-other-connector'

    def test_settings_that_are_properties(self):
        out = run(ready_state(config={**CONFIG, 'verify': True}), PropertyCharm)
        assert environment(out)['VERIFY'] == 'True'
        assert environment(out)['CONNECTOR_TYPE'] == 'STREAM'

    @pytest.fixture
    def elsewhere(self, tmp_path: pathlib.Path) -> type[ops.CharmBase]:
        """A charm whose options are declared in another directory."""
        return type('Charm', (MixinCharm,), {'charm_dir': property(lambda _: tmp_path)})

    @pytest.mark.parametrize('file', ['config.yaml', 'charmcraft.yaml'])
    def test_the_charm_dir(
        self, file: str, tmp_path: pathlib.Path, elsewhere: type[ops.CharmBase]
    ):
        options = '{options: {interval: {type: int, optional: false}}}'
        content = options if file == 'config.yaml' else f'{{name: x, config: {options}}}'
        (tmp_path / file).write_text(content)
        out = run(ready_state(), elsewhere)
        assert out.unit_status.message.startswith('missing configuration: interval')
        out = run(ready_state(config={'interval': 7}), elsewhere)
        assert environment(out)['INTERVAL'] == '7'
        assert 'LOG_LEVEL' not in environment(out)

    @pytest.mark.parametrize(
        ('content', 'problem'),
        [(None, 'neither a config.yaml nor a charmcraft.yaml'), ('options: {', 'is not YAML')],
    )
    def test_an_unusable_charm_dir(
        self,
        content: str | None,
        problem: str,
        tmp_path: pathlib.Path,
        elsewhere: type[ops.CharmBase],
    ):
        if content is not None:
            (tmp_path / 'config.yaml').write_text(content)
        with pytest.raises(testing.errors.UncaughtCharmError, match=problem):
            run(ready_state(), elsewhere)

    def test_a_further_mixin_and_a_charm_of_its_own(self):
        log: list[str] = []

        class Other(ops.CharmBase):
            def __init__(self, framework: ops.Framework):
                super().__init__(framework)
                log.append('other')

        class Charm(Other, OpenctiConnectorMixin, ops.CharmBase):
            connector_type = 'STREAM'
            _workload = _options = _config = 'names that a charm may want'

            def __init__(self, *args: Any):
                super().__init__(*args)
                log.append('own')
                self.framework.observe(self.on.config_changed, self._on_config_changed)
                self.framework.observe(self.on.collect_unit_status, self._on_collect_status)
                self.framework.observe(
                    self.opencti.on.opencti_connection_available, self._on_available
                )

            def _on_config_changed(self, event: ops.EventBase) -> None:
                log.append('config-changed')

            def _on_available(self, event: ops.EventBase) -> None:
                log.append('available')

            def _on_collect_status(self, event: ops.CollectStatusEvent) -> None:
                event.add_status(ops.MaintenanceStatus('one of its own'))

        out = run(ready_state(), Charm, event='config_changed')
        assert log == ['other', 'own', 'available', 'config-changed']
        assert is_running(out)
        assert out.unit_status == testing.MaintenanceStatus('one of its own')


class TestConstruction:
    @pytest.mark.parametrize(
        ('attributes', 'problem'),
        [
            ({}, 'Charm must set connector_type to one of EXTERNAL_IMPORT, '),
            ({'connector_type': 'EXTERNAL'}, 'connector_type: must be one of'),
        ],
    )
    def test_the_type(self, attributes: dict[str, str], problem: str):
        charm_type = type('Charm', (OpenctiConnectorMixin, ops.CharmBase), attributes)
        with pytest.raises(testing.errors.UncaughtCharmError) as info:
            run(ready_state(), charm_type)
        assert isinstance(info.value.__cause__, ValueError if attributes else TypeError)
        assert str(info.value.__cause__).startswith(problem)

    def test_without_the_container(self):
        with pytest.raises(testing.errors.UncaughtCharmError, match=f'has no container {NAME!r}'):
            run(ready_state([]), containers=[])

    def test_an_override_without_super(self):
        attributes = {'connector_environment': lambda _: {'MORE': 'x'}}
        with pytest.raises(testing.errors.UncaughtCharmError, match='lacks CONNECTOR_ID, CONN'):
            run(ready_state(), type('Charm', (MixinCharm,), attributes))

    def test_the_mixin_alone_and_in_the_wrong_order(self):
        alone = type('Alone', (OpenctiConnectorMixin,), {'connector_type': 'STREAM'})
        with pytest.raises(TypeError, match=r'class Alone must inherit from ops\.CharmBase'):
            alone(None)
        with pytest.raises(TypeError, match='Last must have OpenctiConnectorMixin before'):
            type('Last', (ops.CharmBase, OpenctiConnectorMixin), {})
