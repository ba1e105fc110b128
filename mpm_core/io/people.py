"""People found by a 2D detector, one of them followed through a take. F frames, n people in a frame, K points, (x, y, confidence) each.

The one followed is seen longest, largest and most surely. People are linked from frame to frame by where they are, so that a passer-by
who is listed first, or is the only one found for a moment, is not taken for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mpm_core.body_names import NameSet, keypoint_set, name_sets
from mpm_core.errors import FormatError
from mpm_core.recording import Float32, Recording, Source, make_recording

Float = NDArray[np.float64]
DEFAULT_RATE_HZ = 30.0
REACH = 0.5  # how far a person moves between two frames at most, in their own size
REACH_PER_FRAME = 0.1  # and for each frame without them
MEMORY = 30  # frames after which a person not seen is someone new
SIZE_RATIO = 2.0  # two stretches of one person differ less in size


@dataclass(slots=True)
class _Track:
    """One person from first to last sight: (frame, which of its people) pairs, and what speaks for them."""

    where: list[tuple[int, int]] = field(default_factory=list)
    weight: float = 0.0
    sizes: list[float] = field(default_factory=list)


def seen(person_K3: Float) -> NDArray[np.bool_]:
    """(K,) True where a point was detected: finite, confidence above 0, and not the 0, 0 that stands for nothing."""
    return np.asarray(np.isfinite(person_K3).all(axis=1) & (person_K3[:, 2] > 0) & (person_K3[:, :2] != 0).any(axis=1))


def follow(people: Sequence[Sequence[Float]]) -> list[int]:
    """Per frame which of its people is the one followed, -1 where they are not seen."""
    tracks = sorted(_tracks(people), key=lambda track: track.weight, reverse=True)
    chosen: list[_Track] = []
    for track in tracks:
        if not chosen or _continues(people, chosen, track):
            chosen.append(track)
    which = [-1] * len(people)
    for track in chosen:
        for frame, person in track.where:
            which[frame] = person
    return which


def recording_of(people: Sequence[Sequence[Float]], points: tuple[str, ...], rate_hz: float, source: Source) -> Recording:
    """The followed person as a 2D recording in pixels."""
    which = follow(people)
    found_FK3: Float32 = np.full((len(people), len(points), 3), np.nan, np.float32)
    for frame, person in enumerate(which):
        if person >= 0:
            person_K3 = people[frame][person]
            found_FK3[frame] = np.where(seen(person_K3)[:, None], person_K3, np.nan)
    confidence_FP = np.minimum(found_FK3[:, :, 2], np.float32(1))
    return make_recording(points, rate_hz, found_FK3[:, :, :2], confidence_FP=confidence_FP, source=source)


def point_set(sightings: Sequence[tuple[str, Float]], where: str) -> NameSet:
    """The keypoint set everyone has, by the number of points; sightings: (where, points). Raises FormatError when there is no such one."""
    if not sightings:
        raise FormatError("there is no person in it", where=where, hint="was the detector run on the right video?")
    count = Counter(len(person_K3) for _, person_K3 in sightings).most_common(1)[0][0]
    names = keypoint_set(count)
    if names is None:
        known = ", ".join(f"{len(known.points)} ({known.name})" for known in name_sets("keypoints"))
        raise FormatError(f"a person has {count} points", where=where, hint=f"known: {known}")
    for place, person_K3 in sightings:
        if len(person_K3) != count:
            what = f"a person here has {len(person_K3)} points, others the {count} of {names.name}"
            raise FormatError(what, where=place, hint="are these of two detectors?")
    return names


def common_notes(people: Sequence[Sequence[Float]], fps: float | None, image_wh: tuple[int, int] | None) -> list[str]:
    """What every keypoint reader tells: the rate and image size it had to assume, and that there were others."""
    notes = []
    if fps is None:
        notes.append(f"frame rate taken as {DEFAULT_RATE_HZ:g} Hz: the format carries none")
    if image_wh is None:
        notes.append("image size unknown")
    if crowded := sum(1 for frame in people if len(frame) > 1):
        notes.append(f"{crowded} frames show more than one person; the one seen longest, largest and most surely was followed")
    return notes


def _tracks(people: Sequence[Sequence[Float]]) -> list[_Track]:
    tracks: list[_Track] = []
    live: list[_Track] = []
    for frame, persons in enumerate(people):
        live = [track for track in live if frame - track.where[-1][0] <= MEMORY]
        near: list[tuple[float, int, int]] = []
        for person, person_K3 in enumerate(persons):
            for number, track in enumerate(live):
                last, index = track.where[-1]
                away = _away(people[last][index], person_K3)
                if away <= REACH + REACH_PER_FRAME * (frame - last - 1):
                    near.append((away, number, person))
        taken: set[int] = set()
        grown: set[int] = set()
        for _, number, person in sorted(near):
            if number not in grown and person not in taken:
                grown.add(number)
                taken.add(person)
                _grow(live[number], frame, person, persons[person])
        for person, person_K3 in enumerate(persons):
            if person not in taken and seen(person_K3).any():
                fresh = _Track()
                _grow(fresh, frame, person, person_K3)
                tracks.append(fresh)
                live.append(fresh)
    return tracks


def _grow(track: _Track, frame: int, person: int, person_K3: Float) -> None:
    seen_K = seen(person_K3)
    size = _size(person_K3)
    track.where.append((frame, person))
    track.sizes.append(size)
    track.weight += size * float(np.minimum(person_K3[seen_K, 2], 1).sum()) / len(seen_K)


def _continues(people: Sequence[Sequence[Float]], chosen: list[_Track], track: _Track) -> bool:
    """True when a track lies in a pause of those chosen and its person could have come from there and gone back."""
    first, last = track.where[0], track.where[-1]
    before = max((other.where[-1] for other in chosen if other.where[-1][0] < first[0]), default=None)
    after = min((other.where[0] for other in chosen if other.where[0][0] > last[0]), default=None)
    if any(other.where[0][0] <= last[0] and other.where[-1][0] >= first[0] for other in chosen):
        return False
    size, usual = float(np.median(track.sizes)), float(np.median(np.concatenate([other.sizes for other in chosen])))
    if not usual / SIZE_RATIO <= size <= usual * SIZE_RATIO:
        return False
    pairs = [(early, late) for early, late in ((before, first), (last, after)) if early is not None and late is not None]
    return all(
        _away(people[early[0]][early[1]], people[late[0]][late[1]]) <= REACH + REACH_PER_FRAME * (late[0] - early[0] - 1)
        for early, late in pairs
    )


def _away(a_K3: Float, b_K3: Float) -> float:
    """How far apart two sights are: the median over points seen in both, else between their middles, in the larger one's size."""
    seen_a, seen_b = seen(a_K3), seen(b_K3)
    if not (seen_a.any() and seen_b.any()):
        return float("inf")
    both = seen_a & seen_b
    if both.sum() >= 3:
        distance = float(np.median(np.linalg.norm(a_K3[both, :2] - b_K3[both, :2], axis=1)))
    else:
        distance = float(np.linalg.norm(np.median(a_K3[seen_a, :2], axis=0) - np.median(b_K3[seen_b, :2], axis=0)))
    return distance / max(_size(a_K3), _size(b_K3), 1e-9)


def _size(person_K3: Float) -> float:
    """The diagonal of the box around a person's points, pixels."""
    found = person_K3[seen(person_K3), :2]
    return float(np.linalg.norm(np.ptp(found, axis=0))) if len(found) else 0.0
