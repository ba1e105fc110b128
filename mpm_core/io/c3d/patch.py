"""C3D out without loss: the original file's bytes, and in them only the words of samples that were filled, moved or deleted.

F frames of the recording, P points, C point columns of the file. A sample's words are x, y, z and residual.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.c3d.layout import Layout, find_layout, measured_positions
from mpm_core.io.c3d.marker_columns import marker_columns
from mpm_core.io.c3d.numbers import Order, real_words
from mpm_core.io.c3d.relabel import relabelled
from mpm_core.io.c3d.stated import BLOCK
from mpm_core.io.conventions import to_world
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float32, Int, Mask


@dataclass(frozen=True, slots=True)
class Original:
    """The file a recording came from, cut to the recording's frames, with its points' names.

    data: a whole C3D file; columns_P: each point's column; from_FP: the point whose measured words belong at each sample
    (itself; another one after a swap of labels), -1 where none do.
    """

    data: bytes
    layout: Layout
    columns_P: Int
    from_FP: Int


def find_original(rec: Recording) -> Original | None:
    """The C3D bytes that hold all of a recording's measured samples, frame by frame; None when it has no such file.

    Of a take whose points were renamed or merged, the file with its labels and columns so. None when it was resampled or moved as a whole:
    its values are then no longer the file's.
    """
    if rec.source.format != "c3d" or not rec.source.payload or rec.dims != 3:
        return None
    data = rec.source.payload
    layout = find_layout(data, rec.source.path)
    start = rec.source.first_frame - layout.first_frame
    if rec.rate_hz != layout.rate_hz or start < 0 or start + rec.frames > layout.frames:
        return None
    points, columns_P, _ = marker_columns(layout)
    if points != rec.points:
        other = relabelled(data, layout, rec)
        if other is None:
            return None
        data, layout = other, find_layout(other, rec.source.path)
        points, columns_P, _ = marker_columns(layout)
    xyz_FC3, _ = measured_positions(layout, data)
    world_FP3 = to_world(xyz_FC3[start : start + rec.frames, columns_P], rec.source.file_to_world_33)
    from_FP = _measured_from(rec, world_FP3)
    if from_FP is None:
        return None
    if rec.frames == layout.frames:
        return Original(data, layout, columns_P, from_FP)
    data = _trimmed(data, layout, start, rec.frames)
    return Original(data, find_layout(data, rec.source.path), columns_P, from_FP)


def patched(rec: Recording, original: Original) -> bytes:
    """A file in which measured samples keep every bit. Raises FormatError when a fill does not fit the file's number form."""
    layout, columns_P = original.layout, original.columns_P
    data = bytearray(original.data)
    before_FP4 = layout.words_FC4(original.data)[:, columns_P]
    after_FP4 = before_FP4.copy()
    visible_FP = np.isfinite(rec.xyz_FPD).all(axis=2)
    frames_N, points_N = np.nonzero(visible_FP & ~rec.measured_FP & (original.from_FP < 0))
    world_N3 = rec.xyz_FPD[frames_N, points_N].astype(np.float64)
    try:
        after_FP4[frames_N, points_N] = layout.encode(world_N3 @ np.linalg.inv(rec.source.file_to_world_33).T)
    except FormatError as error:
        raise FormatError(error.what, where=rec.source.path, hint=error.hint) from error
    frames_N, points_N = np.nonzero(_moved(original))
    after_FP4[frames_N, points_N] = before_FP4[frames_N, original.from_FP[frames_N, points_N]]
    deleted_FP = ~visible_FP & _holds_measurement(original)
    after_FP4[deleted_FP] = layout.nothing
    words_FC4 = layout.words_FC4(data)
    changed_FP = (after_FP4 != before_FP4).any(axis=2)
    frames_N, points_N = np.nonzero(changed_FP)
    words_FC4[frames_N, columns_P[points_N]] = after_FP4[frames_N, points_N]
    _verify(original, bytes(data), changed_FP, rec)
    return bytes(data)


def kept_FP(original: Original) -> Mask:
    """(F, P) samples whose measured words stay where they were."""
    return np.asarray(original.from_FP == np.arange(len(original.columns_P)))


def _moved(original: Original) -> Mask:
    return (original.from_FP >= 0) & ~kept_FP(original)


def _holds_measurement(original: Original) -> Mask:
    """(F, P) samples of the file that were read as measured: not its gaps, and not zeros that were taken as missing."""
    xyz_FC3, _ = measured_positions(original.layout, original.data)
    xyz_FP3 = xyz_FC3[:, original.columns_P]
    return np.asarray(np.isfinite(xyz_FP3).all(axis=2) & ~(xyz_FP3 == 0).all(axis=2))


def _measured_from(rec: Recording, world_FP3: Float32) -> Int | None:
    """from_FP of Original; None when a measured sample is nowhere in its frame of the file. One set by hand may be there: after a swap."""
    P = len(rec.points)
    same_FP = (rec.xyz_FPD == world_FP3).all(axis=2)
    may_be_there_FP = rec.measured_FP | (rec.origin_FP == Origin.HAND)
    from_FP = np.where(may_be_there_FP & same_FP, np.arange(P), -1)
    for point in np.flatnonzero((may_be_there_FP & ~same_FP).any(axis=0)):
        frames = np.flatnonzero(may_be_there_FP[:, point] & ~same_FP[:, point])
        equal_NP = (world_FP3[frames] == rec.xyz_FPD[frames, point, None]).all(axis=2)
        found_N = equal_NP.any(axis=1)
        if not found_N[rec.measured_FP[frames, point]].all():
            return None
        from_FP[frames, point] = np.where(found_N, equal_NP.argmax(axis=1), -1)
    return from_FP


def _trimmed(data: bytes, layout: Layout, start: int, frames: int) -> bytes:
    """The same file with frames start..start+frames-1 only: every kept frame's bytes, analog included, and its counts set right."""
    head = bytearray(data[: layout.data_start])
    first = layout.first_frame + start
    last = first + frames - 1
    sign = layout.order.sign
    head[6:10] = np.array([min(first, 0xFFFF), min(last, 0xFFFF)], f"{sign}u2").tobytes()
    for name, value in (
        ("POINT:FRAMES", frames),
        ("POINT:LONG_FRAMES", frames),
        ("TRIAL:ACTUAL_START_FIELD", first),
        ("TRIAL:ACTUAL_END_FIELD", last),
    ):
        found = layout.parameters.values.get(name)
        if found is None:
            continue
        if found.kind == 4:
            words = real_words(np.array([float(value)]), layout.order)
            raw = words.astype("<u4" if layout.order is not Order.SGI else ">u4").tobytes()
        elif len(found.data) >= 4:
            raw = np.array([value & 0xFFFF, value >> 16], f"{sign}u2").tobytes()
        else:
            raw = np.array([min(value, 0xFFFF)], f"{sign}u2").tobytes()
        head[found.at : found.at + len(raw)] = raw
    begin = layout.data_start + start * layout.frame_bytes
    body = data[begin : begin + frames * layout.frame_bytes]
    return bytes(head) + body + bytes(-(len(head) + len(body)) % BLOCK)


def _verify(original: Original, data: bytes, changed_FP: Mask, rec: Recording) -> None:
    """Read the result again as any file. Raises FormatError when a byte differs that no edit changed."""
    layout = find_layout(data, rec.source.path)
    if replace(layout, parameters=original.layout.parameters) != original.layout or (changed_FP & kept_FP(original)).any():
        raise FormatError(
            "the patched file would not keep every measured sample; nothing was written",
            where=rec.source.path,
            hint="export to another format, and please report this with the file",
        )
    undone = bytearray(data)
    frames_N, points_N = np.nonzero(changed_FP)
    columns_N = original.columns_P[points_N]
    layout.words_FC4(undone)[frames_N, columns_N] = layout.words_FC4(original.data)[frames_N, columns_N]
    if undone != original.data:
        raise FormatError(
            "the patched file would change more than the edits did; nothing was written",
            where=rec.source.path,
            hint="export to another format, and please report this with the file",
        )
