"""A project brings back everything of a recording and its original, and refuses what is damaged."""

from __future__ import annotations

import json
import zipfile
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mpm_core.body.computed_points import computed
from mpm_core.body.joints import body17
from mpm_core.edit.document import Document
from mpm_core.edit.mark import mark, region
from mpm_core.edit.names import renamed
from mpm_core.edit.patch import Replace
from mpm_core.errors import DataError, FormatError
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.io import project, zip_members
from mpm_core.io.project import load, save
from mpm_core.io.registry import read, write
from mpm_core.lift_camera import LiftCamera
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.seen_person import SeenPerson
from mpm_core.spans import Span
from mpm_core.subjects import Subject
from tests.makers import person_rig, smooth_take, with_gap


def same(a: Any, b: Any, where: str = "") -> None:
    """Equal down to the bits of every array, the type of every value."""
    assert type(a) is type(b), where
    if is_dataclass(a):
        for item in fields(a):
            same(getattr(a, item.name), getattr(b, item.name), f"{where}.{item.name}")
    elif isinstance(a, tuple) and any(map(is_dataclass, a)):
        assert len(a) == len(b), where
        for item, (each, other) in enumerate(zip(a, b, strict=True)):
            same(each, other, f"{where}[{item}]")
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes()), where
    else:
        assert a == b, where


def edited(rec: Recording) -> Recording:
    """The recording with a mark, a fill with sigma, and a log line."""
    marked, _ = mark(rec, region(rec, [0], 2, 4)).apply(rec)
    patch = fill_gaps(marked, region(marked, [1], 1, 20), "linear").patch
    sigma_N = np.linspace(0.001, 0.1, len(patch), dtype=np.float32)
    filled, _ = replace(patch, samples=patch.samples.having(sigma=sigma_N)).apply(marked)
    return filled.logged("Fill (linear) of two points")


def takes() -> dict[str, Recording]:
    source = Source(
        path="/data/é take.c3d",
        format="c3d",
        unit="mm",
        up="y",
        file_to_world_33=np.random.default_rng(0).normal(size=(3, 3)),
        first_frame=-3,
        payload=bytes(range(256)) * 40,
        image_wh=(640, 480),
        notes=("unit taken as mm", "zeros are missing"),
        people=(
            SeenPerson("1", 4, 1, 9, 320.0, 240.5, 200.0, np.array([[1.5, np.nan], [2.0, 3.0]]), ((0, 1),), True),
            SeenPerson("Übel", 2, 3, 4, -1.0, 0.0, 7.0, np.array([[-8.0, 3.5]]), (), False),
        ),
        camera=LiftCamera(np.random.default_rng(2).normal(size=(3, 3)), 816.25, (640, 480), np.array([0.5, -3.0, 1.0])),
    )
    rng = np.random.default_rng(1)
    confidence_FP = rng.uniform(size=(30, 5)).astype(np.float32)
    return {
        "rig": person_rig(),
        "markers": replace(with_gap(smooth_take(30, 5), 1, 3, 9), source=source, skeleton=body17()),
        "2d": make_recording(tuple("abcde"), 29.97, rng.uniform(0, 999, (30, 5, 2)), confidence_FP=confidence_FP),
        "spans": replace(
            smooth_take(20, 4),
            spans=(Span("contact", 3, 9, ("P2", "P0"), "model"), Span("Übung", 0, 20)),
            subjects=(Subject("one", ("P0", "P1")), Subject("ball")),
        ),
        "empty": make_recording(("a",), 1 / 3, np.zeros((0, 1, 3))),
    }


@pytest.mark.parametrize("name", takes())
def test_everything_comes_back(name: str, tmp_path: Path) -> None:
    original = takes()[name]
    recording = edited(original) if original.frames else original
    view = {"frame": 12, "camera": [1.5, -2.25, 0.1], "shown": None, "name": "Übung"}
    path = tmp_path / "take.mpm"
    save(path, recording, original, view)
    back = load(path)
    same(back.recording, recording)
    same(back.original, original)
    assert back.view == view


def test_the_registry_reads_and_writes_it(tmp_path: Path) -> None:
    rec = edited(person_rig())
    write(rec, tmp_path / "take.mpm")
    same(read(tmp_path / "take.mpm"), rec)
    same(load(tmp_path / "take.mpm").original, rec)
    (tmp_path / "take.mpm").rename(tmp_path / "take.zip")
    same(read(tmp_path / "take.zip"), rec)


def test_shared_arrays_and_bytes_are_stored_once(tmp_path: Path) -> None:
    original = replace(smooth_take(), source=Source(payload=np.random.default_rng(0).bytes(200_000)))
    recording, _ = mark(original, region(original, [0], 0, 5)).apply(original)
    save(tmp_path / "take.mpm", recording, original, {})
    with zipfile.ZipFile(tmp_path / "take.mpm") as archive:
        payloads = [name for name in archive.namelist() if name.startswith("bytes/")]
        arrays = [name for name in archive.namelist() if name.startswith("arrays/")]
    assert len(payloads) == 1
    assert len(arrays) == 5  # positions, sigma and axes once, two origins


def test_the_same_project_is_the_same_bytes(tmp_path: Path) -> None:
    rec = person_rig()
    for name in ("a.mpm", "b.mpm"):
        save(tmp_path / name, rec, rec, {})
    assert (tmp_path / "a.mpm").read_bytes() == (tmp_path / "b.mpm").read_bytes()


def test_a_view_that_is_not_plain_leaves_the_old_file(tmp_path: Path) -> None:
    rec = smooth_take()
    save(tmp_path / "take.mpm", rec, rec, {"frame": 1})
    for view in ({"camera": np.zeros(3)}, {"zoom": float("nan")}):
        with pytest.raises(DataError, match="view"):
            save(tmp_path / "take.mpm", rec, rec, view)
    assert load(tmp_path / "take.mpm").view == {"frame": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["take.mpm"]


def rewritten(path: Path, change: Any) -> None:
    """The project with its index changed by `change(index)`; members named in `index.pop('drop')` are left out."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    index = json.loads(members.pop(project.INDEX))
    change(index)
    for name in index.pop("drop", []):
        members.pop(name)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(project.INDEX, json.dumps(index))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda index: index.update(version=6, program="mpm-studio 9.1"),
            "version 6, saved by mpm-studio 9.1; this program .* reads 1 to 5",
        ),
        (lambda index: index["recording"]["source"].update(part=["0", 1.0, []]), "a number is expected, not '0'"),
        (lambda index: index["recording"]["source"].update(people=[{"name": "1"}]), "there is no 'pose'"),
        (lambda index: index["recording"]["source"].update(people=3), "cannot be understood"),
        (lambda index: index.update(version=0), "version 0"),
        (lambda index: index.update(version="2"), "version '2'"),
        (lambda index: index.update(version=True), "version True"),
        (lambda index: index.pop("version"), "version None"),
        (lambda index: index.update(kind="other"), "not an mpm-studio project"),
        (lambda index: index.update(drop=["arrays/000.npy"]), "arrays/000.npy is not in the file"),
        (lambda index: index.pop("original"), "original"),
        (lambda index: index.update(view=3), "view"),
        (lambda index: index["recording"].update(points=["a"]), "contradicts itself"),
        (lambda index: index["recording"].update(points="abcd"), "cannot be understood"),
        (lambda index: index["recording"].update(rate_hz="fast"), "cannot be understood"),
        (lambda index: index["recording"].update(rate_hz=0), "contradicts itself"),
        (lambda index: index["recording"].update(xyz=index["recording"]["origin"]), "3-dimensional float32"),
        (lambda index: index["recording"].update(rig=[1]), "cannot be understood"),
        (lambda index: index["recording"].update(source={}), "cannot be understood"),
        (lambda index: index["recording"].update(spans=[{"name": "step"}]), "cannot be understood"),
        (lambda index: index["recording"].update(subjects=[{"name": "a", "points": ["who"]}]), "contradicts itself"),
    ],
)
def test_what_does_not_fit_is_refused(change: Any, told: str, tmp_path: Path) -> None:
    rec = smooth_take()
    save(tmp_path / "take.mpm", rec, rec, {})
    rewritten(tmp_path / "take.mpm", change)
    with pytest.raises(FormatError, match=told):
        load(tmp_path / "take.mpm")


@pytest.mark.parametrize("pose_K2", [np.zeros((0, 2)), np.full((3, 2), np.nan), [[1.0, np.nan]], [[1.0, 2], [np.inf, 3]], [[1e300, 2]]])
def test_a_person_whose_points_are_nowhere_is_refused(pose_K2: Any, tmp_path: Path) -> None:
    person = SeenPerson("1", 2, 3, 4, 1.0, 2.0, 7.0, np.array(pose_K2), (), True)
    rec = replace(smooth_take(), source=Source(people=(person,)))
    save(tmp_path / "take.mpm", rec, rec, {})
    with pytest.raises(FormatError, match="a person has no points"):
        load(tmp_path / "take.mpm")


def make_older(path: Path, version: int) -> None:
    """Version 1 lacks the name of the program, 1 and 2 lack spans and subjects, 1 to 3 the history."""

    def change(index: dict[str, Any]) -> None:
        index["version"] = version
        if version < 2:
            del index["program"]
        del index["steps"]
        for name in ("recording", "original") if version < 3 else ():
            del index[name]["spans"], index[name]["subjects"]

    rewritten(path, change)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_project_of_an_older_version_opens(version: int, tmp_path: Path) -> None:
    rec = person_rig(frames=3)
    path = tmp_path / "take.mpm"
    save(path, rec, rec, {"frame": 2})
    make_older(path, version)
    back = load(path)
    same(back.recording, rec)
    assert back.view == project.view_of(path) == {"frame": 2}


def test_an_older_project_of_a_c3d_has_the_events_of_its_file(tmp_path: Path) -> None:
    write(replace(smooth_take(40, 3), spans=(Span("Left Foot Strike", 9, 10),), subjects=(Subject("one", ("P0",)),)), tmp_path / "take.c3d")
    rec = read(tmp_path / "take.c3d")
    assert len(rec.spans) == len(rec.subjects) == 1
    save(tmp_path / "take.mpm", rec, rec, {})
    make_older(tmp_path / "take.mpm", 2)
    back = load(tmp_path / "take.mpm").recording
    same(back, rec)
    write(back, tmp_path / "again.c3d")
    assert (tmp_path / "again.c3d").read_bytes() == (tmp_path / "take.c3d").read_bytes()


def without_entry(index: dict[str, Any]) -> None:
    for table in (index["recording"], index["original"], *(step["after"] for step in index["steps"] if step["kind"] == "replace")):
        del table["source"]["computed"]


def test_a_project_saved_before_computed_points_were_known_has_them(tmp_path: Path) -> None:
    path = tmp_path / "take.mpm"
    opened = make_recording((*(f"M{place}" for place in range(7)), "LHJC", "RHJC"), 100.0, np.random.default_rng(0).normal(size=(20, 9, 3)))
    document = Document(opened)
    document.do(Replace("Rename", opened, renamed(opened, {"LHJC": "mine"})))
    save(path, document.recording, opened, {}, document.done)
    assert not computed(load(path).recording).any(), "what this program saved without them has none"
    rewritten(path, without_entry)
    back = load(path)
    again = Document(back.recording, back.original, back.done)
    assert [again.recording.points[point] for point in np.flatnonzero(computed(again.recording))] == ["mine", "RHJC"]
    assert "computed by a model" in again.recording.source.notes[-1]
    again.undo()
    assert np.flatnonzero(computed(again.recording)).tolist() == np.flatnonzero(computed(back.original)).tolist() == [7, 8]
    save(path, back.recording, back.original, {}, back.done)
    same(load(path).recording, back.recording)


def test_a_project_of_a_c3d_has_the_file_s_own_list_of_computed_points(tmp_path: Path) -> None:
    ezc3d = pytest.importorskip("ezc3d")
    c3d = ezc3d.c3d()
    c3d["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    c3d["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    c3d["parameters"]["POINT"]["LABELS"]["value"] = [f"M{place}" for place in range(8)]
    c3d["data"]["points"] = np.concatenate([np.random.default_rng(0).normal(0, 500, size=(3, 8, 20)), np.ones((1, 8, 20))])
    c3d.add_parameter("POINT", "MODELED_MARKERS", ["M3"])
    c3d.write(str(tmp_path / "take.c3d"))
    rec = read(tmp_path / "take.c3d")
    assert rec.source.computed == ("M3",)
    source = replace(rec.source, computed=(), notes=rec.source.notes[:-1])
    save(tmp_path / "take.mpm", replace(rec, source=source), replace(rec, source=source), {})
    rewritten(tmp_path / "take.mpm", without_entry)
    same(load(tmp_path / "take.mpm").recording, rec)


def test_damage_is_told_wherever_it_is(tmp_path: Path) -> None:
    """Bytes flipped and lengths cut: the project reads as it was or is refused, never differently."""
    rec = person_rig(frames=3)
    path = tmp_path / "take.mpm"
    save(path, rec, rec, {"frame": 1})
    whole = path.read_bytes()
    flipped = [whole[:at] + bytes([whole[at] ^ 0x21]) + whole[at + 1 :] for at in range(4, len(whole), 17)]
    refused = 0
    for data in [*flipped, *(whole[:at] for at in range(4, len(whole), 97))]:
        path.write_bytes(data)
        try:
            back = load(path)
        except FormatError:
            refused += 1
        else:
            same(back.recording, rec)
    assert refused > len(flipped) / 2


def test_a_zip_made_to_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_members, "SMALL_BYTES", 1 << 20)
    with zipfile.ZipFile(tmp_path / "take.mpm", "w", zipfile.ZIP_DEFLATED) as archive, archive.open(project.INDEX, "w") as member:
        for _ in range(4):
            member.write(b" " * (1 << 20))
    with pytest.raises(FormatError, match="claim to unpack"):
        read(tmp_path / "take.mpm")


def test_what_could_not_be_opened_again_is_not_saved(tmp_path: Path) -> None:
    rec = smooth_take(frames=4)
    project.save(tmp_path / "a.mpm", rec, rec, {"notes": "x" * 7_000_000})
    assert project.load(tmp_path / "a.mpm").view["notes"]
    with pytest.raises(FormatError, match="more than 8 MB"):
        project.save(tmp_path / "b.mpm", rec, rec, {"notes": "x" * 9_000_000})
    assert not (tmp_path / "b.mpm").exists()
