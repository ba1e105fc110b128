"""How much memory reading takes, of large files whole and broken: python -m tests.memory_io [--frames 20000]

One take of 60 markers (a rig of 32 points; a chain of 30 bones; 5 people an image) in each format that is read, in a fork of its own each:
peak memory beyond what importing took, and as a multiple of the file. Then cut off near its end, and with its end garbled: here the promise
is twice the file + 200 MB, and 10 s of processor time. Exit code 1 when it is broken. The child that is asked for a second opinion on
smaller C3D files is not counted: it has limits of its own. POSIX with /proc only.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body.names import keypoint_set
from tests.guarded import SPARE, Guard, Outcome
from tests.makers import person_2d, person_bvh, smooth_take, with_gap
from tests.wholes import foreign_trc

MARKERS, FRAMES, RATE_HZ = 60, 20_000, 120.0
ANALOG, PER_FRAME = 16, 10  # channels, samples a frame
BONES = 30
PEOPLE = 5  # in an image
WRITTEN = ("npz", "json", "csv", "trc", "glb", "mpm")


def made(folder: Path, frames: int) -> list[Path]:
    """The files."""
    take = with_gap(smooth_take(frames, MARKERS, RATE_HZ), 1, frames // 3, frames // 2)
    files = [analog_c3d(take, folder / "take.c3d")]
    for suffix in WRITTEN:
        files.append(folder / f"take.{suffix}")
        mpm.write(take, files[-1])
    (folder / "rig.bvh").write_bytes(person_bvh(frames))
    (folder / "other.trc").write_text(foreign_trc(take))
    np.save(folder / "take.npy", take.xyz_FPD)
    return [*files, folder / "rig.bvh", folder / "other.trc", folder / "take.npy", acclaim(folder, frames), crowd(folder, frames)]


def analog_c3d(take: mpm.Recording, path: Path) -> Path:
    """The take in millimetres beside analog channels, written by ezc3d."""
    import ezc3d

    xyz_4PF = np.ones((4, len(take.points), take.frames))
    xyz_4PF[:3] = take.xyz_FPD.transpose(2, 1, 0) * 1000
    c3d = ezc3d.c3d()
    c3d["parameters"]["POINT"]["RATE"]["value"] = [take.rate_hz]
    c3d["parameters"]["POINT"]["LABELS"]["value"] = list(take.points)
    c3d["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    c3d["data"]["points"] = xyz_4PF
    c3d["data"]["meta_points"]["residuals"] = np.where(np.isnan(xyz_4PF[:1]), -1.0, 0.0)
    c3d["parameters"]["ANALOG"]["RATE"]["value"] = [take.rate_hz * PER_FRAME]
    c3d["parameters"]["ANALOG"]["LABELS"]["value"] = [f"A{number}" for number in range(ANALOG)]
    c3d["data"]["analogs"] = np.random.default_rng(0).normal(size=(1, ANALOG, take.frames * PER_FRAME))
    c3d.write(str(path))
    return path


def acclaim(folder: Path, frames: int) -> Path:
    """A chain of bones that turn about all axes, as ASF and AMC. The AMC."""
    names = [f"bone{number:02d}" for number in range(BONES)]
    lines = [":version 1.10", ":units", "length 0.45", "angle deg", ":root", "order TX TY TZ RX RY RZ", "axis XYZ"]
    lines += ["position 0 0 0", "orientation 0 0 0", ":bonedata"]
    for number, name in enumerate(names):
        lines += ["begin", f"id {number + 1}", f"name {name}", "direction 0 1 0", "length 2", "axis 0 0 0 XYZ", "dof rx ry rz", "end"]
    lines += [":hierarchy", "begin", *(f"{parent} {child}" for parent, child in zip(["root", *names], names, strict=False)), "end"]
    (folder / "chain.asf").write_text("\n".join(lines) + "\n")
    angles = np.random.default_rng(0).normal(0, 20, (BONES, 3)).round(4).tolist()
    frame = "root 1.2345 2.3456 3.4567 0.1234 0.2345 0.3456\n"
    frame += "".join(f"{name} {' '.join(map(str, turn))}\n" for name, turn in zip(names, angles, strict=True))
    path = folder / "chain.amc"
    path.write_text(":FULLY-SPECIFIED\n:DEGREES\n" + "".join(f"{number + 1}\n{frame}" for number in range(frames)))
    return path


def crowd(folder: Path, frames: int) -> Path:
    """A few people in every image, as COCO results."""
    names = keypoint_set("COCO-17")
    assert names is not None
    points = [person_2d(names.points, 1, left=300.0 * number)[0].ravel().round(3).tolist() for number in range(PEOPLE)]
    everyone = [json.dumps({"category_id": 1, "keypoints": person, "score": 0.9}) for person in points]
    path = folder / "coco.json"
    path.write_text("[" + ",\n".join(f'{{"image_id": {frame}, {person[1:]}' for frame in range(frames) for person in everyone) + "]")
    return path


def broken(data: bytes) -> dict[str, bytes]:
    """The file cut off near its end, and with a few bytes before its end that mean nothing."""
    return {"cut": data[: int(0.97 * len(data))], "garbled": data[:-40] + b"\x07?x?\x7f\x07~~" + data[-32:]}


def row(path: Path, guard: Guard) -> tuple[str, bool]:
    """A line of the table, and whether the promise holds."""
    data = path.read_bytes()
    size, most = len(data) / 1e6, (2 * len(data) + SPARE) / 1e6
    whole = guard.read(path)
    cells, holds = (
        [
            "COCO JSON" if path.stem == "coco" else path.suffix[1:],
            f"{size:.0f}",
            f"{whole.held / 1e6:.0f}",
            f"{whole.held / len(data):.1f}",
        ],
        whole.kind == "read",
    )
    for content in broken(data).values():
        path.write_bytes(content)
        outcome = guard.read(path)
        cells.append(f"{outcome.held / 1e6:.0f} ({outcome.kind})")
        holds &= kept(outcome, most)
    path.write_bytes(data)
    return f"| {' | '.join([*cells, f'{most:.0f}'])} |", holds


def kept(outcome: Outcome, most: float) -> bool:
    """Whether a broken file was read or refused in words, within so many MB of memory. The time is the guard's to limit."""
    return outcome.held / 1e6 <= most and (outcome.fine or outcome.kind == "memory")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.memory_io", description=__doc__)
    parser.add_argument("--frames", type=int, default=FRAMES)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mpm-memory-") as folder, Guard() as guard:
        rows = [row(path, guard) for path in made(Path(folder), asked.frames)]
    heads = ["| file | MB | peak MB, whole | times the file | cut | garbled | promised for broken ones |", "|---|---|---|---|---|---|---|"]
    print("\n".join([*heads, *(line for line, _ in rows)]))  # noqa: T201 -- a command
    return 0 if all(holds for _, holds in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
