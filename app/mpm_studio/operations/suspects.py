"""Looking for bad data, and acting on what was found. Needs no window. F frames, P points."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mpm_core.edit import labels
from mpm_core.edit.document import Document
from mpm_core.edit.mark import check_frames, mark
from mpm_core.edit.patch import Patch, patch_samples
from mpm_core.edit.request import requested
from mpm_core.gaps import range_text, runs
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.suspect.certain import certain_swaps
from mpm_core.suspect.dismissed import not_dismissed
from mpm_core.suspect.find import find_suspects
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Mask
from mpm_studio.operations.marking import place
from mpm_studio.operations.networks import Networks

REPAIR_SUSPECTS = "exchange and mark suspects"  # the action of its requests, which recipes repeat
EXCHANGE = "exchange"
COUNTS, NUMBER = "Suspects: {exchanged} exchanged, {marked} marked, {pieces} pieces left to be merged", r"(\d+)"
NO_SUSPECTS = {"exchanged": 0, "marked": 0, "pieces": 0}


@dataclass(frozen=True, slots=True)
class Request:
    """by_model: also compare each joint with the prediction of the network. overrides: the user's mapping of body joints."""

    recording: Recording
    by_model: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


def look(request: Request, cancel: Cancel, progress: Progress) -> list[Suspect]:
    """What looks wrong, worst first, and what was dismissed (`still_open` leaves that out). Raises ModelError, Cancelled."""
    model = None
    if request.by_model:
        from mpm_core.model.checkpoint import choose_model

        model = choose_model("complete", request.networks.complete, request.networks.device)
    rec = replace(request.recording, spans=())  # what was dismissed is listed again when that is undone
    return find_suspects(rec, overrides=request.overrides or None, model=model, progress=progress, cancel=cancel)


def still_open(rec: Recording, then: Recording, suspects: Sequence[Suspect]) -> list[Suspect]:
    """Those of which a sample is as it was in `then`, in which they were found: not marked, exchanged or moved since, and not dismissed."""
    if rec.points != then.points or rec.frames != then.frames:
        return []
    same_FP = (rec.origin_FP == then.origin_FP) & (rec.xyz_FPD == then.xyz_FPD).all(axis=2)
    return not_dismissed(rec, [each for each in suspects if same_FP[each.start : each.stop, list(each.points)].any()])


@dataclass(frozen=True, slots=True)
class Repairs:
    """What to do about suspects: swaps to exchange back, those to mark, and pieces of a point under another name, which are left."""

    exchange: list[Suspect]
    mark: list[Suspect]
    pieces: list[Suspect]

    def counts(self) -> dict[str, int]:
        """JSON-able."""
        return {"exchanged": len(self.exchange), "marked": len(self.mark), "pieces": len(self.pieces)}


def repairs_of(rec: Recording, suspects: Sequence[Suspect]) -> Repairs:
    """Swaps that are certain are exchanged (`suspect.certain`), pieces are to be merged, all others are marked."""
    pieces = [each for each in suspects if each.piece]
    certain = certain_swaps(rec, suspects)
    done = {*pieces, *certain}
    return Repairs(certain, [each for each in suspects if each not in done], pieces)


def exchange_and_mark(rec: Recording, repairs: Repairs) -> Patch:
    """Exchange and mark, in one step; the log has a line for each. Exchanged samples keep their values and are HAND under the other point.

    In frames of a swap in which one of its points is to be marked, or is MARKED already, both are marked instead, so that each value is
    kept under its own point. Raises DataError.
    """
    where_FP = _samples_of(rec, repairs.mark)
    marked_FP = where_FP | (rec.origin_FP == Origin.MARKED)
    places: list[tuple[int, int, int, int]] = []
    for each in repairs.exchange:
        a, b = each.points
        both_N = marked_FP[each.start : each.stop, [a, b]].any(axis=1)
        where_FP[each.start : each.stop, [a, b]] |= both_N[:, None]
        places += [(a, b, each.start + start, each.start + stop) for start, stop in runs(~both_N)]
    marks, exchanges = mark(rec, where_FP), labels.swap_all(rec, places) if places else None
    samples = rec.samples.put((marks.frames_N, marks.points_N), marks.samples)
    if exchanges is not None:
        samples = samples.put((exchanges.frames_N, exchanges.points_N), exchanges.samples)
    changes = patch_samples(_label(repairs), rec.samples.differs(samples), samples)
    if not len(changes):
        return changes
    lines = [*((exchanges.log or ())[len(rec.log) :] if exchanges is not None else ()), *(marks.log or ())[len(rec.log) :]]
    lines += [*_mark_lines(rec, repairs.mark), f"{changes.label}: {len(changes)} samples"]
    kinds = sorted({each.kind for each in (*repairs.exchange, *repairs.mark)})
    return requested(replace(changes, log=(*rec.log, *lines)), REPAIR_SUSPECTS, kinds=kinds)


def exchange_all(rec: Recording, swaps: Sequence[Suspect]) -> Patch:
    """Exchange the two points of each, in one step, whatever `repairs_of` says of them. Raises DataError where a sample is in two."""
    patch = labels.swap_all(rec, [(each.points[0], each.points[1], each.start, each.stop) for each in swaps])
    return requested(patch, EXCHANGE, points=[rec.points[point] for each in swaps for point in each.points])


def repair_suspects(document: Document, kinds: Sequence[str], overrides: Mapping[str, str] | None = None) -> Repairs:
    """Exchange or mark everything suspect of these kinds ("all": of every kind), in one step. Returns what was done; the log says so,
    and ends with the counts (`counts_in`). All kinds are looked for, since what is part of a swap is not a spike. Raises DataError.
    """
    rec = document.recording
    repairs = repairs_of(rec, [each for each in find_suspects(rec, overrides=overrides) if each.kind in kinds or "all" in kinds])
    document.do(exchange_and_mark(rec, repairs))
    document.note(COUNTS.format(**repairs.counts()))
    return repairs


def counts_in(log: Sequence[str]) -> dict[str, int]:
    """The counts of the last `repair_suspects` that a log tells of, as of `Repairs.counts`; 0 where there is none.

    >>> counts_in([COUNTS.format(exchanged=1, marked=3, pieces=0)])
    {'exchanged': 1, 'marked': 3, 'pieces': 0}
    """
    found = [match for line in log if (match := re.fullmatch(COUNTS.format(exchanged=NUMBER, marked=NUMBER, pieces=NUMBER), line))]
    return dict(zip(NO_SUSPECTS, map(int, found[-1].groups()), strict=True)) if found else NO_SUSPECTS


def left_pieces(pieces: Sequence[Suspect]) -> str:
    """What is said of pieces that are left; "" for none."""
    many = len(pieces) != 1
    return f"{len(pieces)} piece{'s' * many} of a marker under another name {'are' if many else 'is'} left" if pieces else ""


def _label(repairs: Repairs) -> str:
    parts = [f"exchange {_number(repairs.exchange, 'swap')}"] * bool(repairs.exchange)
    parts += [f"mark {_number(repairs.mark, 'suspect')}"] * bool(repairs.mark)
    return " and ".join(parts).capitalize() or "Nothing to mark"


def _number(some: Sequence[Suspect], what: str) -> str:
    return f"{len(some)} {what}{'s' * (len(some) != 1)}"


def _mark_lines(rec: Recording, suspects: Sequence[Suspect]) -> list[str]:
    """A line for each kind and points, with all their frames, as the file counts them."""
    frames: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for each in sorted(suspects, key=lambda suspect: suspect.start):
        frames.setdefault((each.kind, each.points), []).append(range_text(each.start, each.stop, rec.source.first_frame))
    return [
        f"Mark {kind} of {', '.join(rec.points[point] for point in points)}: {', '.join(some)}" for (kind, points), some in frames.items()
    ]


def _samples_of(rec: Recording, suspects: Sequence[Suspect]) -> Mask:
    """(F, P) True in the frames and points of suspects."""
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    for each in suspects:
        check_frames(rec, each.start, each.stop)
        where_FP[each.start : each.stop, list(each.points)] = True
    return where_FP


def mark_all(rec: Recording, suspects: Sequence[Suspect]) -> Patch:
    """Mark every sample of these as wrong, in one step; on a rig, with the joints below. Of several, not those that are to be merged."""
    suspects = [each for each in suspects if not each.piece or len(suspects) == 1]
    names = ", ".join(rec.points[point] for point in suspects[0].points) if suspects else ""
    label = f"Mark {suspects[0].kind} of {names}" if len(suspects) == 1 else f"Mark {len(suspects)} suspects"
    return requested(mark(rec, _samples_of(rec, suspects), label), "mark suspects", kinds=sorted({each.kind for each in suspects}))


def exchange(rec: Recording, points: Sequence[int], start: int, stop: int) -> Patch:
    """Two points exchange their samples in frames start..stop-1. Raises DataError."""
    return requested(labels.swap(rec, points[0], points[1], start, stop), EXCHANGE, **place(rec, points[:2], start, stop))


def unlabel(rec: Recording, points: tuple[int, ...], start: int, stop: int) -> Patch:
    """Points lose their samples in a range. Raises DataError."""
    return requested(labels.unlabel(rec, points, start, stop), "unlabel", **place(rec, points, start, stop))
