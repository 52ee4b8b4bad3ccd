# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Serves the platform by HTTP on loopback, and lets the network fail."""

import dataclasses
import enum
import functools
import json
import re
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette import concurrency
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import errors, execution
from .state import CURRENT, State

ADMIN_TOKEN = 'c9a1d1a0-0000-4000-8000-s3cr3tadmin0'


class Fault(enum.Enum):
    """What goes wrong with a request."""

    UNAUTHORIZED = 'HTTP 401, as of a proxy in front of OpenCTI'
    ERROR = 'HTTP 500'
    NO_JSON = 'a page of a proxy instead of an answer'
    DROPPED = 'the connection ends before OpenCTI acts'
    LOST = 'OpenCTI acts, and the connection ends before the whole answer came'
    HANGS = 'no answer comes until `Platform.go_on` is called, as while Redis is down'
    NO_SEARCH = 'the search engine is down'
    SEARCH_STARTS = 'the search engine has just started again, and finds no users and groups'


class _CutShort(Response):
    """An answer whose end never comes."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b'content-type', b'application/json'), (b'content-length', b'1000')]
        await send({'type': 'http.response.start', 'status': 200, 'headers': headers})
        await send({'type': 'http.response.body', 'body': b'{"data"', 'more_body': False})


@dataclasses.dataclass(frozen=True)
class Call:
    """A request that reached the platform."""

    operation: str
    """The name of the operation, or its text if it has none."""
    authorization: str | None
    path: str


class Platform:
    """An OpenCTI that charms and connectors can talk to, for as long as the context lasts.

    Args:
        version: Its version, which decides how tokens work.
        admin_token: The administrator's token.
        base_path: What comes before `/graphql` in the URL's path.
        host: The address to listen on.
        port: The port to listen on; by default one that is free.
    """

    def __init__(
        self,
        version: str = CURRENT,
        *,
        admin_token: str = ADMIN_TOKEN,
        base_path: str = '',
        host: str = '127.0.0.1',
        port: int = 0,
    ):
        self.state = State(version, admin_token)
        self.calls: list[Call] = []
        self.faults: list[Fault | None] = []
        """The faults of the next requests, one each; the last one stays for all that follow."""
        self.after_each: Callable[[], None] = lambda: None
        """Called after each operation, so that a test can look at `state`."""
        self._may_go_on = threading.Event()
        self._schema = functools.cache(execution.schema)
        self._socket = socket.create_server((host, port))
        self.url = f'http://{host}:{self._socket.getsockname()[1]}{base_path}'
        # OpenCTI also answers what comes below.
        paths = f'{base_path}/graphql', f'{base_path}/graphql/{{rest:path}}'
        routes = [Route(path, self._answer, methods=['POST']) for path in paths]
        config = uvicorn.Config(
            Starlette(routes=routes), log_config=None, log_level='critical', ws='none'
        )
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until the process is told to end."""
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> 'Platform':
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    @property
    def operations(self) -> list[str]:
        """The names of the operations so far."""
        return [call.operation for call in self.calls]

    def go_on(self) -> None:
        """Answer the requests that hang, and end all faults."""
        self.faults = []
        self._may_go_on.set()
        self._may_go_on = threading.Event()

    def _next_fault(self) -> Fault | None:
        if len(self.faults) > 1:
            return self.faults.pop(0)
        return self.faults[0] if self.faults else None

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        # In a thread, as a request that hangs must not keep the others waiting.
        return await concurrency.run_in_threadpool(self._respond, request, body)

    def _respond(self, request: Request, body: bytes) -> Response:
        data = json.loads(body)
        authorization = request.headers.get('authorization')
        operation = data.get('operationName') or _name_of(data['query'])
        self.calls.append(Call(operation, authorization, request.url.path))
        may_go_on = self._may_go_on
        fault = self._next_fault()
        match fault:
            case Fault.UNAUTHORIZED:
                return PlainTextResponse('401 Authorization Required', 401)
            case Fault.ERROR:
                return PlainTextResponse('Internal Server Error', 500)
            case Fault.NO_JSON:
                return PlainTextResponse('<html>Bad gateway</html>', 200)
            case Fault.NO_SEARCH:
                return JSONResponse({'errors': [errors.formatted(errors.database(), '')]})
            case Fault.DROPPED:
                return _CutShort()
            case Fault.LOST:
                self._execute(data, authorization)
                return _CutShort()
            case Fault.HANGS:
                may_go_on.wait()
            case Fault.SEARCH_STARTS | None:
                pass
        is_starting = fault is Fault.SEARCH_STARTS
        # OpenCTI answers errors with 200, too: `graphql/httpResponsePlugin.js`.
        return JSONResponse(self._execute(data, authorization, is_starting=is_starting))

    def _execute(self, data: Any, authorization: str | None, *, is_starting: bool = False) -> Any:
        scheme, _, token = (authorization or '').partition(' ')
        user = self.state.user_of(token) if scheme == 'Bearer' else None
        context = {'state': self.state, 'user': user, 'is_starting': is_starting}
        result = execution.execute(self._schema(self.state.version), data, context)
        self.after_each()
        return result


def _name_of(text: str) -> str:
    """The name in `query Name(…) {…}`."""
    found = re.match(r'\s*(?:query|mutation)\s+(\w+)', text)
    return found[1] if found else text
