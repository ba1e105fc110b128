"""From what a detector's file holds to the recording of one person. F frames, K points, (x, y, confidence) each; pixels, y down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.body.names import NameSet, name_sets
from mpm_core.counted import counted
from mpm_core.errors import DataError, FormatError
from mpm_core.io.conventions import ASSUMED_RATE_HZ, FARTHEST, note_far_samples
from mpm_core.io.keypoints.arrays import SHARE_OF_PICTURE
from mpm_core.io.keypoints.bodies import Bodies, bodies_of, is_further_part
from mpm_core.io.keypoints.detected import are_flags, detected
from mpm_core.io.keypoints.people import Person, choose, describe, find_people, named_people, seen_people
from mpm_core.io.keypoints.point_sets import choose_set, with_extra
from mpm_core.io.point_names import unique_names
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.subjects import Subject
from mpm_core.typing import Float, Float32, Mask

MOST_OUTSIDE = 0.02  # share of coordinates below zero at most, or the origin is not the picture's corner


@dataclass(frozen=True, slots=True)
class KeypointFile:
    """What a file holds. people: (K, 3) of each person of each frame, undetected points 0, 0, 0 or NaN. names: of the K points, () where
    the file has none. whose: the name of each person of each frame, where the file says who is who. extra: how many of the K, at their end,
    belong to each further part (hands, face), which a set names. where: of each frame, for errors; () for the file's own path.
    """

    format: str
    path: str
    people: Sequence[Sequence[Float]]
    names: tuple[str, ...] = ()
    whose: Sequence[Sequence[str]] | None = None
    extra: tuple[int, ...] = ()
    where: Sequence[str] = ()
    first_frame: int = 1
    rate_hz: float | None = None
    image_wh: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeypointOptions:
    """What the user says instead of what the file does or what is inferred.

    fps: the video's frames a second (else 30, with a note). image_wh: the picture's width and height. points: the keypoint set's name, or
    'unnamed'. person: who is read (people.py): a number, several that are one ('1+3'), or a name of the file.
    """

    fps: float | None = None
    image_wh: tuple[int, int] | None = None
    points: str | None = None
    person: str | None = None


def stated_size(table: Any, wide: str, high: str) -> tuple[int, int] | None:
    """A picture's width and height by their keys in a table of a file; None where these are not sizes."""
    size = (table.get(wide), table.get(high)) if isinstance(table, dict) else (None, None)
    return (int(size[0]), int(size[1])) if all(isinstance(side, int) and side > 0 for side in size) else None  # type: ignore[arg-type]


def reader_of(file_of: Callable[..., KeypointFile]) -> Callable[..., Recording]:
    """The `read` of a detector's format. file_of: what a file holds, by its path and perhaps keywords of its own.

    The reader takes these keywords and, as keywords, the fields of KeypointOptions; one that is both is given to both. Raises what
    `file_of` and `take_of` do.
    """
    asked = {each.name: Parameter(each.name, Parameter.KEYWORD_ONLY, default=None) for each in fields(KeypointOptions)}
    own = {name: each for name, each in signature(file_of).parameters.items() if each.kind is Parameter.KEYWORD_ONLY}

    def read(path: Path, **options: Any) -> Recording:
        of_file = {name: value for name, value in options.items() if name in own}
        of_take = {name: value for name, value in options.items() if name in asked or name not in own}
        return take_of(file_of(path, **of_file), KeypointOptions(**of_take))

    path = Parameter("path", Parameter.POSITIONAL_OR_KEYWORD)
    read.__signature__ = Signature([path, *(own | asked).values()])  # type: ignore[attr-defined]
    return read


def take_of(file: KeypointFile, asked: KeypointOptions) -> Recording:
    """The recording of one person. Raises FormatError when no person is in the file, when its points are not told apart surely, when the
    person asked for is not in it, and when its coordinates are shares of a picture whose size is not known."""
    count = _count(file)
    if file.whose is not None and list(map(len, file.whose)) != list(map(len, file.people)):
        raise FormatError("the names of the people do not belong to their frames", where=file.path, hint="export the poses again")
    file = _without_repeated_people(_without_far_points(file))
    body = count - sum(file.extra)
    everyone_NK3 = np.stack([person_K3[:body] for persons in file.people for person_K3 in persons])
    names, bones, notes = _names_and_bones(file, everyone_NK3, asked.points)
    size = asked.image_wh or file.image_wh
    image_wh = None if size is None else (int(size[0]), int(size[1]))
    scale_2 = _to_pixels(everyone_NK3, image_wh, file.path)
    flags = are_flags(everyone_NK3[..., 2])
    to_pixels_3 = np.array([*scale_2, 0.5 if flags else 1.0])
    people = file.people if (to_pixels_3 == 1).all() else [[person_K3 * to_pixels_3 for person_K3 in persons] for persons in file.people]
    bodies = bodies_of([[person_K3[:body] for person_K3 in persons] for persons in people], bones)
    if file.whose is not None:
        crowd = named_people(bodies, [name for persons in file.whose for name in persons])
    else:
        crowd = find_people(bodies, len(people), file.first_frame)
    if not crowd.listed:
        raise FormatError("no point of any person was detected", where=file.path, hint="was the detector run on the right video?")
    chosen = choose(crowd, asked.person, file.path)
    found_FK3 = _samples(people, bodies, chosen, count, file.path)
    rate_hz = asked.fps or file.rate_hz or ASSUMED_RATE_HZ
    seen = seen_people(bodies, crowd, chosen, file.first_frame, bones)
    notes += _assumed(asked, file, image_wh) + describe(bodies, crowd, chosen, seen, file.first_frame)
    if flags:
        notes.append("visibility flags were taken as confidence: 2 as 1, 1 (hidden) as 0.5")
    if scale_2[0] != 1:
        notes.append(f"coordinates are shares of the picture and became pixels of {scale_2[0]:g} x {scale_2[1]:g}")
    kept = _detected_parts(found_FK3, body, file.extra)
    points = tuple(name for name, keep in zip(names, kept, strict=True) if keep)
    found_FK3 = found_FK3[:, kept]
    sure_FK = np.minimum(found_FK3[:, :, 2], np.float32(1))
    has_confidence = bool((sure_FK[np.isfinite(sure_FK)] != 1).any())  # when all are 1, the file holds no confidences
    source = Source(file.path, file.format, "px", "-y", first_frame=file.first_frame, image_wh=image_wh, notes=tuple(notes), people=seen)
    try:
        return make_recording(
            points,
            rate_hz,
            found_FK3[:, :, :2],
            confidence_FP=sure_FK if has_confidence else None,
            source=source,
            subjects=(Subject("person", points),),
        )
    except DataError as error:
        raise FormatError(error.what, where=file.path, hint=error.hint) from error


def _without_far_points(file: KeypointFile) -> KeypointFile:
    """The file's people, with points far outside any picture set to not detected, and a note. Raises FormatError when there are many."""
    everyone_M3 = np.concatenate([person_K3 for persons in file.people for person_K3 in persons])
    far = int(_far(everyone_M3).sum())
    if not far:
        return file
    note = note_far_samples(far, len(everyone_M3), file.path)
    people = [[np.where(_far(person_K3)[:, None], 0.0, person_K3) for person_K3 in persons] for persons in file.people]
    return replace(file, people=people, notes=(*file.notes, note))


def _without_repeated_people(file: KeypointFile) -> KeypointFile:
    """A person whom a frame has twice with the same numbers counts once: nothing tells which of the two goes on in the next frame."""
    if file.whose is not None:
        return file
    people = [_distinct(persons) for persons in file.people]
    again = sum(map(len, file.people)) - sum(map(len, people))
    note = f"counted once: {counted(again, 'detection')} with the same numbers as another one in the frame"
    return replace(file, people=people, notes=(*file.notes, note)) if again else file


def _distinct(persons: Sequence[Float]) -> list[Float]:
    """The persons of a frame, without those that are equal to an earlier one; entries without a detected point stay."""
    kept: list[Float] = []
    for person_K3 in persons:
        empty = not np.nan_to_num(person_K3[:, :2]).any()
        if empty or not any(np.array_equal(person_K3, other_K3, equal_nan=True) for other_K3 in kept):
            kept.append(person_K3)
    return kept


def _far(points_M3: Float) -> Mask:
    return np.asarray((np.abs(points_M3) > FARTHEST).any(axis=1))


def _count(file: KeypointFile) -> int:
    """The number of points of each person. Raises FormatError when there is no person, or the numbers differ."""
    counts = Counter(len(person_K3) for persons in file.people for person_K3 in persons)
    if not counts:
        raise FormatError("there is no person in it", where=file.path, hint="was the detector run on the right video?")
    count = counts.most_common(1)[0][0]
    for frame, persons in enumerate(file.people):
        for person_K3 in persons:
            if len(person_K3) != count:
                extra = sum(file.extra)
                what = f"a person here has {len(person_K3) - extra} points, others {count - extra}"
                raise FormatError(what, where=file.where[frame] if file.where else file.path, hint="are these of two detectors?")
    return count


def _names_and_bones(
    file: KeypointFile, everyone_NK3: Float, points: str | None
) -> tuple[tuple[str, ...], list[tuple[int, int]], list[str]]:
    """The points' names, pairs of points that are near each other on a body, and notes: by the file's own names, else by how they lie."""
    if file.names and points is None:
        names, numbered = unique_names(dict(enumerate(file.names)))
        known = next((known for known in name_sets("keypoints") if known.points == names), None)
        return names, _bones(known) if known is not None else [], [*file.notes, *numbered]
    xy_NK2 = np.where(detected(everyone_NK3)[..., None], everyone_NK3[..., :2], np.nan)
    found, note = choose_set(xy_NK2, file.path, points)
    return with_extra(found, file.extra), _bones(found), [note, *file.notes]


def _bones(found: NameSet) -> list[tuple[int, int]]:
    index = {name: point for point, name in enumerate(found.points)}
    return [(index[first], index[second]) for group in found.bones for first, second in group]


def _to_pixels(everyone_NK3: Float, image_wh: tuple[int, int] | None, where: str) -> Float:
    """What x and y are multiplied by: 1, or the picture's size where they are shares of it."""
    xy_M2 = everyone_NK3[detected(everyone_NK3)][:, :2]
    if not len(xy_M2) or np.percentile(np.abs(xy_M2), 99) > SHARE_OF_PICTURE:
        return np.ones(2)
    if (xy_M2 < 0).mean() > MOST_OUTSIDE:
        raise FormatError(
            "the coordinates are around 0, neither pixels nor shares of a picture", where=where, hint="save them again as pixels"
        )
    if image_wh is None:
        raise FormatError(
            "the coordinates are shares of the picture, whose size the file does not say", where=where, hint="give it: --size 1920x1080"
        )
    return np.array(image_wh, np.float64)


def _samples(people: Sequence[Sequence[Float]], bodies: Bodies, chosen: Sequence[Person], count: int, where: str) -> Float32:
    """(F, K, 3) of those chosen, NaN where not detected. Raises FormatError when two of them are in one frame, or one twice."""
    found_FK3: Float32 = np.full((len(people), count, 3), np.nan, np.float32)
    seen: dict[int, str] = {}
    for person in chosen:
        for detection in person.detections:
            frame = int(bodies.frame_N[detection])
            person_K3 = people[frame][int(bodies.person_N[detection])]
            here_K, known_K = detected(person_K3), np.isfinite(found_FK3[frame, :, 0])
            if seen.setdefault(frame, person.name) != person.name or (known_K.any() and not is_further_part(known_K, here_K)):
                what = f"persons {seen[frame]} and {person.name} are in one frame, so they are not the same"
                raise FormatError(what, where=where, hint="join with --person only those that are")
            here_K &= ~(found_FK3[frame, :, 2] >= person_K3[:, 2])  # a point of two parts is that of the surer one
            found_FK3[frame, here_K] = person_K3[here_K]
    return found_FK3


def _detected_parts(found_FK3: Float32, body: int, extra: Sequence[int]) -> list[bool]:
    """Which points are kept: all of the body, and of hands and face those parts of which anything was detected."""
    kept, start = [True] * body, body
    for count in extra:
        kept += [bool(np.isfinite(found_FK3[:, start : start + count]).any())] * count
        start += count
    return kept


def _assumed(asked: KeypointOptions, file: KeypointFile, image_wh: tuple[int, int] | None) -> list[str]:
    """Notes on the rate and the picture's size where the file has none."""
    notes = []
    if asked.fps is None and file.rate_hz is None:
        notes.append(f"frame rate taken as {ASSUMED_RATE_HZ:g} Hz: the file has none")
    if image_wh is None:
        notes.append("image size unknown")
    return notes
