"""A rig to a BVH's bytes: a patched copy of the file it came from, or a whole new text. F frames, C channels."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.bvh.motion import value_spans
from mpm_core.io.bvh.parse import MOST_WORDS, Parsed, unique_joints
from mpm_core.io.point_names import check_names
from mpm_core.rig import Rig
from mpm_core.typing import Float

FEWEST_DECIMALS = 6  # of a number


def patched(data: bytes, parsed: Parsed, values_FC: Float) -> bytes:
    """The file's bytes with the text of changed values replaced, nothing else. A value that rounds to what is there keeps its text."""
    starts, stops = value_spans(data, parsed.values_at)
    decimals = _decimals([data[start:stop] for start, stop in zip(starts[: values_FC.shape[1]], stops, strict=False)])
    change_FC = np.abs(values_FC - parsed.rig.values_FC) > 0.5 * 10.0**-decimals
    pieces, at = [], 0
    for index in np.flatnonzero(change_FC.reshape(-1)):
        pieces += [data[at : starts[index]], _text(values_FC.flat[index] - parsed.shift_C[index % len(parsed.shift_C)], decimals)]
        at = int(stops[index])
    return b"".join([*pieces, data[at:]])


def rewritten(data: bytes, parsed: Parsed, values_FC: Float, rate_hz: float) -> bytes:
    """The file's hierarchy, byte for byte, with another number of frames or another rate. Values come back as they are, to the bit."""
    kept = data[: parsed.motion_at]
    newline = b"\r\n" if b"\r\n" in kept else b"\n"
    return kept + _motion(values_FC, parsed.shift_C, rate_hz).replace(b"\n", newline)


def rounded(rig: Rig) -> Rig:
    """The rig with numbers of FEWEST_DECIMALS, for one that no file gave."""
    return replace(rig, offsets_J3=np.round(rig.offsets_J3, FEWEST_DECIMALS), values_FC=np.round(rig.values_FC, FEWEST_DECIMALS))


def check_joint_names(rig: Rig, where: str) -> None:
    """Raise FormatError for a joint's name that a BVH cannot hold, and for an End Site that is not called as its joint is."""
    check_names((name for name, end in zip(rig.names, rig.is_end_J, strict=True) if not end), "{}", "BVH", where)
    for name in rig.names:
        if re.search(r"\s\s|[\t\v\f\x1c-\x1f]", name, re.ASCII) or len(name.split()) > MOST_WORDS:
            raise FormatError(f"the joint name {name[:40]!r} cannot be written in a BVH", where=where, hint="rename it")
    plain = [f"{rig.names[parent]}_end" if end else name for name, parent, end in zip(rig.names, rig.parents, rig.is_end_J, strict=True)]
    for name, own in zip(rig.names, unique_joints(plain)[0], strict=True):
        if name != own:
            what = f"the End Site {name!r} would be called {own!r} in a BVH, which names no End Sites"
            raise FormatError(what, where=where, hint="rename it so, or rename its joint")


def composed(rig: Rig, rate_hz: float) -> bytes:
    """A whole file from a rig alone. Its numbers come back as they are, to the bit."""
    lines = ["HIERARCHY"]
    open_joints: list[int] = []
    for joint, parent in enumerate(rig.parents):
        while open_joints and open_joints[-1] != parent:
            lines.append(f"{'  ' * (len(open_joints) - 1)}}}")
            open_joints.pop()
        pad = "  " * len(open_joints)
        head = "End Site" if rig.is_end_J[joint] else f"{'JOINT' if parent >= 0 else 'ROOT'} {rig.names[joint]}"
        lines += [
            f"{pad}{head}",
            f"{pad}{{",
            f"{pad}  OFFSET " + " ".join(_exact(value) for value in rig.offsets_J3[joint].tolist()),
        ]
        if not rig.is_end_J[joint]:
            lines.append(f"{pad}  CHANNELS {len(rig.channels[joint])} {' '.join(rig.channels[joint])}".rstrip())
        open_joints.append(joint)
    lines += [f"{'  ' * depth}}}" for depth in range(len(open_joints) - 1, -1, -1)]
    return "\n".join([*lines, "MOTION", ""]).encode() + _motion(rig.values_FC, np.zeros(rig.values_FC.shape[1]), rate_hz)


def _motion(values_FC: Float, shift_C: Float, rate_hz: float) -> bytes:
    """The lines of the motion. shift_C: what a reader adds to the numbers of the file."""
    shifts = shift_C.tolist()
    rows = [" ".join(map(_exact, row, shifts)) for row in values_FC.tolist()]
    return "\n".join([f"Frames: {len(rows)}", f"Frame Time: {1 / rate_hz:.10f}", *rows, ""]).encode()


def _exact(value: float, shift: float = 0.0) -> str:
    """A value less a shift, in as few decimals as bring it back to the bit, never fewer than FEWEST_DECIMALS."""
    text = np.format_float_positional(value - shift + 0.0, min_digits=FEWEST_DECIMALS)
    if shift:  # the difference was rounded: the number that the file had may be shorter
        for decimals in range(FEWEST_DECIMALS, len(text.partition(".")[2])):
            shorter = f"{value - shift:.{decimals}f}"
            if float(shorter) + shift == value:
                return shorter.removeprefix("-") if float(shorter) == 0 else shorter
    return text


def _decimals(words: list[bytes]) -> int:
    """As many as the file's own numbers have, never fewer than FEWEST_DECIMALS."""
    return max([FEWEST_DECIMALS, *(len(word.partition(b".")[2]) for word in words if b"e" not in word.lower())])


def _text(value: float, decimals: int) -> bytes:
    text = f"{value:.{decimals}f}"
    return (text.removeprefix("-") if float(text) == 0 else text).encode()
