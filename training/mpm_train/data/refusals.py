"""Files that could not be read, equal reasons together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

NAMED = 3  # files by name in a line; prepare.json has all


def refusals(rows: Iterable[dict[str, Any]]) -> list[str]:
    """A line for each reason, with the number of its files and the names of a few. Reasons that differ in a number only are one.

    >>> refusals([{"error": "a/b.amc: no rate (say one)", "what": "no rate", "hint": "say one", "place": "a/b.amc"}])
    ['a/b.amc: no rate (say one)']
    """
    alike: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["error"]:
            alike.setdefault((re.sub(r"\d+(\.\d+)?", "0", row["what"]), row["hint"]), []).append(row)
    lines = []
    for some in sorted(alike.values(), key=len, reverse=True):
        if len(some) == 1:
            lines.append(some[0]["error"])
            continue
        names = ", ".join(row["place"] for row in some[:NAMED])
        more = f" and {len(some) - NAMED} more" if len(some) > NAMED else ""
        hint = f" ({some[0]['hint']})" if some[0]["hint"] else ""
        lines.append(f"{len(some)} files: {some[0]['what']}{hint}: {names}{more}")
    return lines
