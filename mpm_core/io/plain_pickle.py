"""Plain data out of a pickle without running it: numbers, text, lists, tuples, dictionaries and NumPy arrays, nothing else.

Published pose sets keep dictionaries of arrays in .npz files, which NumPy can only bring back by unpickling, and unpickling runs whatever
the file's author wrote. Here the pickle's instructions are read as text (`pickletools.genops` lists them and runs none) and interpreted:
nothing is imported, nothing is called but this module's own few functions, and any instruction or name outside its two tables is refused.
"""

from __future__ import annotations

import pickletools
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DAMAGED, FormatError, Malformed, reason

DEEPEST = 40
NUMBERS = re.compile(r"[fiu][1248]|b1|[SU]\d{1,4}|O8?")
VALUES = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"}
VALUES |= {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
VALUES |= {"BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"}
MAKERS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
}
PICKLE_ERRORS = (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError, RecursionError, AttributeError, struct.error)


@dataclass(slots=True)
class _Made:
    """An array or a dtype on its way: made empty, its state set later. The stack and the memo hold the same one."""

    kind: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class _Name:
    """A name the pickle asks for. It stays a name: only CALLS says what becomes of it."""

    text: str


_MARK = object()


def loads(data: bytes, where: str) -> Any:
    """The value in a pickle. Raises FormatError when it is damaged or holds anything but plain data."""
    try:
        return _settled(_Machine().run(data), {}, 0)
    except _Refused as refusal:
        raise FormatError(
            f"it holds {refusal}, which is not plain data and is not loaded",
            where=where,
            hint="save it again as dictionaries of number arrays",
        ) from None
    except PICKLE_ERRORS as error:
        raise FormatError(f"its objects cannot be read ({reason(error)})", where=where, hint=DAMAGED) from error


class _Refused(Exception):
    """Something outside the tables; its text names it."""


class _Machine:
    """The pickle language's stack and memo."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        """The value of a pickle. Raises _Refused for an instruction that is not for plain data, Malformed for a damaged pickle."""
        for opcode, arg, _ in pickletools.genops(data):
            if opcode.name == "STOP":
                (value,) = self.stack
                return value
            if opcode.name in VALUES:
                self.stack.append(arg)
            elif opcode.name in MAKERS:
                self.stack.append(MAKERS[opcode.name]())
            elif opcode.name in STEPS:
                STEPS[opcode.name](self, arg)
            elif opcode.name not in ("PROTO", "FRAME"):
                raise _Refused(f"the instruction {opcode.name}")
        raise Malformed("it ends too early")

    def marked(self) -> list[Any]:
        """Everything above the last mark, which goes too."""
        at = next(index for index in range(len(self.stack) - 1, -2, -1) if index < 0 or self.stack[index] is _MARK)
        if at < 0:
            raise Malformed("a mark is missing")
        values = self.stack[at + 1 :]
        del self.stack[at:]
        return values

    def take(self, count: int) -> tuple[Any, ...]:
        """Pop the last `count` values, in their order."""
        if len(self.stack) < count:
            raise Malformed("the stack is empty")
        values = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        return values

    def extend(self, values: list[Any]) -> None:
        """Append values to the list on top of the stack."""
        if not isinstance(self.stack[-1], list):
            raise Malformed("values for something that is not a list")
        self.stack[-1].extend(values)

    def update(self, pairs: list[Any]) -> None:
        """Put keys and values, in turn, into the dictionary on top of the stack."""
        if not isinstance(self.stack[-1], dict) or len(pairs) % 2:
            raise Malformed("pairs for something that is not a dictionary")
        self.stack[-1].update(_pairs(pairs))

    def name(self, module: Any, name: Any) -> None:
        """Push a name of CALLS; any other is refused."""
        text = f"{module}.{name}"
        if text not in CALLS:
            raise _Refused(f"the name {text}")
        self.stack.append(_Name(text))

    def reduce(self) -> None:
        """Replace a name of CALLS and its arguments by the result of the call."""
        call, args = self.take(2)
        if not isinstance(call, _Name) or not isinstance(args, tuple):
            raise _Refused("a call of something without a name")
        self.stack.append(CALLS[call.text](*args))

    def build(self) -> None:
        """Pop the state of a NumPy dtype or array and set it on the object below it."""
        (state,) = self.take(1)
        made = self.stack[-1]
        if not isinstance(made, _Made):
            raise _Refused("the state of an object")
        if made.kind == "dtype":
            if state[1] not in ("<", ">", "|", "="):
                raise Malformed(f"byte order {state[1]!r}")
            made.value = made.value.newbyteorder(state[1]) if state[1] != "|" else made.value
        else:
            _, shape, dtype, fortran, raw = state
            made.value = _array(raw, dtype, shape, "F" if fortran else "C")


def _pairs(flat: list[Any]) -> dict[Any, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _dtype(text: Any, *_: Any) -> _Made:
    if not isinstance(text, str) or not NUMBERS.fullmatch(text):
        raise _Refused(f"values of type {text!r}")
    return _Made("dtype", np.dtype("O" if text.startswith("O") else text))


def _array(raw: Any, dtype: Any, shape: Any, order: Any) -> NDArray[Any]:
    """Numbers from bytes, or objects from a list; sizes must agree."""
    if not isinstance(dtype, _Made) or not isinstance(dtype.value, np.dtype) or not isinstance(shape, tuple) or order not in ("C", "F"):
        raise Malformed("an array without type or shape")
    if dtype.value.hasobject:
        if not isinstance(raw, list):
            raise Malformed("an array of objects without its objects")
        cells: NDArray[Any] = np.empty(len(raw), object)
        for index, value in enumerate(raw):
            cells[index] = value
        return cells.reshape(shape, order=order)
    if isinstance(raw, str):  # Python 2 wrote bytes as text
        raw = raw.encode("latin1")
    array = np.frombuffer(raw, dtype.value).reshape(shape, order=order)
    return array.astype(dtype.value.newbyteorder("="))


def _bytes(text: Any, codec: Any) -> bytes:
    if codec not in ("latin1", "latin-1") or not isinstance(text, str):
        raise Malformed(f"bytes as {codec!r}")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """How old pickles write no bytes at all."""
    return b""


def _never(*_: Any) -> Any:
    raise _Refused("a call of numpy.ndarray")


CALLS: dict[str, Callable[..., Any]] = {"numpy.dtype": _dtype, "numpy.ndarray": _never, "_codecs.encode": _bytes}
CALLS |= {"__builtin__.bytes": _no_bytes}
for _core in ("numpy.core", "numpy._core"):
    CALLS[f"{_core}.multiarray._reconstruct"] = lambda *_: _Made("array", np.zeros(0))
    CALLS[f"{_core}.multiarray.scalar"] = lambda dtype, raw: _array(raw, dtype, (1,), "C")[0]
    CALLS[f"{_core}.numeric._frombuffer"] = lambda raw, dtype, shape, order: _Made("array", _array(raw, dtype, shape, order))
STEPS: dict[str, Callable[[_Machine, Any], Any]] = {
    "MARK": lambda m, _: m.stack.append(_MARK),
    "POP": lambda m, _: m.take(1),
    "POP_MARK": lambda m, _: m.marked(),
    "LIST": lambda m, _: m.stack.append(m.marked()),
    "TUPLE": lambda m, _: m.stack.append(tuple(m.marked())),
    "TUPLE1": lambda m, _: m.stack.append(m.take(1)),
    "TUPLE2": lambda m, _: m.stack.append(m.take(2)),
    "TUPLE3": lambda m, _: m.stack.append(m.take(3)),
    "DICT": lambda m, _: m.stack.append(_pairs(m.marked())),
    "APPEND": lambda m, _: m.extend(list(m.take(1))),
    "APPENDS": lambda m, _: m.extend(m.marked()),
    "SETITEM": lambda m, _: m.update(list(m.take(2))),
    "SETITEMS": lambda m, _: m.update(m.marked()),
    "GLOBAL": lambda m, arg: m.name(*arg.split(" ", 1)),
    "STACK_GLOBAL": lambda m, _: m.name(*m.take(2)),
    "REDUCE": lambda m, _: m.reduce(),
    "BUILD": lambda m, _: m.build(),
    "MEMOIZE": lambda m, _: m.memo.__setitem__(len(m.memo), m.stack[-1]),
}
STEPS |= dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), lambda m, arg: m.memo.__setitem__(arg, m.stack[-1]))
STEPS |= dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), lambda m, arg: m.stack.append(m.memo[arg]))


def _settled(value: Any, seen: dict[int, Any], depth: int) -> Any:
    """The value with every array in its place; what is there twice is settled once. A value that holds itself is refused."""
    if depth > DEEPEST:
        raise Malformed("it is nested too deeply, or in itself")
    if isinstance(value, _Name) or value is _MARK or (isinstance(value, _Made) and value.kind != "array"):
        raise _Refused("a bare name or type")
    if not isinstance(value, _Made | list | tuple | dict | np.ndarray):
        return value
    if id(value) not in seen:
        seen[id(value)] = _settled_parts(value, seen, depth + 1)
    return seen[id(value)]


def _settled_parts(value: Any, seen: dict[int, Any], depth: int) -> Any:
    if isinstance(value, _Made):
        return _settled(value.value, seen, depth)
    if isinstance(value, dict):
        return {_settled(key, seen, depth): _settled(part, seen, depth) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            for index, part in np.ndenumerate(value):
                value[index] = _settled(part, seen, depth)
        return value
    parts = (_settled(part, seen, depth) for part in value)
    return list(parts) if isinstance(value, list) else tuple(parts)
