"""Suggestions for arguments that cannot be parsed: what the user most likely meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

NUMBER_WITH_COMMA = re.compile(r"-?\d+,\d+")
NUMBER_WITH_UNIT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:s|ms|mm|cm|m|hz|fps|deg|%)", re.IGNORECASE)


def advice(words: Sequence[str]) -> list[str]:
    """A line for each word that is a path broken at its blanks, a number with a decimal comma, or a number with its unit.

    >>> advice(["lift", "keypoints", "-o", "out.bvh", "--height", "1,75"])
    ['1,75: a decimal point is needed: 1.75']
    """
    lines = [f"a path with blanks needs quotes: '{path}'" for path in _broken_paths(words)]
    for option, word in pairwise(words):
        if not option.startswith("--"):
            continue
        if NUMBER_WITH_COMMA.fullmatch(word):
            lines.append(f"{word}: a decimal point is needed: {word.replace(',', '.')}")
        elif found := NUMBER_WITH_UNIT.fullmatch(word):
            lines.append(f"{word}: a number without its unit is needed: {found[1]}")
    return lines


def _broken_paths(words: Sequence[str]) -> list[str]:
    """Paths that exist when words that follow each other are joined by blanks, the longest at each place."""
    paths, start = [], 1
    while start < len(words):
        stops = range(len(words), start + 1, -1)
        stop = next((stop for stop in stops if not words[start].startswith("-") and Path(" ".join(words[start:stop])).exists()), None)
        if stop is not None:
            paths.append(" ".join(words[start:stop]))
        start = stop or start + 1
    return paths
