"""Long filling is announced with its duration, by a few gaps of all kinds; short filling is not."""

from __future__ import annotations

import pytest

from mpm_train import forecast
from mpm_train.data.corpus import Clip
from mpm_train.forecast import FEW, announce_filling
from mpm_train.tables.plan import Gap

CLIP = Clip("c", "s", "train", 100.0, 0, 1000, "made here")


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> list[Gap]:
    """A gap that starts at an even frame takes 1 s to fill, another 3 s; the very first fill 10 s more, to open the model."""
    filled: list[Gap] = []
    monkeypatch.setattr(forecast.time, "monotonic", lambda: sum(1.0 + gap.start % 2 * 2 for gap in filled) + 10 * bool(filled))
    monkeypatch.setattr(forecast.os, "cpu_count", lambda: 2)
    return filled


def test_the_time_of_all_is_told_by_a_few(filled: list[Gap], capsys: pytest.CaptureFixture[str]) -> None:
    gaps = [Gap(CLIP, "left_wrist", 0, 900, start, 800) for start in range(1200)]
    announce_filling("the gate", filled.append, gaps, jobs=4)
    assert [gap.start for gap in filled] == [0, 0, 239, 479, 719, 959, 1199], "spread over all, so 16 s for 6"
    out, err = capsys.readouterr()
    assert not out
    lines = [line.partition("  ")[2] for line in err.splitlines()]
    assert lines == ["the gate: filling 1,200 gaps, first 6 of them to see how long that takes", "the gate: about 27 min from now"]


def test_a_few_gaps_are_not_worth_it(filled: list[Gap], capsys: pytest.CaptureFixture[str]) -> None:
    announce_filling("the gate", filled.append, [Gap(CLIP, "left_wrist", 0, 900, 0, 800)] * (FEW - 1), jobs=1)
    assert not filled and capsys.readouterr() == ("", "")
