"""A value of a JSON file as the type that is expected; everything else raises Malformed, for the reader of the file to say where."""

from __future__ import annotations

from typing import Any

from mpm_core.errors import Malformed


def text(value: Any) -> str:
    """A JSON text."""
    if not isinstance(value, str):
        raise Malformed(f"a text is expected, not {repr(value)[:20]}")
    return value


def whole(value: Any) -> int:
    """A JSON whole number."""
    if type(value) is not int:
        raise Malformed(f"a whole number is expected, not {repr(value)[:20]}")
    return value


def number(value: Any) -> float:
    """A JSON number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise Malformed(f"a number is expected, not {repr(value)[:20]}")
    return float(value)


def image_size(values: Any) -> tuple[int, int]:
    """Width and height of an image, pixels. Raises TypeError or ValueError for no two values."""
    wide, high = values
    if whole(wide) <= 0 or whole(high) <= 0:
        raise Malformed("an image has no size")
    return wide, high


def name_list(values: Any) -> tuple[str, ...]:
    """A JSON list of texts."""
    if not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
        raise Malformed("a list of names is expected")
    return tuple(values)


def truth(value: Any) -> bool:
    """A JSON true or false."""
    if not isinstance(value, bool):
        raise Malformed("true or false is expected")
    return value
