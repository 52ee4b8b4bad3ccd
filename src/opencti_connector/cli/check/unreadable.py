# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What ends the command with exit code 2."""


class Unreadable(Exception):
    """The input cannot be read; the text says why, and never holds a value of it."""
