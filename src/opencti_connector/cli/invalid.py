# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The error for input that cannot be used: the file, the field in it, and the problem."""

import pathlib

import click


class Invalid(click.ClickException):
    """The input cannot be used; nothing was written."""

    exit_code = 2

    def __init__(self, file: pathlib.Path, field: str, problem: str):
        super().__init__(f'{file}: {field}: {problem}' if field else f'{file}: {problem}')
