# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The output of `juju show-unit`, as `cmd/juju/application/showunit.go` in Juju writes it."""

import re
from collections.abc import Iterable
from typing import Annotated, Any

import pydantic

from . import documents, masking

_APP = r'[a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*'
_UNIT = re.compile(rf'({_APP})/(0|[1-9][0-9]{{0,8}})')
_OF_ANOTHER_MODEL = re.compile(r'remote-[0-9a-f]{32}')
_REVISION = re.compile(r'-[0-9]+$')


def is_of_another_model(app: str) -> bool:
    """Return whether Juju made this name for an application of another model."""
    return bool(_OF_ANOTHER_MODEL.fullmatch(app))


def _check_unit_name(name: str) -> str:
    match = _UNIT.fullmatch(name)
    if match and (is_of_another_model(match[1]) or masking.harmless_name(match[1])):
        return name
    raise ValueError("must be a unit's name, such as opencti/0")


def _is_nothing(value: object) -> bool:
    # Go writes an empty list or map as null in JSON. Values from YAML are texts here.
    return value is None or value in ('', 'null')


def _nothing_is_an_empty_map(value: Any) -> Any:
    return {} if _is_nothing(value) else value


def _nothing_is_an_empty_list(value: Any) -> Any:
    return [] if _is_nothing(value) else value


_UnitName = Annotated[str, pydantic.AfterValidator(_check_unit_name)]
_Databag = Annotated[dict[str, str], pydantic.BeforeValidator(_nothing_is_an_empty_map)]


class _Shape(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(
        alias_generator=lambda name: name.replace('_', '-'), hide_input_in_errors=True
    )


class UnitSettings(_Shape):
    """What one unit wrote."""

    data: _Databag = {}


class RelationInfo(_Shape):
    """A relation from a unit's point of view.

    `application_data` is what the *other* application wrote in Juju 3, and what the unit's *own*
    application wrote in Juju 4.
    """

    relation_id: Annotated[int, pydantic.Field(ge=0, lt=2**31)]
    endpoint: str
    related_endpoint: str = ''
    cross_model: bool = False
    application_data: _Databag = {}
    local_unit: Annotated[UnitSettings, pydantic.BeforeValidator(_nothing_is_an_empty_map)] = (
        UnitSettings()
    )
    related_units: Annotated[
        dict[_UnitName, UnitSettings], pydantic.BeforeValidator(_nothing_is_an_empty_map)
    ] = {}


class Unit(_Shape):
    """A unit, with its relations."""

    charm: str
    relation_info: Annotated[
        list[RelationInfo], pydantic.BeforeValidator(_nothing_is_an_empty_list)
    ] = []

    @property
    def charm_name(self) -> str:
        """The charm's name, out of a URL such as `ch:amd64/a-charm-12` or `local:a-charm-0`."""
        return _REVISION.sub('', re.split('[:/]', self.charm)[-1])


_UNITS = pydantic.TypeAdapter(dict[_UnitName, Unit])


def read(of_file: Iterable[object]) -> list[tuple[str, Unit]]:
    """Return the units of all documents, each with its name.

    Raises:
        Unreadable: if this is not the output of `juju show-unit`.
    """
    units: list[tuple[str, Unit]] = []
    for document in of_file:
        try:
            units.extend(_UNITS.validate_python(document).items())
        except pydantic.ValidationError as error:
            raise documents.Unreadable(
                f'is not the output of `juju show-unit`: {_describe(error)}'
            ) from None
    if not units:
        raise documents.Unreadable('shows no unit')
    return units


def app_of(unit: str) -> str:
    """Return the application that a unit belongs to."""
    return unit.partition('/')[0]


def _describe(error: pydantic.ValidationError) -> str:
    """Name the first wrong field, without any value; a key can be one, too."""
    first = error.errors(include_url=False)[0]
    steps = [str(step) for step in first['loc'] if step != '[key]']
    path = '.'.join(step if _is_harmless(step) else '...' for step in steps)
    return f'{path or "the document"}: {first["msg"].removeprefix("Value error, ")}'


def _is_harmless(step: str) -> bool:
    unit = _UNIT.fullmatch(step)
    if step.isdecimal():
        return len(step) < 9
    return masking.harmless_name(unit[1] if unit else step)
