"""Errors of gaps joint by joint."""

from __future__ import annotations

from collections.abc import Sequence

from mpm_core.body.joints import body17
from mpm_train.tables.cells import Measured
from mpm_train.tables.write import Rows, Table, Value


def by_joint(cells: Sequence[Measured], method: str, where: str) -> Table:
    """A row per joint, a column per length of gap: one method's mean error over all samples of the joint, whatever else was masked."""
    lengths = sorted({measured.cell.length_s for measured in cells})
    names = [name for name in body17().names if any(name in m.figures[method].joints_mm for m in cells)]
    rows: Rows = tuple(
        (name, *(_mean([m for m in cells if m.cell.length_s == length], method, name) for length in lengths)) for name in names
    )
    columns: dict[str, int | None] = {"joint": None, **{f"{length:g} s": 1 for length in lengths}}
    return Table("gaps_joints", f"Mean error of {method} in mm by joint and length of gap, {where}", columns, rows)


def _mean(cells: Sequence[Measured], method: str, joint: str) -> Value:
    some = [m.figures[method].joints_mm[joint] for m in cells if joint in m.figures[method].joints_mm]
    samples = sum(count for count, _ in some)
    return sum(count * mean for count, mean in some) / samples if samples else None
