"""The loss of the lifting network with gravity: rays of keypoints with a detector's errors to 3D joints, feet at rest and the direction of
up.

B windows, F frames, J joints; terms in metres; of the ground in thousands: radians, and natural logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import encode_rays
from mpm_core.model.ray_lift_network import RayLiftNetwork
from mpm_core.skeleton import load_skeleton
from mpm_train.data.cameras import Cameras, Views, project
from mpm_train.data.definitions import redefined
from mpm_train.data.windows import Windows
from mpm_train.objectives.config import RayLiftingConfig
from mpm_train.objectives.lifting import detected_with_gaps, pose_terms
from mpm_train.objectives.terms import Objective, Terms, mean_over

CAMERAS = Cameras(
    distance_m=(1.0, 10.0),
    elevation_deg=(-10.0, 60.0),
    roll_deg=8.0,
    quarter_turned=0.2,
    fitting=1.9,
    off_centre=(0.2, 0.08),
    focal=(0.5, 2.0),
)
FOCAL_KNOWN = 0.4  # share of windows whose focal length is given exactly
FOCAL_SPREAD = 0.25  # standard deviation of its logarithm in the others
UP_SPREAD_DEG = (1.5, 5.0, 12.0)  # one of these for each window: standard deviation of the error of the up that the pose is estimated with
REST_M_S = 0.15  # an ankle that moves slower is at rest
UNSURE_WEIGHT, REST_WEIGHT = 0.02, 0.2


@dataclass(frozen=True, slots=True)
class RayWindows:
    """ray_BFJ2: in units of the focal length that is believed, interpolated where missing. masked_BFJ: True in gaps too long for that.

    up_B3: true, camera axes; given_B3: with an error, for the pose. target_BFJ3: metres, camera axes, relative to the root. rest_BF2: 1
    where the left and the right ankle is at rest. valid_BF: 1 where a frame is the clip's own. gate_B: as in Windows.
    """

    ray_BFJ2: Tensor
    masked_BFJ: Tensor
    up_B3: Tensor
    given_B3: Tensor
    target_BFJ3: Tensor
    rest_BF2: Tensor
    valid_BF: Tensor
    gate_B: Tensor


def ray_windows(windows: Windows, model: ModelConfig, settings: RayLiftingConfig, rng: np.random.Generator) -> RayWindows:
    """Windows through virtual cameras, joints placed as by other rigs, with a detector's errors and gaps; a share CLEAN without errors."""
    rate_hz = model.rate_hz
    xyz_BFJ3 = windows.xyz_BFJ3
    J = xyz_BFJ3.shape[2]
    both = project(torch.cat([redefined(xyz_BFJ3, settings.redefined, rng), xyz_BFJ3], dim=2), rng, CAMERAS)
    views = replace(both, xy_BFJ2=both.xy_BFJ2[:, :, :J], camera_BFJ3=both.camera_BFJ3[:, :, J:])
    xy_BFJ2, masked_BFJ = detected_with_gaps(views, windows.valid_BF, rate_hz, settings, rng)
    ray_BFJ2 = encode_rays(xy_BFJ2, views.image_B112, believed(views, rng)[:, None, None, None])
    given_B3, rest_BF2 = wrong_by(views.up_B3, UP_SPREAD_DEG, rng), at_rest(xyz_BFJ3, rate_hz)
    valid_BF = windows.valid_BF.float()
    return RayWindows(ray_BFJ2, masked_BFJ, views.up_B3, given_B3, views.target_BFJ3, rest_BF2, valid_BF, windows.gate_B)


def believed(views: Views, rng: np.random.Generator) -> Tensor:
    """(B,) focal lengths in pixels as a user would have them: exact in a share FOCAL_KNOWN, else wrong by a factor."""
    B = len(views.focal_B2)
    factor_B = np.where(rng.random(B) < FOCAL_KNOWN, 1.0, np.exp(rng.normal(0, FOCAL_SPREAD, B)))
    return torch.as_tensor(views.focal_B2[:, 0] * torch.from_numpy(factor_B.astype(np.float32)))


def wrong_by(up_B3: Tensor, spreads_deg: tuple[float, ...], rng: np.random.Generator) -> Tensor:
    """Unit vectors turned by normal vectors of one of the standard deviations."""
    B = len(up_B3)
    spread_B1 = np.radians(rng.choice(spreads_deg, (B, 1)))
    off_B3 = torch.from_numpy((spread_B1 * rng.normal(0, 1, (B, 3))).astype(np.float32))
    return torch.nn.functional.normalize(up_B3 + torch.linalg.cross(off_B3, up_B3), dim=-1)


def at_rest(xyz_BFJ3: Tensor, rate_hz: float) -> Tensor:
    """(B, F, 2) 1 where the left and the right ankle moves slower than REST_M_S, from the frame before to the one after."""
    names = load_skeleton("body17").names
    ankle_BF23 = xyz_BFJ3[:, :, [names.index("left_ankle"), names.index("right_ankle")]]
    step_BF2 = (ankle_BF23[:, 2:] - ankle_BF23[:, :-2]).norm(dim=-1) * (rate_hz / 2)
    speed_BF2 = torch.cat([step_BF2[:, :1], step_BF2, step_BF2[:, -1:]], dim=1)
    return (speed_BF2 < REST_M_S).float()


def loss(network: RayLiftNetwork, batch: RayWindows, settings: RayLiftingConfig, progress: float, precision: torch.autocast) -> Terms:
    """The terms of the part that learns."""
    return (_pose if settings.learns == "pose" else _ground)(network, batch, precision)


def _pose(network: RayLiftNetwork, batch: RayWindows, precision: torch.autocast) -> Terms:
    """As lifting.loss."""
    with precision:
        pose_BFJ3, sigma_BFJ = network(batch.ray_BFJ2, batch.masked_BFJ, batch.given_B3)
    return pose_terms(network, pose_BFJ3, sigma_BFJ, batch.target_BFJ3, batch.valid_BF, batch.gate_B)


def _ground(network: RayLiftNetwork, batch: RayWindows, precision: torch.autocast) -> Terms:
    """The angle between the direction of up and the true one, the negative log likelihood of that angle, and of the feet at rest."""
    with precision:
        up_B3, log_error_B = network.gravity(batch.ray_BFJ2, batch.masked_BFJ)
        rest_BF2 = network.at_rest(batch.ray_BFJ2, batch.masked_BFJ, batch.given_B3)
    apart_B = 2 * torch.asin(((up_B3.float() - batch.up_B3).norm(dim=-1) / 2).clamp(max=0.999))
    rest_BF = torch.nn.functional.binary_cross_entropy_with_logits(rest_BF2, batch.rest_BF2, reduction="none").mean(dim=-1)
    unsure_B = log_error_B + apart_B.detach() * torch.exp(-log_error_B)
    terms = {"up": apart_B.mean() / 1000, "unsure": unsure_B.mean() / 1000, "rest": mean_over(rest_BF, batch.valid_BF) / 1000}
    up, unsure, rest = (1000 * term for term in terms.values())
    terms["loss"] = up + UNSURE_WEIGHT * unsure + REST_WEIGHT * rest
    return terms


ray_lifting = Objective(ray_windows, loss, headline=lambda _model: "loss")
