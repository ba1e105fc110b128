"""Whether a corpus is as it was written: each file's checksum, and no NaN where motion is learned from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.errors import DataError, reason
from mpm_train.data.corpus import AGAIN, HINT, Clip, Rows, damaged, load_corpus, read_index
from mpm_train.data.shards import identity
from mpm_train.progress import tracked


def check_intact(folder: Path) -> None:
    """Read every file of the corpus once: a second for some hundred MB. An older index has no checksums; then only NaN is looked for.

    Raises DataError for a file that is damaged, and for NaN in a clip of the training or the validation split.
    """
    joints_NJ3, clips = load_corpus(folder)
    try:
        files = read_index(folder).get("files", {})
        for name, kept in tracked(files.items(), "checking the corpus", "files", len(files)):
            if identity(folder / name)["sha256"] != kept["sha256"]:
                raise damaged(folder / name, "its checksum differs")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"the corpus cannot be checked ({reason(error)})", where=str(folder), hint=HINT) from error
    check_finite(folder, joints_NJ3, clips)


def check_finite(folder: Path, joints_NJ3: Rows, clips: list[Clip]) -> None:
    """Raises DataError for the first NaN or infinite position in the clips that are trained on or validated with."""
    for clip in clips:
        if clip.split == "test":
            continue
        xyz_FJ3 = joints_NJ3[clip.start : clip.stop]
        if np.isfinite(xyz_FJ3).all():
            continue
        frame, joint = np.argwhere(~np.isfinite(xyz_FJ3).all(axis=2))[0]
        where = f"{folder}, clip {clip.name} of {clip.subject}, frame {frame}"
        raise DataError(f"the data hold NaN: {body17().names[joint]} has no position", where=where, hint=AGAIN)
