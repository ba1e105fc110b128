"""The demo and the commands that need a network, with small untrained ones: what is written and measured, not how good it is."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copy

import numpy as np
import pytest
import torch

import mpm_core as mpm
from mpm_core.body.names import keypoint_set
from mpm_core.model.checkpoint import load_model, save_model
from mpm_core.model.config import ModelConfig
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.resources import resource
from mpm_core.world_fit.bones import body_height
from mpm_studio.__main__ import main
from tests.makers import person_2d

SAMPLE = resource("sample")
NAME = "walk_reach_sit"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with complete.safetensors and lift.safetensors that know nothing."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    for task in ("complete", "lift"):
        config = ModelConfig(task=task, frames=9, channels=16, hidden=16, layers=1, heads=2)
        save_model(PaperNetwork(config), {"data": f"nothing ({task})"}, folder / f"{task}.safetensors")
    return folder


def test_clean_tells_which_model_filled(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out, report_path = SAMPLE / f"{NAME}.bvh", tmp_path / "out.bvh", tmp_path / "report.json"
    words = ["clean", str(source), "-o", str(out), "--mark", "left_arm:100-160", "--report", str(report_path)]
    assert main([*words, "--model", str(models / "complete.safetensors"), "--device", "cpu"]) == 0
    report = json.loads(report_path.read_text())
    before, after = mpm.read(source), mpm.read(out)
    filled_FP = np.zeros(before.origin_FP.shape, bool)
    filled_FP[99:160, [before.index(name) for name in ("LeftForeArm", "LeftHand", "LeftHand_end")]] = True
    assert report["filled"]["samples"] == filled_FP.sum() and report["filled"]["by"]["model"]["samples"] > 0
    assert report["model"]["name"] == "complete.safetensors" and report["model"]["card"]["data"] == "nothing (complete)"
    assert report["measured"]["exported"]["channels_changed_elsewhere"] == 0 and report["remaining"] == []
    assert before.xyz_FPD[~filled_FP].tobytes() == after.xyz_FPD[~filled_FP].tobytes()
    assert "model" in capsys.readouterr().out


def test_lift_writes_the_joints_at_the_rate_and_height_given(models: Path, tmp_path: Path) -> None:
    out, folder = tmp_path / "out.npz", tmp_path / "keypoints"
    folder.mkdir()
    for path in sorted((SAMPLE / f"{NAME}_openpose").iterdir())[:60]:
        copy(path, folder)
    words = ["lift", str(folder), "-o", str(out), "--fps", "30", "--size", "1920x1080", "--height", "1.6"]
    assert main([*words, "--model", str(models / "lift.safetensors"), "--device", "cpu"]) == 0
    lifted = mpm.read(out)
    assert (lifted.frames, len(lifted.points), lifted.rate_hz, lifted.dims) == (60, 21, 30.0, 3)
    assert (lifted.origin_FP == mpm.Origin.PREDICTED).all()
    assert body_height(lifted.xyz_FPD.astype(np.float64)) == pytest.approx(1.6, rel=1e-4)


def test_frames_without_anybody_are_filled_when_asked_and_a_bvh_needs_it(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "keypoints"
    folder.mkdir()
    for place, path in enumerate(sorted((SAMPLE / f"{NAME}_openpose").iterdir())[:30]):
        copy(path, folder)
        if 10 <= place < 14:
            (folder / path.name).write_text('{"people": []}')
    words = ["lift", str(folder), "--size", "1920x1080", "--model", str(models / "lift.safetensors"), "--device", "cpu"]
    assert main([*words, "-o", str(tmp_path / "out.bvh")]) == 1
    assert "--fill-absent" in capsys.readouterr().err
    assert not (tmp_path / "out.bvh").exists()
    assert main([*words, "-o", str(tmp_path / "out.bvh"), "--fill-absent"]) == 0
    assert mpm.read(tmp_path / "out.bvh").visible_FP.all()
    assert main([*words, "-o", str(tmp_path / "out.npz")]) == 0
    assert np.flatnonzero(~mpm.read(tmp_path / "out.npz").visible_FP.any(axis=1)).tolist() == [10, 11, 12, 13]


def test_lift_says_who_is_lifted_and_lifts_another(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = keypoint_set("COCO-17")
    assert names is not None
    near, far = person_2d(names.points, 30), person_2d(names.points, 30, left=420, size=120, speed=-1, seed=1)
    people = [{"image_id": frame, "keypoints": one.ravel().tolist()} for frame in range(30) for one in (near[frame], far[frame])]
    (tmp_path / "two.json").write_text(json.dumps(people))
    words = ["lift", str(tmp_path / "two.json"), "-o", str(tmp_path / "out.npz"), "--size", "640x480", "--device", "cpu"]
    words += ["--model", str(models / "lift.safetensors")]
    assert main([*words, "--person", "2"]) == 0
    printed = capsys.readouterr().out
    assert "person 2: seen in 30 of the frames 0 to 29" in printed and "--person 1 reads them" in printed
    assert main([*words, "--points", "BODY_25"]) == 1
    assert "has 25" in capsys.readouterr().err
    before = (tmp_path / "out.npz").read_bytes()
    assert main([*words, "--raw", str(tmp_path / "." / "out.npz")]) == 2
    assert "--raw needs a file of its own" in capsys.readouterr().err and (tmp_path / "out.npz").read_bytes() == before


def test_what_cannot_be_lifted_is_reported(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["lift", str(SAMPLE / f"{NAME}.bvh"), "-o", str(tmp_path / "out.npz"), "--model", str(models / "lift.safetensors")]
    assert main(words) == 1
    assert "3D already" in capsys.readouterr().err
    assert main(["lift", str(SAMPLE / f"{NAME}_openpose"), "-o", str(tmp_path / "out.docx")]) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_demo_does_the_main_job_and_measures_it(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mpm_core.model.checkpoint
    import mpm_studio.render.picture

    drawn: list[tuple[mpm.Recording, mpm.Recording | None, int, str]] = []
    monkeypatch.setattr(mpm_studio.render.picture, "render_picture", lambda panels, path, size: drawn.extend(panels))
    monkeypatch.setattr(
        mpm_core.model.checkpoint, "shipped_model", lambda task, device="cpu": load_model(models / f"{task}.safetensors", device)
    )
    out = tmp_path / "demo"
    assert main(["demo", "--out", str(out), "--device", "cpu"]) == 0
    report = json.loads((out / "report.json").read_text())
    truths = {"bvh": mpm.read(SAMPLE / f"{NAME}.bvh"), "c3d": mpm.read(SAMPLE / f"{NAME}_markers_truth.npz")}
    for kind, truth in truths.items():
        source, cleaned = mpm.read(SAMPLE / f"{NAME}.{kind}"), mpm.read(out / f"{NAME}_clean.{kind}")
        filled_FP = (source.xyz_FPD != cleaned.xyz_FPD).any(axis=2)
        facts = report["cleaned"][kind]
        assert 0.9 * facts["filled"]["samples"] <= filled_FP.sum() <= facts["filled"]["samples"]
        assert cleaned.visible_FP.all()
        error_mm = 1000 * np.linalg.norm(cleaned.xyz_FPD[filled_FP].astype(float) - truth.xyz_FPD[filled_FP], axis=1).mean()
        assert facts["errors_mm"]["auto"] == pytest.approx(error_mm, rel=0.1)
        assert facts["errors_mm"]["linear"] > 10 and facts["measured"]["exported"]["holds"] is True
    assert report["lifted"]["mpjpe_mm"] > 0 and mpm.read(out / f"{NAME}_lifted.npz").frames == 420
    assert [title.split(": ")[-1] for _, _, _, title in drawn[:4]] == ["before", "after"] * 2
    assert all((~rec.visible_FP[frame]).any() for rec, _, frame, title in drawn if title.endswith("before"))
    page = (out / "report.md").read_text()
    assert str(report["cleaned"]["bvh"]["errors_mm"]["linear"]) in page and report["cleaned"]["c3d"]["measured"]["sha256_before"] in page
