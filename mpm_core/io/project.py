"""The project file (.mpm): a zip of project.json and .npy arrays that brings back a recording, its original and the view as they were.

Nothing is pickled; every array, name and number comes back bit for bit. Arrays that recording and original share are stored once.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from mpm_core.body.computed_points import with_computed
from mpm_core.edit.file_frames import merged_as_before
from mpm_core.edit.patch import Edit
from mpm_core.errors import CHANGED, DataError, FormatError, Malformed, reason
from mpm_core.files.atomic import atomic_write
from mpm_core.io.c3d.layout import find_layout
from mpm_core.io.project_recording import Packer, Unpacker, pack, unpack
from mpm_core.io.project_steps import pack_steps, unpack_steps
from mpm_core.io.zip_members import ZIP_MAGIC, member_names, open_archive, read_member, write_member
from mpm_core.recording import Recording

# 2 says which program saved it; 3 has spans and subjects; 4 filtered samples, the part of the file and the history; 5 the runs of merged
# points
VERSION = 5
KIND = "mpm-studio project"
INDEX = "project.json"
INDEX_MB = 8  # names, notes, the log and the view; as Python's objects JSON may need 22 times its bytes


@dataclass(frozen=True, slots=True)
class Project:
    """recording: as it was saved, with marks and fills; original: as it was opened; view: what the window keeps (plain JSON values).

    done: the inverses of the edits that led from one to the other, first to last, for `Document`; old ones may be left out.
    """

    recording: Recording
    original: Recording
    view: dict[str, Any]
    done: tuple[Edit, ...] = ()


def sniff(path: Path, head: bytes) -> bool:
    return head.startswith(ZIP_MAGIC) and (path.suffix.lower() == ".mpm" or INDEX in member_names(path))


def read(path: Path) -> Recording:
    """The project's recording. Raises FormatError."""
    return load(path).recording


def write(rec: Recording, path: Path) -> None:
    """A project whose original is the recording itself. Raises FormatError."""
    save(path, rec, rec, {})


def save(path: Path, recording: Recording, original: Recording, view: dict[str, Any], done: Sequence[Edit] = ()) -> None:
    """Write a project atomically. done: the edits that are made, as `Document.done`.

    Raises DataError when the view holds more than plain JSON values, FormatError when the file cannot be written.
    """
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
        packer = Packer(archive)
        index = {
            "kind": KIND,
            "version": VERSION,
            "program": program(),
            "recording": pack(recording, packer),
            "original": pack(original, packer),
            "view": view,
            "steps": pack_steps(done, packer),
        }
        try:
            text = json.dumps(index, allow_nan=False, indent=1).encode("utf-8")
        except (TypeError, ValueError) as error:
            raise DataError(f"the view cannot be saved ({reason(error)})", where=str(path)) from error
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
        raise FormatError(f"{INDEX} cannot be understood (no view)", where=str(path), hint=CHANGED)
    return view


def load(path: Path) -> Project:
    """Read a project of this version or an older one. Raises FormatError when it is damaged, incomplete, too large, or newer."""
    where = str(path)
    with open_archive(path) as archive:
        index = _index(archive, where)
        try:
            unpacker = Unpacker(archive, where)
            original = unpack(index["original"], unpacker)
            if "computed" not in index["original"]["source"] and (known := _computed_as_source(original)).source.computed:
                _add_computed(index, known)
                original = known
            recording = unpack(index["recording"], unpacker)
            view = index["view"]
            if not isinstance(view, dict):
                raise Malformed("the view is not a table")
            part = recording.source.part
            if index["version"] < 5 and part != (with_runs := merged_as_before(original, part, recording.frames)):
                source = replace(recording.source, part=with_runs)
                return Project(replace(recording, source=source), original, view)  # the steps lack the runs as well
            return Project(recording, original, view, unpack_steps(index["steps"], recording, unpacker))
        except FormatError:
            raise
        except DataError as error:
            raise FormatError(f"the project contradicts itself: {error.what}", where=where, hint=CHANGED) from error
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise FormatError(f"{INDEX} cannot be understood ({reason(error)})", where=where, hint=CHANGED) from error


def _computed_as_source(original: Recording) -> Recording:
    """The take as its file would be opened now, with the points that a model computed: older programs did not save which they are."""
    source = original.source
    if source.format == "c3d" and source.payload:
        names = find_layout(source.payload, source.path).parameters.texts("POINT:MODELED_MARKERS")
        original = replace(original, source=replace(source, computed=tuple(names)))
    return with_computed(original)


def _add_computed(index: dict[str, Any], known: Recording) -> None:
    """Every take of the project whose original is `known` has its computed points, and the note on them."""
    takes = [index["recording"], index["original"], *(step["after"] for step in index["steps"] if step["kind"] == "replace")]
    for table in takes:
        source = table["source"]
        source |= {"computed": list(known.source.computed), "notes": [*source["notes"], known.source.notes[-1]]}


def _index(archive: zipfile.ZipFile, where: str) -> dict[str, Any]:
    if INDEX in archive.namelist() and archive.getinfo(INDEX).file_size > INDEX_MB << 20:
        raise FormatError(f"{INDEX} has more than {INDEX_MB} MB", where=where, hint="the file is damaged; copy it again")
    try:
        index = json.loads(read_member(archive, INDEX, where), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{INDEX} is not JSON ({reason(error)})", where=where, hint="the file is damaged; copy it again") from error
    if not isinstance(index, dict) or index.get("kind") != KIND:
        raise FormatError("this is not an mpm-studio project", where=where, hint="open the file that was saved as a project")
    return _upgraded(index, where)


def _no_number(word: str) -> float:
    raise Malformed(f"{word} is not a number")


def _upgraded(index: dict[str, Any], where: str) -> dict[str, Any]:
    """The index as this version writes it but for its number, from any version; spans are None where only the source's bytes have them."""
    found = index.get("version")
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= VERSION:
        by = f", saved by {index['program']}" if isinstance(index.get("program"), str) else ""
        what = f"the project is of version {found!r}{by}; this program ({program()}) reads 1 to {VERSION}"
        raise FormatError(what, where=where, hint="open it with a newer mpm-studio, or export it there as NPZ")
    if found == 1:
        index = {**index, "program": "mpm-studio 0.1.0"}
    if found < 3:
        both = {name: index[name] for name in ("recording", "original") if isinstance(index.get(name), dict)}
        index = {**index, **{name: {**table, "spans": None, "subjects": None} for name, table in both.items()}}
    return {"steps": [], **index}
