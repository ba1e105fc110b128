"""Trimmed, resampled, renamed and merged takes: measured samples keep every bit, and the original can be brought into their shape."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

import mpm_core as mpm
from mpm_core.complete import complete
from mpm_core.edit.document import Document
from mpm_core.edit.from_file import in_shape_of
from mpm_core.edit.mark import delete, mark, region
from mpm_core.edit.names import Conflicts, conflict_of, merge, merged, rename, renamed
from mpm_core.edit.resample import resample, resampled
from mpm_core.edit.trim import trim, trimmed
from mpm_core.errors import DataError
from mpm_core.io.bvh.current_rig import current_rig
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.rigs.kinematics import forward_kinematics
from mpm_core.rigs.solve import adjusted_FP
from mpm_core.spans import Span
from mpm_core.subjects import Subject
from tests.makers import person_rig, smooth_take, with_gap, with_twisted_forearm


def split_take() -> Recording:
    """A marker whose label was lost from frame 50 to 69, where it is '*12' instead; both from 65 to 69, 1 mm apart."""
    rec = smooth_take(points=3)
    xyz_FPD = np.concatenate([rec.xyz_FPD, np.full((120, 1, 3), np.nan, np.float32)], axis=1)
    xyz_FPD[50:70, 3] = xyz_FPD[50:70, 0]
    xyz_FPD[50:65, 0] = np.nan
    xyz_FPD[65:70, 3, 0] += 0.001
    return make_recording(("LKNE", "P1", "P2", "*12"), 60.0, xyz_FPD)


def test_a_trimmed_take_keeps_samples_numbers_and_spans() -> None:
    rec = replace(smooth_take(), spans=(Span("step", 5, 20), Span("late", 90, 95), Span("walk", 0, 120)))
    document = Document(rec)
    document.do(trim(rec, 10, 40))
    part = document.recording
    assert not part.samples.differs(rec.samples.at(slice(10, 40))).any()
    assert (part.frames, part.source.first_frame, part.source.part.start) == (30, 11, 10.0)
    assert part.spans == (Span("step", 0, 10), Span("walk", 0, 30))
    document.undo()
    assert document.recording is rec
    with pytest.raises(DataError, match="not in the take"):
        trim(rec, 100, 121)


@pytest.mark.parametrize(("rate_hz", "every"), [(30.0, 1), (120.0, 2), (40.0, 2), (25.0, 5), (60.0, 1)])
def test_resampling_keeps_measured_samples_that_fall_on_the_new_frames(rate_hz: float, every: int) -> None:
    rec = smooth_take()
    new = resampled(rec, rate_hz)
    time_F = np.arange(new.frames) / rate_hz
    measured_FP = new.origin_FP == Origin.MEASURED
    assert measured_FP[::every].all() and measured_FP.sum() == measured_FP[::every].size
    rows_F = np.rint(time_F * 60).astype(int)
    assert new.xyz_FPD[::every].tobytes() == rec.xyz_FPD[rows_F[::every]].tobytes()
    truth = smooth_take(frames=480, rate_hz=240.0)
    line = np.stack([np.interp(time_F, np.arange(480) / 240, truth.xyz_FPD[:, 0, axis]) for axis in range(3)], axis=1)
    assert np.abs(new.xyz_FPD[:, 0] - line).max() < 3e-4, "what is between is on the curve"
    assert new.rate_hz == rate_hz and abs(new.seconds - rec.seconds) <= 1 / min(rate_hz, 60.0)


def test_events_stay_at_their_times_through_trimming_resampling_and_a_c3d(tmp_path: Path) -> None:
    rec = replace(smooth_take(), spans=(Span("Foot Strike", 40, 41), Span("contact", 50, 70), Span("early", 2, 3)))
    mpm.write(rec, tmp_path / "take.c3d")
    part = trimmed(mpm.read(tmp_path / "take.c3d"), 30, 90)
    mpm.write(part, tmp_path / "part.c3d")
    assert mpm.read(tmp_path / "part.c3d").spans == part.spans
    slow = resampled(mpm.read(tmp_path / "part.c3d"), 30.0)
    assert [(span.start, span.stop) for span in slow.spans] == [(5, 6), (10, 20)] and slow.source.first_frame == 16
    mpm.write(slow, tmp_path / "slow.c3d")
    again = mpm.read(tmp_path / "slow.c3d")
    assert again.spans == slow.spans and again.source.first_frame == 16


def test_resampling_does_not_bridge_gaps_and_can_be_refused() -> None:
    rec = with_gap(smooth_take(), 1, 30, 40)
    rec = mark(rec, region(rec, [2], 60, 70)).apply(rec)[0]
    new = resampled(rec, 90.0)
    time_F = np.arange(new.frames) * 60 / 90
    beside_F = (np.floor(time_F) >= 29) & (np.ceil(time_F) <= 40)
    assert not new.visible_FP[beside_F & (time_F > 29) & (time_F < 40), 1].any()
    assert new.visible_FP[~beside_F, 1].all()
    assert (new.origin_FP[(time_F >= 60) & (time_F < 70) & (time_F % 1 == 0), 2] == Origin.MARKED).all()
    with pytest.raises(DataError, match="lie between frames"):
        resample(rec, 90.0, only_measured=True)
    assert (resampled(rec, 30.0, only_measured=True).origin_FP[:, 0] == Origin.MEASURED).all()
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(DataError, match="not a rate"):
            resampled(rec, wrong)


def test_a_rate_of_too_many_samples_is_refused_and_a_large_take_may_become_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    rec = smooth_take(frames=120)
    with pytest.raises(DataError, match="more than 50,000,000 samples"):
        resampled(rec, 60.0 * 50_000_000)
    monkeypatch.setattr("mpm_core.edit.resample.MOST_SAMPLES", 100)
    assert rec.frames * len(rec.points) > 100
    assert resampled(rec, rec.rate_hz / 2).frames == 60
    assert resampled(rec, rec.rate_hz).frames == 120
    with pytest.raises(DataError, match="samples"):
        resampled(rec, rec.rate_hz * 1.5)


def test_a_resampled_hierarchy_keeps_its_bones() -> None:
    rec = person_rig(frames=40)
    new = resampled(rec, rec.rate_hz * 0.75)
    assert rec.rig is not None and new.rig is not None
    for child, parent in enumerate(rec.rig.parents):
        if parent >= 0:
            length_F = np.linalg.norm(new.xyz_FPD[:, child] - new.xyz_FPD[:, parent], axis=1)
            assert np.allclose(length_F, np.linalg.norm(rec.xyz_FPD[0, child] - rec.xyz_FPD[0, parent]), atol=1e-5)


def test_renaming_follows_into_spans_subjects_and_hierarchy() -> None:
    rec = replace(smooth_take(), spans=(Span("contact", 1, 4, ("P1",)),), subjects=(Subject("one", ("P0", "P1")),))
    new = rename(rec, {"P1": "LHEE"}).apply(rec)[0]
    assert new.points == ("P0", "LHEE", "P2", "P3")
    assert new.spans[0].points == ("LHEE",) and new.subjects[0].points == ("P0", "LHEE")
    assert not new.samples.differs(rec.samples).any()
    assert renamed(renamed(rec, {"P1": "x"}), {"x": "P1"}).points == rec.points
    rig = person_rig()
    assert renamed(rig, {"left_wrist": "hand"}).rig.names == tuple("hand" if n == "left_wrist" else n for n in rig.rig.names)  # type: ignore[union-attr]
    assert renamed(rig, {"left_hand": "x"}).points == tuple("x" if n == "left_hand" else n for n in rig.points)
    for names in ({"P1": "P0"}, {"P1": " "}, {"P9": "x"}, *({"P1": name} for name in (" x", "x ", "x\ny", "x\ty", "\x1b[2J", "\u202ex"))):
        with pytest.raises(DataError):
            renamed(rec, names)
    assert renamed(rec, {"P0": "P1", "P1": "P0"}).points == ("P1", "P0", "P2", "P3")


def test_merging_takes_the_sample_that_is_there_and_says_where_both_are() -> None:
    rec = replace(split_take(), spans=(Span("c", 0, 9, ("LKNE", "*12")),), subjects=(Subject("s", ("*12", "LKNE")),))
    conflict = conflict_of(rec, 0, 3)
    assert conflict.frames == 5 and conflict.most == pytest.approx(0.001, rel=1e-3)
    with pytest.raises(DataError, match="both there in 5 frames"):
        merge(rec, 0, 3)
    whole = smooth_take(points=3)
    one = merge(rec, 0, 3, "first").apply(rec)[0]
    assert one.points == ("LKNE", "P1", "P2") and (one.origin_FP == Origin.MEASURED).all()
    assert one.xyz_FPD.tobytes() == whole.xyz_FPD.tobytes()
    assert one.spans[0].points == ("LKNE",) and one.subjects[0].points == ("LKNE",)
    assert "of 5 frames with both, LKNE is kept" in one.log[-1]
    two = merged(rec, 0, 3, "second")
    assert two.xyz_FPD[65:70, 0].tobytes() == rec.xyz_FPD[65:70, 3].tobytes()
    with pytest.raises(DataError, match="itself"):
        merged(rec, 0, 0)
    with pytest.raises(DataError, match="hierarchy"):
        merged(person_rig(), 0, 1)


@given(
    st.lists(st.sampled_from(["trim", "slow", "fast", "rename", "merge", "swap names", "mark", "delete", "fill"]), max_size=7),
    st.integers(0, 20),
)
@example(["mark", "merge"], 10)
@example(["delete", "merge", "fill", "merge", "slow", "mark", "trim", "merge"], 7)
@example(["slow", "slow", "trim", "trim", "trim", "mark", "delete"], 10)
@settings(max_examples=40, deadline=None)
def test_the_original_in_the_shape_of_what_was_made_of_it_has_every_measured_sample(steps: list[str], start: int) -> None:
    original = split_take()
    rec = original
    for number, step in enumerate(steps):
        if step == "trim":
            rec = trimmed(rec, min(start, rec.frames // 4), max(rec.frames - 3, rec.frames // 2))
        elif step in ("slow", "fast"):
            rec = resampled(rec, rec.rate_hz * (2 / 3 if step == "slow" else 1.5))
        elif step == "rename":
            rec = renamed(rec, {rec.points[-1]: f"new{number}"})
        elif step == "swap names" and len(rec.points) > 1:
            rec = renamed(rec, {rec.points[0]: rec.points[1], rec.points[1]: rec.points[0]})
        elif step == "mark" and start < rec.frames - start:  # a take that was trimmed often may be shorter
            rec = mark(rec, region(rec, [0], start, rec.frames - start)).apply(rec)[0]
        elif step == "delete" and start + 10 < rec.frames:
            rec = delete(rec, region(rec, [len(rec.points) - 1], start + 10, rec.frames)).apply(rec)[0]
        elif step == "fill":
            rec = complete(rec, method="linear")
        elif step == "merge" and len(rec.points) > 1:
            rec = merged(rec, *((0, len(rec.points) - 1) if number % 2 else (1, 0)), "second" if start % 2 else "first")
    like = in_shape_of(original, rec)
    assert like is not None and like.xyz_FPD.shape == rec.xyz_FPD.shape and like.points == rec.points
    assert like.rate_hz == pytest.approx(rec.rate_hz) and like.source.first_frame == rec.source.first_frame
    measured_FP = rec.origin_FP == Origin.MEASURED
    assert (like.origin_FP[measured_FP] == Origin.MEASURED).all()
    assert like.xyz_FPD[measured_FP].tobytes() == rec.xyz_FPD[measured_FP].tobytes()


def test_another_take_has_no_shape_in_common() -> None:
    assert in_shape_of(smooth_take(), renamed(split_take(), {"P1": "P9"})) is None
    flat = make_recording(("P0",), 60.0, np.zeros((5, 1, 2)))
    assert in_shape_of(flat, smooth_take(points=1)) is None


def test_frames_late_in_a_long_take_are_not_taken_for_others() -> None:
    xyz_FPD = np.zeros((120_000, 1, 3))
    xyz_FPD[:, 0, 0] = np.arange(120_000) * 0.01
    slow = resampled(make_recording(("head",), 100.0, xyz_FPD), 110.0)
    measured_F = slow.origin_FP[:, 0] == Origin.MEASURED
    assert measured_F.sum() == 12_000
    assert np.abs(slow.xyz_FPD[measured_F, 0, 0] - np.flatnonzero(measured_F) / 110).max() < 1e-4


@pytest.mark.parametrize("conflicts", ["refuse", "first", "second"])
@pytest.mark.parametrize("points", [(0, 1), (1, 0)])
def test_what_was_measured_wins_over_a_fill(conflicts: Conflicts, points: tuple[int, int]) -> None:
    rec = make_recording(("A", "B"), 100.0, [[[9, 0, 0], [2, 0, 0]]])
    rec = replace(rec, origin_FP=np.array([[Origin.FILLED, Origin.MEASURED]], np.uint8))
    one = merged(rec, *points, conflicts)
    assert (one.xyz_FPD[0, 0, 0], one.origin_FP[0, 0]) == (2.0, Origin.MEASURED)
    assert conflict_of(rec, 0, 1).frames == 0


@pytest.mark.parametrize("rate_hz", [24.0, 29.97, 48.0])
def test_a_resampled_hierarchy_keeps_the_twist_of_its_bones(rate_hz: float) -> None:
    """Joints on one line show no twist: it has to come from the rotations of the frames around."""
    rec = with_twisted_forearm(person_rig(frames=60), 60)
    rig = rec.rig
    assert rig is not None
    new = resampled(rec, rate_hz)
    assert new.rig is not None
    found_FJ33 = forward_kinematics(current_rig(new, new.rig))[0]
    position_F = np.arange(new.frames) * rec.rate_hz / rate_hz
    true_FJ33 = forward_kinematics(rig)[0]
    for joint in range(len(rig.names)):
        true_F = Rotation.from_matrix(true_FJ33[:, joint])
        apart_F = (Slerp(np.arange(60), true_F)(position_F).inv() * Rotation.from_matrix(found_FJ33[:, joint])).magnitude()
        assert np.degrees(apart_F).max() < 2, rig.names[joint]


def test_what_is_filled_in_a_resampled_hierarchy_does_not_begin_from_the_rotations_that_were_wrong() -> None:
    new = resampled(person_rig(frames=60), 24.0)
    between_F = new.source.part.between_F(new.frames)
    assert between_F.any() and adjusted_FP(new)[between_F].all() and not adjusted_FP(new)[~between_F].any()
    refilled = new.with_samples(new.samples.having(sigma=np.where(new.origin_FP == Origin.FILLED, np.float32(0.01), new.sigma_FP)))
    assert not adjusted_FP(refilled).any()
