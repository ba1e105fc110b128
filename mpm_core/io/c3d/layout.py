"""Where everything lies in a C3D file: found once, used to read the points and to patch them. F frames, C point columns of the file.

What a file states of itself often disagrees (stated.py): the layout is the first that fills the file to its last block.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import FormatError
from mpm_core.io.c3d.numbers import Order, real_words, reals
from mpm_core.io.c3d.parameters import Parameters, read_parameters
from mpm_core.io.c3d.stated import BLOCK, counts, shapes, starts, stated_rate
from mpm_core.io.conventions import FARTHEST
from mpm_core.typing import Float, Float32

INT16_MAX = 32767
SAME_SCALE = 1e-4  # two scales of an integer file that are nearer than this are one, rounded
OTHERWISE = "the header does not fit the file's size: the counts and number form that do were taken"


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
        """The four words of a sample that is not a measurement: 0, 0, 0 and residual -1."""
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
    points, analog, start, per_frame = (int(words[i]) for i in (1, 2, 8, 9))
    return points < 20_000 and analog < 50_000 and start < 2_000 and per_frame < 20_000


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
    if header[1] == 0:
        segments = parameters.number("ROTATION:USED")
        what, hint = "the file holds no points, only analog channels", "export it again with its marker trajectories"
        if segments:
            what = f"the file holds {segments:g} segments' rotations and no points"
            hint = "export joint positions too, from Theia3D or Visual3D"
        raise FormatError(what, where=where, hint=hint)
    notes = [f"the parameter section is damaged {parameters.damage}; what is before it was used"] if parameters.damage else []
    rate_hz, rate_notes = stated_rate(data, header, parameters)
    if rate_hz is None:
        raise FormatError("the file gives no frame rate", where=where, hint="write it into POINT:RATE, or export the file again")
    notes += rate_notes
    return _fitting(data, header, parameters, order, rate_hz, notes, where)


def _fitting(
    data: bytes, header: NDArray[np.uint16], parameters: Parameters, order: Order, rate_hz: float, notes: list[str], where: str
) -> Layout:
    """The first of the layouts that header and parameters may mean that fits the file's size, else the stated one, if there is room.

    Raises FormatError when there is none.
    """
    best: Layout | None = None
    longest = 0
    for (columns, analog, is_real, scale), as_stated in shapes(data, header, parameters):
        for start in starts(header, parameters):
            trial = Layout(order, is_real, scale, columns, analog, 0, int(header[3]), rate_hz, start, parameters)
            room = max(0, len(data) - start) // trial.frame_bytes
            longest = max(longest, room) if as_stated else longest
            for frames, first in counts(header, parameters, room):
                if not 0 < frames <= room:
                    continue
                found = replace(trial, frames=frames, first_frame=first)
                spare = len(data) - start - frames * trial.frame_bytes
                if spare < max(BLOCK, trial.frame_bytes):
                    return _noted(found, header, notes if as_stated else [*notes, OTHERWISE])
                best = best or (found if as_stated else None)
    if best is None:
        stated = next((frames for frames, _ in counts(header, parameters, longest) if frames > 0), 0)
        if not stated:
            raise FormatError("the file says that it holds no frames", where=where, hint="export it again from its source")
        raise FormatError(
            f"the file is cut short: {longest} of {stated} frames are there", where=where, hint="copy it again from its source"
        )
    return _noted(best, header, [*notes, "the file holds more bytes than its frames need"])


def _noted(layout: Layout, header: NDArray[np.uint16], notes: list[str]) -> Layout:
    stated = int(header[4]) - int(header[3]) + 1
    if stated != layout.frames:
        notes = [*notes, f"the header says {stated} frames, the file holds {layout.frames}"]
    scale = layout.parameters.number("POINT:SCALE")
    if not layout.real and scale and math.isfinite(scale) and not math.isclose(abs(scale), layout.scale, rel_tol=SAME_SCALE):
        notes = [*notes, f"the file gives two scales of its integers: {layout.scale:g} was taken, not {abs(scale):g}"]
    return replace(layout, notes=tuple(notes))


def _order(data: bytes, section: int, where: str) -> Order:
    try:
        return Order(data[section + 3])
    except ValueError:
        raise FormatError(
            f"the processor type {data[section + 3]} is unknown", where=where, hint="84 is Intel, 85 DEC, 86 SGI; the file is damaged"
        ) from None


def invalid_positions(layout: Layout, data: bytes) -> int:
    """How many samples have a position other than 0, 0, 0, and a negative residual, which says that it was not measured."""
    xyz_FC3, residual_FC = layout.decode(layout.words_FC4(data))
    return int(((residual_FC < 0) & np.isfinite(xyz_FC3).all(axis=2) & (xyz_FC3 != 0).any(axis=2)).sum())


def measured_positions(layout: Layout, data: bytes) -> tuple[Float32, int]:
    """(F, C, 3) in file units, NaN without a measurement (NaN, negative residual, impossible), and how many were impossible."""
    xyz_FC3, residual_FC = layout.decode(layout.words_FC4(data))
    with np.errstate(invalid="ignore"):
        far_FC = (np.abs(xyz_FC3) > FARTHEST).any(axis=2) & (residual_FC >= 0)
    missing_FC = ~np.isfinite(xyz_FC3).all(axis=2) | (residual_FC < 0) | far_FC
    return np.where(missing_FC[:, :, None], np.float32(np.nan), xyz_FC3), int(far_FC.sum())
