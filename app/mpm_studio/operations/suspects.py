"""Looking for bad data, and acting on what was found. Needs no window. F frames, P points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mpm_core.edit import labels
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import Patch
from mpm_core.edit.request import requested
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.suspect.find import find_suspects
from mpm_core.suspect.kinds import Suspect
from mpm_studio.operations.marking import place
from mpm_studio.operations.networks import Networks


@dataclass(frozen=True, slots=True)
class Request:
    """by_model: also compare each joint with the prediction of the network. overrides: the user's mapping of body joints."""

    recording: Recording
    by_model: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


def look(request: Request, cancel: Cancel, progress: Progress) -> list[Suspect]:
    """What looks wrong, by time. Raises ModelError, Cancelled."""
    model = None
    if request.by_model:
        from mpm_core.model.checkpoint import choose_model

        model = choose_model("complete", request.networks.complete, request.networks.device)
    return find_suspects(request.recording, overrides=request.overrides or None, model=model, progress=progress, cancel=cancel)


def still_open(rec: Recording, then: Recording, suspects: Sequence[Suspect]) -> list[Suspect]:
    """Those of which a sample is as it was in `then`, in which they were found: not marked, exchanged or moved since."""
    if rec.points != then.points or rec.frames != then.frames:
        return []
    same_FP = (rec.origin_FP == then.origin_FP) & (rec.xyz_FPD == then.xyz_FPD).all(axis=2)
    return [each for each in suspects if same_FP[each.start : each.stop, list(each.points)].any()]


def mark_all(rec: Recording, suspects: Sequence[Suspect]) -> Patch:
    """Mark every sample of these as wrong, in one step; on a rig, with the joints below. Of several, not those that are to be merged."""
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    suspects = [each for each in suspects if not each.piece or len(suspects) == 1]
    for each in suspects:
        where_FP |= region(rec, list(each.points), each.start, each.stop)
    names = ", ".join(rec.points[point] for point in suspects[0].points) if suspects else ""
    label = f"Mark {suspects[0].kind} of {names}" if len(suspects) == 1 else f"Mark {len(suspects)} suspects"
    return requested(mark(rec, where_FP, label), "mark suspects", kinds=sorted({each.kind for each in suspects}))


def exchange(rec: Recording, points: Sequence[int], start: int, stop: int) -> Patch:
    """Two points exchange their samples in frames start..stop-1. Raises DataError."""
    return requested(labels.swap(rec, points[0], points[1], start, stop), "exchange", **place(rec, points[:2], start, stop))


def unlabel(rec: Recording, points: tuple[int, ...], start: int, stop: int) -> Patch:
    """Points lose their samples in a range. Raises DataError."""
    return requested(labels.unlabel(rec, points, start, stop), "unlabel", **place(rec, points, start, stop))
