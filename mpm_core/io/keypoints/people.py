"""The people in a keypoint file: who is seen when and where, and which of them is read. F frames, N detections, K points.

People are numbered by how long, how large and with what confidence they are detected; the first one is read unless another is asked for.
Tracks (tracks.py) are one person's where one begins where and when the other was lost. Where two could be the same person, none is
joined, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.keypoints.bodies import Bodies, distance
from mpm_core.io.keypoints.tracks import Crossing, Track, link, near
from mpm_core.seen_person import MOST_PEOPLE, SeenPerson

SIZE_RATIO = 2.0  # two tracks of one person differ less in size
UNSURE_SIZES = 0.3  # places that differ by less, in a person's size, are about as near
RIVAL = 0.5  # share of a track's weight from which another that could be the same person's makes it unsure


@dataclass(frozen=True, slots=True)
class Person:
    """One person. name: their number, or what the file calls them. tracks: indices of those joined; detections: by time, more than one in a
    frame where the detector found the person in parts."""

    name: str
    tracks: tuple[int, ...]
    detections: tuple[int, ...]
    lost: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """listed: the people of most weight, in that order. others: how many more there are. crossings: where it is unsure who is who."""

    listed: tuple[Person, ...]
    others: int = 0
    crossings: tuple[Crossing, ...] = ()


def find_people(bodies: Bodies, frames: int, first_frame: int) -> People:
    """Everyone who is seen, numbered. first_frame: the number that users see for frame 0."""
    tracks, crossings, parts = link(bodies, frames)
    weights = [float(bodies.weight_N[track].sum()) for track in tracks]
    remaining = sorted(range(len(tracks)), key=lambda number: weights[number], reverse=True)
    listed: list[Person] = []
    while remaining and len(listed) < MOST_PEOPLE:
        chosen, lost = _joined(bodies, tracks, weights, remaining, first_frame)
        remaining = [number for number in remaining if number not in set(chosen)]
        detections = [each for number in chosen for main in tracks[number] for each in (main, *parts.get(main, ()))]
        detections.sort(key=lambda each: int(bodies.frame_N[each]))
        listed.append(Person(str(len(listed) + 1), tuple(chosen), tuple(detections), lost))
    return People(tuple(listed), len(remaining), tuple(crossings))


def named_people(bodies: Bodies, name_N: Sequence[str]) -> People:
    """Everyone as the file names them. name_N: whose each detection is."""
    names = dict.fromkeys(name_N)
    people = [Person(name, (), tuple(at for at, other in enumerate(name_N) if other == name and bodies.detected_N[at])) for name in names]
    people.sort(key=lambda person: float(bodies.weight_N[list(person.detections)].sum()), reverse=True)
    return People(tuple(people))


def choose(people: People, asked: str | None, where: str) -> list[Person]:
    """Those asked for: '2', several as '1+3' where they are one person in truth, or a name of the file; the first without being asked.

    Raises FormatError, with everyone who is there, for anyone else.
    """
    if asked is None:
        return list(people.listed[:1])
    by_name = {person.name: person for person in people.listed}
    wanted = [asked.strip()] if asked.strip() in by_name else [word.strip() for word in re.split(r"[+,]", asked)]
    unknown = [word for word in wanted if word not in by_name]
    if unknown:
        raise FormatError(
            f"there is no person {unknown[0]!r} in it", where=where, hint=f"known to --person: {', '.join(by_name)}; `info` lists them"
        )
    return [by_name[word] for word in dict.fromkeys(wanted)]


def seen_people(
    bodies: Bodies, people: People, chosen: Sequence[Person], first_frame: int, bones: Sequence[tuple[int, int]]
) -> tuple[SeenPerson, ...]:
    """Everyone told one by one: when and where they are seen. bones: pairs of points, to draw them with."""
    seen = []
    for person in people.listed:
        at = list(person.detections)
        if not at:
            continue
        frame_T = bodies.frame_N[at] + first_frame
        x, y = np.median(bodies.middle_N2[at], axis=0)
        pose_K2 = bodies.xy_NK2[at[int(np.isfinite(bodies.xy_NK2[at, :, 0]).sum(axis=1).argmax())]]
        frames, size_px = len(set(frame_T.tolist())), float(np.median(bodies.size_N[at]))
        first, last = int(frame_T[0]), int(frame_T[-1])
        seen.append(SeenPerson(person.name, frames, first, last, float(x), float(y), size_px, pose_K2, tuple(bones), person in chosen))
    return tuple(seen)


def describe(bodies: Bodies, people: People, chosen: Sequence[Person], seen: Sequence[SeenPerson], first_frame: int) -> list[str]:
    """A note for each person: when and where they are seen; and what is unsure about who is who."""
    notes = [_in_parts(bodies, person, first_frame) for person in chosen]
    if len(people.listed) + people.others < 2:
        return [note for note in [*notes, *(person.lost for person in chosen)] if note]
    for each in seen:
        read = "is read" if each.read else f"--person {each.name} reads them"
        notes.append(
            f"person {each.name}: seen in {each.frames} of the frames {each.first} to {each.last}, "
            f"around {each.x:.0f}, {each.y:.0f}, {each.size_px:.0f} pixels large; {read}"
        )
    if people.others:
        notes.append(f"{people.others} more people, or parts of people, are seen for a shorter time")
    notes += [person.lost for person in chosen]
    return [note for note in notes if note] + _unsure(people, chosen, first_frame)


def _in_parts(bodies: Bodies, person: Person, first_frame: int) -> str:
    frame_T = bodies.frame_N[list(person.detections)] + first_frame
    frames, count_T = np.unique(frame_T, return_counts=True)
    several = frames[count_T > 1]
    if not len(several):
        return ""
    more = f" and {len(several) - 1} more" if len(several) > 1 else ""
    return f"person {person.name} is detected in parts, which are joined, in frame {several[0]}{more}"


def _unsure(people: People, chosen: Sequence[Person], first_frame: int) -> list[str]:
    owner = {track: person for person in people.listed for track in person.tracks}
    notes: dict[str, None] = {}
    for crossing in people.crossings:
        pair = [owner.get(track) for track in crossing.tracks]
        mine = next((person for person in pair if person in chosen), None)
        other = next((person for person in pair if person not in chosen), None)
        if mine is None or other is None:
            continue
        frames = f"frame {crossing.first + first_frame}"
        if crossing.last > crossing.first:
            frames = f"frames {crossing.first + first_frame} to {crossing.last + first_frame}"
        until = "there; bone lengths tell them apart afterwards" if crossing.bones_decide else "from there on: look at it"
        notes[f"persons {mine.name} and {other.name} are close in {frames} and may be confused {until}"] = None
    return list(notes)


def _joined(
    bodies: Bodies, tracks: Sequence[Track], weights: Sequence[float], remaining: Sequence[int], first_frame: int
) -> tuple[list[int], str]:
    """The heaviest track and all that continue it, and a note where two could."""
    chosen, lost = [remaining[0]], ""
    for number in remaining[1:]:
        mine = [tracks[other] for other in chosen]
        if not _continues(bodies, mine, tracks[number]):
            continue
        heavy = [each for each in range(len(tracks)) if each not in (number, *chosen) and weights[each] >= RIVAL * weights[number]]
        if any(_rivals(bodies, mine, tracks[number], tracks[each]) for each in heavy):
            first, last = _pause(bodies, min(mine, key=lambda each: _apart(bodies, each, tracks[number])), tracks[number])
            lost = lost or (
                f"the person is lost between frames {first + first_frame} and {last + first_frame}, where more than one could be the same; "
                "join the numbers that are the same person, such as --person 1+2"
            )
        else:
            chosen.append(number)
    return chosen, lost


def _rivals(bodies: Bodies, mine: Sequence[Track], track: Track, other: Track) -> bool:
    """True where another track could be one person with the track, or with mine, about as well as these with each other."""
    near_by = min(_apart(bodies, each, track) for each in mine)
    instead = _overlap(bodies, track, other) and _continues(bodies, mine, other)
    if instead and min(_apart(bodies, each, other) for each in mine) < near_by + UNSURE_SIZES:
        return True
    as_well = any(_overlap(bodies, each, other) for each in mine) and _continues(bodies, [track], other)
    return as_well and _apart(bodies, track, other) < near_by + UNSURE_SIZES


def _pause(bodies: Bodies, one: Track, other: Track) -> tuple[int, int]:
    """The last frame of the earlier track and the first of the later."""
    ends = sorted((int(bodies.frame_N[track[0]]), int(bodies.frame_N[track[-1]])) for track in (one, other))
    return ends[0][1], ends[1][0]


def _apart(bodies: Bodies, one: Track, other: Track) -> float:
    """Distance between the end of one track and the start of the next, in the person's size."""
    early, late = (one, other) if bodies.frame_N[one[-1]] < bodies.frame_N[other[0]] else (other, one)
    return float(distance(bodies, np.array(early[-1:]), np.array(late[:1]))[0, 0])


def _overlap(bodies: Bodies, one: Track, other: Track) -> bool:
    frame_N = bodies.frame_N
    return bool(frame_N[one[0]] <= frame_N[other[-1]] and frame_N[one[-1]] >= frame_N[other[0]])


def _continues(bodies: Bodies, chosen: Sequence[Track], track: Track) -> bool:
    """True when a track lies in a pause of those chosen and its person could have come from there and gone back."""
    if any(_overlap(bodies, other, track) for other in chosen):
        return False
    frame_N, first, last = bodies.frame_N, track[0], track[-1]
    size, usual = (float(np.median(bodies.size_N[each])) for each in (track, [detection for other in chosen for detection in other]))
    if not usual / SIZE_RATIO <= size <= usual * SIZE_RATIO:
        return False
    before = max((other[-1] for other in chosen if frame_N[other[-1]] < frame_N[first]), default=None)
    after = min((other[0] for other in chosen if frame_N[other[0]] > frame_N[last]), default=None)
    pairs = [(early, late) for early, late in ((before, first), (last, after)) if early is not None and late is not None]
    return all(near(bodies, early, late) for early, late in pairs)
