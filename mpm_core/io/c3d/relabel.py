"""A C3D in which points have other labels, or several columns became one: all other bytes stay, those of the analog channels included.

F frames, C point columns of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mpm_core.edit.file_frames import file_names, name_at
from mpm_core.errors import FormatError
from mpm_core.io.c3d.layout import Layout, find_layout
from mpm_core.io.c3d.marker_columns import marker_columns
from mpm_core.io.c3d.parameters import BYTES_OF, Parameter
from mpm_core.io.c3d.stated import BLOCK
from mpm_core.io.c3d.write_parameters import MOST, with_values
from mpm_core.recording import Recording

PER_COLUMN = ("POINT:LABELS", "POINT:DESCRIPTIONS", "SUBJECTS:OWNERS")  # have an entry for each column; NAME2, NAME3 ... go on
MOST_BYTES = 0x7FFF - 512  # of a list, so that a link can skip it and its description


def relabelled(data: bytes, layout: Layout, rec: Recording) -> bytes | None:
    """The file, all frames of it, with the recording's names for its markers, and each of its merged points in one column.

    A merged point has in each frame the words of the column that the recording names for it; the other columns are removed. None where the
    recording names columns that the file does not have, or where the file cannot hold the new names.
    """
    points, columns_P, _ = marker_columns(layout)
    column, names = dict(zip(points, columns_P.tolist(), strict=True)), file_names(rec)
    if not all(name in column for each in names for name in each):
        return None
    words_FC4, own_FC4 = layout.words_FC4(data).copy(), layout.words_FC4(data)
    frames_F = np.arange(layout.frames)
    for each in names:
        from_F = np.array([column[name] for name in each])[name_at(rec.source.part, each, frames_F)]
        words_FC4[:, column[each[0]]] = own_FC4[frames_F, from_F]
    removed = {column[name] for each in names for name in each[1:]}
    labels = {column[each[0]]: point for each, point in zip(names, rec.points, strict=True)}
    new = {c: label for c, label in labels.items() if column.get(label) != c}
    stays_FC4 = words_FC4[:, [c for c in range(layout.columns) if c not in removed]]
    for given in (new, labels):  # all of them where a label that is there twice, or empty, would be numbered otherwise
        values = _lists(layout, given, removed)
        if values is None:
            return None
        out = _with_columns(with_values(data, values, rec.source.path), stays_FC4, layout.analog_FA(data))
        found = find_layout(out, rec.source.path)
        if replace(found, parameters=layout.parameters, notes=layout.notes, columns=layout.columns, data_start=layout.data_start) != layout:
            hint = "export to another format, and please report this with the file"
            raise FormatError("the file with other labels would be read otherwise; nothing was written", where=rec.source.path, hint=hint)
        if marker_columns(found)[0] == rec.points:
            return out
    return None


def _lists(layout: Layout, labels: Mapping[int, str], removed: set[int]) -> dict[str, bytes] | None:
    """Type, dimensions and data of each parameter that changes. labels: by column. None where they have no room."""
    out: dict[str, bytes] = {}
    for name in PER_COLUMN:
        first, number, found = 0, 1, layout.parameters.values.get(name)
        while found is not None:
            width = (found.dims[0] if found.dims else 1) if found.kind == -1 else BYTES_OF[found.kind]
            entries = [found.data[at : at + width] for at in range(0, len(found.data) - width + 1, max(width, 1))] if width else []
            new = {c: labels[c].encode() for c in range(first, first + len(entries)) if name == "POINT:LABELS" and c in labels}
            kept = [new.get(c, entry) for c, entry in enumerate(entries, first) if c not in removed]
            if new or len(kept) < len(entries):
                value = _value(found, kept)
                if value is None:
                    return None
                out[name if number == 1 else f"{name}{number}"] = value
            first, number = first + len(entries), number + 1
            found = layout.parameters.values.get(f"{name}{number}")
        if name == "POINT:LABELS" and any(c >= first for c in labels):
            return None
    return out


def _value(before: Parameter, entries: list[bytes]) -> bytes | None:
    """A list parameter with other entries, texts padded with blanks to the longest; None where it cannot hold them."""
    width = max(map(len, entries), default=1)
    dims = (width, len(entries)) if before.kind == -1 else (len(entries),)
    data = b"".join(entry.ljust(width) for entry in entries)
    return bytes([before.kind & 0xFF, len(dims), *dims]) + data if max(dims) <= MOST and len(data) <= MOST_BYTES else None


def _with_columns(data: bytes, words_FC4: NDArray[np.unsignedinteger], analog_FA: NDArray[np.unsignedinteger]) -> bytes:
    """The file with these words in place of those of its points, of which there may be fewer."""
    layout = find_layout(data)
    columns = np.array([words_FC4.shape[1]], f"{layout.order.sign}u2").tobytes()
    head = bytearray(data[: layout.data_start])
    head[2:4] = columns
    used = layout.parameters.values.get("POINT:USED")
    if used is not None and len(used.data) == 2:
        head[used.at : used.at + 2] = columns
    frames = np.concatenate([words_FC4.reshape(len(words_FC4), -1), analog_FA], axis=1).astype(analog_FA.dtype).tobytes()
    return bytes(head) + frames + bytes(-(len(head) + len(frames)) % BLOCK)
