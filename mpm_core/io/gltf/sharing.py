"""Which arrays of a glTF have bytes that nothing else in the file uses, so that they can be changed in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from mpm_core.io.gltf.binary import DTYPES, WIDTHS

USES = ("input", "output", "indices", "inverseBindMatrices")  # where a glTF's objects name an accessor


def lone_arrays(doc: dict[str, Any]) -> set[int]:
    """The accessors that are used once, and whose bytes lie in no other accessor, image or sparse array. doc: its one buffer is number 0.

    Nothing where one of them is broken, because it could lie anywhere.
    """
    accessors: list[dict[str, Any]] = doc.get("accessors", [])
    own = {id(accessor) for accessor in accessors}
    uses, whole_views = Counter[int](), []
    for each in _objects(doc):
        uses.update(index for index in _used(each) if isinstance(index, int))
        if "bufferView" in each and id(each) not in own:
            whole_views.append(each["bufferView"])
    try:
        ranges = [(*byte_range(doc, index), index) for index, accessor in enumerate(accessors) if "bufferView" in accessor]
        ranges += [(*_view_range(doc, view), -1) for view in whole_views]
    except (KeyError, IndexError, TypeError):
        return set()
    lone, reached = set[int](), -1
    ranges.sort()
    for place, (start, stop, index) in enumerate(ranges):
        if start >= reached and (place + 1 == len(ranges) or stop <= ranges[place + 1][0]) and uses[index] == 1:
            lone.add(index)
        reached = max(reached, stop)
    return lone


def byte_range(doc: dict[str, Any], index: int) -> tuple[int, int]:
    """First byte of an accessor in the buffer, and the one after its last. Raises KeyError, IndexError or TypeError for a broken one."""
    accessor = doc["accessors"][index]
    view, size = doc["bufferViews"][accessor["bufferView"]], item_size(accessor)
    start = int(view.get("byteOffset", 0) + accessor.get("byteOffset", 0))
    return start, int(start + (stride(doc, accessor) * (accessor["count"] - 1) + size if accessor["count"] else 0))


def stride(doc: dict[str, Any], accessor: dict[str, Any]) -> int:
    """Bytes from one value of an accessor to the next."""
    return int(doc["bufferViews"][accessor["bufferView"]].get("byteStride", 0) or item_size(accessor))


def item_size(accessor: dict[str, Any]) -> int:
    """Bytes of one value of an accessor."""
    return WIDTHS[accessor["type"]] * np.dtype(DTYPES[accessor["componentType"]]).itemsize


def _view_range(doc: dict[str, Any], index: int) -> tuple[int, int]:
    view = doc["bufferViews"][index]
    return int(view.get("byteOffset", 0)), int(view.get("byteOffset", 0) + view["byteLength"])


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects of a JSON, at any depth."""
    ahead = [value]
    while ahead:
        item = ahead.pop()
        if isinstance(item, dict):
            yield item
            ahead += item.values()
        elif isinstance(item, list):
            ahead += item


def _used(each: dict[str, Any]) -> Iterator[Any]:
    """The accessors that an object of the JSON names, among other values."""
    yield from (each[name] for name in USES if name in each)
    attributes, targets = each.get("attributes"), each.get("targets")
    for table in (attributes, *(targets if isinstance(targets, list) else ())):
        if isinstance(table, dict):
            yield from table.values()
