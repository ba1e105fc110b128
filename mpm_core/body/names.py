"""Names of joints in known rigs and keypoint sets (resources/skeletons/rigs.toml, keypoints.toml), and matching them with a file's."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from mpm_core.resources import resource

LIMBS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
MIDDLE = ("spine", "thorax", "neck", "head_top")
FEWEST_LIMBS = 8  # of 12 that a rig must have
NamedTerms = tuple[tuple[str, float], ...]  # (name, weight): a weighted sum of points


@dataclass(frozen=True, slots=True)
class NameSet:
    """roles: body joint -> alternatives, each a weighted sum of names. points: a keypoint set's names in file order (empty for a rig).

    beyond: body joint -> names of further points of its body part. bones: of a keypoint set, pairs of points that are near each other on a
    body, without a circle; those of both sides together. extra: names of points that a file of the set may have after the others: hands,
    face.
    """

    kind: Literal["rig", "keypoints"]
    name: str
    needs: tuple[str, ...]
    limbs: tuple[tuple[str, str], ...]
    middle: tuple[tuple[str, tuple[NamedTerms, ...]], ...]
    points: tuple[str, ...] = ()
    beyond: tuple[tuple[str, tuple[str, ...]], ...] = ()
    bones: tuple[tuple[tuple[str, str], ...], ...] = ()
    extra: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A name set that matches. limbs: body joint -> point; lookup: cleaned name (without prefix) -> point."""

    names: NameSet
    limbs: dict[str, int]
    lookup: dict[str, int]

    def terms(self, terms: NamedTerms) -> tuple[tuple[int, float], ...] | None:
        """The weighted sum as point indices, or None when one of the points does not exist."""
        if any(clean(name) not in self.lookup for name, _ in terms):
            return None
        return tuple((self.lookup[clean(name)], weight) for name, weight in terms)


def clean(name: str) -> str:
    """A name without namespace, case and punctuation.

    >>> clean("mixamorig:LeftUpLeg")
    'leftupleg'
    """
    return re.sub(r"[^0-9a-z]", "", re.split(r"[:|]", name)[-1].lower())


def sideless(name: str) -> str:
    """A joint's or role's name without its side: `knee` of `left_knee`."""
    return name.removeprefix("left_").removeprefix("right_")


def find_names(points: Sequence[str], kind: Literal["rig", "keypoints"]) -> Found | None:
    """The name set of a kind that matches the most names of points, or None. All names of a file may have one prefix in common."""
    cleaned: dict[str, int] = {}
    for index, name in enumerate(points):
        cleaned.setdefault(clean(name), index)
    best: Found | None = None
    for names in name_sets(kind):
        candidate = _fit(names, cleaned)
        if candidate is not None and (best is None or len(candidate.limbs) > len(best.limbs)):
            best = candidate
    return best


def _fit(names: NameSet, cleaned: dict[str, int]) -> Found | None:
    keys = {joint: clean(name) for joint, name in names.limbs}
    prefixes = sorted({name.removesuffix(key) for key in keys.values() for name in cleaned if key and name.endswith(key)}, key=len)
    best: Found | None = None
    for prefix in prefixes:
        limbs = {joint: cleaned[prefix + key] for joint, key in keys.items() if prefix + key in cleaned}
        if len(limbs) < FEWEST_LIMBS or (best is not None and len(limbs) <= len(best.limbs)):
            continue
        lookup = {name.removeprefix(prefix): index for name, index in cleaned.items()}
        if all(clean(need) in lookup for need in names.needs):
            best = Found(names, limbs, lookup)
    return best


@cache
def name_sets(kind: Literal["rig", "keypoints"]) -> tuple[NameSet, ...]:
    """The tables of one kind, in the order in which they are tried."""
    file, key = ("rigs.toml", "rig") if kind == "rig" else ("keypoints.toml", "set")
    tables: list[dict[str, Any]] = tomllib.loads(resource(f"skeletons/{file}").read_text(encoding="utf-8"))[key]
    return tuple(_name_set(kind, table, {other["name"]: other for other in tables}) for table in tables)


def keypoint_set(name: str) -> NameSet | None:
    """The keypoint set of this name, with or without the detector's, in any spelling; or None.

    >>> keypoint_set("body_25b").name
    'OpenPose BODY_25B'
    """
    return next((names for names in name_sets("keypoints") if clean(name) in (clean(names.name), clean(names.name.split()[-1]))), None)


def _name_set(kind: Literal["rig", "keypoints"], table: dict[str, Any], tables: dict[str, dict[str, Any]]) -> NameSet:
    return NameSet(
        kind,
        table["name"],
        tuple(table.get("needs", ())),
        tuple(
            (f"{side}_{limb}", pattern.replace("*", table["sides"][number]))
            for limb, pattern in table.get("limbs", {}).items()
            for number, side in enumerate(("left", "right"))
        ),
        tuple((joint, tuple(_parse_terms(text) for text in table[joint])) for joint in MIDDLE if joint in table),
        _points(table, tables),
        tuple((joint, tuple(patterns)) for joint, patterns in table.get("beyond", {}).items()),
        tuple(_bones(text, table["sides"]) for text in table.get("bones", ())),
        tuple(_numbered(run) for run in table.get("extra", ())),
    )


def _points(table: dict[str, Any], tables: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    names = list(_points(tables[table["base"]], tables)) if "base" in table else []
    names += table.get("points", [])
    for run in table.get("more", []):
        names += _numbered(run)
    return tuple(names)


def _numbered(run: dict[str, Any]) -> tuple[str, ...]:
    return tuple(run["name"].replace("#", str(number)) for number in range(run["count"]))


def _bones(text: str, sides: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """'*Hip *Knee' as a pair of names for each side, 'Nose Neck' as one."""
    spelled = [text.replace("*", side) for side in (sides if "*" in text else sides[:1])]
    return tuple((first, second) for first, second in (pair.split() for pair in spelled))


def _parse_terms(text: str) -> NamedTerms:
    """'0.4*A + 0.6*B' as ((A, 0.4), (B, 0.6)); equal weights without factors."""
    parts = [part.strip() for part in text.split("+")]
    if "*" not in text:
        return tuple((part, 1 / len(parts)) for part in parts)
    return tuple((name.strip(), float(factor)) for factor, name in (part.split("*") for part in parts))
