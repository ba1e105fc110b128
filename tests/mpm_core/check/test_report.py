"""A report's figures against counts made by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.check.report import make_report, write_report
from mpm_core.edit.patch import patch_where
from tests.makers import smooth_take, with_gap


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
    assert report["filled"] == {
        "samples": 10,
        "by": {
            "classical": {"samples": 4, "sigma_mean_mm": None, "sigma_max_mm": None},
            "model": {"samples": 6, "sigma_mean_mm": 15.0, "sigma_max_mm": 20.0},
        },
    }
    assert report["gaps_before"]["samples"] == 15 and report["gaps_after"]["samples"] == 5
    assert report["gaps_before"]["list"][0] == {"point": "P1", "first_frame": 31, "last_frame": 40, "marked": False}
    row = report["points"][1]
    assert (row["missing_before"], row["missing_after"], row["classical"], row["model"], row["hand"]) == (10, 0, 4, 6, 0)
    assert [(gap["point"], gap["first_frame"], gap["last_frame"]) for gap in report["remaining"]] == [("P2", 1, 5)]
    assert report["measured"]["changed"] == 0 and report["measured"]["measured"] == 465
    write_report(report, tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text()) == report


def test_why_a_gap_remains() -> None:
    rec = with_gap(with_gap(smooth_take(), 0, 0, 120), 1, 110, 120)
    never, edge = make_report(rec, rec, method="linear")["remaining"]
    assert "visible in no frame" in never["why"] and "linear needs a sample on both sides" in edge["why"]
    assert "both sides" not in make_report(rec, rec, method="hermite")["remaining"][1]["why"]
    assert make_report(rec, rec, asked_FP=np.zeros(rec.origin_FP.shape, bool))["remaining"] == []
