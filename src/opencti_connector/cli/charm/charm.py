# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""A connector's charm: all that the templates need to know."""

import dataclasses
import re
import textwrap

from ..._relation import ConnectorType
from ..upstream import names
from ..upstream.dockerfile import Start
from ..upstream.options import Option
from .connector import Connector

# The longest that Charmcraft accepts.
_TITLE_LENGTH = 40
_SUMMARY_LENGTH = 78
# C0 and C1 controls and separators, which YAML accepts only escaped.
_UNPRINTABLE = re.compile(r'[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]')


@dataclasses.dataclass(frozen=True)
class Charm:
    """What differs from one connector's charm to another."""

    name: str
    connector: Connector
    start: Start
    is_rock: bool
    requirement: str
    """The line of this library in `requirements.txt`."""

    @property
    def connector_type(self) -> ConnectorType:
        """The connector's type."""
        return self.connector.type

    @property
    def options(self) -> list[Option]:
        """The options of the connector."""
        return self.connector.options

    @property
    def class_name(self) -> str:
        """The charm's class."""
        return names.class_name(self.name)

    @property
    def title(self) -> str:
        """The connector's title, on one line."""
        return _one_line(self.connector.manifest.title)

    @property
    def short_title(self) -> str:
        """The title, as short as Charmcraft wants it."""
        return textwrap.shorten(self.title, _TITLE_LENGTH, placeholder='') or self.name

    @property
    def summary(self) -> str:
        """What the connector does, as short as Charmhub wants it."""
        whole = _one_line(self.connector.manifest.short_description or '')
        first = whole.partition('. ')[0]
        named = f'OpenCTI connector {self.title}'
        for text in (whole, first, named):
            if 0 < len(text) <= _SUMMARY_LENGTH:
                return text
        return textwrap.shorten(named, _SUMMARY_LENGTH, placeholder=' ...')

    @property
    def description(self) -> str:
        """What the connector does."""
        manifest = self.connector.manifest
        text = manifest.description or manifest.short_description or manifest.title
        lines = _UNPRINTABLE.sub('', text.replace('\t', ' ')).strip().splitlines()
        return '\n'.join(line.strip() for line in lines)

    @property
    def source_code(self) -> str:
        """Where the connector's source is, if it is a link."""
        url = self.connector.manifest.source_code or ''
        return url if re.fullmatch(r'https?://\S+', url) else ''

    @property
    def image(self) -> str:
        """Upstream's image."""
        return self.connector.manifest.image

    @property
    def moving_tag(self) -> str:
        """The image's tag, if it has no version: such a tag names another image each day."""
        tag = self.connector.manifest.container_version
        return '' if re.search(r'\d', tag) else tag

    @property
    def is_of_this_machine(self) -> bool:
        """Whether the library comes from a directory that no other machine has."""
        return ' @ file:' in self.requirement

    @property
    def required(self) -> list[Option]:
        """The options without which the charm is blocked."""
        return [option for option in self.options if option.is_required]

    @property
    def required_secrets(self) -> list[Option]:
        """The required options that name a secret."""
        return [option for option in self.required if option.is_secret]

    @property
    def choice(self) -> Option | None:
        """An option whose values are a fixed list, if there is one."""
        with_choice = (o for o in self.options if o.schema.enum and o.type == 'string')
        return next(with_choice, None)

    @property
    def left_to_do(self) -> list[str]:
        """What a person has to do for a charm whose connector has no schema."""
        if self.connector.has_schema:
            return []
        where = self.source_code or "upstream's repository"
        start = (
            'Check in src/charm.py that `connector_command` and `working_dir` are those of the'
            " connector's Dockerfile."
        )
        if self.connector.compose_file is not None:
            return [
                f'Review the options in charmcraft.yaml. They were guessed from'
                f' {self.connector.compose_file.name}: all are text; what upstream left to fill'
                ' in is required; what is a credential by its name is secret.',
                f'Compare them with the README.md of the connector ({where}).',
                start,
            ]
        return [
            f'Look up the environment variables of the connector in its README.md ({where}).',
            'Declare an option for each in charmcraft.yaml, `SOME_VARIABLE` as'
            ' `some-variable`; what is secret with `type: secret`, what is needed with'
            ' `optional: false`.',
            'Check their values in src/charm.py, with a subclass of `Config` as `config_type`.',
            start,
        ]


def _one_line(text: str) -> str:
    return ' '.join(_UNPRINTABLE.sub(' ', text).split())
