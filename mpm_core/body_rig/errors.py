"""How far a solved skeleton is from what was seen, by segment, and where it was not seen. F frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.body_rig.solve import SolvedBody
from mpm_core.gaps import runs
from mpm_core.typing import Float


@dataclass(frozen=True, slots=True)
class SegmentError:
    """Millimetres between markers (or the joints of a take of joints) and their places on a segment; frames in which it is not seen."""

    segment: str
    markers: int
    rms_mm: float
    p95_mm: float
    max_mm: float
    unseen: int


def segment_errors(body: SolvedBody) -> tuple[SegmentError, ...]:
    """One for each segment that carries anything that was seen, in the rig's order, and the last one for the whole body ("all").

    The frames of "all" are those in which any joint is not determined.
    """
    names = body.recording.points
    parents = body.recording.skeleton.parents if body.recording.skeleton is not None else ()
    found = []
    for joint, name in enumerate(names):
        below = [child for child, parent in enumerate(parents) if parent == joint]
        far = [residual.far_F for residual in body.residuals if residual.segment == name and np.isfinite(residual.far_F).any()]
        if far:
            found.append(_error(name, far, int((~body.known_FJ[:, below or [joint]]).any(axis=1).sum())))
    every = [residual.far_F for residual in body.residuals if np.isfinite(residual.far_F).any()]
    return (*found, _error("all", every, int((~body.known_FJ).any(axis=1).sum())))


def _error(segment: str, far: list[Float], unseen: int) -> SegmentError:
    far_N = 1000 * np.concatenate([far_F[np.isfinite(far_F)] for far_F in far])
    rms, p95 = float(np.sqrt((far_N**2).mean())), float(np.quantile(far_N, 0.95))
    return SegmentError(segment, len(far), rms, p95, float(far_N.max()), unseen)


def unseen_ranges(body: SolvedBody) -> list[str]:
    """Frames in which joints are not determined, in words: "LeftHand, LeftHand_end: 12-40, 71"; frames as numbered in the file."""
    first = body.recording.source.first_frame
    joints_of: dict[str, list[str]] = {}
    for joint, name in enumerate(body.recording.points):
        spans = [(first + start, first + stop - 1) for start, stop in runs(np.asarray(~body.known_FJ[:, joint]))]
        if spans:
            text = ", ".join(f"{start}-{stop}" if stop > start else f"{start}" for start, stop in spans)
            joints_of.setdefault(text, []).append(name)
    everyone = len(body.recording.points)
    return [f"{', '.join(joints) if len(joints) < everyone else 'the whole body'}: {text}" for text, joints in joints_of.items()]
