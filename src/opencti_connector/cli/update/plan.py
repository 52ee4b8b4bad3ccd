# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What newer metadata means for one charm."""

import dataclasses
import pathlib
import re
from collections.abc import Container

import click

from ..._relation import ConnectorType
from ..charm import config_module, pieces
from ..charm.charm import Charm
from ..charm.charmcraft import OptionsFile
from ..charm.connector import Connector, read_connector
from ..charm.decisions import decide, note_credentials, remember, take_decisions
from ..charm.defaults import unfit_defaults
from ..charm.files import render_charm
from ..charm.memory import FILE, Generated, Memory, Settings, digest
from ..charm.origin import Source, said, where
from ..charm.requirement import requirement
from ..invalid import Invalid, read_if_there
from ..upstream import names
from ..upstream.checkout import find_beside
from ..upstream.dockerfile import Start
from ..upstream.options import Option
from ..upstream.start import ROCK, image_start
from .changes import Change, changes, follow
from .source import Named, source_of

_PYTHON_TYPES = {
    'boolean': (bool,),
    'float': (int, float),
    'int': (int,),
    'secret': (),
    'string': (str,),
}


@dataclasses.dataclass(frozen=True)
class Plan:
    """What an update of a charm does."""

    name: str
    changes: list[Change]
    notes: list[str]
    writes: dict[pathlib.Path, str]
    """The texts of files that differ."""
    left_alone: list[pieces.Piece]
    """What a person changed, and what upstream now has otherwise."""
    memory: dict[pathlib.Path, str]
    """The text of the charm's memory, if it differs."""

    @property
    def differs(self) -> bool:
        """Whether upstream changed anything."""
        return bool(self.writes or self.left_alone)

    @property
    def is_breaking(self) -> bool:
        """Whether it may break a deployed charm."""
        return any(change.is_breaking for change in self.changes)

    @property
    def remarks(self) -> list[str]:
        """What to tell people besides the changes."""
        return [f'Note: {note}.' for note in self.notes] + [
            f'{piece.name}: a person changed it, so it stays. Upstream would have:\n'
            + piece.differences()
            for piece in self.left_alone
        ]


def plan(directory: pathlib.Path, named: Named, *, with_deprecated: bool = False) -> Plan:
    """Compare a charm with its metadata.

    Raises:
        Invalid: if the charm or the metadata cannot be used.
        UsageError: if it is not known where the metadata is.
    """
    memory = Memory.read(directory)
    content = memory.content
    last = content.generated
    charmcraft = directory / pieces.CHARMCRAFT
    source = source_of(memory, named)
    declared = OptionsFile.of_charm(directory)
    connector = read_connector(
        source.manifest,
        source.schema,
        compose_file=source.compose,
        with_deprecated=with_deprecated,
        present=declared.declarations,
    )
    _check_same_connector(memory, connector)
    if last.has_schema and not connector.has_schema:
        raise click.UsageError(f'{directory} was made from a schema; pass it with --schema')
    known_defaults = content.decided_defaults
    of_upstream, notes = take_decisions(memory, declared, connector.options)
    new_credentials = note_credentials(content, connector.likely_secrets)
    notes += [f'{name} looks like a credential; see {FILE}' for name in new_credentials]
    known = {option.name for option in connector.options}
    unknown = [name for name in content.options if name not in known]
    notes += [f'{FILE} decides on {name}, which upstream does not have' for name in unknown]
    options = decide(of_upstream, content)
    for name in _unfit(options, content.decided_defaults):
        file = memory.file if name in known_defaults else declared.file
        raise Invalid(file, f'options.{name}.default', "the option's type refuses it")
    gone = last.options.keys() - known
    found = changes(declared.declarations, options, gone, content)

    name = _name(memory, declared, connector)
    content.charm = content.charm.model_copy(update={'name': name})
    if memory.is_new and 'upstream-source:' not in (read_if_there(charmcraft) or ''):
        content.charm.rock = True
    upstream = said(connector, _start(memory, connector, source))
    content.charm, changed = follow(content.charm, last.charm, upstream, memory.commented)
    found += changed
    files = render_charm(_charm(memory, connector, options))
    have = {path: text for path in files if (text := read_if_there(directory / path)) is not None}
    digests = _digests(memory, have)
    outcome = pieces.settle(pieces.pieces_of(files, have, name), digests, is_first=memory.is_new)
    if memory.is_new:
        notes += _first_notes(have, outcome)
    texts = {declared.file: declared.updated(options, gone | content.omitted)}
    texts |= {directory / path: text for path, text in outcome.written.items() if path in files}
    if pieces.CHARMCRAFT in have:
        text = texts.get(charmcraft, have[pieces.CHARMCRAFT])
        texts[charmcraft] = pieces.with_parts(text, outcome.written)
    writes = {file: text for file, text in texts.items() if text != read_if_there(file)}

    content.generated = Generated(
        slug=connector.manifest.slug,
        has_schema=connector.has_schema,
        charm=Settings.model_validate(upstream),
        options=remember(options, connector.options),
        files=outcome.digests,
    )
    place = where(memory, source)
    same_place = place.model_copy(update={'commit': content.upstream.commit})
    # A commit that changes nothing here is no reason to write the file.
    if writes or outcome.left_alone or same_place != content.upstream:
        content.upstream = place
    text = memory.text()
    return Plan(
        name,
        found,
        [*connector.notes, *notes],
        writes,
        outcome.left_alone,
        {} if text == read_if_there(memory.file) else {memory.file: text},
    )


def _check_same_connector(memory: Memory, connector: Connector) -> None:
    slug, new = memory.content.generated.slug, connector.manifest.slug
    if slug not in ('', new):
        raise Invalid(
            memory.file,
            'generated.slug',
            f'the charm is of the connector {slug!r}, and the metadata of {new!r}; '
            'if upstream renamed it, change the slug here',
        )


def _unfit(options: list[Option], names: Container[str]) -> list[str]:
    """Return those of these options whose default does not fit."""
    decided = [each for each in options if each.name in names]
    unfit = [each.name for each in decided if type(each.default) not in _PYTHON_TYPES[each.type]]
    if decided and not unfit:
        unfit = unfit_defaults([dataclasses.replace(each, replaces=()) for each in decided])
    return unfit


def _name(memory: Memory, declared: OptionsFile, connector: Connector) -> str:
    known, name = memory.content.charm.name, declared.charm_name
    if known and name and known != name:
        raise Invalid(memory.file, 'charm.name', f'{declared.file.name} has the name {name}')
    try:
        return names.check_charm_name(known or name or names.charm_name(connector.manifest.slug))
    except ValueError as error:
        raise Invalid(declared.file, 'name', str(error)) from None


def _start(memory: Memory, connector: Connector, source: Source) -> Start | None:
    """Return what upstream says of the start, if it is to say that."""
    if memory.content.charm.rock:
        return ROCK
    mine, last = memory.content.charm, memory.content.generated.charm
    if mine.command and not last.command:
        return None  # A person gave the command.
    dockerfile = source.dockerfile or find_beside(source.manifest, 'dockerfile')
    return image_start(connector.manifest.source_directory, dockerfile)


def _charm(memory: Memory, connector: Connector, options: list[Option]) -> Charm:
    mine = memory.content.charm
    manifest = connector.manifest.model_copy(
        update={
            'title': mine.title,
            'container_image': mine.image,
            'container_version': mine.tag,
        }
    )
    try:
        connector_type = ConnectorType(mine.type)
    except ValueError as error:
        raise Invalid(memory.file, 'charm.type', str(error)) from None
    connector = dataclasses.replace(
        connector, manifest=manifest, type=connector_type, options=options
    )
    return Charm(
        name=mine.name,
        connector=connector,
        start=Start(mine.command, mine.working_dir or None, mine.user or None),
        is_rock=mine.rock,
        requirement=_requirement(memory.file.parent),
    )


def _requirement(directory: pathlib.Path) -> str:
    """Return the charm's own line, which need not be that of this machine."""
    lines = (read_if_there(directory / 'requirements.txt') or '').splitlines()
    ours = (line for line in lines if re.match(r'opencti[-_.]connector\b', line))
    return next(ours, None) or requirement()


def _first_notes(have: dict[str, str], outcome: pieces.Outcome) -> list[str]:
    """Return what to know of a charm that has no memory yet."""
    notes = [
        f'{path} is not as it would be generated, so it is yours: nothing updates it'
        for path in have
        if outcome.digests.get(path) == pieces.OF_A_PERSON
    ]
    if not have[config_module.PATH]:
        notes.append('to check the configuration, set `config_type = Config` in the charm')
    return notes


def _digests(memory: Memory, have: dict[str, str]) -> dict[str, str]:
    """Return the digests of the charm's pieces, as they were generated last."""
    if not memory.is_new:
        return memory.content.generated.files
    # Options and their model belong together: without a memory, too, it is generated.
    module = have.setdefault(config_module.PATH, '')
    if module and config_module.MARK not in module:
        raise Invalid(
            memory.file.parent / config_module.PATH,
            '',
            'was written by a person; move it away to have it generated',
        )
    return {config_module.PATH: digest(module)}
