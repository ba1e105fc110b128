"""Hands and feet: which bones are those of a palm, a foot and its toes, and how thick these are. B bones; rows as in body_rows.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mpm_core.body.joints import body17
from mpm_core.body.names import sideless

LIMB, PALM, FOOT, TOES = 0, 1, 2, 3  # kinds of bones; LIMB: none of the others
RADIUS_M = {PALM: (0.026, 0.019), FOOT: (0.036, 0.028), TOES: (0.026, 0.016)}  # at the parent's and the child's end, on a person
SPREAD_M = 0.018  # radius of each bone of a palm that has several
BELOW = {"wrist": (PALM, LIMB), "ankle": (FOOT, TOES)}  # kinds of the first and of further bones below a joint
MARKER_PLACES = {"wrist": (("hand", PALM),), "ankle": (("heel", FOOT), ("toe", FOOT))}  # of the markers that a hand or foot is drawn to

Bone = tuple[int, int, int]
"""Parent row, child row, kind."""


def limb_ends(pairs: Sequence[tuple[int, int]], bodies: Sequence[Sequence[int]]) -> list[Bone]:
    """The bones of a hierarchy with their kinds. bodies: the rows of the 17 joints of each body, -1 where it has none."""
    joint_of = {row: sideless(name) for rows in bodies for name, row in zip(body17().names, rows, strict=True) if row >= 0}
    below: dict[int, str] = {}  # row -> the wrist or ankle above it
    found = []
    for parent, child in pairs:  # parents come first
        own = joint_of.get(parent, "")
        joint = own if own in BELOW else below.get(parent, "")
        if joint and joint_of.get(child, "") not in BELOW:
            below[child] = joint
        kind = BELOW[joint][0 if own in BELOW else 1] if joint else LIMB
        found.append((parent, child, kind))
    return found


def marker_ends(rows: Sequence[int], places: Mapping[str, Sequence[int]]) -> list[Bone]:
    """Bones from the wrists and ankles of a body to the markers of its hands and feet. places: role of a marker -> its rows."""
    found = []
    for name, row in zip(body17().names, rows, strict=True):
        side = name.partition("_")[0]
        for place, kind in MARKER_PLACES.get(sideless(name), ()) if row >= 0 else ():
            found += [(row, point, kind) for point in places.get(f"{side}_{place}", ())[:1]]
        heel, toe = (places.get(f"{side}_{place}", ())[:1] for place in ("heel", "toe"))
        if sideless(name) == "ankle" and heel and toe:
            found.append((heel[0], toe[0], FOOT))
    return found
