"""glTF 2.0's container and its arrays: GLB chunks, buffers, accessors; in and out. Numbers only: nothing here knows of motion.

Specification: Khronos, glTF 2.0, chapters 3.6 (accessors) and 4 (GLB).
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DAMAGED, FormatError, Malformed, reason
from mpm_core.files.read import read_bytes
from mpm_core.typing import Float

GLB_MAGIC, JSON_CHUNK, BIN_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
DTYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
MAX_BYTES = 2 << 30
MOST_ZEROS = 32 << 20  # bytes of an accessor without bytes in the file
FLOAT, USHORT = 5126, 5123
OWN = "mpm_studio"  # under asset.extras: the facts that this program writes into its files


@dataclass(frozen=True, slots=True)
class Scene:
    """A parsed file: its JSON and the bytes of each buffer. data: the file, if its one buffer is inside it; else b''."""

    doc: dict[str, Any]
    buffers: list[bytes]
    where: str
    data: bytes

    def table(self, name: str) -> list[dict[str, Any]]:
        """A top-level list of objects. Raises FormatError when it is something else."""
        rows = self.doc.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.broken(f"{name} is not a list of objects")
        return rows

    def broken(self, what: str) -> FormatError:
        return FormatError(what, where=self.where, hint="the file is damaged, or was not written by the glTF 2.0 rules")

    def array(self, index: Any) -> Float:
        """(count, width) of an accessor; normalised integers become 0..1 or -1..1. Raises FormatError beyond the buffer's bytes."""
        try:
            accessor = self.table("accessors")[whole(index)]
            count, width, dtype = whole(accessor["count"]), WIDTHS[accessor["type"]], np.dtype(DTYPES[accessor["componentType"]])
            if "bufferView" in accessor:
                view = self._view(accessor["bufferView"], accessor.get("byteOffset", 0), count, width, dtype)
                with np.errstate(invalid="ignore"):  # a signalling not-a-number
                    raw = view.astype(np.float64)
            else:
                if count * width * 8 > MOST_ZEROS:
                    raise self.broken(f"an accessor claims {count} values")
                raw = np.zeros((count, width))
            if "sparse" in accessor:
                sparse, n = accessor["sparse"], whole(accessor["sparse"]["count"])
                at, new = sparse["indices"], sparse["values"]
                rows = self._view(at["bufferView"], at.get("byteOffset", 0), n, 1, np.dtype(DTYPES[at["componentType"]]))[:, 0]
                raw[rows] = self._view(new["bufferView"], new.get("byteOffset", 0), n, width, dtype)
        except (KeyError, IndexError, TypeError, ValueError, OverflowError, MemoryError) as error:
            raise self.broken(f"accessor {index!r} cannot be read ({reason(error)})") from error
        if accessor.get("normalized") and dtype.kind in "iu":
            raw = np.maximum(raw / np.iinfo(dtype).max, -1.0)
        return raw

    def _view(self, index: Any, offset: Any, count: int, width: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        view = self.table("bufferViews")[whole(index)]
        data = self.buffers[whole(view["buffer"])]
        start, size = whole(view.get("byteOffset", 0)), whole(view["byteLength"])
        item = width * dtype.itemsize
        stride, offset = whole(view.get("byteStride", item)) or item, whole(offset)
        needed = offset + (stride * (count - 1) + item if count else 0)
        if stride < item or needed > size or start + size > len(data):
            raise Malformed(f"{count} values reach beyond their buffer")
        raw = np.frombuffer(data, np.uint8, needed - offset, start + offset)
        if stride == item:
            return raw.view(dtype).reshape(count, width)
        rows = np.lib.stride_tricks.as_strided(raw, (count, item), (stride, 1), writeable=False)
        return np.ascontiguousarray(rows).view(dtype)


def whole(value: Any) -> int:
    """A count or an index of the JSON. Raises Malformed for anything but a whole number of at least 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Malformed(f"{value!r} is not a count")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Malformed(f"{text} is not a number in JSON")
    return number


def _half_characters(doc: Any) -> bool:
    try:
        json.dumps(doc, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def load(path: Path) -> Scene:
    """A .glb, or a .gltf with its buffers inside or beside it. Raises FormatError."""
    return scene_of(read_bytes(path, MAX_BYTES), path)


def scene_of(data: bytes, path: Path) -> Scene:
    """`load` from the bytes of a file. path: for messages, and for buffers beside the file."""
    where = str(path)
    text, binary = _chunks(data, where) if data[:4] == b"glTF" else (data, b"")
    try:
        doc = json.loads(text.decode("utf-8-sig"), parse_float=_finite, parse_constant=_finite)
        if re.search(rb"\\u[dD][89a-fA-F]", text) and _half_characters(doc):
            raise Malformed("a name or text in it holds half a character")
    except (ValueError, RecursionError) as error:
        raise FormatError(f"the scene is not JSON ({reason(error)})", where=where, hint=DAMAGED) from error
    asset = doc.get("asset") if isinstance(doc, dict) else None
    if not isinstance(asset, dict) or not str(asset.get("version", "")).startswith("2."):
        raise FormatError("this is not glTF 2.0", where=where, hint="version 1 files are converted by gltf-pipeline or Blender")
    scene = Scene(doc, [], where, data)
    required = doc.get("extensionsRequired", [])
    if any("compression" in str(name) for name in required if isinstance(required, list)):
        raise FormatError(f"the file is packed ({', '.join(map(str, required))})", where=where, hint="export it without compression")
    buffers = scene.table("buffers")
    scene.buffers.extend(_buffer(buffer, index, binary, path) for index, buffer in enumerate(buffers))
    inside = len(buffers) == 1 and str(buffers[0].get("uri", "data:")).startswith("data:")
    return scene if inside else replace(scene, data=b"")


def _chunks(data: bytes, where: str) -> tuple[bytes, bytes]:
    """The JSON and the binary chunk of a GLB."""
    if len(data) < 20:
        raise FormatError("the file ends in its header", where=where, hint="copy it again from its source")
    _, version, length = struct.unpack_from("<III", data)
    if version != 2 or length > len(data):
        what = (
            f"the file is cut short: {len(data)} of {length} bytes are there" if version == 2 else f"this is GLB version {version}, not 2"
        )
        raise FormatError(what, where=where, hint="copy or export it again")
    at, parts = 12, dict[int, bytes]()
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", data, at)
        if at + 8 + size > length:
            raise FormatError("a chunk reaches beyond the end of the file", where=where, hint="copy it again from its source")
        parts.setdefault(kind, data[at + 8 : at + 8 + size])
        at += 8 + size
    if JSON_CHUNK not in parts:
        raise FormatError("there is no scene in the file", where=where, hint="copy it again from its source")
    return parts[JSON_CHUNK], parts.get(BIN_CHUNK, b"")


def _buffer(buffer: dict[str, Any], index: int, binary: bytes, path: Path) -> bytes:
    uri = buffer.get("uri")
    if uri is None:
        return binary if index == 0 else b""
    try:
        if str(uri).startswith("data:"):
            return base64.b64decode(str(uri).partition(",")[2], validate=True)
        name = unquote(str(uri))
        beside = (path.parent / name).resolve()
        if "://" in name or not beside.is_relative_to(path.parent.resolve()):
            raise FormatError(f"the buffer {name!r} does not lie beside the file", where=str(path), hint="put it there, or save as .glb")
        if not beside.is_file():
            what = f"the buffer {name!r} is not a file" if beside.exists() else f"the buffer {name!r} is not there"
            raise FormatError(what, where=str(path), hint="keep the .bin beside the .gltf, or use .glb")
        if beside.stat().st_size > MAX_BYTES:
            what = f"the buffer {name!r} has {beside.stat().st_size >> 20} MB"
            raise FormatError(what, where=str(path), hint=f"at most {MAX_BYTES >> 20} MB are read")
        return beside.read_bytes()
    except (OSError, ValueError, binascii.Error) as error:
        raise FormatError(
            f"a buffer cannot be read ({reason(error)})", where=str(path), hint="keep the .bin beside the .gltf, or use .glb"
        ) from error


@dataclass(slots=True)
class Binary:
    """Arrays to be written: one buffer, a view and an accessor for each."""

    data: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, array: NDArray[Any], *, bounds: bool = False, target: int | None = None) -> int:
        """The accessor's number. array: (count,) or (count, width), stored as float32 or, if whole numbers, uint16."""
        kind, dtype = (FLOAT, "<f4") if array.dtype.kind == "f" else (USHORT, "<u2")
        packed = np.ascontiguousarray(array, dtype)
        width = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}[1 if array.ndim == 1 else array.shape[1]]
        self.data += bytes(-len(self.data) % 4)
        view: dict[str, Any] = {"buffer": 0, "byteOffset": len(self.data), "byteLength": packed.nbytes}
        self.views.append(view if target is None else {**view, "target": target})
        self.data += packed.tobytes()
        accessor: dict[str, Any] = {"bufferView": len(self.views) - 1, "componentType": kind, "count": len(packed), "type": width}
        if bounds:
            rows = packed.reshape(len(packed), -1)
            accessor |= {"min": rows.min(axis=0).tolist(), "max": rows.max(axis=0).tolist()}
        self.accessors.append(accessor)
        return len(self.accessors) - 1

    def file(self, doc: dict[str, Any], embedded: bool) -> bytes:
        """The whole file: a GLB, or a .gltf text with the buffer inside."""
        data = bytes(self.data) + bytes(-len(self.data) % 4)
        buffer: dict[str, Any] = {**doc.get("buffers", [{}])[0], "byteLength": len(data)}
        buffer.pop("uri", None)
        if embedded:
            buffer["uri"] = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
        doc = {**doc, "buffers": [buffer], "bufferViews": self.views, "accessors": self.accessors}
        text = json.dumps(doc, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        if embedded:
            return text
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + len(data)
        head = struct.pack("<IIIII", GLB_MAGIC, 2, total, len(text), JSON_CHUNK)
        return head + text + struct.pack("<II", len(data), BIN_CHUNK) + data
