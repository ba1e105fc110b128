"""Ghosts: trajectories that belong to no marker of their own. F frames, P points, D dimensions.

A short-lived point that carries on where a labelled one is missing; two points in one place for a while; a scrap of a point, alone
between two gaps, that lies off its way.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from mpm_core.gaps import known, runs
from mpm_core.recording import Recording
from mpm_core.suspect.kinds import Suspect, metre, seen
from mpm_core.typing import Float

SHORT_LIVED = 0.5  # seen in less of the take
NEAR_M = 0.025  # how near to where the missing point was, or will be
MOVED = 0.25  # and this share of the way it made in the frames between
WAIT_S = 0.25  # between the end of one and the start of the other
ALONE = 0.8  # of a short-lived stretch, in which the labelled point is missing
TOGETHER_M = 0.006  # two markers cannot be nearer: each is about a centimetre thick
TOGETHER_S = 0.03  # at least this long
USUALLY_M = 0.03  # points that are this near through most of the take are so by design
SCRAP_S, AROUND_S = 0.1, 0.5
SCRAP_M, SCRAP_PART = 0.05, 0.5  # off its way by this, and by this part of the way


def ghosts(rec: Recording) -> list[Suspect]:
    """Every trajectory that looks like a reflection, or like a piece of another point."""
    xyz_FPD = seen(rec)
    if rec.rig is not None or len(rec.points) < 2 or not len(xyz_FPD):
        return []
    scale = metre(xyz_FPD)
    return [*_carried_on(rec, xyz_FPD, scale), *_together(rec, xyz_FPD, scale), *_scraps(rec, xyz_FPD, scale)]


def _carried_on(rec: Recording, xyz_FPD: Float, scale: float) -> list[Suspect]:
    seen_FP = known(xyz_FPD)
    share_P = seen_FP.mean(axis=0)
    wait = max(1, round(WAIT_S * rec.rate_hz))
    found = []
    for stray in np.flatnonzero((share_P > 0) & (share_P < SHORT_LIVED)):
        for start, stop in runs(seen_FP[:, stray]):
            best: Suspect | None = None
            for point in np.flatnonzero((share_P > share_P[stray]) & (seen_FP[start:stop].mean(axis=0) <= 1 - ALONE)):
                score = _joins(xyz_FPD, seen_FP[:, point], int(stray), int(point), start, stop, wait, scale)
                if score > 1 and (best is None or score > best.score):
                    why = f"{rec.points[stray]} carries on where {rec.points[point]} is missing"
                    best = Suspect("ghost", (int(point), int(stray)), start, stop, score, why)
            if best is not None:
                found.append(best)
    return found


def _joins(xyz_FPD: Float, seen_F: np.ndarray, stray: int, point: int, start: int, stop: int, wait: int, scale: float) -> float:
    """Above 1 when a piece fits to what is seen of the point on each side that is near enough in time, and on one at least."""
    scores = []
    before, after = np.flatnonzero(seen_F[max(0, start - wait) : start]), np.flatnonzero(seen_F[stop : stop + wait])
    for there, edge, inward in (
        (max(0, start - wait) + before[-1] if len(before) else -1, start, 1),
        (stop + after[0] if len(after) else -1, stop - 1, -1),
    ):
        if there < 0:
            continue
        deep = min(max(edge + 2 * inward, start), stop - 1)
        velocity_D = (xyz_FPD[deep, stray] - xyz_FPD[edge, stray]) / (deep - edge) if deep != edge else 0.0
        way_D = velocity_D * (there - edge)
        off = np.linalg.norm(xyz_FPD[there, point] - (xyz_FPD[edge, stray] + way_D))
        scores.append((NEAR_M * scale + MOVED * float(np.linalg.norm(way_D))) / max(float(off), 0.05 * NEAR_M * scale))
    return min(scores, default=0.0)


def _together(rec: Recording, xyz_FPD: Float, scale: float) -> list[Suspect]:
    close: dict[tuple[int, int], list[int]] = {}
    for frame, places_PD in enumerate(xyz_FPD):
        there = np.flatnonzero(known(places_PD))
        for a, b in cKDTree(places_PD[there]).query_pairs(TOGETHER_M * scale) if len(there) > 1 else ():
            close.setdefault((int(there[a]), int(there[b])), []).append(frame)
    found = []
    for (a, b), frames in close.items():
        apart_F = np.linalg.norm(xyz_FPD[:, a] - xyz_FPD[:, b], axis=1)
        both_F = np.isfinite(apart_F)
        if both_F.mean() > SHORT_LIVED and np.median(apart_F[both_F]) < USUALLY_M * scale:
            continue
        near_F = np.zeros(len(xyz_FPD), bool)
        near_F[frames] = True
        for start, stop in runs(near_F):
            if stop - start >= max(2, round(TOGETHER_S * rec.rate_hz)):
                apart = float(apart_F[start:stop].mean())
                why = f"{rec.points[a]} and {rec.points[b]} are in one place ({apart / scale * 1000:.1f} mm apart)"
                found.append(Suspect("ghost", (min(a, b), max(a, b)), start, stop, TOGETHER_M * scale / max(apart, 1e-4 * scale), why))
    return found


def _scraps(rec: Recording, xyz_FPD: Float, scale: float) -> list[Suspect]:
    seen_FP = known(xyz_FPD)
    found = []
    for point in np.flatnonzero(seen_FP.any(axis=0)):
        pieces = runs(seen_FP[:, point])
        for (_, before), (start, stop), (after, _) in zip(pieces, pieces[1:], pieces[2:], strict=False):
            if stop - start > SCRAP_S * rec.rate_hz or after - before > AROUND_S * rec.rate_hz:
                continue
            first_D, last_D = xyz_FPD[before - 1, point], xyz_FPD[after, point]
            share_N1 = ((np.arange(start, stop) - before + 1) / (after - before + 1))[:, None]
            off = float(np.linalg.norm(xyz_FPD[start:stop, point] - first_D - share_N1 * (last_D - first_D), axis=1).max())
            limit = SCRAP_M * scale + SCRAP_PART * float(np.linalg.norm(last_D - first_D))
            if off > limit:
                long = "1 frame" if stop == start + 1 else f"{stop - start} frames"
                why = f"a piece of {long} between two gaps lies {off / scale * 1000:.0f} mm off its way"
                found.append(Suspect("ghost", (int(point),), start, stop, off / limit, why))
    return found
