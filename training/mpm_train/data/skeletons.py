"""Skeletons that several people share: people with limbs of equal lengths are one person, or were put on one rig."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mpm_core.typing import Float

SAME_MM = 1.0
LIMBS = ("knee", "ankle", "elbow", "wrist")  # ends of the bones that a skeleton is known by: trunks bend between two joints
FEWEST_BONES = 6  # of these, of constant length in a take
NAMED = 4


@dataclass(slots=True)
class SharedSkeleton:
    """length_mm_K: of the limbs' bones, NaN where not constant. people: split -> subjects."""

    length_mm_K: Float
    people: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    example: str = ""


def skeletons_of(rows: Iterable[dict[str, Any]]) -> list[SharedSkeleton]:
    """Every skeleton of the takes, with the people on it; takes of markers, or whose limbs change their length, are passed over."""
    found: list[SharedSkeleton] = []
    for row in rows:
        if row["error"] or not row["bones_m"] or row.get("markers"):
            continue
        limbs = [values for name, values in row["bones_m"].items() if name.endswith(LIMBS)]
        mean_K, spread_K = 1000 * np.array(limbs).T
        length_K = np.where(spread_K < SAME_MM, mean_K, np.nan)
        if np.isfinite(length_K).sum() < FEWEST_BONES:
            continue
        known = next((one for one in found if _same(one.length_mm_K, length_K)), None)
        if known is None:
            known = SharedSkeleton(length_K, example=row["key"])
            found.append(known)
        known.people[row["split"]].add(row["subject"])
    return found


def in_several_splits(rows: Iterable[dict[str, Any]]) -> list[str]:
    """A warning for each skeleton, and each subject, that is not in one split alone."""
    rows = list(rows)
    lines = []
    for one in skeletons_of(rows):
        if len(one.people) > 1:
            who = "; ".join(f"{split}: {_some(people)}" for split, people in sorted(one.people.items()))
            lines.append(f"one skeleton is in several splits, so they share a rig or a person ({who})")
    splits: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if not row["error"] and row["clips"]:
            splits[row["subject"]].add(row["split"])
    lines += [f"{subject} is in several splits: {', '.join(sorted(some))}" for subject, some in splits.items() if len(some) > 1]
    return lines


def _same(one_K: Float, other_K: Float) -> bool:
    both_K = np.isfinite(one_K) & np.isfinite(other_K)
    return int(both_K.sum()) >= FEWEST_BONES and float(np.abs(one_K - other_K)[both_K].max()) < SAME_MM


def _some(people: set[str]) -> str:
    names = sorted(people)
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
