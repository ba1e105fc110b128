"""Which side of the body a point is on: by its skeleton's pairs, by its name's mirror image among the others, or by its name alone."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from mpm_core.recording import Recording

MIDDLE, LEFT, RIGHT = 0, 1, 2
_WORDS = re.compile(r"(left|right)", re.IGNORECASE)
_LETTER = re.compile(r"(?<=[_. -])[LRlr](?=$|[_. -])|^[LRlr](?=[_. -])")
_FIRST = re.compile(r"^[LRlr](?=[A-Za-z0-9])")


def sides(rec: Recording) -> NDArray[np.intp]:
    """(P,) MIDDLE, LEFT or RIGHT."""
    known = {bare(name) for name in rec.points}
    side_P = np.array([side_of(name, known) for name in rec.points], np.intp).reshape(len(rec.points))
    if rec.skeleton is not None:
        row = {name: index for index, name in enumerate(rec.points)}
        for pair in rec.skeleton.pairs:
            for side, joint in zip((LEFT, RIGHT), pair, strict=True):
                if rec.skeleton.names[joint] in row:
                    side_P[row[rec.skeleton.names[joint]]] = side
    return side_P


def bare(name: str) -> str:
    """A name without its subject or namespace."""
    return re.split(r"[:|]", name)[-1]


def side_of(name: str, known: set[str] | frozenset[str] = frozenset()) -> int:
    """LEFT for 'LeftArm', 'arm.L', 'subject:L_Hand', and 'LFHD' or 'lfemur' when its mirror image is known; RIGHT alike; else MIDDLE."""
    name = bare(name)
    found = _WORDS.search(name) or _LETTER.search(name)
    if found is None:
        found = _FIRST.search(name)
        if found is None or _mirrored(found) not in known:
            return MIDDLE
    return LEFT if found.group()[0] in "Ll" else RIGHT


def _mirrored(found: re.Match[str]) -> str:
    other = {"l": "r", "r": "l", "L": "R", "R": "L"}[found.group()]
    return found.string[: found.start()] + other + found.string[found.end() :]
