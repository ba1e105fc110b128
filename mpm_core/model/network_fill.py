"""What the network would fill, at a take's own points, and its mixture with the classical fill. F frames, P points, J = 17 joints.

Joints that are points come straight from the network; markers, and the root of a rig, through the segments it moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.body.axes import SPINE
from mpm_core.body.mapping import BodyMap, body17, body_joints, points_of
from mpm_core.fill import hermite
from mpm_core.fill.auto.calibration import Factors, calibrated
from mpm_core.fill.keep.bone_lengths import keep_lengths
from mpm_core.gaps import known
from mpm_core.linalg.subsample import subsample
from mpm_core.model.checkpoint import Model
from mpm_core.model.gate import gate_weights
from mpm_core.model.gate_features import gate_features
from mpm_core.model.match_edges import follow_neighbours, match_edges
from mpm_core.model.predict import predict_joints
from mpm_core.model.repair_network import RepairNetwork
from mpm_core.model.residuals import ResidualModel
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.typing import Float, Int, Mask

MOST_FRAMES = 2000  # of a take, to see which joint a marker is nearest to
UNKNOWN_M = 0.2  # what a classical fill that is not there is taken to promise


@dataclass(frozen=True, slots=True)
class NetworkFill:
    """raw_FPD: the network's own idea, moved with visible neighbours and by what trials on the take told; filled_FPD: moved to meet what is
    visible at each gap's edges too; metres, NaN = none.

    joint_P: the body joint that a point is, or is nearest to. correction_FP: how far the trials moved that joint; mirror_FP: how far the
    network's answer in a mirror is from the plain one there; metres. trials_P4: samples of that joint in trials, and the errors there, as
    `ResidualModel` has them. known_FJ3: the body joints that the network was given, metres, NaN = hidden.
    """

    raw_FPD: Float
    filled_FPD: Float
    joint_P: Int
    correction_FP: Float
    mirror_FP: Float
    trials_P4: Float
    known_FJ3: Float


def network_fill(
    rec: Recording,
    wanted_FP: Mask,
    bmap: BodyMap,
    model: Model,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> NetworkFill:
    """Raises ModelError for a model of another task, Cancelled."""
    joints_FJ3 = body_joints(rec, bmap)
    wanted_F = np.asarray(wanted_FP.any(axis=1))
    told = predict_joints(joints_FJ3, rec.rate_hz, model, wanted_F=wanted_F, progress=progress, cancel=cancel)
    raw_FJ3 = follow_neighbours(told.output_FJ3, joints_FJ3, rec.rate_hz)
    alone_FJ3 = whole_FJ3 = match_edges(raw_FJ3, joints_FJ3, rec.rate_hz)
    if told.residuals is not None:
        whole_FJ3 = match_edges(raw_FJ3 + told.correction_FJ3, joints_FJ3, rec.rate_hz)
        raw_FJ3 = raw_FJ3 + (whole_FJ3 - alone_FJ3)
    raw_FPD, filled_FPD = np.full(rec.xyz_FPD.shape, np.nan), np.full(rec.xyz_FPD.shape, np.nan)
    joint_P = np.zeros(wanted_FP.shape[1], np.int64)
    point_J = points_of(bmap, rec)
    carried_P = _carried_points(rec, wanted_FP, bmap)
    carried_P[[point for point in point_J if point >= 0]] = False
    if carried_P.any():
        raw_FPD[:, carried_P], filled_FPD[:, carried_P], joint_P[carried_P] = _on_segments(rec, whole_FJ3, carried_P)
    for joint, point in enumerate(point_J):
        if point >= 0:
            raw_FPD[:, point], filled_FPD[:, point], joint_P[point] = raw_FJ3[:, joint], whole_FJ3[:, joint], joint
    correction_FJ, trials_J4 = np.linalg.norm(whole_FJ3 - alone_FJ3, axis=2), _of_trials(told.residuals, joints_FJ3.shape[1])
    return NetworkFill(raw_FPD, filled_FPD, joint_P, correction_FJ[:, joint_P], told.mirror_FJ[:, joint_P], trials_J4[joint_P], joints_FJ3)


def _of_trials(residuals: ResidualModel | None, joints: int) -> Float:
    """(J, 4) how many samples the trials had, and the mean errors there; no samples and the usual error where there were none."""
    if residuals is None:
        return np.tile([0.0, 1.0, 1.0, 1.0], (joints, 1))
    errors = (residuals.error_before_J, residuals.error_after_J, residuals.classical_error_J)
    return np.stack([residuals.samples_J, *(np.nan_to_num(each_J, nan=1.0) for each_J in errors)], axis=1)


def mixed(
    rec: Recording, wanted_FP: Mask, classical_FPD: Float, sigma_FP: Float, fill_: NetworkFill, model: Model
) -> tuple[Float, Float, Float]:
    """Positions, sigma (metres per axis) and the network's share (0..1), each for the samples of wanted_FP that the network reaches, NaN
    elsewhere. A model without a judge is trusted in full, and says nothing of sigma."""
    where_FP = wanted_FP & known(fill_.filled_FPD)
    xyz_FPD, out_sigma_FP, share_FP = np.full(rec.xyz_FPD.shape, np.nan), np.full(wanted_FP.shape, np.nan), np.full(wanted_FP.shape, np.nan)
    network = model.network
    if isinstance(network, RepairNetwork) and network.judge is not None and where_FP.any():
        there_FP = known(classical_FPD)
        base_FPD = np.where(there_FP[..., None], classical_FPD, fill_.filled_FPD)
        promised_FP = np.where(there_FP & np.isfinite(sigma_FP), sigma_FP, UNKNOWN_M)
        feature_NK = gate_features(base_FPD, promised_FP, fill_, rec.visible_FP, where_FP, rec.rate_hz)
        weight_N, out_sigma_FP[where_FP] = gate_weights(
            network.judge, feature_NK, np.broadcast_to(fill_.joint_P, wanted_FP.shape)[where_FP]
        )
        if measured := model.facts.get("calibration"):
            out_sigma_FP = calibrated(out_sigma_FP, rec.visible_FP, rec.rate_hz, Factors(**measured))
        share_N, base_ND = np.where(there_FP[where_FP], weight_N, 1.0), base_FPD[where_FP]
        xyz_FPD[where_FP] = base_ND + share_N[:, None] * (fill_.filled_FPD[where_FP] - base_ND)
        share_FP[where_FP] = share_N
    else:
        xyz_FPD[where_FP], share_FP[where_FP] = fill_.filled_FPD[where_FP], 1.0
    return xyz_FPD, out_sigma_FP, share_FP


def rigid_bones(rec: Recording, xyz_FPD: Float, bmap: BodyMap) -> Float:
    """Filled joints with the bones as long as they are beside the gap; for takes whose joints are points and that have no rig.

    The back bends: what joins the hip or the thorax to the spine is no bone.
    """
    joints_FJ3 = body_joints(rec, bmap)
    whole_FJ3, points = joints_FJ3.copy(), points_of(bmap, rec)
    for joint, point in enumerate(points):
        if point >= 0:
            whole_FJ3[:, joint] = np.where(known(joints_FJ3[:, joint])[:, None], joints_FJ3[:, joint], xyz_FPD[:, point])
    whole_FJ3 = keep_lengths(whole_FJ3, joints_FJ3, tuple(bone for bone in body17().bones if SPINE not in bone))
    out_FPD = xyz_FPD.copy()
    for joint, point in enumerate(points):
        if point >= 0:
            out_FPD[:, point] = np.where(known(xyz_FPD[:, point])[:, None], whole_FJ3[:, joint], np.nan)
    return out_FPD


def _carried_points(rec: Recording, wanted_FP: Mask, bmap: BodyMap) -> Mask:
    """(P,) points that come back through a segment's local frame: all markers; of a rig the root, which is no body joint of its own."""
    wanted_P: Mask = np.asarray(wanted_FP.any(axis=0))
    if bmap.kind != "markers" and rec.rig is not None:
        wanted_P &= np.array(rec.rig.parents) < 0
    return wanted_P


def _on_segments(rec: Recording, joints_FJ3: Float, points_P: Mask) -> tuple[Float, Float, Int]:
    """Positions (F, n, 3) of the points_P carried by the segments, the same met at the edges, and each one's nearest joint (n,)."""
    from mpm_core.body.segments import markers_from_joints

    known_FPD = np.where(rec.visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)[:, points_P]
    placed_FPD = markers_from_joints(known_FPD, rec.visible_FP[:, points_P], joints_FJ3)
    some = subsample(len(joints_FJ3), MOST_FRAMES)
    away_PJ = np.stack(
        [
            np.nan_to_num(_median(np.linalg.norm(placed_FPD[some] - joints_FJ3[some, joint, None], axis=2)), nan=np.inf)
            for joint in range(joints_FJ3.shape[1])
        ],
        axis=1,
    )
    return placed_FPD, hermite.correct_edges(placed_FPD, known_FPD, rec.rate_hz), np.argmin(away_PJ, axis=1)


def _median(values_FP: Float) -> Float:
    """(P,) over the frames that are known; NaN where none is."""
    out_P = np.full(values_FP.shape[1], np.nan)
    for point, values_F in enumerate(values_FP.T):
        if np.isfinite(values_F).any():
            out_P[point] = np.median(values_F[np.isfinite(values_F)])
    return out_P
