"""A complete new C3D: Intel reals, millimetres, Z up, gaps as 0,0,0 with residual -1. For takes that are not (any more) those of a C3D.

Spans and subjects become the EVENT and SUBJECTS groups; where they are those of a C3D source, its groups are kept as they are. Its analog
channels, whose samples belong to the old frames, stay behind.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import FormatError
from mpm_core.io.c3d.annotations import changed_groups
from mpm_core.io.c3d.layout import find_layout
from mpm_core.io.c3d.marker_columns import SOFTWARE, marker_columns
from mpm_core.io.c3d.numbers import Order, integers
from mpm_core.io.c3d.parameters import Parameter
from mpm_core.io.c3d.patch import find_original
from mpm_core.io.c3d.stated import BLOCK
from mpm_core.io.c3d.write_parameters import record, texts, value
from mpm_core.io.point_names import check_names
from mpm_core.recording import Recording

MOST_LABELS = 255  # per parameter: its dimensions are single bytes
MOST_LABEL_BYTES = 120  # keeps a full LABELS parameter within a 16-bit link
MOST_COUNT = 0xFFFF
CONVENTIONS = {"POINT:UNITS": "mm", "POINT:X_SCREEN": "+X", "POINT:Y_SCREEN": "+Z"}  # what it gives of its unit and axes
KEPT = ("EVENT", "EVENT_CONTEXT", "SUBJECTS")  # groups of a C3D source that hold for the new file too: their times are seconds


def beside_markers(rec: Recording) -> str:
    """What the C3D that a recording came from holds besides markers: '64 analog channels', say; empty for nothing or another format."""
    if rec.source.format != "c3d" or not rec.source.payload:
        return ""
    layout = find_layout(rec.source.payload, rec.source.path)
    analog = int(layout.parameters.number("ANALOG:USED") or 0) if layout.analog else 0
    others = layout.columns - len(marker_columns(layout)[0])
    parts = [f"{analog} analog channels"] * bool(analog) + [f"{others} angles, forces, moments, powers or scalars"] * bool(others)
    return " and ".join(parts)


def left_behind(rec: Recording) -> str:
    """What of this a C3D of the recording will lack: nothing where it is written as a copy."""
    what = beside_markers(rec)
    return what if what and find_original(rec) is None else ""


def new_file(rec: Recording) -> bytes:
    """The file's bytes. Raises FormatError for 2D takes, no frames, more points than C3D can name, or names that it cannot hold."""
    where = rec.source.path
    if rec.dims != 3:
        raise FormatError("a 2D take cannot be written as C3D", where=where, hint="lift it to 3D first, or export CSV")
    if rec.frames == 0 or not 0 < len(rec.points) <= MOST_COUNT:
        raise FormatError(
            f"C3D needs frames and points; this take has {rec.frames} and {len(rec.points)}", where=where, hint="open a take with both"
        )
    check_names(rec.points, "\0", "C3D", where, MOST_LABEL_BYTES)
    blocks = -(-len(_section(rec, 1, 0)) // BLOCK)
    if blocks > 255:
        raise FormatError(f"C3D has no room for the names of {len(rec.points)} points", where=where, hint="give them shorter names")
    data_block = 2 + blocks
    section = _section(rec, data_block, blocks).ljust(blocks * BLOCK, b"\0")
    samples_FP4 = np.zeros((rec.frames, len(rec.points), 4), "<f4")
    missing_FP = np.asarray(~np.isfinite(rec.xyz_FPD).all(axis=2))
    samples_FP4[:, :, :3] = np.where(missing_FP[:, :, None], 0, rec.xyz_FPD.astype(np.float64) * 1000)
    samples_FP4[missing_FP, 3] = -1
    body = samples_FP4.tobytes()
    return _header(rec, data_block) + section + body + bytes(-len(body) % BLOCK)


def _header(rec: Recording, data_block: int) -> bytes:
    first = max(rec.source.first_frame, 0)
    head = np.zeros(BLOCK // 2, "<u2")
    head[0] = 0x5002
    head[1], head[3], head[4] = len(rec.points), min(first, MOST_COUNT), min(first + rec.frames - 1, MOST_COUNT)
    head[5], head[8] = 0, data_block
    head[6:8] = np.array([-1.0], "<f4").view("<u2")
    head[10:12] = np.array([rec.rate_hz], "<f4").view("<u2")
    return head.tobytes()


def _section(rec: Recording, data_block: int, blocks: int) -> bytes:
    """The parameter section, not yet padded. data_block: where the frames begin; blocks: how many the section has, each of 512 bytes."""
    first = max(rec.source.first_frame, 0)
    last = first + rec.frames - 1
    point: list[tuple[str, NDArray[np.generic]]] = [
        ("USED", _int(len(rec.points))),
        ("SCALE", _real(-1)),
        ("RATE", _real(rec.rate_hz)),
        ("DATA_START", _int(data_block)),
        ("FRAMES", _int(min(rec.frames, MOST_COUNT))),
        *((name.removeprefix("POINT:"), texts([text])) for name, text in CONVENTIONS.items()),
    ]
    if rec.frames > MOST_COUNT:
        point.append(("LONG_FRAMES", _real(rec.frames)))
    for number, start in enumerate(range(0, len(rec.points), MOST_LABELS), 1):
        point.append((f"LABELS{number if number > 1 else ''}", texts(rec.points[start : start + MOST_LABELS])))
    groups: list[tuple[str, list[tuple[str, NDArray[np.generic]]]]] = [
        ("POINT", point),
        ("ANALOG", [("USED", _int(0)), ("GEN_SCALE", _real(1)), ("RATE", _real(0))]),
        ("FORCE_PLATFORM", [("USED", _int(0))]),
        ("TRIAL", [("ACTUAL_START_FIELD", _long(first)), ("ACTUAL_END_FIELD", _long(last))]),
        ("MANUFACTURER", [("SOFTWARE", texts([SOFTWARE]))]),
    ]
    source = find_layout(rec.source.payload, rec.source.path) if rec.source.format == "c3d" and rec.source.payload else None
    changed = changed_groups(rec, source, np.arange(len(rec.points)), len(rec.points))
    groups += [(group, list(parameters)) for group, parameters in changed.items()]
    kept = [(group, contents) for group in KEPT if group not in changed and (contents := kept_group(rec, group))]
    names = [name for name, _ in groups] + [name for name, _ in kept]
    records = [record(name, -number, b"\0") for number, name in enumerate(names, 1)]
    for number, (_, parameters) in enumerate(groups, 1):
        records += [record(name, number, value(array)) for name, array in parameters]
    for group, contents in kept:
        records += [record(name, names.index(group) + 1, content) for name, content in contents]
    return bytes([1, 0x50, blocks, 84]) + b"".join(records) + bytes(2)


def kept_group(rec: Recording, group: str) -> list[tuple[str, bytes]]:
    """Name and content of each parameter of a group in the C3D that the recording came from; none for another source."""
    if rec.source.format != "c3d" or not rec.source.payload:
        return []
    parameters = find_layout(rec.source.payload, rec.source.path).parameters
    return [
        (name.partition(":")[2], in_intel(parameter, parameters.order))
        for name, parameter in parameters.values.items()
        if name.startswith(f"{group}:")
    ]


def in_intel(parameter: Parameter, order: Order) -> bytes:
    """Type, dimensions, data and an empty description, numbers in Intel's order."""
    data = parameter.data
    if parameter.kind == 2:
        data = integers(data, order).astype("<i2").tobytes()
    elif parameter.kind == 4:
        data = parameter.numbers(order).astype("<f4").tobytes()
    return bytes([parameter.kind & 0xFF, len(parameter.dims), *parameter.dims]) + data + b"\0"


def _int(value: int) -> NDArray[np.generic]:
    return np.array(value, "<u2")


def _long(value: int) -> NDArray[np.generic]:
    return np.array([value & 0xFFFF, value >> 16], "<u2")


def _real(value: float) -> NDArray[np.generic]:
    return np.array(value, "<f4")
