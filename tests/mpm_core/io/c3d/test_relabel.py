"""Renamed and merged takes are copies of their C3D: analog channels, parameters and measured words stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import ezc3d
import numpy as np
import pytest

from mpm_core.edit.names import merged, renamed
from mpm_core.edit.resample import resampled
from mpm_core.edit.trim import trimmed
from mpm_core.io.c3d import c3d
from mpm_core.io.c3d.layout import find_layout
from mpm_core.io.c3d.new_file import left_behind
from mpm_core.io.c3d.proof import compare_copy, is_copy
from mpm_core.recording import Recording
from mpm_core.spans import Span
from tests.mpm_core.io.c3d.test_c3d_export import FORMS, filled

LONG = "Sacrum of the pelvis, left"  # longer than the labels of the file


def words(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """(F, C, 4) of the points, (F, A) of the analog channels, as they lie in the file."""
    data = path.read_bytes()
    layout = find_layout(data)
    return layout.words_FC4(data), layout.analog_FA(data)


def written(rec: Recording, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A recording written as a copy of its C3D, read again."""
    assert is_copy(rec)
    c3d.write(rec, path)
    again = c3d.read(path)
    assert again.points == rec.points and again.rate_hz == rec.rate_hz and again.source.first_frame == rec.source.first_frame
    assert np.array_equal(again.xyz_FPD, rec.xyz_FPD, equal_nan=True) and again.spans == rec.spans and again.subjects == rec.subjects
    assert compare_copy(rec, rec, again, np.zeros(rec.frames, bool)).holds
    return words(path)


@pytest.fixture(params=FORMS)
def path(samples_dir: Path, request: pytest.FixtureRequest) -> Path:
    return samples_dir / f"c3d/btk/c3d.org/sample01/Eb015{request.param}.c3d"


def test_a_renamed_take_keeps_all_but_the_labels(path: Path, tmp_path: Path) -> None:
    rec, (points_FC4, analog_FA) = c3d.read(path), words(path)
    new = renamed(rec, {"PV1": LONG, "LFT1": "LFT2", "LFT2": "LFT1"})
    after_FC4, after_FA = written(new, tmp_path / "out.c3d")
    assert np.array_equal(after_FC4, points_FC4) and np.array_equal(after_FA, analog_FA)
    assert analog_FA.shape == (450, 64)


def test_a_merged_take_has_the_words_of_each_name_and_one_column_less(path: Path, tmp_path: Path) -> None:
    rec, (points_FC4, analog_FA) = c3d.read(path), words(path)
    first, second = rec.index("RTH1"), rec.index("PV2")
    split_FP = np.zeros(rec.origin_FP.shape, bool)
    split_FP[200:, first] = True
    rec = rec.with_samples(rec.samples.cleared(split_FP))
    one = trimmed(merged(rec, first, second, "first"), 100, 400)
    after_FC4, after_FA = written(one, tmp_path / "out.c3d")
    there_FP = np.isfinite(rec.xyz_FPD[100:400, :, 0])
    takes_F = ~there_FP[:, first] & there_FP[:, second]
    expected_FC4 = points_FC4[100:400].copy()
    expected_FC4[takes_F, first] = expected_FC4[takes_F, second]
    expected_FC4 = np.delete(expected_FC4, second, axis=1)
    measured_FP = np.isfinite(one.xyz_FPD[..., 0])
    assert 100 < takes_F.sum() < 250 and np.array_equal(after_FC4[measured_FP], expected_FC4[measured_FP])
    assert np.array_equal(after_FA, analog_FA[100:400])


def test_another_reader_finds_the_same_analog_channels_and_parameters(samples_dir: Path, tmp_path: Path) -> None:
    path, out = samples_dir / "c3d/btk/PiG/PiG_Motion-FlatFoot-Hole.c3d", tmp_path / "out.c3d"
    rec = c3d.read(path)
    one = merged(renamed(rec, {"LKNE": LONG}), rec.index("RKNE"), rec.index("RTOE"), "first")
    done = filled(replace(one, spans=(*one.spans, Span("checked", 5, 9))))
    assert is_copy(done)
    c3d.write(done, out)
    before, after = ezc3d.c3d(str(path)), ezc3d.c3d(str(out))
    assert np.array_equal(before["data"]["analogs"], after["data"]["analogs"]) and before["data"]["analogs"].shape[1] == 38
    for group in ("ANALOG", "FORCE_PLATFORM", "PROCESSING", "TRIAL"):
        for name, value in before["parameters"][group].items():
            if name != "__METADATA__":
                assert np.array_equal(value["value"], after["parameters"][group][name]["value"]), (group, name)
    labels = before["parameters"]["POINT"]["LABELS"]["value"]
    expected = [LONG if label == "LKNE" else label for label in labels if label != "RTOE"]
    assert after["parameters"]["POINT"]["LABELS"]["value"] == expected
    gone = labels.index("RTOE")
    descriptions = before["parameters"]["POINT"]["DESCRIPTIONS"]["value"]
    assert after["parameters"]["POINT"]["DESCRIPTIONS"]["value"] == [text for c, text in enumerate(descriptions) if c != gone]


def test_a_name_that_the_file_would_read_as_an_angle_makes_a_new_file(samples_dir: Path) -> None:
    rec = c3d.read(samples_dir / "c3d/btk/c3d.org/sample01/Eb015pr.c3d")
    assert not is_copy(renamed(rec, {"PV1": "LKneeAngles"})) and is_copy(renamed(rec, {"PV1": "LKNE"}))


def test_what_a_take_at_another_rate_lacks_is_said(samples_dir: Path) -> None:
    rec = c3d.read(samples_dir / "c3d/btk/c3d.org/sample01/Eb015pr.c3d")
    assert left_behind(resampled(rec, 25.0)) == "16 analog channels" and left_behind(renamed(rec, {"PV1": "LKNE"})) == ""
