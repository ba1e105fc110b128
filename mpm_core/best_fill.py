"""The fill of a take's problem by the network, by classical fills chosen in trials, or by both. F frames, P points, N wanted samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from mpm_core.body.joints import L_ANKLE, R_ANKLE
from mpm_core.body.mapping import BodyMap, points_of
from mpm_core.errors import Cancelled
from mpm_core.fill.auto import priors
from mpm_core.fill.auto.calibration import calibrated
from mpm_core.fill.auto.carried import carried, left_to_rig
from mpm_core.fill.auto.choose import CANDIDATES, MARKER_CANDIDATES, Choice, choose_fills
from mpm_core.fill.auto.try_methods import AMONG_VISIBLE
from mpm_core.fill.keep.edges import blend_edges
from mpm_core.fill.keep.marker_distances import keep_distances
from mpm_core.fill.keep.resting_feet import keep_feet
from mpm_core.fill.keep.smoothness import keep_smoothness
from mpm_core.fill.problem import FillProblem, FillResult, classical_result, first_of, gap_numbers, mean_of, over_gaps, result_of_part
from mpm_core.gaps import known
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.typing import Mask

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model
    from mpm_core.model.predicted_points import PointPrediction

UNSURE_M = 0.03  # sigma of markers' fills from which the network is asked
Predict = Callable[[BodyMap, "Model", Progress | None, Cancel | None], "PointPrediction"]


def predict_once(rec: Recording, wanted_FP: Mask) -> Predict:
    """The network's prediction, made when it is first asked for: "auto" and "model" need the same."""
    found: list[PointPrediction] = []

    def predict(bmap: BodyMap, model: Model, progress: Progress | None, cancel: Cancel | None) -> PointPrediction:
        from mpm_core.model.network_fill import predict_points

        if not found:
            found.append(predict_points(rec, wanted_FP, bmap, model, progress, cancel))
        return found[0]

    return predict


@dataclass(frozen=True, slots=True)
class Network:
    """The network's part in completing one take. model, device: as of `CompleteOptions`."""

    rec: Recording
    problem: FillProblem
    bmap: BodyMap
    model: str | Path | Model | None
    device: str
    once: Predict

    def predict(self, progress: Progress | None, cancel: Cancel | None) -> tuple[Model, PointPrediction]:
        """The model, and its prediction at the take's points. Raises ModelError, Cancelled."""
        from mpm_core.model.checkpoint import choose_model

        model = choose_model("complete", self.model, self.device)
        return model, self.once(self.bmap, model, progress, cancel)

    def fill(self, model: Model, prediction: PointPrediction, classical: FillResult) -> FillResult:
        """The network's fill, weighed against the classical one."""
        from mpm_core.model.network_fill import gated_fill

        return gated_fill(self.problem, prediction, model, classical)


def fill_without_network(rec: Recording, problem: FillProblem, progress: Progress | None, cancel: Cancel | None) -> FillResult:
    """The classical fills chosen by trials, for points that are not a known body. In 3D without a rig, they are taken as markers."""
    markers = rec.rig is None and rec.dims == 3
    chosen = _chosen(problem, MARKER_CANDIDATES if markers else CANDIDATES, progress, cancel, markers=markers)
    return _kept(rec, problem, chosen.result if markers else _with_mixture_sigma(problem, chosen.result), None)


def fill_by_network(network: Network, progress: Progress | None, cancel: Cancel | None) -> FillResult:
    """The network alone."""
    alone = network.fill(*network.predict(progress, cancel), classical_result(network.problem.empty()))
    alone = carried(network.rec, network.problem, alone, points_of(network.bmap))
    return _kept(network.rec, network.problem, alone, network.bmap)


def best_fill(network: Network, progress: Progress | None, cancel: Cancel | None) -> FillResult:
    """The best fill. Joints: the classical fills chosen by trials and, at the same time, the network's prediction, mixed by the gate.
    Markers: the classical fills, and the network where these are unsure (`_best_of_markers`).

    Joints of a rig that are below the joints of the body (`fill.auto.carried`) are left to the rig.
    """
    if network.bmap.kind == "markers":
        return _kept(network.rec, network.problem, _best_of_markers(network, progress, cancel), network.bmap)
    waiting, leaving = Event(), Event()

    def tell(share: float, text: str) -> None:
        if progress is not None and waiting.is_set():
            progress(share, text)

    def stop() -> bool:
        return leaving.is_set() or (cancel is not None and cancel())

    with ThreadPoolExecutor(1) as pool, ExitStack() as at_the_end:
        at_the_end.callback(leaving.set)  # the pool waits for its thread, which need not finish when something went wrong here
        predicted = pool.submit(network.predict, tell, stop)
        part_FP = network.problem.wanted_FP & ~left_to_rig(network.rec, network.problem, points_of(network.bmap))
        chosen = _chosen(network.problem.wanting(part_FP), (*CANDIDATES, "coast"), progress, cancel, markers=False)
        classical = result_of_part(network.problem, part_FP, chosen.result)
        waiting.set()
        tell(-1.0, "waiting for the model")
        model, prediction = predicted.result()
    best = first_of(network.fill(model, prediction, classical), _with_mixture_sigma(network.problem, classical))
    best = carried(network.rec, network.problem, best, points_of(network.bmap))
    return _kept(network.rec, network.problem, best, network.bmap)


def _best_of_markers(network: Network, progress: Progress | None, cancel: Cancel | None) -> FillResult:
    """The classical fills chosen by trials; where they are unsure, their mean with the gate's mixture, by the inverse of the variances.

    They are unsure in gaps with a sigma above UNSURE_M in which none of AMONG_VISIBLE has the greatest weight: where most markers come and
    go, a take has too few frames to learn from, and the network, which learned from other people, is nearer.
    """
    problem = network.problem
    choice = _chosen(problem, (*MARKER_CANDIDATES, "coast"), progress, cancel, markers=True)
    gaps, classical = problem.gaps(), choice.result
    learned_G = np.array([choice.methods.get(gap) in AMONG_VISIBLE for gap in gaps], bool)
    variance_N = over_gaps(problem, classical.sigma_N) ** 2
    unsure_N = ~(variance_N <= UNSURE_M**2) & ~learned_G[gap_numbers(gaps, len(problem.wanted_FP), *problem.wanted)]
    if not (unsure_N & known(classical.xyz_ND)).any():
        return classical
    mixed = network.fill(*network.predict(progress, cancel), classical)
    share_N = variance_N / (variance_N + over_gaps(problem, mixed.sigma_N) ** 2)
    return mean_of(mixed, classical, np.where(unsure_N, share_N, 0.0))


def _chosen(problem: FillProblem, methods: Sequence[str], progress: Progress | None, cancel: Cancel | None, *, markers: bool) -> Choice:
    """The classical fills, chosen for each gap by trials on the take itself."""

    def tell(method: str) -> None:
        if cancel is not None and cancel():
            raise Cancelled
        if progress is not None:
            progress(0.0, f"trying {method}")

    return choose_fills(problem, methods, on_method=tell, markers=markers)


def _with_mixture_sigma(problem: FillProblem, classical: FillResult) -> FillResult:
    """With the sigma that mixtures of classical fills had on other takes. The gate, which was trained without that factor, does not see
    it."""
    if problem.xyz_FPD.shape[2] != 3:
        return classical
    sigma_FP = calibrated(problem.in_place(classical.sigma_N), problem.visible_FP, problem.rate_hz, priors.mixture())
    return replace(classical, sigma_N=sigma_FP[problem.wanted])


def _kept(rec: Recording, problem: FillProblem, result: FillResult, bmap: BodyMap | None) -> FillResult:
    """The result with the constraints of `fill.keep`: edges; of joints standing feet and bone lengths; of markers smoothness and distances.

    The bones of a rig are kept when its rotations are solved.
    """
    xyz_ND = blend_edges(problem, result.xyz_ND)
    if bmap is not None and bmap.kind != "markers":
        from mpm_core.model.network_fill import keep_bone_lengths

        ankles = [point for point in np.array(points_of(bmap))[[L_ANKLE, R_ANKLE]].tolist() if point >= 0]
        xyz_ND = keep_feet(problem, xyz_ND, result.sigma_N, ankles)
        if rec.rig is None:
            xyz_ND = keep_bone_lengths(rec, problem, xyz_ND, bmap)
    elif rec.rig is None and rec.dims == 3:
        filled_FP3, sigma_FP = problem.in_place(xyz_ND), problem.in_place(result.sigma_N)
        smooth_FP3 = keep_smoothness(filled_FP3, problem.xyz_FPD, sigma_FP, problem.gaps())
        xyz_ND = keep_distances(smooth_FP3, problem.xyz_FPD, problem.rate_hz)[problem.wanted]
    return replace(result, xyz_ND=xyz_ND)
