"""A mapping proposed from motion, and the maps the user saved. Needs no window."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mpm_core.body.by_motion.roles import Guess, Proposal, propose
from mpm_core.body.joints import body17
from mpm_core.body.map_file import ENDING, MapFile, fitting_map, make_map, save_map
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.edit.file_frames import file_names
from mpm_core.errors import MappingError
from mpm_core.gaps import known
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording


@dataclass(frozen=True, slots=True)
class Offered:
    """What to show: guesses by point, how clear front is (1 for a map that was saved), and the saved map they come from, if any."""

    proposal: Proposal
    saved: str = ""


def maps_folder() -> Path:
    """Where maps are kept for this user."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "mpm-studio" / "maps"


def offer(rec: Recording, cancel: Cancel, progress: Progress) -> Offered:
    """A saved map for these labels, else one from motion. Raises MappingError when there is neither."""
    progress(-1.0, "looking for a body in the points' motion")
    found = fitting_map(maps_folder(), rec.points)
    return from_map(rec, found[1]) if found is not None else Offered(propose(rec))


def kept_overrides(rec: Recording) -> tuple[dict[str, str], str]:
    """Place on the body -> point by the map that the user saved for these labels, and its name; nothing when there is none."""
    found = fitting_map(maps_folder(), rec.points) if rec.dims == 3 else None
    return ({}, "") if found is None else (found[1].overrides(rec.points), found[1].name)


def followed(overrides: Mapping[str, str], before: Recording, after: Recording) -> dict[str, str]:
    """Body joint or place -> point, of a take whose points were renamed or merged: the same points, found by the file's names."""
    in_file = dict(zip(before.points, file_names(before), strict=True))
    now = {name: point for point, names in zip(after.points, file_names(after), strict=True) for name in names}
    return {place: next((now[name] for name in in_file.get(point, ()) if name in now), point) for place, point in overrides.items()}


def from_map(rec: Recording, made: MapFile) -> Offered:
    """A saved map as guesses. Raises MappingError when it fits none of the labels."""
    place_of = {point: place for place, point in made.overrides(rec.points).items()}
    segment_of = {point: made.segments.get(point.rpartition(":")[2], "") for point in rec.points}
    guesses = (Guess(n, segment_of[p], place_of.get(p, ""), 1.0 if p in place_of else 0.0) for n, p in enumerate(rec.points))
    return Offered(Proposal(tuple(guesses), 1.0), made.name)


def verdict(rec: Recording, places: Mapping[str, str]) -> tuple[bool, str]:
    """Whether places (place -> point) make a body, and a sentence on it."""
    if not places:
        return False, "No marker has a place yet."
    try:
        bmap = map_body(rec, places)
    except MappingError as error:
        return False, f"{error.what[:1].upper()}{error.what[1:]}."
    known_J = np.asarray(known(body_joints(rec, bmap)).any(axis=0))
    lacking = [name.replace("_", " ") for name, there in zip(body17().names, known_J, strict=True) if not there]
    if len(lacking) == len(known_J):
        return False, "These places make no joint."
    made = f"{int(known_J.sum())} of 17 joints can be computed"
    return True, f"{made}; not: {', '.join(lacking)}." if lacking else f"{made}."


def remember(name: str, places: Mapping[str, str], segments: Mapping[str, str], path: Path | None = None) -> Path:
    """Save a map to `path`, else in the user's folder under its name. Raises FormatError."""
    if path is None:
        folder = maps_folder()
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{re.sub(r'[^A-Za-z0-9_-]+', '_', name).strip('_') or 'map'}{ENDING}"
    save_map(path, make_map(name, places, segments))
    return path
