"""Subjects of a C3D file: the SUBJECTS group and the prefixes of labels ("Name:LABEL"). P points, C point columns of the file.

SUBJECTS:OWNERS is this program's own: the number of each column's subject, 0 for none, where prefixes do not tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.io.c3d.parameters import Parameters
from mpm_core.io.c3d.write_parameters import MOST, Group, texts
from mpm_core.io.point_names import unique_names
from mpm_core.subjects import Subject
from mpm_core.typing import Int


def read_subjects(parameters: Parameters, points: Sequence[str], columns_P: Int) -> tuple[Subject, ...]:
    """The file's subjects, or those whose names stand before the labels' colons where it names none.

    A single subject without a prefix has all points; of several, those whose points nothing tells have none.
    """
    used = parameters.number("SUBJECTS:USED")
    listed = parameters.texts("SUBJECTS:NAMES")[: None if used is None or not np.isfinite(used) else max(0, int(used))]
    named = {number: name for number, name in enumerate(listed) if name}
    names, _ = unique_names(named)
    prefixes = [*parameters.texts("SUBJECTS:LABEL_PREFIXES"), *[""] * len(listed)]
    owner_C = _owners(parameters)
    if len(owner_C):
        number_P = [int(owner_C[column]) - 1 if column < len(owner_C) else -1 for column in columns_P.tolist()]
        return tuple(
            Subject(name, tuple(point for point, owner in zip(points, number_P, strict=True) if owner == number))
            for name, number in zip(names, named, strict=True)
        )
    return by_prefix(names, [prefixes[number] for number in named], points)


def by_prefix(names: Sequence[str], prefixes: Sequence[str], points: Sequence[str]) -> tuple[Subject, ...]:
    """Subjects with the points whose names begin with their prefix (their name and a colon where it is empty)."""
    if not names:
        heads = [point.split(":", 1) for point in points]
        names = list(dict.fromkeys(head[0] for head in heads if len(head) == 2 and all(head)))
        prefixes = [""] * len(names)
    whole = [prefix or f"{name}:" for name, prefix in zip(names, prefixes, strict=True)]
    owned: dict[str, list[str]] = {name: [] for name in names}
    for point in points:
        fitting = [(len(prefix), name) for prefix, name in zip(whole, names, strict=True) if point.startswith(prefix)]
        if fitting:
            owned[max(fitting)[1]].append(point)
    if len(names) == 1 and not owned[names[0]]:
        return (Subject(names[0], tuple(points)),)
    return tuple(Subject(name, tuple(mine)) for name, mine in owned.items())


def subject_group(subjects: Sequence[Subject], points: Sequence[str], columns_P: Int, columns: int) -> Group:
    """The parameters of the SUBJECTS group, for a file of `columns` point columns."""
    names = [subject.name for subject in subjects]
    prefixed = any(point.startswith(f"{subject.name}:") for subject in subjects for point in subject.points)
    group = [
        ("USED", np.array(len(names), "<u2")),
        ("USES_PREFIXES", np.array(int(prefixed), "<u2")),
        ("NAMES", texts(names)),
        ("LABEL_PREFIXES", texts([f"{name}:" if prefixed else "" for name in names])),
    ]
    if by_prefix(names, [""] * len(names), points) != tuple(subjects):
        number_of = {point: number for number, subject in enumerate(subjects, 1) for point in subject.points}
        owner_C = np.zeros(columns, "<u2")
        owner_C[columns_P] = [number_of.get(point, 0) for point in points]
        for number, start in enumerate(range(0, columns, MOST), 1):
            group.append((f"OWNERS{number if number > 1 else ''}", owner_C[start : start + MOST]))
    return group


def _owners(parameters: Parameters) -> Int:
    """(C,) the subject of each column, counted from 1; empty where the file does not say."""
    parts, number = [np.zeros(0)], 1
    while len(part := parameters.numbers(f"SUBJECTS:OWNERS{number if number > 1 else ''}")):
        parts.append(part)
        number += 1
    return np.nan_to_num(np.concatenate(parts)).astype(np.int64)
