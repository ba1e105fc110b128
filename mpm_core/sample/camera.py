"""The sample as 2D keypoints: a virtual camera, OpenPose's BODY_25, noise and dropouts.

Pixels, y down; K keypoints, F frames (of the video).
"""

from __future__ import annotations

import json

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mpm_core.sample.anatomy import body25
from mpm_core.sample.motion import Motion
from mpm_core.sample.plan import RATE_HZ
from mpm_core.typing import Float

WIDTH, HEIGHT, FOCAL_PX = 1920, 1080, 2200.0
EYE_3, TARGET_3 = np.array([1.6, -6.6, 1.5]), np.array([1.7, 0.7, 0.85])  # world metres
STEP = 2  # every second frame of 60 Hz: video of 30 Hz
NOISE_PX = 2.0
SEED = 25
DROPOUT = 0.006  # share of frames in which a dropout of a few frames starts


def camera_33() -> Float:
    """World to camera: x right, y down, z along the view."""
    forward_3 = (TARGET_3 - EYE_3) / np.linalg.norm(TARGET_3 - EYE_3)
    right_3 = np.cross(forward_3, [0.0, 0.0, 1.0])
    right_3 /= np.linalg.norm(right_3)
    return np.stack([right_3, np.cross(forward_3, right_3), forward_3])


def project(xyz_FK3: Float) -> Float:
    """(F, K, 2) pixels of world points through the pinhole."""
    camera_FK3 = (xyz_FK3 - EYE_3) @ camera_33().T
    return np.asarray(camera_FK3[..., :2] / camera_FK3[..., 2:] * FOCAL_PX + [WIDTH / 2, HEIGHT / 2])


def detected(motion: Motion) -> Float:
    """(F, K, 3) x, y and confidence at 30 Hz; all 0 where a keypoint is not detected."""
    rng = np.random.default_rng(SEED)
    xy_FK2 = project(np.stack([motion.place(place) for place in body25()], axis=1)[::STEP])
    shape = xy_FK2.shape[:2]
    jitter_FK2 = rng.normal(0, 1, xy_FK2.shape) + 2.5 * gaussian_filter1d(rng.normal(0, 1, xy_FK2.shape), 2.0, axis=0)
    score_FK = np.clip(0.88 + 0.05 * gaussian_filter1d(rng.normal(0, 2, shape), 3.0, axis=0), 0.05, 0.98)
    out_FK3 = np.concatenate([xy_FK2 + NOISE_PX * jitter_FK2 / score_FK[..., None], score_FK[..., None]], axis=2)
    for frame, keypoint in np.argwhere(rng.random(shape) < DROPOUT):
        out_FK3[frame : frame + rng.integers(1, 7), keypoint] = 0
    return out_FK3


def openpose_json(keypoints_K3: Float) -> str:
    """One frame's file as OpenPose writes it."""
    person = {"person_id": [-1], "pose_keypoints_2d": [round(float(value), 3) for value in keypoints_K3.ravel()]}
    rest = ("face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d", "pose_keypoints_3d")
    return json.dumps({"version": 1.3, "people": [person | {key: [] for key in rest}]}, separators=(",", ":"))


def camera_json() -> str:
    """The camera's parameters: world metres and pixels."""
    facts = {
        "image_wh": [WIDTH, HEIGHT], "focal_px": FOCAL_PX, "centre_px": [WIDTH / 2, HEIGHT / 2], "rate_hz": RATE_HZ / STEP,
        "eye_m": EYE_3.tolist(), "world_to_camera": np.round(camera_33(), 9).tolist(),
    }  # fmt: skip
    return json.dumps(facts, indent=1) + "\n"
