"""Where everything lies in a C3D file: found once, used to read the points and to patch them. F frames, C point columns of the file.

The counts in a file often disagree (16-bit fields wrap, headers are wrong): the layout is the first that fills the file to its last block.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import FormatError
from mpm_core.io.c3d.numbers import Order, integers, real, real_words, reals
from mpm_core.io.c3d.parameters import Parameters, read_parameters
from mpm_core.io.conventions import FARTHEST
from mpm_core.typing import Float, Float32

BLOCK = 512
INT16_MAX = 32767


@dataclass(frozen=True, slots=True)
class Layout:
    """real: samples are 32-bit reals, else 16-bit integers times scale. data_start: byte of the first frame. analog: words per frame."""

    order: Order
    real: bool
    scale: float
    columns: int
    analog: int
    frames: int
    first_frame: int
    rate_hz: float
    data_start: int
    parameters: Parameters
    notes: tuple[str, ...] = ()

    @property
    def word_bytes(self) -> int:
        return 4 if self.real else 2

    @property
    def frame_bytes(self) -> int:
        return (4 * self.columns + self.analog) * self.word_bytes

    @property
    def nothing(self) -> NDArray[np.unsignedinteger]:
        """The four words of a sample that is no measurement: 0, 0, 0 and residual -1."""
        minus = real_words(np.array([-1.0]), self.order)[0] if self.real else np.uint16(0xFFFF)
        return np.array([0, 0, 0, minus], np.uint32 if self.real else np.uint16)

    def words_FC4(self, data: bytes | bytearray) -> NDArray[np.unsignedinteger]:
        """The words x, y, z, residual of every sample as unsigned numbers: a view of data (writable on a bytearray)."""
        return self._words(data)[:, : 4 * self.columns].reshape(self.frames, self.columns, 4)

    def analog_FA(self, data: bytes | bytearray) -> NDArray[np.unsignedinteger]:
        """The words of the analog channels, A in each frame, as unsigned numbers."""
        return self._words(data)[:, 4 * self.columns :]

    def _words(self, data: bytes | bytearray) -> NDArray[np.unsignedinteger]:
        words = 4 * self.columns + self.analog
        return np.frombuffer(data, f"{self.order.sign}u{self.word_bytes}", self.frames * words, self.data_start).reshape(self.frames, words)

    def decode(self, words_N4: NDArray[np.unsignedinteger]) -> tuple[Float32, Float32]:
        """(..., 3) positions in file units as they are in the file, and the residual words as numbers; negative means no measurement."""
        if self.real:
            values = reals(words_N4, self.order)
            return values[..., :3], values[..., 3]
        values = words_N4.astype(np.uint16).view(np.int16).astype(np.float32)
        return values[..., :3] * np.float32(self.scale), values[..., 3]

    def encode(self, xyz_N3: Float) -> NDArray[np.unsignedinteger]:
        """(N, 4) words of positions in file units: valid, residual 0, no camera. Raises FormatError beyond an integer file's range."""
        words_N4 = np.zeros((len(xyz_N3), 4), np.uint32 if self.real else np.uint16)
        if self.real:
            words_N4[:, :3] = real_words(xyz_N3, self.order)
            return words_N4
        steps_N3 = np.rint(xyz_N3 / self.scale)
        if len(steps_N3) and np.abs(steps_N3).max() > INT16_MAX:
            far = np.abs(xyz_N3).max()
            raise FormatError(
                f"a filled position ({far:.0f} in file units) is beyond what this integer file can hold ({INT16_MAX * self.scale:.0f})",
                hint="check the fill, or export to another format",
            )
        words_N4[:, :3] = steps_N3.astype(np.int16).view(np.uint16)
        return words_N4


def plausible_head(head: bytes) -> bool:
    """Whether these first bytes look like a C3D header, in either byte order."""
    if len(head) < 24 or head[1] != 0x50 or head[0] < 2:
        return False
    return any(_sane(np.frombuffer(head[:20], sign + "u2")) for sign in "<>")


def _sane(words: NDArray[np.uint16]) -> bool:
    points, analog, first, last, start, per_frame = (int(words[i]) for i in (1, 2, 3, 4, 8, 9))
    return points < 20_000 and analog < 50_000 and last >= first and start < 2_000 and per_frame < 20_000


def find_layout(data: bytes, where: str = "") -> Layout:
    """The layout of a whole file. Raises FormatError when it is not C3D, is cut short, or holds no points."""
    if not plausible_head(data[:BLOCK]):
        raise FormatError("this is not a C3D file, or its header is damaged", where=where, hint="copy it again from its source")
    section = (data[0] - 1) * BLOCK
    if section + 4 > len(data):
        raise FormatError("the file ends before its parameters", where=where, hint="copy it again from its source")
    order = _order(data, section, where)
    header = np.frombuffer(data[:BLOCK].ljust(BLOCK, b"\0"), order.sign + "u2")
    parameters = read_parameters(data, section, order)
    columns, analog = int(header[1]), int(header[2])
    if columns == 0:
        segments = parameters.number("ROTATION:USED")
        what, hint = "the file holds no points, only analog channels", "export it again with its marker trajectories"
        if segments:
            what = f"the file holds {segments:g} segments' rotations and no points"
            hint = "export joint positions too, from Theia3D or Visual3D"
        raise FormatError(what, where=where, hint=hint)
    notes = [f"the parameter section is damaged {parameters.damage}; what is before it was used"] if parameters.damage else []
    rate_hz = _rate(data, parameters, order, where)
    best: Layout | None = None
    longest = 0
    for is_real, scale in _forms(data, parameters, order):
        for start in _starts(header, parameters):
            trial = Layout(order, is_real, scale, columns, analog, 0, int(header[3]), rate_hz, start, parameters)
            room = max(0, len(data) - start) // trial.frame_bytes
            longest = max(longest, room)
            for frames, first in _counts(header, parameters, room):
                if not 0 < frames <= room:
                    continue
                found = Layout(order, is_real, scale, columns, analog, frames, first, rate_hz, start, parameters)
                spare = len(data) - start - frames * trial.frame_bytes
                if spare < max(BLOCK, trial.frame_bytes):
                    return _noted(found, header, notes)
                best = best or found
    if best is None:
        stated = next(iter(_counts(header, parameters, longest)))[0]
        raise FormatError(
            f"the file is cut short: {longest} of {stated} frames are there", where=where, hint="copy it again from its source"
        )
    return _noted(best, header, [*notes, "the file holds more bytes than its frames need"])


def _noted(layout: Layout, header: NDArray[np.uint16], notes: list[str]) -> Layout:
    stated = int(header[4]) - int(header[3]) + 1
    if stated != layout.frames:
        notes = [*notes, f"the header says {stated} frames, the file holds {layout.frames}"]
    return replace(layout, notes=tuple(notes))


def _order(data: bytes, section: int, where: str) -> Order:
    try:
        return Order(data[section + 3])
    except ValueError:
        raise FormatError(
            f"the processor type {data[section + 3]} is unknown", where=where, hint="84 is Intel, 85 DEC, 86 SGI; the file is damaged"
        ) from None


def _rate(data: bytes, parameters: Parameters, order: Order, where: str) -> float:
    for rate in (real(data[20:24], order), parameters.number("POINT:RATE")):
        if rate is not None and math.isfinite(rate) and 0.01 < rate < 1e6:
            return rate
    raise FormatError("the file gives no frame rate", where=where, hint="write it into POINT:RATE, or export the file again")


def _forms(data: bytes, parameters: Parameters, order: Order) -> Iterator[tuple[bool, float]]:
    """(real, scale) as the header and POINT:SCALE state them."""
    for scale in (real(data[12:16], order), parameters.number("POINT:SCALE")):
        if scale is not None and math.isfinite(scale) and scale != 0:
            yield scale < 0, abs(scale)


def _starts(header: NDArray[np.uint16], parameters: Parameters) -> Iterator[int]:
    """Bytes where the data may begin, as the header and POINT:DATA_START state it."""
    for block in (int(header[8]), _unsigned(parameters.number("POINT:DATA_START"))):
        if block > 1:
            yield (block - 1) * BLOCK


def _counts(header: NDArray[np.uint16], parameters: Parameters, room: int) -> Iterator[tuple[int, int]]:
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


def measured_positions(layout: Layout, data: bytes) -> tuple[Float32, int]:
    """(F, C, 3) in file units, NaN without a measurement (NaN, negative residual, impossible), and how many were impossible."""
    xyz_FC3, residual_FC = layout.decode(layout.words_FC4(data))
    with np.errstate(invalid="ignore"):
        far_FC = (np.abs(xyz_FC3) > FARTHEST).any(axis=2) & (residual_FC >= 0)
    missing_FC = ~np.isfinite(xyz_FC3).all(axis=2) | (residual_FC < 0) | far_FC
    return np.where(missing_FC[:, :, None], np.float32(np.nan), xyz_FC3), int(far_FC.sum())
