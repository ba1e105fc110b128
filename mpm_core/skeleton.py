"""Skeleton: names, parents and left/right pairs of a set of joints, read from resources/skeletons/*.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from mpm_core.errors import DataError
from mpm_core.resources import resource


@dataclass(frozen=True, slots=True)
class Skeleton:
    """names: J joints; parents: -1 for the root; pairs: (left, right) indices; groups: body-part name -> joint indices.

    Raises DataError when the parents are not a tree of these joints.
    """

    name: str
    names: tuple[str, ...]
    parents: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...] = ()
    groups: tuple[tuple[str, tuple[int, ...]], ...] = ()

    def __post_init__(self) -> None:
        J = len(self.names)
        if len(self.parents) != J or not all(-1 <= parent < J for parent in self.parents):
            raise DataError(f"the parents of the skeleton {self.name!r} are not joints of it")
        rooted: set[int] = set()
        for joint in range(J):
            path: set[int] = set()
            while joint >= 0 and joint not in rooted:
                if joint in path:
                    raise DataError(f"the joint {self.names[joint]!r} of the skeleton {self.name!r} is an ancestor of itself")
                path.add(joint)
                joint = self.parents[joint]
            rooted |= path

    @property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """(parent, child) index pairs."""
        return tuple((parent, child) for child, parent in enumerate(self.parents) if parent >= 0)

    @property
    def mirror(self) -> tuple[int, ...]:
        """Index of each joint's left/right counterpart (itself for the middle ones)."""
        order = list(range(len(self.names)))
        for left, right in self.pairs:
            order[left], order[right] = right, left
        return tuple(order)

    def group(self, name: str) -> tuple[int, ...]:
        """Joint indices of a body part or a single joint. Raises DataError with the known names."""
        found = dict(self.groups).get(name) or ((self.names.index(name),) if name in self.names else None)
        if found is None:
            known = ", ".join([*self.names, *(group for group, _ in self.groups)])
            raise DataError(f"there is no body part called {name!r}", hint=f"known: {known}")
        return found


def upwards(parents: Sequence[int], point: int) -> Iterator[int]:
    """A point, its parent, and so on to its root. parents: -1 for a root."""
    while point >= 0:
        yield point
        point = parents[point]


def downwards(parents: Sequence[int], point: int) -> list[int]:
    """A point and all below it, in their own order. parents: -1 for a root.

    >>> downwards((-1, 0, 1, 0), 1)
    [1, 2]
    """
    return [each for each in range(len(parents)) if point in upwards(parents, each)]


def parents_first(parents: Sequence[int]) -> list[int]:
    """The joints in an order in which each one comes after its parent, else in their own.

    >>> parents_first((2, -1, 1))
    [1, 2, 0]
    """
    return sorted(range(len(parents)), key=lambda joint: len(list(upwards(parents, joint))))


@cache
def load_skeleton(name: str) -> Skeleton:
    """A skeleton by its file name, without .toml. Raises DataError when there is none."""
    path = resource(f"skeletons/{name}.toml")
    if not path.is_file():
        raise DataError(f"there is no skeleton called {name!r}", where=str(path.parent))
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    base = load_skeleton(table["base"]) if "base" in table else Skeleton(name, (), ())
    names = (*base.names, *(joint["name"] for joint in table["joints"]))
    parents = (*base.parents, *(names.index(joint["parent"]) if joint["parent"] else -1 for joint in table["joints"]))
    pairs = (*base.pairs, *((names.index(left), names.index(right)) for left, right in table["pairs"]))
    groups = tuple((group, tuple(names.index(member) for member in members)) for group, members in table["groups"].items())
    return Skeleton(name, names, parents, pairs, (*base.groups, *groups))


def skeleton_of(points: Sequence[str]) -> Skeleton | None:
    """The skeleton whose joints these points are, in its order: body17, or body21 with feet; None for other points.

    >>> skeleton_of(("hip", "knee"))
    """
    return next((known for known in map(load_skeleton, ("body17", "body21")) if known.names == tuple(points)), None)
