# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""The API page names all that is public, and nothing else."""

import pathlib
import re

import opencti_connector

PAGE = pathlib.Path(__file__).parents[2] / 'docs' / 'reference' / 'api.md'


def test_each_public_name_is_on_the_page():
    documented = re.findall(
        r'^\.\. auto(?:class|exception|function):: (\w+)', PAGE.read_text(), re.MULTILINE
    )
    assert sorted(documented) == sorted(opencti_connector.__all__)
