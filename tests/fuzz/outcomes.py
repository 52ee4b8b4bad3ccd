# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What must hold of a model: at all times, and once it has settled."""

import copy
import dataclasses
import datetime
from typing import Any

import ops

from fakes import juju

from . import charms, oracle, strategies
from .deployment import Deployment

MARK = charms.MARK


def check_hook(hook: juju.Hook, *, may_refuse: bool) -> None:
    """No hook fails that nobody made fail, and no token is logged."""
    assert MARK not in str(hook.log)
    if hook.error is not None:
        was_injected = isinstance(hook.error.__cause__, charms.Injected)
        is_refused = may_refuse and str(hook.error) == 'relation not found'
        if not was_injected and not is_refused and str(hook.error) != 'killed':
            raise hook.error


def check_what_shows(model: juju.Model) -> None:
    """No token is where people or other units can see it."""
    for unit in model.units:
        state = unit.state
        assert MARK not in str((state.unit_status, state.stored_states, state.deferred))
    for link in model.links.values():
        assert f'{MARK}-charm' not in str(link.databags)


def check_what_ended(model: juju.Model) -> None:
    """No end is announced of a relation that goes on: a unit that leaves takes nothing away."""
    standing = {link.id for link in model.links.values() if link.life is juju.Life.ALIVE}
    assert not standing & charms.Platform.ended


def visible(model: juju.Model) -> object:
    """Return what a hook in which nothing changed leaves as it is."""
    nothing: Any = {
        'stored_states': frozenset(),
        'deferred': [],
        # The model keeps them, and they are among what is visible.
        'secrets': frozenset(),
        'relations': frozenset(),
    }
    return (
        {unit.name: dataclasses.replace(unit.state, **nothing) for unit in model.units},
        {link.id: copy.deepcopy(link.databags) for link in model.links.values()},
        copy.deepcopy(model.ledger.secrets),
        dict(charms.EventsCharm.workloads),
    )


def check_opencti(model: Deployment) -> None:
    opencti = model.opencti
    names = {
        link.id: f'charm-connector-{link.other(opencti).name}-{link.id}'
        for link in model.all_links.values()
    }
    assert len(set(names.values())) == len(names)
    for secret in opencti.secrets:
        # An owner unit that reads would keep old revisions for good.
        assert not any(unit.startswith('opencti/') for unit in secret.consumers)
    if opencti.leader is None:
        return

    secrets = {secret.label: secret for secret in opencti.secrets}
    assert len(secrets) == len(opencti.secrets)
    assert model.ledger.obsolete('opencti') == []
    of_opencti = standing(model, opencti)
    for link in model.all_links.values():
        # A leader that came after a relation had gone, or whose pod did, does not know of it.
        if link not in of_opencti and opencti.leader.name in link.members:
            assert f'opencti-connector-token-{link.id}' not in secrets
            assert names[link.id] not in charms.Platform.accounts
    for link in of_opencti:
        secret = secrets.get(f'opencti-connector-token-{link.id}')
        if oracle.details(link.databags.get(link.other(opencti).name, {})) == {'valid'}:
            check_answer(model, link, secret, names[link.id])


def standing(model: juju.Model, application: juju.Application) -> list[juju.Link]:
    """Return the relations of an application that were not removed by force."""
    return [link for link in model.links_of(application) if link.life is not juju.Life.GONE]


def check_answer(
    model: Deployment, link: juju.Link, secret: juju.Secret | None, user_name: str
) -> None:
    opencti = model.opencti
    config = {
        'url': 'http://opencti.example:8080',
        'answers': 'publish',
        'generation': 0,
        **opencti.config,
    }
    published = link.databags.get('opencti', {})
    if str(config['answers']).endswith('withdraw'):
        # What was cleared by hand counts as withdrawn, although it is still granted.
        assert secret is None or not secret.grants or model.was_tampered_with
        assert not published.keys() & {'opencti_url', 'opencti_token'}
        return
    assert secret is not None
    assert secret.grants == {link.other(opencti).name: link.id}
    assert published['opencti_url'] == config['url']
    assert published['opencti_token'].endswith(secret.id)
    token = secret.newest_content['token']
    if config.get('shows-once'):
        assert token.startswith(f'{MARK}-{user_name}-')
    else:
        assert token == charms.Platform.token(user_name, config['generation'])
    now = datetime.datetime.now(tz=datetime.timezone.utc)
    expire = secret.revisions[secret.newest].expire
    assert expire is None or expire > now


def check_connector(
    model: juju.Model, connector: juju.Application, connector_ids: dict[int, str]
) -> None:
    unit = connector.leader or connector.units[0]
    status, wanted = expected(model, unit, connector_ids)
    assert unit.state.unit_status.name == status
    if wanted is not None:
        assert workload(unit) == wanted


def workload(unit: juju.Unit) -> dict[str, str]:
    """Return the environment of what runs; nothing if nothing does."""
    if unit.application.name == 'events':
        return dict(charms.EventsCharm.workloads.get(unit.name, {}))
    (container,) = unit.state.containers
    status = container.service_statuses.get('connector')
    if status != ops.pebble.ServiceStatus.ACTIVE:
        assert MARK not in str(container.plan.to_dict())
        return {}
    return dict(container.plan.services['connector'].environment)


def expected(
    model: juju.Model, unit: juju.Unit, connector_ids: dict[int, str]
) -> tuple[str, dict[str, str] | None]:
    """Return the status, and the workload's environment: none at all for it to be stopped.

    No environment is expected where the workload is left as it is.
    """
    connector = unit.application
    is_mixin = connector.name != 'events'
    can_connect = all(container.can_connect for container in unit.state.containers)
    stopped: dict[str, str] | None = {} if can_connect else None
    if is_mixin and 'api-key' not in connector.config:
        return 'blocked', stopped
    links = standing(model, connector)
    if not links:
        return 'blocked', stopped
    if len(connector.units) > 1:
        return 'blocked', None
    if not unit.is_leader:
        return 'waiting', None

    (link,) = links
    databag = link.databags.get('opencti', {})
    content = readable(model, unit, databag.get('opencti_token', ''))
    outcomes = oracle.connection(databag, strategies.Secret(content, content))
    if len(outcomes) > 1:  # Written by hand, with no unit of OpenCTI left to put it right.
        return unit.state.unit_status.name, None
    (outcome,) = outcomes
    if outcome != 'valid':
        return 'blocked' if outcome == 'invalid' else 'waiting', stopped
    if not can_connect:
        return 'waiting', None
    assert content is not None
    environment = {
        'OPENCTI_URL': databag['opencti_url'],
        'OPENCTI_TOKEN': content['token'],
        'CONNECTOR_ID': connector_ids[link.id],
        'CONNECTOR_NAME': connector.name,
        'CONNECTOR_TYPE': 'EXTERNAL_IMPORT' if is_mixin else 'INTERNAL_EXPORT_FILE',
    }
    if is_mixin:
        config = connector.config
        environment |= {
            'API_KEY': str(config['api-key']),
            'LEVEL': str(config.get('level', 'info')),
        }
    return 'active', environment


def readable(model: juju.Model, unit: juju.Unit, secret_id: str) -> dict[str, str] | None:
    """Return the newest content of a secret, if a unit may read it."""
    secret = model.ledger.secrets.get(juju.bare_id(secret_id))
    if secret is None or not secret.is_granted_to(unit.name):
        return None
    return secret.newest_content
