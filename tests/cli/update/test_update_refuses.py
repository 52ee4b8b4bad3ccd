# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What `update` refuses, and that it then writes nothing."""

import pathlib

import pytest

from tests.cli.update.updates import HANDWRITTEN, NEWER, snapshot, update, with_schema


def test_no_such_directory(tmp_path: pathlib.Path):
    for name in ('charm', 'manifest.json'):  # The latter is a file.
        result = update(tmp_path / name)

        assert result.exit_code == 2
        assert f"{name}' {'is a file' if '.' in name else 'does not exist'}." in result.output


def test_a_schema_is_not_forgotten(generated: pathlib.Path):
    before = snapshot(generated)
    result = update(generated)

    assert result.exit_code == 2
    assert 'was made from a schema; pass it with --schema' in result.output
    assert snapshot(generated) == before


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        (None, 'charmcraft.yaml: No such file or directory'),
        (b'\xff', 'charmcraft.yaml: is not text in UTF-8'),
        (b'a: [', 'charmcraft.yaml: line '),
        (b'a: 1\na: 2\n', 'charmcraft.yaml: line '),
        (b'name: a\n: b\n', 'charmcraft.yaml: line 2: '),
        (b'name: \x01', 'charmcraft.yaml: cannot be parsed'),
        (b'- a', 'charmcraft.yaml: is not a mapping'),
        (b'name: A_b', 'charmcraft.yaml: name: must have at most 40 lower-case letters'),
        (b'name: 5', 'charmcraft.yaml: name: must have at most 40 lower-case letters'),
        (b'config: []', 'charmcraft.yaml: config: is not a mapping'),
        (b'config: {options: 1}', 'charmcraft.yaml: config.options: is not a mapping'),
        (b'config: {options: {a: 1}}', 'charmcraft.yaml: config.options.a: is not a mapping'),
        (b'config: {options: {a: {}}}', 'config.options: must be in block style, not in {}'),
        *(
            (
                f'config: {{options: {{a: {{default: {value}}}}}}}'.encode(),
                'config.options.a.default: must be a text, a number or a boolean',
            )
            for value in ('[a]', '{a: b}', '2026-01-01', '.inf', '-.inf', '.nan')
        ),
        (b'config: {other: 1}', 'config.options: must be in block style, not in {}'),
        (b'{name: a}', 'config.options: must be in block style, not in {}'),
        (b'--- \nname: a\n...\n', 'config.options: must be in block style, not in {}'),
        (
            b'config:\n  options:\n    ? a\n    : type: int\n',
            'config.options: must be in block style, not in {}',
        ),
        (
            b'a: &a {type: int}\nconfig:\n  options:\n    x-new: *a\n',
            'config.options.x-new: must not have an alias',
        ),
    ],
)
def test_unusable_charmcraft(tmp_path: pathlib.Path, text: bytes | None, words: str):
    (tmp_path / 'charm').mkdir()
    if text is not None:
        (tmp_path / 'charm' / 'charmcraft.yaml').write_bytes(text)
    result = with_schema(tmp_path / 'charm', {'X_NEW': {'type': 'boolean'}})

    assert result.exit_code == 2
    assert words in result.output
    assert not (tmp_path / 'charm' / 'src').exists()


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        (b'import ops\n', 'config.py: was written by a person; move it away'),
        (b'\xff', 'config.py: is not text in UTF-8'),
    ],
)
def test_unusable_module(handwritten: pathlib.Path, text: bytes, words: str):
    (handwritten / 'src').mkdir()
    (handwritten / 'src' / 'config.py').write_bytes(text)
    result = with_schema(handwritten, NEWER)

    assert result.exit_code == 2
    assert words in result.output
    assert (handwritten / 'charmcraft.yaml').read_text() == HANDWRITTEN


def test_module_is_a_directory(handwritten: pathlib.Path):
    (handwritten / 'src' / 'config.py').mkdir(parents=True)

    assert 'config.py: Is a directory' in with_schema(handwritten, NEWER).output


def test_nothing_is_written_half(handwritten: pathlib.Path):
    (handwritten / 'src').touch()  # Where a directory should be.
    result = with_schema(handwritten, NEWER)

    assert result.exit_code == 2
    assert 'charm.py: Not a directory' in result.output
    assert (handwritten / 'charmcraft.yaml').read_text() == HANDWRITTEN
    assert {path.name for path in handwritten.iterdir()} == {'charmcraft.yaml', 'src'}


def test_a_full_disk(handwritten: pathlib.Path, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: object) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(pathlib.Path, 'replace', fails)
    result = with_schema(handwritten, NEWER)

    assert result.exit_code == 2
    assert 'charmcraft.yaml: No space left on device' in result.output
    assert (handwritten / 'charmcraft.yaml').read_text() == HANDWRITTEN
    assert [path.name for path in handwritten.iterdir()] == ['charmcraft.yaml']
