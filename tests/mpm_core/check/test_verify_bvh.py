"""verify of BVH in another shape than their source, and of BVH whose head was changed after the export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.check.verify import verify
from mpm_core.edit.mark import region
from mpm_core.edit.names import renamed
from mpm_core.edit.resample import resampled
from mpm_core.edit.trim import trimmed
from mpm_core.errors import DataError
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.recording import Origin
from tests.makers import person_bvh
from tests.mpm_core.check.test_verify_changed import exported


@pytest.mark.parametrize("shape", ["trimmed", "renamed", "resampled", "filtered"])
def test_a_bvh_of_another_shape_is_verified_by_its_proof(tmp_path: Path, shape: str) -> None:
    (tmp_path / "source.bvh").write_bytes(person_bvh(frames=40))
    rec = mpm.read(tmp_path / "source.bvh")
    after = {
        "trimmed": lambda: trimmed(rec, 5, 30),
        "renamed": lambda: renamed(rec, {"LeftHand": "l_hand", "Head": "skull"}),
        "resampled": lambda: resampled(rec, 60.0),
        "filtered": lambda: filter_patch(rec, FilterSettings(cutoff_hz=8.0), region(rec, [8], 5, 20), measured=True).patch.apply(rec)[0],
    }[shape]()
    exported(after, rec, tmp_path / "out.bvh")
    again = mpm.read(tmp_path / "out.bvh")
    assert again.points == after.points and np.allclose(again.xyz_FPD, after.xyz_FPD, atol=1e-5)
    found = verify(rec, tmp_path / "out.bvh")
    assert found.holds and found.samples.measured == int((after.origin_FP == Origin.MEASURED).sum()) > 0
    assert found.filtered == (15 if shape == "filtered" else 0)


@pytest.mark.parametrize("shape", ["trimmed", "renamed", "resampled"])
@pytest.mark.parametrize(("number", "last"), [(b"%.11f", b"1.23456789012"), (b"%.17g", b"1.2345678901234567e-09"), (b"%.17g", b"5e-324")])
def test_a_bvh_with_more_digits_than_are_usual_keeps_them_in_another_shape(tmp_path: Path, shape: str, number: bytes, last: bytes) -> None:
    head, motion = person_bvh(frames=20).split(b"Frame Time: 0.0100\n")
    head = head.replace(b"OFFSET 0 12 1", b"OFFSET 0 12.123456789012 1")
    rows = [b" ".join(number % (float(word) + 1 / 7) for word in row.split()[:-1]) + b" " + last for row in motion.splitlines()]
    (tmp_path / "source.bvh").write_bytes(head + b"Frame Time: 0.0100\n" + b"\n".join(rows) + b"\n")
    rec = mpm.read(tmp_path / "source.bvh")
    after = {
        "trimmed": lambda: trimmed(rec, 2, 18),
        "renamed": lambda: renamed(rec, {"LeftHand": "l_hand"}),
        "resampled": lambda: resampled(rec, 50.0),
    }[shape]()
    exported(after, rec, tmp_path / "out.bvh")
    found = verify(rec, tmp_path / "out.bvh")
    assert found.holds and found.copy is not None and found.copy.channels_changed == 0
    assert found.same == found.samples.measured == int((after.origin_FP == Origin.MEASURED).sum())


def test_a_number_that_changed_without_a_sample_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "source.bvh").write_bytes(person_bvh(frames=20))
    rec, write = mpm.read(tmp_path / "source.bvh"), mpm.write

    def write_another_offset(rec: mpm.Recording, path: Path) -> None:
        write(rec, path)
        path.write_bytes(path.read_bytes().replace(b"OFFSET 0 12 1", b"OFFSET 0 12.00000000001 1"))

    monkeypatch.setattr(mpm, "write", write_another_offset)
    with pytest.raises(DataError, match=r"beside the positions would change: 0 numbers of channels .*, and 1 joints; nothing was written"):
        exported(rec, rec, tmp_path / "out.bvh")


@pytest.mark.parametrize(("old", "new"), [(b"OFFSET 0 12 1", b"OFFSET 0 12.0001 1"), (b"Frame Time: 0.0100", b"Frame Time: 0.010005")])
def test_another_number_in_the_head_of_a_bvh_does_not_hold(tmp_path: Path, old: bytes, new: bytes) -> None:
    (tmp_path / "source.bvh").write_bytes(person_bvh(frames=20))
    rec = mpm.read(tmp_path / "source.bvh")
    exported(rec, rec, tmp_path / "out.bvh")
    assert verify(rec, tmp_path / "out.bvh").holds
    data = (tmp_path / "out.bvh").read_bytes()
    assert old in data
    (tmp_path / "out.bvh").write_bytes(data.replace(old, new))
    if old.startswith(b"OFFSET"):
        found = verify(rec, tmp_path / "out.bvh")
        assert not found.holds and found.copy is not None and found.copy.joints_changed == 1
    else:
        with pytest.raises(DataError, match="frames a second"):
            verify(rec, tmp_path / "out.bvh")
