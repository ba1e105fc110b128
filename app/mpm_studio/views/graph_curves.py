"""The curves of points in a mode of the graph."""

from __future__ import annotations

from collections.abc import Iterable

from mpm_core.recording import Recording
from mpm_studio.operations.graph_series import Series, series
from mpm_studio.operations.rotation_series import rotation_series
from mpm_studio.views.rotations import Rotations


def collect(rec: Recording, points: Iterable[int], mode: str, rotations: Rotations) -> dict[int, Series]:
    """By point; without points that have no curves in this mode, or not as many as the first that has some."""
    if mode != "rotation":
        return {point: series(rec, point, mode) for point in points}
    values_FC = rotations.values(rec) if rec.rig is not None else None
    if values_FC is None:
        return {}
    found = {point: rotation_series(rec, point, values_FC) for point in points}
    count = next((len(each.lanes) for each in found.values() if each.lanes), 0)
    return {point: each for point, each in found.items() if each.lanes and len(each.lanes) == count}
