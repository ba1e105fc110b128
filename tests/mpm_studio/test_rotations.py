"""Rotations for the graph when they cannot be worked out: said once, and not tried for ever."""

from __future__ import annotations

from typing import Any

import pytest

from mpm_core.errors import DataError
from mpm_studio.views import rotations
from tests.makers import smooth_take


def test_a_failure_is_reported_once_and_another_take_is_tried(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def fail(rec: Any, _cancel: Any, _progress: Any) -> None:
        tried.append(rec)
        raise DataError("no rotations")

    monkeypatch.setattr(rotations, "rotation_values", fail)
    made, first, second = rotations.Rotations(), smooth_take(), smooth_take()
    failures: list[object] = []

    def ask_again(failure: object) -> None:
        failures.append(failure)
        assert made.values(first) is None  # as the graph does when it draws again

    made.failed.connect(ask_again)
    for rec in (first, second, first, second):
        made.values(rec)
        qtbot.waitUntil(lambda: not made.jobs.busy)
    qtbot.wait(50)
    assert tried == [first, second] and len(failures) == 2
    assert made.failed_for(first) and made.failed_for(second) and not made.failed_for(smooth_take())
