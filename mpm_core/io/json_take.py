"""JSON in and out: one recording as plain text that any language reads. F frames, P points, D = 3 (metres, Z up) or 2 (pixels, y down).

One frame to a line; 9 significant digits, from which each float32 comes back bit for bit; null = missing. The layout is docs/formats.md's.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import CHANGED, DataError, FormatError, Malformed, reason
from mpm_core.files.atomic import atomic_write
from mpm_core.io.json_text import by_rows, load_json
from mpm_core.io.json_values import image_size, name_list, number, whole
from mpm_core.recording import Origin, Recording, Source, make_recording
from mpm_core.skeleton import Skeleton, skeleton_of
from mpm_core.typing import Float

KIND, VERSION = "mpm-studio take", 1
UNIT_UP = {3: ("m", "z"), 2: ("px", "-y")}  # by dimensions


def sniff(path: Path, head: bytes) -> bool:
    return f'"format": "{KIND}"'.encode() in head[:200]


def read(path: Path) -> Recording:
    """The recording as it was written. Raises FormatError when the file is damaged, of another version, or contradicts itself."""
    where, table = str(path), load_json(path, lambda text: by_rows(text, ROWS))
    if not isinstance(table, dict) or table.get("version") != VERSION:
        version = table.get("version") if isinstance(table, dict) else None
        raise FormatError(
            f"the file is of version {version!r}; this program reads {VERSION}", where=where, hint="open it with the program that wrote it"
        )
    try:
        return _recording(table, path)
    except DataError as error:
        raise FormatError(error.what, where=where, hint=CHANGED) from error
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise FormatError(f"the take cannot be understood ({reason(error)})", where=where, hint=CHANGED) from error


def _recording(table: dict[str, Any], path: Path) -> Recording:
    """Raises DataError, or as the JSON's values do: KeyError, TypeError, ValueError, IndexError, OverflowError."""
    names = name_list(table["points"])
    D = 2 if table["unit"] == "px" else 3
    unit, up = UNIT_UP[D]
    if (table["unit"], table.get("up", up)) != (unit, up):
        raise Malformed(f"unit {table['unit']!r} and up {table.get('up', up)!r} are neither m and z nor px and -y")
    xyz_FPD = _array(table["xyz"], (len(names), D))
    size, parents, first_frame = table.get("image_wh"), table.get("parents"), whole(table["first_frame"])
    source = Source(str(path), "json", unit, up, np.eye(3), first_frame, image_wh=None if size is None else image_size(size))
    skeleton = None
    if parents is not None:
        skeleton = skeleton_of(names) or Skeleton(path.stem, names, tuple(whole(parent) for parent in parents))
    if table.get("frames", len(xyz_FPD)) != len(xyz_FPD):
        raise Malformed(f"it says {table['frames']} frames and holds {len(xyz_FPD)}")
    rec = make_recording(names, number(table["rate_hz"]), xyz_FPD, skeleton=skeleton, source=source)
    origin_FP = _array(table["origin"], (len(names),))
    if not np.isin(origin_FP, [int(origin) for origin in Origin]).all():
        raise Malformed("an origin is unknown")
    shapes: dict[str, tuple[int, ...]] = {"sigma": (len(names),), "confidence": (len(names),), "unfiltered": (len(names), D)}
    arrays = {name: _array(table[name], shape).astype(np.float32) for name, shape in shapes.items() if table.get(name) is not None}
    return replace(
        rec,
        origin_FP=origin_FP.astype(np.uint8),
        sigma_FP=arrays["sigma"],
        confidence_FP=arrays.get("confidence"),
        unfiltered_FPD=arrays.get("unfiltered"),
    )


def write(rec: Recording, path: Path) -> None:
    """Write positions, origins, sigmas and what goes with them. Raises FormatError when the file cannot be written."""
    head: dict[str, Any] = {
        "format": KIND,
        "version": VERSION,
        "unit": UNIT_UP[rec.dims][0],
        "up": UNIT_UP[rec.dims][1],
        "rate_hz": rec.rate_hz,
        "first_frame": rec.source.first_frame,
        "frames": rec.frames,
        "points": rec.points,
        "origins": {int(origin): origin.name.lower() for origin in Origin},
    }
    if rec.skeleton is not None and rec.skeleton.names == rec.points:
        head["parents"] = rec.skeleton.parents
    if rec.source.image_wh is not None:
        head["image_wh"] = rec.source.image_wh
    arrays: dict[str, NDArray[Any]] = {"xyz": rec.xyz_FPD, "origin": rec.origin_FP, "sigma": rec.sigma_FP}
    if rec.confidence_FP is not None:
        arrays["confidence"] = rec.confidence_FP
    if rec.unfiltered_FPD is not None:
        arrays["unfiltered"] = rec.unfiltered_FPD
    with atomic_write(path) as file:
        file.write(json.dumps(head, ensure_ascii=False, indent=0)[:-2].encode())
        for name, array in arrays.items():
            file.write(f',\n"{name}": [\n'.encode())
            for frame in range(len(array)):
                file.write((("," if frame else "") + json.dumps(_row(array[frame])) + "\n").encode())
            file.write(b"]")
        file.write(b"\n}\n")


def _row(values: NDArray[Any]) -> list[Any]:
    """A frame's values; null for each not-a-number, and for a sample without any."""
    if values.dtype.kind != "f":
        return list(values.tolist())
    if values.ndim == 1:
        return [float(f"{value:.9g}") if np.isfinite(value) else None for value in values.tolist()]
    return [_row(value) if np.isfinite(value).any() else None for value in values]


def _numbers(row: Any) -> Float:
    """A frame's (P,) values or (P, D) samples, NaN for null. Raises ValueError for anything else."""
    if not isinstance(row, list):
        raise Malformed(f"a frame is {str(row)[:20]!r}, not a list")
    width = next((len(value) for value in row if isinstance(value, list)), 0)
    try:
        return np.array([[None] * width if value is None else value for value in row] if width else row, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise Malformed(f"a frame is {str(row)[:40]}..., which is not a number or a sample for each point") from error


ROWS = dict.fromkeys(("xyz", "origin", "sigma", "confidence", "unfiltered"), _numbers)


def _array(rows: list[Float], shape: tuple[int, ...]) -> Float:
    """(F, *shape) of what `_numbers` made; a frame of nulls may lack the last axis. Raises ValueError for any other shape."""
    if not isinstance(rows, list):
        raise Malformed(f"{str(rows)[:20]!r} is not a list of frames")
    out = np.full((len(rows), *shape), np.nan)
    for frame, row in enumerate(rows):
        if row.shape != shape and not (row.shape == shape[:1] and np.isnan(row).all()):
            raise Malformed(f"frame {frame + 1} holds {row.shape} numbers, not {shape}")
        out[frame] = row if row.shape == shape else np.nan
    if (np.abs(out) > np.finfo(np.float32).max).any():
        raise Malformed("a number is too large")
    return out
