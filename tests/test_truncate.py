"""The sweep of cut files: every verdict as it should be, and a misread shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import mpm_core as mpm
from tests import truncate
from tests.guarded import Guard, Outcome
from tests.makers import person_bvh, smooth_take

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the guard measures memory by /proc")


def test_cut_files_are_swept(tmp_path: Path) -> None:
    (tmp_path / "walk.bvh").write_bytes(person_bvh(frames=12))
    mpm.write(smooth_take(frames=60), tmp_path / "take.c3d")
    (tmp_path / "broken.trc").write_text("PathFileType 4")
    with Guard() as guard:
        for name in ("walk.bvh", "take.c3d"):
            (tmp_path / name[:2]).mkdir()
            counts, wrong = truncate.sweep(tmp_path / name, 9, guard, tmp_path / name[:2])
            assert wrong == [] and sum(counts.values()) == 9 and counts["refused"] > 5, counts
        assert truncate.sweep(tmp_path / "broken.trc", 9, guard, tmp_path) == ({}, [])


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome("refused", "a reason that is told", "a file", "what to do"), "refused"),
        (Outcome("refused", "a reason that is told", "a file", ""), "wrong"),
        (Outcome("read", agrees="same"), "same take"),
        (Outcome("read", agrees="prefix"), "fewer frames"),
        (Outcome("read", agrees="prefix", notes=("the header says 9 frames",)), "fewer frames, told"),
        (Outcome("read", agrees="other"), "wrong"),
        (Outcome("crash"), "wrong"),
        (Outcome("hang"), "wrong"),
    ],
)
def test_verdicts(outcome: Outcome, said: str) -> None:
    assert truncate.verdict(outcome) == said
