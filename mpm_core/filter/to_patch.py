"""The patch of a filter. F frames, P points, D dimensions.

Stretches without a gap are filtered whole; only the samples that are asked for change, and they meet those beside them that stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mpm_core.edit.patch import Patch, patch_samples
from mpm_core.errors import Cancelled, DataError
from mpm_core.filter.butterworth import ResidualAnalysis, analyse_residuals
from mpm_core.filter.methods import FilterSettings, filtered
from mpm_core.gaps import known, points_by_run, runs
from mpm_core.linalg.blas import in_one_thread
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.rigs.solve import adjusted_FP, apply_targets
from mpm_core.samples import FILLS, OF_FILE, Samples
from mpm_core.typing import Float, Mask

FADE_S = 0.1  # over which what is filtered comes to meet a sample that stays
ANALYSED_S = 0.5  # the shortest stretch from which a cutoff is taken


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """The patch, how many samples were left because their stretch is too short, and (P,) the cutoffs in Hz, NaN where there is none."""

    patch: Patch
    left: int
    cutoff_hz_P: Float


@in_one_thread
def filter_patch(
    rec: Recording,
    settings: FilterSettings,
    where_FP: Mask | None = None,
    *,
    measured: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Filter:
    """The patch that filters the fills of where_FP (F, P; None = everywhere): what is filled, predicted, or set by hand.

    measured: what was measured, too; it becomes FILTERED, and the measured value stays known (`Recording.unfiltered_FPD`). Fills keep their
    origin and sigma. On a rig, rotations are solved from the filtered positions, so that bones keep their lengths; what positions do not
    show, as the twist of a straight arm, stays as measured.
    Raises DataError for settings that do not fit the rate, and where no stretch is long enough to choose a cutoff; Cancelled.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("head",), 100.0, np.random.default_rng(0).normal(size=(90, 1, 3)))
    >>> len(filter_patch(rec, FilterSettings("median")).patch), len(filter_patch(rec, FilterSettings("median"), measured=True).patch)
    (0, 90)
    """
    settings.check(rec.rate_hz)
    changes_FP = np.isin(rec.origin_FP, (*FILLS, *OF_FILE) if measured else FILLS)
    if where_FP is not None:
        changes_FP &= where_FP
    asked = np.flatnonzero(changes_FP.any(axis=0))
    cutoff_hz_P = np.full(len(rec.points), np.nan)
    if settings.method == "butterworth" and len(asked):
        cutoff_hz_P[asked] = _cutoffs(rec, asked.tolist(), settings, progress, cancel)
    xyz_FPD = np.full(rec.xyz_FPD.shape, np.nan)
    for (start, stop), points in points_by_run(rec.visible_FP & changes_FP.any(axis=0)).items():
        for cutoff_hz, alike in _by_cutoff(points, cutoff_hz_P).items():
            if cancel is not None and cancel():
                raise Cancelled
            stretch_FS = rec.xyz_FPD[start:stop, alike].astype(np.float64).reshape(stop - start, -1)
            own = replace(settings, cutoff_hz=cutoff_hz or settings.cutoff_hz, beta=settings.beta_in(rec.dims))
            made_FS = filtered(stretch_FS, rec.rate_hz, own)
            if made_FS is not None:
                xyz_FPD[start:stop, alike] = made_FS.reshape(stop - start, len(alike), rec.dims)
    done_FP = changes_FP & known(xyz_FPD)
    _meet(rec, xyz_FPD, done_FP)
    if rec.rig is not None and done_FP.any():
        xyz_FPD = apply_targets(rec, xyz_FPD, done_FP, np.isin(rec.origin_FP, OF_FILE) | adjusted_FP(rec))
    label = f"Filter ({settings.text(rec.dims)})"
    patch = patch_samples(label, done_FP, _samples(rec, xyz_FPD, done_FP))
    count = int(np.isin(rec.origin_FP[done_FP], OF_FILE).sum())
    line = f"{label}: {len(patch)} samples, of them {count} measured{_range_text(cutoff_hz_P, settings)}"
    return Filter(replace(patch, log=(*rec.log, line)), int((changes_FP & ~done_FP).sum()), cutoff_hz_P)


def _cutoffs(rec: Recording, points: list[int], settings: FilterSettings, progress: Progress | None, cancel: Cancel | None) -> Float:
    """The cutoff of each point, in Hz: the one that is given, or by the residuals of its longest stretch, else the median of the others."""
    if settings.cutoff_hz is not None:
        return np.full(len(points), settings.cutoff_hz)
    found_P = np.full(len(points), np.nan)
    for place, point in enumerate(points):
        if cancel is not None and cancel():
            raise Cancelled
        if progress is not None:
            progress(place / len(points), "choosing cutoffs by residuals")
        found = analysed(rec, point)
        if found is not None:
            found_P[place] = found.cutoff_hz
    if np.isnan(found_P).all():
        what = f"no point is there for {ANALYSED_S:g} s without a gap, which choosing a cutoff needs"
        raise DataError(what, where=rec.source.path, hint="give a cutoff in Hz")
    return np.where(np.isnan(found_P), np.nanmedian(found_P), found_P)


def analysed(rec: Recording, point: int) -> ResidualAnalysis | None:
    """The residuals of the longest stretch in which a point is measured, else in which it is visible, as in a lifted take.

    None where both are too short.
    """
    for where_F in (np.isin(rec.origin_FP[:, point], OF_FILE), rec.visible_FP[:, point]):
        start, stop = max(runs(where_F), key=lambda run: run[1] - run[0], default=(0, 0))
        if stop - start >= max(ANALYSED_S * rec.rate_hz, 10):
            return analyse_residuals(rec.xyz_FPD[start:stop, point].astype(np.float64), rec.rate_hz)
    return None


def _by_cutoff(points: list[int], cutoff_hz_P: Float) -> dict[float, list[int]]:
    """Points that are filtered alike; without cutoffs, all of them."""
    found: dict[float, list[int]] = {}
    for point in points:
        found.setdefault(float(np.nan_to_num(cutoff_hz_P[point])), []).append(point)
    return found


def _meet(rec: Recording, xyz_FPD: Float, done_FP: Mask) -> None:
    """Shift what is filtered, in place, so that it comes to meet the samples beside it that stay."""
    most = max(round(FADE_S * rec.rate_hz), 1)
    for point in np.flatnonzero(done_FP.any(axis=0)):
        for start, stop in runs(done_FP[:, point]):
            fade = min(most, stop - start)
            weight_N = 1 - np.arange(1, fade + 1) / (fade + 1)
            shifts = [np.zeros((fade, rec.dims))] * 2
            for side, beside in enumerate((start - 1, stop)):
                if 0 <= beside < rec.frames and rec.visible_FP[beside, point] and np.isfinite(xyz_FPD[beside, point, 0]):
                    shifts[side] = weight_N[:, None] * (rec.xyz_FPD[beside, point] - xyz_FPD[beside, point])
            xyz_FPD[start : start + fade, point] += shifts[0]
            xyz_FPD[stop - fade : stop, point] += shifts[1][::-1]


def _samples(rec: Recording, xyz_FPD: Float, done_FP: Mask) -> Samples:
    """All samples, those of done_FP filtered."""
    was_measured_FP = done_FP & (rec.origin_FP == Origin.MEASURED)
    made = rec.samples.having(
        xyz=np.where(done_FP[..., None], xyz_FPD, rec.xyz_FPD),
        origin=np.where(was_measured_FP, np.uint8(Origin.FILTERED), rec.origin_FP),
    )
    if not was_measured_FP.any():
        return made
    before_FPD = np.full_like(rec.xyz_FPD, np.nan) if rec.unfiltered_FPD is None else rec.unfiltered_FPD
    return made.having(unfiltered=np.where(was_measured_FP[..., None], rec.xyz_FPD, before_FPD))


def _range_text(cutoff_hz_P: Float, settings: FilterSettings) -> str:
    if settings.cutoff_hz is not None or not np.isfinite(cutoff_hz_P).any():
        return ""
    return f", cutoffs {np.nanmin(cutoff_hz_P):.1f} to {np.nanmax(cutoff_hz_P):.1f} Hz"
