"""`lift` writes what it lifted, or says why not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.skeleton import load_skeleton
from mpm_studio.commands.lift import write_lifted


def lifted() -> mpm.Recording:
    """A take of the 17 joints, one frame of which shows nobody."""
    names = load_skeleton("body17").names
    xyz_FP3 = np.random.default_rng(0).normal(size=(4, len(names), 3))
    xyz_FP3[2] = np.nan
    return mpm.make_recording(names, 30.0, xyz_FP3)


def test_only_a_file_that_holds_no_missing_frames_is_said_to_need_fill_absent(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(mpm.FormatError) as caught:
        write_lifted(lifted(), tmp_path / "file" / "out.npz", keep_old=False)
    assert "--fill-absent" not in str(caught.value)
    with pytest.raises(mpm.FormatError, match="--fill-absent"):
        write_lifted(lifted(), tmp_path / "out.bvh", keep_old=False)
    write_lifted(lifted(), tmp_path / "out.npz", keep_old=False)
    assert mpm.read(tmp_path / "out.npz").frames == 4
