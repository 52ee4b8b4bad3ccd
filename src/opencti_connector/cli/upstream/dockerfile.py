# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What a Dockerfile says about how its image starts.

It is read as BuildKit reads it: the instructions in `frontend/dockerfile/parser`, words and
variables in `frontend/dockerfile/shell`, what they do in `frontend/dockerfile/dockerfile2llb`.
"""

import copy
import dataclasses
import json
import pathlib
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping

from ..invalid import Invalid, read_text

# Directives stand in the first lines, in any order.
_ESCAPE = re.compile(
    r'(?:\s*#\s*(?:syntax|check)\s*=.*\n)*\s*#\s*escape\s*=\s*(\S)\s*$',
    re.IGNORECASE | re.MULTILINE,
)
_FROM = re.compile(r'(?:--\S+\s+)*(?P<base>\S+)(?:\s+as\s+(?P<name>\S+))?', re.IGNORECASE)
_HEREDOC = re.compile(r'\d*<<(?P<tabs>-?)(["\']?)(?P<end>\w+)\2')
# A word of `NAME=value NAME="a value"`.
_WORD = re.compile(r'(?:\\.|\'[^\']*\'|"(?:\\.|[^"\\])*"|[^\s\'"\\])+', re.DOTALL)
# What follows `:-` in a variable, which may have a variable in it, with another in that.
_TEXT = r'[^{}]*'
_WITH_ONE = rf'(?:[^{{}}$]|\$\{{{_TEXT}\}}|\$)*'
_DEFAULT = rf'(?:[^{{}}$]|\$\{{{_WITH_ONE}\}}|\$)*'
_REFERENCE = rf'\$(?:(?P<plain>\w+)|\{{(?P<braced>\w+)(?:(?P<how>:?[-+])(?P<word>{_DEFAULT}))?\}})'
_PART = re.compile(
    rf'\\(?P<escaped>.?)|\'(?P<single>[^\']*)\'|"(?P<double>(?:\\.|[^"\\])*)"|{_REFERENCE}',
    re.DOTALL,
)
_PART_IN_QUOTES = re.compile(rf'\\(?P<escaped>["$\\])|{_REFERENCE}')


@dataclasses.dataclass(frozen=True)
class Start:
    """How an image starts: a command, the directory that it runs in, and whom it runs as."""

    command: str = '/entrypoint.sh'
    working_dir: str | None = None
    user: str | None = None


@dataclasses.dataclass
class _Stage:
    """A stage of the build, up to an instruction."""

    global_arguments: Mapping[str, str]
    arguments: dict[str, str] = dataclasses.field(default_factory=dict[str, str])
    environment: dict[str, str] = dataclasses.field(default_factory=dict[str, str])
    shell: list[str] = dataclasses.field(default_factory=lambda: ['sh', '-c'])
    entrypoint: list[str] = dataclasses.field(default_factory=list[str])
    takes_command: bool = True
    command: list[str] = dataclasses.field(default_factory=list[str])
    has_own_command: bool = False
    working_dir: str | None = None
    user: str | None = None

    def take(self, instruction: str, argument: str) -> None:
        """Do what an instruction says.

        Raises:
            ValueError: if it cannot be understood.
        """
        match instruction:
            case 'ARG':
                for word in _WORD.findall(argument):
                    name, equals, value = word.partition('=')
                    if equals:
                        self.arguments[name] = self._expand(value)
                    elif name in self.global_arguments:
                        self.arguments[name] = self.global_arguments[name]
            case 'ENV':
                self.environment |= {n: self._expand(value) for n, value in _pairs(argument)}
            case 'WORKDIR':
                path = posixpath.join(self.working_dir or '/', self._expand(argument))
                self.working_dir = posixpath.normpath(path)
            case 'USER':
                self.user = self._expand(argument)
            case 'SHELL':
                self.shell = _exec_form(argument) or self.shell
            case 'CMD':
                self.command = self._words(argument)
                self.has_own_command = True
            case 'ENTRYPOINT':
                self.entrypoint = self._words(argument)
                self.takes_command = _exec_form(argument) is not None
                if not self.has_own_command:  # The one of another image does not fit.
                    self.command = []
            case _:  # The others say nothing of the start.
                pass

    def start(self) -> Start:
        """Return how the image of the stage starts.

        Raises:
            ValueError: if that depends on what is not in the Dockerfile.
        """
        words = self.entrypoint + (self.command if self.takes_command else [])
        if not words:
            raise ValueError('ENTRYPOINT: neither it nor CMD says how the image starts')
        for name, value in ('WORKDIR', self.working_dir), ('USER', self.user):
            if '$' in (value or ''):
                raise ValueError(f'{name}: {value} has a variable without a value')
        return Start(shlex.join(words), self.working_dir, self.user)

    def _expand(self, text: str) -> str:
        return _expand(text, {**self.arguments, **self.environment})

    def _words(self, argument: str) -> list[str]:
        words = _exec_form(argument)
        return [*self.shell, argument] if words is None else words


def read_dockerfile(file: pathlib.Path) -> Start:
    """Read how the image of a Dockerfile starts.

    Raises:
        Invalid: if the Dockerfile does not say it.
    """
    stages: dict[str, _Stage] = {}
    arguments: dict[str, str] = {}
    stage = _Stage(arguments, arguments)  # Before the first FROM.
    try:
        for instruction, argument in _instructions(read_text(file)):
            found = _FROM.match(argument) if instruction == 'FROM' else None
            if found is None:
                stage.take(instruction, argument)
                continue
            base = stages.get(_expand(found['base'], arguments).lower(), _Stage(arguments))
            stage = dataclasses.replace(copy.deepcopy(base), has_own_command=False)
            if found['name']:
                stages[found['name'].lower()] = stage
        return stage.start()
    except ValueError as error:
        raise Invalid(file, '', str(error)) from None


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each instruction, in capitals, with its argument on one line."""
    found = _ESCAPE.match(text)
    escape = re.escape(found[1] if found else '\\')
    continued = re.compile(rf'(?<!{escape}){escape}[ \t]*$')
    lines = iter(text.split('\n'))
    for line in lines:
        whole = '' if line.lstrip().startswith('#') else line.strip()
        while found := continued.search(whole):
            whole = whole[: found.start()]
            following = next((each for each in lines if not re.match(r'\s*(#|$)', each)), None)
            if following is None:
                break
            whole += following
        instruction, argument = [*whole.split(None, 1), '', ''][:2]
        if instruction.upper() in ('ADD', 'COPY', 'RUN'):
            for heredoc in filter(None, map(_HEREDOC.fullmatch, _WORD.findall(argument))):
                tabs = r'\t*' if heredoc['tabs'] else ''
                end = re.compile(f'{tabs}{heredoc["end"]}$')
                next((each for each in lines if end.match(each)), None)
        elif argument:
            yield instruction.upper(), argument


def _pairs(argument: str) -> list[tuple[str, str]]:
    """Return the variables of an ENV, which may also be a single one without a `=`."""
    words: list[str] = _WORD.findall(argument)
    if words and '=' not in words[0]:
        return [(words[0], argument[len(words[0]) :].strip())]
    return [(name, value) for name, _, value in (word.partition('=') for word in words)]


def _exec_form(argument: str) -> list[str] | None:
    """Return the words of a JSON list, or nothing if a shell reads the argument."""
    try:
        words = json.loads(argument) if argument.startswith('[') else None
    except ValueError:
        return None
    if words is not None and not all(isinstance(word, str) for word in words):
        raise ValueError(f'{argument} must hold texts only')
    return words


def _expand(text: str, variables: Mapping[str, str], part: re.Pattern[str] = _PART) -> str:
    """Return a word without its quotes, and with the values of its variables, if they have one."""

    def expanded(found: re.Match[str]) -> str:
        groups = found.groupdict()
        if groups.get('double') is not None:
            return _expand(groups['double'], variables, _PART_IN_QUOTES)
        for literal in groups['escaped'], groups.get('single'):
            if literal is not None:
                return literal
        value = variables.get(found['plain'] or found['braced'])
        how = found['how'] or ''
        is_set = value is not None and (value != '' or ':' not in how)
        if how.endswith('-' if not is_set else '+'):
            return _expand(found['word'], variables)
        if how.endswith('+'):
            return ''
        return found[0] if value is None else value

    return part.sub(expanded, text)
