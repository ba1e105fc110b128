"""The segment of each marker, from motion alone, where labels are unknown. F frames, P points, S sampled frames.

Steps: the largest rigid group at trunk height defines axes fixed to the trunk; in these axes, the plane of symmetry and the facing
direction are found; the graph of nearly constant distances connects the trunk to five ends: two feet, two hands, the head; heights in
upright frames and that graph give the segment. The person must stand upright somewhere in the take, and move.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.body.by_motion.limbs import ASIDE, FOOT, FOREARM, PELVIS, TRUNK, Body, assign_limbs, assign_segments
from mpm_core.errors import MappingError
from mpm_core.gaps import known
from mpm_core.linalg.kabsch import kabsch
from mpm_core.linalg.robust import MAD_TO_SIGMA, lower_median
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Floating, Int, Mask

MOST_FRAMES, LEAST_SHARE, FEWEST = 300, 0.4, 12  # sampled frames; share of them in which a marker is visible; markers needed
PERSON_M = (0.7, 2.6)  # range of a person's height
COMPLETE = 0.8  # frames with this share of the greatest number of visible markers are used for the height
TOP, SHOULDERS, TO_ACROMION = 0.06, (0.17, 0.28), 0.83  # shares of the height: the top; its width if it is shoulders; their height
MOST_MOVEMENT = 0.04  # of a trunk marker in the trunk's axes (RMS), as a share of the height
UPRIGHT = 0.92  # of the height: frames as tall are upright
CORE_M = 0.022  # greatest spread of the distances within the trunk's rigid group
WAY, KNEES, HANDS = 0.7, 0.7, 0.5  # weights in the facing score; a foot has weight 1


def find_body(xyz_FPD: Floating, visible_FP: Mask) -> Body:
    """The body in a set of markers; metres, Z up. Raises MappingError when there is no upright, moving person."""
    xyz_FP3 = np.where(visible_FP[..., None], np.asarray(xyz_FPD, np.float64), np.nan)
    rows = subsample(len(xyz_FP3), MOST_FRAMES)
    chosen_P = np.flatnonzero(known(xyz_FP3[rows]).sum(axis=0) > LEAST_SHARE * len(rows))
    if len(chosen_P) < FEWEST:
        raise MappingError(
            f"only {len(chosen_P)} points are visible in most of the take", hint=f"a mapping needs {FEWEST}; map the points by hand"
        )
    xyz_SP3 = xyz_FP3[rows][:, chosen_P]
    tall_m, height_P = _heights(xyz_SP3)
    spread_PP, far_PP = _distances(xyz_SP3)
    core = _core(height_P, spread_PP, _aside(xyz_SP3, height_P) / tall_m)
    place_P3, movement_P, path_3 = _in_trunk_axes(xyz_SP3, core)
    place_P3, path_3 = _symmetric(place_P3, path_3)
    body = Body(chosen_P, height_P, tall_m, place_P3, spread_PP, far_PP, (), {}, (), np.zeros(len(chosen_P)), 0.0)
    aside_P = np.linalg.norm(place_P3[:, :2] - place_P3[core, :2].mean(axis=0), axis=1)
    trunk_P = (height_P > TRUNK[0]) & (height_P < TRUNK[1]) & (aside_P < ASIDE * tall_m) & (movement_P < MOST_MOVEMENT * tall_m)
    trunk_P[core] = True
    body = assign_limbs(body, trunk_P)
    facing = _facing_score(body, path_3)
    if facing < 0:
        body = assign_limbs(replace(body, place_P3=place_P3 * [-1, -1, 1]), trunk_P)
    return assign_segments(replace(body, facing=float(np.clip(abs(facing) / 2, 0, 1))))


def _heights(xyz_SP3: Float) -> tuple[float, Float]:
    """Height of the person, and of each marker in upright frames, as shares of it.

    If the top is as wide as shoulders, there are no markers on the head, and the person is taller.
    """
    count_S = known(xyz_SP3).sum(axis=1)
    xyz_SP3 = xyz_SP3[count_S >= COMPLETE * count_S.max()]
    z_SP = xyz_SP3[..., 2]
    low_S, high_S = np.nanmin(z_SP, axis=1), np.nanmax(z_SP, axis=1)
    tall_m = float(np.percentile(high_S - low_S, 75))
    if not PERSON_M[0] < tall_m < PERSON_M[1]:
        raise MappingError(f"the points are {tall_m:.2f} m high, which is not a standing person", hint="check the unit and the up axis")
    upright_S = high_S - low_S >= UPRIGHT * tall_m
    height_P = lower_median((z_SP - low_S[:, None])[upright_S])
    height_P = np.where(np.isfinite(height_P), height_P, lower_median(z_SP - low_S[:, None])) / tall_m
    top_P = height_P > np.nanmax(height_P) - TOP
    top_STT = np.linalg.norm(xyz_SP3[:, top_P, None] - xyz_SP3[:, None, top_P], axis=3)
    widest_S = np.where(np.isfinite(top_STT), top_STT, 0).max(axis=(1, 2), initial=0)
    if SHOULDERS[0] < float(np.median(widest_S)) / tall_m < SHOULDERS[1]:
        return tall_m / TO_ACROMION, height_P * TO_ACROMION
    return tall_m, height_P


def _distances(xyz_SP3: Float) -> tuple[Float, Float]:
    """spread_PP and far_PP of Body; the spread of markers that are rarely visible together is infinite."""
    P = xyz_SP3.shape[1]
    spread_PP, far_PP = np.full((P, P), np.inf), np.full((P, P), np.inf)
    for point in range(P):
        distance_SP = np.linalg.norm(xyz_SP3 - xyz_SP3[:, point, None], axis=2)
        enough_P = np.isfinite(distance_SP).sum(axis=0) >= 0.1 * len(xyz_SP3)
        far_PP[point, enough_P] = lower_median(distance_SP[:, enough_P])
        spread_PP[point, enough_P] = MAD_TO_SIGMA * lower_median(np.abs(distance_SP[:, enough_P] - far_PP[point, enough_P]))
    return spread_PP, far_PP


def _aside(xyz_SP3: Float, height_P: Float) -> Float:
    """(P,) typical horizontal distance of each marker from the vertical through the middle of those at trunk height."""
    middle_P = (height_P > TRUNK[0]) & (height_P < TRUNK[1])
    low_SP2 = xyz_SP3[..., :2]
    axis_S2 = lower_median(low_SP2[:, middle_P].swapaxes(0, 1).reshape(int(middle_P.sum()), -1)).reshape(-1, 2)
    return lower_median(np.linalg.norm(low_SP2 - axis_S2[:, None], axis=2))


def _core(height_P: Float, spread_PP: Float, aside_P: Float) -> Int:
    """The largest rigid group of markers on the trunk."""
    middle = np.flatnonzero((height_P > TRUNK[0]) & (height_P < TRUNK[1]) & (aside_P < ASIDE))
    rigid_MM = spread_PP[np.ix_(middle, middle)] < CORE_M
    if len(middle) < 4 or rigid_MM.sum(axis=1).max() < 4:
        raise MappingError("no rigid trunk was found among the points", hint="the take is too short or too still; map the points by hand")
    group = np.flatnonzero(rigid_MM[int(np.argmax(rigid_MM.sum(axis=1)))])
    while len(group) > 4:
        share_G = rigid_MM[np.ix_(group, group)].mean(axis=1)
        if share_G.min() > 0.6:
            break
        group = np.delete(group, int(np.argmin(share_G)))
    return np.asarray(middle[group], np.int64)


def _in_trunk_axes(xyz_SP3: Float, core: Int) -> tuple[Float, Float, Float]:
    """Mean positions in the core's axes (the third is up on average), from its middle; RMS movement; path of the trunk."""
    order = core[np.argsort(-known(xyz_SP3[:, core]).sum(axis=0))]
    complete_S = known(xyz_SP3[:, order]).all(axis=1)
    while complete_S.sum() < 20 and len(order) > 3:
        order = order[:-1]
        complete_S = known(xyz_SP3[:, order]).all(axis=1)
    if complete_S.sum() < 5:
        raise MappingError("the points of the trunk are never visible together", hint="fill their gaps first, or map the points by hand")
    known_NP3 = xyz_SP3[complete_S]
    shape_K3 = known_NP3[len(known_NP3) // 2, order]
    for _ in range(2):
        rot_N33, shift_N3 = kabsch(shape_K3, known_NP3[:, order])
        shape_K3 = np.einsum("nij,nki->kj", rot_N33, known_NP3[:, order] - shift_N3[:, None]) / len(rot_N33)
    rot_N33, shift_N3 = kabsch(shape_K3, known_NP3[:, order])
    up_3 = rot_N33[:, 2, :].mean(axis=0)
    up_3 /= np.linalg.norm(up_3)
    aside_3 = np.cross(up_3, np.eye(3)[int(np.argmin(np.abs(up_3)))])
    aside_3 /= np.linalg.norm(aside_3)
    axes_33 = np.stack([np.cross(aside_3, up_3), aside_3, up_3])
    local_NP3 = np.einsum("nij,npi->npj", rot_N33, known_NP3 - shift_N3[:, None]) - shape_K3.mean(axis=0)
    known_NP = known(local_NP3)
    mean_P3 = np.where(known_NP[..., None], local_NP3, 0).sum(axis=0) / np.maximum(known_NP.sum(axis=0), 1)[:, None]
    steps_N3 = np.einsum("nij,ni->nj", rot_N33[:-1], np.diff(shift_N3 + rot_N33 @ shape_K3.mean(axis=0), axis=0))
    movement_P = np.sqrt(np.where(known_NP, ((local_NP3 - mean_P3) ** 2).sum(axis=2), 0).sum(axis=0) / np.maximum(known_NP.sum(axis=0), 1))
    return mean_P3 @ axes_33.T, movement_P, steps_N3.sum(axis=0) @ axes_33.T


def _symmetric(place_P3: Float, path_3: Float) -> tuple[Float, Float]:
    """Positions and path rotated so that the first axis is forward or backward, the second left or right (0 at the plane of symmetry)."""
    from scipy.spatial import cKDTree  # here, as its import takes long

    best = (np.inf, 0.0, 0.0)
    for angle in np.radians(np.arange(0, 180, 5)):
        side_P = place_P3[:, :2] @ [np.cos(angle), np.sin(angle)]
        for middle in np.linspace(-0.08, 0.08, 9):
            mirrored_P3 = place_P3.copy()
            mirrored_P3[:, :2] -= 2 * (side_P - middle)[:, None] * [np.cos(angle), np.sin(angle)]
            cost = float(np.minimum(cKDTree(place_P3).query(mirrored_P3)[0], 0.3).mean()) - 0.02 * float(np.std(side_P))
            best = min(best, (cost, float(angle), float(middle)))
    _, angle, middle = best
    turn_33 = np.array([[np.sin(angle), -np.cos(angle), 0], [np.cos(angle), np.sin(angle), 0], [0, 0, 1]])
    return place_P3 @ turn_33.T - [0, middle, 0], turn_33 @ path_3


def _facing_score(body: Body, path_3: Float) -> float:
    """Positive when the first axis is forward.

    Toes are below and in front of heel and ankle, knees in front of the line from hip to ankle, hands in front of elbows, and most people
    walk forward.
    """
    scores = [float(np.clip(path_3[0], -1, 1)) * WAY if abs(path_3[0]) > 1 else 0.0]
    x_P, height_P = body.place_P3[:, 0], body.height_P
    trunk_x = float(np.mean([x_P[p] for p, limb in enumerate(body.limb_P) if limb == "trunk" and height_P[p] < PELVIS] or [0.0]))
    for side in ("left", "right"):
        leg_P = np.array([limb == f"{side}_leg" for limb in body.limb_P])
        foot, knee = np.flatnonzero(leg_P & (height_P < FOOT)), np.flatnonzero(leg_P & (height_P > 0.22) & (height_P < 0.33))
        if len(foot) > 1:
            low = foot[np.argsort(height_P[foot])]
            half = max(1, len(low) // 2)
            scores.append(float(np.clip((x_P[low[:half]].mean() - x_P[low[-half:]].mean()) / 0.1, -1, 1)))
        if len(foot) and len(knee):
            scores.append(float(np.clip((x_P[knee].mean() - (x_P[foot].mean() + trunk_x) / 2) / 0.06, -1, 1)) * KNEES)
        arm = [p for p, limb in enumerate(body.limb_P) if limb == f"{side}_arm"]
        elbow = [p for p in arm if 1.0 < body.far_PP[p, body.tip[f"{side}_arm"]] / (FOREARM * body.tall_m) < 2.0]
        if elbow:
            scores.append(float(np.clip((x_P[body.tip[f"{side}_arm"]] - x_P[elbow].mean()) / 0.15, -1, 1)) * HANDS)
    return sum(scores)
