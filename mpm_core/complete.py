"""Completion: what is missing or marked comes back, by the classical fills, the neighbours on a segment, or the model. F frames, P points.

Every method's result is moved so that it meets what was measured at both edges of each gap; nothing visible is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from mpm_core.body.mapping import BodyMap, map_body
from mpm_core.edit.patch import Patch, patch_where
from mpm_core.errors import Cancelled, DataError, MappingError
from mpm_core.fill import methods
from mpm_core.fill.auto import priors
from mpm_core.fill.auto.calibration import calibrated
from mpm_core.fill.auto.choose import CANDIDATES, choose_fills
from mpm_core.fill.keep.edges import blend_edges
from mpm_core.fill.keep.marker_distances import keep_distances
from mpm_core.gaps import known
from mpm_core.linalg.blas import in_one_thread
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Mask, UInt8

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model
    from mpm_core.model.network_fill import NetworkFill


AskNetwork = Callable[[BodyMap, "Model", Progress | None], "NetworkFill"]
ByNetwork = Callable[[Progress | None, Cancel | None], tuple["Model", "NetworkFill"]]

METHODS = ("auto", "model", *methods.METHODS)
MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Proposal:
    """Positions (NaN = none) and sigma in metres for every sample, and its origin."""

    xyz_FPD: Float
    sigma_FP: Float
    origin_FP: UInt8


@in_one_thread
def complete_patch(
    rec: Recording,
    *,
    where_FP: Mask | None = None,
    method: str = "auto",
    model: str | Path | Model | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    donors: Sequence[str] = (),
    network_fill: AskNetwork | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Patch:
    """The patch that fills what is missing or marked (only within where_FP, if given). What a method cannot reach stays as it is,
    and so does what is missing before the first and after the last frame that shows any point.

    model: a model file or a loaded Model; None = the one that ships.
    method: "auto" (the classical fills, mixed by what trials on this take promise, and mixed with the model as far as its judge trusts it),
    "model", or a classical fill.
    donors: points that "pattern", "rigid" or "relational" follow, by name; none = those that fit best.
    network_fill: what the network makes of this take, for who asks for it more than once (`network_once`; None = asked here).
    overrides: body joint -> point, where names say nothing. Without a body mapping "auto" uses the classical fills alone and says so
    in the label; "model" raises MappingError. Raises DataError for an unknown method or a 2D recording with "model", ModelError, Cancelled.
    """
    if method not in METHODS:
        raise DataError(f"there is no method called {method!r}", hint=f"known: {', '.join(METHODS)}")
    if donors and method not in methods.METHODS:
        raise DataError(f"{method} follows no donors", hint="name none, or use pattern, rigid or relational")
    wanted_FP = _fillable(rec) if where_FP is None else where_FP & _fillable(rec)
    if not wanted_FP.any():
        return patch_where(rec, "Nothing to fill", wanted_FP)
    if method in methods.METHODS:
        classical = _classical(rec, wanted_FP, method, donors)
        return _patch(rec, known(classical.xyz_FPD), classical, f"Fill ({method})", progress)
    if rec.dims == 2 and method == "model":
        raise DataError("2D keypoints are lifted, not completed", where=rec.source.path, hint="use lift, or a classical fill")
    try:
        bmap = map_body(rec, overrides) if rec.dims == 3 else None
        without = "2D"
    except MappingError as error:
        if method == "model":
            raise
        bmap, without = None, error.what
    if cancel is not None and cancel():
        raise Cancelled
    if bmap is None:
        chosen = _steadied(rec, _told(rec, _chosen(rec, wanted_FP, (), progress, cancel)), bmap)
        return _patch(rec, wanted_FP, chosen, f"Fill without the model ({without})", progress)

    def by_network(tell: Progress | None, stop: Cancel | None) -> tuple[Model, NetworkFill]:
        from mpm_core.model.checkpoint import choose_model

        network = choose_model("complete", model, device)
        return network, (network_fill or network_once(rec, wanted_FP, stop))(bmap, network, tell)

    if method == "model":
        alone = _mixed(rec, wanted_FP, bmap, *by_network(progress, cancel), _nothing(rec))
        return _patch(rec, wanted_FP, alone, "Complete", progress)
    return _auto(rec, wanted_FP, bmap, by_network, progress, cancel)


def _auto(rec: Recording, wanted_FP: Mask, bmap: BodyMap, by_network: ByNetwork, progress: Progress | None, cancel: Cancel | None) -> Patch:
    """The best of the classical fills, and meanwhile the network; then both mixed."""
    waiting, leaving = Event(), Event()

    def tell(share: float, text: str) -> None:
        if progress is not None and waiting.is_set():
            progress(share, text)

    def stop() -> bool:
        return leaving.is_set() or (cancel is not None and cancel())

    with ThreadPoolExecutor(1) as beside, ExitStack() as at_the_end:
        at_the_end.callback(leaving.set)  # the pool waits for its thread, which need not finish when something went wrong here
        begun = beside.submit(by_network, tell, stop)
        classical = _chosen(rec, wanted_FP, ("coast",), progress, cancel)
        waiting.set()
        tell(-1.0, "waiting for the model")
        network, by_model = begun.result()
    best = _first(_mixed(rec, wanted_FP, bmap, network, by_model, classical), _told(rec, classical))
    return _patch(rec, wanted_FP, _steadied(rec, best, bmap), "Complete", progress)


def complete(rec: Recording, **options: object) -> Recording:
    """The recording with what is missing or marked filled; options as in `complete_patch`. The fills are listed in `log`."""
    patch = complete_patch(rec, **options)  # type: ignore[arg-type]
    return patch.apply(rec)[0].logged(f"{patch.label}: {len(patch)} samples")


def network_once(rec: Recording, wanted_FP: Mask, cancel: Cancel | None = None) -> AskNetwork:
    """What the network makes of all that is wanted: `auto` and `model` need the same, and the first to ask has to wait for it."""
    found: list[NetworkFill] = []

    def network_fill(bmap: BodyMap, model: Model, progress: Progress | None) -> NetworkFill:
        from mpm_core.model.network_fill import network_fill

        if not found:
            found.append(network_fill(rec, wanted_FP, bmap, model, progress, cancel))
        return found[0]

    return network_fill


def _first(one: Proposal, other: Proposal) -> Proposal:
    """The other where the one has no value."""
    there_FP = known(one.xyz_FPD)
    return Proposal(
        np.where(there_FP[..., None], one.xyz_FPD, other.xyz_FPD),
        np.where(there_FP, one.sigma_FP, other.sigma_FP),
        np.where(there_FP, one.origin_FP, other.origin_FP),
    )


def _patch(rec: Recording, wanted_FP: Mask, proposal: Proposal, label: str, progress: Progress | None) -> Patch:
    """The proposal where it has a value; on a rig the bones are made rigid again."""
    take_FP = wanted_FP & known(proposal.xyz_FPD)
    xyz_FPD = np.where(take_FP[..., None], proposal.xyz_FPD, np.nan)
    sigma_FP = np.where(take_FP, proposal.sigma_FP, np.nan)
    origin_FP = np.where(take_FP, proposal.origin_FP, rec.origin_FP)
    if rec.rig is not None and rec.dims == 3:
        from mpm_core.rigs.solve import apply_targets

        if progress is not None:
            progress(1.0, "turning joints into rotations")
        follow_FP = wanted_FP & np.isnan(xyz_FPD).any(axis=2)
        xyz_FPD = np.where(wanted_FP[..., None], apply_targets(rec, xyz_FPD, wanted_FP), np.nan)
        origin_FP[follow_FP] = Origin.FILLED
        sigma_FP = _followed(sigma_FP, follow_FP, rec.rig.parents)
    filled_FP = wanted_FP & known(xyz_FPD)
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


def _classical(rec: Recording, wanted_FP: Mask, method: str, donors: Sequence[str] = ()) -> Proposal:
    filled, _ = methods.fill(rec, wanted_FP, method, donors).apply(rec)
    reached_FP = wanted_FP & (filled.origin_FP == Origin.FILLED)
    sigma_FP = np.where(reached_FP, filled.sigma_FP, np.nan).astype(np.float64)
    return Proposal(np.where(reached_FP[..., None], filled.xyz_FPD, np.nan), sigma_FP, np.full(wanted_FP.shape, Origin.FILLED, np.uint8))


def _nothing(rec: Recording) -> Proposal:
    shape = rec.visible_FP.shape
    return Proposal(np.full(rec.xyz_FPD.shape, np.nan), np.full(shape, np.nan), np.full(shape, Origin.FILLED, np.uint8))


def _chosen(rec: Recording, wanted_FP: Mask, more: tuple[str, ...], progress: Progress | None, cancel: Cancel | None) -> Proposal:
    """The best of the classical fills for each gap, by trials on the take itself."""

    def tell(method: str) -> None:
        if cancel is not None and cancel():
            raise Cancelled
        if progress is not None:
            progress(0.0, f"trying {method}")

    chosen = choose_fills(methods.problem_of(rec, wanted_FP), (*CANDIDATES, *more), tell=tell)
    return Proposal(blend_edges(rec, chosen.xyz_FPD), chosen.sigma_FP, np.full(wanted_FP.shape, Origin.FILLED, np.uint8))


def _told(rec: Recording, classical: Proposal) -> Proposal:
    """With sigma as other takes have it. The judge, who was taught by sigma as the trials have it, is told that instead."""
    if rec.dims != 3:
        return classical
    return replace(classical, sigma_FP=calibrated(classical.sigma_FP, rec.visible_FP, rec.rate_hz, priors.mixture()))


def _steadied(rec: Recording, proposal: Proposal, bmap: BodyMap | None) -> Proposal:
    """With natural distances to steady neighbours. Joints keep their bones' lengths instead."""
    if rec.rig is not None or rec.dims != 3 or (bmap is not None and bmap.kind != "markers"):
        return proposal
    seen_FP3 = np.where(rec.visible_FP[..., None], rec.xyz_FPD, np.nan).astype(np.float64)
    return replace(proposal, xyz_FPD=keep_distances(proposal.xyz_FPD, seen_FP3, rec.rate_hz))


def _mixed(rec: Recording, wanted_FP: Mask, bmap: BodyMap, model: Model, by_model: NetworkFill, classical: Proposal) -> Proposal:
    """By the model alone, or mixed with the classical fill as far as the judge trusts it. A sample is PREDICTED if most of it is."""
    from mpm_core.model.network_fill import mixed, rigid_bones

    xyz_FPD, sigma_FP, share_FP = mixed(rec, wanted_FP, classical.xyz_FPD, classical.sigma_FP, by_model, model)
    xyz_FPD = blend_edges(rec, xyz_FPD)
    if rec.rig is None and bmap.kind != "markers":
        xyz_FPD = rigid_bones(rec, xyz_FPD, bmap)
    return Proposal(xyz_FPD, sigma_FP, np.where(share_FP >= MOSTLY, Origin.PREDICTED, Origin.FILLED).astype(np.uint8))
