"""How well skeletons follow real markers, and what other programs find in them: `python -m tests.measure_skeleton SAMPLES`.

--elsewhere PYTHON: one with bpy and trimesh, which opens the files (tests/open_elsewhere.py). --validator FOLDER: one with the npm package
gltf-validator in its node_modules. --keep FOLDER: where the files stay.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body_rig.errors import segment_errors
from mpm_core.body_rig.joints import other_side
from mpm_core.body_rig.solve import SolvedBody
from mpm_studio.commands.console import say
from mpm_studio.operations.skeletons import write_skeletons

TAKES = (
    "c3d/cmu/02_01.c3d",
    "c3d/btk/PiG/PiG_Motion-FlatFoot-Full.c3d",
    "c3d/pycgm/Test_Files/Movement_trial.c3d",
    "c3d/c3d-parser/RCH/dynamic/RCH.08.c3d",
    "c3d/btk/others/Gait.c3d",
    "c3d/kineticstoolkit/kinematics_tennis_serve_nan.c3d",
)
TITLES = (
    "take",
    "set",
    "frames",
    "markers",
    "RMS mm",
    "95 % mm",
    "largest mm",
    "joints not seen",
    "bones' spread mm",
    "left to right mm",
    "read again mm",
)
ENDINGS = ("bvh", "glb", "usd", "npz")
VALIDATE = """
const validator = require('gltf-validator'), fs = require('fs');
validator.validateBytes(new Uint8Array(fs.readFileSync(process.argv[1]))).then(report => {
  const found = report.issues;
  console.log(`${found.numErrors} errors, ${found.numWarnings} warnings, ${found.numInfos} infos, ${found.numHints} hints`);
});
"""


def bones(rec: mpm.Recording, body: SolvedBody) -> tuple[float, float]:
    """Millimetres: the largest spread of a bone's length over the take, and the largest difference of left and right, as read again."""
    tree = body.recording.skeleton
    assert tree is not None
    at = [rec.index(name) for name in tree.names]
    length = {
        tree.names[child]: np.linalg.norm(
            rec.xyz_FPD[:, at[child]].astype(np.float64) - rec.xyz_FPD[:, at[parent]].astype(np.float64), axis=1
        )
        for parent, child in tree.bones
    }
    spread = max(float(np.ptp(each_F)) for each_F in length.values())
    return 1000 * spread, 1000 * max(abs(float(np.median(each_F) - np.median(length[other_side(name)]))) for name, each_F in length.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path)
    parser.add_argument("--elsewhere", metavar="PYTHON")
    parser.add_argument("--validator", type=Path, metavar="FOLDER")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    say("| " + " | ".join(TITLES) + " |")
    say("|---" * len(TITLES) + "|")
    elsewhere: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in TAKES:
            rec = mpm.read(given.samples / name)
            written = {ending: write_skeletons(rec, folder / f"{Path(name).stem}.{ending}")[0] for ending in ENDINGS}
            body = written["bvh"].body
            whole, again = segment_errors(body)[-1], [bones(mpm.read(written[ending].path), body) for ending in ENDINGS[:3]]
            moved = max(written[ending].moved_mm for ending in ENDINGS)
            errors = (f"{mm:.1f}" for mm in (whole.rms_mm, whole.p95_mm, whole.max_mm))
            unseen = f"{100 * (~body.known_FJ).mean():.1f} %"
            kept = (f"{max(each):.4f}" for each in zip(*again, strict=True))
            cells = (Path(name).name, body.name, rec.frames, whole.markers, *errors, unseen, *kept, f"{moved:.4f}")
            say("| " + " | ".join(map(str, cells)) + " |")
            files = [str(written[ending].path) for ending in ENDINGS[:3]]
            if given.elsewhere:
                command = [given.elsewhere, "-m", "tests.open_elsewhere", str(written["npz"].path), *files]
                done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
                elsewhere += [line for line in done.stdout.splitlines() if line.startswith("{")] or [f"{name}: {done.stderr[-300:]}"]
            if given.validator:
                done = subprocess.run(["node", "-e", VALIDATE, files[1]], cwd=given.validator, capture_output=True, text=True, check=False)
                elsewhere.append(
                    json.dumps({"file": Path(files[1]).name, "program": "Khronos validator", "found": done.stdout.strip() or done.stderr})
                )
    for line in elsewhere:
        say(line)


if __name__ == "__main__":
    main()
