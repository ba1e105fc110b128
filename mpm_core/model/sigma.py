"""How far off a prediction is expected to be, from the errors measured on people the model never saw. F frames, J joints, K distances."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.edit.fill import hermite_weights
from mpm_core.gaps import known
from mpm_core.model.checkpoint import Model

Float = NDArray[np.float64]
DISTANCES_S = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)


def seconds_to_edge(visible_FJ: NDArray[np.bool_], rate_hz: float) -> Float:
    """(F, J) seconds to the nearest visible sample of the same joint; infinite where it is never seen."""
    index_4FJ, _ = hermite_weights(visible_FJ, rate_hz)
    frame_FJ = np.broadcast_to(np.arange(len(visible_FJ))[:, None], visible_FJ.shape)
    away = [np.where(np.take_along_axis(visible_FJ, index_FJ, 0), np.abs(frame_FJ - index_FJ), np.inf) for index_FJ in index_4FJ[[0, 2]]]
    return np.asarray(np.minimum(*away) / rate_hz)


def table(squares_J: list[Float], seconds_J: list[Float]) -> dict[str, Any]:
    """Root mean square error per axis by joint and distance: what a model's file carries. squares_J: squared 3D errors, m^2."""
    edges = (0.0, *DISTANCES_S, np.inf)
    rows = []
    for squares, seconds in zip(squares_J, seconds_J, strict=True):
        inside = [(seconds > low) & (seconds <= high) for low, high in pairwise(edges)]
        rows.append([round(float(np.sqrt(squares[some].mean() / 3)), 5) if some.any() else None for some in inside])
    return {"seconds": list(DISTANCES_S), "sigma_m": rows}


def sigma_of(model: Model, joints_FJ3: Float, rate_hz: float) -> Float:
    """(F, J) standard deviation per axis in metres of hidden joints; NaN where visible, or where the model's file has no figure."""
    visible_FJ = known(joints_FJ3)
    measured = model.facts.get("sigma")
    if not measured:
        return np.full(visible_FJ.shape, np.nan)
    rows_JK = np.array(measured["sigma_m"], dtype=np.float64)
    bucket_FJ = np.searchsorted(np.array(measured["seconds"]), seconds_to_edge(visible_FJ, rate_hz))
    sigma_FJ = rows_JK[np.arange(rows_JK.shape[0])[None], bucket_FJ]
    return np.where(visible_FJ, np.nan, sigma_FJ)
