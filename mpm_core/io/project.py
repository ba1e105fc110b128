"""The project file (.mpm): a zip of project.json and .npy arrays that brings back a recording, its original and the view as they were.

Nothing is pickled; every array, name and number comes back bit for bit. Arrays that recording and original share are stored once.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError, FormatError
from mpm_core.io.atomic import atomic_write
from mpm_core.io.packed import open_archive, read_array, read_member, write_array, write_member
from mpm_core.recording import Recording, Source
from mpm_core.rig import Rig
from mpm_core.skeleton import Skeleton

VERSION = 2  # 2 says which program saved it
KIND = "mpm-studio project"
INDEX = "project.json"
INDEX_MB = 8  # names, notes, the log and the view; as Python's objects JSON may need 22 times its bytes


@dataclass(frozen=True, slots=True)
class Project:
    """recording: as it was saved, with marks and fills; original: as it was opened; view: what the window keeps (plain JSON values)."""

    recording: Recording
    original: Recording
    view: dict[str, Any]


def sniff(path: Path, head: bytes) -> bool:
    if not head.startswith(b"PK\x03\x04"):
        return False
    if path.suffix.lower() == ".mpm":
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return INDEX in archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return False


def read(path: Path) -> Recording:
    """The project's recording. Raises FormatError."""
    return load(path).recording


def write(rec: Recording, path: Path) -> None:
    """A project whose original is the recording itself. Raises FormatError."""
    save(path, rec, rec, {})


def save(path: Path, recording: Recording, original: Recording, view: dict[str, Any]) -> None:
    """Write a project atomically.

    Raises DataError when the view holds more than plain JSON values, FormatError when the file cannot be written.
    """
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        packer = _Packer(archive)
        index = {
            "kind": KIND,
            "version": VERSION,
            "program": program(),
            "recording": _pack(recording, packer),
            "original": _pack(original, packer),
            "view": view,
        }
        try:
            text = json.dumps(index, allow_nan=False, indent=1).encode("utf-8")
        except (TypeError, ValueError) as error:
            raise DataError(f"the view cannot be saved ({error})", where=str(path)) from error
        if len(text) > INDEX_MB << 20:
            what = f"the take's names, notes and log are more than {INDEX_MB} MB"
            raise FormatError(what, where=str(path), hint="export it as NPZ, which keeps the samples")
        write_member(archive, INDEX, text)


def program() -> str:
    """What saves a project now: 'mpm-studio 0.1.0'."""
    try:
        return f"mpm-studio {version('mpm-studio')}"
    except PackageNotFoundError:
        return "mpm-studio"


def view_of(path: Path) -> dict[str, Any]:
    """What the window kept in a project, without its arrays. Raises FormatError as `load` does."""
    with open_archive(path) as archive:
        view = _index(archive, str(path)).get("view")
    if not isinstance(view, dict):
        raise FormatError(
            f"{INDEX} cannot be understood (no view)", where=str(path), hint="it was changed by hand or damaged; use a copy that is whole"
        )
    return view


def load(path: Path) -> Project:
    """Read a project of this version or an older one. Raises FormatError when it is damaged, incomplete, too large, or newer."""
    where = str(path)
    with open_archive(path) as archive:
        index = _index(archive, where)
        try:
            unpacker = _Unpacker(archive, where)
            recording, original = (_unpack(index[name], unpacker) for name in ("recording", "original"))
            view = index["view"]
            if not isinstance(view, dict):
                raise TypeError("the view is not a table")
            return Project(recording, original, view)
        except FormatError:
            raise
        except DataError as error:
            raise FormatError(
                f"the project contradicts itself: {error.what}",
                where=where,
                hint="it was changed by hand or damaged; use a copy that is whole",
            ) from error
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise FormatError(
                f"{INDEX} cannot be understood ({error!r})", where=where, hint="it was changed by hand or damaged; use a copy that is whole"
            ) from error


@dataclass(frozen=True, slots=True)
class _Packer:
    archive: zipfile.ZipFile
    names: dict[str, str] = field(default_factory=dict)

    def array(self, array: NDArray[Any]) -> str:
        digest = hashlib.sha256(f"{array.dtype.str} {array.shape} ".encode() + np.ascontiguousarray(array).tobytes()).hexdigest()
        if digest not in self.names:
            self.names[digest] = f"arrays/{len(self.names):03d}.npy"
            write_array(self.archive, self.names[digest], array)
        return self.names[digest]

    def blob(self, data: bytes) -> str:
        digest = hashlib.sha256(b"bytes " + data).hexdigest()
        if digest not in self.names:
            self.names[digest] = f"bytes/{len(self.names):03d}.bin"
            write_member(self.archive, self.names[digest], data)
        return self.names[digest]


@dataclass(frozen=True, slots=True)
class _Unpacker:
    archive: zipfile.ZipFile
    where: str

    def array(self, name: str, dtype: str, dims: int) -> NDArray[Any]:
        array = read_array(self.archive, name, self.where)
        if array.dtype != dtype or array.ndim != dims:
            raise FormatError(
                f"{name} is {array.ndim}-dimensional {array.dtype}, not {dims}-dimensional {dtype}",
                where=self.where,
                hint="it was changed by hand or damaged; use a copy that is whole",
            )
        return array

    def blob(self, name: str) -> bytes:
        return read_member(self.archive, name, self.where)


def _index(archive: zipfile.ZipFile, where: str) -> dict[str, Any]:
    if INDEX in archive.namelist() and archive.getinfo(INDEX).file_size > INDEX_MB << 20:
        raise FormatError(f"{INDEX} has more than {INDEX_MB} MB", where=where, hint="the file is damaged; copy it again")
    try:
        index = json.loads(read_member(archive, INDEX, where))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{INDEX} is not JSON ({error})", where=where, hint="the file is damaged; copy it again") from error
    if not isinstance(index, dict) or index.get("kind") != KIND:
        raise FormatError("this is not an mpm-studio project", where=where, hint="open the file that was saved as a project")
    return _upgraded(index, where)


def _upgraded(index: dict[str, Any], where: str) -> dict[str, Any]:
    """The index as this version writes it, from any version there has been."""
    found = index.get("version")
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= VERSION:
        by = f", saved by {index['program']}" if isinstance(index.get("program"), str) else ""
        what = f"the project is of version {found!r}{by}; this program ({program()}) reads 1 to {VERSION}"
        raise FormatError(what, where=where, hint="open it with a newer mpm-studio, or export it there as NPZ")
    if found == 1:
        index = {**index, "version": 2, "program": "mpm-studio 0.1.0"}
    return index


def _pack(rec: Recording, packer: _Packer) -> dict[str, Any]:
    rig, skeleton, source = rec.rig, rec.skeleton, rec.source
    return {
        "points": rec.points,
        "rate_hz": rec.rate_hz,
        "xyz": packer.array(rec.xyz_FPD),
        "origin": packer.array(rec.origin_FP),
        "sigma": packer.array(rec.sigma_FP),
        "confidence": None if rec.confidence_FP is None else packer.array(rec.confidence_FP),
        "skeleton": None if skeleton is None else {key: getattr(skeleton, key) for key in ("name", "names", "parents", "pairs", "groups")},
        "rig": None
        if rig is None
        else {
            "names": rig.names,
            "parents": rig.parents,
            "channels": rig.channels,
            "offsets": packer.array(rig.offsets_J3),
            "values": packer.array(rig.values_FC),
            "is_end": packer.array(rig.is_end_J),
        },
        "source": {
            "path": source.path,
            "format": source.format,
            "unit": source.unit,
            "up": source.up,
            "file_to_world": packer.array(source.file_to_world_33),
            "first_frame": source.first_frame,
            "payload": packer.blob(source.payload),
            "image_wh": source.image_wh,
            "notes": source.notes,
        },
        "log": rec.log,
    }


def _unpack(table: dict[str, Any], unpacker: _Unpacker) -> Recording:
    rig, skeleton, confidence = table["rig"], table["skeleton"], table["confidence"]
    return Recording(
        _texts(table["points"]),
        float(table["rate_hz"]),
        unpacker.array(table["xyz"], "float32", 3),
        unpacker.array(table["origin"], "uint8", 2),
        unpacker.array(table["sigma"], "float32", 2),
        None if confidence is None else unpacker.array(confidence, "float32", 2),
        None if skeleton is None else _skeleton(skeleton),
        None if rig is None else _rig(rig, unpacker),
        _source(table["source"], unpacker),
        _texts(table["log"]),
    )


def _skeleton(table: dict[str, Any]) -> Skeleton:
    pairs = tuple((int(left), int(right)) for left, right in table["pairs"])
    groups = tuple((str(name), _whole(members)) for name, members in table["groups"])
    return Skeleton(str(table["name"]), _texts(table["names"]), _whole(table["parents"]), pairs, groups)


def _rig(table: dict[str, Any], unpacker: _Unpacker) -> Rig:
    return Rig(
        _texts(table["names"]),
        _whole(table["parents"]),
        unpacker.array(table["offsets"], "float64", 2),
        tuple(_texts(names) for names in table["channels"]),
        unpacker.array(table["values"], "float64", 2),
        unpacker.array(table["is_end"], "bool", 1),
    )


def _source(table: dict[str, Any], unpacker: _Unpacker) -> Source:
    size = table["image_wh"]
    return Source(
        path=str(table["path"]),
        format=str(table["format"]),
        unit=str(table["unit"]),
        up=str(table["up"]),
        file_to_world_33=unpacker.array(table["file_to_world"], "float64", 2),
        first_frame=int(table["first_frame"]),
        payload=unpacker.blob(table["payload"]),
        image_wh=None if size is None else (int(size[0]), int(size[1])),
        notes=_texts(table["notes"]),
    )


def _texts(values: list[Any]) -> tuple[str, ...]:
    if not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
        raise TypeError("a list of names is expected")
    return tuple(values)


def _whole(values: list[Any]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)
