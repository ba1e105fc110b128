"""Writes the sample: BVH, C3D with gaps, keypoint JSON, and the true positions."""

from __future__ import annotations

from pathlib import Path

import mpm_core
from mpm_core.files.atomic import write_bytes
from mpm_core.io.bvh.write import composed, rounded
from mpm_core.recording import make_recording
from mpm_core.sample.anatomy import BODY17
from mpm_core.sample.bvh_rig import bvh_rig
from mpm_core.sample.camera import camera_json, detected, openpose_json
from mpm_core.sample.marker_take import captured_markers, true_markers
from mpm_core.sample.motion import make_motion
from mpm_core.sample.plan import RATE_HZ

NAME = "walk_reach_sit"


def write_sample(folder: Path) -> None:
    """Write every file of the sample into a folder, which is made when missing; the same bytes each time. Raises FormatError."""
    motion = make_motion()
    frames = folder / f"{NAME}_openpose"
    frames.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / f"{NAME}.bvh", composed(rounded(bvh_rig(motion)), RATE_HZ))
    mpm_core.write(captured_markers(motion), folder / f"{NAME}.c3d")
    for number, keypoints_K3 in enumerate(detected(motion)):
        write_bytes(frames / f"{NAME}_{number:012d}_keypoints.json", openpose_json(keypoints_K3).encode("ascii"))
    write_bytes(folder / f"{NAME}_camera.json", camera_json().encode("ascii"))
    mpm_core.write(make_recording(BODY17, RATE_HZ, motion.body17()), folder / f"{NAME}_truth.npz")
    mpm_core.write(true_markers(motion), folder / f"{NAME}_markers_truth.npz")
