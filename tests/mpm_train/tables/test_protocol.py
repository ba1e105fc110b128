"""The published protocols on paired 2D and 3D that the test makes, by a network whose every answer is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from mpm_core.errors import DataError
from mpm_core.model.checkpoint import Model, load_model
from mpm_core.model.config import ModelConfig
from mpm_train.__main__ import main
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import Clip, Rows, View
from mpm_train.data.prepare import prepare
from mpm_train.tables.partial import published_2d, published_3d
from mpm_train.tables.protocol import middle_frames, protocol_tables
from tests.mpm_train.data.test_datasets import h36m_cameras, projected_by, write_3dhp, write_cameras, write_h36m
from tests.mpm_train.tables.makers import paths_in, silent

WH = (1000, 1000)
TURN = ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0), (-1.0, 0.0, 0.0))
FRAMES = 40


class Echo:
    """Answers with the middle frame's 2D as x and y, z = 0; keeps its inputs."""

    def __init__(self, frames: int = 9, rate_hz: float = 25.0, partial: bool = False) -> None:
        self.config = ModelConfig("lift", frames, rate_hz=rate_hz, partial=partial)
        self.inputs: list[torch.Tensor] = []
        self.masks: list[torch.Tensor | None] = []

    def lift(self, x_BFJ2: torch.Tensor, masked_BFJ: torch.Tensor | None = None) -> tuple[torch.Tensor, None]:
        self.inputs.append(x_BFJ2)
        self.masks.append(masked_BFJ)
        at = x_BFJ2[:, x_BFJ2.shape[1] // 2]
        return torch.cat([at, torch.zeros_like(at[..., :1])], dim=-1)[:, None], None


def echo(**settings: object) -> tuple[Model, Echo]:
    network = Echo(**settings)  # type: ignore[arg-type]
    return Model(network, {}, "echo"), network  # type: ignore[arg-type]


def corpus(folder: Path, off_m: dict[str, float], subject: str = "h36m-S9", **clip: object) -> tuple[Rows, Rows, list[Clip]]:
    """A clip for each action; in camera axes the truth is the 2D itself, but for the left wrist's depth, off by so many metres."""
    rng = np.random.default_rng(0)
    joints, pixels, clips = [], [], []
    for number, (action, off) in enumerate(off_m.items()):
        seen_FJ2 = rng.uniform(-0.4, 0.4, (FRAMES, 17, 2))
        axes_FJ3 = np.concatenate([seen_FJ2, np.zeros((FRAMES, 17, 1))], axis=2)
        axes_FJ3[:, 13, 2] += off
        joints.append(axes_FJ3 @ np.array(TURN) + [3.0, 2.0, 1.0])
        pixels.append((seen_FJ2 + [1, 1]) * WH[0] / 2)
        start, stop = number * FRAMES, (number + 1) * FRAMES
        view = View("54138969", "cpn", WH, start, stop, TURN, (0.0, 0.0, 0.0))
        clips.append(Clip(f"{subject}/{action}", subject, "test", 50.0, start, stop, "", action, (view,), **clip))  # type: ignore[arg-type]
    for name, rows in (("joints", joints), ("pixels", pixels)):
        np.save(folder / f"{name}.npy", np.concatenate(rows).astype(np.float32))
    return Rows([folder / "joints.npy"], (17, 3)), Rows([folder / "pixels.npy"], (17, 2)), clips


def test_actions_count_alike_and_their_takes_are_pooled(tmp_path: Path) -> None:
    given = corpus(tmp_path, {"Walking": 0.1, "Walking 1": 0.3, "Sitting": 0.5})
    table, joints = protocol_tables(echo()[0], *given, "test", 1, False)
    rows = {row[0]: row for row in table.rows}
    assert list(rows) == ["Sitting", "Walking", "mean of actions"]
    assert rows["Walking"][1] == pytest.approx(1000 * 0.2 / 17, rel=1e-4)
    assert rows["Sitting"][1] == pytest.approx(1000 * 0.5 / 17, rel=1e-4)
    assert rows["mean of actions"][1] == pytest.approx(1000 * 0.35 / 17, rel=1e-4), "not the mean over frames, 0.3"
    assert rows["Walking"][4] == pytest.approx(0, abs=1e-3), "always off by the same, so no velocity is wrong"
    wrist = dict(joints.rows)["left_wrist"]
    assert wrist == pytest.approx(300, rel=1e-4)
    assert table.name == "protocol_h36m_cpn"


def test_windows_are_as_published() -> None:
    """Every frame in the middle of its own window, every second frame of 50 Hz, the ends repeated."""
    model, network = echo(frames=9, rate_hz=25.0)
    xy_FJ2 = np.zeros((30, 17, 2))
    xy_FJ2[..., 0] = np.arange(30)[:, None]
    middle_frames(model, xy_FJ2, (2, 2), 50.0, np.array([0, 15, 29]))
    frames = np.rint(network.inputs[0][:, :, 0, 0].numpy() + 1).astype(int)
    assert frames.tolist() == [
        [0, 0, 0, 0, 0, 2, 4, 6, 8],
        [7, 9, 11, 13, 15, 17, 19, 21, 23],
        [21, 23, 25, 27, 29, 29, 29, 29, 29],
    ]


def test_keypoints_that_were_not_seen_are_bridged_or_told() -> None:
    xy_FJ2 = np.tile(np.linspace(100, 500, 30)[:, None, None], (1, 17, 2))
    holed_FJ2 = xy_FJ2.copy()
    holed_FJ2[10:14, 5] = np.nan
    model, network = echo(partial=True)
    found_NJ3 = middle_frames(model, holed_FJ2, WH, 25.0, np.arange(30))
    assert np.isfinite(found_NJ3).all()
    np.testing.assert_allclose(found_NJ3, middle_frames(echo()[0], xy_FJ2, WH, 25.0, np.arange(30)), atol=1e-3)
    assert network.masks[0] is not None
    assert network.masks[0][12, 4, 5], "frame 12 is the middle of window 12"
    assert not network.masks[0][20, 4, 5]


def test_only_scored_frames_count_and_holes_are_not_spanned(tmp_path: Path) -> None:
    joints, pixels, clips = corpus(tmp_path, {"": 0.0}, subject="3dhp-TS1", scored=((0, 10), (30, 40)))
    positions = np.array(joints)
    positions[10:30] += np.random.default_rng(1).normal(0, 5, (20, 17, 3)).astype(np.float32)  # what is not scored may be anything
    positions[30:40, 13] += np.float32(0.2) * np.array(TURN, np.float32)[2]  # 200 mm off, all along the second run
    np.save(tmp_path / "joints.npy", positions)
    (table, _) = protocol_tables(echo()[0], Rows([tmp_path / "joints.npy"], (17, 3)), pixels, clips, "test", 1, False)
    assert [row[0] for row in table.rows[-2:]] == ["mean of sequences", "mean of frames"]
    row = table.rows[-1]
    assert row[1:] == pytest.approx(table.rows[-2][1:]), "one sequence: both means are its own"
    figures = dict(zip(table.columns, row, strict=True))
    assert figures["MPJPE"] == pytest.approx(100 / 17, rel=1e-4)
    assert figures["MPJVE"] == pytest.approx(0, abs=1e-3), "no step from the first run to the second"
    assert figures["PCK %"] == pytest.approx(100 * (1 - 0.5 / 14), rel=1e-4)
    assert figures["AUC %"] == pytest.approx(100 * 30 / 31 * (1 - 0.5 / 14), rel=1e-3)


def test_of_3dhp_the_mean_of_frames_stands_beside_that_of_sequences(tmp_path: Path) -> None:
    """30 of 40 frames of the first sequence count and all 40 of the second: the second weighs more among frames, not among sequences."""
    joints, pixels, clips = corpus(tmp_path, {"": 0.1, " ": 0.5}, subject="3dhp-TS1")
    clips = [replace(clip, name=f"TS{number}", action="", scored=((0, 40 - 10 * (number == 0)),)) for number, clip in enumerate(clips)]
    table, _ = protocol_tables(echo()[0], joints, pixels, clips, "test", 1, False)
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert rows["mean of sequences"]["MPJPE"] == pytest.approx(1000 * 0.3 / 17, rel=1e-4)
    assert rows["mean of frames"]["MPJPE"] == pytest.approx(1000 * (30 * 0.1 + 40 * 0.5) / 70 / 17, rel=1e-4)
    assert rows["mean of sequences"]["PCK %"] == pytest.approx(100 * (1 - 0.5 / 14), rel=1e-4), "only 500 mm is too far"
    assert rows["mean of frames"]["PCK %"] == pytest.approx(100 * (1 - 40 / 70 / 14), rel=1e-4)
    walking, _ = protocol_tables(echo()[0], *corpus(tmp_path, {"Walking": 0.1}), "test", 1, False)
    assert [row[0] for row in walking.rows] == ["Walking", "mean of actions"], "Human3.6M has one mean"


def test_a_quick_look_says_that_it_is_one(tmp_path: Path) -> None:
    given = corpus(tmp_path, {"Walking": 0.1})
    table, _ = protocol_tables(echo()[0], *given, "test", 5, False)
    assert "not the protocol" in table.notes[0]


def test_what_cannot_be_scored_is_told(tmp_path: Path) -> None:
    joints, pixels, clips = corpus(tmp_path, {"Walking": 0.1})
    with pytest.raises(DataError, match="no validation clip has 2D"):
        protocol_tables(echo()[0], joints, pixels, clips, "validation", 1, False)
    unplaced = [replace(clip, views=(replace(clip.views[0], turn_33=None),)) for clip in clips]
    with pytest.raises(DataError, match="known camera"):
        protocol_tables(echo()[0], joints, pixels, unplaced, "test", 1, False)
    with pytest.raises(DataError, match="for lifting"):
        protocol_tables(silent("complete"), joints, pixels, clips, "test", 1, False)


def test_published_files_from_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tiny files of both data sets through prepare and the command; Human3.6M again by a plain loop over its own files."""
    truth = write_h36m(tmp_path / "in" / "h36m")
    write_3dhp(tmp_path / "in" / "3dhp")
    prepare([tmp_path / "in"], tmp_path / "out", PrepareConfig(h36m_cameras=write_cameras(tmp_path / "cameras.json")))
    model = paths_in(tmp_path, task="lift", rate_hz=25.0).model
    folder = tmp_path / "tables"
    command = ["evaluate", str(model), "--data", str(tmp_path / "out"), "--split", "test", "--table", "protocol", "--out", str(folder)]
    assert main(command) == 0
    assert "2D to 3D on h36m, 2D gt" in capsys.readouterr().out
    assert {path.stem for path in folder.glob("*.csv")} == {
        f"protocol_{name}{part}" for name in ("h36m_gt", "h36m_cpn_ft_h36m_dbb", "3dhp_as_published") for part in ("", "_joints")
    }
    rows = json.loads((folder / "protocol_3dhp_as_published.json").read_text())["rows"]
    assert [row["action"] for row in rows] == ["TS1", "TS5", "mean of sequences", "mean of frames"]
    (row, mean) = json.loads((folder / "protocol_h36m_gt.json").read_text())["rows"]
    assert (row["action"], mean["MPJPE"]) == ("Walking", row["MPJPE"])

    network, errors = load_model(model).network, []
    xyz_FJ3 = truth["S9/Walking 1"]
    for camera in h36m_cameras():
        xy_FJ2 = projected_by(camera, xyz_FJ3)
        width, height = camera["image_wh"]
        turned_FJ3 = (xyz_FJ3 - xyz_FJ3[:, :1]) @ Rotation.from_quat(np.roll(camera["orientation_wxyz"], -1)).as_matrix()
        for frame in range(len(xyz_FJ3)):
            window = [min(max(frame + 2 * (k - 13), 0), len(xyz_FJ3) - 1) for k in range(27)]
            seen_FJ2 = np.stack([2 * xy_FJ2[window][..., 0] / width - 1, 2 * xy_FJ2[window][..., 1] / width - height / width], axis=-1)
            with torch.inference_mode():
                found_J3 = network.lift(torch.from_numpy(seen_FJ2[None].astype(np.float32)))[0][0, 0].numpy()
            errors.append(np.linalg.norm(found_J3 - found_J3[:1] - turned_FJ3[frame], axis=1).mean())
    assert row["MPJPE"] == pytest.approx(1000 * np.mean(errors), rel=1e-4)


def test_occlusion_on_real_cameras(tmp_path: Path) -> None:
    """The echo is right but for the left wrist's depth, and what is hidden does not change its answer."""
    joints, pixels, clips = corpus(tmp_path, {"Walking": 0.1, "Sitting": 0.5})
    model, network = echo(partial=True)
    (table,) = published_2d(model, joints, pixels, clips, "test", 1, 1, False)
    rows = {row[0]: row for row in table.rows}
    assert rows["2 arms"][2] == pytest.approx(1000 * 0.3 / 17, rel=1e-4)
    assert rows["2 arms"][3] == pytest.approx(1000 * 0.3 / 6, rel=1e-4), "one of six hidden joints is wrong"
    assert rows["2 legs"][3] == pytest.approx(0, abs=0.01)
    assert rows["2 legs"][4] == 62.1
    masked = network.masks[-1]
    assert masked is not None
    assert masked[:, :, [1, 2, 3, 14, 15, 16]].all(), "the last row hides the right leg and arm, in all of every window"
    assert not masked[:, :, [0, 4, 5, 6]].any()
    with pytest.raises(DataError, match="no masked joints"):
        published_2d(echo()[0], joints, pixels, clips, "test", 1, 1, False)


def test_partial_3d_on_real_cameras(tmp_path: Path) -> None:
    """A network that answers zero is off by each joint's distance from the root, wherever the camera stands."""
    joints, _, clips = corpus(tmp_path, {"Walking": 0.1, "Sitting": 0.5})
    (table,) = published_3d(silent("complete", space="camera", rate_hz=50.0), joints, clips, "test", 1, 1)
    rows = {row[0]: row for row in table.rows}
    reach_FJ = 1000 * np.linalg.norm(np.array(joints) - np.array(joints)[:, :1], axis=2)
    assert rows["left arm"][3] == pytest.approx(reach_FJ[:, [11, 12, 13]].mean(), rel=1e-4), "every frame once, the last window cut"
    assert rows["left arm"][2] == pytest.approx(rows["left arm"][3] * 3 / 17, rel=1e-6)
    with pytest.raises(DataError, match="no 3D in camera axes"):
        published_3d(silent("complete"), joints, clips, "test", 1, 1)
