"""What the program makes of twelve real files, hashed: python -m tests.golden SAMPLES OUT.json [BEFORE.json].

With BEFORE.json, says which outputs differ from those of another commit (made on the same machine) and exits with 1 if any does. C3D and
BVH are hashed whole, NPZ array by array, so that a note in other words does not hide that the figures are the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

PROGRAM = os.environ.get("MPM_PROGRAM", "mpm_studio")
SERVE = "c3d/kineticstoolkit/kinematics_tennis_serve_nan.c3d"
METHODS = ("model", "linear", "pchip", "spline", "quintic", "hermite", "coast", "pattern", "rigid", "relational", "kalman", "cyclic")
RUNS: tuple[tuple[str, ...], ...] = (
    ("clean", SERVE, "serve.c3d"),
    ("clean", SERVE, "serve.npz"),
    *(("clean", SERVE, f"serve_{method}.npz", "--method", method) for method in METHODS),
    ("clean", "c3d/btk/PiG/PiG_Motion-FlatFoot-Full.c3d", "pig.c3d"),
    ("clean", "c3d/kineticstoolkit/kinematics_racing_propulsion.c3d", "racing.npz"),
    ("clean", "c3d/btk/c3d.org/sample20/phasespace_sample.c3d", "phasespace.c3d"),
    ("clean", "c3d/pycgm/Test_Files/Movement_trial.c3d", "movement.c3d"),
    ("clean", "c3d/cmu/02_01.c3d", "walk.c3d", "--mark", "left_arm:100-160"),
    ("clean", "c3d/cmu/02_01.c3d", "walk.npz", "--mark", "left_arm:100-160"),
    ("clean", "bvh/pybvh/cmu_12_01_walk.bvh", "cmu.bvh", "--mark", "left_arm:100-160", "--mark", "hip:300-320"),
    ("clean", "bvh/pybvh/cmu_12_01_walk.bvh", "cmu.npz", "--mark", "left_arm:100-160", "--mark", "hip:300-320"),
    ("clean", "bvh/bvh-toolbox/test_mocapbank.bvh", "mocapbank.bvh", "--mark", "right_leg:100-180"),
    ("clean", "3d/btk_trc/TRCSamples/UpperLimbStatic.trc", "limb.npz"),
    ("lift", "2d/openpose_motionet/0", "lift_0.npz", "--fps", "30"),
    ("lift", "2d/openpose_motionet/1", "lift_1.npz", "--fps", "30"),
    ("lift", "2d/openpose_treadmill/27", "lift_27.bvh", "--fps", "30", "--size", "1080x1920"),
)


def outputs(samples: Path) -> dict[str, str]:
    """Output (and array, of an NPZ) to the hash of its bytes."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for command, source, name, *more in RUNS:
            out = Path(folder) / name
            words = [sys.executable, "-m", PROGRAM, command, str(samples / source), "-o", str(out), *more]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            found[name] = f"exit {done.returncode}"
            if out.exists():
                found |= dict(hashes(out))
            sys.stdout.write(f"{name}: {found[name]}\n")
    return found


def hashes(path: Path) -> Iterator[tuple[str, str]]:
    if path.suffix != ".npz":
        yield f"{path.name} bytes", hashlib.sha256(path.read_bytes()).hexdigest()
        return
    with np.load(path) as arrays:
        for name in arrays.files:
            if arrays[name].dtype.kind in "fiub":
                yield f"{path.name} {name}", hashlib.sha256(np.ascontiguousarray(arrays[name]).tobytes()).hexdigest()


def main(samples: str, out: str, before: str = "") -> int:
    found = outputs(Path(samples))
    Path(out).write_text(json.dumps(found, indent=1) + "\n")
    if not before:
        return 0
    was = json.loads(Path(before).read_text())
    other = sorted(name for name in was.keys() | found.keys() if was.get(name) != found.get(name))
    sys.stdout.write("\n".join([f"{len(found)} outputs, {len(other)} differ", *other]) + "\n")
    return int(bool(other))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
