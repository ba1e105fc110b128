"""The program's own JSON: values of another kind than what is written are refused, not converted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mpm_core as mpm


@pytest.fixture
def path(tmp_path: Path) -> Path:
    mpm.write(mpm.make_recording(("a", "b"), 60.0, np.ones((3, 2, 3))), tmp_path / "take.json")
    return tmp_path / "take.json"


def test_what_is_written_is_read(path: Path) -> None:
    assert mpm.read(path).points == ("a", "b")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unit", "mm"),
        ("unit", 3),
        ("up", "y"),
        ("rate_hz", "60"),
        ("rate_hz", True),
        ("first_frame", 1.5),
        ("first_frame", "1"),
        ("frames", 2),
        ("points", "ab"),
        ("points", [1, 2]),
        ("points", ["a", "\ud800"]),
        ("image_wh", [0, -5]),
        ("image_wh", [640]),
        ("parents", [-1, 0.5]),
    ],
)
def test_a_value_of_another_kind_is_refused(name: str, value: Any, path: Path) -> None:
    table = json.loads(path.read_text())
    path.write_text(json.dumps({**table, name: value}))
    with pytest.raises(mpm.FormatError) as caught:
        mpm.read(path)
    assert caught.value.where == str(path) and caught.value.hint
