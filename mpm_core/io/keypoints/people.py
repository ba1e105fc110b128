"""Detections of people in 2D, one person of them followed through a take. F frames, N detections, K points, (x, y, confidence) each.

The person followed is detected longest, largest and with the highest confidence. People are linked from frame to frame by position, so
that a passer-by who is listed first, or is the only person found for a moment, is not taken for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.body.names import NameSet, keypoint_set, name_sets
from mpm_core.errors import FormatError
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.subjects import Subject
from mpm_core.typing import Float, Float32, Int, Mask

DEFAULT_RATE_HZ = 30.0
REACH = 0.5  # how far a person moves between two frames at most, in their own size
REACH_PER_FRAME = 0.1  # and for each frame without them
MEMORY = 30  # frames after which a person not detected is someone new
SIZE_RATIO = 2.0  # two stretches of one person differ less in size


@dataclass(frozen=True, slots=True)
class _Detections:
    """Every person of every frame, in pixels. xy_NK2: NaN where not detected; size_N: diagonal of the box around the detected points;
    middle_N2: their median; weight_N: size times mean confidence; detected_N: whether any point was detected."""

    frame_N: Int
    person_N: Int
    xy_NK2: Float
    size_N: Float
    middle_N2: Float
    weight_N: Float

    @property
    def detected_N(self) -> Mask:
        return self.size_N >= 0


Track = list[int]
"""The detections of one person, by time."""


def detected(person_XK3: Float) -> Mask:
    """(..., K) True where a point was detected: finite, confidence above 0, and not the 0, 0 that stands for nothing."""
    return np.asarray(np.isfinite(person_XK3).all(axis=-1) & (person_XK3[..., 2] > 0) & (person_XK3[..., :2] != 0).any(axis=-1))


def follow(people: Sequence[Sequence[Float]]) -> list[int]:
    """Per frame which of its people is the one followed, -1 where they are not detected."""
    which = [-1] * len(people)
    if not any(people):
        return which
    detections = _detections(people)
    chosen: list[Track] = []
    for track in sorted(_tracks(detections, len(people)), key=lambda track: float(detections.weight_N[track].sum()), reverse=True):
        if not chosen or _continues(detections, chosen, track):
            chosen.append(track)
    for detection in (detection for track in chosen for detection in track):
        which[detections.frame_N[detection]] = int(detections.person_N[detection])
    return which


def recording_of(people: Sequence[Sequence[Float]], points: tuple[str, ...], rate_hz: float, source: Source) -> Recording:
    """The followed person as a 2D recording in pixels."""
    which = follow(people)
    found_FK3: Float32 = np.full((len(people), len(points), 3), np.nan, np.float32)
    for frame, person in enumerate(which):
        if person >= 0:
            person_K3 = people[frame][person]
            found_FK3[frame] = np.where(detected(person_K3)[:, None], person_K3, np.nan)
    confidence_FP = np.minimum(found_FK3[:, :, 2], np.float32(1))
    return make_recording(
        points, rate_hz, found_FK3[:, :, :2], confidence_FP=confidence_FP, source=source, subjects=(Subject("person", tuple(points)),)
    )


def point_set(detections: Sequence[tuple[str, Float]], where: str) -> NameSet:
    """The keypoint set everyone has, by the number of points; detections: (where, points). Raises FormatError when there is no such set."""
    if not detections:
        raise FormatError("there is no person in it", where=where, hint="was the detector run on the right video?")
    count = Counter(len(person_K3) for _, person_K3 in detections).most_common(1)[0][0]
    names = keypoint_set(count)
    if names is None:
        known = ", ".join(f"{len(known.points)} ({known.name})" for known in name_sets("keypoints"))
        raise FormatError(f"a person has {count} points", where=where, hint=f"known: {known}")
    for place, person_K3 in detections:
        if len(person_K3) != count:
            what = f"a person here has {len(person_K3)} points, others the {count} of {names.name}"
            raise FormatError(what, where=place, hint="are these of two detectors?")
    return names


def common_notes(people: Sequence[Sequence[Float]], fps: float | None, image_wh: tuple[int, int] | None) -> list[str]:
    """The notes of every keypoint reader: the rate and image size it had to assume, and that there were other people."""
    notes = []
    if fps is None:
        notes.append(f"frame rate taken as {DEFAULT_RATE_HZ:g} Hz: the format carries none")
    if image_wh is None:
        notes.append("image size unknown")
    if crowded := sum(1 for frame in people if len(frame) > 1):
        notes.append(f"{crowded} frames show more than one person; the one seen longest, largest and most surely was followed")
    return notes


def _detections(people: Sequence[Sequence[Float]]) -> _Detections:
    frame_N, person_N = np.array([(frame, person) for frame, persons in enumerate(people) for person in range(len(persons))]).T
    person_NK3 = np.stack([person_K3 for persons in people for person_K3 in persons])
    detected_NK = detected(person_NK3)
    xy_NK2 = np.where(detected_NK[..., None], person_NK3[..., :2], np.nan)
    detected_N = np.asarray(detected_NK.any(axis=1))
    low_N2 = np.min(person_NK3[..., :2], axis=1, initial=np.inf, where=detected_NK[..., None])
    high_N2 = np.max(person_NK3[..., :2], axis=1, initial=-np.inf, where=detected_NK[..., None])
    size_N = np.where(detected_N, np.hypot(*np.where(detected_N[:, None], high_N2 - low_N2, 0.0).T), -1.0)
    confidence_N = np.where(detected_NK, np.minimum(person_NK3[..., 2], 1), 0.0).mean(axis=1)
    return _Detections(frame_N, person_N, xy_NK2, size_N, _median(xy_NK2.transpose(0, 2, 1)), size_N * confidence_N)


def _tracks(detections: _Detections, frames: int) -> list[Track]:
    tracks: list[Track] = []
    live: list[Track] = []
    first_F = np.searchsorted(detections.frame_N, np.arange(frames + 1)).tolist()
    frame_N, detected_N = detections.frame_N.tolist(), detections.detected_N.tolist()
    for frame in range(frames):
        new = range(first_F[frame], first_F[frame + 1])
        live = [track for track in live if frame - frame_N[track[-1]] <= MEMORY]
        grown: set[int] = set()
        taken: set[int] = set()
        for _, number, detection in _near(detections, [track[-1] for track in live], new):
            if number not in grown and detection not in taken:
                grown.add(number)
                taken.add(detection)
                live[number].append(detection)
        fresh = [[detection] for detection in new if detection not in taken and detected_N[detection]]
        tracks += fresh
        live += fresh
    return tracks


def _near(detections: _Detections, last: Sequence[int], new: Sequence[int]) -> list[tuple[float, int, int]]:
    """(distance, index in `last`, new detection) of all pairs that may be one person, the nearest first."""
    if not last or not new:
        return []
    away_LN = _away(detections, np.array(last), np.array(new))
    paused_L = detections.frame_N[new[0]] - detections.frame_N[np.array(last)] - 1
    reach_L = REACH + REACH_PER_FRAME * paused_L.astype(np.float64)
    near = np.argwhere(away_LN <= reach_L[:, None])
    return sorted((float(away_LN[number, column]), int(number), new[column]) for number, column in near)


def _continues(detections: _Detections, chosen: list[Track], track: Track) -> bool:
    """True when a track lies in a pause of those chosen and its person could have come from there and gone back."""
    frame_N = detections.frame_N
    first, last = track[0], track[-1]
    if any(frame_N[other[0]] <= frame_N[last] and frame_N[other[-1]] >= frame_N[first] for other in chosen):
        return False
    size, usual = (float(np.median(detections.size_N[each])) for each in (track, [detection for other in chosen for detection in other]))
    if not usual / SIZE_RATIO <= size <= usual * SIZE_RATIO:
        return False
    before = max((other[-1] for other in chosen if frame_N[other[-1]] < frame_N[first]), default=None)
    after = min((other[0] for other in chosen if frame_N[other[0]] > frame_N[last]), default=None)
    pairs = [(early, late) for early, late in ((before, first), (last, after)) if early is not None and late is not None]
    return all(_near(detections, [early], [late]) for early, late in pairs)


def _away(detections: _Detections, one_A: Int, other_B: Int) -> Float:
    """(A, B) distance of two detections: the median over points detected in both, else between their middles, in sizes of the larger one;
    infinite where nothing was detected."""
    apart_ABK = np.hypot(*np.moveaxis(detections.xy_NK2[one_A, None] - detections.xy_NK2[other_B], -1, 0))
    middles_AB = np.hypot(*np.moveaxis(detections.middle_N2[one_A, None] - detections.middle_N2[other_B], -1, 0))
    distance_AB = np.where(np.isfinite(apart_ABK).sum(axis=2) >= 3, _median(apart_ABK), middles_AB)
    away_AB = distance_AB / np.maximum(np.maximum(detections.size_N[one_A, None], detections.size_N[other_B]), 1e-9)
    return np.where(detections.detected_N[one_A, None] & detections.detected_N[other_B], away_AB, np.inf)


def _median(values_XK: Float) -> Float:
    """(...) the median of what is no NaN; NaN where all is. As numpy's own, which is slow on many short rows."""
    sorted_XK = np.sort(values_XK, axis=-1)
    count_X = np.isfinite(values_XK).sum(axis=-1)[..., None]
    low_X, high_X = (
        np.take_along_axis(sorted_XK, np.maximum(at, 0), -1)[..., 0] for at in ((count_X - 1) // 2, count_X // 2 - (count_X == 0))
    )
    return np.asarray(low_X / 2 + high_X / 2)
