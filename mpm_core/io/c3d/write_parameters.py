"""Records of a C3D's parameter section written: groups and parameters in a file's byte order, some groups of a file exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import FormatError
from mpm_core.io.c3d.layout import Layout, find_layout
from mpm_core.io.c3d.numbers import Order, real_words
from mpm_core.io.c3d.stated import BLOCK

MOST = 255  # values along one dimension of a parameter, and blocks of a section: single bytes
Group = Sequence[tuple[str, NDArray[np.generic]]]
"""Names and values of a group's parameters."""


def record(name: str, group: int, content: bytes, order: Order = Order.INTEL) -> bytes:
    """One record; its link skips from itself to the next. group: negative for a group itself."""
    raw = name.encode("ascii")
    return bytes([len(raw), group & 0xFF]) + raw + np.array([2 + len(content)], f"{order.sign}i2").tobytes() + content


def value(array: NDArray[np.generic], order: Order = Order.INTEL) -> bytes:
    """Type, dimensions (fastest first), data, and an empty description. Raises FormatError for more than a dimension can count."""
    kind = {"S": 0xFF, "i": 2, "u": 2, "f": 4}[array.dtype.kind]
    dims = tuple(reversed(array.shape))
    if kind == 0xFF:
        dims, data = (array.dtype.itemsize, *dims), array.tobytes()
    elif kind == 2:
        data = array.astype(f"{order.sign}u2").tobytes()
    else:
        data = real_words(array.astype(np.float32), order).astype(f"{order.sign}u4").tobytes()
    if max(dims, default=0) > MOST:
        raise FormatError(f"a C3D parameter holds {MOST} values or letters, not {max(dims)}", hint="export to another format")
    return bytes([kind, len(dims), *dims]) + data + b"\0"


def texts(values: Sequence[str]) -> NDArray[np.generic]:
    """Texts of one width, padded with blanks."""
    raws = [text.encode("utf-8") for text in values]
    width = max(1, *map(len, raws)) if raws else 1
    return np.array([raw.ljust(width) for raw in raws], f"S{width}")


def with_groups(data: bytes, groups: Mapping[str, Group], where: str) -> bytes:
    """The file with the parameters of some groups exchanged; all else keeps its bytes, the frames move back where the section grows.

    Raises FormatError when the parameter section is damaged, or has no room.
    """
    return _with_parameters(data, groups, {}, where, "events and subjects")


def with_values(data: bytes, values: Mapping[str, bytes], where: str) -> bytes:
    """The file with other values (type, dimensions, data) of some parameters, by 'GROUP:NAME'; else as `with_groups`."""
    return _with_parameters(data, {}, values, where, "other labels")


def _with_parameters(data: bytes, groups: Mapping[str, Group], values: Mapping[str, bytes], where: str, what: str) -> bytes:
    layout = find_layout(data, where)
    start = (data[0] - 1) * BLOCK
    if layout.parameters.damage or layout.data_start <= start:
        hint = "export to another format, or undo the changes of names, spans and subjects"
        raise FormatError(f"the file's damaged parameters leave no place for {what}", where=where, hint=hint)
    section = _section(data, layout, groups, values)
    room = (layout.data_start - start) // BLOCK
    blocks = max(room, -(-(4 + len(section)) // BLOCK))
    if blocks > MOST:
        raise FormatError(f"the file has no room for so many {what}", where=where, hint="export to another format")
    head = bytes([*data[start : start + 2], blocks, data[start + 3]])
    out = bytearray(data[:start] + (head + section).ljust(blocks * BLOCK, b"\0") + data[layout.data_start :])
    first_block = np.array([(start + blocks * BLOCK) // BLOCK + 1], f"{layout.order.sign}u2").tobytes()
    out[16:18] = first_block
    named = find_layout(bytes(out), where).parameters.values.get("POINT:DATA_START")
    if named is not None and len(named.data) == 2:
        out[named.at : named.at + 2] = first_block
    _check_frames(layout, bytes(out), (blocks - room) * BLOCK, where)
    return bytes(out)


def _section(data: bytes, layout: Layout, groups: Mapping[str, Group], values: Mapping[str, bytes]) -> bytes:
    """All records but the parameters of these groups, then theirs, and the end of the section. values: of parameters, by 'GROUP:NAME'."""
    order, kept = layout.order, []
    ids = {found.name: -found.group for found in layout.parameters.records if found.group < 0}
    names = {number: name for name, number in ids.items()}
    dropped = {ids[name] for name in groups if name in ids}
    for found in layout.parameters.records:
        if found.group not in dropped:
            full = f"{names.get(found.group)}:{found.name}"
            begin, value_bytes = found.link + 2, values.get(full, b"")
            if value_bytes:
                before = layout.parameters.values[full]
                begin = before.at + len(before.data)  # the description
            link = np.array([2 + len(value_bytes) + found.end - begin], f"{order.sign}i2").tobytes()
            kept.append(data[found.at : found.link] + link + value_bytes + data[begin : found.end])
    free = iter(sorted(set(range(1, 128)) - set(ids.values())))
    for name, parameters in groups.items():
        if name not in ids:
            ids[name] = next(free)
            kept.append(record(name, -ids[name], b"\0", order))
        kept += [record(each, ids[name], value(array, order), order) for each, array in parameters]
    return b"".join(kept) + bytes(2)


def _check_frames(before: Layout, data: bytes, shift: int, where: str) -> None:
    """Raises FormatError when the frames of the new file would not be read as those of the old."""
    after = find_layout(data, where)
    if replace(after, parameters=before.parameters, notes=before.notes) != replace(before, data_start=before.data_start + shift):
        hint = "export to another format, and please report this with the file"
        raise FormatError("the file with other events and subjects would be read otherwise; nothing was written", where=where, hint=hint)
