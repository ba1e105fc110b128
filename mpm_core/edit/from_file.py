"""A file's recording in the shape of one that was trimmed, resampled, renamed or merged from it. F frames, P points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mpm_core.edit.file_frames import file_names, name_at, on_frames
from mpm_core.recording import FilePart, Origin, Recording


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

    A merged point has in each frame the sample of the name that the part says. None for names that are not in the file.
    """
    own = original.source.part
    column = {name: point for point, names in enumerate(file_names(original)) for name in names}
    names = part.names if len(part.names) == len(points) else tuple((point,) for point in points)
    if not original.frames or not all(name in column for each in names for name in each):
        return None
    position_F = part.start + part.step * np.arange(frames)  # in frames of the file
    rows_F, on_F = on_frames((position_F - own.start) / own.step, original.frames)
    frames_F = np.rint(position_F).astype(np.int64)
    column_FP = np.zeros((frames, len(points)), np.int64)
    for point, each in enumerate(names):
        column_FP[:, point] = np.array([column[name] for name in each])[name_at(part, each, frames_F)]
    samples = original.samples.at(rows_F[:, None], column_FP)
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
        rig=None if rig is None else replace(rig.at(rows_F), names=_joints(rig.names, original.points, points)),
        spans=(),
        subjects=(),
        skeleton=None,
    )


def _joints(names: Sequence[str], before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    new = dict(zip(before, now, strict=True))
    return tuple(new.get(name, name) for name in names)
