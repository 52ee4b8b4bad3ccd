# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Makes, runs and updates a charm of each connector whose metadata lies in a directory.

Each charm is tried with right and wrong values. Then a person changes it, upstream changes its
metadata, `update` brings it up to date, and its own tests run.

The directory is laid out as OpenCTI-Platform/connectors is, with or without its `__metadata__`
folders.
"""

import collections
import pathlib
import sys
import tempfile
import time

from tests.cli.proof import prove
from tests.cli.update.proof import prove_update


def main(directory: pathlib.Path) -> int:
    manifests = sorted(directory.rglob('connector_manifest.json'))
    if not manifests:
        print(f'{directory} has no metadata of connectors: name it by UPSTREAM=path')
        return 0
    begin = time.monotonic()
    options = wrong_values = failures = 0
    outcomes: collections.Counter[tuple[str, str]] = collections.Counter()
    with tempfile.TemporaryDirectory() as charms:
        for number, manifest in enumerate(manifests):
            schema = manifest.with_name('connector_config_schema.json')
            schema_file = schema if schema.exists() else None
            charm = pathlib.Path(charms, str(number))
            proof = prove(charm, manifest, schema_file)
            kind = 'schema' if schema_file else 'no schema'
            outcome = 'updated'
            if proof.failures:
                outcome = 'failed when new'
            elif failed := prove_update(charm, manifest, schema_file):
                outcome = 'failed when updated'
                proof.failures += failed
            outcomes[kind, outcome] += 1
            options += proof.options
            wrong_values += proof.wrong_values
            failures += bool(proof.failures)
            name = manifest.parent.relative_to(directory).as_posix().removesuffix('/__metadata__')
            result = 'FAILED' if proof.failures else 'ok'
            print(
                f'{name}: {result}, {kind}, {proof.options} options, '
                f'{proof.wrong_values} wrong values blocked'
            )
            for failure in proof.failures:
                print(f'  {failure}')
    for (kind, outcome), count in sorted(outcomes.items()):
        print(f'{count:5} {outcome}, {kind}')
    print(
        f'{len(manifests)} connectors, {failures} failed, {options} options, '
        f'{wrong_values} wrong values blocked, {time.monotonic() - begin:.0f} s'
    )
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1])))
