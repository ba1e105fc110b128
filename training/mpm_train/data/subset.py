"""A random part of a corpus, to measure how much data a result needs."""

from __future__ import annotations

import numpy as np

from mpm_core.errors import DataError
from mpm_train.data.corpus import Clip


def subset(clips: list[Clip], share: float, seed: int) -> list[Clip]:
    """Whole training clips, drawn by the seed, until they hold `share` of the training time; other splits stay as they are.

    With one seed a smaller share lies within a larger one. Raises DataError for a share that is not above 0 and 1 at most.
    """
    if not 0 < share <= 1:
        raise DataError(f"there is no share {share} of the data", hint="above 0 and 1 at most")
    train = [index for index, clip in enumerate(clips) if clip.split == "train"]
    order = np.random.default_rng(seed).permutation(train)
    seconds = np.array([(clips[index].stop - clips[index].start) / clips[index].rate_hz for index in order])
    before = np.cumsum(seconds) - seconds
    out = {int(index) for index in order[before >= share * seconds.sum()]}
    return [clip for index, clip in enumerate(clips) if index not in out]
