"""Points by name or body part, as users write them: "LeftHand", "left_arm", "legs", "left_arm:100-160"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from mpm_core.body.joints import body17
from mpm_core.body.mapping import BodyMap, map_body, points_of
from mpm_core.body.names import name_sets, sideless
from mpm_core.body.tree import parents_of
from mpm_core.errors import DataError
from mpm_core.recording import Recording
from mpm_core.skeleton import upwards

# Places on the body (markers.toml) by joint: those that define it, then the others on the segment below it.
PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "hip": (("asis", "psis", "sacrum"), ()),
    "spine": (("t10", "sternum"), ("back",)),
    "thorax": (("c7", "clavicle"), ()),
    "neck": (("front_head", "back_head", "ear", "head_crown", "head_front", "head_rear"), ()),
    "head_top": (("front_head", "back_head", "ear", "head_crown", "head_front", "head_rear"), ()),
    "shoulder": (("acromion",), ("upper_arm",)),
    "elbow": (("lateral_elbow", "medial_elbow"), ("forearm",)),
    "wrist": (("wrist", "radial_wrist", "ulnar_wrist"), ("hand",)),
    "side_hip": (("asis", "psis"), ("thigh",)),
    "knee": (("lateral_knee", "medial_knee"), ("shank",)),
    "ankle": (("lateral_ankle", "medial_ankle"), ("heel", "toe", "foot")),
}


FRAMES = re.compile(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?")


def resolve(rec: Recording, text: str, overrides: Mapping[str, str] | None = None) -> tuple[int, ...]:
    """Point indices, ascending, of comma-separated point names and body parts (the 17 joints and the groups of body17).

    A point's own name has priority. A joint means the points that define it; a group means its joints with all their descendants: an arm is
    from the elbow to the fingertips, a leg from the knee to the toes. overrides: as for `map_body`. Raises DataError with close matches for
    unknown names, MappingError for a body part of points that are not a body.

    >>> import numpy as np, mpm_core as mpm
    >>> resolve(mpm.make_recording(("a", "b", "c"), 30.0, np.zeros((1, 3, 3))), "c, a")
    (0, 2)
    """
    if text in rec.points:
        return (rec.points.index(text),)
    wanted: set[int] = set()
    bmap: BodyMap | None = None
    for name in filter(None, (part.strip() for part in text.split(","))):
        if name in rec.points:
            wanted.add(rec.points.index(name))
        elif name == "all":
            wanted |= set(range(len(rec.points)))
        else:
            _check_part(rec, name)
            bmap = bmap or map_body(rec, overrides)
            wanted |= _part(rec, bmap, name)
    if not wanted:
        has = f"as {bmap.name} its points are others" if bmap else "give point names or body parts, separated by commas"
        raise DataError(f"no point of this take belongs to {text!r}", where=rec.source.path, hint=has)
    return tuple(sorted(wanted))


def body_parts(rec: Recording, names: Sequence[str], overrides: Mapping[str, str] | None = None) -> dict[str, tuple[int, ...]]:
    """Point indices, ascending, of each of several body parts, as `resolve` gives them; none where no point belongs to a part.

    Raises DataError for an unknown part, MappingError for points that are not a body.

    >>> import numpy as np, mpm_core as mpm
    >>> body_parts(mpm.make_recording(body17().names, 30.0, np.zeros((1, 17, 3))), ("left_arm",))
    {'left_arm': (12, 13)}
    """
    for name in names:
        _check_part(rec, name)
    bmap = map_body(rec, overrides)
    return {name: tuple(sorted(_part(rec, bmap, name))) for name in names}


def parse_mark(rec: Recording, text: str, overrides: Mapping[str, str] | None = None) -> tuple[tuple[int, ...], int, int]:
    """(points, start, stop) of "POINTS:FIRST-LAST", "POINTS:FRAME" or "POINTS:all": 0-based array indices, stop exclusive.

    In the text, frames are numbered as in the file: the first one is source.first_frame (1 unless the file has another), and LAST is
    included. overrides: as for `map_body`. Raises DataError when the text is not valid or outside the take.

    >>> import numpy as np, mpm_core as mpm
    >>> parse_mark(mpm.make_recording(("a",), 30.0, np.zeros((9, 1, 3))), "a:3-5")
    ((0,), 2, 5)
    """
    points, colon, frames = text.rpartition(":")
    if colon and frames.strip() == "all":
        return resolve(rec, points, overrides), 0, rec.frames
    if not colon or FRAMES.fullmatch(frames) is None:
        raise DataError(f"{text!r} is not understood", hint="write POINTS:FIRST-LAST, such as left_arm:100-160, or POINTS:all")
    start, stop = parse_frames(rec, frames)
    return resolve(rec, points, overrides), start, stop


def parse_frames(rec: Recording, text: str) -> tuple[int, int]:
    """(start, stop), 0-based, of "FIRST-LAST" or "FRAME" as the file counts. Raises DataError when it is not valid or outside the take.

    >>> import numpy as np, mpm_core as mpm
    >>> parse_frames(mpm.make_recording(("a",), 30.0, np.zeros((9, 1, 3))), "3-5")
    (2, 5)
    """
    numbers = FRAMES.fullmatch(text)
    if numbers is None:
        raise DataError(f"{text!r} is not understood", hint="write FIRST-LAST, such as 100-160")
    first, last = int(numbers[1]), int(numbers[2] or numbers[1])
    lowest = rec.source.first_frame
    highest = lowest + rec.frames - 1
    if last < first:
        raise DataError(f"frames {first} to {last} end before they begin", where=rec.source.path, hint="write FIRST-LAST, such as 100-160")
    if not lowest <= first <= last <= highest:
        raise DataError(f"frames {first} to {last} are not in the take", where=rec.source.path, hint=f"it has {lowest} to {highest}")
    return first - lowest, last - lowest + 1


def _check_part(rec: Recording, name: str) -> None:
    known = (*body17().names, *dict(body17().groups))
    if name not in known:
        near = get_close_matches(name, (*rec.points, *known), 4) or (*rec.points[:3], "left_arm", "legs", "all")
        raise DataError(f"there is no point or body part called {name!r}", where=rec.source.path, hint=f"did you mean {', '.join(near)}?")


def _part(rec: Recording, bmap: BodyMap, name: str) -> set[int]:
    names = body17().names
    joints = [names[joint] for joint in body17().group(name)]
    own = {joint: own_points(rec, bmap, joint) for joint in joints}
    if name in names:
        return own[name]
    beyond = set().union(*(_beyond(rec, bmap, joint) for joint in joints))
    elsewhere = {point for joint, point in zip(names, points_of(bmap), strict=True) if joint not in joints and point >= 0}
    everything = beyond.union(*own.values())
    return everything - elsewhere or everything


def own_points(rec: Recording, bmap: BodyMap, joint: str) -> set[int]:
    """The points that define a joint; for the hip of a rig, its root and all joints up to where the legs branch off."""
    terms = bmap.sources[body17().names.index(joint)]
    if bmap.markers is not None and not terms:
        return _places(bmap, joint, 0)
    if joint == "hip" and bmap.kind == "rig" and (root := _root(rec, bmap)):
        return root
    return {point for point, weight in terms if weight > 0}


def _beyond(rec: Recording, bmap: BodyMap, joint: str) -> set[int]:
    """The further points of a joint's body part: a rig's descendants, or points of a marker or keypoint set."""
    if bmap.markers is not None:
        return _places(bmap, joint, 1)
    if bmap.kind == "keypoints":
        sets = {names.name: dict(names.beyond) for names in name_sets("keypoints")}
        patterns = sets[bmap.name].get(joint, ())
        return {point for point, name in enumerate(rec.points) if any(fnmatchcase(name, pattern) for pattern in patterns)}
    if joint == "hip":
        return set()
    parents = parents_of(rec)
    tops = own_points(rec, bmap, joint)
    if joint in ("left_hip", "right_hip", "spine"):  # from where their branch leaves the root, with helper joints before them
        root = _root(rec, bmap)
        tops = {point for top in tops for point in upwards(parents, top) if point not in root and parents[point] in root} or tops
    return {point for point in range(len(rec.points)) if not tops.isdisjoint(upwards(parents, point))}


def _root(rec: Recording, bmap: BodyMap) -> set[int]:
    """The root and every joint from it to where the legs branch off, both included."""
    parents = parents_of(rec)
    points = points_of(bmap)
    left, right = (set(upwards(parents, points[body17().names.index(f"{side}_hip")])) for side in ("left", "right"))
    return left & right


def _places(bmap: BodyMap, joint: str, which: int) -> set[int]:
    side, _, place = joint.partition("_") if joint.startswith(("left_", "right_")) else ("", "", joint)
    wanted = PLACES["side_hip" if side and place == "hip" else place][which]
    roles = bmap.markers.roles if bmap.markers is not None else ()
    return {
        point
        for role, points in roles
        for point in points
        if role == joint or role in (f"{side}_{name}" if side else name for name in wanted) or (not side and sideless(role) in wanted)
    }
