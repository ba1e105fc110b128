"""Names of points as files give them, made unique: empty ones and ones used twice get a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from mpm_core.errors import FormatError

NUMBERED = "labels that occur more than once were numbered #2, #3 ..."


def unique_names(labels: Mapping[int, str]) -> tuple[tuple[str, ...], list[str]]:
    """A name for each column -> label: one used before gets #2, #3 ..., an empty one *1, *2 ... by its column from 0; and a note if so."""
    wanted = {c: label or f"*{c + 1}" for c, label in labels.items()}
    as_labelled = set(wanted.values())
    names: dict[str, int] = {}
    counts: Counter[str] = Counter()
    for c, label in wanted.items():
        counts[label] += 1
        name = label if counts[label] == 1 else f"{label}#{counts[label]}"
        while name in names or (name != label and name in as_labelled):
            counts[label] += 1
            name = f"{label}#{counts[label]}"
        names[name] = c
    return tuple(names), [NUMBERED] if len(as_labelled) < len(wanted) else []


def check_names(names: Iterable[str], forbidden: str, title: str, where: str, most_bytes: int | None = None) -> None:
    """Raises FormatError for a name that would not come back from text: empty, edged with blanks, with line breaks or `forbidden`, or of
    more than `most_bytes` bytes in UTF-8.
    """
    for name in names:
        if not name or name != name.strip() or len(f"{name}.".splitlines()) > 1 or set(name) & set(forbidden):
            raise FormatError(f"the point name {name!r} cannot be written in a {title}", where=where, hint="rename it")
        if most_bytes is not None and len(name.encode()) > most_bytes:
            what = f"the point name {name[:40]!r}... has {len(name.encode())} bytes, and a {title} holds {most_bytes}"
            raise FormatError(what, where=where, hint="rename it")
