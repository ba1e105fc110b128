"""Which of a C3D file's points are markers, by the file's own groups and by their names. C point columns of the file."""

from __future__ import annotations

import re

import numpy as np

from mpm_core.io.c3d.layout import Layout
from mpm_core.io.point_names import unique_names
from mpm_core.io.tables.quantities import quantity
from mpm_core.typing import Int

SOFTWARE = "mpm-studio"  # a file that says so needs no guess when it is read: all its points are positions
NOT_POSITIONS = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS")
NOT_POSITION_NAME = re.compile(r"(Angle|Force|Moment|Power)s?$")


def marker_columns(layout: Layout) -> tuple[tuple[str, ...], Int, list[str]]:
    """Unique names and file columns of the points that are positions, and notes.

    Angles, forces, moments, powers and scalars are left out (by the file's own groups and by their names, unless these are of places on a
    body); a label used before gets #2, #3 ..., one that is empty *1, *2 ... by its column.
    """
    labels = layout.parameters.texts("POINT:LABELS")[: layout.columns]
    labels += [""] * (layout.columns - len(labels))
    computed = {name for group in NOT_POSITIONS for name in layout.parameters.texts(f"POINT:{group}") if name}
    if layout.parameters.text("MANUFACTURER:SOFTWARE") != SOFTWARE:
        computed |= {label for label in labels if NOT_POSITION_NAME.search(label) and quantity(label)}
    keep = [c for c, label in enumerate(labels) if label not in computed]
    names, numbered = unique_names({c: labels[c] for c in keep})
    notes = []
    if len(keep) < layout.columns:
        notes.append(
            f"{layout.columns - len(keep)} angles, forces, moments, powers or scalars among the points are kept in the file, not shown"
        )
    return names, np.array(keep, np.int64), [*notes, *numbered]
