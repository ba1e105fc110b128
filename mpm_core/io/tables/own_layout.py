"""This program's own CSV, read back: positions, origin and sigma as they were written. F frames, P points, D = 3 or 2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mpm_core.errors import CHANGED, DataError, FormatError
from mpm_core.io.conventions import ASSUMED_RATE_HZ
from mpm_core.io.tables.text import Rows, numbers
from mpm_core.recording import Origin, Recording, Source, make_recording
from mpm_core.typing import UInt8

FIRST = ["frame", "time_s"]
FORMULA = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet takes for a formula, also with quotes before it


def quoted(cell: str) -> str:
    """A heading with a quote before it where a spreadsheet would take it for a formula.

    >>> quoted("=A1.x"), unquoted("'=A1.x"), quoted("LFHD.x")
    ("'=A1.x", '=A1.x', 'LFHD.x')
    """
    return f"'{cell}" if FORMULA.match(cell) else cell


def unquoted(cell: str) -> str:
    """The heading that `quoted` was given."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def read_own(rows: Rows, where: str) -> Recording | None:
    """The recording, or None when the table is another program's. Raises FormatError when one of its own is damaged."""
    heads = [unquoted(head) for head in rows[0]] if rows else []
    if heads[:2] != FIRST or not heads[-1].endswith((".sigma_mm", ".sigma_px")):
        return None
    D = 3 if heads[-1].endswith("mm") else 2
    scale = 1000.0 if D == 3 else 1.0
    width = D + 2
    kept = rows.filled(1)
    names = tuple(head.rsplit(".", 1)[0] for head in heads[2::width])
    expected = [f"{name}.{column}" for name in names for column in (*"xyz"[:D], "origin", "sigma_mm" if D == 3 else "sigma_px")]
    if heads[2:] != expected or not kept:
        raise FormatError(
            "the table's headings are not as this program wrote them" if kept else "the table has no frames",
            where=where,
            hint="it was changed by hand or cut off; export it again",
        )
    origin_FP = np.zeros((len(kept), len(names)), np.uint8)
    cells = _cells(rows, kept, D, origin_FP, where)
    table_FW = numbers(cells, [index + 1 for index in kept], len(heads) - len(names), where, rows.separator)
    values_FPV = table_FW[:, 2:].reshape(len(kept), len(names), D + 1)
    first, clock_F = table_FW[0, 0], table_FW[:, 1]
    if not np.array_equal(table_FW[:, 0], first + np.arange(len(kept))):
        raise FormatError("the frames do not count one by one", where=where, hint="the file was changed by hand; put its rows in order")
    seconds = float(clock_F[-1] - clock_F[0]) if len(kept) > 1 else 0.0
    rate_hz, notes = (
        ((len(kept) - 1) / seconds, ())
        if seconds > 0
        else (ASSUMED_RATE_HZ, (f"frame rate taken as {ASSUMED_RATE_HZ:g} Hz: there is one frame only",))
    )
    rate_hz = float(f"{rate_hz:.12g}")
    source = Source(where, "csv", "m" if D == 3 else "px", "z", np.eye(3), int(first), notes=notes)
    try:
        with np.errstate(over="ignore"):
            rec = make_recording(names, rate_hz, values_FPV[:, :, :D], source=source)
            sigma_FP = (values_FPV[:, :, D] / scale).astype(np.float32)
        return replace(rec, origin_FP=origin_FP, sigma_FP=sigma_FP)
    except DataError as error:
        raise FormatError(error.what, where=where, hint=CHANGED) from error


def _cells(rows: Rows, kept: Sequence[int], dims: int, origin_FP: UInt8, where: str) -> Iterator[list[str]]:
    """The cells with numbers of each frame; the words of origins go into origin_FP. Raises FormatError for a short row, or another word."""
    origins = {origin.name.lower(): int(origin) for origin in Origin}
    count, width = len(rows[0]), dims + 2
    rest = [at for at in range(count) if at < 2 or (at - 2) % width != dims]
    for frame, index in enumerate(kept):
        row, place = rows[index], f"{where}, line {index + 1}"
        if len(row) != count:
            hint = "the file was cut off; copy it again from its source"
            raise FormatError(f"the row has {len(row)} cells, not {count}", where=place, hint=hint)
        words = row[2 + dims :: width]
        unknown = next((word for word in words if word not in origins), None)
        if unknown is not None:
            raise FormatError(f"{unknown!r} is not an origin", where=place, hint=f"known: {', '.join(origins)}")
        origin_FP[frame] = [origins[word] for word in words]
        yield [row[at] for at in rest]
