"""Points that get another name, and two points that become one. F frames, P points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from mpm_core.edit.file_frames import file_names, merged_part
from mpm_core.edit.patch import Replace
from mpm_core.errors import DataError, printable
from mpm_core.gaps import known
from mpm_core.recording import FilePart, Recording
from mpm_core.samples import OF_FILE, Samples
from mpm_core.typing import Int

END = "_end"  # after its joint's name, an End Site's
Conflicts = Literal["refuse", "first", "second"]


def renamed(rec: Recording, names: Mapping[str, str]) -> Recording:
    """The take with other names for some of its points, as `old: new`; spans, subjects and a hierarchy with its End Sites follow.

    Samples stay as they are, and the names of the file stay known. Raises DataError for a name that is not in the take, for one that is
    there already, and for one that is empty, begins or ends with a blank, or has a line break, a tab or another control character.
    """
    for old in names:
        rec.index(old)
    if rec.rig is not None:
        ends = {f"{old}{END}": f"{new}{END}" for old, new in names.items() if f"{old}{END}" in rec.points}
        names = {**ends, **names}
    for new in names.values():
        if not new.strip():
            raise DataError("a point needs a name", hint="give one that is not empty")
        if new != new.strip() or printable(new) != new or len(f"{new}.".splitlines()) > 1 or "\t" in new:
            raise DataError(f"{new!r} is not a name of a point", hint="leave out control characters, and blanks at its ends")
    points = tuple(names.get(point, point) for point in rec.points)
    if twice := sorted({point for point in points if points.count(point) > 1}):
        raise DataError(f"there would be two points called {twice[0]!r}", hint="choose another name, or merge the two")
    rig, skeleton = rec.rig, rec.skeleton
    return _with_points(
        rec,
        rec.samples,
        points,
        replace(rec.source.part, names=file_names(rec)),
        names,
        rig=None if rig is None else replace(rig, names=tuple(names.get(name, name) for name in rig.names)),
        skeleton=None if skeleton is None else replace(skeleton, names=tuple(names.get(name, name) for name in skeleton.names)),
    )


def rename(rec: Recording, names: Mapping[str, str]) -> Replace:
    """The edit that renames points. Raises DataError as `renamed` does."""
    label = "Rename " + ", ".join(f"{old} to {new}" for old, new in list(names.items())[:3]) + (" ..." if len(names) > 3 else "")
    return Replace(label, rec, renamed(rec, names).logged(label))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Frames in which both of two points have a value of the same rank: how many, and how far apart they are (metres; pixels in 2D)."""

    frames: int
    mean: float
    most: float


def conflict_of(rec: Recording, first: int, second: int) -> Conflict:
    """How two points contradict each other. A sample of the file and a fill do not: the first is kept."""
    rank_FP = _rank(rec)
    both_F = (rank_FP[:, first] == rank_FP[:, second]) & (rank_FP[:, first] > 0)
    apart_N = np.linalg.norm(rec.xyz_FPD[both_F, first].astype(np.float64) - rec.xyz_FPD[both_F, second], axis=1)
    return Conflict(int(both_F.sum()), float(apart_N.mean()) if len(apart_N) else 0.0, float(apart_N.max(initial=0.0)))


def merged(rec: Recording, first: int, second: int, conflicts: Conflicts = "refuse") -> Recording:
    """Two points made one, such as a marker whose label was lost for a while: the first gets the samples of the second, which is removed.

    In each frame a sample of the file (measured or filtered) is kept over a fill, with all its values; a measured one stays measured under
    its new name. `source.part` keeps both names of the file, and which of them each frame is of. Where both samples are of the file, or
    both are fills, conflicts decides.
    Raises DataError for a hierarchy, for one point twice, and where both samples have the same rank and conflicts is "refuse".

    >>> from mpm_core.recording import make_recording
    >>> nan = [np.nan] * 3
    >>> rec = make_recording(("LKNE", "*12"), 100.0, [[[1, 0, 0], nan], [nan, [2, 0, 0]]])
    >>> merged(rec, 0, 1).points, merged(rec, 0, 1).xyz_FPD[:, 0, 0].tolist()
    (('LKNE',), [1.0, 2.0])
    """
    if rec.rig is not None:
        raise DataError("joints of a hierarchy cannot be merged: each has its own bones", where=rec.source.path)
    one, two = rec.points[first], rec.points[second]
    if first == second:
        raise DataError(f"{one} cannot be merged with itself", hint="name two points")
    conflict = conflict_of(rec, first, second)
    if conflict.frames and conflicts == "refuse":
        what = f"{one} and {two} are both there in {conflict.frames:,} frames"
        raise DataError(what, where=rec.source.path, hint="say whose samples are kept there, or delete those that are wrong first")
    rank_FP, there_FP = _rank(rec), known(rec.xyz_FPD)
    takes_F = (rank_FP[:, second] > rank_FP[:, first]) | ((rank_FP[:, second] == rank_FP[:, first]) & (conflicts == "second"))
    takes_F &= there_FP[:, second]
    takes_F |= ~there_FP[:, first] & there_FP[:, second]  # one that is marked, where the other has nothing
    samples = rec.samples.put((takes_F, first), rec.samples.at(takes_F, second))
    stays = [point for point in range(len(rec.points)) if point != second]
    points, part = tuple(rec.points[point] for point in stays), merged_part(rec, first, second, takes_F)
    return _with_points(rec, samples.at(slice(None), stays), points, part, {two: one}, skeleton=None)


def _rank(rec: Recording) -> Int:
    """(F, P) 0 missing or marked, 1 a fill, 2 of the file."""
    return rec.visible_FP.astype(np.int64) + np.isin(rec.origin_FP, OF_FILE)


def merge(rec: Recording, first: int, second: int, conflicts: Conflicts = "refuse") -> Replace:
    """The edit that merges two points. Raises DataError as `merged` does."""
    label = f"Merge {rec.points[second]} into {rec.points[first]}"
    after = merged(rec, first, second, conflicts)
    clash = conflict_of(rec, first, second).frames
    kept = rec.points[first if conflicts == "first" else second]
    return Replace(label, rec, after.logged(f"{label}: of {clash} frames with both, {kept} is kept" if clash else label))


def _with_points(
    rec: Recording,
    samples: Samples,
    points: tuple[str, ...],
    part: FilePart,
    new_names: Mapping[str, str],
    **changes: Any,
) -> Recording:
    """The take with other points; spans and subjects name theirs by the new names, each once. part: of the file."""

    def now(given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(new_names.get(name, name) for name in given))

    taken: set[str] = set()
    subjects = []
    for subject in rec.subjects:
        own = tuple(name for name in now(subject.points) if name not in taken)
        taken.update(own)
        subjects.append(replace(subject, points=own))
    return rec.with_samples(
        samples,
        points=points,
        source=replace(rec.source, part=part),
        spans=tuple(replace(span, points=now(span.points)) for span in rec.spans),
        subjects=tuple(subjects),
        **changes,
    )
