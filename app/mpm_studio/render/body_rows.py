"""Bones of a take: its own skeleton's, else the 17 body joints'. P points; rows are the points and then, where needed, derived joints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.mapping import BodyMap, body17, body_joints, map_body, points_of
from mpm_core.errors import MappingError
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float32, Mask

NECK, HEAD_TOP = 9, 10
CONTEXT = 400  # frames
AROUND_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Bones:
    """pairs_B2: parent and child rows; a row P + j is body joint j, made by `body` from several points (None when there is none such).

    skull: rows of the head's bone, or None.
    """

    pairs_B2: NDArray[np.intp]
    body: BodyMap | None = None
    skull: tuple[int, int] | None = None


def find_bones(rec: Recording, overrides: Mapping[str, str] | None = None) -> Bones:
    """No bones at all when the points are neither a skeleton nor a known body. overrides: as for `map_body`."""
    try:
        body = map_body(rec, overrides)
    except MappingError:
        body = None
    joint_rows = None if body is None else _joint_rows(body, rec)
    skull = None
    if joint_rows is not None and joint_rows[NECK] >= 0 and joint_rows[HEAD_TOP] >= 0:
        skull = (joint_rows[NECK], joint_rows[HEAD_TOP])
    if rec.skeleton is not None and rec.skeleton.bones:
        row = {name: index for index, name in enumerate(rec.points)}
        names = rec.skeleton.names
        pairs = [(row[names[a]], row[names[b]]) for a, b in rec.skeleton.bones if names[a] in row and names[b] in row]
        return Bones(_pairs(pairs), None, skull)
    if joint_rows is None:
        return Bones(_pairs([]))
    pairs = [(joint_rows[a], joint_rows[b]) for a, b in body17().bones if joint_rows[a] >= 0 and joint_rows[b] >= 0]
    derived = any(row >= len(rec.points) for pair in pairs for row in pair)
    return Bones(_pairs(pairs), body if derived else None, skull)


def derived_joints(rec: Recording, body: BodyMap | None) -> Float32 | None:
    """(F, 17, D) the joints that several points make, NaN where they cannot; None when none is needed."""
    return None if body is None else body_joints(rec, body).astype(np.float32)


def nearby(rec: Recording, joints_FJD: Float32, reach: float) -> Mask:
    """(17, P) the points that stay within `reach` of each joint, in the recording's units, and always the nearest one."""
    some = slice(None, None, max(1, rec.frames // 50))
    distance_FJP = np.linalg.norm(joints_FJD[some, :, None] - rec.xyz_FPD[some, None], axis=3)
    known_JP = np.isfinite(distance_FJP).any(axis=0)
    far_JP = np.where(known_JP, np.nanmedian(np.where(known_JP, distance_FJP, 0), axis=0), np.inf)
    return np.asarray((far_JP < reach) | (known_JP & (far_JP == far_JP.min(axis=1, keepdims=True, initial=np.inf))))


def updated_joints(joints_FJD: Float32, before: Recording, after: Recording, body: BodyMap | None) -> Float32 | None:
    """`derived_joints` of a recording after an edit, computed anew only around the frames that changed where these are few.

    Lengths on the body are medians over a take: they are taken from CONTEXT frames of it together with the changed ones.
    """
    if before.xyz_FPD.shape != after.xyz_FPD.shape:
        return derived_joints(after, body)
    same_FP = (before.origin_FP == after.origin_FP) & ((before.xyz_FPD == after.xyz_FPD).all(axis=2) | (after.origin_FP == Origin.MISSING))
    changed = np.flatnonzero(~same_FP.all(axis=1))
    if not len(changed):
        return joints_FJD
    margin = round(AROUND_S * after.rate_hz)
    low, high = max(0, changed[0] - margin), min(after.frames, changed[-1] + 1 + margin)
    if high - low + CONTEXT > 0.5 * after.frames:
        return derived_joints(after, body)
    context = np.linspace(0, after.frames - 1, CONTEXT).astype(int)
    frames = np.concatenate([context, np.arange(low, high)])
    some = after.with_samples(after.samples.at(frames), rig=None, spans=())
    made = derived_joints(some, body)
    if made is None:
        return None
    out_FJD = joints_FJD.copy()
    out_FJD[changed] = made[CONTEXT + changed - low]
    return out_FJD


def _joint_rows(body: BodyMap, rec: Recording) -> list[int]:
    """Per body joint its row, -1 when the take does not have it."""
    there = [bool(terms) or body.markers is not None for terms in body.sources]
    return [point if point >= 0 else (len(rec.points) + joint if there[joint] else -1) for joint, point in enumerate(points_of(body, rec))]


def _pairs(pairs: list[tuple[int, int]]) -> NDArray[np.intp]:
    return np.array(pairs, np.intp).reshape(-1, 2)
