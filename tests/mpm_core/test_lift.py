"""Lifting a take: what is known of its frames and of whom it shows goes along, and comes back with undo."""

from __future__ import annotations

import json

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.edit.document import Document
from mpm_core.edit.patch import Replace
from mpm_core.errors import DataError
from mpm_core.lift import fit_poses, lift_take, predict_poses
from mpm_core.model import lift_rays
from mpm_core.resources import resource
from mpm_core.spans import Span
from mpm_core.subjects import Subject
from mpm_core.world_fit.camera import pitch_deg, roll_deg
from mpm_core.world_fit.notes import jump_notes
from mpm_core.world_fit.options import LiftOptions
from tests.makers import standing
from tests.mpm_core.world_fit.walker import walker


def test_spans_and_the_subject_go_along_and_come_back() -> None:
    person = standing(40)
    xy_FP2 = 500 + 300 * np.stack([person.xyz_FPD[:, :, 0], -person.xyz_FPD[:, :, 2]], axis=-1)
    names = tuple("nose" if name == "head_top" else name for name in person.points)
    spans = (Span("standing", 0, 40), Span("look", 5, 9, ("nose",)), Span("contact", 3, 20, ("left_ankle",)))
    rec = mpm.make_recording(names, 30.0, xy_FP2, spans=spans, subjects=(Subject("Ada", names),))
    lifted = mpm.lift(rec, LiftOptions(size=(1000, 1000)))
    assert lifted.spans[:3] == (spans[0], Span("look (nose)", 5, 9), spans[2])
    assert {(span.name, span.source) for span in lifted.spans[3:]} <= {("contact", "model")}
    assert lifted.subjects == (Subject("Ada", body17().names),)
    document = Document(rec)
    document.do(Replace("Lift to 3D", rec, lifted))
    document.undo()
    assert (document.recording.spans, document.recording.subjects) == (rec.spans, rec.subjects)


@pytest.fixture(scope="module")
def keypoints() -> mpm.Recording:
    return mpm.read(resource("sample/walk_reach_sit_openpose"))


def test_the_sample_stands_on_the_floor_with_feet_that_rest(keypoints: mpm.Recording) -> None:
    """OpenPose's files, their camera unknown but for the picture's size, against the truth they were made from."""
    camera = json.loads(resource("sample/walk_reach_sit_camera.json").read_text(encoding="utf-8"))
    lifted = lift_take(keypoints, LiftOptions(fps=camera["rate_hz"], size=tuple(camera["image_wh"])))
    rec, turn_33 = lifted.recording, np.array(camera["world_to_camera"])
    assert np.degrees(np.arccos(lifted.camera.turn_33[:, 2] @ turn_33[:, 2])) < 6
    ankles_FA3 = rec.xyz_FPD[:, [rec.index("left_ankle"), rec.index("right_ankle")]].astype(np.float64)
    contacts = [span for span in rec.spans if span.name == "contact"]
    assert contacts
    for span in contacts:
        at_F3 = ankles_FA3[span.start : span.stop, ("left_ankle", "right_ankle").index(span.points[0])]
        assert np.ptp(at_F3, axis=0).max() < 0.02, "a resting foot stays"
        assert at_F3[:, 2].mean() < 0.2, "on the floor"
    assert rec.xyz_FPD[..., 2].min() > -0.05
    assert rec.points[17:] == ("left_toe", "left_heel", "right_toe", "right_heel")
    assert rec.skeleton is not None
    length_FB = [np.linalg.norm(rec.xyz_FPD[:, b] - rec.xyz_FPD[:, a], axis=1) for a, b in rec.skeleton.bones]
    assert max(float(length_F.std()) for length_F in length_FB) < 1e-4
    assert lifted.raw.points == body17().names
    assert any("floor found" in note for note in rec.source.notes)


def test_a_turned_picture_is_lifted_as_an_upright_one(keypoints: mpm.Recording) -> None:
    size = (1920, 1080)
    turned_FP2 = np.stack([size[1] - keypoints.xyz_FPD[..., 1], keypoints.xyz_FPD[..., 0]], axis=-1)
    turned = mpm.make_recording(keypoints.points, 30.0, turned_FP2)
    upright = lift_take(keypoints, LiftOptions(fps=30.0, size=size)).recording
    found = lift_take(turned, LiftOptions(size=(1080, 1920))).recording
    assert any("turned clockwise by a quarter" in note for note in found.source.notes)
    height_FP = [rec.xyz_FPD[..., 2] - rec.xyz_FPD[:, :1, 2] for rec in (upright, found)]
    assert np.abs(height_FP[0] - height_FP[1]).mean() < 0.03


def test_what_is_told_is_used_and_nonsense_refused(keypoints: mpm.Recording) -> None:
    lifted = lift_take(keypoints, LiftOptions(size=(1920, 1080), focal=1.15, pitch=5, turn=0, height_m=1.8))
    notes = " ".join(lifted.recording.source.notes)
    assert "1.15 of the image's longer side (as given)" in notes
    assert "height 1.80 m as given" in notes
    small = lift_take(keypoints, LiftOptions(size=(640, 480), pitch=5, turn=0)).recording
    assert "is it right?" in small.source.notes[0]
    for wrong in (LiftOptions(focal=0.01), LiftOptions(pitch=100), LiftOptions(turn=45), LiftOptions(turn=0, roll=3)):
        with pytest.raises(DataError):
            lift_take(keypoints, wrong)


def test_frames_that_show_nobody_stay_missing_unless_they_are_asked_for(keypoints: mpm.Recording) -> None:
    xy_FP2 = keypoints.xyz_FPD.copy()
    xy_FP2[100:130] = np.nan
    xy_FP2[200] = np.nan
    absent = mpm.make_recording(keypoints.points, 30.0, xy_FP2)
    lifted = lift_take(absent, LiftOptions(size=(1920, 1080)))
    for rec in (lifted.recording, lifted.raw):
        missing_FP = rec.origin_FP == mpm.Origin.MISSING
        assert missing_FP.all(axis=1).nonzero()[0].tolist() == [*range(100, 130), 200]
        assert not missing_FP[:100].any()
    assert "nobody is seen in 31 frames (101-130, 201): left missing" in lifted.recording.source.notes
    asked = lift_take(absent, LiftOptions(size=(1920, 1080), fill_absent=True)).recording
    assert (asked.origin_FP == mpm.Origin.PREDICTED).all()
    np.testing.assert_array_equal(asked.xyz_FPD[:90], lifted.recording.xyz_FPD[:90])


def test_legs_that_are_never_seen_are_named_and_less_certain(keypoints: mpm.Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of somebody who sits in front of a webcam."""
    legs = [point for point in keypoints.points if point.endswith(("Knee", "Ankle", "Toe", "Heel"))]
    xy_FP2 = keypoints.xyz_FPD[:60].copy()
    xy_FP2[:, [keypoints.index(point) for point in legs]] = np.nan
    rec = mpm.make_recording(keypoints.points, 30.0, xy_FP2)
    lifted = lift_take(rec, LiftOptions(size=(1920, 1080))).raw
    joints = "left knee, right knee, left ankle, right ankle"
    note = f"seen in less than half of the frames, else predicted from the rest of the body: {joints}; if the person sits, say --seated"
    assert note in lift_take(rec, LiftOptions(size=(1920, 1080))).recording.source.notes
    assert not any("else predicted" in line for line in lift_take(keypoints, LiftOptions()).recording.source.notes)
    monkeypatch.setattr(lift_rays, "UNSEEN_LEG", 1.0)
    before = lift_take(rec, LiftOptions(size=(1920, 1080))).raw
    wider_P = (lifted.sigma_FP / before.sigma_FP).mean(axis=0)
    unseen_P = [name.endswith(("knee", "ankle")) for name in lifted.points]
    np.testing.assert_allclose(wider_P, np.where(unseen_P, 1.25, 1.0), rtol=1e-3)


def test_keypoints_that_jump_to_somebody_else_are_said_and_those_of_who_runs_are_not(keypoints: mpm.Recording) -> None:
    options = LiftOptions(size=(1920, 1080))
    assert lift_take(keypoints, options).doubts == ()
    xy_FP2 = keypoints.xyz_FPD.copy()
    xy_FP2[200:, :, 0] -= 400  # 1.5 m, within 1/30 s
    changed = lift_take(mpm.make_recording(keypoints.points, 30.0, xy_FP2), options)
    note = "the keypoints jump in frames 200-201: are they of one person, in one shot? A lift takes them so"
    assert changed.doubts == (note,)
    assert note in changed.recording.source.notes


def test_noise_of_a_fast_camera_is_no_jump_and_a_jump_is_found_there_too() -> None:
    """As of somebody 8 m away in a picture of 640x480 at 240 Hz: 115 pixels tall, with an error of 2 pixels."""
    w, rate_hz = walker(), 240.0
    slow_FJ2 = 544 * w.ray_FJ2 * 5 / 8
    frame_F, slow_F = np.arange(8 * 399) / 8, np.arange(400)
    xy_FJ2 = np.stack([[np.interp(frame_F, slow_F, slow_FJ2[:, j, axis]) for axis in (0, 1)] for j in range(17)], axis=0).transpose(2, 0, 1)
    xy_FJ2 += np.random.default_rng(0).normal(0, 2, xy_FJ2.shape)
    pose_FJ3 = np.repeat(w.pose_FJ3, 8, axis=0)[: len(xy_FJ2)]
    assert jump_notes(xy_FJ2, pose_FJ3, rate_hz, 1) == ()
    xy_FJ2[500:, :, 0] += 100
    (note,) = jump_notes(xy_FJ2, pose_FJ3, rate_hz, 1)
    assert "in frames 500-501:" in note


def test_the_camera_projects_the_lift_onto_its_keypoints(keypoints: mpm.Recording) -> None:
    lifted = lift_take(keypoints, LiftOptions(size=(1920, 1080)))
    camera = lifted.recording.source.camera
    assert camera is not None
    assert camera.image_wh == (1920, 1080)
    wrist_F2 = camera.project(lifted.recording.xyz_FPD)[:, lifted.recording.index("left_wrist")]
    off_F = np.linalg.norm(wrist_F2 - keypoints.xyz_FPD[:, keypoints.index("LWrist")], axis=1)
    assert np.nanmedian(off_F) < 10, "pixels, of 1920"
    behind_3 = camera.place_3 - camera.turn_33.T @ [0, 0, 1]
    assert np.isnan(camera.project(behind_3[None])).all()


def test_poses_fitted_for_another_camera_are_nearly_those_lifted_for_it(keypoints: mpm.Recording) -> None:
    found = predict_poses(keypoints, LiftOptions(size=(1920, 1080)))
    told = LiftOptions(size=(1920, 1080), pitch=10, roll=2, focal=1.0)
    quick, whole = fit_poses(found, told), lift_take(keypoints, told)
    for lifted in (quick, whole):
        assert lifted.camera.focal_px == 1920
        assert np.degrees(np.arcsin(-lifted.camera.turn_33[2, 2])) == pytest.approx(10, abs=1.5)
        assert "(as given)" in lifted.recording.source.notes[1]
    between_FP = np.linalg.norm(quick.recording.xyz_FPD - whole.recording.xyz_FPD, axis=2)
    assert 0 < np.median(between_FP) < 0.1


@pytest.mark.parametrize("told", [{"roll": 5.0}, {"pitch": 12.0}, {"pitch": 12.0, "roll": 5.0}])
def test_a_pitch_and_a_roll_stay_as_told_and_the_other_is_found(keypoints: mpm.Recording, told: dict[str, float]) -> None:
    """True are a pitch of 5 and a roll of 0; the floor and balance say so, and the user comes first."""
    up_3 = lift_take(keypoints, LiftOptions(fps=30.0, size=(1920, 1080), **told)).camera.turn_33[:, 2]
    found = {"pitch": pitch_deg(up_3), "roll": roll_deg(up_3)}
    for angle, degrees in {"pitch": 5.0, "roll": 0.0}.items():
        assert found[angle] == pytest.approx(told.get(angle, degrees), abs=0.5 if angle in told else 6)


def test_a_size_that_the_keypoints_do_not_fit_is_said(keypoints: mpm.Recording) -> None:
    large = lift_take(keypoints, LiftOptions(size=(3840, 2160))).recording
    assert "upper left" in large.source.notes[0]
