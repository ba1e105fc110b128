"""Names of points as lists show them."""

from __future__ import annotations


def short_names(points: tuple[str, ...]) -> tuple[str, ...]:
    """The names without the prefix of the subject, when all points have the same one.

    >>> short_names(("Derrick:C7", "Derrick:T10"))
    ('C7', 'T10')
    """
    prefixes = {point.rpartition(":")[0] for point in points}
    return tuple(point.rpartition(":")[2] for point in points) if len(prefixes) == 1 else points
