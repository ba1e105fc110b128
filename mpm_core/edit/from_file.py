"""A file's recording in the shape of one that was trimmed, resampled, renamed or merged from it. F frames, P points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mpm_core.edit.names import file_names
from mpm_core.gaps import known
from mpm_core.recording import FilePart, Origin, Recording
from mpm_core.samples import Samples
from mpm_core.typing import Floating, Int, Mask

NEAR = 1e-6  # of a position in time, at least of a frame: nearer to a frame, the position is that frame
NEAR_MOST = 1e-3  # frames, however long the take is


def on_frames(position_F: Floating, frames: int) -> tuple[Int, Mask]:
    """(F,) of positions in time, counted in frames of a take: the nearest frame, and whether the position is that frame.

    >>> on_frames(np.array([0.0, 2.5, 5.0, 7.5]), 6)
    (array([0, 2, 5, 5]), array([ True, False,  True, False]))
    """
    nearest_F = np.clip(np.rint(position_F), 0, max(frames - 1, 0)).astype(np.int64)
    return nearest_F, np.asarray(np.abs(position_F - nearest_F) <= np.clip(NEAR * np.abs(position_F), NEAR, NEAR_MOST))


def in_shape_of(original: Recording, rec: Recording) -> Recording | None:
    """The original's samples in the frames and points of a recording that was made from it; what it lacks is missing, on a rig marked.

    The recording may be trimmed, resampled, renamed and merged. None when the two have nothing to do with each other: another dimension, as
    after a lift, or names that the original does not have.
    """
    if original.points == rec.points and original.frames == rec.frames and original.source.part == rec.source.part:
        return original if original.dims == rec.dims else None
    if original.dims != rec.dims:
        return None
    made = in_part(original, rec.source.part, rec.points, rec.frames)
    return None if made is None else replace(made, source=replace(made.source, first_frame=rec.source.first_frame), rate_hz=rec.rate_hz)


def in_part(original: Recording, part: FilePart, points: tuple[str, ...], frames: int) -> Recording | None:
    """A part of the file that `original` is of, or is itself a part of, with these names for its points.

    A merged point has in each frame the sample that may be trusted, the first where several may. None for names that are not in the file.
    """
    own = original.source.part
    column = {name: point for point, names in enumerate(file_names(original)) for name in names}
    names = part.names if len(part.names) == len(points) else tuple((point,) for point in points)
    if not original.frames or not all(name in column for each in names for name in each):
        return None
    rows_F, on_F = on_frames((part.start + part.step * np.arange(frames) - own.start) / own.step, original.frames)
    samples = original.samples.at(rows_F)
    samples = samples.at(slice(None), [column[each[0]] for each in names])
    for point, each in enumerate(names):
        for name in each[1:]:
            samples = _first_of(samples, point, original.samples.at(rows_F, column[name]))
    rig = original.rig
    off_FP = np.broadcast_to(~on_F[:, None], samples.shape)
    if rig is None:
        samples = samples.cleared(off_FP)
    else:  # whose joints always have a place
        samples = samples.having(origin=np.where(off_FP, np.uint8(Origin.MARKED), samples.origin))
    return original.with_samples(
        samples,
        points=points,
        source=replace(original.source, part=part, first_frame=original.source.first_frame + int(rows_F[0])),
        rate_hz=original.rate_hz * own.step / part.step,
        rig=None if rig is None else replace(rig, names=_joints(rig.names, original.points, points), values_FC=rig.values_FC[rows_F]),
        spans=(),
        subjects=(),
        skeleton=None,
    )


def _joints(names: Sequence[str], before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    new = dict(zip(before, now, strict=True))
    return tuple(new.get(name, name) for name in names)


def _first_of(samples: Samples, point: int, other: Samples) -> Samples:
    """The samples with those of another (F,) in one point where they may be trusted and the point's own may not."""
    trusted_F, other_F = _trusted(samples.at(slice(None), point)), _trusted(other)
    takes_F = other_F & ~trusted_F | ~known(samples.xyz[:, point]) & known(other.xyz)
    return samples.put((takes_F, point), other.at(takes_F))


def _trusted(samples: Samples) -> Mask:
    return np.asarray((samples.origin != Origin.MISSING) & (samples.origin != Origin.MARKED))
