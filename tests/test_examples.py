"""The examples in docstrings are run as doctests, and the public face has them."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest

import mpm_core as mpm

ROOT = Path(__file__).parents[1]
WITH_EXAMPLES = sorted(  # only these are imported: `pytest --doctest-modules` would import every module, the windows' too
    ".".join(path.relative_to(folder).with_suffix("").parts)
    for folder, package in ((ROOT, "mpm_core"), (ROOT / "app", "mpm_studio"), (ROOT / "training", "mpm_train"))
    for path in (folder / package).rglob("*.py")
    if ">>> " in path.read_text()
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_say(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # examples may write files
    result = doctest.testmod(import_module(name))
    assert result.attempted and not result.failed


@pytest.mark.parametrize("name", ["Gap", *(name for name in mpm.__all__ if isinstance(getattr(mpm, name), FunctionType))])
def test_the_public_face_has_examples(name: str) -> None:
    assert ">>> " in (getattr(mpm, name).__doc__ or "")
