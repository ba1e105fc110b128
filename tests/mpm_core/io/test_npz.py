"""NPZ brings back every bit, and refuses what is not what it says."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mpm_core.body.joints import body17
from mpm_core.body.names import keypoint_set
from mpm_core.errors import DataError, FormatError
from mpm_core.io import npz, zip_members
from mpm_core.io.registry import read, write
from mpm_core.recording import Origin, Recording, Source, make_recording
from mpm_core.spans import Span
from mpm_core.subjects import Subject
from tests.makers import person_2d, smooth_take, standing, with_gap

ARRAYS = ("xyz_FPD", "origin_FP", "sigma_FP")


def same_bits(a: Recording, b: Recording) -> None:
    for name in ARRAYS:
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes(), name
    assert (a.confidence_FP is None) == (b.confidence_FP is None)
    if a.confidence_FP is not None and b.confidence_FP is not None:
        assert a.confidence_FP.tobytes() == b.confidence_FP.tobytes()
    assert (a.points, a.rate_hz, a.source.first_frame, a.source.image_wh) == (b.points, b.rate_hz, b.source.first_frame, b.source.image_wh)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), D=st.sampled_from([2, 3]), rate_hz=st.floats(1e-3, 1e6), first_frame=st.integers(-5, 10**6))
def test_round_trip_is_bitwise(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, D: int, rate_hz: float, first_frame: int
) -> None:
    shape = (data.draw(st.integers(0, 5)), data.draw(st.integers(1, 4)))
    xyz_FPD = data.draw(hnp.arrays(np.float32, (*shape, D), elements=st.floats(-1e7, 1e7, width=32) | st.just(np.nan)))
    missing_FP = np.isnan(xyz_FPD).any(axis=2)
    kinds_FP = data.draw(hnp.arrays(np.uint8, shape, elements=st.integers(1, 5)))
    origin_FP = np.where(missing_FP, np.uint8(Origin.MISSING), kinds_FP)
    sigma_FP = data.draw(hnp.arrays(np.float32, shape, elements=st.floats(width=32)))
    confidence_FP = data.draw(st.none() | hnp.arrays(np.float32, shape, elements=st.floats(0, 1, width=32)))
    names = tuple(
        data.draw(st.lists(st.text("aZ0_:é# ", min_size=1).map(str.strip).filter(bool), min_size=shape[1], max_size=shape[1], unique=True))
    )
    size = data.draw(st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999)))
    rec = Recording(names, rate_hz, xyz_FPD, origin_FP, sigma_FP, confidence_FP, source=Source(first_frame=first_frame, image_wh=size))
    path = tmp_path_factory.mktemp("npz") / "take.npz"
    write(rec, path)
    same_bits(read(path), rec)


def test_the_documented_layout_is_what_numpy_sees(tmp_path: Path) -> None:
    rec = with_gap(smooth_take(), 1, 3, 9)
    npz.write(rec, tmp_path / "take.npz")
    with np.load(tmp_path / "take.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {"points", "rate_hz", "xyz", "origin", "sigma", "first_frame"}
        assert arrays["points"].tolist() == list(rec.points)
        assert (arrays["xyz"].dtype, arrays["origin"].dtype, arrays["sigma"].dtype) == (np.float32, np.uint8, np.float32)
        assert float(arrays["rate_hz"]) == rec.rate_hz
        assert int(arrays["first_frame"]) == 1


def test_spans_and_subjects_come_back(tmp_path: Path) -> None:
    rec = smooth_take(20, 4)
    spans = (Span("contact", 3, 9, ("P0", "P2"), "model"), Span("Übung", 0, 20))
    rec = replace(rec, spans=spans, subjects=(Subject("one", ("P0", "P1")), Subject("ball")))
    write(rec, tmp_path / "take.npz")
    back = read(tmp_path / "take.npz")
    assert (back.spans, back.subjects) == (rec.spans, rec.subjects)
    with np.load(tmp_path / "take.npz", allow_pickle=False) as arrays:
        assert arrays["span_frames"].tolist() == [[3, 9], [0, 20]] and arrays["subject_points"].tolist() == [
            [True, True, False, False],
            [False] * 4,
        ]


def test_a_bare_array_is_enough(tmp_path: Path) -> None:
    xyz_FPD = standing(6).xyz_FPD + np.random.default_rng(0).normal(0, 0.01, (6, 17, 3))
    np.savez(tmp_path / "take.npz", xyz=xyz_FPD)
    rec = read(tmp_path / "take.npz", fps=50)
    assert rec.points == body17().names and any(note.startswith("Human3.6M-17: 17 points") for note in rec.source.notes)
    assert rec.rate_hz == 50
    np.testing.assert_array_equal(rec.xyz_FPD, xyz_FPD.astype(np.float32))
    assert any("rounded to float32" in note for note in rec.source.notes)
    np.savez(tmp_path / "two.npz", xy=xyz_FPD[:, :3, :2])
    two = read(tmp_path / "two.npz")
    assert (two.dims, two.points, two.rate_hz) == (2, ("P1", "P2", "P3"), 30)
    assert any("taken as 30 Hz" in note for note in two.source.notes)


def test_positions_that_are_hardly_metres_are_told(tmp_path: Path) -> None:
    xyz_FPD = smooth_take(frames=30, points=12).xyz_FPD
    for factor, told in ((1, []), (1000, ["positions of this layout are metres; by their size these look like mm"])):
        np.savez(tmp_path / "bare.npz", xyz=xyz_FPD * np.float32(factor), rate_hz=30.0, points=[f"p{i}" for i in range(12)])
        assert [note for note in read(tmp_path / "bare.npz").source.notes if "metres" in note] == told


def test_pixels_are_not_metres_and_a_cloud_is_no_body(tmp_path: Path) -> None:
    coco = keypoint_set("COCO-17")
    assert coco is not None
    pixels_FP3 = person_2d(coco.points)
    np.savez(tmp_path / "pixels.npz", xyz=pixels_FP3)
    with pytest.raises(FormatError, match=r"xyz holds pixels and confidences.*save xy"):
        read(tmp_path / "pixels.npz")
    np.savez(tmp_path / "coco.npz", xy=pixels_FP3[..., :2])
    assert read(tmp_path / "coco.npz").points == coco.points
    np.savez(tmp_path / "cloud.npz", xyz=np.random.default_rng(0).normal(size=(6, 17, 3)))
    cloud = read(tmp_path / "cloud.npz")
    assert cloud.points[:2] == ("P1", "P2") and any("--points" in note for note in cloud.source.notes)
    assert read(tmp_path / "cloud.npz", points="COCO-17").points == coco.points
    write(smooth_take(), tmp_path / "named.npz")
    with pytest.raises(DataError, match="the file names its points"):
        read(tmp_path / "named.npz", points="COCO-17")


def test_an_archive_is_told_by_its_content(tmp_path: Path) -> None:
    np.savez(tmp_path / "take.npz", xyz=np.zeros((2, 1, 3)))
    (tmp_path / "take.npz").rename(tmp_path / "take.data")
    assert read(tmp_path / "take.data").frames == 2


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"poses": np.zeros((3, 72))}, "neither xyz nor xy"),
        ({"xyz": np.zeros((3, 4))}, "not \\(frames, points, 3\\)"),
        ({"xyz": np.zeros((3, 4, 2))}, "not \\(frames, points, 3\\)"),
        ({"xyz": np.full((3, 4, 3), "a")}, "not \\(frames, points, 3\\)"),
        ({"xyz": np.zeros((3, 2, 3)), "points": np.array(["a", "a"])}, "unique"),
        ({"xyz": np.zeros((3, 2, 3)), "points": np.array(["a"])}, "1 point names for 2"),
        ({"xyz": np.zeros((3, 2, 3)), "rate_hz": np.array(0.0)}, "frame rate"),
        ({"xyz": np.zeros((3, 2, 3)), "rate_hz": np.array(np.nan)}, "finite"),
        ({"xyz": np.zeros((3, 2, 3)), "origin": np.zeros((3, 2), np.uint8)}, "MISSING"),
        ({"xyz": np.zeros((3, 2, 3)), "origin": np.full((3, 2), 9, np.uint8)}, "origin holds"),
        ({"xyz": np.zeros((3, 2, 3)), "origin": np.ones((2, 2), np.uint8)}, "origin must be"),
        ({"xyz": np.zeros((3, 2, 3)), "sigma": np.ones((3, 1), np.float32)}, "sigma must be"),
        ({"xyz": np.zeros((3, 2, 3)), "span_names": np.array(["a"])}, "span_frames is"),
        ({"xyz": np.zeros((3, 2, 3)), "span_frames": np.zeros((1, 2), int)}, "span_frames is"),
        ({"xyz": np.zeros((3, 2, 3)), "subjects": np.array(["a"]), "subject_points": np.zeros((1, 2))}, "subject_points is"),
        ({"xyz": np.zeros((3, 2, 3)), "subjects": np.array(["a", "a"]), "subject_points": np.zeros((2, 2), bool)}, "two subjects"),
        ({"xy": np.zeros((3, 2, 2)), "image_wh": np.array([0, 5])}, "image_wh"),
    ],
)
def test_arrays_that_contradict_each_other_are_refused(arrays: dict[str, np.ndarray], told: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "take.npz", **arrays)
    with pytest.raises(FormatError, match=told):
        read(tmp_path / "take.npz")


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "take.npz", allow_pickle=True, xyz=np.zeros((2, 1, 3)), points=np.array([print], dtype=object))
    with pytest.raises(FormatError, match="never loaded"):
        read(tmp_path / "take.npz")


def test_an_array_that_claims_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 17, 3)})
    with zipfile.ZipFile(tmp_path / "take.npz", "w") as archive:
        archive.writestr("xyz.npy", header.getvalue() + b"\0" * 64)
    with pytest.raises(FormatError, match="another amount"):
        read(tmp_path / "take.npz")


def test_a_zip_made_to_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_members, "SMALL_BYTES", 1 << 20)
    with (
        zipfile.ZipFile(tmp_path / "take.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xyz.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(4):
            member.write(b"\0" * (1 << 20))
    with pytest.raises(FormatError, match="claim to unpack"):
        read(tmp_path / "take.npz")


def test_damage_is_told_wherever_it_is(tmp_path: Path) -> None:
    """Every byte flipped, one after the other, and every length cut: the file reads as it was or is refused, never differently."""
    rec = make_recording(("a", "b"), 30.0, np.arange(12, dtype=np.float32).reshape(2, 2, 3))
    path = tmp_path / "take.npz"
    npz.write(rec, path)
    whole = path.read_bytes()
    broken = [whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :] for at in range(0, len(whole), 3)] + [
        whole[:at] for at in range(4, len(whole), 7)
    ]
    refused = 0
    for data in broken:
        path.write_bytes(data)
        try:
            back = npz.read(path)
        except FormatError:
            refused += 1
        else:
            assert back.xyz_FPD.tobytes() == rec.xyz_FPD.tobytes()
    assert refused > len(broken) / 2


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_numpy_packs_is_unpacked(method: int, tmp_path: Path) -> None:
    """Which other ways there are, and what damage raises in them, differs between versions of Python."""
    npz.write(smooth_take(5, 2), tmp_path / "take.npz")
    with zipfile.ZipFile(tmp_path / "take.npz") as whole, zipfile.ZipFile(tmp_path / "other.npz", "w", method) as other:
        for name in whole.namelist():
            other.writestr(name, whole.read(name))
    with pytest.raises(FormatError, match="packed in a way"):
        npz.read(tmp_path / "other.npz")


def test_a_long_take_of_nothing_but_stillness_comes_back(tmp_path: Path) -> None:
    """It would pack a thousand to one, like a file made to fill the memory, which is refused."""
    xyz_FPD = np.zeros((300_000, 20, 3), np.float32)
    rec = make_recording(tuple(f"m{number}" for number in range(20)), 100.0, xyz_FPD)
    write(rec, tmp_path / "still.npz")
    assert read(tmp_path / "still.npz").xyz_FPD.shape == xyz_FPD.shape


def test_names_of_characters_that_are_none_are_refused(tmp_path: Path) -> None:
    names = np.array(["a", "b"])
    names.view(np.uint32)[1] = 0x7FFFFFFF
    np.savez(tmp_path / "bad.npz", xyz=np.zeros((3, 2, 3), np.float32), rate_hz=np.array(30.0), points=names)
    with pytest.raises(FormatError, match="holds text that is not Unicode"):
        read(tmp_path / "bad.npz")
