"""Labels exchanged and taken off: by hand, undone, logged, and honoured by proof, report and C3D."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.proof import check_export, compare_measured
from mpm_core.check.report import make_report
from mpm_core.check.report_parts import FrameRange
from mpm_core.edit.document import Document
from mpm_core.edit.labels import swap, unlabel
from mpm_core.edit.mark import mark, region
from mpm_core.errors import DataError
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.io.c3d.layout import find_layout
from mpm_core.recording import Origin
from tests.makers import person_rig, smooth_take, with_gap


def test_a_swap_exchanges_every_bit_and_is_by_hand() -> None:
    rec = with_gap(smooth_take(), 1, 40, 50)
    after, inverse = swap(rec, 0, 1, 30, 60).apply(rec)
    assert np.array_equal(after.xyz_FPD[30:60, 0], rec.xyz_FPD[30:60, 1], equal_nan=True)
    assert np.array_equal(after.xyz_FPD[30:60, 1], rec.xyz_FPD[30:60, 0])
    assert (after.origin_FP[40:50, 0] == Origin.MISSING).all() and (after.origin_FP[30:60, 1] == Origin.HAND).all()
    outside_FP = np.ones(rec.origin_FP.shape, bool)
    outside_FP[30:60, :2] = False
    assert (after.origin_FP == rec.origin_FP)[outside_FP].all()
    assert after.log == ("Exchange P0 and P1, frames 31 to 60: 60 samples by hand",)
    back, _ = inverse.apply(after)
    assert np.array_equal(back.xyz_FPD, rec.xyz_FPD, equal_nan=True) and back.log == () and np.array_equal(back.origin_FP, rec.origin_FP)


def test_the_log_goes_with_undo_and_redo() -> None:
    document = Document(smooth_take())
    document.do(swap(document.recording, 0, 1, 0, 10))
    document.do(unlabel(document.recording, (2,), 5, 9))
    document.undo()
    assert len(document.recording.log) == 1
    document.undo()
    assert document.recording.log == ()
    document.redo()
    assert len(document.recording.log) == 1


def test_what_is_marked_or_filled_is_not_passed_off_as_measured() -> None:
    rec = with_gap(smooth_take(), 1, 40, 50)
    filled = mpm.complete(rec, method="linear")
    marked, _ = mark(filled, region(filled, [0], 30, 35)).apply(filled)
    after, _ = swap(marked, 0, 1, 30, 60).apply(marked)
    assert (after.origin_FP[40:50, 0] == Origin.FILLED).all() and np.isfinite(after.sigma_FP[40:50, 0]).all()
    assert (after.origin_FP[30:35, 1] == Origin.MISSING).all()


def test_unlabel_keeps_what_was_measured_and_clears_fills() -> None:
    rec = mpm.complete(with_gap(smooth_take(), 1, 40, 50), method="linear")
    after, _ = unlabel(rec, (1,), 35, 60).apply(rec)
    assert (after.origin_FP[40:50, 1] == Origin.MISSING).all() and (after.origin_FP[35:40, 1] == Origin.MARKED).all()
    assert np.array_equal(after.xyz_FPD[35:40, 1], rec.xyz_FPD[35:40, 1]) and not after.visible_FP[35:60, 1].any()


def test_what_cannot_be_exchanged_is_told() -> None:
    rec = smooth_take()
    with pytest.raises(DataError, match="itself"):
        swap(rec, 1, 1, 0, 10)
    with pytest.raises(DataError, match="not in the take"):
        swap(rec, 0, 1, 100, 500)
    rig = person_rig()
    for edit in (lambda: swap(rig, 0, 1, 0, 5), lambda: unlabel(rig, (0,), 0, 5)):
        with pytest.raises(DataError, match="hierarchy"):
            edit()


def test_proof_and_report_tell_of_it(tmp_path: Path) -> None:
    rec = smooth_take()
    after, _ = swap(rec, 0, 1, 30, 60).apply(rec)
    assert compare_measured(rec, after).changed == 60, "an exchange is never passed over against the file itself"
    path = tmp_path / "out.npz"
    mpm.write(after, path)
    assert check_export(after, after, path).holds is True
    hand = make_report(after, after).hand
    assert hand == tuple(FrameRange(name, 31, 60) for name in ("P0", "P1"))


def test_a_c3d_keeps_the_exchanged_words_bit_for_bit(samples_dir: Path, tmp_path: Path) -> None:
    rec = mpm.read(samples_dir / "c3d" / "btk" / "PiG" / "PiG_Motion-FlatFoot-Full.c3d")
    a, b = rec.index("LANK"), rec.index("RANK")
    after, _ = swap(rec, a, b, 52, 93).apply(rec)
    path = tmp_path / "swapped.c3d"
    mpm.write(after, path)
    assert check_export(after, after, path).holds is True
    old, new = rec.source.payload, path.read_bytes()
    old_FC4, new_FC4 = (find_layout(data, "").words_FC4(data) for data in (old, new))
    moved = np.argwhere((old_FC4 != new_FC4).any(axis=2))
    columns = sorted(set(moved[:, 1].tolist()))
    assert len(columns) == 2 and set(moved[:, 0].tolist()) == set(range(52, 93))
    assert np.array_equal(new_FC4[52:93, columns[0]], old_FC4[52:93, columns[1]])
    twice, _ = swap(after, a, b, 52, 93).apply(after)
    mpm.write(twice, path)
    assert path.read_bytes() == old


def test_filtered_samples_are_by_hand_under_another_label() -> None:
    rec = smooth_take()
    filtered = filter_patch(rec, FilterSettings(cutoff_hz=4.0), measured=True).patch.apply(rec)[0]
    after = swap(filtered, 0, 1, 30, 60).apply(filtered)[0]
    assert (after.origin_FP[30:60, :2] == Origin.HAND).all() and np.array_equal(after.xyz_FPD[30:60, 0], filtered.xyz_FPD[30:60, 1])
    assert after.unfiltered_FPD is not None and np.isnan(after.unfiltered_FPD[30:60, :2]).all()
