"""Marker sets: which marker of a take is which place on the body, by label. F frames, P points.

The sets are in resources/skeletons/markers.toml; joint_centres.py computes joints from places.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from mpm_core.body.joint_centres import centres
from mpm_core.body.joints import body17
from mpm_core.errors import MappingError
from mpm_core.fill.rigid_clusters import rigid_fill
from mpm_core.resources import resource
from mpm_core.typing import Float, Floating, Mask

FEWEST = 6  # markers of a set that a take must have
SHARE = 0.5  # of the roles of a set that a take must have
LARGEST_SIGMA_M = 0.01  # largest sigma of a missing marker that is filled from its rigid cluster
STILL_HZ = 100.0  # nominal rate; it only affects how fast an edge correction decays at the start and end of the take


@dataclass(frozen=True, slots=True)
class MarkerMap:
    """name: the set; subject: the labels' prefix. roles: (role, point indices); several points mean their midpoint.

    A role is a place on the body ('left_asis') or one of the 17 joints.
    """

    name: str
    roles: tuple[tuple[str, tuple[int, ...]], ...]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class MarkerSet:
    """labels: (normalised label, role) pairs, in order of preference for each role."""

    name: str
    labels: tuple[tuple[str, str], ...]

    @property
    def roles(self) -> int:
        return len({role for _, role in self.labels})


def match(points: tuple[str, ...]) -> MarkerMap | None:
    """The set with the most labels of one subject, None when too few fit any set. Of several subjects, the one with the most markers.

    Prefixes ('Subject:LFHD'), case and punctuation are ignored.

    >>> match(tuple(f"Ann:{label}" for label, _ in load_sets()[0].labels)).subject
    'Ann'
    """
    best: tuple[float, MarkerMap] | None = None
    for subject in dict.fromkeys(_split(point)[0] for point in points):
        index_of: dict[str, int] = {}
        for index, point in enumerate(points):
            prefix, label = _split(point)
            if prefix == subject:
                index_of.setdefault(label, index)
        for marker_set in load_sets():
            index_by_role: dict[str, tuple[int, ...]] = {}
            for label, role in marker_set.labels:
                if label in index_of and role not in index_by_role:
                    index_by_role[role] = (index_of[label],)
            share = len(index_by_role) / marker_set.roles
            score = len(index_by_role) + share
            if len(index_by_role) >= FEWEST and share >= SHARE and (best is None or score > best[0]):
                best = score, MarkerMap(marker_set.name, tuple(index_by_role.items()), subject)
    return best[1] if best else None


def joint_centres(xyz_FPD: Floating, visible_FP: Mask, mmap: MarkerMap) -> Float:
    """(F, 17, 3) joint centres in metres; NaN where a marker that defines one is missing, and for joints that the set does not define.

    A missing marker is first filled from its rigid cluster, where sigma is below LARGEST_SIGMA_M: a cluster of the set's markers, else of
    any markers of the take (a cluster on the thigh predicts the epicondyles, say).

    >>> import numpy as np
    >>> wrist = MarkerMap("by hand", (("left_wrist", (0, 1)),))
    >>> joint_centres(np.array([[[0.0, 0, 0], [2, 0, 0]]]), np.ones((1, 2), bool), wrist)[0, 13]
    array([1., 0., 0.])
    """
    used = sorted({index for _, indices in mmap.roles for index in indices})
    known_FK3 = _rigid_only(*rigid_fill(xyz_FPD[:, used], visible_FP[:, used], STILL_HZ), visible_FP[:, used])
    left_FP = np.zeros_like(visible_FP)
    left_FP[:, used] = np.isnan(known_FK3[..., 0])
    if left_FP.any() and len(used) < visible_FP.shape[1]:
        all_FP3 = _rigid_only(*rigid_fill(xyz_FPD, visible_FP, STILL_HZ, left_FP), visible_FP)
        known_FK3 = np.where(left_FP[:, used, None], all_FP3[:, used], known_FK3)
    places = {role: known_FK3[:, [used.index(index) for index in indices]].mean(axis=1) for role, indices in mmap.roles}
    return centres(places, len(known_FK3))


def _rigid_only(filled_FP3: Float, sigma_FP: Float, visible_FP: Mask) -> Float:
    """Visible samples, and of the fills those with sigma below LARGEST_SIGMA_M."""
    return np.where((visible_FP | (sigma_FP < LARGEST_SIGMA_M))[..., None], filled_FP3, np.nan)


@cache
def known_roles() -> tuple[str, ...]:
    """Every role of a marker: places on the body, then the 17 joints.

    >>> "left_asis" in known_roles(), "hip" in known_roles()
    (True, True)
    """
    table = _table()["roles"]
    sided = [f"{side}_{role}" for role in table["sided"] for side in ("left", "right")]
    return (*sided, *table["middle"], *body17().names)


@cache
def load_sets() -> tuple[MarkerSet, ...]:
    """The known marker sets. Raises MappingError when the file has an unknown role."""
    sets = []
    for entry in _table()["sets"]:
        labels: list[tuple[str, str]] = []
        for role, spellings in entry["roles"].items():
            sides = (("left", "L"), ("right", "R")) if "{side}" in role else (("", ""),)
            for side, letter in sides:
                name = role.replace("{side}", side)
                if name not in known_roles():
                    raise MappingError(f"the marker set {entry['name']!r} names an unknown place {name!r}", where="markers.toml")
                labels += [(_normalised(spelling.replace("{S}", letter).replace("{side}", side)), name) for spelling in spellings]
        sets.append(MarkerSet(entry["name"], tuple(labels)))
    return tuple(sets)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resource("skeletons/markers.toml").read_text(encoding="utf-8"))


def _split(point: str) -> tuple[str, str]:
    """(prefix, normalised label)."""
    prefix, _, label = point.rpartition(":")
    return prefix, _normalised(label)


def _normalised(label: str) -> str:
    return re.sub(r"[\s._-]", "", label).upper()
