"""Skeletons in Blender, through the add-on: where MPM_BLENDER_PYTHON names a Python that has bpy, trimesh and usd-core."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import mpm_core as mpm
from mpm_core.resources import resource
from mpm_studio.operations.skeletons import write_skeletons

ROOT = Path(__file__).parents[1]
PYTHON = os.environ.get("MPM_BLENDER_PYTHON", "")


@pytest.mark.skipif(not PYTHON, reason="set MPM_BLENDER_PYTHON to a Python that has bpy, trimesh and usd-core")
def test_joints_are_at_their_places_with_their_origins(tmp_path: Path) -> None:
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    rec = mpm.make_recording(rec.points, rec.rate_hz, rec.xyz_FPD[:120])
    files = [write_skeletons(rec, tmp_path / f"take.{ending}")[0].path for ending in ("npz", "bvh", "glb", "usd")]
    command = [PYTHON, "-m", "tests.open_elsewhere", *map(str, files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(found) == 5, done.stderr
    assert all(each.get("mm", 0) < 0.01 and each.get("origins_wrong", 0) == 0 for each in found)
    assert {each["rate_hz"] for each in found if "rate_hz" in each} == {rec.rate_hz}
