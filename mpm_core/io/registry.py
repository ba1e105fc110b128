"""The formats: which one a file is (by its content first, its name second), what each can hold, and its reader and writer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, Literal, Protocol

from mpm_core.body.computed_points import with_computed
from mpm_core.errors import DataError, FormatError
from mpm_core.io.marked_samples import without_marked
from mpm_core.io.plausible import refuse_implausible
from mpm_core.io.siblings import read_with_siblings
from mpm_core.io.unsupported import refuse_by_content, refuse_by_name
from mpm_core.recording import Recording
from mpm_core.typing import Mask

HEAD_BYTES = 4096
Stored = Literal["exact", "float32 millimetres", "rotations"]


class CopyProof(Protocol):
    """What was found where a file that is a copy was compared with its source: a dataclass."""

    @property
    def holds(self) -> bool: ...

    @property
    def changes(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Copied:
    """A format whose files are patched copies of a source of the same format. positions: how a copy keeps them (see Format).

    proof: module with `is_copy(rec, again) -> bool`, `compare_copy(written, before, again, filled_F) -> CopyProof`,
    `same_unit_and_axes(rec, path) -> bool` and `contradicts_itself(again) -> bool`.
    """

    positions: Stored
    proof: str


@dataclass(frozen=True, slots=True)
class Format:
    """One format and what it can hold: the one place that says so.

    module: holds `sniff(path, head) -> bool`, `read(path, **options) -> Recording`, `write(rec, path, **options) -> None`; `reads` and
    `writes` say which of the two it has. `sniff` is given the path and the first HEAD_BYTES bytes (b'' for a folder).
    dims: of the takes it can hold. positions: how it stores them: every bit, as float32 millimetres, or as rotations and transforms.
    copy: for a format whose files are copies of their source. keeps_marks: else samples marked as wrong leave as missing.
    needs_skeleton: holds takes with a rig, or with the 17 body joints, only. exports: else a file is work to go on with, not a motion file.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    module: str
    reads: bool = True
    writes: bool = True
    dims: tuple[int, ...] = (2, 3)
    positions: Stored = "exact"
    copy: Copied | None = None
    keeps_marks: bool = False
    needs_skeleton: bool = False
    exports: bool = True


C3D_COPY = Copied("exact", "mpm_core.io.c3d.proof")
GLTF_COPY = Copied("rotations", "mpm_core.io.gltf.proof")
BVH_COPY = Copied("rotations", "mpm_core.io.bvh.proof")
FORMATS: tuple[Format, ...] = (
    Format("project", "mpm-studio project", (".mpm",), "mpm_core.io.project", keeps_marks=True, exports=False),
    Format("c3d", "C3D", (".c3d",), "mpm_core.io.c3d.c3d", dims=(3,), positions="float32 millimetres", copy=C3D_COPY),
    Format("bvh", "BVH", (".bvh",), "mpm_core.io.bvh.bvh", dims=(3,), positions="rotations", copy=BVH_COPY, needs_skeleton=True),
    Format("gltf", "glTF", (".glb", ".gltf"), "mpm_core.io.gltf.gltf", dims=(3,), positions="rotations", copy=GLTF_COPY),
    Format("usd", "USD", (".usd", ".usda", ".usdc"), "mpm_core.io.usd.usd", dims=(3,), positions="rotations"),
    Format("detectron", "VideoPose3D NPZ", (".npz",), "mpm_core.io.keypoints.detectron", writes=False, dims=(2,)),
    Format("npz", "NumPy NPZ", (".npz",), "mpm_core.io.npz", keeps_marks=True),
    Format("npy", "NumPy array", (".npy",), "mpm_core.io.npy", writes=False),
    Format("json", "mpm-studio JSON", (".json",), "mpm_core.io.json_take"),
    *(
        Format(name, title, suffixes, f"mpm_core.io.keypoints.{name}", writes=False, dims=(2,))
        for name, title, suffixes in (
            ("alphapose", "AlphaPose JSON", (".json",)),
            ("openpose", "OpenPose JSON", (".json",)),
            ("mmpose", "MMPose JSON", (".json",)),
            ("coco", "COCO keypoint JSON", (".json",)),
            ("openpifpaf", "OpenPifPaf JSON", (".json",)),
            ("mediapipe", "MediaPipe JSON", (".json",)),
            ("deeplabcut", "DeepLabCut CSV", (".csv",)),
            ("csv2d", "CSV of 2D points", (".csv", ".tsv")),
            ("hdf5", "SLEAP and DeepLabCut HDF5", (".h5", ".hdf5", ".slp")),
            ("yolo", "YOLO-pose labels", (".txt",)),
        )
    ),
    Format("amc", "ASF/AMC", (".amc",), "mpm_core.io.amc.amc", writes=False, dims=(3,), positions="rotations"),
    Format("trc", "OpenSim TRC", (".trc",), "mpm_core.io.tables.trc", dims=(3,)),
    Format("csv", "CSV", (".csv", ".tsv"), "mpm_core.io.tables.csv"),
)


def _module(fmt: Format) -> Any:
    return import_module(fmt.module)


def detect(path: str | Path) -> Format:
    """The format of a readable file or folder. Raises FormatError when it is missing, empty or unknown.

    >>> from mpm_core.resources import resource
    >>> detect(resource("sample/walk_reach_sit.bvh")).name
    'bvh'
    """
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
    refuse_by_content(path, head)
    for fmt in FORMATS:
        if fmt.reads and _module(fmt).sniff(path, head):
            return fmt
    if path.is_dir():
        hint = (
            "give one of its files: a folder is one take only where it holds keypoint files; `mpm-studio clean` repairs a folder of takes"
        )
        raise FormatError("this is a folder, and not of one take", where=where, hint=hint)
    refuse_by_name(path)
    named = [fmt.title for fmt in FORMATS if fmt.reads and path.suffix.lower() in fmt.suffixes]
    if len(named) == 1:
        what = f"the file is called {path.suffix}, but does not begin as {named[0]} does: it is damaged, or another kind of file"
        raise FormatError(what, where=where, hint="copy it again from its source, or give it the ending of what it is")
    known = ", ".join(fmt.title for fmt in FORMATS if fmt.reads)
    raise FormatError("this is not a format that can be read", where=where, hint=f"known: {known}")


def read(path: str | Path, **options: Any) -> Recording:
    """Read a motion file or a folder of keypoint files: positions in metres, Z up (2D in pixels, y down), NaN = missing, in float32.

    options say what the file does not, or overrule it; each format has those of `open_options`: unit ("mm"), up ("y"), zero_is_missing,
    fps (frames a second), image_wh (pixels), points, person, columns, positions, asf, skip_broken. None is the same as leaving one away.
    What was inferred is in `source.notes`. Raises FormatError for a file that cannot be read, with place and hint, and DataError for an
    option that the format does not leave open.

    >>> from mpm_core.resources import resource
    >>> rec = read(resource("sample/walk_reach_sit.c3d"))
    >>> rec.frames, len(rec.points), rec.rate_hz
    (840, 39, 60.0)
    """
    fmt = detect(path)
    given = {name: value for name, value in options.items() if value is not None}
    known = open_options(fmt)
    for name in given:
        if name not in known:
            option = "--size" if name == "image_wh" else f"--{name.replace('_', '-')}"
            raise DataError(
                f"{option} does not apply: {fmt.title} leaves nothing of the kind open", where=str(path), hint=f"leave {option} away"
            )
    recording: Recording = _module(fmt).read(Path(path), **given)
    if "up" in known and "up" not in given:
        recording = read_with_siblings(Path(path), recording, _module(fmt).read, given)
    refuse_implausible(recording, str(path), known)
    return with_computed(recording) if fmt.exports else recording  # a project knows them, also where they were renamed


def open_options(fmt: Format) -> tuple[str, ...]:
    """What may be overruled when a format is read: the keywords of its reader.

    >>> open_options(next(fmt for fmt in FORMATS if fmt.name == "bvh"))
    ('unit', 'up', 'positions')
    """
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
    """The format that `write` would use. Raises FormatError for an unknown ending and for the recording's own source file.

    >>> import numpy as np, mpm_core as mpm
    >>> check_target(mpm.make_recording(("a",), 100.0, np.zeros((2, 1, 3))), "a.trc").title
    'OpenSim TRC'
    """
    fmt = writer_for(path)
    target = Path(path)
    if rec.source.path and target.exists() and Path(rec.source.path).exists() and target.samefile(rec.source.path):
        raise FormatError("this is the source file, which is never overwritten", where=str(path), hint="choose another name")
    return fmt


def write(rec: Recording, path: str | Path) -> None:
    """Write a recording in the format of the path's ending, whole or not at all.

    A C3D, a BVH or a glTF with rotations that was read from one is a copy of it in which only the samples that are not MEASURED differ;
    other files are in the unit and axes of their format (docs/formats.md). Samples marked as wrong leave as missing, except in formats that
    keep the mark (`keeps_marks`). Raises FormatError for an unknown ending, for the recording's own source file, which is never
    overwritten, and for a recording that the format cannot hold.

    >>> from mpm_core.resources import resource
    >>> rec = read(resource("sample/walk_reach_sit.c3d"))
    >>> write(rec, "walk.npz")
    >>> read("walk.npz").points == rec.points
    True
    """
    fmt = check_target(rec, path)
    _module(fmt).write(rec if fmt.keeps_marks else without_marked(rec), Path(path))


def is_copy(fmt: Format, rec: Recording, again: Recording | None = None) -> bool:
    """Whether a recording is written in a format as a patched copy of its own source; with `again`, whether that file (read) can be one."""
    if fmt.copy is None or fmt.name != rec.source.format:
        return False
    return bool(import_module(fmt.copy.proof).is_copy(rec, again))


def same_unit_and_axes(fmt: Format, rec: Recording, path: Path) -> bool:
    """Whether a file's numbers are in the unit and the axes of the source of `rec`, of the same format: then it is read as that was."""
    assert fmt.copy is not None
    return bool(import_module(fmt.copy.proof).same_unit_and_axes(rec, path))


def contradicts_itself(fmt: Format, again: Recording) -> bool:
    """Whether a new file, as read, says that this program made it, but gives another unit or other axes than this program writes."""
    return fmt.copy is not None and bool(import_module(fmt.copy.proof).contradicts_itself(again))


def compare_copy(fmt: Format, written: Recording, before: Recording, again: Recording, filled_F: Mask) -> CopyProof:
    """What a file that is a copy of its source keeps beyond positions. before: as read; written: as written; again: as read again.

    filled_F (F,): frames in which anything was filled. Raises DataError or FormatError when the file is not a copy of that source.
    """
    assert fmt.copy is not None
    found: CopyProof = import_module(fmt.copy.proof).compare_copy(written, before, again, filled_F)
    return found
