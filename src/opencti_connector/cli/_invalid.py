# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Why a verb does nothing: a file, a field in it, and what is wrong with it."""

import pathlib

import click


class Invalid(click.ClickException):
    """What a person gave cannot be used; nothing was written."""

    exit_code = 2

    def __init__(self, file: pathlib.Path, field: str, problem: str):
        super().__init__(f'{file}: {field}: {problem}' if field else f'{file}: {problem}')
