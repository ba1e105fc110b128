"""Points that a model computed: found by the file's own list, by names, and by right angles; neither filled nor followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.computed_points import BY_MODEL, NO_LABEL, computed, left_alone, with_computed, without_computed
from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.edit.mark import mark, region
from mpm_core.edit.names import renamed
from mpm_core.errors import DataError
from mpm_core.io.registry import read, write
from mpm_core.recording import Origin, Recording
from mpm_core.suspect.find import find_suspects
from mpm_studio.operations.gap_rows import gap_rows
from tests.makers import rigid_take

JOINTS = ("LHJC", "Ann:RightKneeCenter", "CentreOfMassFloor")


def model_take(gap: bool = False) -> Recording:
    """Markers of two rigid bodies, axes of a segment on the first (LFEO ...), markers called alike (HATO ...), joint centres."""
    rec = rigid_take(bodies=2, frames=120, noise_m=0.0)
    xyz_FP3 = rec.xyz_FPD.astype(np.float64)
    x_F3 = xyz_FP3[:, 1] - xyz_FP3[:, 0]
    y_F3 = np.cross(x_F3, xyz_FP3[:, 2] - xyz_FP3[:, 0])
    axes_F33 = np.stack([x_F3, y_F3, np.cross(x_F3, y_F3)], axis=1)
    axes_F33 *= 0.3 / np.linalg.norm(axes_F33, axis=2, keepdims=True)
    origin_F13 = xyz_FP3[:, :1]
    more = [origin_F13, origin_F13 + axes_F33, xyz_FP3[:, :4] + 0.05, xyz_FP3[:, 2:5] + 0.02]
    names = ("LFEO", "LFEA", "LFEL", "LFEP", "HATO", "HATA", "HATL", "HATP", *JOINTS)
    xyz_FP3 = np.concatenate([xyz_FP3, *more], axis=1)
    if gap:
        xyz_FP3[40:60, [1, rec.points.index("A0"), len(rec.points) + 1]] = np.nan
    return mpm.make_recording((*rec.points, *names), rec.rate_hz, xyz_FP3)


def test_axes_at_right_angles_and_joint_centres_are_computed_and_markers_called_alike_are_not() -> None:
    rec = with_computed(model_take())
    assert rec.source.computed == ("LFEO", "LFEA", "LFEL", "LFEP", *JOINTS)
    assert "LFEO, LFEA, LFEL, ...; 7 in all" in rec.source.notes[-1]
    assert [rec.points[p] for p in np.flatnonzero(computed(rec))] == [*rec.source.computed]
    other = renamed(rec, {"LHJC": "mine", "A0": "b"})
    assert [other.points[p] for p in np.flatnonzero(computed(other))][4] == "mine"


def test_a_file_of_joints_alone_has_no_computed_points() -> None:
    joints = mpm.make_recording(("LHJC", "RHJC", "LKJC", "RKJC", "HEAD", "C7"), 100.0, np.random.default_rng(0).normal(size=(5, 6, 3)))
    assert with_computed(joints) is joints
    listed = with_computed(replace(joints, source=replace(joints.source, computed=("LHJC", "RHJC"))))
    assert not computed(listed).any()


KINECT = (
    "HipCenter Spine ShoulderCenter Head ShoulderLeft ElbowLeft WristLeft HandLeft ShoulderRight ElbowRight WristRight HandRight "
    "HipLeft KneeLeft AnkleLeft FootLeft HipRight KneeRight AnkleRight FootRight"
)
LIMBS = "LHJC RHJC LKJC RKJC LAJC RAJC LSJC RSJC LEJC REJC LWJC RWJC "
MARKERS = "LASI RASI LPSI RPSI LTHI LKNE LTIB LANK LHEE LTOE RTHI RKNE RTIB RANK RHEE RTOE "


@pytest.mark.parametrize(
    ("labels", "count"),
    [
        (KINECT, 0),
        (LIMBS + "Head Neck Pelvis Thorax LToe RToe", 0),
        (LIMBS + "M1 M2 M3 M4 M5 M6 M7 M8", 0),  # fewer others than joints
        (LIMBS + MARKERS, 12),  # a known set
        ("LHJC RHJC " + "M1 M2 M3 M4 M5 M6", 2),
        ("LHJC RHJC HEAD " + MARKERS, 2),
        ("HipCenter ShoulderCenter M1 M2 M3 M4 M5 M6 M7", 0),  # of no side
    ],
)
def test_names_count_where_the_other_points_are_markers(labels: str, count: int) -> None:
    points = tuple(labels.split())
    rec = with_computed(mpm.make_recording(points, 100.0, np.random.default_rng(0).normal(size=(5, len(points), 3))))
    assert rec.source.computed == points[:count]


def test_computed_points_are_neither_filled_nor_followed() -> None:
    rec = with_computed(model_take(gap=True))
    completion = complete_patch(rec, CompleteOptions())
    assert not computed(rec)[completion.patch.points_N].any()
    without = rec.with_samples(rec.samples.cleared(np.broadcast_to(computed(rec), rec.origin_FP.shape)))
    assert np.array_equal(complete_patch(without, CompleteOptions()).patch.xyz_ND, completion.patch.xyz_ND)
    assert np.array_equal(without.xyz_FPD, without_computed(rec).xyz_FPD, equal_nan=True)
    ignored = complete_patch(replace(rec, source=replace(rec.source, computed=())), CompleteOptions())
    assert computed(rec)[ignored.patch.points_N].any()  # without the names, the gap would have been filled


def test_what_is_marked_of_a_computed_point_is_left_and_the_gap_table_says_why() -> None:
    rec = with_computed(model_take(gap=True))
    point = rec.index("LFEP")
    rec = mark(rec, region(rec, [point], 10, 20)).apply(rec)[0]
    completion = complete_patch(rec, CompleteOptions())
    completion = replace(completion, left=tuple(left for left in completion.left if left.gap.point == point))
    assert point not in completion.patch.points_N
    assert [(left.gap.point, left.gap.start, left.why) for left in completion.left] == [(point, 10, BY_MODEL)]
    whys = {(rec.points[row.point], row.state): row.why for row in gap_rows(rec, None, ())}
    assert whys[("LFEP", "left")] == BY_MODEL and whys[("A0", "open")] == ""
    with pytest.raises(DataError, match="no point"):
        complete_patch(rec, CompleteOptions("rigid", donors=("LFEX",)))


def test_a_trajectory_without_a_label_has_a_reason_in_the_gap_table() -> None:
    rec = rigid_take(bodies=2, frames=50)
    points = ("*1", *rec.points[1:])
    xyz_FP3 = rec.xyz_FPD.copy()
    xyz_FP3[10:20, :2] = np.nan
    rec = mpm.make_recording(points, rec.rate_hz, xyz_FP3)
    assert left_alone(rec) == {0: NO_LABEL}
    assert [(row.point, row.state, row.why) for row in gap_rows(rec, None, ())] == [(0, "left alone", NO_LABEL), (1, "open", "")]


def test_computed_points_are_not_suspect() -> None:
    rec = model_take()
    xyz_FP3 = rec.xyz_FPD.copy()
    xyz_FP3[60, [rec.index("LFEO"), rec.index("B2")]] += 0.1
    bad = with_computed(mpm.make_recording(rec.points, rec.rate_hz, xyz_FP3, source=replace(rec.source, computed=("LFEO",))))
    assert [rec.points[point] for each in find_suspects(bad, ["spike"]) for point in each.points] == ["B2"]


def test_the_file_s_own_list_is_read_and_kept_in_projects(tmp_path: Path) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    rec = rigid_take(bodies=3, frames=30)
    c3d = ezc3d.c3d()
    c3d["parameters"]["POINT"]["RATE"]["value"] = [rec.rate_hz]
    c3d["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    c3d["parameters"]["POINT"]["LABELS"]["value"] = rec.points
    c3d["data"]["points"] = np.concatenate([1000 * rec.xyz_FPD.transpose(2, 1, 0), np.ones((1, len(rec.points), 30))]).astype(np.float64)
    c3d.add_parameter("POINT", "MODELED_MARKERS", [rec.points[2], "NOT_THERE"])
    c3d.write(str(tmp_path / "take.c3d"))
    taken = read(tmp_path / "take.c3d")
    assert taken.source.computed == (rec.points[2],) and (taken.origin_FP == Origin.MEASURED).all()
    write(renamed(taken, {rec.points[2]: "mine"}), tmp_path / "take.mpm")
    again = read(tmp_path / "take.mpm")
    assert again.source.notes == taken.source.notes and [again.points[p] for p in np.flatnonzero(computed(again))] == ["mine"]


def test_a_computed_point_is_filled_where_the_user_names_it() -> None:
    rec = with_computed(model_take(gap=True))
    point = len(rec.points) - len(JOINTS)
    rec = rec.with_samples(rec.samples.cleared(region(rec, [point], 40, 60)))
    assert point in left_alone(rec) and point not in left_alone(rec, [rec.points[point]])
    named = complete_patch(rec, CompleteOptions("linear", overrides={"left_hip": rec.points[point]}))
    assert named.patch.frames_N[named.patch.points_N == point].tolist() == list(range(40, 60))
    asked = complete_patch(rec, CompleteOptions("linear", where_FP=region(rec, [point], 40, 60)))
    assert set(asked.patch.points_N) == {point} and len(asked.patch) == 20
