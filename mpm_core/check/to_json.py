"""Frozen dataclasses to plain JSON values, for reports and proofs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

INLINE: Final = {"json": "inline"}  # the keys of this field's value stand among its parent's


def to_json(value: Any) -> Any:
    """A value of dataclasses, mappings, tuples and plain values as dicts, lists and plain values; a field's name is its key.

    The keys of a field with the metadata INLINE stand among its parent's, none of them where it is None. A dataclass with a method `json`
    is what that returns.

    >>> from mpm_core.gaps import Gap
    >>> to_json((Gap(2, 10, 15),))
    [{'point': 2, 'start': 10, 'stop': 15, 'marked': False}]
    """
    if is_dataclass(value) and not isinstance(value, type):
        return value.json() if hasattr(value, "json") else _of_fields(value)
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def _of_fields(value: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for field in fields(value):
        item = to_json(getattr(value, field.name))
        out |= {field.name: item} if field.metadata != INLINE else item or {}
    return out
