"""Bones of a take: its own skeleton's, else the 17 body joints' of each subject. P points; rows are the points and then derived joints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.joints import body17
from mpm_core.body.mapping import BodyMap, body_joints, map_body, points_of
from mpm_core.errors import MappingError
from mpm_core.recording import Recording
from mpm_core.samples import bits_differ
from mpm_core.typing import Float32, Int, Mask
from mpm_studio.operations.bodies import Body, alone, bodies_of
from mpm_studio.render.limb_ends import LIMB, limb_ends, marker_ends

NECK, HEAD_TOP = 9, 10
CONTEXT = 400  # frames
AROUND_S = 1.0
MEASURED_IN = 50  # frames, in which distances on a body are measured for drawing


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """A body of which some joints are computed from several points. points: its rows in the take."""

    points: tuple[int, ...]
    body: BodyMap


@dataclass(frozen=True, slots=True, eq=False)
class Bones:
    """pairs_B2: parent and child rows; a row P + 17 k + j is joint j of the body `derived[k]`. skulls: rows of the heads' bones.

    part_B: what kind of bone each is, see limb_ends.py. loose: the bodies without bones.
    """

    pairs_B2: NDArray[np.intp]
    part_B: NDArray[np.intp]
    derived: tuple[Derived, ...] = ()
    skulls: tuple[tuple[int, int], ...] = ()
    loose: tuple[Body, ...] = ()


def find_bones(rec: Recording, overrides: Mapping[str, str] | None = None) -> Bones:
    """The take's own skeleton, else the body of each subject; no bones where points are neither. overrides: as for `map_body`."""
    pairs: list[tuple[int, int, int]] = []
    derived: list[Derived] = []
    skulls: list[tuple[int, int]] = []
    loose: list[Body] = []
    bodies: list[list[int]] = []
    for each in bodies_of(rec, overrides):
        try:
            body = map_body(each.take, each.overrides)
        except MappingError:
            loose.append(each)
            continue
        first = len(rec.points) + 17 * len(derived)
        rows = [_row_in_take(row, each.points, first) for row in _joint_rows(body, each.take)]
        own = [(rows[a], rows[b], LIMB) for a, b in body17().bones if rows[a] >= 0 and rows[b] >= 0]
        if rows[NECK] >= 0 and rows[HEAD_TOP] >= 0:
            skulls.append((rows[NECK], rows[HEAD_TOP]))
        bodies.append(rows)
        if body.markers is not None:
            places = {role: tuple(each.points[point] for point in points) for role, points in body.markers.roles}
            own += marker_ends(rows, places)
        pairs += own
        if any(row >= len(rec.points) for pair in own for row in pair[:2]):
            derived.append(Derived(each.points, body))
    if rec.skeleton is not None and rec.skeleton.bones:
        row_of = {name: index for index, name in enumerate(rec.points)}
        names = rec.skeleton.names
        drawn = [(row_of[names[a]], row_of[names[b]]) for a, b in rec.skeleton.bones if names[a] in row_of and names[b] in row_of]
        return _bones(limb_ends(drawn, bodies), skulls=tuple(skull for skull in skulls if max(skull) < len(rec.points)))
    return _bones(pairs, tuple(derived), tuple(skulls), tuple(loose))


def derived_joints(rec: Recording, derived: Sequence[Derived]) -> Float32 | None:
    """(F, 17 K, D) the joints of K bodies that are computed from several points, NaN where these are missing; None when no joint is."""
    if not derived:
        return None
    return np.concatenate([body_joints(alone(rec, each.points), each.body).astype(np.float32) for each in derived], axis=1)


def some_joints(rec: Recording, derived: Sequence[Derived], first: int) -> tuple[Float32 | None, Recording]:
    """`derived_joints` in the frames on which a body is measured and in CONTEXT frames from `first` on, else NaN; of a short take all.

    Returns also the recording that they were computed from: the take, or these frames of it.
    """
    measured = [np.arange(rec.frames)[every(rec)], np.linspace(0, rec.frames - 1, CONTEXT).astype(int)]
    frames = np.unique(np.concatenate([*measured, np.arange(first, min(rec.frames, first + CONTEXT))]))
    if rec.frames < 5 * len(frames) or not derived:
        return derived_joints(rec, derived), rec
    some = at_frames(rec, frames)
    made = derived_joints(some, derived)
    assert made is not None
    joints_FJD = np.full((rec.frames, *made.shape[1:]), np.nan, np.float32)
    joints_FJD[frames] = made
    return joints_FJD, some


def every(rec: Recording) -> slice:
    """About MEASURED_IN frames of a take."""
    return slice(None, None, max(1, rec.frames // MEASURED_IN))


def at_frames(rec: Recording, frames: Int) -> Recording:
    """A recording of some frames of a take, without rig and spans."""
    return rec.with_samples(rec.samples.at(frames), rig=None, spans=())


def nearby(rec: Recording, joints_FJD: Float32, reach: float) -> Mask:
    """(J, P) the points that stay within `reach` of each joint, in the recording's units, and always the nearest one."""
    some = every(rec)
    distance_FJP = np.linalg.norm(joints_FJD[some, :, None] - rec.xyz_FPD[some, None], axis=3)
    known_JP = np.isfinite(distance_FJP).any(axis=0)
    far_JP = np.where(known_JP, np.nanmedian(np.where(known_JP, distance_FJP, 0), axis=0), np.inf)
    return np.asarray((far_JP < reach) | (known_JP & (far_JP == far_JP.min(axis=1, keepdims=True, initial=np.inf))))


def changed_frames(before: Recording, after: Recording) -> Int:
    """The frames in which two recordings of the same points differ in a position or an origin; all of `after` when it has other frames."""
    if before.xyz_FPD.shape != after.xyz_FPD.shape:
        return np.arange(after.frames)
    differs_FP = (before.origin_FP != after.origin_FP) | bits_differ(before.xyz_FPD, after.xyz_FPD)
    return np.flatnonzero(differs_FP.any(axis=1))


def updated_joints(joints_FJD: Float32, before: Recording, after: Recording, derived: Sequence[Derived]) -> Float32 | None:
    """`derived_joints` of a recording after an edit, computed anew only around the frames that changed where these are few.

    Lengths on the body are medians over a take: they are taken from CONTEXT frames of it together with the changed ones.
    """
    if before.xyz_FPD.shape != after.xyz_FPD.shape:
        return derived_joints(after, derived)
    changed = changed_frames(before, after)
    if not len(changed):
        return joints_FJD
    margin = round(AROUND_S * after.rate_hz)
    low, high = max(0, changed[0] - margin), min(after.frames, changed[-1] + 1 + margin)
    if high - low + CONTEXT > 0.5 * after.frames:
        return derived_joints(after, derived)
    context = np.linspace(0, after.frames - 1, CONTEXT).astype(int)
    frames = np.concatenate([context, np.arange(low, high)])
    made = derived_joints(at_frames(after, frames), derived)
    if made is None:
        return None
    out_FJD = joints_FJD.copy()
    out_FJD[changed] = made[CONTEXT + changed - low]
    return out_FJD


def _joint_rows(body: BodyMap, rec: Recording) -> list[int]:
    """The row of each body joint: a point; from P on where it is computed from several points; -1 where the take does not have it."""
    there = [bool(terms) or body.markers is not None for terms in body.sources]
    return [point if point >= 0 else (len(rec.points) + joint if there[joint] else -1) for joint, point in enumerate(points_of(body))]


def _row_in_take(row: int, points: Sequence[int], first: int) -> int:
    """A row of a subject's own points, or of its joints, as a row of the take; first: of the subject's joints there."""
    return row if row < 0 else points[row] if row < len(points) else first + row - len(points)


def _bones(
    found: Sequence[tuple[int, int, int]],
    derived: tuple[Derived, ...] = (),
    skulls: tuple[tuple[int, int], ...] = (),
    loose: tuple[Body, ...] = (),
) -> Bones:
    """From parent row, child row and kind of each bone."""
    table_B3 = np.array(found, np.intp).reshape(-1, 3)
    return Bones(table_B3[:, :2], table_B3[:, 2], derived, skulls, loose)
