"""Body mappings in files: which marker label is which place on the body, for takes with the same labels.

JSON: {"mpm_map": 1, "name": ..., "places": {place: label}, "segments": {label: segment}, "sure": {...}}. Labels have no subject prefix, so
that the file can be used for other people. Places are those of markers.known_roles; segments, and how sure a map found by motion is, are
for information only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpm_core.body.markers import known_roles
from mpm_core.errors import FormatError, MappingError, reason
from mpm_core.files.atomic import write_bytes

VERSION = 1
LARGEST_BYTES = 1_000_000
LEAST_SHARE = 0.8  # share of a map's labels that a take must have
ENDING = ".map.json"


@dataclass(frozen=True, slots=True)
class MapFile:
    """places: place on the body -> label; segments: label -> segment; sure: confidence of a map found by motion, 0..1, by what it is in."""

    name: str
    places: dict[str, str]
    segments: dict[str, str] = field(default_factory=dict)
    sure: dict[str, float] = field(default_factory=dict)

    def overrides(self, points: Sequence[str]) -> dict[str, str]:
        """Place -> point of a take, for `map_body`. Raises MappingError when the take has none of the labels."""
        point_by_label = {plain(point): point for point in reversed(points)}
        by_place = {place: point_by_label[label] for place, label in self.places.items() if label in point_by_label}
        if not by_place:
            raise MappingError(f"none of the labels of the map {self.name!r} is in this take", hint="it was made for other labels")
        return by_place

    def share(self, points: Sequence[str]) -> float:
        """Share of the map's labels that a take has, 0..1."""
        labels = {plain(point) for point in points}
        return sum(label in labels for label in self.places.values()) / max(len(self.places), 1)


def plain(point: str) -> str:
    """A label without the prefix of its subject."""
    return point.rpartition(":")[2]


def make_map(name: str, places: Mapping[str, str], segments: Mapping[str, str] | None = None) -> MapFile:
    """A map of a take's own points (place -> point, point -> segment)."""
    return MapFile(
        name, {place: plain(point) for place, point in places.items()}, {plain(p): segment for p, segment in (segments or {}).items()}
    )


def save_map(path: Path, map_file: MapFile) -> None:
    """Write a map file, atomically. Raises FormatError when it cannot be written."""
    table = {"mpm_map": VERSION, "name": map_file.name, "places": map_file.places, "segments": map_file.segments}
    table |= {"sure": map_file.sure} if map_file.sure else {}
    write_bytes(path, (json.dumps(table, indent=2, ensure_ascii=False) + "\n").encode())


def load_map(path: Path) -> MapFile:
    """Read a map file. Raises FormatError when its content is not valid."""
    where = str(path)
    try:
        if path.exists() and not path.is_file():
            raise FormatError("this is not a regular file", where=where, hint="give a map that info --save-map or the window wrote")
        if path.stat().st_size > LARGEST_BYTES:
            raise FormatError("this is too large for a map", where=where, hint="give a file that info --save-map or the window wrote")
        table = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise FormatError(f"the map cannot be opened: {error.strerror}", where=where, hint="check the path") from error
    except (ValueError, RecursionError) as error:
        raise FormatError(f"the map is not whole ({reason(error)})", where=where, hint="it must be JSON") from error
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
    """The map file of a folder with the greatest share of labels in a take, at least LEAST_SHARE; unreadable files are skipped."""
    best: tuple[float, int, Path, MapFile] | None = None
    for path in sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []:
        try:
            map_file = load_map(path)
        except FormatError:  # of another version, or damaged
            continue
        share = map_file.share(points)
        if share >= LEAST_SHARE and (best is None or (share, len(map_file.places)) > best[:2]):
            best = share, len(map_file.places), path, map_file
    return None if best is None else best[2:]
