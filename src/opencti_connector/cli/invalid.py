# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Input, and the error if it cannot be used: the file, the field in it, and the problem."""

import contextlib
import pathlib
from collections.abc import Generator

import click


class Invalid(click.ClickException):
    """The input cannot be used; nothing was written."""

    exit_code = 2

    def __init__(self, file: pathlib.Path | str, field: str, problem: str):
        super().__init__(f'{file}: {field}: {problem}' if field else f'{file}: {problem}')


@contextlib.contextmanager
def refusing() -> Generator[None, None, None]:
    """Refuse input that the system does not let the command use.

    Raises:
        Invalid: if the system fails, naming the file.
        UsageError: if the file is not known.
    """
    try:
        yield
    except BrokenPipeError:  # Click ends quietly.
        raise
    except OSError as error:
        raise Invalid(error.filename or '', '', error.strerror or str(error)) from None
    except RecursionError:
        raise click.UsageError('a file is nested too deeply') from None
    except UnicodeEncodeError as error:
        text = error.object[max(error.start - 30, 0) : error.end]
        raise click.UsageError(f'{text!a} cannot be written as UTF-8') from None


def read_text(file: pathlib.Path) -> str:
    r"""Return the text of a file, each line ending with `\n`, without a byte order mark.

    Raises:
        Invalid: if it is not text.
        OSError: if it cannot be read.
    """
    try:
        return file.read_text(encoding='utf-8-sig')
    except UnicodeDecodeError:
        raise Invalid(file, '', 'is not text in UTF-8') from None
    except ValueError as error:  # A path with a null byte.
        raise Invalid(file, '', str(error)) from None


def read_if_there(file: pathlib.Path) -> str | None:
    """Return the text of a file, if there is one.

    Raises:
        Invalid: if it is not text.
        OSError: if it cannot be read.
    """
    try:
        return read_text(file)
    except FileNotFoundError:
        return None
