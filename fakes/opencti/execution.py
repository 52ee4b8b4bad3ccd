# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Executes an operation as Apollo does for OpenCTI, step by step, each with errors of its own."""

import pathlib
from typing import Any

import ariadne
import graphql

from . import connectors, errors, resolvers
from .state import State

_HERE = pathlib.Path(__file__).parent


def schema(version: str) -> graphql.GraphQLSchema:
    """Make the executable schema of a version."""
    known = State(version, '')
    names = ['schema', 'many_tokens' if known.has_many_tokens else 'one_token', 'connectors']
    if known.knows_builds:
        names.append('builds')
    texts = [(_HERE / f'{name}.graphql').read_text() for name in names]
    bindables = [*resolvers.BINDABLES, *connectors.BINDABLES]
    if known.has_many_tokens:
        bindables.append(resolvers.token_mutation)
    return ariadne.make_executable_schema(texts, *bindables, directives={'auth': Auth})


class Auth(ariadne.SchemaDirectiveVisitor):
    """Lets users with one of the capabilities in, as OpenCTI's `graphql/authDirective.ts`."""

    def visit_field_definition(self, field: Any, object_type: Any) -> Any:
        resolve = field.resolve or graphql.default_field_resolver
        needed = set(self.args.get('for') or ())

        def checked(source: Any, info: Any, **arguments: Any) -> Any:
            user = info.context['user']
            if user is None:
                raise errors.auth_required()
            if needed and not needed & user.capabilities:
                raise errors.forbidden()
            return resolve(source, info, **arguments)

        field.resolve = checked
        return field


def execute(schema: graphql.GraphQLSchema, data: Any, context: dict[str, Any]) -> dict[str, Any]:
    """Execute an operation, and return the answer."""
    try:
        document = graphql.parse(data['query'])
    except graphql.GraphQLSyntaxError as error:
        return {'errors': [errors.formatted(error, 'GRAPHQL_PARSE_FAILED')]}
    if problems := graphql.validate(schema, document):
        return {'errors': [errors.formatted(p, 'GRAPHQL_VALIDATION_FAILED') for p in problems]}
    if '__schema' in data['query']:
        return {'errors': [errors.formatted(errors.introspection(), '')]}
    result = graphql.execute_sync(
        schema,
        document,
        context_value=context,
        variable_values=data.get('variables'),
        operation_name=data.get('operationName'),
    )
    if not result.errors:
        return {'data': result.data}
    # Before a field is resolved, only variables can be wrong.
    shown = [
        errors.formatted(e, 'BAD_USER_INPUT' if e.path is None else 'INTERNAL_SERVER_ERROR')
        for e in result.errors
    ]
    return {'errors': shown, 'data': result.data}
