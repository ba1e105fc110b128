"""Ghosts: trajectories that are not of a marker of their own. F frames, P points, D dimensions.

A short-lived point that continues a labelled one where it is missing; two points at the same place for a while; a short piece of a point
between two gaps, at a distance from its path.
"""

from __future__ import annotations

import numpy as np

from mpm_core.counted import counted
from mpm_core.edit.labels import labelled
from mpm_core.gaps import known, runs
from mpm_core.recording import Recording
from mpm_core.suspect.companions import neighbours
from mpm_core.suspect.evidence import abrupt, length_text, measured, metre_length
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float, Int

SHORT_LIVED = 0.5  # visible in a smaller share of the take; a trajectory without a label, in less than all of it
NEAR_M = 0.025  # greatest distance to the missing point, extrapolated
MOVED_SHARE = 0.25  # added to it, as a share of the displacement in between
WAIT_S = 0.25  # between the end of one and the start of the other
ALONE = 0.8  # share of a short-lived stretch in which the labelled point is missing
TOGETHER_M = 0.006  # two markers cannot be nearer, as each is about a centimetre thick
TOGETHER_S, TOGETHER_JUMP_M = 0.03, 0.02  # at least this long, and got there or back by such a jump: fingertips touch slowly
NEIGHBOURS_M = 0.03  # points whose median distance is smaller are placed so on purpose
PIECE_S, AROUND_S = 0.1, 0.5  # longest piece between two gaps, and with the gaps
PIECE_M, PIECE_SHARE = 0.05, 0.5  # distance from the line across the gaps: metres, plus a share of the line's length


def ghosts(rec: Recording) -> list[Suspect]:
    """Every trajectory that looks like a reflection, or like a piece of another point."""
    xyz_FPD = measured(rec)
    if rec.rig is not None or len(rec.points) < 2 or not len(xyz_FPD):
        return []
    scale = metre_length(xyz_FPD)
    return [*_continuations(rec, xyz_FPD, scale), *_together(rec, xyz_FPD, scale), *_short_pieces(rec, xyz_FPD, scale)]


def _continuations(rec: Recording, xyz_FPD: Float, scale: float) -> list[Suspect]:
    known_FP = known(xyz_FPD)
    share_P = known_FP.mean(axis=0)
    labelled_P = labelled(rec)
    wait = max(1, round(WAIT_S * rec.rate_hz))
    suspects = []
    for ghost in np.flatnonzero((share_P > 0) & (share_P < np.where(labelled_P, SHORT_LIVED, 1.0))):
        for start, stop in runs(known_FP[:, ghost]):
            best: Suspect | None = None
            missing_P = known_FP[start:stop].mean(axis=0) <= 1 - ALONE
            for point in np.flatnonzero(labelled_P & (share_P > (share_P[ghost] if labelled_P[ghost] else 0.0)) & missing_P):
                score = _joins(xyz_FPD, known_FP[:, point], int(ghost), int(point), start, stop, wait, scale)
                if score > 1 and (best is None or score > best.score):
                    why = f"{rec.points[ghost]} continues where {rec.points[point]} is missing: merge the two"
                    best = Suspect("ghost", (int(point), int(ghost)), start, stop, score, why, piece=True)
            if best is not None:
                suspects.append(best)
    return suspects


def _joins(xyz_FPD: Float, known_F: np.ndarray, ghost: int, point: int, start: int, stop: int, wait: int, scale: float) -> float:
    """Above 1 when a piece fits the point's visible path on each side that is near enough in time, and there is at least one."""
    scores = []
    before, after = np.flatnonzero(known_F[max(0, start - wait) : start]), np.flatnonzero(known_F[stop : stop + wait])
    for neighbour, edge, inward in (
        (max(0, start - wait) + before[-1] if len(before) else -1, start, 1),
        (stop + after[0] if len(after) else -1, stop - 1, -1),
    ):
        if neighbour < 0:
            continue
        inner = min(max(edge + 2 * inward, start), stop - 1)
        velocity_D = (xyz_FPD[inner, ghost] - xyz_FPD[edge, ghost]) / (inner - edge) if inner != edge else 0.0
        displacement_D = velocity_D * (neighbour - edge)
        error = np.linalg.norm(xyz_FPD[neighbour, point] - (xyz_FPD[edge, ghost] + displacement_D))
        scores.append((NEAR_M * scale + MOVED_SHARE * float(np.linalg.norm(displacement_D))) / max(float(error), 0.05 * NEAR_M * scale))
    return min(scores, default=0.0)


def _together(rec: Recording, xyz_FPD: Float, scale: float) -> list[Suspect]:
    from scipy.spatial import cKDTree  # here, as its import takes long

    close: dict[tuple[int, int], list[int]] = {}
    for frame, places_PD in enumerate(xyz_FPD):
        visible = np.flatnonzero(known(places_PD))
        for a, b in cKDTree(places_PD[visible]).query_pairs(TOGETHER_M * scale) if len(visible) > 1 else ():
            close.setdefault((int(visible[a]), int(visible[b])), []).append(frame)
    suspects, labelled_P = [], labelled(rec)
    for (a, b), frames in close.items():
        if not (labelled_P[a] or labelled_P[b]):
            continue
        distance_F = np.linalg.norm(xyz_FPD[:, a] - xyz_FPD[:, b], axis=1)
        both_F = np.isfinite(distance_F)
        if both_F.mean() > SHORT_LIVED and np.median(distance_F[both_F]) < NEIGHBOURS_M * scale:
            continue
        near_F = np.zeros(len(xyz_FPD), bool)
        near_F[frames] = True
        for start, stop in runs(near_F):
            if stop - start >= max(2, round(TOGETHER_S * rec.rate_hz)) and abrupt(distance_F, start, stop, TOGETHER_JUMP_M * scale):
                mean_distance = float(distance_F[start:stop].mean())
                why = f"{rec.points[a]} and {rec.points[b]} are in one place ({length_text(mean_distance, rec.dims, 1)} apart)"
                suspects.append(
                    Suspect("ghost", (min(a, b), max(a, b)), start, stop, TOGETHER_M * scale / max(mean_distance, 1e-4 * scale), why)
                )
    return suspects


def _short_pieces(rec: Recording, xyz_FPD: Float, scale: float) -> list[Suspect]:
    known_FP, near_PK = known(xyz_FPD), neighbours(xyz_FPD)
    suspects = []
    for point in np.flatnonzero(known_FP.any(axis=0) & labelled(rec)):
        pieces = runs(known_FP[:, point])
        for (_, before), (start, stop), (after, _) in zip(pieces, pieces[1:], pieces[2:], strict=False):
            if stop - start > PIECE_S * rec.rate_hz or after - before > AROUND_S * rec.rate_hz:
                continue
            frames_N = np.array([before - 1, *range(start, stop), after])
            error, limit = _off_way(frames_N, xyz_FPD[frames_N, point], xyz_FPD[np.ix_(frames_N, near_PK[point])], scale)
            if error > limit:
                why = f"a piece of {counted(stop - start, 'frame')} between two gaps lies {length_text(error, rec.dims)} off its way"
                suspects.append(Suspect("ghost", (int(point),), start, stop, error / limit, why))
    return suspects


def _off_way(frames_N: Int, xyz_ND: Float, near_NKD: Float, scale: float) -> tuple[float, float]:
    """How far the samples between the first and last one are at most from the line between these, and how far they may be: as they are, or
    relative to the neighbour that fits second best, because a body that accelerates takes its points along.
    """
    path_NCD = np.concatenate([xyz_ND[:, None], xyz_ND[:, None] - near_NKD], axis=1)
    way_CD = path_NCD[-1] - path_NCD[0]
    share_N = (frames_N - frames_N[0]) / (frames_N[-1] - frames_N[0])
    error_C = np.linalg.norm(path_NCD - path_NCD[0] - share_N[:, None, None] * way_CD, axis=2).max(axis=0)
    limit_C = PIECE_M * scale + PIECE_SHARE * np.linalg.norm(way_CD, axis=1)
    relative = 1 + np.argsort(error_C[1:] / limit_C[1:])[1:2]
    best = min((0, *relative), key=lambda place: np.nan_to_num(error_C[place] / limit_C[place], nan=np.inf))
    return float(error_C[best]), float(limit_C[best])
