"""The examples in the docstrings of the data and its edits say what happens."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

MODULES = ("samples", "spans", "recording", "gaps", "edit.patch", "edit.annotate", "edit.mark", "edit.labels", "edit.document", "io.marks")


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    found = doctest.testmod(import_module(f"mpm_core.{name}"))
    assert found.attempted and not found.failed
