# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Writes all files or none."""

import os
import pathlib
import tempfile
from collections.abc import Mapping

from ..invalid import Invalid


def check_empty(directory: pathlib.Path) -> None:
    """Check that a directory is empty, or does not exist.

    Raises:
        Invalid: if something is there.
    """
    try:
        if any(directory.iterdir()):
            raise Invalid(directory, '', 'is not empty')
    except FileNotFoundError:
        if not directory.absolute().parent.is_dir():
            raise Invalid(directory, '', 'its parent directory does not exist') from None


def write_files(files: Mapping[pathlib.Path, str]) -> None:
    """Write files, all of them or none.

    Raises:
        Invalid: if that fails.
    """
    scratches: dict[pathlib.Path, pathlib.Path] = {}
    made: list[pathlib.Path] = []
    file = pathlib.Path()
    try:
        for file, text in files.items():
            for directory in reversed([file.parent, *file.parent.parents]):
                if not directory.exists():
                    directory.mkdir()
                    made.append(directory)
            target = file.resolve()
            mode, newline = _style(target, text)
            descriptor, scratch = tempfile.mkstemp(prefix=f'.{file.name}-', dir=target.parent)
            scratches[target] = pathlib.Path(scratch)
            with os.fdopen(descriptor, 'w', encoding='utf-8', newline=newline) as stream:
                stream.write(text)
            os.chmod(scratch, mode)
        for file, scratch in scratches.items():
            if not file.exists():
                made.append(file)
            scratch.replace(file)
        made.clear()
    except OSError as error:
        raise Invalid(file, '', error.strerror or 'cannot be written') from None
    finally:
        for scratch in scratches.values():
            scratch.unlink(missing_ok=True)
        for path in reversed(made):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)


def _style(file: pathlib.Path, text: str) -> tuple[int, str]:
    """Return the mode of a file and its line ending, as a person has them."""
    if not file.exists():
        mask = os.umask(0)
        os.umask(mask)
        return (0o777 if text.startswith('#!') else 0o666) & ~mask, '\n'
    mode = file.stat().st_mode & 0o777
    if not mode & 0o222:
        raise Invalid(file, '', 'is write-protected')
    return mode, '\r\n' if b'\r\n' in file.read_bytes() else '\n'
