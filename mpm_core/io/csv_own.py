"""This program's own CSV, read back: positions, origin and sigma as they were written. F frames, P points, D = 3 or 2."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.errors import DataError, FormatError
from mpm_core.io.csv_layouts import filled_rows
from mpm_core.io.text_table import numbers
from mpm_core.recording import Origin, Recording, Source, make_recording

FIRST = ["frame", "time_s"]


def read_own(rows: list[list[str]], where: str) -> Recording | None:
    """The recording, or None when the table is another program's. Raises FormatError when one of its own is damaged."""
    heads = rows[0] if rows else []
    if heads[:2] != FIRST or not heads[-1].endswith((".sigma_mm", ".sigma_px")):
        return None
    D = 3 if heads[-1].endswith("mm") else 2
    scale = 1000.0 if D == 3 else 1.0
    width = D + 2
    lines, body = filled_rows(rows, 1)
    names = tuple(head.rsplit(".", 1)[0] for head in heads[2::width])
    expected = [f"{name}.{column}" for name in names for column in (*"xyz"[:D], "origin", "sigma_mm" if D == 3 else "sigma_px")]
    if heads[2:] != expected or not body:
        raise FormatError("the table's headings are not as this program wrote them" if body else "the table has no frames", where=where)
    for line, row in zip(lines, body, strict=True):
        if len(row) != len(heads):
            raise FormatError(f"the row has {len(row)} cells, not {len(heads)}", where=f"{where}, line {line}", hint="the file was cut off")
    origins = {origin.name.lower(): int(origin) for origin in Origin}
    words = [[row[2 + D + width * point] for point in range(len(names))] for row in body]
    unknown = next((word for row in words for word in row if word not in origins), None)
    if unknown is not None:
        raise FormatError(f"{unknown!r} is no origin", where=where, hint=f"known: {', '.join(origins)}")
    kept = [[cell for at, cell in enumerate(row) if at < 2 or (at - 2) % width != D] for row in body]
    table_FW = numbers(kept, lines, 2 + (D + 1) * len(names), where)
    values_FPV = table_FW[:, 2:].reshape(len(body), len(names), D + 1)
    first, clock_F = table_FW[0, 0], table_FW[:, 1]
    if not np.array_equal(table_FW[:, 0], first + np.arange(len(body))):
        raise FormatError("the frames do not count one by one", where=where, hint="the file was changed by hand; put its rows in order")
    seconds = float(clock_F[-1] - clock_F[0]) if len(body) > 1 else 0.0
    rate_hz, notes = ((len(body) - 1) / seconds, ()) if seconds > 0 else (30.0, ("frame rate taken as 30 Hz: there is one frame only",))
    rate_hz = float(f"{rate_hz:.12g}")
    source = Source(where, "csv", "m" if D == 3 else "px", "z", np.eye(3), int(first), notes=notes)
    try:
        with np.errstate(over="ignore"):
            rec = make_recording(names, rate_hz, values_FPV[:, :, :D], source=source)
            sigma_FP = (values_FPV[:, :, D] / scale).astype(np.float32)
        return replace(rec, origin_FP=np.array([[origins[word] for word in row] for row in words], np.uint8), sigma_FP=sigma_FP)
    except DataError as error:
        raise FormatError(error.what, where=where, hint="the file was changed by hand or damaged") from error
