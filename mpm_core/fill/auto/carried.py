"""Joints of a rig that the body's joints carry: end sites, toes and fingers. F frames, P = J joints in rig order, N wanted samples.

A curve through the places beside a gap does not know where the ankle goes meanwhile; the rotations beside it, relative to the bones above,
change little. So these joints are left to the rig (`rigs.solve.apply_targets`), which interpolates their local rotations.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from mpm_core.fill.auto.sigma import beyond_trials, expected_sigma, fit_law, trial_problems, wanted_samples
from mpm_core.fill.problem import FillProblem, FillResult, Run, classical_result
from mpm_core.gaps import gap_frames
from mpm_core.recording import Recording
from mpm_core.rig import Rig
from mpm_core.rigs.fit_rotations import fit_rotations
from mpm_core.rigs.kinematics import local_motion
from mpm_core.rigs.rotations import interpolate_gap, turn
from mpm_core.skeleton import upwards
from mpm_core.typing import Float, Mask

SHORT_S = 0.4  # in shorter gaps curves are nearer: 4.3 mm instead of 5.4 at 0.25 s, 25.3 and 27.3 at 0.5 s


def carried(rec: Recording, problem: FillProblem, result: FillResult, body: Collection[int]) -> FillResult:
    """The result with the carried joints left to the rig (NaN) in gaps longer than SHORT_S, with the sigma of their place there.

    body: the points that are joints of the body. A joint is carried if it is below one of these in the hierarchy and has none of them below
    itself. Its variance is the sum of two: that of the nearest body joint above it (zero where that is measured), and that of its place
    relative to this joint when local rotations are interpolated over a gap of the same length, found by trials on the take. Other samples
    are unchanged; without a rig all are.
    """
    if rec.rig is None:
        return result
    sigma_FP, xyz_FPD, left_FP = problem.in_place(result.sigma_N), problem.in_place(result.xyz_ND), left_to_rig(rec, problem, body)
    gaps, metre = problem.gaps(), float(abs(np.linalg.det(rec.source.file_to_world_33)) ** (1 / 3))
    for point, chain in carriers(rec.rig, body).items():
        left_F, wanted_F, joint = left_FP[:, point], problem.wanted_FP[:, point], chain[-1]
        if left_F.any():
            above_F = np.where(problem.wanted_FP[:, joint], sigma_FP[:, joint], 0.0)
            local_n = _local_sigma(rec.rig, metre, problem, point, chain, [gap for gap in gaps if gap[0] == point])
            sigma_FP[left_F, point] = np.hypot(above_F[left_F], local_n[left_F[wanted_F]])
    xyz_FPD[left_FP] = np.nan
    return replace(result, xyz_ND=xyz_FPD[problem.wanted], sigma_N=sigma_FP[problem.wanted])


def left_to_rig(rec: Recording, problem: FillProblem, body: Collection[int]) -> Mask:
    """(F, P) the wanted samples of carried joints in gaps longer than SHORT_S: no fill is needed there. body: as of `carried`."""
    if rec.rig is None:
        return np.zeros_like(problem.wanted_FP)
    carried_P = np.isin(np.arange(len(problem.points)), list(carriers(rec.rig, body)))
    return problem.wanted_FP & carried_P & (gap_frames(problem.visible_FP) > SHORT_S * problem.rate_hz)


def carriers(rig: Rig, body: Collection[int]) -> dict[int, list[int]]:
    """Of each carried joint the joints that carry it: its parent, and so on up to the first one of the body.

    >>> channels = (("Zrotation",), ("Zrotation",), ())
    >>> leg = Rig(("ankle", "toes", "end"), (-1, 0, 1), np.ones((3, 3)), channels, np.zeros((1, 2)), np.array([False, False, True]))
    >>> carriers(leg, {0})
    {1: [0], 2: [1, 0]}
    """
    above_body = {above for joint in body for above in upwards(rig.parents, joint)}
    found = {}
    for point in range(len(rig.names)):
        chain = list(upwards(rig.parents, point))[1:]
        first = next((rank for rank, joint in enumerate(chain) if joint in body), None)
        if point not in above_body and first is not None:
            found[point] = chain[: first + 1]
    return found


def _local_sigma(rig: Rig, metre: float, problem: FillProblem, point: int, chain: Sequence[int], gaps: Sequence[Run]) -> Float:
    """(n,) sigma of the n wanted samples of a point relative to the last joint of the chain, metres per axis. gaps: those of the point.

    In trials, the local rotations of the chain are interpolated, and so is the twist of the bone that leads to its last joint, whose
    direction is known from where its ends are. metre: metres to the rig's unit.
    """
    C, bone = len(chain), rig.parents[chain[-1]]
    rot_FJ33, pos_FJ3 = local_motion(rig, joints=(*chain, point) if bone < 0 else (*chain, point, bone))

    def place(rows: slice, rot_FJ33: Float) -> Float:
        """(F, 3) relative to the last joint of the chain, in the axes of the bone's parent."""
        place_F3 = pos_FJ3[rows, C]
        for rank in range(C):
            place_F3 = turn(rot_FJ33[:, rank], place_F3) + (pos_FJ3[rows, rank] if rank < C - 1 else 0.0)
        return place_F3 if bone < 0 else turn(rot_FJ33[:, -1], place_F3)

    def fill(trials: FillProblem) -> FillResult:
        """The truth and the error of the place; sigma does not depend on the axes in which that is."""
        xyz_FPD = np.full(trials.xyz_FPD.shape, np.nan)
        for own, start, stop in trials.gaps():
            rows = slice(start, stop)
            true_FJ33 = rot_FJ33[rows]
            between_FJ33 = np.stack([interpolate_gap(rot_F33, start, stop) for rot_F33 in np.moveaxis(rot_FJ33, 1, 0)], axis=1)
            if bone >= 0:
                along_F3, rank_F1 = pos_FJ3[rows, C - 1], np.zeros((stop - start, 1), int)
                aim_F13 = turn(true_FJ33[:, -1], along_F3)[:, None]
                between_FJ33[:, -1] = fit_rotations(between_FJ33[:, -1], along_F3[:, None], aim_F13, rank_F1 + 1.0, rank_F1, (np.inf,))
            error_F3 = place(rows, between_FJ33) - place(rows, true_FJ33)
            xyz_FPD[rows, own] = problem.xyz_FPD[rows, own] + error_F3 * metre
        return classical_result(xyz_FPD[trials.wanted])

    where_FP = np.zeros_like(problem.wanted_FP)
    where_FP[:, point] = problem.wanted_FP[:, point]
    samples, rounds = wanted_samples(problem, problem.gaps(), where_FP), trial_problems(problem, gaps)
    # how fast the point moves in the world beside a gap does not say how far it turns on its bone in the gap, so it is the same for all
    samples = replace(samples, velocity_change_N=np.ones_like(samples.velocity_change_N))
    rounds = [replace(each, velocity_change_T=np.ones_like(each.velocity_change_T)) for each in rounds]
    law = fit_law(problem, rounds, fill)
    return expected_sigma(problem, law, samples) * beyond_trials([] if law is None else rounds, samples.length_N)
