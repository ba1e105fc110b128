"""A report's figures against counts made by hand, and its JSON against the keys that it has always had."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.proof import check_export
from mpm_core.check.report import make_report, write_report
from mpm_core.check.report_parts import FrameRange, GapRange
from mpm_core.check.to_json import to_json
from mpm_core.check.verify import verify
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import patch_where
from mpm_core.fill.methods import METHODS
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.resources import resource
from tests.makers import smooth_take, with_gap

KEYS = Path(__file__).with_name("json_keys.json")
POINT = {"c3d": "LFHD", "glb": "LFHD", "bvh": "LeftHand"}


def test_a_report_tells_what_was_filled_by_what_and_what_remains(tmp_path: Path) -> None:
    before = with_gap(with_gap(smooth_take(), 1, 30, 40), 2, 0, 5)
    origin_FP, sigma_FP = before.origin_FP.copy(), before.sigma_FP.copy()
    filled_FP = np.zeros(origin_FP.shape, bool)
    filled_FP[30:40, 1] = True
    origin_FP[30:34, 1], origin_FP[34:40, 1] = mpm.Origin.FILLED, mpm.Origin.PREDICTED
    sigma_FP[34:40, 1] = np.linspace(0.010, 0.020, 6)
    xyz_FPD = np.nan_to_num(before.xyz_FPD)
    after = patch_where(before, "fill", filled_FP, xyz_FPD=xyz_FPD, origin=origin_FP, sigma_FP=sigma_FP).apply(before)[0]
    report = make_report(before, after, method="auto", seconds=1.5, model={"name": "some"})
    assert to_json(report.filled) == {
        "samples": 10,
        "by": {
            "classical": {"samples": 4, "sigma_mean_mm": None, "sigma_max_mm": None},
            "model": {"samples": 6, "sigma_mean_mm": 15.0, "sigma_max_mm": 20.0},
        },
    }
    assert report.gaps_before.samples == 15 and report.gaps_after.samples == 5
    assert report.gaps_before.list[0] == GapRange(FrameRange("P1", 31, 40), marked=False)
    row = report.points[1]
    assert (row.missing_before, row.missing_after, row.filled) == (10, 0, {"classical": 4, "model": 6, "hand": 0})
    assert [gap.frames for gap in report.remaining] == [FrameRange("P2", 1, 5)]
    assert report.measured.samples.changed == 0 and report.measured.samples.measured == 465
    write_report(report, tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == to_json(report)


def test_why_a_gap_remains() -> None:
    rec = with_gap(with_gap(smooth_take(), 0, 0, 120), 1, 110, 120)
    left = fill_gaps(rec, ~rec.visible_FP, "linear", sigma=False).left
    never, edge = make_report(rec, rec, method="linear", left=left).remaining
    assert "visible in no frame" in never.why and "linear needs a sample on both sides" in edge.why
    never, edge = make_report(rec, rec, method="linear").remaining
    assert "visible in no frame" in never.why and edge.why == "linear found nothing to fill it from"
    assert make_report(rec, rec, wanted_FP=np.zeros(rec.origin_FP.shape, bool)).remaining == ()
    late = mpm.make_recording(rec.points, rec.rate_hz, np.where(np.arange(rec.frames)[:, None, None] < 20, np.nan, smooth_take().xyz_FPD))
    after, left = mpm.complete_with_left(late, mpm.CompleteOptions("hermite"))
    assert {gap.why for gap in make_report(late, after, method="hermite", left=left).remaining} == {
        "no point of the take is visible in these frames"
    }


def test_making_a_report_runs_no_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    rec = with_gap(smooth_take(), 1, 110, 120)
    for name, method in METHODS.items():
        monkeypatch.setitem(METHODS, name, replace(method, run=lambda seen: pytest.fail("a fill was run")))
        assert len(make_report(rec, rec, method=name).remaining) == 1


def keys(value: object, path: str = "") -> set[str]:
    """Every key of a JSON value with those above it: 'filled.by.model.samples'; the items of a list share theirs."""
    if isinstance(value, dict):
        return {path}.union(*(keys(item, f"{path}.{key}".strip(".")) for key, item in value.items()))
    if isinstance(value, list):
        return {path}.union(*(keys(item, f"{path}[]") for item in value))
    return {f"{path}: {type(value).__name__}"}


@pytest.mark.parametrize("suffix", ["c3d", "bvh", "glb"])
def test_the_json_of_reports_and_proofs_keeps_its_keys(suffix: str, tmp_path: Path) -> None:
    source, out = resource(f"sample/walk_reach_sit.{'bvh' if suffix == 'bvh' else 'c3d'}"), tmp_path / f"out.{suffix}"
    before = mpm.read(source)
    marked = mark(before, region(before, [before.points.index(POINT[suffix])], 100, 110)).apply(before)[0]
    after = fill_gaps(marked, ~marked.visible_FP, "linear").patch.apply(marked)[0]
    mpm.write(after, out)
    report = make_report(marked, after, method="linear", wanted_FP=~marked.visible_FP, exported=check_export(marked, after, out))
    expected = json.loads(KEYS.read_text())
    assert sorted(keys(to_json(report))) == expected[f"report {suffix}"]
    assert sorted(keys(to_json(verify(marked, out)))) == expected[f"verify {suffix}"]
