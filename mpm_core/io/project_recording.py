"""A recording in a project file: names and numbers for its index, arrays and bytes as members of the zip, equal ones stored once."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import CHANGED, FormatError, Malformed
from mpm_core.gaps import known
from mpm_core.io.annotations import as_json, of_json
from mpm_core.io.c3d.annotations import annotated_as_source
from mpm_core.io.conventions import FARTHEST
from mpm_core.io.json_values import image_size, name_list, number, text, truth, whole
from mpm_core.io.zip_members import read_array, read_member, write_array, write_member
from mpm_core.lift_camera import LiftCamera
from mpm_core.recording import FilePart, MergedRun, Recording, Source
from mpm_core.rig import Rig
from mpm_core.samples import SAMPLE_FIELDS, SampleField
from mpm_core.seen_person import SeenPerson
from mpm_core.skeleton import Skeleton


@dataclass(frozen=True, slots=True)
class Packer:
    """Writes arrays and bytes as members of a zip that is open for writing; each gives the member's name, the same for equal content."""

    archive: zipfile.ZipFile
    names: dict[str, str] = field(default_factory=dict)

    def array(self, array: NDArray[Any]) -> str:
        """Store an array unless an equal one is stored; the name of its member."""
        digest = hashlib.sha256(f"{array.dtype.str} {array.shape} ".encode() + np.ascontiguousarray(array).tobytes()).hexdigest()
        if digest not in self.names:
            self.names[digest] = f"arrays/{len(self.names):03d}.npy"
            write_array(self.archive, self.names[digest], array)
        return self.names[digest]

    def blob(self, data: bytes) -> str:
        """Store bytes unless equal ones are stored; the name of their member."""
        digest = hashlib.sha256(b"bytes " + data).hexdigest()
        if digest not in self.names:
            self.names[digest] = f"bytes/{len(self.names):03d}.bin"
            write_member(self.archive, self.names[digest], data)
        return self.names[digest]


@dataclass(frozen=True, slots=True)
class Unpacker:
    """Reads the members that a Packer wrote. where: the file, for errors, which are FormatError."""

    archive: zipfile.ZipFile
    where: str

    def array(self, name: str, dtype: str, dims: int) -> NDArray[Any]:
        """The array of a member. Raises FormatError when it has another type or number of dimensions."""
        array = read_array(self.archive, name, self.where)
        if array.dtype != dtype or array.ndim != dims:
            raise FormatError(
                f"{name} is {array.ndim}-dimensional {array.dtype}, not {dims}-dimensional {dtype}",
                where=self.where,
                hint=CHANGED,
            )
        return array

    def blob(self, name: str) -> bytes:
        return read_member(self.archive, name, self.where)


def pack(rec: Recording, packer: Packer) -> dict[str, Any]:
    """What the index says of it; arrays by the names of their members."""
    rig, skeleton, source = rec.rig, rec.skeleton, rec.source
    return {
        "points": rec.points,
        "rate_hz": rec.rate_hz,
        **{name: packer.array(rec.samples.arrays[name]) if name in rec.samples.arrays else None for name in SAMPLE_FIELDS},
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
            "part": [source.part.start, source.part.step, source.part.names, *_runs_table(source.part)],
            **({} if source.up_known else {"up_known": False}),
            **({} if source.camera is None else {"camera": _camera_table(source.camera, packer)}),
            "computed": source.computed,
            **({"people": [_person_table(person, packer) for person in source.people]} if source.people else {}),
        },
        "log": rec.log,
        **as_json(rec.spans, rec.subjects),
    }


def unpack(table: dict[str, Any], unpacker: Unpacker) -> Recording:
    """Raises FormatError for a member that is not what it should be; DataError, KeyError, TypeError, ValueError, AttributeError, IndexError
    or OverflowError for an index that is not."""
    rig, skeleton = table["rig"], table["skeleton"]
    spans, subjects = of_json(table) if table["spans"] is not None else ((), ())
    arrays = {each.attribute: _samples(table, name, each, unpacker) for name, each in SAMPLE_FIELDS.items()}
    rec = Recording(
        name_list(table["points"]),
        number(table["rate_hz"]),
        **arrays,
        skeleton=None if skeleton is None else _skeleton(skeleton),
        rig=None if rig is None else _rig(rig, unpacker),
        source=_source(table["source"], unpacker),
        log=name_list(table["log"]),
        spans=spans,
        subjects=subjects,
    )
    return annotated_as_source(rec) if table["spans"] is None else rec


def _samples(table: dict[str, Any], name: str, each: SampleField, unpacker: Unpacker) -> Any:
    """One per-sample array; None for an optional one that the recording did not have when it was saved."""
    if each.optional and table.get(name) is None:
        return None
    return unpacker.array(table[name], np.dtype(each.dtype).name, 3 if each.per_axis else 2)


def _skeleton(table: dict[str, Any]) -> Skeleton:
    pairs = tuple((whole(left), whole(right)) for left, right in table["pairs"])
    groups = tuple((text(name), _whole(members)) for name, members in table["groups"])
    return Skeleton(text(table["name"]), name_list(table["names"]), _whole(table["parents"]), pairs, groups)


def _rig(table: dict[str, Any], unpacker: Unpacker) -> Rig:
    return Rig(
        name_list(table["names"]),
        _whole(table["parents"]),
        unpacker.array(table["offsets"], "float64", 2),
        tuple(name_list(names) for names in table["channels"]),
        unpacker.array(table["values"], "float64", 2),
        unpacker.array(table["is_end"], "bool", 1),
    )


def _source(table: dict[str, Any], unpacker: Unpacker) -> Source:
    size = table["image_wh"]
    return Source(
        path=text(table["path"]),
        format=text(table["format"]),
        unit=text(table["unit"]),
        up=text(table["up"]),
        file_to_world_33=unpacker.array(table["file_to_world"], "float64", 2),
        first_frame=whole(table["first_frame"]),
        payload=unpacker.blob(table["payload"]),
        image_wh=None if size is None else image_size(size),
        notes=name_list(table["notes"]),
        part=_part(table["part"]) if "part" in table else FilePart(),
        up_known=truth(table.get("up_known", True)),
        camera=None if table.get("camera") is None else _camera(table["camera"], unpacker),
        people=tuple(_person(person, unpacker) for person in table.get("people", ())),
        computed=name_list(table.get("computed", [])),
    )


def _part(table: list[Any]) -> FilePart:
    start, step, names, *more = table
    runs = more[0] if more else []
    return FilePart(
        number(start),
        number(step),
        tuple(name_list(each) for each in names),
        tuple(MergedRun(text(name), whole(begin), whole(end)) for name, begin, end in runs),
    )


def _runs_table(part: FilePart) -> list[Any]:
    return [[(run.name, run.start, run.stop) for run in part.merged]] if part.merged else []


def _camera_table(camera: LiftCamera, packer: Packer) -> dict[str, Any]:
    turn, place = packer.array(camera.turn_33), packer.array(camera.place_3)
    return {"turn": turn, "place": place, "focal_px": camera.focal_px, "image_wh": camera.image_wh}


def _camera(table: dict[str, Any], unpacker: Unpacker) -> LiftCamera:
    turn_33, place_3 = unpacker.array(table["turn"], "float64", 2), unpacker.array(table["place"], "float64", 1)
    if turn_33.shape != (3, 3) or place_3.shape != (3,) or not np.isfinite([*turn_33.flat, *place_3, table["focal_px"]]).all():
        raise Malformed("the camera's rotation, position or focal length is not finite, or has the wrong shape")
    return LiftCamera(turn_33, number(table["focal_px"]), image_size(table["image_wh"]), place_3)


def _person_table(person: SeenPerson, packer: Packer) -> dict[str, Any]:
    plain = {name: getattr(person, name) for name in ("name", "frames", "first", "last", "x", "y", "size_px", "bones", "read")}
    return {**plain, "pose": packer.array(np.asarray(person.pose_K2, np.float64))}


def _person(table: dict[str, Any], unpacker: Unpacker) -> SeenPerson:
    pose_K2, bones = unpacker.array(table["pose"], "float64", 2), tuple((whole(a), whole(b)) for a, b in table["bones"])
    if pose_K2.shape[1] != 2 or not all(0 <= end < len(pose_K2) for bone in bones for end in bone):
        raise Malformed("a person's bones do not fit the points")
    if not known(pose_K2).any() or (np.abs(pose_K2) > FARTHEST).any():
        raise Malformed("a person has no points, or points beyond any picture")
    frames, first, last = (whole(table[name]) for name in ("frames", "first", "last"))
    x, y, size_px = (number(table[name]) for name in ("x", "y", "size_px"))
    return SeenPerson(text(table["name"]), frames, first, last, x, y, size_px, pose_K2, bones, truth(table["read"]))


def _whole(values: list[Any]) -> tuple[int, ...]:
    return tuple(whole(value) for value in values)
