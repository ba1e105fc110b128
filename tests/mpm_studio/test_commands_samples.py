"""`info` and `convert` on every real BVH and C3D: figures that agree with the file's own, and copies that are the same byte for byte."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mpm_core as mpm
from mpm_studio.__main__ import main

BROKEN = {"Empty.c3d": "0 bytes"}
KNOWN_C3D = {  # points, frames, first frame, rate as ezc3d reads them
    "02_01.c3d": (41, 343, 50, 120.0),
    "kinematics_tennis_serve_nan.c3d": (39, 1092, 1, 50.0),
    "Eb015pi.c3d": (26, 450, 1, 50.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bvh", "c3d"])
def test_info_agrees_with_the_file_and_convert_copies_it(
    kind: str, samples_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mpm, "read", cache(mpm.read))
    paths = [path for path in sorted((samples_dir / kind).rglob("*")) if path.suffix.lower() == f".{kind}"]
    assert len(paths) > 10
    for path in paths:
        out = tmp_path / f"copy.{kind}"
        out.unlink(missing_ok=True)
        if path.name in BROKEN:
            assert main(["info", str(path)]) == main(["convert", str(path), str(out)]) == 1, path
            assert BROKEN[path.name] in capsys.readouterr().err
            continue
        assert main(["info", str(path), "--json"]) == 0, path
        facts = json.loads(capsys.readouterr().out)
        check_gaps(facts)
        if kind == "bvh":
            check_bvh(facts, path)
        elif path.name in KNOWN_C3D:
            assert (facts["points"], facts["frames"], facts["first_frame"], facts["rate_hz"]) == KNOWN_C3D[path.name], path
        assert main(["convert", str(path), str(out)]) == 0, path
        assert out.read_bytes() == path.read_bytes(), path
        capsys.readouterr()


def check_gaps(facts: dict[str, Any]) -> None:
    assert facts["last_frame"] - facts["first_frame"] + 1 == facts["frames"]
    assert len(facts["per_point"]) == facts["points"]
    for row in facts["per_point"]:
        missing = sum(last - first + 1 for first, last in row["gaps"])
        assert row["missing"] == pytest.approx(missing / facts["frames"], abs=1e-6)
        assert all(facts["first_frame"] <= first <= last <= facts["last_frame"] for first, last in row["gaps"])


def check_bvh(facts: dict[str, Any], path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    hierarchy, motion = re.split(r"^\s*MOTION\s*$", text, maxsplit=1, flags=re.MULTILINE)
    assert facts["points"] == len(re.findall(r"^\s*(?:ROOT|JOINT|End Site)\b", hierarchy, re.MULTILINE | re.IGNORECASE)), path
    rows = [line for line in motion.splitlines() if re.fullmatch(r"[\s\d.eE+-]+", line) and line.strip()]
    assert facts["frames"] == len(rows), path
    assert facts["gaps"] == 0
