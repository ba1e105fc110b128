"""A tiny corpus on disk: swinging stick people, three of them to train on and one held out."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from mpm_train.data.corpus import Clip


def make_corpus(folder: Path, frames: int = 400, *, sources: bool = False, weights_free: bool | None = True) -> Path:
    """sources: people of CMU, the third of HDM05 and for tests; weights_free is CMU's."""
    rng = np.random.default_rng(2)
    folder.mkdir(parents=True, exist_ok=True)
    pieces, clips = [], []
    for number, split in enumerate(("train", "train", "test" if sources else "train", "validation")):
        time_F = np.arange(frames)[:, None, None] / 120
        rest_J3 = rng.normal(0, 0.3, (17, 3)) + np.array([0.0, 0.0, 1.0])
        pieces.append(rest_J3 + 0.1 * np.sin(rng.uniform(1, 4, (17, 1)) * time_F + rng.uniform(0, 6, (17, 3))))
        clip = Clip(f"clip{number}", f"s{number}", split, 120.0, number * frames, (number + 1) * frames, "made here")
        if sources and split == "test":
            clip = replace(clip, source="HDM05", licence="CC-BY-SA-3.0", weights_free=False)
        elif sources:
            clip = replace(clip, source="CMU", licence="free for all uses", weights_free=weights_free)
        clips.append(clip)
    np.save(folder / "joints.npy", np.concatenate(pieces).astype(np.float32))
    (folder / "index.json").write_text(json.dumps([asdict(clip) for clip in clips]))
    return folder
