"""Suspects that the user looked at and found right: spans of the source `CHECKED`, which say so in the take itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mpm_core.edit.annotate import Annotate
from mpm_core.edit.request import requested
from mpm_core.recording import Recording
from mpm_core.spans import CHECKED, Span
from mpm_core.suspect.kinds import Suspect

DISMISS = "dismiss suspects"  # the action of its requests


def dismiss(rec: Recording, suspects: Sequence[Suspect]) -> Annotate:
    """The edit that keeps a span for each suspect: its samples are right. Raises DataError, when applied, for points or frames that are
    not the take's.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(("a", "b"), 100.0, np.zeros((90, 2, 3)))
    >>> spike = Suspect("spike", (1,), 10, 12, 2.0, "")
    >>> not_dismissed(dismiss(rec, [spike]).apply(rec)[0], [spike])
    []
    """
    added = tuple(
        Span(_name(each.kind), each.start, each.stop, tuple(rec.points[point] for point in each.points), CHECKED) for each in suspects
    )
    what = f"{suspects[0].kind} of {', '.join(added[0].points)}" if len(suspects) == 1 else f"{len(suspects)} suspects"
    edit = Annotate(f"Dismiss {what}", spans=tuple(dict.fromkeys((*rec.spans, *added))))
    return requested(edit, DISMISS, kinds=sorted({each.kind for each in suspects}))


def not_dismissed(rec: Recording, suspects: Sequence[Suspect]) -> list[Suspect]:
    """The suspects but for those of which half of the frames or more were dismissed for the same kind and all of the points: other edits
    may move the ends of a suspect.
    """
    of_point: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for span in rec.spans:
        for name in span.points if span.source == CHECKED else ():
            of_point[span.name, name].append(span)
    return [
        each
        for each in suspects
        if not any(_covers(rec, span, each) for span in of_point.get((_name(each.kind), rec.points[each.points[0]]), ()))
    ]


def _name(kind: str) -> str:
    return f"no {kind}"


def _covers(rec: Recording, span: Span, suspect: Suspect) -> bool:
    """Whether half of a suspect's frames, and all of its points, are in a span for its kind."""
    if 2 * (min(span.stop, suspect.stop) - max(span.start, suspect.start)) < suspect.stop - suspect.start:
        return False
    return {rec.points[point] for point in suspect.points} <= set(span.points)
