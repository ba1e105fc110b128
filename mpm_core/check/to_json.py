"""Frozen dataclasses as plain JSON values: the one place where reports and proofs become text's dicts and lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

INLINE: Final = {"json": "inline"}  # the keys of this field's value stand among its parent's
IF_ANY: Final = {"json": "if any"}  # the key is absent where the value is None


def to_json(value: Any) -> Any:
    """A value of dataclasses, mappings, tuples and plain values as dicts, lists and plain values; a field's name is its key.

    Fields with the metadata INLINE or IF_ANY are written as these say. A dataclass with a method `json` is what that returns.

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
        item, how = getattr(value, field.name), field.metadata.get("json")
        if item is None and how is not None:
            continue
        out |= to_json(item) if how == "inline" else {field.name: to_json(item)}
    return out
