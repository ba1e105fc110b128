"""Completion end to end, with a small untrained network: whatever it predicts, what was measured stays and every promise holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import current_thread, main_thread
from time import monotonic, sleep

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.edit.mark import mark, region
from mpm_core.fill.auto import priors
from mpm_core.fill.auto.calibration import Factors
from mpm_core.fill.keep.bone_lengths import bone_lengths
from mpm_core.linalg.blas import in_one_thread
from mpm_core.model.checkpoint import Model
from mpm_core.model.config import ModelConfig
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.resources import resource
from tests.makers import coming_and_going, person_bvh, person_rig, smooth_take, with_gap


@pytest.fixture(scope="module")
def model() -> Model:
    torch.manual_seed(2)
    return Model(PaperNetwork(ModelConfig("complete", 27, channels=32, hidden=48, layers=1, heads=4)).eval(), {}, "test")


@pytest.fixture(scope="module")
def person() -> Recording:
    """The bundled sample's true joints, 60 Hz."""
    return mpm.read(resource("sample/walk_reach_sit_truth.npz"))


def hide(rec: Recording, joints: list[str], start: int, stop: int) -> Recording:
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[start:stop, [rec.index(name) for name in joints]] = np.nan
    return make_recording(rec.points, rec.rate_hz, xyz_FPD, skeleton=rec.skeleton)


def same_bits(a: Recording, b: Recording, where_FP: np.ndarray) -> bool:
    return bool(np.array_equal(a.xyz_FPD[where_FP].view(np.uint32), b.xyz_FPD[where_FP].view(np.uint32)))


@pytest.mark.parametrize("joints", [["left_wrist"], ["hip"], ["left_elbow", "left_wrist", "right_knee"], list(body17().names)])
@pytest.mark.parametrize(("start", "stop"), [(200, 203), (200, 260), (1, 40), (800, 839)])
def test_whatever_is_hidden_comes_back_and_the_rest_stays(
    model: Model, person: Recording, joints: list[str], start: int, stop: int
) -> None:
    holed = hide(person, joints, start, stop)
    filled = mpm.complete(holed, model=model, limits=None)
    assert not mpm.find_gaps(filled)
    assert same_bits(holed, filled, holed.visible_FP)
    assert (filled.origin_FP[~holed.visible_FP] == Origin.PREDICTED).all(), "this model has no gate, so its fills are taken as they are"
    assert filled.log[-1].startswith("Complete: ") and filled.log[-1].endswith(" samples are filled")


def test_filled_bones_keep_their_length(model: Model, person: Recording) -> None:
    holed = hide(person, ["left_elbow", "left_wrist", "right_knee"], 300, 360)
    bones = tuple(bone for bone in body17().bones if set(bone) & {2, 12, 13})
    lengths_FB = bone_lengths(mpm.complete(holed, model=model, limits=None).xyz_FPD.astype(float), bones)
    np.testing.assert_allclose(lengths_FB[300:360], np.broadcast_to(lengths_FB[299], (60, len(bones))), atol=3e-3)


def test_a_bvh_is_filled_on_its_own_bones_and_written_back(model: Model, tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(person_bvh(frames=120))
    rec = mpm.read(tmp_path / "a.bvh")
    arm = [rec.index(name) for name in ("LeftForeArm", "LeftHand", "LeftThumb", "LeftThumb_end", "LeftFinger", "LeftFinger_end")]
    marked, _ = mark(rec, region(rec, arm, 40, 80)).apply(rec)
    filled = mpm.complete(marked, model=model, limits=None)
    assert same_bits(rec, filled, marked.visible_FP)
    fore_F = np.linalg.norm(filled.xyz_FPD[:, arm[0]] - filled.xyz_FPD[:, arm[1]], axis=1)
    assert np.ptp(fore_F) < 1e-5
    mpm.write(filled, tmp_path / "b.bvh")
    again = mpm.read(tmp_path / "b.bvh")
    np.testing.assert_allclose(again.xyz_FPD, filled.xyz_FPD, atol=2e-5)


def test_finger_tips_and_toes_of_a_hierarchy_are_as_sure_as_what_carries_them() -> None:
    rec = mpm.read(resource("sample/walk_reach_sit.bvh"))
    arm, leg = (
        [rec.index(name) for name in rec.points if name.startswith(start)] for start in (("LeftForeArm", "LeftHand"), "RightToeBase")
    )
    leg += [rec.index("RightLeg"), rec.index("RightFoot")]
    marked = mark(rec, region(rec, arm, 99, 160) | region(rec, leg, 219, 280)).apply(rec)[0]
    filled = mpm.complete(marked)
    for name, start, stop, carrier in (("LeftHand_end", 99, 160, "LeftHand"), ("RightToeBase_end", 219, 280, "RightFoot")):
        point, joint = rec.index(name), rec.index(carrier)
        error_F = np.linalg.norm(filled.xyz_FPD[start:stop, point] - rec.xyz_FPD[start:stop, point], axis=1)
        assert error_F.mean() < 0.08, "85 and 125 mm by curves"
        sigma_F = filled.sigma_FP[start:stop, point]
        assert (sigma_F >= 0.999 * filled.sigma_FP[start:stop, joint]).all() and sigma_F.mean() < 0.1, "443 and 811 mm by curves"


def test_markers_come_back_through_neighbours_and_segments() -> None:
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    filled = mpm.complete(rec)
    assert same_bits(rec, filled, rec.visible_FP)
    assert not mpm.find_gaps(filled)
    truth = mpm.read(resource("sample/walk_reach_sit_markers_truth.npz"))
    off_FP = np.linalg.norm(filled.xyz_FPD - truth.xyz_FPD, axis=2)
    assert off_FP[~rec.visible_FP].mean() < 0.005


def test_on_markers_the_network_is_asked_only_where_the_classical_fills_are_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    monkeypatch.setattr("mpm_core.model.network_fill.predict_points", lambda *_arguments: pytest.fail("the network was asked"))
    assert set(complete_patch(rec).patch.origin_N.tolist()) == {Origin.FILLED}


def test_where_most_markers_come_and_go_the_network_is_nearer(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = mpm.read(resource("sample/walk_reach_sit_markers_truth.npz"))
    rec = coming_and_going(truth)

    def error_m() -> float:
        filled = mpm.complete(rec, limits=None)
        return float(np.linalg.norm(filled.xyz_FPD - truth.xyz_FPD[: rec.frames], axis=2)[~rec.visible_FP].mean())

    with_network = error_m()
    monkeypatch.setattr("mpm_core.best_fill.UNSURE_M", np.inf)
    assert with_network < 0.9 * error_m()


def test_only_what_was_asked_for_is_filled(model: Model, person: Recording) -> None:
    holed = hide(person, ["left_wrist", "right_wrist"], 300, 330)
    where_FP = region(holed, [holed.index("left_wrist")], 300, 315)
    patch = complete_patch(holed, CompleteOptions(where_FP=where_FP, model=model, limits=None)).patch
    assert set(patch.points_N.tolist()) == {holed.index("left_wrist")}
    assert set(patch.frames_N.tolist()) == set(range(300, 315))
    assert (patch.origin_N == Origin.PREDICTED).all(), "a joint that is neither visible nor wanted does not take the network's fill away"
    assert len(complete_patch(person).patch) == 0, "nothing missing, nothing done, no model needed"


def test_without_a_body_the_classical_fills_serve_and_say_so(model: Model) -> None:
    holed = with_gap(smooth_take(), 1, 30, 60)
    patch = complete_patch(holed, CompleteOptions(model=model, limits=None)).patch
    assert "without the model" in patch.label
    assert (patch.origin_N == Origin.FILLED).all()
    with pytest.raises(mpm.MappingError):
        complete_patch(holed, CompleteOptions(method="model", model=model))


def test_sigma_of_a_classical_mixture_is_as_other_takes_have_it(model: Model, person: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    for take, expected in ((hide(person, ["left_wrist"], 300, 306), 3), (with_gap(smooth_take(), 1, 30, 60), 1)):  # markers: trials alone
        patches = []
        for factor in (1.0, 3.0):
            monkeypatch.setattr(priors, "mixture", partial(Factors, (1.0,), (factor,)))
            patches.append(complete_patch(take, CompleteOptions(model=model, limits=None)).patch)
        was, now = patches
        np.testing.assert_array_equal(now.xyz_ND, was.xyz_ND)
        np.testing.assert_allclose(now.sigma_N, expected * was.sigma_N, rtol=1e-5)


def test_classical_fills_leave_what_they_cannot_reach(person: Recording) -> None:
    holed = hide(person, ["left_wrist"], 0, 40)
    assert len(complete_patch(holed, CompleteOptions(method="linear")).patch) == 0
    assert len(complete_patch(holed, CompleteOptions(method="hermite")).patch) == 40


def test_nobody_is_invented_before_the_person_comes_in(model: Model, person: Recording) -> None:
    holed = hide(person, list(person.points), 0, 50)
    assert len(complete_patch(holed, CompleteOptions(model=model, limits=None)).patch) == 0
    marked, _ = mark(person, region(person, list(range(17)), 0, 50)).apply(person)
    assert len(complete_patch(marked, CompleteOptions(model=model, limits=None)).patch) == 50 * 17, "what the user marked is wanted back"


def test_wrong_requests_are_told(model: Model, person: Recording) -> None:
    holed = hide(person, ["left_wrist"], 300, 330)
    with pytest.raises(mpm.DataError, match="no method called"):
        complete_patch(holed, CompleteOptions(method="magic"))
    flat = make_recording(("a", "b"), 30, np.stack([np.ones((2, 2)), np.full((2, 2), np.nan), np.ones((2, 2))]))
    with pytest.raises(mpm.DataError, match="lifted, not completed"):
        complete_patch(flat, CompleteOptions(method="model", model=model))
    with pytest.raises(mpm.Cancelled):
        complete_patch(holed, CompleteOptions(method="model", model=model), cancel=lambda: True)


def test_what_happens_to_the_network_meanwhile_comes_out_of_auto(model: Model, person: Recording, tmp_path: Path) -> None:
    """It works beside the classical fills, in a thread of its own."""
    holed = hide(person, ["left_wrist"], 300, 360)
    with pytest.raises(mpm.Cancelled):
        complete_patch(holed, CompleteOptions(model=model), cancel=lambda: current_thread() is not main_thread())
    with pytest.raises(mpm.ModelError):
        complete_patch(holed, CompleteOptions(model=tmp_path / "nowhere.safetensors"))


def test_the_network_is_not_waited_for_when_auto_is_interrupted(model: Model, person: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def slow(rec: Recording, wanted_FP: object, bmap: object, network: Model, progress: object, cancel: Callable[[], bool]) -> None:
        until = monotonic() + 20
        while not cancel() and monotonic() < until:
            sleep(0.01)
        seen.append(cancel())

    def interrupted(share: float, text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mpm_core.model.network_fill.predict_points", slow)
    with pytest.raises(KeyboardInterrupt):
        complete_patch(hide(person, ["left_wrist"], 300, 360), CompleteOptions(model=model), progress=interrupted)
    assert seen == [True]


def test_products_round_alike_on_any_number_of_processors() -> None:
    def threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    with threadpool_limits(limits=2, user_api="blas"):
        assert threads() == {2}
        assert in_one_thread(threads)() == {1}


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", [["right_elbow", "right_wrist"], ["left_knee", "left_ankle"], ["left_knee", "left_ankle", "right_knee", "right_ankle"]]
)
def test_the_model_that_ships_beats_linear_on_a_long_gap(person: Recording, part: list[str]) -> None:
    errors = {"auto": 0.0, "linear": 0.0}
    for start in (120, 180, 240, 300):
        holed = hide(person, part, start, start + 60)
        for method in errors:
            filled = mpm.complete(holed, method=method, limits=None)
            errors[method] += float(np.linalg.norm(filled.xyz_FPD - person.xyz_FPD, axis=2)[~holed.visible_FP].mean())
    assert errors["auto"] < 0.8 * errors["linear"], errors


def test_a_fill_that_finds_nothing_leaves_the_gaps_of_a_rig_too() -> None:
    """Their joints would be placed by the rig alone, and the method be named for it."""
    rec = person_rig(frames=120)
    marked = mark(rec, region(rec, [rec.index("left_wrist")], 40, 60), followers=False).apply(rec)[0]
    completion = complete_patch(marked, CompleteOptions(method="coast"))
    assert len(completion.patch) == 0
    assert [left.why for left in completion.left] == ["coast is for gaps at an end of the take; this one has samples on both sides"]
    assert len(complete_patch(marked, CompleteOptions(method="hermite")).patch) == 20
