"""Windows of several sources in one run: real detections with their 3D, and motion without 2D through virtual cameras. K clips."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
import torch

from mpm_core.errors import DataError
from mpm_core.typing import Float
from mpm_train.data.cameras import project
from mpm_train.data.paired import PairedSampler, paired_with
from mpm_train.data.windows import Sampler, Windows


class MixedSampler:
    """Windows (B, F, 17, COLUMNS) of both samplers in random order, each in proportion to its frames (a window for every frame of every
    camera)."""

    def __init__(self, paired: PairedSampler, unpaired: Sampler) -> None:
        self.paired, self.unpaired = paired, unpaired
        paired_frames, unpaired_frames = paired.frames_K.sum(), unpaired.frames_K.sum()
        self.paired_share = float(paired_frames / (paired_frames + unpaired_frames))

    def draw(self, batch: int, rng: np.random.Generator, *, augment: bool = True) -> Windows:
        paired_B = rng.random(batch) < self.paired_share
        parts, order = [], []
        for sampler, of_B in ((self.paired, paired_B), (self.unpaired, ~paired_B)):
            if of_B.any():
                windows = sampler.draw(int(of_B.sum()), rng, augment=augment)
                parts.append(windows if sampler is self.paired else paired_with(windows, project(windows.xyz_BFJ3, rng)))
                order.append(np.flatnonzero(of_B))
        back_B = torch.from_numpy(np.argsort(np.concatenate(order)))
        return Windows(
            torch.cat([part.xyz_BFJ3 for part in parts])[back_B],
            torch.cat([part.valid_BF for part in parts])[back_B],
            torch.cat([part.gate_B for part in parts])[back_B],
        )


def samplers_of(source: Sampler | MixedSampler) -> tuple[Sampler, ...]:
    return (source.paired, source.unpaired) if isinstance(source, MixedSampler) else (source,)


def set_shares(source: Sampler | MixedSampler, shares: Sequence[tuple[str, float]]) -> None:
    """Draw these shares of the windows from subjects whose names fit the patterns (a subject belongs to the first that fits), the rest from
    everybody else. Raises DataError when a pattern fits no subject, or the shares do not sum to at most 1.
    """
    samplers = samplers_of(source)
    frames_K = np.concatenate([sampler.frames_K for sampler in samplers])
    share_K = shared(frames_K, [name for sampler in samplers for name in sampler.subject_K], shares)
    parts = np.split(share_K, np.cumsum([len(sampler.frames_K) for sampler in samplers])[:-1])
    for sampler, part_K in zip(samplers, parts, strict=True):
        if part_K.sum() > 0:
            sampler.share_K = part_K / part_K.sum()
    if isinstance(source, MixedSampler):
        source.paired_share = float(parts[0].sum())


def shared(frames_K: Float, subjects: Sequence[str], shares: Sequence[tuple[str, float]]) -> Float:
    """(K,) the share of each clip, in proportion to its frames among those of its pattern. Raises DataError as `set_shares`.

    >>> shared(np.array([10.0, 30.0, 60.0]), ["h36m-S1", "002", "005"], [("h36m-*", 0.5)]).round(3).tolist()
    [0.5, 0.167, 0.333]
    """
    whole = sum(share for _, share in shares)
    if any(share <= 0 for _, share in shares) or whole > 1 + 1e-9:
        raise DataError(f"the shares {', '.join(f'{share:g}' for _, share in shares)} are not parts of one whole", hint="above 0, 1 in all")
    group_K = np.array([next((n for n, (pattern, _) in enumerate(shares) if fnmatchcase(name, pattern)), -1) for name in subjects])
    share_K = np.zeros(len(frames_K))
    for group, share in [*enumerate(share for _, share in shares), (-1, 1 - whole)]:
        here_K = group_K == group
        if here_K.any():
            share_K[here_K] = share * frames_K[here_K] / frames_K[here_K].sum()
        elif group >= 0:
            raise DataError(
                f"no training subject's name fits {shares[group][0]!r}", hint=f"there are {', '.join(sorted(set(subjects))[:8])}"
            )
    if not np.isclose(share_K.sum(), 1.0):
        raise DataError(f"the shares are {whole:g} in all, and nobody else is there", hint="make them 1 in all")
    return share_K
