"""Marking samples as wrong, taking marks back, restoring what was measured. Frames start..stop-1, 0-based. F frames, P points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mpm_core.body import parts
from mpm_core.edit import mark as core
from mpm_core.edit.change_marks import mark_unsure
from mpm_core.edit.document import Document
from mpm_core.edit.patch import Patch
from mpm_core.edit.request import Request, requested
from mpm_core.errors import DataError, MappingError
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Mask
from mpm_studio.operations.bodies import bodies_of

BODY_PARTS = (
    "left_arm",
    "right_arm",
    "arms",
    "left_leg",
    "right_leg",
    "legs",
    "left_side",
    "right_side",
    "upper",
    "lower",
    "head",
    "root",
    "all",
)


def mark(rec: Recording, points: tuple[int, ...], start: int, stop: int) -> Patch:
    """Mark a range as wrong. On a rig, with joints below that cannot be kept without it. Raises DataError."""
    patch = core.mark(rec, _range(rec, points, start, stop), label=f"Mark {core.region_text(rec, points, start, stop)}")
    return requested(patch, "mark", **place(rec, points, start, stop))


def unmark(rec: Recording, points: tuple[int, ...], start: int, stop: int) -> Patch:
    """Take marks back in a range. Raises DataError."""
    patch = core.unmark(rec, _range(rec, points, start, stop), label=f"Unmark {core.region_text(rec, points, start, stop)}")
    return requested(patch, "unmark", **place(rec, points, start, stop))


def restore(rec: Recording, original: Recording, points: tuple[int, ...], start: int, stop: int) -> Patch:
    """Bring a range back to what was read from the file. Raises DataError when the take was resized since."""
    patch = core.restore(rec, original, _range(rec, points, start, stop), label=f"Restore {core.region_text(rec, points, start, stop)}")
    return requested(patch, "restore", **place(rec, points, start, stop))


def place(rec: Recording, points: Sequence[int], start: int, stop: int) -> dict[str, Any]:
    """Points and frames as settings of a request: names, and frames as the file counts them."""
    first = rec.source.first_frame
    return {"points": [rec.points[point] for point in points], "frames": [start + first, stop - 1 + first]}


def mark_all_named(
    document: Document, marks: Sequence[str], overrides: Mapping[str, str] | None = None, min_confidence: float | None = None
) -> None:
    """Mark every 'POINTS:START-END', frames as the file counts them, in one step. overrides: the mapping of body joints.

    min_confidence: samples below it are marked, too, in a step before. Raises DataError, MappingError.
    """
    if min_confidence is not None:
        document.do(mark_unsure(document.recording, min_confidence))
    if not marks:
        return
    rec = document.recording
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    asked = []
    for text in marks:
        points, start, stop = parts.parse_mark(rec, text, overrides)
        where_FP |= core.region(rec, list(points), start, stop)
        asked.append(Request("mark", place(rec, points, start, stop)))
    label = f"Mark {marks[0]}" if len(marks) == 1 else f"Mark {len(marks)} ranges"
    document.do(replace(core.mark(rec, where_FP, label), requests=tuple(asked)))
    line = _kept_below(document.recording)
    if line:
        document.note(line)


def marked(rec: Recording, marks: Sequence[str], overrides: Mapping[str, str] | None = None) -> Recording:
    """The recording with every 'POINTS:START-END' marked, as by `mark_all_named`."""
    document = Document(rec)
    mark_all_named(document, marks, overrides)
    return document.recording


def _kept_below(rec: Recording) -> str:
    """On a rig, which measured joints hang on marked ones, so that these cannot turn; "" where there are none."""
    if rec.rig is None:
        return ""
    marked_FP, measured_FP = rec.origin_FP == Origin.MARKED, rec.origin_FP == Origin.MEASURED
    pairs = [
        (rec.points[joint], rec.points[parent])
        for joint, parent in enumerate(rec.rig.parents)
        if parent >= 0 and rec.rig.parents[parent] >= 0 and (marked_FP[:, parent] & measured_FP[:, joint]).any()
    ]
    if not pairs:
        return ""
    joint, parent = pairs[0]
    if len(pairs) == 1:
        return f"{joint} is not marked and keeps its place: mark it, too, if {parent} is turned wrongly"
    return f"{joint} and {len(pairs) - 1} more are not marked and keep their places: mark them, too, if {parent} is turned wrongly"


def body_part(rec: Recording, name: str, overrides: Mapping[str, str] | None = None) -> tuple[int, ...]:
    """The points of a body part, of every subject that has one. overrides: the user's mapping.

    Raises MappingError when no subject's points are known to be a body.
    """
    found: list[int] = []
    problem: MappingError | DataError | None = None
    for body in bodies_of(rec, overrides):
        try:
            found += [body.points[point] for point in parts.resolve(body.take, name, body.overrides)]
        except (MappingError, DataError) as error:  # of this subject; another may have the part
            problem = problem or error
    if problem is not None and not found:
        raise problem
    return tuple(sorted(found))


def _range(rec: Recording, points: tuple[int, ...], start: int, stop: int) -> Mask:
    return core.region(rec, list(points), start, stop)
