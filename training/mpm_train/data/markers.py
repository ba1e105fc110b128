"""The labelled markers of a corpus, to learn and to measure on: windows with gaps as gaps. F frames, M markers.

markers.json lists the takes; markers-*.npy hold their samples one after another, (N, 3) float32, frame by frame, metres, Z up, NaN where
a marker was not seen. Whole takes: nothing is cut out of them, and nothing filled.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError, Malformed, reason
from mpm_core.files.atomic import write_bytes
from mpm_core.typing import Float32
from mpm_train.data.corpus import HINT, SPLITS, Rows
from mpm_train.data.shards import Shards
from mpm_train.data.take import Markers

MARKER_INDEX = "markers.json"


@dataclass(frozen=True, slots=True)
class MarkerTake:
    """One take. labels: of the M markers. xyz_FM3: memory-mapped, metres, Z up, NaN = not seen."""

    name: str
    subject: str
    split: str
    rate_hz: float
    licence: str
    labels: tuple[str, ...]
    xyz_FM3: Float32


def load_markers(folder: Path) -> list[MarkerTake]:
    """Every marker take of a corpus; none for a corpus of takes without markers. Raises DataError when the folder holds no corpus, or one
    from before markers were kept.

    The same marker set has the same labels in the same order in all takes of a data set; `take.labels.index("LKNE")` finds a column.
    """
    try:
        index = json.loads((folder / MARKER_INDEX).read_text(encoding="utf-8"))
        rows = Rows([folder / name for name in index["markers"]], (3,))
        return [_take(take, rows) for take in index["takes"]]
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise DataError(f"there are no markers here ({reason(error)})", where=str(folder), hint=HINT) from error


def add_markers(markers: Markers, shards: Shards) -> dict[str, Any]:
    """Where a take's samples will lie, and whose they are: a part of its entry in the index."""
    return {"labels": list(markers.names), "frames": len(markers.xyz_FM3)} | shards.add(markers.xyz_FM3.reshape(-1, 3))


def write_marker_index(folder: Path, names: list[str], takes: list[dict[str, Any]]) -> None:
    """Write markers.json. names: the files that hold the samples; takes: their entries, as `add_markers` begins them."""
    write_bytes(folder / MARKER_INDEX, json.dumps({"markers": names, "takes": takes}, indent=1).encode())


def _take(entry: dict[str, Any], rows: Rows) -> MarkerTake:
    labels, frames = tuple(entry["labels"]), int(entry["frames"])
    first, last = rows.first(entry["shard"]), rows.first(entry["shard"] + 1)
    start, stop = first + entry["start"], first + entry["stop"]
    if not first <= start < stop <= last or stop - start != frames * len(labels) or entry["split"] not in SPLITS:
        raise Malformed(f"the take {entry['name']} contradicts itself")
    xyz_FM3 = rows[start:stop].reshape(frames, len(labels), 3)
    return MarkerTake(entry["name"], entry["subject"], entry["split"], float(entry["rate_hz"]), entry["licence"], labels, xyz_FM3)
