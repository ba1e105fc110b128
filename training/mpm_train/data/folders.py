"""What each folder gave: time, frame rates and who says them, sizes of the bodies, how fast they fall; and folders that gave nothing."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mpm_train.data.fall import rate_suspicion

Row = dict[str, Any]
HEADS = ("folder", "takes", "minutes", "Hz, by", "leg mm", "torso mm", "falls", "m/s2", "suspicious")
SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Folder:
    """rates: "120 Hz by the file" -> takes. leg_m: hip to ankle, torso_m: hip to thorax along the bones; (least, most) over takes.

    falls: in the takes; fall_m_s2: their median acceleration, None without any. suspicious: takes. suspicion: of the folder's frame rate.
    """

    name: str
    takes: int
    minutes: float
    rates: dict[str, int]
    leg_m: tuple[float, float]
    torso_m: tuple[float, float]
    falls: int
    fall_m_s2: float | None
    suspicious: int
    suspicion: str


def folders_of(rows: Iterable[Row]) -> list[Folder]:
    """A line for each folder of takes; the folders of a data set's people, which are alike, together."""
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row["error"] and row["kept"]:
            by_name[folder_of(row)].append(row)
    return [_summed(name, some) for name, some in sorted(by_name.items())]


def table_of(found: Sequence[Folder]) -> list[tuple[str, ...]]:
    """The rows under HEADS."""
    return [
        (
            one.name,
            str(one.takes),
            f"{one.minutes:.1f}",
            "; ".join(f"{rate} ({takes})" if len(one.rates) > 1 else rate for rate, takes in one.rates.items()),
            _span(one.leg_m),
            _span(one.torso_m),
            str(one.falls),
            "" if one.fall_m_s2 is None else f"{one.fall_m_s2:.1f}",
            str(one.suspicious),
        )
        for one in found
    ]


def unread(roots: Sequence[Path], rows: Iterable[Row]) -> list[str]:
    """Folders with files in and below them of which no take was read, the topmost of each, with the endings of their files."""
    read = {folder for row in rows if not row["error"] for folder in Path(row["file"]).parents}
    found = []
    for root in (root for root in roots if root.is_dir()):
        for name, folders, _ in os.walk(root):
            folder = Path(name)
            if folder in read:
                continue
            folders.clear()
            endings = Counter(path.suffix.lower() or path.name for path in folder.rglob("*") if path.is_file())
            if endings:
                found.append(f"{folder} ({', '.join(f'{count} {ending}' for ending, count in endings.most_common(4))})")
    return found


def folder_of(row: Row) -> str:
    """A take's folder, or the one above it where the folder is the subject's."""
    folder = Path(row["place"]).parent
    own = row["subject"].rpartition("-")[2] == folder.name and len(folder.parts) > 1
    return (folder.parent / "*" if own else folder).as_posix()


def _summed(name: str, rows: list[Row]) -> Folder:
    falls = [fall for row in rows for fall in row["falls_m_s2"]]
    rates = dict(Counter(f"{row['rate_hz']:g} by {row['rate_by']}" for row in rows).most_common())
    legs = [np.mean([row["bones_m"][bone][0] + row["bones_m"][other][0] for bone, other in _LEGS]) for row in rows]
    torsos = [row["bones_m"]["hip-spine"][0] + row["bones_m"]["spine-thorax"][0] for row in rows]
    return Folder(
        name=name,
        takes=len(rows),
        minutes=sum(row["kept"] / row["rate_hz"] for row in rows) / 60,
        rates=rates,
        leg_m=(float(min(legs)), float(max(legs))),
        torso_m=(float(min(torsos)), float(max(torsos))),
        falls=len(falls),
        fall_m_s2=float(np.median(falls)) if falls else None,
        suspicious=sum(bool(row["suspicious"]) for row in rows),
        suspicion=rate_suspicion(falls, rows[0]["rate_hz"]) if len({row["rate_hz"] for row in rows}) == 1 else "",
    )


_LEGS = tuple((f"{side}_hip-{side}_knee", f"{side}_knee-{side}_ankle") for side in SIDES)


def _span(lengths_m: tuple[float, float]) -> str:
    low, high = (f"{1000 * length:.0f}" for length in lengths_m)
    return low if low == high else f"{low} to {high}"
