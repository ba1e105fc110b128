"""The parameter section of a C3D file: groups of named values. Reads what can be read and says where it had to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.files.read import decoded
from mpm_core.io.c3d.numbers import Order, integers, reals

BYTES_OF = {-1: 1, 1: 1, 2: 2, 4: 4}
MOST_PARAMETERS = 100_000


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value. kind: -1 text, 1 bytes, 2 integers, 4 reals; dims: as in the file, fastest first; at: offset of data in the file."""

    kind: int
    dims: tuple[int, ...]
    data: bytes
    at: int

    def texts(self) -> list[str]:
        """Trimmed texts; the empty list when this is not text."""
        if self.kind != -1:
            return []
        width = self.dims[0] if self.dims else 1
        count = len(self.data) // width if width else 0
        return [_text(self.data[i * width : (i + 1) * width]) for i in range(count)]

    def numbers(self, order: Order) -> NDArray[Any]:
        """Integers (signed), bytes or reals as float64; empty when this is text."""
        if self.kind == 1:
            return np.frombuffer(self.data, np.uint8).astype(np.float64)
        if self.kind == 2:
            return integers(self.data, order).astype(np.float64)
        if self.kind == 4:
            return reals(np.frombuffer(self.data, order.sign + "u4"), order).astype(np.float64)
        return np.zeros(0)


@dataclass(frozen=True, slots=True)
class Record:
    """Where a group (its number negative) or a parameter stands: bytes at..end-1 of the file, its link to the next record at `link`."""

    name: str
    group: int
    at: int
    link: int
    end: int


@dataclass(frozen=True, slots=True)
class Parameters:
    """Every parameter by 'GROUP:NAME' in upper case. damage: where reading stopped early, else empty; records: as they stand."""

    order: Order
    values: dict[str, Parameter]
    damage: str = ""
    records: tuple[Record, ...] = ()

    def texts(self, name: str) -> list[str]:
        """The texts of a parameter; of NAME, NAME2, NAME3 ... joined where a list spills over. Empty when there is none."""
        out: list[str] = []
        spill = name
        number = 1
        while spill in self.values:
            out += self.values[spill].texts()
            number += 1
            spill = f"{name}{number}"
        return out

    def text(self, name: str) -> str:
        """A single text, empty when there is none."""
        return " ".join(self.texts(name)).strip()

    def numbers(self, name: str) -> NDArray[Any]:
        found = self.values.get(name)
        return found.numbers(self.order) if found else np.zeros(0)

    def number(self, name: str) -> float | None:
        """The first number of a parameter, None when there is none."""
        found = self.numbers(name)
        return float(found[0]) if len(found) else None


def read_parameters(data: bytes, start: int, order: Order) -> Parameters:
    """Every parameter of the section at byte `start` (its 4-byte head included). Never raises: `damage` says where reading stopped."""
    groups: dict[int, str] = {}
    found: list[tuple[int, str, Parameter]] = []
    records: list[Record] = []
    at, damage = start + 4, ""
    for _ in range(MOST_PARAMETERS):
        if at + 2 > len(data) or data[at] == 0:
            break
        length = abs(int.from_bytes(data[at : at + 1], "little", signed=True))
        group = int.from_bytes(data[at + 1 : at + 2], "little", signed=True)
        link = at + 2 + length
        name = _text(data[at + 2 : link]).upper()
        if group == 0 or link + 2 > len(data):
            damage = f"at byte {at}"
            break
        step = int(integers(data[link : link + 2], order)[0])
        description = link + 2  # of a group; a parameter's stands behind its value
        if group < 0:
            groups[-group] = name
        else:
            parameter = _parameter(data, link + 2)
            if parameter is None:
                damage = f"at {groups.get(group, group)}:{name}"
                break
            found.append((group, name, parameter))
            description = parameter.at + len(parameter.data)
        end = description + 1 + data[description] if description < len(data) else len(data)
        records.append(Record(name, group, at, link, link + step if step > 0 else end))
        if step <= 0:
            break
        at = link + step
    values = {f"{groups[group]}:{name}": parameter for group, name, parameter in reversed(found) if group in groups}
    return Parameters(order, values, damage, tuple(records))


def _parameter(data: bytes, at: int) -> Parameter | None:
    """The value whose type byte is at `at`, None when it cannot be one."""
    if at + 2 > len(data):
        return None
    kind = int.from_bytes(data[at : at + 1], "little", signed=True)
    rank = data[at + 1]
    if kind not in BYTES_OF or rank > 7 or at + 2 + rank > len(data):
        return None
    dims = tuple(data[at + 2 : at + 2 + rank])
    size = BYTES_OF[kind] * int(np.prod(dims, dtype=np.int64)) if dims else BYTES_OF[kind]
    begin = at + 2 + rank
    if begin + size > len(data):
        return None
    return Parameter(kind, dims, data[begin : begin + size], begin)


def _text(raw: bytes) -> str:
    """A text without its padding."""
    return decoded(raw.split(b"\0")[0]).strip()
