# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The output of `juju show-unit`, as `cmd/juju/application/showunit.go` in Juju writes it."""

import re
from typing import Annotated, Any, cast

import pydantic

from .. import masking
from ..refusals import Unreadable
from . import documents, pasted

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


def _or(empty: type) -> pydantic.BeforeValidator:
    def read(value: Any) -> Any:
        # Go writes an empty list or map as null in JSON. Values from YAML are texts here.
        return empty() if value in (None, '', 'null') else value

    return pydantic.BeforeValidator(read)


_UnitName = Annotated[str, pydantic.AfterValidator(_check_unit_name)]
_Databag = Annotated[dict[str, str], _or(dict)]


class Shape(pydantic.BaseModel):
    """Something that Juju shows, with its keys in Juju's spelling."""

    model_config = pydantic.ConfigDict(
        alias_generator=lambda name: name.replace('_', '-'), hide_input_in_errors=True
    )


class UnitSettings(Shape):
    """What one unit wrote, and whether it has entered the relation."""

    in_scope: bool = False
    data: _Databag


class RelationInfo(Shape):
    """A relation from a unit's point of view.

    `application_data` is what the *other* application wrote in Juju 3, and what the unit's *own*
    application wrote in Juju 4.
    """

    relation_id: Annotated[int, pydantic.Field(ge=0, lt=2**31)]
    endpoint: str
    related_endpoint: str
    cross_model: bool = False
    application_data: _Databag
    local_unit: UnitSettings = UnitSettings(data={})
    related_units: Annotated[dict[_UnitName, UnitSettings], _or(dict)] = {}
    ends_output: bool = False
    """Whether the output ends here, where it may have been cut."""

    @property
    def is_of_peers(self) -> bool:
        """Whether it joins the units of one application: only there Juju shows a unit its own."""
        return self.local_unit.in_scope


class Unit(Shape):
    """A unit, with its relations."""

    charm: str
    life: str = 'alive'
    relation_info: Annotated[list[RelationInfo], _or(list)] = []
    ends_output: bool = False
    """The same."""

    @property
    def charm_name(self) -> str:
        """The charm's name, out of a URL such as `ch:amd64/a-charm-12` or `local:a-charm-0`."""
        return _REVISION.sub('', re.split('[:/]', self.charm)[-1])


_UNITS = pydantic.TypeAdapter(dict[_UnitName, Unit])


def read(of_file: documents.Documents) -> list[tuple[str, Unit]]:
    """Return the units of all documents, each with its name.

    Raises:
        Unreadable: if this is not the output of `juju show-unit`, or a part of it.
    """
    units: list[tuple[str, Unit]] = []
    for document in of_file.all:
        if {'model', 'applications'} <= document.keys():
            raise Unreadable(pasted.is_of('juju status'))
        may_be_cut = of_file.end_in_yaml and document is of_file.all[-1]
        end = _mark_end(document) if may_be_cut else ()
        try:
            units.extend(_UNITS.validate_python(document).items())
        except pydantic.ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = first['loc'][:-1] if first['type'] == 'missing' else first['loc']
            if end[: len(place)] == place:
                raise Unreadable(pasted.CUT) from None
            raise Unreadable(
                f'is not the output of `juju show-unit`: {_describe(error)}'
            ) from None
    if not units:
        raise Unreadable('shows no unit')
    return units


def _mark_end(document: dict[str, Any]) -> tuple[str | int, ...]:
    """Return the path to what YAML ends with, and mark it where the output may have been cut.

    A unit need not have relations, and the other end of one need not have units.
    """
    path: tuple[str | int, ...] = ()
    place: Any = document
    while isinstance(place, (dict, list)) and place:
        if isinstance(place, list):
            path += (len(cast('list[Any]', place)) - 1,)
        else:
            of = cast('dict[str, Any]', place)
            key = list(of)[-1]
            path += (key,)
            is_of_unit = len(path) == 2 and key not in ('provider-id', 'address')
            if is_of_unit or key == 'application-data':
                of['ends-output'] = True
            if key in ('application-data', 'data'):
                break
        place = cast('Any', place)[path[-1]]
    return path


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
