"""Marker takes: UI-PRMD's published layout, to joints and as labelled markers with their gaps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.errors import DataError
from mpm_core.resources import resource
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import load_corpus
from mpm_train.data.markers import MARKER_INDEX, load_markers
from mpm_train.data.prepare import prepare
from mpm_train.data.ui_prmd import MARKERS


def ui_prmd_like(folder: Path, subjects: tuple[int, ...] = (1, 7)) -> dict[str, np.ndarray]:
    """The bundled sample's markers in UI-PRMD's layout, with a gap of LKNE in each; returns the truth in metres by file name."""
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    order = [rec.points.index(label) for label in MARKERS]
    target = folder / "Segmented Movements" / "Vicon" / "Positions"
    target.mkdir(parents=True)
    truth = {}
    for subject in subjects:
        xyz_FM3 = np.round(1000 * rec.xyz_FPD[:200, order].astype(np.float64), 1)
        xyz_FM3[np.isnan(xyz_FM3)] = 0
        xyz_FM3[50:60, MARKERS.index("LKNE")] = 0
        name = f"m01_s{subject:02d}_e01_positions"
        np.savetxt(target / f"{name}.txt", xyz_FM3.reshape(200, -1), "%.1f", ",")
        truth[name] = np.where((xyz_FM3 == 0).all(axis=2)[..., None], np.nan, xyz_FM3 / 1000)
    return truth


def test_ui_prmd_gives_joints_and_markers(tmp_path: Path) -> None:
    truth = ui_prmd_like(tmp_path / "in")
    printed = prepare([tmp_path / "in"], tmp_path / "out")
    _, clips = load_corpus(tmp_path / "out")
    assert {(clip.subject, clip.split, clip.rate_hz) for clip in clips} == {
        ("ui-prmd-s01", "train", 100.0),
        ("ui-prmd-s07", "validation", 100.0),
    }
    taken = load_markers(tmp_path / "out")
    assert [(take.name, take.split) for take in taken] == [("m01_s01_e01_positions", "train"), ("m01_s07_e01_positions", "validation")]
    for take in taken:
        assert take.labels == MARKERS
        assert take.xyz_FM3.shape == (200, 39, 3)
        np.testing.assert_allclose(take.xyz_FM3, truth[take.name], atol=1e-6)
        assert np.isnan(take.xyz_FM3[50:60, MARKERS.index("LKNE")]).all()
        assert isinstance(take.xyz_FM3.base, np.memmap) or isinstance(take.xyz_FM3, np.memmap)
    assert any("100 by known data set UI-PRMD" in line for line in printed)


def test_a_take_without_a_head_keeps_its_markers(tmp_path: Path) -> None:
    ui_prmd_like(tmp_path / "in", (1, 2))
    (path,) = (tmp_path / "in").rglob("m01_s02*")
    rows_FC = np.loadtxt(path, delimiter=",")
    rows_FC[:, :12] = 0  # the four markers of the head
    np.savetxt(path, rows_FC, "%.1f", ",")
    printed = "\n".join(prepare([tmp_path / "in"], tmp_path / "out"))
    assert "markers only: neck, head_top could never be computed" in printed
    assert {clip.subject for clip in load_corpus(tmp_path / "out")[1]} == {"ui-prmd-s01"}
    assert {take.subject for take in load_markers(tmp_path / "out")} == {"ui-prmd-s01", "ui-prmd-s02"}


def test_c3d_markers_are_kept_too(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "ann"
    folder.mkdir(parents=True)
    (folder / "walk.c3d").write_bytes(resource("sample/walk_reach_sit.c3d").read_bytes())
    prepare([tmp_path / "in"], tmp_path / "out")
    (take,) = load_markers(tmp_path / "out")
    rec = mpm.read(folder / "walk.c3d")
    assert take.labels == rec.points
    np.testing.assert_array_equal(take.xyz_FM3, np.where(rec.visible_FP[..., None], rec.xyz_FPD, np.nan))


@pytest.mark.parametrize(
    ("text", "words"), [("1,2,3\n4,5,6\n", "3 columns"), ("a,b\n", "not a table of numbers"), ("1,2\n3\n", "not a table of numbers")]
)
def test_other_tables_of_that_name_are_refused(tmp_path: Path, text: str, words: str) -> None:
    ui_prmd_like(tmp_path / "in", (1,))
    (tmp_path / "in" / "m01_s03_e01_positions.txt").write_text(text)
    assert any("m01_s03_e01" in line and words in line for line in prepare([tmp_path / "in"], tmp_path / "out"))


def test_damaged_marker_indices_are_told(tmp_path: Path) -> None:
    ui_prmd_like(tmp_path / "in", (1,))
    prepare([tmp_path / "in"], tmp_path / "out")
    path = tmp_path / "out" / MARKER_INDEX
    index = json.loads(path.read_text())
    for change in ({"stop": 10**9}, {"frames": 3}, {"split": "x"}, {"shard": 4}):
        path.write_text(json.dumps(index | {"takes": [index["takes"][0] | change]}))
        with pytest.raises(DataError, match="no markers"):
            load_markers(tmp_path / "out")
    with pytest.raises(DataError, match="no markers"):
        load_markers(tmp_path)


def test_rules_that_do_not_apply_are_told(tmp_path: Path) -> None:
    ui_prmd_like(tmp_path / "in", (1, 2))
    (path,) = (tmp_path / "in").rglob("m01_s02*")
    printed = "\n".join(prepare([tmp_path / "in"], tmp_path / "out", PrepareConfig(unit=(f"{path.name}=cm",), fps=("in=50",))))
    assert "--unit does not apply to it" in printed
    assert {clip.rate_hz for clip in load_corpus(tmp_path / "out")[1]} == {50.0}
