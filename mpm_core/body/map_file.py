"""A body mapping kept in a file: which label is which place on the body, for takes with the same labels.

JSON: {"mpm_map": 1, "name": ..., "places": {place: label}, "segments": {label: segment}}. Labels are without the subject's prefix, so that
the file serves the next person. Places are those of markers.known_roles; segments are for reading only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpm_core.body.markers import known_roles
from mpm_core.errors import FormatError, MappingError
from mpm_core.files.atomic import write_bytes

VERSION = 1
LARGEST_BYTES = 1_000_000
LEAST_SHARE = 0.8  # of a map's labels that a take must have for the map to be offered
ENDING = ".map.json"


@dataclass(frozen=True, slots=True)
class MapFile:
    """places: place on the body -> label; segments: label -> segment."""

    name: str
    places: dict[str, str]
    segments: dict[str, str] = field(default_factory=dict)

    def overrides(self, points: Sequence[str]) -> dict[str, str]:
        """Place -> point of a take, as `body.map_body` takes them. Raises MappingError when none of the labels is there."""
        point_of = {plain(point): point for point in reversed(points)}
        found = {place: point_of[label] for place, label in self.places.items() if label in point_of}
        if not found:
            raise MappingError(f"none of the labels of the map {self.name!r} is in this take", hint="it was made for other labels")
        return found

    def share(self, points: Sequence[str]) -> float:
        """Share of the map's labels that a take has, 0..1."""
        labels = {plain(point) for point in points}
        return sum(label in labels for label in self.places.values()) / max(len(self.places), 1)


def plain(point: str) -> str:
    """A label without its subject's prefix."""
    return point.rpartition(":")[2]


def make_map(name: str, places: Mapping[str, str], segments: Mapping[str, str] | None = None) -> MapFile:
    """A map of a take's own points (place -> point, point -> segment)."""
    return MapFile(
        name, {place: plain(point) for place, point in places.items()}, {plain(p): segment for p, segment in (segments or {}).items()}
    )


def save_map(path: Path, made: MapFile) -> None:
    """Write it, whole or not at all. Raises FormatError when it cannot be written."""
    table = {"mpm_map": VERSION, "name": made.name, "places": made.places, "segments": made.segments}
    write_bytes(path, (json.dumps(table, indent=2, ensure_ascii=False) + "\n").encode())


def load_map(path: Path) -> MapFile:
    """Read it. Raises FormatError for anything in it that is not understood."""
    where = str(path)
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise FormatError("this is too large for a map", where=where, hint="give a file that info --save-map or the window wrote")
        table = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise FormatError(f"the map cannot be opened: {error.strerror}", where=where, hint="check the path") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"the map is not whole ({error})", where=where, hint="it must be JSON") from error
    if not isinstance(table, dict) or table.get("mpm_map") != VERSION:
        raise FormatError(f'this is not a map that can be read: it must say "mpm_map": {VERSION}', where=where, hint="save it again")
    places: Any = table.get("places")
    segments: Any = table.get("segments", {})
    for part, name in ((places, "places"), (segments, "segments")):
        if not isinstance(part, dict) or not all(isinstance(value, str) for value in part.values()):
            raise FormatError(f"{name} of the map must be names", where=where)
    unknown = [place for place in places if place not in known_roles()]
    if unknown or not places:
        raise FormatError(
            f"the map names {', '.join(map(repr, unknown[:3])) or 'no places'}", where=where, hint="known: see docs/markers.md"
        )
    return MapFile(str(table.get("name", path.name)), dict(places), dict(segments))


def fitting_map(folder: Path, points: Sequence[str]) -> tuple[Path, MapFile] | None:
    """The map of a folder that most labels of a take fit, at least LEAST_SHARE of its own; files that cannot be read are passed over."""
    best: tuple[float, int, Path, MapFile] | None = None
    for path in sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []:
        try:
            made = load_map(path)
        except FormatError:  # of another version, or damaged: it cannot be offered
            continue
        share = made.share(points)
        if share >= LEAST_SHARE and (best is None or (share, len(made.places)) > best[:2]):
            best = share, len(made.places), path, made
    return None if best is None else best[2:]
