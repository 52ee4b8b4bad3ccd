# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Proves that a generated charm keeps to upstream's schema, whatever the schema is."""

import dataclasses
import json
import pathlib
import re
from typing import Any

import jsonschema

from opencti_connector.cli.charm.connector import read_connector
from opencti_connector.cli.upstream import compose
from opencti_connector.cli.upstream.checkout import find_beside
from tests.cli import schemas
from tests.cli.generated import Generated, new


@dataclasses.dataclass
class Proof:
    """What was tried on a charm, and what failed."""

    options: int = 0
    wrong_values: int = 0
    failures: list[str] = dataclasses.field(default_factory=list)


def prove(
    directory: pathlib.Path, manifest: pathlib.Path, schema_file: pathlib.Path | None
) -> Proof:
    """Make a charm, and run it with right values and with each wrong one."""
    result = new(directory, manifest, *(['--schema', schema_file] if schema_file else []))
    if result.exit_code:
        return Proof(failures=[f'new: {result.output}'])
    charm = Generated(directory)
    connector = read_connector(manifest, schema_file, with_deprecated=False)
    samples = {option.name: option.sample for option in connector.options}
    required = {name for name, each in charm.options.items() if each.get('optional') is False}
    proof = Proof(options=len(charm.options))
    schema: dict[str, Any] = {'properties': {}}
    if schema_file is not None:
        schema = json.loads(schema_file.read_text())
    right = {name: value for name, value in samples.items() if name in required}
    _prove_right(proof, charm, schema, right)
    without_default = {n: v for n, v in samples.items() if 'default' not in charm.options[n]}
    _prove_right(proof, charm, schema, without_default)
    _prove_wrong(proof, charm, schema, right)
    compose_file = find_beside(manifest, 'compose')
    if compose_file is not None:
        values, _ = compose.read_compose(compose_file, connector.manifest.container_image)
        given = {
            option.name: _typed(option.type, values.properties[option.variable].default)
            for option in connector.options
            if not option.is_secret
            and option.variable in values.properties
            and values.properties[option.variable].default is not None
        }
        _prove_right(proof, charm, {'properties': {}}, {**right, **given})
    return proof


def _typed(kind: str, text: Any) -> schemas.Value:
    match kind:
        case 'boolean':
            return str(text).lower() == 'true'
        case 'int':
            return int(text)
        case 'float':
            return float(text)
        case _:
            return str(text)


def _prove_right(
    proof: Proof, charm: Generated, schema: dict[str, Any], config: dict[str, schemas.Value]
) -> None:
    out = charm.run(config)
    if out.unit_status.name != 'active':
        proof.failures.append(f'{out.unit_status} with {config}')
        return
    environment = charm.environment(out)
    try:
        schemas.validate(schemas.parse_environment(environment, schema), schema)
    except jsonschema.ValidationError as error:
        proof.failures.append(f'{list(error.path)}: {error.message}')
    expected = {name.replace('-', '_').upper() for name in config}
    if not expected <= environment.keys():
        proof.failures.append(f'not in the environment: {expected - environment.keys()}')


def _prove_wrong(
    proof: Proof, charm: Generated, schema: dict[str, Any], right: dict[str, schemas.Value]
) -> None:
    """Try the first wrong value of each option in one hook, then the second of each."""
    wrong = {
        name: schemas.wrong_values(declared)
        for variable, declared in schema['properties'].items()
        if (name := variable.lower().replace('_', '-')) in charm.options
    }
    for turn in range(max((len(values) for values in wrong.values()), default=0)):
        tried = {name: values[turn] for name, values in wrong.items() if turn < len(values)}
        out = charm.run({**right, **tried})
        proof.wrong_values += len(tried)
        for name, value in tried.items():
            missing = out.unit_status.message.partition(' (set with')[0]  # A blank one, too.
            told = f'{name}: ' in out.unit_status.message or name in re.split('[ ,]+', missing)
            if out.unit_status.name != 'blocked' or not told:
                proof.failures.append(f'{name}={value!r} is not blocked: {out.unit_status}')
