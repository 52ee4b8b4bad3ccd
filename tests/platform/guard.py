# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Stands between the tests and a running OpenCTI, and lets them touch nothing but their own."""

import contextlib
import http.server
import json
import secrets
import threading
import uuid
from typing import Any

import graphql
import requests

from fakes.opencti import ADMIN_TOKEN

_TIMEOUT = 60


class Refused(Exception):
    """The tests asked for what they must not."""


class Guard:
    """A server on loopback that passes requests on to a running OpenCTI.

    Whoever sends `ADMIN_TOKEN`, which is no secret, asks as the administrator. So the token of the
    administrator is nowhere in the tests. It may add accounts whose address starts with `prefix`,
    and change these. Every other operation that writes is refused.

    Args:
        url: The URL of OpenCTI.
        token: A token of an administrator.
    """

    __name__ = 'running-opencti'
    """The name of the plugin by which the tests of the example find it."""

    def __init__(self, url: str, token: str):
        self._target = url.rstrip('/')
        self._token = token
        self._run = f'test-{secrets.token_hex(4)}-'
        self._tests = 0
        self.prefix = f'charm-connector-{self._run}'
        """What the addresses of all accounts start with that the tests add."""
        self.run_name = self._run
        """What makes the names of the current test's applications its own."""
        self.nobody = str(uuid.uuid4())
        """An id that nobody has."""
        self.calls: list[str] = []
        self.refused: list[str] = []
        self._own = {self.nobody}
        self._server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), _handler(self))
        self._server.daemon_threads = False  # What is under way is waited for.
        self.url = f'http://127.0.0.1:{self._server.server_port}'

    def __enter__(self) -> 'Guard':
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def operations(self) -> list[str]:
        """The names of the operations of the current test."""
        return list(self.calls)

    def next_run_name(self) -> str:
        """Give the next test names of its own."""
        self._tests += 1
        self.run_name = f'{self._run}{self._tests}-'
        return self.run_name

    def pass_on(self, path: str, body: bytes, authorization: str) -> tuple[int, bytes]:
        """Return OpenCTI's answer, or a refusal."""
        data = json.loads(body)
        try:
            mutations = self._checked(data)
        except (Refused, graphql.GraphQLError) as refusal:
            self.refused.append(str(refusal))
            return 403, str(refusal).encode()
        if authorization == f'Bearer {ADMIN_TOKEN}':
            authorization = f'Bearer {self._token}'
        try:
            response = requests.post(
                self._target + path,
                data=body,
                headers={'Authorization': authorization, 'Content-Type': 'application/json'},
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # Its text may hold the header.
            return 502, f'OpenCTI gives no answer: {type(error).__name__}'.encode()
        if 'userAdd' in mutations:
            self._learn(response)
        return response.status_code, response.content

    def _learn(self, response: requests.Response) -> None:
        with contextlib.suppress(ValueError, KeyError, TypeError):  # Where it was not added.
            self._own.add(response.json()['data']['userAdd']['id'])

    def _checked(self, data: dict[str, Any]) -> list[str]:
        """Return the operations that write, if they touch only what the tests have added."""
        variables: dict[str, Any] = data.get('variables') or {}
        mutations: list[str] = []
        for operation in graphql.parse(data['query']).definitions:
            if not isinstance(operation, graphql.OperationDefinitionNode):
                raise Refused('only operations are passed on')
            self.calls.append(operation.name.value if operation.name else data['query'])
            if operation.operation is graphql.OperationType.QUERY:
                continue
            for field in operation.selection_set.selections:
                if not isinstance(field, graphql.FieldNode):
                    raise Refused('only fields are passed on')
                given = {
                    argument.name.value: graphql.value_from_ast_untyped(argument.value, variables)
                    for argument in field.arguments or ()
                }
                self._check(field.name.value, given)
                mutations.append(field.name.value)
        for text in _texts(variables) if mutations else ():
            if '@' in text and not text.lower().startswith(self.prefix):
                raise Refused('an address that is not of the tests')
        return mutations

    def _check(self, name: str, given: dict[str, Any]) -> None:
        match name:
            case 'userAdd':
                added: dict[str, Any] = given.get('input') or {}
                address = str(added.get('user_email') or '')
                if not address.lower().startswith(self.prefix):
                    raise Refused('userAdd: an address that is not of the tests')
            case 'userEdit' | 'userAdminTokenAdd' | 'userAdminTokenRevoke':
                if given.get('id' if name == 'userEdit' else 'userId') not in self._own:
                    raise Refused(f'{name}: an account that is not of the tests')
            case _:
                raise Refused(f'{name}: is not what the tests may do')


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _handler(guard: Guard) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers['Content-Length']))
            authorization = self.headers.get('Authorization') or ''
            status, answer = guard.pass_on(self.path, body, authorization)
            self.send_response(status)
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
