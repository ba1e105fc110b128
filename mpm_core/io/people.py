"""People found by a 2D detector, one of them followed through a take. F frames, N sights of people, K points, (x, y, confidence) each.

The one followed is seen longest, largest and most surely. People are linked from frame to frame by where they are, so that a passer-by
who is listed first, or is the only one found for a moment, is not taken for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.body.names import NameSet, keypoint_set, name_sets
from mpm_core.errors import FormatError
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.spans import Subject
from mpm_core.typing import Float, Float32, Int, Mask

DEFAULT_RATE_HZ = 30.0
REACH = 0.5  # how far a person moves between two frames at most, in their own size
REACH_PER_FRAME = 0.1  # and for each frame without them
MEMORY = 30  # frames after which a person not seen is someone new
SIZE_RATIO = 2.0  # two stretches of one person differ less in size


@dataclass(frozen=True, slots=True)
class _Sights:
    """Everyone in every frame, N in all. xy_NK2: NaN where not seen; size_N: diagonal of the box around what is seen; middle_N2: its
    median; weight_N: what speaks for following them; shown_N: whether anything is seen."""

    frame_N: Int
    person_N: Int
    xy_NK2: Float
    size_N: Float
    middle_N2: Float
    weight_N: Float

    @property
    def shown_N(self) -> Mask:
        return self.size_N >= 0


Track = list[int]
"""One person from first to last sight: which of the sights."""


def seen(person_XK3: Float) -> Mask:
    """(..., K) True where a point was detected: finite, confidence above 0, and not the 0, 0 that stands for nothing."""
    return np.asarray(np.isfinite(person_XK3).all(axis=-1) & (person_XK3[..., 2] > 0) & (person_XK3[..., :2] != 0).any(axis=-1))


def follow(people: Sequence[Sequence[Float]]) -> list[int]:
    """Per frame which of its people is the one followed, -1 where they are not seen."""
    which = [-1] * len(people)
    if not any(people):
        return which
    sights = _sights(people)
    chosen: list[Track] = []
    for track in sorted(_tracks(sights, len(people)), key=lambda track: float(sights.weight_N[track].sum()), reverse=True):
        if not chosen or _continues(sights, chosen, track):
            chosen.append(track)
    for sight in (sight for track in chosen for sight in track):
        which[sights.frame_N[sight]] = int(sights.person_N[sight])
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
    return make_recording(
        points, rate_hz, found_FK3[:, :, :2], confidence_FP=confidence_FP, source=source, subjects=(Subject("person", points),)
    )


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


def _sights(people: Sequence[Sequence[Float]]) -> _Sights:
    frame_N, person_N = np.array([(frame, person) for frame, persons in enumerate(people) for person in range(len(persons))]).T
    person_NK3 = np.stack([person_K3 for persons in people for person_K3 in persons])
    seen_NK = seen(person_NK3)
    xy_NK2 = np.where(seen_NK[..., None], person_NK3[..., :2], np.nan)
    shown_N = np.asarray(seen_NK.any(axis=1))
    low_N2 = np.min(person_NK3[..., :2], axis=1, initial=np.inf, where=seen_NK[..., None])
    high_N2 = np.max(person_NK3[..., :2], axis=1, initial=-np.inf, where=seen_NK[..., None])
    size_N = np.where(shown_N, np.hypot(*np.where(shown_N[:, None], high_N2 - low_N2, 0.0).T), -1.0)
    sure_N = np.where(seen_NK, np.minimum(person_NK3[..., 2], 1), 0.0).mean(axis=1)
    return _Sights(frame_N, person_N, xy_NK2, size_N, _median(xy_NK2.transpose(0, 2, 1)), size_N * sure_N)


def _tracks(sights: _Sights, frames: int) -> list[Track]:
    tracks: list[Track] = []
    live: list[Track] = []
    first_F = np.searchsorted(sights.frame_N, np.arange(frames + 1)).tolist()
    frame_N, shown_N = sights.frame_N.tolist(), sights.shown_N.tolist()
    for frame in range(frames):
        new = range(first_F[frame], first_F[frame + 1])
        live = [track for track in live if frame - frame_N[track[-1]] <= MEMORY]
        grown: set[int] = set()
        taken: set[int] = set()
        for _, number, sight in _near(sights, [track[-1] for track in live], new):
            if number not in grown and sight not in taken:
                grown.add(number)
                taken.add(sight)
                live[number].append(sight)
        fresh = [[sight] for sight in new if sight not in taken and shown_N[sight]]
        tracks += fresh
        live += fresh
    return tracks


def _near(sights: _Sights, last: Sequence[int], new: Sequence[int]) -> list[tuple[float, int, int]]:
    """(how far away, which of the last sights, new sight) for all that may be one person, the nearest first."""
    if not last or not new:
        return []
    away_LN = _away(sights, np.array(last), np.array(new))
    paused_L = sights.frame_N[new[0]] - sights.frame_N[np.array(last)] - 1
    reach_L = REACH + REACH_PER_FRAME * paused_L.astype(np.float64)
    near = np.argwhere(away_LN <= reach_L[:, None])
    return sorted((float(away_LN[number, column]), int(number), new[column]) for number, column in near)


def _continues(sights: _Sights, chosen: list[Track], track: Track) -> bool:
    """True when a track lies in a pause of those chosen and its person could have come from there and gone back."""
    frame_N = sights.frame_N
    first, last = track[0], track[-1]
    if any(frame_N[other[0]] <= frame_N[last] and frame_N[other[-1]] >= frame_N[first] for other in chosen):
        return False
    size, usual = (float(np.median(sights.size_N[each])) for each in (track, [sight for other in chosen for sight in other]))
    if not usual / SIZE_RATIO <= size <= usual * SIZE_RATIO:
        return False
    before = max((other[-1] for other in chosen if frame_N[other[-1]] < frame_N[first]), default=None)
    after = min((other[0] for other in chosen if frame_N[other[0]] > frame_N[last]), default=None)
    pairs = [(early, late) for early, late in ((before, first), (last, after)) if early is not None and late is not None]
    return all(_near(sights, [early], [late]) for early, late in pairs)


def _away(sights: _Sights, one_A: Int, other_B: Int) -> Float:
    """(A, B) how far apart two sights are: the median over points seen in both, else between their middles, in the larger one's size;
    infinite where nothing is seen."""
    apart_ABK = np.hypot(*np.moveaxis(sights.xy_NK2[one_A, None] - sights.xy_NK2[other_B], -1, 0))
    middles_AB = np.hypot(*np.moveaxis(sights.middle_N2[one_A, None] - sights.middle_N2[other_B], -1, 0))
    distance_AB = np.where(np.isfinite(apart_ABK).sum(axis=2) >= 3, _median(apart_ABK), middles_AB)
    away_AB = distance_AB / np.maximum(np.maximum(sights.size_N[one_A, None], sights.size_N[other_B]), 1e-9)
    return np.where(sights.shown_N[one_A, None] & sights.shown_N[other_B], away_AB, np.inf)


def _median(values_XK: Float) -> Float:
    """(...) the median of what is no NaN; NaN where all is. As numpy's own, which is slow on many short rows."""
    sorted_XK = np.sort(values_XK, axis=-1)
    count_X = np.isfinite(values_XK).sum(axis=-1)[..., None]
    low_X, high_X = (
        np.take_along_axis(sorted_XK, np.maximum(at, 0), -1)[..., 0] for at in ((count_X - 1) // 2, count_X // 2 - (count_X == 0))
    )
    return np.asarray(low_X / 2 + high_X / 2)
