"""Marker sets: which marker of a take is which place on the body, by label. F frames, P points.

The sets are in resources/skeletons/markers.toml; how places make joints is in joint_centres.py.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from mpm_core.body.joint_centres import centres
from mpm_core.errors import MappingError
from mpm_core.fill.rigid_clusters import rigid_fill
from mpm_core.resources import resource
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float, Floating, Mask

FEWEST = 6  # markers that must be there for a set to count as found
SHARE = 0.5  # of its roles
SURE_M = 0.01  # a hidden marker is taken from its rigid cluster where that predicts it this well
STILL_HZ = 100.0  # only how fast an error at the take's ends fades; a take of another rate differs by millimetres there


@dataclass(frozen=True, slots=True)
class MarkerMap:
    """name: the set; subject: the labels' prefix. roles: (role, point indices); several points mean their middle.

    A role is a place on the body ('left_asis') or one of the 17 joints, which is then taken as it is.
    """

    name: str
    roles: tuple[tuple[str, tuple[int, ...]], ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class MarkerSet:
    """labels: (normalised label, role) pairs, in order of preference for each role. roles: how many there are."""

    name: str
    labels: tuple[tuple[str, str], ...]

    @property
    def roles(self) -> int:
        return len({role for _, role in self.labels})


def match(points: tuple[str, ...]) -> MarkerMap | None:
    """The set that explains the most labels of one subject, None when too few fit any set.

    Prefixes ('Subject:LFHD'), case and punctuation are ignored. With several subjects the one with most markers found is taken.
    """
    best: tuple[float, MarkerMap] | None = None
    for subject in dict.fromkeys(_split(point)[0] for point in points):
        index_of: dict[str, int] = {}
        for index, point in enumerate(points):
            prefix, label = _split(point)
            if prefix == subject:
                index_of.setdefault(label, index)
        for marker_set in load_sets():
            found: dict[str, tuple[int, ...]] = {}
            for label, role in marker_set.labels:
                if label in index_of and role not in found:
                    found[role] = (index_of[label],)
            share = len(found) / marker_set.roles
            score = len(found) + share
            if len(found) >= FEWEST and share >= SHARE and (best is None or score > best[0]):
                best = score, MarkerMap(marker_set.name, tuple(found.items()), subject)
    return best[1] if best else None


def joint_centres(xyz_FPD: Floating, visible_FP: Mask, mmap: MarkerMap) -> Float:
    """(F, 17, 3) joint centres in metres; NaN where a marker that defines one is hidden, and everywhere for joints the set cannot make.

    A hidden marker whose rigid segment shows three others is first put where those say it is (rigid_clusters.py): others of the set, else
    any of the take, so that a cluster on a thigh carries the epicondyles that were worn in a part of it.
    """
    used = sorted({index for _, indices in mmap.roles for index in indices})
    seen_FK3 = _surely(*rigid_fill(xyz_FPD[:, used], visible_FP[:, used], STILL_HZ), visible_FP[:, used])
    left_FP = np.zeros_like(visible_FP)
    left_FP[:, used] = np.isnan(seen_FK3[..., 0])
    if left_FP.any() and len(used) < visible_FP.shape[1]:
        any_FP3 = _surely(*rigid_fill(xyz_FPD, visible_FP, STILL_HZ, left_FP), visible_FP)
        seen_FK3 = np.where(left_FP[:, used, None], any_FP3[:, used], seen_FK3)
    places = {role: seen_FK3[:, [used.index(index) for index in indices]].mean(axis=1) for role, indices in mmap.roles}
    return centres(places, len(seen_FK3))


def _surely(filled_FP3: Float, sigma_FP: Float, visible_FP: Mask) -> Float:
    """What is visible, and of the fills those within SURE_M."""
    return np.where((visible_FP | (sigma_FP < SURE_M))[..., None], filled_FP3, np.nan)


@cache
def known_roles() -> tuple[str, ...]:
    """Every role a marker can have: places on the body, then the 17 joints."""
    table = _table()["roles"]
    sided = [f"{side}_{role}" for role in table["sided"] for side in ("left", "right")]
    return (*sided, *table["middle"], *load_skeleton("body17").names)


@cache
def load_sets() -> tuple[MarkerSet, ...]:
    """The known marker sets. Raises MappingError when the file names a role that does not exist."""
    sets = []
    for entry in _table()["sets"]:
        labels: list[tuple[str, str]] = []
        for role, spellings in entry["roles"].items():
            sides = (("left", "L"), ("right", "R")) if "{side}" in role else (("", ""),)
            for side, letter in sides:
                name = role.replace("{side}", side)
                if name not in known_roles():
                    raise MappingError(f"the marker set {entry['name']!r} names an unknown place {name!r}", where="markers.toml")
                labels += [(_normal(spelling.replace("{S}", letter).replace("{side}", side)), name) for spelling in spellings]
        sets.append(MarkerSet(entry["name"], tuple(labels)))
    return tuple(sets)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resource("skeletons/markers.toml").read_text(encoding="utf-8"))


def _split(point: str) -> tuple[str, str]:
    """(prefix, normalised label)."""
    prefix, _, label = point.rpartition(":")
    return prefix, _normal(label)


def _normal(label: str) -> str:
    return re.sub(r"[\s._-]", "", label).upper()
