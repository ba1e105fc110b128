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


def sigma_of(model: Model, joints_FJ3: Float, rate_hz: float, method: str = "model") -> Float:
    """(F, J) standard deviation per axis in metres of hidden joints filled by "model" or "classical".

    Straight between the middles of the measured distances. NaN where visible, or where the model's file has no figure.
    """
    visible_FJ = known(joints_FJ3)
    measured = model.facts.get("sigma", {}).get(method)
    sigma_FJ = np.full(visible_FJ.shape, np.nan)
    if not measured:
        return sigma_FJ
    ends = np.array([0.0, *measured["seconds"], 2 * measured["seconds"][-1]])
    middles = (ends[:-1] + ends[1:]) / 2
    away_FJ = np.minimum(seconds_to_edge(visible_FJ, rate_hz), middles[-1])
    for joint, row in enumerate(measured["sigma_m"]):
        row_K = np.array(row, dtype=np.float64)
        if np.isfinite(row_K).any():
            sigma_FJ[:, joint] = np.interp(away_FJ[:, joint], middles[np.isfinite(row_K)], row_K[np.isfinite(row_K)])
    return np.where(visible_FJ, np.nan, sigma_FJ)


def model_share(model: Model, joints_FJ3: Float, rate_hz: float) -> Float:
    """(F, J) how much of each hidden joint's fill is the model's, 0..1; the rest is the classical fill's.

    Weights by inverse variance, from the errors of both measured on people the model never saw; 1 where a joint is never seen, or nothing
    was measured.
    """
    model_FJ, classical_FJ = (sigma_of(model, joints_FJ3, rate_hz, method) for method in ("model", "classical"))
    share_FJ = classical_FJ**2 / (model_FJ**2 + classical_FJ**2)
    never_J = ~known(joints_FJ3).any(axis=0)
    return np.where(np.isnan(share_FJ) | never_J, 1.0, share_FJ)
