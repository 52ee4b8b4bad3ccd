# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The model of Juju answers as Juju did; `tests/integration/test_conformance.py` asks it anew."""

import pytest

from . import on_model, recorded, scripts

ANSWERS = recorded.read()
SCRIPTS = scripts.scripts()


def test_all_scripts_are_recorded():
    assert [script['name'] for script in SCRIPTS] == list(ANSWERS)


@pytest.mark.parametrize('part', range(10))
def test_it_answers_as_juju_did(part: int):
    for script in SCRIPTS[part::10]:
        assert on_model.run(script) == ANSWERS[script['name']], script
