# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What people decide about options, in any file, and that `update` keeps it."""

from typing import Any

import pytest

from tests.cli.generated import Generated
from tests.cli.update.kept import PROPERTIES, Kept
from tests.cli.update.updates import snapshot


@pytest.mark.parametrize(
    ('old', 'new', 'option', 'wanted', 'remembered'),
    [
        (
            'default: error',
            'default: info  # our policy',
            'x-level',
            {'default': 'info'},
            {'default': 'info', 'reason': 'our policy'},
        ),
        ('default: 1', 'default: 5', 'x-count', {'default': 5}, {'default': 5, 'reason': ''}),
        (
            '      default: error\n',
            '',
            'x-level',
            {'default': None},
            {'has-default': False, 'reason': ''},
        ),
        (
            '      default: 1\n',
            '      optional: false\n',
            'x-count',
            {'default': None, 'optional': False},
            {'has-default': False, 'optional': False, 'reason': ''},
        ),
        ('description: A level.', 'description: Our level.', 'x-level', {}, None),
    ],
)
def test_what_a_person_changed_in_an_option(
    kept: Kept, old: str, new: str, option: str, wanted: dict[str, Any], remembered: Any
):
    kept.new()
    kept.edit('charmcraft.yaml', old, new)
    changed = (kept.charm / 'charmcraft.yaml').read_text()
    kept.update()

    assert (kept.charm / 'charmcraft.yaml').read_text() == changed
    assert kept.memory['options'].get(option) == remembered
    upstream = {
        name: {**each, **({'default': 'warn'} if name == 'X_LEVEL' else {'description': 'New.'})}
        for name, each in PROPERTIES.items()
    }
    kept.upstream(upstream)
    kept.update()
    expected = {'default': 'warn' if option == 'x-level' else 1, **wanted}
    assert {key: kept.options[option].get(key) for key in expected} == expected
    assert ('Our level.' in str(kept.options)) is ('Our level.' in new)
    kept.update('--check')


def test_a_person_decides_again(kept: Kept):
    kept.new()
    for old, newer, remembered in (
        ('      default: error\n', '', {'has-default': False}),
        ('x-level:\n', 'x-level:\n      default: warn\n', {'default': 'warn'}),
        ('default: warn', 'default: info', {'default': 'info'}),
    ):
        kept.edit('charmcraft.yaml', old, newer)
        kept.update()
        assert kept.memory['options']['x-level'] == {**remembered, 'reason': ''}
        kept.update('--check')
    kept.edit('charmcraft.yaml', 'default: info', 'default: error')

    assert "x-level: a person changed its default to 'error', which follows" in kept.update()
    assert 'options' not in kept.memory or kept.memory['options'] == {}
    kept.upstream({**PROPERTIES, 'X_LEVEL': {'type': 'string', 'default': 'debug'}})
    kept.update()
    assert kept.options['x-level']['default'] == 'debug'


def test_a_comment_never_stands_beside_another_value(kept: Kept):
    kept.new()
    kept.edit('charmcraft.yaml', 'default: error', 'default: error  # fits us')
    kept.update('--check')
    kept.upstream({**PROPERTIES, 'X_LEVEL': {'type': 'string', 'default': 'debug'}})

    assert "x-level: its default 'error' has a comment, and stays" in kept.update()
    assert 'default: error  # fits us' in (kept.charm / 'charmcraft.yaml').read_text()
    assert kept.memory['options']['x-level'] == {'default': 'error', 'reason': 'fits us'}


def test_a_credential_by_hand(kept: Kept):
    kept.new()
    kept.edit(
        'charmcraft.yaml',
        'x-api-key:\n      type: string',
        'x-api-key:\n      type: secret # is one',
    )
    output = kept.update()

    assert 'x-api-key: a person made it a secret' in output
    assert kept.memory['credentials']['x-api-key'] == {'secret': True, 'reason': 'is one'}
    assert kept.options['x-api-key']['type'] == 'secret'
    out = Generated(kept.charm).run({'x-api-key': 'the key'})
    assert out.unit_status.name == 'active'
    assert 'decided: a secret (is one)' in kept.update('--check')
    kept.edit('charmcraft.yaml', 'type: secret', 'type: string')
    assert 'x-api-key: a person made it no secret' in kept.update()
    assert kept.memory['credentials']['x-api-key']['secret'] is False


def test_a_secret_of_a_charm_that_gets_a_memory(kept: Kept):
    kept.charm.mkdir()
    (kept.charm / 'charmcraft.yaml').write_text(
        'name: a\nconfig:\n  options:\n    x-api-key:\n      type: secret\n'
    )
    output = kept.update(f'--manifest={kept.manifest}')

    assert 'x-api-key: it is a secret, and stays one' in output
    assert kept.options['x-api-key'] == {'type': 'secret'}
    assert kept.memory['credentials']['x-api-key'] == {'secret': True, 'reason': ''}


def test_a_credential_by_the_memory(kept: Kept):
    kept.new()
    kept.edit('opencti-connector.toml', 'secret = false', 'secret = true  # of course')
    assert 'type: string to secret' in kept.update('--check', code=1)
    kept.update()

    assert kept.options['x-api-key']['type'] == 'secret'
    assert '# of course' in (kept.charm / 'opencti-connector.toml').read_text()


def test_what_upstream_marks_stays_a_secret(kept: Kept):
    kept.upstream({'X_KEY': {'type': 'string', 'writeOnly': True}})
    kept.new()
    kept.edit('charmcraft.yaml', 'type: secret', 'type: string')

    assert 'x-key: upstream marks it as a secret' in kept.update()
    assert kept.options['x-key']['type'] == 'secret'


def test_a_new_option_looks_like_a_credential(kept: Kept):
    kept.new()
    kept.upstream({**PROPERTIES, 'X_PASSWORD': {'type': 'string'}})

    assert 'x-password looks like a credential' in kept.update()
    assert kept.memory['credentials']['x-password'] == {'secret': False}


def test_an_option_that_a_person_left_out(kept: Kept):
    kept.new()
    kept.edit('charmcraft.yaml', '    x-other:\n      type: string\n', '')
    output = kept.update()

    assert 'x-other: a person left it out, and it stays out' in output
    assert kept.memory['options']['x-other'] == {'omit': True, 'reason': ''}
    assert 'x-other' not in kept.options
    assert 'x_other' not in (kept.charm / 'src' / 'config.py').read_text()
    kept.edit('opencti-connector.toml', '\n[options.x-other]\nreason = ""\nomit = true\n', '')
    kept.update()
    assert 'x-other' in kept.options


def test_decisions_in_the_memory(kept: Kept):
    kept.new()
    kept.decide(
        '[options.x-level]\ndefault = "info"\nreason = "our policy"  # since May\n\n'
        '[options.x-other]\nomit = true\nreason = "useless"\n\n'
        '[options.x-gone]\ndefault = 1'
    )
    output = kept.update()

    assert kept.options['x-level']['default'] == 'info'
    assert 'x-other' not in kept.options
    assert ' '.join(output.split()).count('removed decided yes') == 1
    assert 'decides on x-gone, which upstream does not have' in output
    text = (kept.charm / 'opencti-connector.toml').read_text()
    assert 'reason = "our policy"  # since May' in text
    output = ' '.join(kept.update('--check').split())
    assert "x-level kept decided: default 'info' (our policy)" in output
    assert 'x-other kept decided: left out (useless)' in output


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('[options.x-count]\ndefault = "many"', 'options.x-count.default: the option'),
        ('[options.x-token-uri]\ndefault = "no"', 'options.x-token-uri.default: the option'),
        ('[options.x-count]\ndefault = inf', 'options.x-count.default.'),
        ('[options.x-secret]\ndefault = "a"', 'options.x-secret.default: the option'),
        ('[options.x-count]\nunknown = 1', 'options.x-count.unknown: '),
        ('[options', 'is not TOML: '),
        ('[options.a]\nomit = true\nomit = false', 'is not TOML: Key "omit" already exists'),
    ],
)
def test_a_decision_that_cannot_be_used(kept: Kept, text: str, words: str):
    kept.upstream({**PROPERTIES, 'X_SECRET': {'type': 'string', 'writeOnly': True}})
    kept.new()
    kept.decide(text)
    before = snapshot(kept.charm)

    assert f'opencti-connector.toml: {words}' in kept.update(code=2)
    assert snapshot(kept.charm) == before


def test_a_default_by_hand_that_does_not_fit(kept: Kept):
    kept.new()
    kept.edit('charmcraft.yaml', 'default: 1', 'default: one')
    before = snapshot(kept.charm)

    assert 'charmcraft.yaml: options.x-count.default: the option' in kept.update(code=2)
    assert snapshot(kept.charm) == before


def test_a_secret_that_the_command_line_names(kept: Kept):
    kept.new('--secret=X_OTHER')
    assert kept.memory['credentials'] == {
        'x-other': {'secret': True},
        'x-api-key': {'secret': False},
    }
    kept.upstream({**PROPERTIES, 'X_NEW': {'type': 'string'}})
    kept.update()

    assert kept.options['x-other']['type'] == 'secret'
