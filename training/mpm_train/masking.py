"""Masks of training windows: samples that the network does not see. B windows, F frames, J joints; True = masked."""

from __future__ import annotations

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.skeleton import Skeleton
from mpm_core.typing import Int, Mask

SHORTEST_GAP, LONGEST_GAP = 3, 130
SINGLE = 0.24  # share of gaps that are of one joint, by default
LOOSE = 0.3  # share of windows in which a few joints anywhere are masked, not a limb
LIMBS = ("left_arm", "right_arm", "left_leg", "right_leg", "head")
REGIONS = ("arms", "legs", "left_side", "right_side", "upper", "lower")


def published(
    batch: int, frames: int, joints: int, masked: int, dropped: float, rng: np.random.Generator, kind: str = "spatio-temporal"
) -> tuple[Mask, Int]:
    """The paper's masks: joints that are masked (B, F, J), and the sorted frames that are kept (B, K); arXiv 2306.17201, appendix B.

    kind: "spatio-temporal" masks `masked` joints drawn anew in every frame, "tube" the same ones in all frames, "temporal" none;
    each drops the share `dropped` of the frames.
    """
    rank_BFJ = rng.random((batch, 1 if kind == "tube" else frames, joints)).argsort(axis=2)
    masked_BFJ = np.broadcast_to(rank_BFJ < (0 if kind == "temporal" else masked), (batch, frames, joints))
    kept_BK = np.sort(rng.random((batch, frames)).argsort(axis=1)[:, : round(frames * (1 - dropped))], axis=1)
    return masked_BFJ.copy(), kept_BK


def masked_share(frames: int, joints: int, masked: int, dropped: float, kind: str = "spatio-temporal") -> float:
    """Share of all samples that `published` masks: 71.8 % for 5 of 17 joints in the 40 % of frames that are kept."""
    return 1 - (1 - (0 if kind == "temporal" else masked) / joints) * round(frames * (1 - dropped)) / frames


def gaps(batch: int, frames: int, rng: np.random.Generator, beside: int = 0, single: float = SINGLE) -> Mask:
    """Masks like real gaps, (B, beside + F + beside, J): one to three stretches of joints, a limb, a region or the root, of which at least
    a third lies in the F frames of the window, or fills it; the window's edges included. single: share of gaps that are of one joint.

    Never all joints at once: where the whole body is cannot be predicted, and such errors would outweigh all others."""
    skeleton = body17()
    masked_BFJ = np.zeros((batch, frames + 2 * beside, len(skeleton.names)), bool)
    for masked_FJ in masked_BFJ:
        for _ in range(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1])):
            length = round(float(np.exp(rng.uniform(np.log(SHORTEST_GAP), np.log(LONGEST_GAP)))))
            inside = min(length // 3, frames)
            start = beside + int(rng.integers(inside - length, frames - inside + 1))
            rows = np.arange(max(start, 0), min(start + length, len(masked_FJ)))
            masked_FJ[np.ix_(rows, np.array(_part(skeleton, rng, single)))] = True
    return masked_BFJ


def limbs(batch: int, rng: np.random.Generator) -> Mask:
    """(B, J): for each window one or two whole limbs, hip or shoulder included, or up to three joints other than the root."""
    skeleton = body17()
    whole = [[skeleton.parents[group[0]], *group] for group in map(skeleton.group, LIMBS[:4])]
    masked_BJ = np.zeros((batch, len(skeleton.names)), bool)
    for masked_J in masked_BJ:
        if rng.random() < LOOSE:
            masked_J[1 + rng.permutation(len(masked_J) - 1)[: rng.integers(1, 4)]] = True
        else:
            for limb in rng.permutation(len(whole))[: rng.integers(1, 3)]:
                masked_J[whole[limb]] = True
    return masked_BJ


def _part(skeleton: Skeleton, rng: np.random.Generator, single: float) -> list[int]:
    rest = np.array([0.32, 0.22, 0.16, 0.06]) * ((1 - single) / (1 - SINGLE))
    kind = rng.choice(["joint", "limb", "region", "some", "root"], p=[single, *rest])
    if kind == "joint":
        return [int(rng.integers(len(skeleton.names)))]
    if kind == "some":
        return list(rng.permutation(len(skeleton.names))[: rng.integers(2, 9)])
    if kind == "limb":
        return list(skeleton.group(str(rng.choice(LIMBS))))
    if kind == "region":
        return list(skeleton.group(str(rng.choice(REGIONS))))
    return list(skeleton.group(str(kind)))
