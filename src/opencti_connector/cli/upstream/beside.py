# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""What lies beside a connector's manifest."""

import pathlib


def find_beside(manifest: pathlib.Path, *names: str) -> pathlib.Path | None:
    """Return the first of these files that is there.

    In a checkout of upstream's repository, the manifest has a folder `__metadata__` to itself in
    the connector's directory.
    """
    folder = manifest.parent
    folders = [folder]
    if folder.absolute().name == '__metadata__':
        folders.append(folder.parent if folder.name else pathlib.Path('..'))
    files = (folder / name for folder in folders for name in names)
    return next((file for file in files if file.is_file()), None)
