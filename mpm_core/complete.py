"""Completion: what is missing or marked comes back, by the classical fills, the neighbours on a segment, or the model. F frames, P points.

Every method's result is moved so that it meets what was measured at both edges of each gap; nothing visible is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mpm_core.body import BodyMap, body17, body_joints, map_body, points_of
from mpm_core.bones import keep_lengths
from mpm_core.edit import fill
from mpm_core.edit.patch import Patch, patch_where
from mpm_core.errors import Cancelled, DataError, MappingError
from mpm_core.gaps import known, runs
from mpm_core.recording import Origin, Recording

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]

METHODS = ("auto", "model", *fill.METHODS)
SHORT_GAP_S = 0.15  # up to here the classical fill measures no worse than the model (see the model's card)
RIGID_SIGMA_M = 0.02  # a neighbour cluster looser than this is left to the model


@dataclass(frozen=True, slots=True)
class Proposal:
    """Positions (NaN = none) and sigma in metres for every sample, and where they come from."""

    xyz_FPD: Float
    sigma_FP: Float
    origin: Origin


def complete_patch(
    rec: Recording,
    *,
    where_FP: Mask | None = None,
    method: str = "auto",
    model: str | Path | Model | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    donors: Sequence[str] = (),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Patch:
    """The patch that fills what is missing or marked (only within where_FP, if given). What a method cannot reach stays as it is,
    and so does what is missing before the first and after the last frame that shows any point.

    model: a model file or a loaded Model; None = the one that ships.
    method: "auto" (short gaps classically, markers from their segment's neighbours, the rest by the model), "model", or a classical fill.
    donors: points that "pattern", "rigid" or "relational" follow, by name; none = those that fit best.
    overrides: body joint -> point, where names say nothing. Without a body mapping "auto" uses the classical fills and says so in
    the label; "model" raises MappingError. Raises DataError for an unknown method or a 2D recording with "model", ModelError, Cancelled.
    """
    if method not in METHODS:
        raise DataError(f"there is no method called {method!r}", hint=f"known: {', '.join(METHODS)}")
    if donors and method not in fill.METHODS:
        raise DataError(f"{method} follows no donors", hint="name none, or use pattern, rigid or relational")
    hole_FP = _fillable(rec) if where_FP is None else where_FP & _fillable(rec)
    if not hole_FP.any():
        return patch_where(rec, "Nothing to fill", hole_FP)
    if method in fill.METHODS:
        classical = _classical(rec, hole_FP, method, donors)
        return _merge(rec, known(classical.xyz_FPD), [classical], f"Fill ({method})", progress)
    if rec.dims == 2:
        if method == "model":
            raise DataError("2D keypoints are lifted, not completed", where=rec.source.path, hint="use lift, or a classical fill")
        return _merge(rec, hole_FP, [_classical(rec, hole_FP, "hermite")], "Fill (2D, hermite)", progress)
    try:
        bmap = map_body(rec, overrides)
    except MappingError as error:
        if method == "model":
            raise
        proposals = [_rigid(rec, hole_FP), _classical(rec, hole_FP, "hermite")]
        return _merge(rec, hole_FP, proposals, f"Fill without the model ({error.what})", progress)
    if cancel is not None and cancel():
        raise Cancelled
    short_FP = hole_FP & _short(rec, hole_FP) if method == "auto" else np.zeros_like(hole_FP)
    proposals = [_classical(rec, short_FP, "hermite")] if short_FP.any() else []
    left_FP = hole_FP & ~short_FP
    if method == "auto" and bmap.kind == "markers":
        rigid = _rigid(rec, left_FP)
        proposals.append(rigid)
        left_FP = left_FP & ~known(rigid.xyz_FPD)
    if left_FP.any():
        from mpm_core.model.checkpoint import choose_model

        network = choose_model("complete", model, device)
        proposals.append(_modelled(rec, left_FP, bmap, network, method == "auto", progress, cancel))
    return _merge(rec, hole_FP, proposals, "Complete", progress)


def complete(rec: Recording, **options: object) -> Recording:
    """The recording with what is missing or marked filled; options as in `complete_patch`. The fills are listed in `log`."""
    patch = complete_patch(rec, **options)  # type: ignore[arg-type]
    return patch.apply(rec)[0].logged(f"{patch.label}: {len(patch)} samples")


def _merge(rec: Recording, hole_FP: Mask, proposals: list[Proposal], label: str, progress: Progress | None) -> Patch:
    """One patch of all proposals, the first that has a value for a sample counts; on a rig the bones are made rigid again."""
    xyz_FPD = np.full(rec.xyz_FPD.shape, np.nan)
    sigma_FP = np.full(hole_FP.shape, np.nan)
    origin_FP = rec.origin_FP.copy()
    for proposal in proposals:
        take_FP = hole_FP & np.isnan(xyz_FPD).any(axis=2) & known(proposal.xyz_FPD)
        xyz_FPD[take_FP], sigma_FP[take_FP], origin_FP[take_FP] = proposal.xyz_FPD[take_FP], proposal.sigma_FP[take_FP], proposal.origin
    if rec.rig is not None and rec.dims == 3:
        from mpm_core.rigsolve import apply_targets

        if progress is not None:
            progress(1.0, "turning joints into rotations")
        follow_FP = hole_FP & np.isnan(xyz_FPD).any(axis=2)
        xyz_FPD = np.where(hole_FP[..., None], apply_targets(rec, xyz_FPD, hole_FP), np.nan)
        origin_FP[follow_FP] = Origin.FILLED
        sigma_FP = _followed(sigma_FP, follow_FP, rec.rig.parents)
    filled_FP = hole_FP & known(xyz_FPD)
    counts = [f"{int((origin_FP[filled_FP] == origin).sum())} {origin.name.lower()}" for origin in (Origin.FILLED, Origin.PREDICTED)]
    return patch_where(rec, f"{label} ({', '.join(counts)})", filled_FP, xyz_FPD=xyz_FPD, origin=origin_FP, sigma_FP=sigma_FP)


def _followed(sigma_FP: Float, follow_FP: Mask, parents: Sequence[int]) -> Float:
    """Points that only follow their parent are as far off as it is."""
    sigma_FP = sigma_FP.copy()
    for point, parent in enumerate(parents):
        if parent >= 0:
            take_F = follow_FP[:, point] & np.isnan(sigma_FP[:, point])
            sigma_FP[take_F, point] = sigma_FP[take_F, parent]
    return sigma_FP


def _fillable(rec: Recording) -> Mask:
    """Missing or marked samples, but nothing missing before the first or after the last frame that shows any point: nobody is there."""
    seen_F = np.flatnonzero(rec.visible_FP.any(axis=1))
    there_F = np.zeros(rec.frames, bool)
    if len(seen_F):
        there_F[seen_F[0] : seen_F[-1] + 1] = True
    return np.asarray(~rec.visible_FP & (there_F[:, None] | (rec.origin_FP == Origin.MARKED)))


def _classical(rec: Recording, hole_FP: Mask, method: str, donors: Sequence[str] = ()) -> Proposal:
    filled, _ = fill.fill(rec, hole_FP, method, donors).apply(rec)
    reached_FP = hole_FP & (filled.origin_FP == Origin.FILLED)
    sigma_FP = np.where(reached_FP, filled.sigma_FP, np.nan).astype(np.float64)
    return Proposal(np.where(reached_FP[..., None], filled.xyz_FPD, np.nan), sigma_FP, Origin.FILLED)


def _rigid(rec: Recording, hole_FP: Mask) -> Proposal:
    """Markers from at least three visible neighbours on the same segment."""
    from mpm_core.segments import rigid_fill

    known_FPD = np.where(rec.visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)
    rigid_FPD, sigma_FP = rigid_fill(known_FPD, rec.visible_FP, rec.rate_hz, hole_FP)
    firm_FP = hole_FP & known(rigid_FPD) & (sigma_FP <= RIGID_SIGMA_M)
    return Proposal(np.where(firm_FP[..., None], fill.donor(rigid_FPD, known_FPD, rec.rate_hz), np.nan), sigma_FP, Origin.FILLED)


def _short(rec: Recording, hole_FP: Mask) -> Mask:
    """True in gaps with measured samples on both sides that are no longer than SHORT_GAP_S."""
    visible_FP = rec.visible_FP
    short_FP = np.zeros_like(hole_FP)
    for point in np.flatnonzero(hole_FP.any(axis=0)):
        for start, stop in runs(~visible_FP[:, point]):
            if start > 0 and stop < rec.frames and (stop - start) <= SHORT_GAP_S * rec.rate_hz:
                short_FP[start:stop, point] = True
    return short_FP


def _modelled(
    rec: Recording, hole_FP: Mask, bmap: BodyMap, model: Model, mixed: bool, progress: Progress | None, cancel: Cancel | None
) -> Proposal:
    """By the model's joints; `mixed`: with the classical fill, as far as the model trusts itself."""
    from mpm_core.model.predict import predict_joints
    from mpm_core.model.sigma import calibrated

    joints_FJ3 = body_joints(rec, bmap)
    seen_FJ = known(joints_FJ3)
    raw_FJ3 = predict_joints(joints_FJ3, rec.rate_hz, model, wanted_F=np.asarray(hole_FP.any(axis=1)), progress=progress, cancel=cancel)
    whole_FJ3 = fill.donor(raw_FJ3, joints_FJ3, rec.rate_hz)
    if rec.rig is None and bmap.kind != "markers":
        whole_FJ3 = keep_lengths(whole_FJ3, joints_FJ3, body17().bones)
    sigma_FJ = calibrated(np.full(seen_FJ.shape, 0.05), seen_FJ, rec.rate_hz, model)
    xyz_FPD = np.full(rec.xyz_FPD.shape, np.nan)
    sigma_FP = np.full(hole_FP.shape, np.nan)
    carried_P = _carried_points(rec, hole_FP, bmap)
    if carried_P.any():
        xyz_FPD[:, carried_P], sigma_FP[:, carried_P] = _on_segments(rec, whole_FJ3, np.where(seen_FJ, 0.0, sigma_FJ), carried_P)
    for joint, point in enumerate(points_of(bmap, rec)):
        if point >= 0:
            xyz_FPD[:, point], sigma_FP[:, point] = whole_FJ3[:, joint], sigma_FJ[:, joint]
    return Proposal(np.where(hole_FP[..., None], xyz_FPD, np.nan), sigma_FP, Origin.PREDICTED)


def _carried_points(rec: Recording, hole_FP: Mask, bmap: BodyMap) -> Mask:
    """(P,) points that come back through a segment's local frame: all markers; of a rig the root, which is no body joint of its own."""
    wanted_P: Mask = np.asarray(hole_FP.any(axis=0))
    if bmap.kind != "markers" and rec.rig is not None:
        wanted_P &= np.array(rec.rig.parents) < 0
    return wanted_P


def _on_segments(rec: Recording, joints_FJ3: Float, sigma_FJ: Float, points_P: Mask) -> tuple[Float, Float]:
    """Positions (F, n, 3) of the points_P carried by the segments, and sigma (F, n): the nearest joint's and the offset's own spread."""
    from mpm_core.segments import markers_from_joints

    known_FPD = np.where(rec.visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)[:, points_P]
    placed_FPD = markers_from_joints(known_FPD, rec.visible_FP[:, points_P], joints_FJ3)
    off_FP = np.sum((placed_FPD - known_FPD) ** 2, axis=2)
    seen_P = np.isfinite(off_FP).sum(axis=0)
    spread_P = np.sqrt(np.nansum(off_FP, axis=0) / np.where(seen_P > 0, seen_P, np.nan) / 3)
    nearest_FP = np.argmin(np.nan_to_num(np.linalg.norm(placed_FPD[:, :, None] - joints_FJ3[:, None], axis=3), nan=np.inf), axis=2)
    joint_sigma_FP = np.take_along_axis(sigma_FJ, nearest_FP, axis=1)
    return fill.donor(placed_FPD, known_FPD, rec.rate_hz), np.hypot(joint_sigma_FP, spread_P)
