"""A take at another rate. F frames, P points, D dimensions.

Frames of the new rate that are frames of the old one keep their samples with all values, bit for bit; others are interpolated, and FILLED.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.edit.file_frames import on_frames
from mpm_core.edit.patch import Replace
from mpm_core.errors import DataError
from mpm_core.gaps import known, points_by_run
from mpm_core.recording import NEAR, Origin, Recording
from mpm_core.rig import Rig
from mpm_core.rigs.between import values_between
from mpm_core.rigs.solve import apply_targets, values_now
from mpm_core.spans import Span
from mpm_core.typing import Float, Floating, Int, Mask

MOST_SAMPLES = 50_000_000  # that a take may have at a higher rate
CUBIC = 3


def resampled(rec: Recording, rate_hz: float, *, only_measured: bool = False) -> Recording:
    """The take at another rate, from the same first to at most the same last moment; frames are counted
    so that their times stay, as far as whole numbers can.

    Between frames of the take positions are interpolated by a cubic spline through the stretch of trusted samples around them, and FILLED,
    with the larger sigma of the two neighbours; beside a gap they are missing. Nothing is smoothed first: at a lower rate, motion above
    half of it is aliased: filter before if there is any. On a rig rotations are interpolated between the two frames around, and turned
    until the joints are at the interpolated positions.
    only_measured: raise DataError where a frame lies between frames of the take. Raises DataError for a rate that is not above 0, or at
    which the take would grow beyond MOST_SAMPLES.

    >>> from mpm_core.recording import make_recording
    >>> fast = resampled(make_recording(("head",), 2.0, [[[0, 0, 0]], [[1, 0, 0]], [[2, 0, 0]]]), 4.0)
    >>> fast.xyz_FPD[:, 0, 0].tolist(), fast.origin_FP.ravel().tolist()
    ([0.0, 0.5, 1.0, 1.5, 2.0], [1, 3, 1, 3, 1])
    """
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise DataError(f"{rate_hz:g} is not a rate", where=rec.source.path, hint="give frames per second, above 0")
    most = max(MOST_SAMPLES, rec.frames * len(rec.points))
    if rec.frames * rate_hz / rec.rate_hz * len(rec.points) > most:
        what = f"at {rate_hz:g} Hz the take would have more than {most:,} samples"
        raise DataError(what, where=rec.source.path, hint="give a lower rate, or trim the take first")
    step, position_F = rec.rate_hz / rate_hz, new_positions(rec, rate_hz)
    rows_F, on_F = on_frames(position_F, rec.frames)
    if only_measured and not on_F.all():
        what = f"of {len(on_F):,} frames at {rate_hz:g} Hz, {int((~on_F).sum()):,} lie between frames of the take"
        raise DataError(what, where=rec.source.path, hint=f"{rec.rate_hz:g} Hz divided by a whole number has none, or let them be filled")
    if rec.rig is not None and not on_F.all() and not rec.visible_FP.all():
        raise DataError(
            "samples of this hierarchy are marked as wrong", where=rec.source.path, hint="fill them before the take is resampled"
        )
    source, part = rec.source, rec.source.part
    taken = rec.with_samples(
        rec.samples.at(rows_F),
        rate_hz=float(rate_hz),
        source=replace(source, first_frame=round((source.first_frame - 1) / step) + 1, part=replace(part, step=part.step * step)),
        rig=None if rec.rig is None else replace(rec.rig, values_FC=_rig_values(rec, rec.rig, position_F, rows_F, on_F)),
        spans=_spans(rec, step, len(on_F)),
        log=(*rec.log, f"{label_of(rec, rate_hz)}: {int((~on_F).sum())} of {len(on_F)} frames are between frames of the take"),
    )
    if on_F.all():
        return taken
    between_FPD, sigma_FP = _between(rec, position_F)
    off_FP = np.broadcast_to(~on_F[:, None], taken.origin_FP.shape)
    if rec.rig is not None:
        targets_FPD = apply_targets(taken, between_FPD, off_FP, np.isnan(sigma_FP))
        between_FPD = np.where(off_FP[..., None], targets_FPD, between_FPD)
    kept, filled_FP = taken.samples.cleared(off_FP), off_FP & known(between_FPD)
    return taken.with_samples(
        kept.having(
            xyz=np.where(filled_FP[..., None], between_FPD, kept.xyz),
            origin=np.where(filled_FP, np.uint8(Origin.FILLED), kept.origin),
            sigma=np.where(filled_FP, sigma_FP, kept.sigma),
        )
    )


def _rig_values(rec: Recording, rig: Rig, position_F: Floating, rows_F: Int, on_F: Mask) -> Float:
    """(F, C) the rig's values in the frames of the new rate: of frames of the take, and interpolated between them as the take is now."""
    values_FC = rig.values_FC[rows_F]
    if not on_F.all():
        values_FC[~on_F] = values_between(replace(rig, values_FC=values_now(rec)), position_F[~on_F])
    return values_FC


def new_positions(rec: Recording, rate_hz: float) -> Float:
    """(F,) where the frames of another rate lie, counted in frames of the take."""
    step = rec.rate_hz / rate_hz
    return np.arange(int(np.floor((rec.frames - 1) / step + NEAR)) + 1 if rec.frames else 0, dtype=np.float64) * step


def resample(rec: Recording, rate_hz: float, *, only_measured: bool = False) -> Replace:
    """The edit that resamples a take. Raises DataError as `resampled` does."""
    return Replace(label_of(rec, rate_hz), rec, resampled(rec, rate_hz, only_measured=only_measured))


def label_of(rec: Recording, rate_hz: float) -> str:
    return f"Resample from {rec.rate_hz:g} to {rate_hz:g} Hz"


def _spans(rec: Recording, step: float, frames: int) -> tuple[Span, ...]:
    """The spans in the new frames, each at least one frame long."""
    places = [min(round(span.start / step), frames - 1) for span in rec.spans]
    ends = [max(place + 1, min(round(span.stop / step), frames)) for place, span in zip(places, rec.spans, strict=True)]
    return tuple(replace(span, start=start, stop=stop) for span, start, stop in zip(rec.spans, places, ends, strict=True))


def _between(rec: Recording, position_N: Floating) -> tuple[Float, Float]:
    """(N, P, D) positions at points in time, counted in frames, NaN where a frame beside is not trusted, and (N, P) their sigma."""
    from scipy.interpolate import make_interp_spline  # here, as its import takes long

    P, D = len(rec.points), rec.dims
    xyz_NPD, sigma_NP = np.full((len(position_N), P, D), np.nan), np.full((len(position_N), P), np.nan)
    before_N = np.floor(position_N).astype(np.int64)
    after_N = np.minimum(before_N + 1, rec.frames - 1)
    for (start, stop), points in points_by_run(rec.visible_FP).items():
        inside_N = (start <= position_N) & (position_N <= stop - 1)
        if stop - start < 2 or not inside_N.any():
            continue
        curve = make_interp_spline(
            np.arange(start, stop), rec.xyz_FPD[start:stop, points].astype(np.float64), k=min(CUBIC, stop - start - 1)
        )
        rows_N = np.flatnonzero(inside_N)[:, None]
        xyz_NPD[rows_N, points] = curve(position_N[inside_N])
        sigma_NP[rows_N, points] = np.fmax(rec.sigma_FP[before_N[rows_N], points], rec.sigma_FP[after_N[rows_N], points])
    return xyz_NPD, sigma_NP
