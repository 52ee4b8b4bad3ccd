# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Makes and runs a charm of each connector whose metadata lies in a directory.

The directory is laid out as OpenCTI-Platform/connectors is, with or without its `__metadata__`
folders.
"""

import pathlib
import sys
import tempfile
import time

from tests.cli.proof import prove


def main(directory: pathlib.Path) -> int:
    manifests = sorted(directory.rglob('connector_manifest.json'))
    if not manifests:
        print(f'{directory} has no metadata of connectors: name it by UPSTREAM=path')
        return 0
    begin = time.monotonic()
    options = wrong_values = failures = 0
    with tempfile.TemporaryDirectory() as charms:
        for number, manifest in enumerate(manifests):
            schema = manifest.with_name('connector_config_schema.json')
            schema_file = schema if schema.exists() else None
            proof = prove(pathlib.Path(charms, str(number)), manifest, schema_file)
            options += proof.options
            wrong_values += proof.wrong_values
            failures += bool(proof.failures)
            name = manifest.parent.relative_to(directory).as_posix().removesuffix('/__metadata__')
            kind = 'schema' if schema_file else 'no schema'
            result = 'FAILED' if proof.failures else 'ok'
            print(
                f'{name}: {result}, {kind}, {proof.options} options, '
                f'{proof.wrong_values} wrong values blocked'
            )
            for failure in proof.failures:
                print(f'  {failure}')
    print(
        f'{len(manifests)} connectors, {failures} failed, {options} options, '
        f'{wrong_values} wrong values blocked, {time.monotonic() - begin:.0f} s'
    )
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1])))
