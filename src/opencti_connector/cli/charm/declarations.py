# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Compares how a charm's file and upstream declare an option."""

from collections.abc import Mapping
from typing import Any

KEYS = ('type', 'default', 'optional', 'description')


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the keys in which two declarations of an option differ."""
    return [key for key in KEYS if meaning(old, key) != meaning(new, key)]


def meaning(declaration: Mapping[str, Any], key: str) -> object:
    """Return what a declaration says of a key, however it is written."""
    value = declaration.get(key)
    match key:
        case 'optional':
            return value is not False
        case 'default':
            return (isinstance(value, bool), value)  # To Python, True equals 1.
        case 'type':
            return value or 'string'
        case _:
            return ' '.join(str(value or '').split())
