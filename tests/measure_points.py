"""How well keypoint sets are told apart by where their points lie: real detections, and motion capture seen by a camera.

`python -m tests.measure_points SAMPLES [MOTION]`. Not a test: it prints the misfits of docs/formats.md. F frames, J joints, K points.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.body.names import name_sets
from mpm_core.io.keypoints import coco, openpose
from mpm_core.io.keypoints.detected import detected
from mpm_core.io.keypoints.numbered import numbered_files
from mpm_core.io.keypoints.point_sets import FITS, misfit

BODY = sum(count for _, count in openpose.PARTS)
EACH, STEP = 18, 15  # motions of a folder, and frames between two poses
COCO_ORDER = (11, 14, 12, 15, 13, 16, 4, 1, 5, 2, 6, 3)  # the body joints that are COCO's points after the face


def fits(xy_NKD: np.ndarray) -> dict[str, float]:
    """The misfit of every set with this many points."""
    return {names.name: misfit(xy_NKD, names) for names in name_sets("keypoints") if len(names.points) == xy_NKD.shape[1]}


def detections(samples: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Everyone in the keypoint files of a folder, (N, K, 2), NaN = not detected."""
    for path in sorted((samples / "2d").rglob("*")):
        if path.is_dir() and openpose.sniff(path, b""):
            files, _, _ = numbered_files(path, ".json")
            people = [person_K3[:-BODY] for file in files if file is not None for person_K3 in openpose._people(file)]
        elif path.suffix == ".json" and coco.sniff(path, path.read_bytes()[:4096]):
            try:
                people = [person_K3 for _, person_K3 in coco._people_and_images(path)[0]]
            except mpm.FormatError:
                continue
        else:
            continue
        both_NK3 = np.stack(people)
        yield str(path.relative_to(samples)), np.where(detected(both_NK3)[..., None], both_NK3[..., :2], np.nan)


def with_face(joints_FJ3: np.ndarray) -> np.ndarray:
    """COCO-17 of the body joints, with a face of usual proportions between the ears."""
    up, left = joints_FJ3[:, 10] - joints_FJ3[:, 8], joints_FJ3[:, 11] - joints_FJ3[:, 14]
    ahead = np.cross(up, left)
    scale = 2 * np.median(np.linalg.norm(joints_FJ3[:, 8] - joints_FJ3[:, 0], axis=1))
    up, left, ahead = (scale * each / np.linalg.norm(each, axis=1, keepdims=True) for each in (up, left, ahead))
    face = [(0.10, 0, 0), (0.09, 0.03, 0.03), (0.09, -0.03, 0.03), (0, 0.07, 0), (0, -0.07, 0)]
    head = [joints_FJ3[:, 9] + a * ahead + b * left + c * up for a, b, c in face]
    return np.stack([*head, *(joints_FJ3[:, joint] for joint in COCO_ORDER)], axis=1)


def seen(xyz_FJ3: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(F, J, 2) as a camera 4 m away sees it, from anywhere around and up to 57 degrees above."""
    turn, pitch = rng.uniform(0, 2 * np.pi), rng.uniform(-0.2, 1.0)
    around = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    above = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    camera_FJ3 = (xyz_FJ3 - xyz_FJ3[:, :1]) @ around.T @ above.T + [0, 4, 0]
    return np.stack([camera_FJ3[..., 0], -camera_FJ3[..., 2]], axis=2) / camera_FJ3[..., 1:2]


def captures(motion: Path, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """(F, 17, 3) the body joints of some motions of each folder."""
    for folder in sorted(path for path in motion.iterdir() if path.is_dir()):
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".bvh", ".c3d"))
        for path in rng.permutation(np.array(files, object))[:EACH]:
            try:
                rec = mpm.read(path)
                joints_FJ3 = body_joints(rec, map_body(rec))[::STEP]
            except mpm.MpmError:
                continue
            joints_FJ3 = joints_FJ3[np.isfinite(joints_FJ3).all(axis=(1, 2))]
            if len(joints_FJ3) >= 5:
                yield joints_FJ3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("samples", type=Path)
    parser.add_argument("motion", type=Path, nargs="?")
    args = parser.parse_args()
    sys.stdout.write(f"a set fits up to {FITS}\n")
    for name, xy_NK2 in detections(args.samples):
        sys.stdout.write(f"{name}: {len(xy_NK2)} people { {each: round(value, 2) for each, value in fits(xy_NK2).items()} }\n")
    if args.motion is None:
        return
    rng, right, wrong = np.random.default_rng(0), list[float](), list[float]()
    for joints_FJ3 in captures(args.motion, rng):
        for xyz_FJ3, name in ((joints_FJ3, "Human3.6M-17"), (with_face(joints_FJ3), "COCO-17")):
            found = fits(seen(xyz_FJ3, rng))
            right.append(found.pop(name))
            wrong += found.values()
    apart = np.array(wrong) - np.array(right)
    sys.stdout.write(
        f"{len(right)} motions: right order {np.median(right):.2f}, at most {max(right):.2f}; "
        f"wrong order {np.median(wrong):.2f}, at least {min(wrong):.2f}; at least {apart.min():.2f} apart\n"
    )


if __name__ == "__main__":
    main()
