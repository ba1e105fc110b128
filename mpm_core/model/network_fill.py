"""The network's fill: its prediction at the points of a take, alone or combined with a classical fill by the gate.

Points that are body joints are predicted directly; markers, and the root of a rig, from their position relative to a body segment. F
frames, P points, J = 17 joints, N wanted samples.
"""

from __future__ import annotations

import numpy as np

from mpm_core.body.joints import SPINE, body17
from mpm_core.body.mapping import BodyMap, body_joints, points_of
from mpm_core.body.segments import markers_from_joints
from mpm_core.fill.auto.calibration import Factors, calibrated
from mpm_core.fill.hermite import correct_edges
from mpm_core.fill.keep.bone_lengths import keep_lengths
from mpm_core.fill.problem import FillProblem, FillResult
from mpm_core.gaps import known
from mpm_core.linalg.subsample import subsample
from mpm_core.model.checkpoint import Model
from mpm_core.model.gate_features import gate_features
from mpm_core.model.match_edges import follow_neighbours, match_edges
from mpm_core.model.predict import predict_joints
from mpm_core.model.predicted_points import PointPrediction, TrialErrors, no_trials
from mpm_core.model.take_residuals import ResidualModel
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.typing import Float, Int, Mask

MOST_FRAMES = 2000  # used to find the joint nearest to a marker
UNKNOWN_M = 0.2  # sigma where there is no classical fill


def predict_points(
    rec: Recording,
    wanted_FP: Mask,
    bmap: BodyMap,
    model: Model,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PointPrediction:
    """The network's prediction for the points of wanted_FP. Raises ModelError for a model of another task, Cancelled."""
    joints_FJ3 = body_joints(rec, bmap)
    wanted_F = np.asarray(wanted_FP.any(axis=1))
    prediction = predict_joints(joints_FJ3, rec.rate_hz, model, wanted_F=wanted_F, progress=progress, cancel=cancel)
    raw_FJ3 = follow_neighbours(prediction.output_FJ3, joints_FJ3, rec.rate_hz) + prediction.correction_FJ3
    matched_FJ3 = match_edges(raw_FJ3, joints_FJ3, rec.rate_hz)
    raw_FPD, filled_FPD = np.full(rec.xyz_FPD.shape, np.nan), np.full(rec.xyz_FPD.shape, np.nan)
    joint_P = np.zeros(wanted_FP.shape[1], np.int64)
    point_J = points_of(bmap)
    on_segments_P = _points_on_segments(rec, wanted_FP, bmap)
    on_segments_P[[point for point in point_J if point >= 0]] = False
    if on_segments_P.any():
        raw_FPD[:, on_segments_P], joint_P[on_segments_P] = _on_segments(rec, matched_FJ3, on_segments_P)
        known_FPD = np.where(rec.visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)[:, on_segments_P]
        filled_FPD[:, on_segments_P] = correct_edges(raw_FPD[:, on_segments_P], known_FPD, rec.rate_hz)
    for joint, point in enumerate(point_J):
        if point >= 0:
            raw_FPD[:, point], filled_FPD[:, point], joint_P[point] = raw_FJ3[:, joint], matched_FJ3[:, joint], joint
    correction_FJ = np.linalg.norm(prediction.correction_FJ3, axis=2)
    trials = _trial_errors(prediction.residuals, joints_FJ3.shape[1]).at(joint_P)
    return PointPrediction(raw_FPD, filled_FPD, joint_P, correction_FJ[:, joint_P], prediction.mirror_FJ[:, joint_P], trials, joints_FJ3)


def network_fill(problem: FillProblem, prediction: PointPrediction) -> FillResult:
    """The network alone. NaN where it predicts nothing; sigma not estimated."""
    xyz_ND = prediction.filled_FPD[problem.wanted]
    return FillResult(xyz_ND, np.full(len(xyz_ND), np.nan), known(xyz_ND).astype(np.float64), {})


def gated_fill(problem: FillProblem, prediction: PointPrediction, model: Model, classical: FillResult) -> FillResult:
    """Weighted mean of the network's fill and a classical one, with weights and sigma by the gate; NaN where the network predicts nothing.

    The network alone where there is no classical fill, and without a gate. classical.sigma_N: as estimated by trials, which the gate was
    trained on.
    """
    network = network_fill(problem, prediction)
    if not model.network.config.gated:
        return network
    has_network_N, has_classical_N = known(network.xyz_ND), known(classical.xyz_ND)
    predicted_FP = problem.wanted_FP.copy()
    predicted_FP[problem.wanted] = has_network_N
    classical_FP3 = problem.in_place(classical.xyz_ND)
    base_FP3 = np.where(known(classical_FP3)[..., None], classical_FP3, prediction.filled_FPD)
    sigma_FP = problem.in_place(np.where(has_classical_N & np.isfinite(classical.sigma_N), classical.sigma_N, UNKNOWN_M))
    feature_NK = gate_features(base_FP3, sigma_FP, prediction, problem.visible_FP, predicted_FP, problem.rate_hz)
    weights = model.network.weights(feature_NK, prediction.joint_P[np.nonzero(predicted_FP)[1]])
    if weights is None:
        return network
    share_N, sigma_FP = np.full(len(has_network_N), np.nan), np.full(predicted_FP.shape, np.nan)
    weight_n, sigma_FP[predicted_FP] = weights
    if factors := model.facts.get("calibration"):
        sigma_FP = calibrated(sigma_FP, problem.visible_FP, problem.rate_hz, Factors(**factors))
    share_N[has_network_N] = np.where(has_classical_N[has_network_N], weight_n, 1.0)
    base_ND = base_FP3[problem.wanted]
    return FillResult(base_ND + share_N[:, None] * (network.xyz_ND - base_ND), sigma_FP[problem.wanted], share_N, {})


def keep_bone_lengths(rec: Recording, problem: FillProblem, xyz_ND: Float, bmap: BodyMap) -> Float:
    """(N, 3) filled joints with bones as long as beside the gap; for takes without a rig whose points are joints.

    The spine bends, so the links from hip and thorax to it are not bones.
    """
    joints_FJ3, xyz_FPD = body_joints(rec, bmap), problem.in_place(xyz_ND)
    filled_FJ3, points = joints_FJ3.copy(), points_of(bmap)
    for joint, point in enumerate(points):
        if point >= 0:
            filled_FJ3[:, joint] = np.where(known(joints_FJ3[:, joint])[:, None], joints_FJ3[:, joint], xyz_FPD[:, point])
    filled_FJ3 = keep_lengths(filled_FJ3, joints_FJ3, tuple(bone for bone in body17().bones if SPINE not in bone))
    for joint, point in enumerate(points):
        if point >= 0:
            xyz_FPD[:, point] = np.where(known(xyz_FPD[:, point])[:, None], filled_FJ3[:, joint], np.nan)
    return xyz_FPD[problem.wanted]


def _trial_errors(residuals: ResidualModel | None, joints: int) -> TrialErrors:
    if residuals is None:
        return no_trials(joints)
    errors = (residuals.error_before_J, residuals.error_after_J, residuals.classical_error_J)
    return TrialErrors(residuals.samples_J.astype(np.float64), *(np.nan_to_num(each_J, nan=1.0) for each_J in errors))


def _points_on_segments(rec: Recording, wanted_FP: Mask, bmap: BodyMap) -> Mask:
    """(P,) points placed relative to a segment: all markers; of a rig only the root, which is not one of the body joints."""
    wanted_P: Mask = np.asarray(wanted_FP.any(axis=0))
    if bmap.kind != "markers" and rec.rig is not None:
        wanted_P &= np.array(rec.rig.parents) < 0
    return wanted_P


def _on_segments(rec: Recording, joints_FJ3: Float, points_P: Mask) -> tuple[Float, Int]:
    """Positions (F, n, 3) of points fixed to the segments of the predicted joints, and the nearest joint of each (n,)."""
    known_FPD = np.where(rec.visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)[:, points_P]
    placed_FPD = markers_from_joints(known_FPD, rec.visible_FP[:, points_P], joints_FJ3)
    frames = subsample(len(joints_FJ3), MOST_FRAMES)
    distance_PJ = np.stack(
        [
            np.nan_to_num(_median(np.linalg.norm(placed_FPD[frames] - joints_FJ3[frames, joint, None], axis=2)), nan=np.inf)
            for joint in range(joints_FJ3.shape[1])
        ],
        axis=1,
    )
    return placed_FPD, np.argmin(distance_PJ, axis=1)


def _median(values_FP: Float) -> Float:
    """(P,) median over the known frames; NaN where there are none."""
    out_P = np.full(values_FP.shape[1], np.nan)
    for point, values_F in enumerate(values_FP.T):
        if np.isfinite(values_F).any():
            out_P[point] = np.median(values_F[np.isfinite(values_F)])
    return out_P
