"""Looking for bad data, and acting on what was found. Needs no window. F frames, P points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mpm_core.edit import labels
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import Patch, patch_samples
from mpm_core.edit.request import requested
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.suspect.find import find_suspects
from mpm_core.suspect.kinds import KINDS, Suspect
from mpm_studio.operations.marking import place
from mpm_studio.operations.networks import Networks

REPAIR_SUSPECTS = "exchange and mark suspects"  # the action of its requests, which recipes repeat


@dataclass(frozen=True, slots=True)
class Request:
    """by_model: also compare each joint with the prediction of the network. overrides: the user's mapping of body joints."""

    recording: Recording
    by_model: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


def look(request: Request, cancel: Cancel, progress: Progress) -> list[Suspect]:
    """What looks wrong, worst first. Raises ModelError, Cancelled."""
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


def exchangeable(suspects: Sequence[Suspect], listed: Sequence[Suspect] = ()) -> list[Suspect]:
    """The swaps that an exchange puts right: neither point is part of another swap in any of these frames. listed: all that are known, if
    `suspects` are only some of them."""
    swaps, others = _swaps(suspects), _swaps(listed or suspects)
    return [each for each in swaps if not any(_shares_samples(each, other) for other in others if other != each)]


def exchange_and_mark(rec: Recording, suspects: Sequence[Suspect]) -> Patch:
    """Exchange the swaps that can be (`exchangeable`), whose samples are true ones of the other point, and mark all others but pieces of a
    point under another name, in one step. Exchanged samples keep their values and are HAND; the log says so. Raises DataError.
    """
    swaps = exchangeable(suspects)
    rest = [each for each in suspects if each not in swaps and not each.piece]
    after = mark_all(rec, rest).apply(rec)[0] if rest else rec
    for each in swaps:
        after = labels.swap(after, each.points[0], each.points[1], each.start, each.stop).apply(after)[0]
    parts = [f"exchange {len(swaps)} swap{'s' * (len(swaps) != 1)}"] * bool(swaps) + [
        f"mark {len(rest)} suspect{'s' * (len(rest) != 1)}"
    ] * bool(rest)
    label = " and ".join(parts).capitalize() or "Nothing to mark"
    patch = patch_samples(label, rec.samples.differs(after.samples), after.samples)
    kinds = sorted({each.kind for each in suspects})
    return requested(replace(patch, log=after.log if after.log != rec.log else None), REPAIR_SUSPECTS, kinds=kinds)


def repair_suspects(rec: Recording, kinds: Sequence[str], overrides: Mapping[str, str] | None = None) -> Recording:
    """The recording with everything suspect of these kinds ("all": of every kind) exchanged or marked; the log says what was done.

    Raises DataError for an unknown kind.
    """
    found = find_suspects(rec, tuple(KINDS) if "all" in kinds else kinds, overrides=overrides)
    patch = exchange_and_mark(rec, found)
    return patch.apply(rec)[0].logged(f"{patch.label}: {len(patch)} samples") if len(patch) else rec


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


def _swaps(suspects: Sequence[Suspect]) -> list[Suspect]:
    return [each for each in suspects if each.kind == "swap" and len(each.points) == 2]


def _shares_samples(one: Suspect, other: Suspect) -> bool:
    return bool(set(one.points) & set(other.points)) and one.start < other.stop and other.start < one.stop
