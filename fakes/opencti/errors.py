# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The errors that charms and connectors meet.

The classes of errors are those of OpenCTI's `config/errors.ts`; `graphql/graphql.js` adds `name`.
"""

from typing import Any

import graphql


def _error(code: str, message: str, http_status: int, genre: str) -> graphql.GraphQLError:
    data = {'http_status': http_status, 'genre': genre}
    return graphql.GraphQLError(message, extensions={'code': code, 'data': data})


def auth_required() -> graphql.GraphQLError:
    """The token is not that of a user who may log in."""
    return _error('AUTH_REQUIRED', 'You must be logged in to do this.', 401, 'TECHNICAL')


def forbidden() -> graphql.GraphQLError:
    """The user lacks the capability."""
    return _error('FORBIDDEN_ACCESS', 'You are not allowed to do this.', 403, 'TECHNICAL')


def functional(message: str) -> graphql.GraphQLError:
    """The operation makes no sense."""
    return _error('FUNCTIONAL_ERROR', message, 400, 'BUSINESS')


def missing_reference() -> graphql.GraphQLError:
    """What is to be related does not exist."""
    return _error('MISSING_REFERENCE_ERROR', 'Element(s) not found', 404, 'BUSINESS')


def database() -> graphql.GraphQLError:
    """The search engine does not answer."""
    return _error('DATABASE_ERROR', 'A database error has occurred', 500, 'TECHNICAL')


def unsupported(message: str) -> graphql.GraphQLError:
    """OpenCTI, or this part of it, does not have the operation."""
    return _error('UNSUPPORTED_ERROR', message, 500, 'BUSINESS')


def work_not_alive() -> graphql.GraphQLError:
    """The work that is reported on does not exist."""
    return _error('WORK_NOT_ALIVE', 'Work is no longer alive', 400, 'BUSINESS')


def introspection() -> graphql.GraphQLError:
    """Nobody is shown the schema, unless the playground is switched on."""
    extensions = {'code': 'RESOURCE_NOT_FOUND', 'data': {'http_status': 404}}
    return graphql.GraphQLError('GraphQL introspection not authorized!', extensions=extensions)


def formatted(error: graphql.GraphQLError, code: str) -> dict[str, Any]:
    """Return an error as OpenCTI sends it.

    Args:
        error: The error.
        code: Its code if it has none, which is one of Apollo's.
    """
    extensions = {'code': code, **(error.extensions or {})}
    return {**error.formatted, 'extensions': extensions, 'name': extensions['code']}
