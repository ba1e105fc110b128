"""The numbers of a BVH's motion, and the error that names a line of the file. F rows of C channel values."""

from __future__ import annotations

import re

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.files.read import decoded
from mpm_core.typing import Float, Int

CHUNK_VALUES = 1 << 18  # bounds the memory that words take while they become numbers
BREAK = re.compile(rb"\r\n|\n|\r")


def value_spans(data: bytes, values_at: int) -> tuple[Int, Int]:
    """Where each number of the motion starts and stops in the bytes, in reading order."""
    space = np.isin(np.frombuffer(data, np.uint8, offset=values_at), np.frombuffer(b" \t\r\n\v\f", np.uint8))
    edges = np.flatnonzero(np.diff(space, prepend=True, append=True))
    edges += values_at
    return edges[::2], edges[1::2]


def read_values(data: bytes, where: str, at: int, columns: int, announced: int) -> tuple[Float, tuple[str, ...]]:
    """The motion as (F, C) numbers, and a note when there are more or fewer rows than announced.

    Raises FormatError for text that is not a number and for rows that are not whole.
    """
    starts, stops = value_spans(data, at)
    if columns == 0 or len(starts) == 0:
        raise refusal(
            data, where, at, "there is no motion" if columns else "no joint has channels", "export the file again with its motion"
        )
    values = np.empty(len(starts))
    for first in range(0, len(starts), CHUNK_VALUES):
        last = min(first + CHUNK_VALUES, len(starts)) - 1
        words = data[starts[first] : stops[last]].split()
        try:
            values[first : last + 1] = np.fromiter(map(float, words), np.float64, len(words))
        except ValueError:
            values[first : last + 1] = np.nan
    wrong = _first_wrong(data, at, starts, stops, values)
    if wrong is not None:
        word = quoted(data[starts[wrong] : stops[wrong]])
        raise refusal(data, where, int(starts[wrong]), f"{word} is not a number", "decimal points, no NaN")
    _check_rows(data, where, at, starts, columns, announced)
    rows = len(values) // columns
    notes = () if rows == announced else (f"the file announces {announced} frames and holds {rows}; the {rows} were read",)
    return values.reshape(rows, columns), notes


def _first_wrong(data: bytes, at: int, starts: Int, stops: Int, values: Float) -> int | None:
    """The first word that is not a decimal number: in the first chunk that is not all finite numbers, or with an underscore before it."""
    odd = np.flatnonzero(~np.isfinite(values))[:1].tolist()
    underscore = data.find(b"_", at)
    if underscore >= 0:
        odd.append(int(np.searchsorted(starts, underscore, side="right")) - 1)
    if not odd:
        return None
    return next(i for i in range(min(odd), len(starts)) if number(data[starts[i] : stops[i]]) is None)


def _check_rows(data: bytes, where: str, at: int, starts: Int, columns: int, announced: int) -> None:
    """Raises unless each row of `columns` numbers ends with a line (wrapped rows do too), or the lines hold whole rows as announced."""
    raw = np.frombuffer(data, np.uint8, offset=at)
    line_ends = np.flatnonzero((raw == 10) | (raw == 13)) + at
    line_starts = np.unique(np.concatenate([[0], np.searchsorted(starts, line_ends), [len(starts)]]))
    if len(starts) % columns == 0:
        row_ends = np.arange(0, len(starts) + 1, columns)
        if np.isin(row_ends, line_starts).all() or (len(starts) // columns == announced and (line_starts % columns == 0).all()):
            return
    wrong = int(np.flatnonzero(np.diff(line_starts) != columns)[0])
    found = int(line_starts[wrong + 1] - line_starts[wrong])
    what = f"the row of frame {wrong + 1} has {found} numbers, not {columns}"
    hint = "the file was cut off or damaged there; remove that row and what follows"
    raise refusal(data, where, int(starts[line_starts[wrong]]), what, hint)


def refusal(data: bytes, where: str, at: int, what: str, hint: str) -> FormatError:
    """The error to raise for what is found at a byte, with its line (from 1, whatever ends the lines)."""
    line = 1 + sum(1 for _ in BREAK.finditer(data, 0, at))
    return FormatError(what, where=f"{where}, line {line}", hint=hint)


def number(word: bytes) -> float | None:
    """A finite decimal number, or None."""
    if re.fullmatch(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", word) is None:
        return None
    value = float(word)
    return value if np.isfinite(value) else None


def quoted(raw: bytes) -> str:
    """The text of some bytes, quoted and shortened for a message."""
    return repr(decoded(raw[:40]))
