"""The prepared corpus on disk, read without copying it to memory. N rows (frames), J = 17 joints.

index.json lists the clips; joints-*.npy hold their positions (N, 17, 3) float32, metres, Z up; pixels-*.npy the detections that belong to
some of them (N, 17, 2) float32, pixels, y down. The layout is docs/data.md's. Older layouts are read too: without sources and checksums,
and, as first versions wrote it, one joints.npy with a plain list of clips.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError, Malformed, reason
from mpm_core.typing import Float32
from mpm_train.data.shards import identity

INDEX = "index.json"
LAYOUT = 2  # of the index: since 2 it has sources, checksums and what made it
HELD_OUT = ("validation", "test")  # nothing is trained on them
SPLITS = ("train", *HELD_OUT)
HINT = "make one with mpm-train prepare"
AGAIN = "make the corpus again with mpm-train prepare"
Turn = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]
Lens = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """One camera's detections of a clip: rows start..stop-1 of the pixels, one for each frame of the clip.

    turn_33 @ (world - place_3) = camera axes (x right, y down, z forward; metres); None where the camera is not known. lens: focal lengths
    along x and y, and the principal point, pixels; None where they are not known.
    """

    camera: str
    detector: str
    image_wh: tuple[int, int]
    start: int
    stop: int
    turn_33: Turn | None = None
    place_3: tuple[float, float, float] | None = None
    lens: Lens | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """Rows start..stop-1 of the joints. split: train, validation or test. action: what the data set calls it, empty where it does not.

    scored: (start, stop) frames of the clip that a protocol counts; empty = all. source: the data set, or the folder it was read from;
    empty where an older index does not say. weights_free: whether weights trained on it may be shipped; None = nobody says.
    """

    name: str
    subject: str
    split: str
    rate_hz: float
    start: int
    stop: int
    licence: str
    action: str = ""
    views: tuple[View, ...] = ()
    scored: tuple[tuple[int, int], ...] = ()
    source: str = ""
    weights_free: bool | None = None


class Rows:
    """The rows of several .npy files as if they were one array; a row is read from disk when it is indexed.

    Indexed by a number, a slice or an array of numbers (any shape) along the first axis. It travels to worker processes as file names.
    """

    def __init__(self, paths: list[Path], cell: tuple[int, ...]) -> None:
        self.paths, self.cell = tuple(paths), cell
        self._maps = [_mapped(path, cell) for path in paths]
        self._starts = np.cumsum([0, *(len(rows) for rows in self._maps)])

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *self.cell)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def first(self, shard: int) -> int:
        """The row with which a file begins."""
        return int(self._starts[shard])

    def __getitem__(self, rows: int | slice | NDArray[np.integer[Any]]) -> Float32:
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            for (first, last), shard in zip(pairwise(self._starts), self._maps, strict=True):
                if step == 1 and first <= start < stop <= last:
                    return shard[start - first : stop - first]
            return self[np.arange(start, stop, step)]
        wanted = np.asarray(rows)
        if wanted.size and (int(wanted.min()) < -len(self) or int(wanted.max()) >= len(self)):
            raise IndexError(f"rows {wanted.min()} to {wanted.max()} of {len(self)}")
        wanted = np.where(wanted < 0, wanted + len(self), wanted)
        if len(self._maps) == 1:
            return np.asarray(self._maps[0][wanted])
        out = np.empty((*wanted.shape, *self.cell), np.float32)
        shard_of = np.searchsorted(self._starts, wanted, side="right") - 1
        for shard in np.unique(shard_of):
            here = shard_of == shard
            out[here] = self._maps[shard][wanted[here] - self._starts[shard]]
        return out

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self[np.arange(len(self))], dtype=dtype)

    def __reduce__(self) -> tuple[type[Rows], tuple[list[Path], tuple[int, ...]]]:
        return Rows, (list(self.paths), self.cell)


class Joints(Protocol):
    """Rows to draw windows from: an array, Rows, or anything that gives rows for an array of their numbers."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, rows: Any, /) -> Any: ...


def load_corpus(folder: Path) -> tuple[Rows, list[Clip]]:
    """Memory-mapped joints and the clips, whose rows count through all files.

    Raises DataError when the folder holds no corpus, or a file of it is damaged.
    """
    try:
        index = read_index(folder)
        check_sizes(folder, index)
        joints = Rows([folder / name for name in index["joints"]], (17, 3))
        pixels = Rows([folder / name for name in index["pixels"]], (17, 2))
        clips = [_clip(row, joints, pixels) for row in index["clips"]]
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise DataError(f"there is no corpus here ({reason(error)})", where=str(folder), hint=HINT) from error
    return joints, clips


def load_pixels(folder: Path) -> Rows:
    """Memory-mapped detections (N, 17, 2), pixels, y down, that the clips' views point to. Raises DataError."""
    try:
        return Rows([folder / name for name in read_index(folder)["pixels"]], (17, 2))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"there is no corpus here ({reason(error)})", where=str(folder), hint=HINT) from error


def corpus_hash(folder: Path) -> str:
    """The identity of what a corpus holds: its clips (who, which split, which terms) and every position. The same for the same content
    in files of the same size (--shard-mb), wherever it lies and whoever made it.

    Raises DataError when the folder holds no corpus.
    """
    try:
        index = read_index(folder)
        kept = index.get("files", {})
        files = [[(kept.get(name) or identity(folder / name))["sha256"] for name in index[kind]] for kind in ("joints", "pixels")]
        files += [marked] if (marked := [kept[name]["sha256"] for name in kept if name.startswith("markers-")]) else []
        clips = [asdict(clip) for clip in load_corpus(folder)[1]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"there is no corpus here ({reason(error)})", where=str(folder), hint=HINT) from error
    return hashlib.sha256(json.dumps([files, clips], sort_keys=True).encode()).hexdigest()


def check_sizes(folder: Path, index: dict[str, Any]) -> None:
    """Raises DataError for a file that has not the size that the index records (older ones record none)."""
    for name, kept in index.get("files", {}).items():
        path = folder / name
        size = path.stat().st_size if path.is_file() else None
        if size != kept["bytes"]:
            raise damaged(path, "it is missing" if size is None else f"it has {size:,} bytes instead of {kept['bytes']:,}")


def damaged(path: Path, how: str) -> DataError:
    """The error for a file of a corpus that is not as it was written."""
    return DataError(f"this file of the corpus is damaged: {how}", where=str(path), hint=AGAIN)


def read_index(folder: Path) -> dict[str, Any]:
    """index.json, older layouts as the present one. Raises OSError, ValueError."""
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    if isinstance(index, list):
        index = {"joints": ["joints.npy"], "pixels": [], "clips": [row | {"shard": 0} for row in index]}
    return dict(index)


def _mapped(path: Path, cell: tuple[int, ...]) -> Float32:
    try:
        rows: Float32 = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise damaged(path, str(error)) from error
    if rows.dtype != np.float32 or rows.shape[1:] != cell:
        raise damaged(path, f"it holds {rows.dtype} of shape {rows.shape}")
    return rows


def _clip(row: dict[str, Any], joints: Rows, pixels: Rows) -> Clip:
    row = dict(row)
    views = tuple(_view(view, pixels) for view in row.pop("views", ()))
    scored = tuple((int(start), int(stop)) for start, stop in row.pop("scored", ()))
    clip = Clip(**_placed(row, joints), views=views, scored=scored)
    frames = clip.stop - clip.start
    if clip.split not in SPLITS or not clip.rate_hz > 0 or any(view.stop - view.start != frames for view in views):
        raise Malformed(f"the clip {clip.name} contradicts itself")
    return clip


def _view(row: dict[str, Any], pixels: Rows) -> View:
    row = _placed(dict(row), pixels)
    turn, place = row.pop("turn_33"), row.pop("place_3")
    width, height = row.pop("image_wh")
    r = None if turn is None else tuple(tuple(float(value) for value in line) for line in turn)
    t = None if place is None else tuple(float(value) for value in place)
    lens = row.pop("lens", None)
    k = None if lens is None else tuple(float(value) for value in lens)
    if k is not None and (len(k) != 4 or not np.isfinite(k).all()):
        raise Malformed(f"a lens of {row.get('camera')} is not two focal lengths and a principal point")
    return View(**row, image_wh=(int(width), int(height)), turn_33=r, place_3=t, lens=k)  # type: ignore[arg-type]


def _placed(row: dict[str, Any], rows: Rows) -> dict[str, Any]:
    """The row with start and stop counted through all files instead of in its own."""
    shard = int(row.pop("shard"))
    first, last = rows.first(shard), rows.first(shard + 1)
    start, stop = first + int(row.pop("start")), first + int(row.pop("stop"))
    if not first <= start < stop <= last:
        raise Malformed(f"{row.get('name', 'a view')} lies outside its file")
    return row | {"start": start, "stop": stop}
