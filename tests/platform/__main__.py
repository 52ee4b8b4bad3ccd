# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""Runs the OpenCTI example's tests, and the recorded scripts, with a running OpenCTI.

It takes what `pytest` takes, such as `-k rotated`.
"""

import os
import pathlib
import re
import signal
import sys
from collections.abc import Iterator

import pytest
import requests

from fakes.opencti import ADMIN_TOKEN
from tests.fakes.opencti.recorded import asking

from .guard import Guard
from .person import Person

_ROOT = pathlib.Path(__file__).parents[2]
_OPTIONS = ['-m', 'anywhere', '-q', '--tb=short', '--show-capture=no', '-p', 'no:cacheprovider']
# What this module imports is imported before pytest can rewrite it, which hurts nobody.
_OPTIONS += ['-W', 'ignore::pytest.PytestAssertRewriteWarning']
_USAGE = (
    'Name an OpenCTI, and a token of it that may manage accounts: '
    'make platform OPENCTI_URL=https://… OPENCTI_ADMIN_TOKEN=…'
)
_NOTICE = """\
OpenCTI {version} at {url}
The tests add accounts, and change and delete these, and no others. The addresses of all of them
start with {prefix}. For as long as they exist, they are members
of the groups Connectors and Default, which stay as they are. Nothing else is written, and in the
end, also after a failure or Ctrl-C, the accounts are deleted. OpenCTI's log keeps that they were.
"""
_RETRIES = 3


def main(arguments: list[str]) -> int:
    """Return 0 if OpenCTI does what the fake does, 1 if not, and 2 if it cannot be asked."""
    url = os.environ.get('OPENCTI_URL', '')
    token = os.environ.pop('OPENCTI_ADMIN_TOKEN', '')
    if not url or not re.fullmatch(r'[\x21-\x7e]+', token):
        return _say(_USAGE)
    person = Person(url.rstrip('/'), token)
    guard = Guard(url, token)
    try:
        version = person.version
        if person.accounts(guard.prefix):
            return _say('There are accounts with the names of this run: run it again.')
    except requests.RequestException as error:
        return _say(f'{url} gives no answer: {type(error).__name__}')
    except (RuntimeError, ValueError, KeyError, TypeError):
        return _say(f'{url} does not let the token see its accounts, or is no OpenCTI.')
    print(_NOTICE.format(version=version, url=url, prefix=guard.prefix), flush=True)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    is_right = False
    try:
        with guard:
            results = _run_tests(guard, arguments), _run_scripts(guard, version)
            is_right = all(results) and not guard.refused
    except KeyboardInterrupt:
        print('Interrupted.')
    finally:
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            signal.signal(number, signal.SIG_IGN)
        is_clean = _clean(person, guard.prefix)
    return 0 if is_right and is_clean else 1


def _say(words: str) -> int:
    print(words, file=sys.stderr)
    return 2


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _run_tests(guard: Guard, arguments: list[str]) -> bool:
    """Run the tests that hold with any OpenCTI, and return whether they do with this one."""
    where = ['--rootdir', str(_ROOT), str(_ROOT / 'tests' / 'examples')]
    code = pytest.main([*_OPTIONS, *where, *arguments], plugins=[guard])
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def _run_scripts(guard: Guard, version: str) -> bool:
    print(f'\nThe answers, compared with those of {asking.nearest(version)}:')
    differences = list(_differences(guard, version))
    print('\n'.join(differences) if differences else 'nothing differs')
    for refusal in guard.refused:
        print(f'the tests were not let do this: {refusal}')
    return not differences


def _differences(guard: Guard, version: str) -> Iterator[str]:
    person = Person(guard.url, ADMIN_TOKEN)
    for script in asking.SCRIPTS:
        if script.needs is not None:
            print(f'not asked, because it needs {script.needs}: {script}')
        elif script.holds_for(asking.nearest(version)):
            try:
                yield from asking.run(script, person, guard.prefix, nobody=guard.nobody)
            except (RuntimeError, requests.RequestException, LookupError, StopIteration) as error:
                yield f'{script}: {type(error).__name__}: {error}'


def _clean(person: Person, prefix: str) -> bool:
    """Delete all accounts of the tests, and return whether none is left."""
    left: list[str] = []
    for _ in range(_RETRIES):
        try:
            accounts = person.accounts(prefix)
            own = [each for each in accounts if each.user_email.lower().startswith(prefix)]
            left = [f'{account.name} ({account.id})' for account in own]
            for account in own:
                person.delete(account.id)
        except (requests.RequestException, RuntimeError, ValueError):
            left = left or ['all of them, perhaps']
            continue
        if not own:
            print('All accounts of the tests are deleted.')
            return True
    print(f'Delete these accounts by hand, whose addresses start with {prefix}:')
    print('\n'.join(left))
    return False


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
