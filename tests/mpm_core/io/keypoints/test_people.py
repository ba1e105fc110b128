"""Who is who: people are followed through crossings, and what is unsure is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mpm_core.errors import FormatError
from mpm_core.io.registry import read
from mpm_core.recording import Recording
from tests.makers import person_2d
from tests.mpm_core.io.keypoints.detector_files import points_of

FRAMES = 60


def one(left: float, speed: float, size: float = 300.0, confidence: float = 0.8, seed: int = 0) -> np.ndarray:
    return person_2d(points_of("COCO-17"), FRAMES, left, size, speed, confidence, seed)


def written(folder: Path, people: list[list[np.ndarray]]) -> Path:
    """COCO results of the people of each frame, in this order."""
    entries = [{"image_id": frame + 1, "keypoints": each.ravel().tolist()} for frame, persons in enumerate(people) for each in persons]
    (folder / "people.json").write_text(json.dumps(entries))
    return folder / "people.json"


def is_person(rec: Recording, truth_FK3: np.ndarray) -> np.ndarray:
    """(F,) whether every visible point of a frame is this person's; True where nothing is visible."""
    off_FK = np.hypot(*np.moveaxis(rec.xyz_FPD - truth_FK3[..., :2], -1, 0))
    return np.nan_to_num(off_FK).max(axis=1) < 0.01


@pytest.mark.parametrize("hidden", [0, 4, 9])
@pytest.mark.parametrize("size", [300.0, 250.0])
def test_two_people_who_cross_keep_their_names(hidden: int, size: float, tmp_path: Path) -> None:
    """They walk through each other; the second is hidden behind the first for some frames."""
    first, second = one(100, 6, confidence=0.9), one(454, -6, size, seed=1)
    people = [[second[f], first[f]] if f % 2 else [first[f], second[f]] for f in range(FRAMES)]
    middle = FRAMES // 2
    for frame in range(middle - hidden // 2, middle - hidden // 2 + hidden):
        people[frame] = [first[frame]]
    path = written(tmp_path, people)
    rec, other = read(path, person="1"), read(path, person="2")
    assert is_person(rec, first).all() and is_person(other, second).all()
    assert rec.visible_FP.all() and other.visible_FP.any(axis=1).sum() == FRAMES - hidden


def test_a_person_who_is_detected_twice_in_a_frame_goes_on(tmp_path: Path) -> None:
    """Detectors write the same person twice now and then; neither is then a second person."""
    first, second = one(100, 3), one(700, -3, seed=1)
    people = [[first[f], second[f]] for f in range(FRAMES)]
    for frame in (10, 11, 30):
        people[frame] = [first[frame], second[frame], first[frame].copy()]
    rec = read(written(tmp_path, people), person="1")
    assert rec.visible_FP.all() and is_person(rec, first).all()
    assert "counted once: 3 detections with the same numbers as another one in the frame" in rec.source.notes


def test_entries_without_any_point_are_not_detected_twice(tmp_path: Path) -> None:
    first, nothing = one(100, 3), np.zeros((17, 3))
    rec = read(written(tmp_path, [[first[f], nothing, nothing.copy()] for f in range(FRAMES)]))
    assert is_person(rec, first).all() and not any("counted once" in note for note in rec.source.notes)


def test_bone_lengths_tell_who_left_a_crossing(tmp_path: Path) -> None:
    """Two meet, stand in one place and turn back, which motion alone takes for walking on; their limbs are of other lengths."""
    way = np.concatenate([np.linspace(0, 170, 25), np.full(10, 170.0), np.linspace(170, 0, 25)])
    first, second = one(0, 0, confidence=0.9), one(0, 0, seed=1)
    second[:, [7, 8, 9, 10], 1] -= 35  # arms bent upwards
    second[:, [13, 14, 15, 16], 1] -= 40
    first[..., 0] += 100 + way[:, None]
    second[..., 0] += 450 - way[:, None]
    path = written(tmp_path, [[first[f], second[f]] for f in range(FRAMES)])
    assert is_person(read(path), first).all() and is_person(read(path, person="2"), second).all()


def test_bone_lengths_seen_only_afterwards_put_a_crossing_right(tmp_path: Path) -> None:
    """Two meet and turn back while no arm or leg is detected: motion takes them for walking on."""
    way = np.concatenate([np.linspace(0, 175, FRAMES // 2), np.linspace(175, 0, FRAMES // 2)])
    first, second = one(0, 0, confidence=0.9), one(0, 0, seed=1)
    second[:, [7, 8, 9, 10], 1] -= 35
    second[:, [13, 14, 15, 16], 1] -= 40
    first[..., 0] += 100 + way[:, None]
    second[..., 0] += 450 - way[:, None]
    truth = first.copy(), second.copy()
    for person_FK3 in (first, second):
        person_FK3[22:38, [7, 8, 9, 10, 13, 14, 15, 16]] = 0
    path = written(tmp_path, [[first[f], second[f]] for f in range(FRAMES)])
    rec = read(path)
    apart_F = np.r_[0:24, 36:FRAMES]
    assert is_person(rec, truth[0])[apart_F].all() and is_person(read(path, person="2"), truth[1])[apart_F].all()
    (note,) = [note for note in rec.source.notes if "may be confused" in note]
    assert note.startswith("persons 1 and 2 are close in frames ") and note.endswith("bone lengths tell them apart afterwards")


def test_a_crossing_that_nothing_tells_is_said(tmp_path: Path) -> None:
    """Two who look the same, stand in one place for a while and part."""
    way = np.concatenate([np.linspace(0, 174, 25), np.full(10, 174.0), np.linspace(174, 0, 25)])
    first, second = one(0, 0, confidence=0.9), one(0, 0, seed=1)
    first[..., 0] += 100 + way[:, None]
    second[..., 0] += 450 - way[:, None]
    rec = read(written(tmp_path, [[first[f], second[f]] for f in range(FRAMES)]))
    (note,) = [note for note in rec.source.notes if "may be confused" in note]
    assert note.startswith("persons 1 and 2 are close in frame")


def test_a_passer_by_is_not_taken_for_the_person(tmp_path: Path) -> None:
    """The person leaves the picture; someone else stays."""
    first, other = one(100, 2, 320, 0.9), one(500, 0.1, 300, 0.5, seed=1)
    rec = read(written(tmp_path, [[first[f], other[f]] if f < 40 else [other[f]] for f in range(FRAMES)]))
    assert is_person(rec, first).all()
    np.testing.assert_array_equal(rec.visible_FP.any(axis=1), np.arange(FRAMES) < 40)


def test_a_person_lost_between_two_who_could_be_them_is_not_guessed(tmp_path: Path) -> None:
    first, left, right = one(300, 0, 300, 0.9), one(120, 0, 290, seed=1), one(480, 0, 290, seed=2)
    people = [[first[f]] if f < 20 else [] if f < 35 else [left[f], right[f]] for f in range(FRAMES)]
    path = written(tmp_path, people)
    rec = read(path)
    assert sum(any(part in note for note in rec.source.notes) for part in ("person 1: ", "person 2: ", "person 3: ")) == 3
    (lost,) = [note for note in rec.source.notes if "is lost between frames 20 and 36" in note]
    assert "--person 1+2" in lost
    joined = read(path, person="1+3")
    assert joined.visible_FP.any(axis=1).sum() > rec.visible_FP.any(axis=1).sum()
    with pytest.raises(FormatError, match=r"no person '7'.*known to --person: 1, 2, 3"):
        read(path, person="7")


def test_two_people_of_one_frame_are_not_joined(tmp_path: Path) -> None:
    first, second = one(100, 1), one(450, -1, seed=1)
    with pytest.raises(FormatError, match=r"persons 1 and 2 are in one frame"):
        read(written(tmp_path, [[first[f], second[f]] for f in range(FRAMES)]), person="1+2")


def test_a_person_whom_a_detector_finds_in_two_parts_stays_one(tmp_path: Path) -> None:
    """The upper and the lower body, with a wrong wrist, are two people of the detector for some frames, beside somebody else."""
    first, other = one(300, 3, confidence=0.9), one(0, 0, 250, seed=1)
    upper, lower = first.copy(), first.copy()
    upper[:, 11:], lower[:, :11] = 0, 0
    lower[:, 10] = first[:, 10] + (120, 40, 0)
    lower[:, 10, 2] = 0.06
    people = [[lower[f], other[f], upper[f]] if 20 <= f < 24 else [first[f], other[f]] for f in range(FRAMES)]
    rec = read(written(tmp_path, people))
    assert is_person(rec, first).all() and rec.visible_FP.all()
    assert "person 1 is detected in parts, which are joined, in frame 21 and 3 more" in rec.source.notes


def test_two_halves_of_two_people_are_not_one(tmp_path: Path) -> None:
    """Beside a person of whom only the upper body is seen, somebody else's legs appear."""
    first, other = one(100, 0, confidence=0.9), one(400, 0, seed=1)
    first[10:, 11:], other[:, :11] = 0, 0
    rec = read(written(tmp_path, [[first[f]] if f < 10 else [first[f], other[f]] for f in range(FRAMES)]))
    assert is_person(rec, first).all()
    assert not rec.visible_FP[10:, 11:].any()
