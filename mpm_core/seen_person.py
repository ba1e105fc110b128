"""A person whom a keypoint file shows: when, where and how large. K points; pixels, y down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mpm_core.typing import Float

MOST_PEOPLE = 9  # are listed of a file that does not name them


@dataclass(frozen=True, slots=True, eq=False)
class SeenPerson:
    """name: a number, or what the file calls the person. frames: how many show them, from the file's frame `first` to `last`.

    x, y: their median place; size_px: median diagonal of a box around their points. pose_K2: their points where most were detected, NaN
    where not detected; bones: pairs of those points. read: whether the recording is of this person.

    >>> import numpy as np
    >>> SeenPerson("1", 40, 10, 49, 320.0, 240.0, 200.0, np.zeros((17, 2)), (), True).name
    '1'
    """

    name: str
    frames: int
    first: int
    last: int
    x: float
    y: float
    size_px: float
    pose_K2: Float
    bones: tuple[tuple[int, int], ...]
    read: bool


def people_count(people: Sequence[SeenPerson]) -> str:
    """How many people a file shows, as far as they are listed.

    >>> people_count([])
    '0'
    """
    return f"{len(people)} or more" if len(people) == MOST_PEOPLE else str(len(people))
