# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Input, and the error if it cannot be used: the file, the field in it, and the problem."""

import pathlib

import click


class Invalid(click.ClickException):
    """The input cannot be used; nothing was written."""

    exit_code = 2

    def __init__(self, file: pathlib.Path, field: str, problem: str):
        super().__init__(f'{file}: {field}: {problem}' if field else f'{file}: {problem}')


def read_text(file: pathlib.Path) -> str:
    """Return the text of a file, without a byte order mark.

    Raises:
        Invalid: if it cannot be read.
    """
    try:
        return file.read_bytes().decode('utf-8-sig')
    except OSError as error:
        raise Invalid(file, '', error.strerror or 'cannot be read') from None
    except UnicodeDecodeError:
        raise Invalid(file, '', 'is not text in UTF-8') from None
