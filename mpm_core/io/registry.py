"""Which format a file is, told by its content first and its name second; and the readers and writers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError, FormatError
from mpm_core.io.marks import without_marked
from mpm_core.io.unsupported import refuse_by_name
from mpm_core.recording import Recording

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Format:
    """One format. module: holds `sniff(path, head) -> bool`, `read(path, **options) -> Recording`, `write(rec, path, **options) -> None`.

    `read` / `write` say which of the two the module has. `sniff` sees the path and the first HEAD_BYTES bytes (b'' for a folder).
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    module: str
    reads: bool = True
    writes: bool = True
    keeps_marks: bool = False  # else samples marked as wrong leave as missing


FORMATS: tuple[Format, ...] = (
    Format("project", "mpm-studio project", (".mpm",), "mpm_core.io.project", keeps_marks=True),
    Format("c3d", "C3D", (".c3d",), "mpm_core.io.c3d.c3d"),
    Format("bvh", "BVH", (".bvh",), "mpm_core.io.bvh.bvh"),
    Format("gltf", "glTF", (".glb", ".gltf"), "mpm_core.io.gltf.gltf"),
    Format("npz", "NumPy NPZ", (".npz",), "mpm_core.io.npz", keeps_marks=True),
    Format("npy", "NumPy array", (".npy",), "mpm_core.io.npy", writes=False),
    Format("json", "mpm-studio JSON", (".json",), "mpm_core.io.json_take"),
    Format("openpose", "OpenPose JSON", (".json",), "mpm_core.io.keypoints.openpose", writes=False),
    Format("coco", "COCO keypoint JSON", (".json",), "mpm_core.io.keypoints.coco", writes=False),
    Format("amc", "ASF/AMC", (".amc",), "mpm_core.io.amc.amc", writes=False),
    Format("trc", "OpenSim TRC", (".trc",), "mpm_core.io.tables.trc"),
    Format("csv", "CSV", (".csv", ".tsv"), "mpm_core.io.tables.csv"),
)


def _module(fmt: Format) -> Any:
    return import_module(fmt.module)


def detect(path: str | Path) -> Format:
    """The format of a readable file or folder. Raises FormatError when it is missing, empty or unknown."""
    path = Path(path)
    where = str(path)
    try:
        if not path.exists():
            raise FormatError("there is no such file", where=where, hint="check the path")
        if path.is_dir():
            head = b""
            os.scandir(path).close()  # may it be looked into?
        elif not path.is_file():
            raise FormatError("this is not a regular file", where=where, hint="give a file or a folder")
        else:
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
            if not head:
                raise FormatError("the file is empty (0 bytes)", where=where, hint="export it again from its source")
    except OSError as error:
        raise FormatError(f"this cannot be opened: {error.strerror}", where=where, hint="check its permissions") from error
    for fmt in FORMATS:
        if fmt.reads and _module(fmt).sniff(path, head):
            return fmt
    refuse_by_name(path, head)
    known = ", ".join(fmt.title for fmt in FORMATS if fmt.reads)
    raise FormatError("this is not a format that can be read", where=where, hint=f"known: {known}")


def read(path: str | Path, **options: Any) -> Recording:
    """Read a motion file or a folder of keypoint files. Options go to the format's reader; those that are None count as not given.

    Raises FormatError, and DataError for an option that the format does not leave open.

    >>> from mpm_core.resources import resource
    >>> rec = read(resource("sample/walk_reach_sit.c3d"))
    >>> rec.frames, len(rec.points), rec.rate_hz
    (840, 39, 60.0)
    """
    fmt = detect(path)
    given = {name: value for name, value in options.items() if value is not None}
    open_ones = open_options(fmt)
    for name in given:
        if name not in open_ones:
            asked = f"--{name.replace('_', '-')}"
            raise DataError(
                f"{asked} does not apply: {fmt.title} leaves nothing of the kind open", where=str(path), hint=f"leave {asked} away"
            )
    recording: Recording = _module(fmt).read(Path(path), **given)
    return recording


def open_options(fmt: Format) -> tuple[str, ...]:
    """What may be overruled when a format is read: the keywords of its reader."""
    return tuple(name for name, given in signature(_module(fmt).read).parameters.items() if given.kind is Parameter.KEYWORD_ONLY)


def writer_for(path: str | Path) -> Format:
    """The format a path's ending asks for. Raises FormatError with the known endings."""
    suffix = Path(path).suffix.lower()
    for fmt in FORMATS:
        if fmt.writes and suffix in fmt.suffixes:
            return fmt
    known = ", ".join(suffix for fmt in FORMATS if fmt.writes for suffix in fmt.suffixes)
    raise FormatError(f"cannot write {suffix or 'a file without an ending'}", where=str(path), hint=f"use one of {known}")


def check_target(rec: Recording, path: str | Path) -> Format:
    """The format that `write` would use. Raises FormatError for an unknown ending and for the recording's own source file."""
    fmt = writer_for(path)
    target = Path(path)
    if rec.source.path and target.exists() and Path(rec.source.path).exists() and target.samefile(rec.source.path):
        raise FormatError("this is the source file, which is never overwritten", where=str(path), hint="choose another name")
    return fmt


def write(rec: Recording, path: str | Path, **options: Any) -> None:
    """Write a recording in the format of the path's ending. A source file is never overwritten. Raises FormatError.

    Samples marked as wrong leave as missing, except in formats that keep the mark (`keeps_marks`).

    >>> from mpm_core.resources import resource
    >>> rec = read(resource("sample/walk_reach_sit.c3d"))
    >>> write(rec, "walk.npz")
    >>> read("walk.npz").points == rec.points
    True
    """
    fmt = check_target(rec, path)
    _module(fmt).write(rec if fmt.keeps_marks else without_marked(rec), Path(path), **options)
