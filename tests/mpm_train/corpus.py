"""A tiny corpus on disk: swinging stick people, three of them to train on and one held out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from mpm_train.data.corpus import Clip


def make_corpus(folder: Path, frames: int = 400) -> Path:
    rng = np.random.default_rng(2)
    folder.mkdir(parents=True, exist_ok=True)
    pieces, clips = [], []
    for number, split in enumerate(("train", "train", "train", "validation")):
        time_F = np.arange(frames)[:, None, None] / 120
        rest_J3 = rng.normal(0, 0.3, (17, 3)) + np.array([0.0, 0.0, 1.0])
        pieces.append(rest_J3 + 0.1 * np.sin(rng.uniform(1, 4, (17, 1)) * time_F + rng.uniform(0, 6, (17, 3))))
        clips.append(Clip(f"clip{number}", f"s{number}", split, 120.0, number * frames, (number + 1) * frames, "made here"))
    np.save(folder / "joints.npy", np.concatenate(pieces).astype(np.float32))
    (folder / "index.json").write_text(json.dumps([asdict(clip) for clip in clips]))
    return folder
