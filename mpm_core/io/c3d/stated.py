"""Frame count, rate and scale of a C3D by its header and its parameters, which often disagree: 16-bit fields wrap, headers are wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mpm_core.io.c3d.numbers import integers, real
from mpm_core.io.c3d.parameters import Parameters

BLOCK = 512
RATE_SHARE = 0.01  # by which two rates may differ and be the same


def stated_rate(data: bytes, header: NDArray[np.uint16], parameters: Parameters) -> tuple[float | None, list[str]]:
    """The frame rate of the header, else of POINT:RATE; and a note where the two, or the rate of the analog channels, say another.

    Of two that differ, the one that the analog channels agree with. None where there is none.
    """
    stated = [real(data[20:24], parameters.order), parameters.number("POINT:RATE")]
    rates = [rate for rate in stated if rate is not None and math.isfinite(rate) and 0.01 < rate < 1e6]
    analog = parameters.number("ANALOG:RATE") or 0.0
    by_analog = analog / int(header[9]) if header[2] and header[9] and math.isfinite(analog) else 0.0
    rates.sort(key=lambda rate: not _near(rate, by_analog))  # a stable sort
    if not rates:
        return None, []
    taken, *others = rates
    differing = [f"{other:g}" for other in others if not _near(other, taken)]
    if by_analog > 0 and not _near(taken, by_analog):
        differing.append(f"{by_analog:g} by its analog channels")
    return taken, [f"the file gives several frame rates: {taken:g} was taken, not {', '.join(differing)}"] if differing else []


def _near(rate: float, other: float) -> bool:
    return abs(rate - other) <= RATE_SHARE * max(rate, other)


def shapes(data: bytes, header: NDArray[np.uint16], parameters: Parameters) -> Iterator[tuple[tuple[int, int, bool, float], bool]]:
    """Columns, analog words a frame, real, scale; and whether the header states them. What it does not state must fit the file exactly.

    At last with the columns and analog channels of the parameters, and reals where integers are stated. Not the other way: integers
    would fit a file of reals that is cut off in the middle.
    """
    columns, analog = int(header[1]), int(header[2])
    forms = list(_forms(data, parameters))
    yield from (((columns, analog, *form), True) for form in forms)
    used = _unsigned(parameters.number("POINT:USED")) or columns
    named = _unsigned(parameters.number("ANALOG:USED")) * int(header[9])
    as_reals = [(True, scale) for is_real, scale in forms[:1] if not any(stated for stated, _ in forms)]
    for widths in dict.fromkeys(((columns, analog), (used, analog), (columns, named), (used, named))):
        yield from (((*widths, *form), False) for form in (*forms, *as_reals) if 0 < widths[0] < 20_000)


def _forms(data: bytes, parameters: Parameters) -> Iterator[tuple[bool, float]]:
    """(real, scale) as the header and POINT:SCALE state them."""
    for scale in (real(data[12:16], parameters.order), parameters.number("POINT:SCALE")):
        if scale is not None and math.isfinite(scale) and scale != 0:
            yield scale < 0, abs(scale)


def starts(header: NDArray[np.uint16], parameters: Parameters) -> Iterator[int]:
    """Bytes where the data may begin, as the header and POINT:DATA_START state it."""
    for block in (int(header[8]), _unsigned(parameters.number("POINT:DATA_START"))):
        if block > 1:
            yield (block - 1) * BLOCK


def counts(header: NDArray[np.uint16], parameters: Parameters, room: int) -> Iterator[tuple[int, int]]:
    """(frames, first frame) as each place of the file states them, and at last what a wrapped 16-bit count would mean."""
    first, last = int(header[3]), int(header[4])
    yield last - first + 1, first
    start, end = (_long(parameters, f"TRIAL:ACTUAL_{side}_FIELD") for side in ("START", "END"))
    if start is not None and end is not None:
        yield end - start + 1, start
    for name in ("POINT:LONG_FRAMES", "POINT:FRAMES"):
        yield _unsigned(parameters.number(name)), first
    if last == 0xFFFF or room % 0x10000 == (last - first + 1) % 0x10000:
        yield room, first


def _unsigned(value: float | None) -> int:
    """A count that may have been read as a negative 16-bit number; 0 for none."""
    if value is None or not math.isfinite(value):
        return 0
    return int(value) + 0x10000 if value < 0 else int(value)


def _long(parameters: Parameters, name: str) -> int | None:
    """A 32-bit count kept as two 16-bit words, low word first."""
    found = parameters.values.get(name)
    if found is None or found.kind != 2 or len(found.data) < 4:
        return None
    low, high = (int(word) & 0xFFFF for word in integers(found.data[:4], parameters.order))
    return low + (high << 16)
