# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The errors of OpenCTI's `config/errors.ts` that charms and connectors meet."""

import graphql


def _error(code: str, message: str, http_status: int) -> graphql.GraphQLError:
    data = {'http_status': http_status}
    return graphql.GraphQLError(message, extensions={'code': code, 'data': data})


def auth_required() -> graphql.GraphQLError:
    """The token is not that of a user who may log in."""
    return _error('AUTH_REQUIRED', 'You must be logged in to do this.', 401)


def forbidden() -> graphql.GraphQLError:
    """The user lacks the capability."""
    return _error('FORBIDDEN_ACCESS', 'You are not allowed to do this.', 403)


def functional(message: str) -> graphql.GraphQLError:
    """The operation makes no sense."""
    return _error('FUNCTIONAL_ERROR', message, 400)


def unsupported(message: str) -> graphql.GraphQLError:
    """OpenCTI, or this part of it, does not have the operation."""
    return _error('UNSUPPORTED_ERROR', message, 500)
