# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Writes all files or none."""

import os
import pathlib
import shutil
import tempfile
from collections.abc import Mapping

from ..invalid import Invalid

_EXECUTABLE = 0o755


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


def write_directory(directory: pathlib.Path, files: Mapping[str, str]) -> None:
    """Write files into a directory that is empty or does not exist.

    Raises:
        Invalid: if that fails; the directory is then as it was.
    """
    directory = directory.absolute()
    exists = directory.exists()
    try:
        # On the same file system, so that the complete charm needs only a rename.
        scratch = pathlib.Path(
            tempfile.mkdtemp(
                prefix='.opencti-connector-', dir=directory if exists else directory.parent
            )
        )
    except OSError as error:
        raise Invalid(directory, '', _reason(error)) from None
    whole = scratch / 'whole'
    try:
        _write(whole, files)
        if exists:
            _move_into(directory, whole)
        else:
            whole.rename(directory)
    except OSError as error:
        raise Invalid(directory, '', _reason(error)) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def write_files(files: Mapping[pathlib.Path, str]) -> None:
    """Write files, all of them or none.

    Raises:
        Invalid: if that fails.
    """
    scratches: dict[pathlib.Path, pathlib.Path] = {}
    file = pathlib.Path()
    try:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            target = file.resolve()
            mode, newline = 0o666 & ~_umask(), ''
            if target.exists():
                mode = target.stat().st_mode & 0o777
                if not mode & 0o222:
                    raise Invalid(file, '', 'is write-protected')
                newline = '\r\n' if b'\r\n' in target.read_bytes() else ''
            descriptor, scratch = tempfile.mkstemp(prefix=f'.{file.name}-', dir=target.parent)
            scratches[target] = pathlib.Path(scratch)
            with os.fdopen(descriptor, 'w', encoding='utf-8', newline=newline) as stream:
                stream.write(text)
            os.chmod(scratch, mode)
        for file, scratch in scratches.items():
            scratch.replace(file)
    except OSError as error:
        raise Invalid(file, '', _reason(error)) from None
    finally:
        for scratch in scratches.values():
            scratch.unlink(missing_ok=True)


def _write(directory: pathlib.Path, files: Mapping[str, str]) -> None:
    directory.mkdir()
    for path, text in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding='utf-8')
        if text.startswith('#!'):
            file.chmod(_EXECUTABLE & ~_umask())


def _move_into(directory: pathlib.Path, whole: pathlib.Path) -> None:
    moved: list[pathlib.Path] = []
    try:
        for entry in sorted(whole.iterdir()):
            moved.append(entry.rename(directory / entry.name))  # noqa: PERF401 - for the undo.
    except OSError:
        for entry in moved:
            entry.rename(whole / entry.name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _reason(error: OSError) -> str:
    return error.strerror or 'cannot be written'
