"""verify of what was exported of projects: those without their source, and those that an older version saved."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

import mpm_core as mpm
from mpm_core.check.verify import verify
from mpm_core.edit.mark import mark, region
from mpm_core.edit.names import merged
from mpm_core.edit.trim import trimmed
from mpm_core.io import project
from mpm_core.recording import Origin
from tests.mpm_core.check.test_verify_changed import exported, write_source


def test_two_projects_without_their_sources_are_not_taken_for_one(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    for name in ("one", "other"):  # of a source whose bytes a project does not keep
        mpm.write(rec, tmp_path / f"{name}.npz")
        source = mpm.read(tmp_path / f"{name}.npz")
        project.save(tmp_path / f"{name}.mpm", source, source, {})
        (tmp_path / f"{name}.npz").unlink()
    one, other = mpm.read(tmp_path / "one.mpm"), mpm.read(tmp_path / "other.mpm")
    marked = mark(one, region(one, [0], 5, 15)).apply(one)[0]
    exported(mpm.complete(marked, method="linear"), one, tmp_path / "out.c3d")
    found = verify(other, tmp_path / "out.c3d")
    assert (found.proof, found.marked) == ("", 0) and found.unused_proof


def test_a_proof_is_known_by_the_bytes_that_a_project_keeps_of_its_source(tmp_path: Path) -> None:
    rec = write_source(tmp_path)
    project.save(tmp_path / "take.mpm", rec, rec, {})
    marked = mark(rec, region(rec, [0], 5, 15)).apply(rec)[0]
    exported(mpm.complete(marked, method="linear"), rec, tmp_path / "out.c3d")
    kept = mpm.read(tmp_path / "take.mpm")
    (tmp_path / "source.c3d").rename(tmp_path / "gone.c3d")
    found = verify(kept, tmp_path / "out.c3d")
    assert found.holds and found.marked == 10


def without_runs(path: Path) -> None:
    """The project as version 4 wrote it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    index = json.loads(members[project.INDEX])
    index["version"] = 4
    del index["recording"]["source"]["part"][3]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**members, project.INDEX: json.dumps(index).encode()}.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("file", ["project", "proof"])
def test_what_was_saved_before_the_runs_of_merged_points_has_them(tmp_path: Path, file: str) -> None:
    rec = write_source(tmp_path)
    after, out = trimmed(merged(rec, 0, 3, "first"), 10, 150), tmp_path / "out.npz"
    assert after.source.part.merged
    if file == "project":
        project.save(tmp_path / "take.mpm", after, rec, {})
        without_runs(tmp_path / "take.mpm")
        loaded = project.load(tmp_path / "take.mpm")
        assert not loaded.done and loaded.original.source.part == rec.source.part
        exported(loaded.recording, loaded.original, out)
    else:
        exported(after, rec, out)
        path = out.with_name(out.name + ".proof.json")
        proof = json.loads(path.read_text())
        del proof["part"]["merged"]
        path.write_text(json.dumps(proof))
    found = verify(rec, out)
    assert found.holds and found.proof and found.samples.measured == int((after.origin_FP == Origin.MEASURED).sum())
