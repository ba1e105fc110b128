"""Files that claim too much, made of whole ones (wholes.py) or of nothing: what a reader must refuse, or read, in time and memory."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path


def c3d_with(at: int, value: bytes) -> Callable[[dict[str, Path]], bytes]:
    def make(made: dict[str, Path]) -> bytes:
        data = bytearray(made["c3d"].read_bytes())
        data[at : at + len(value)] = value
        return bytes(data)

    return make


def changed(name: str, old: bytes, new: bytes) -> Callable[[dict[str, Path]], bytes]:
    def make(made: dict[str, Path]) -> bytes:
        data = made[name].read_bytes()
        assert old in data
        return data.replace(old, new, 1)

    return make


def npy_header(shape: str, dtype: str = "<f4") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(800)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def shifted(data: bytes, by: int) -> bytes:
    """A zip whose list of members is said to stand further on than it does, so that members begin before the file."""
    at = data.rindex(b"PK\x05\x06") + 16
    return data[:at] + struct.pack("<I", struct.unpack_from("<I", data, at)[0] + by) + data[at + 4 :]


def index_with(old: str, new: bytes) -> Callable[[dict[str, Path]], bytes]:
    """The project with one place of its index, found by a pattern, changed."""

    def make(made: dict[str, Path]) -> bytes:
        with zipfile.ZipFile(made["mpm"]) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members["project.json"], found = re.subn(old.encode(), new, members["project.json"])
        assert found
        return zipped(**{name.replace(".", "__"): data for name, data in members.items()})

    return make


def claiming(data: bytes, size: int) -> bytes:
    """A zip whose last member is said to have so many bytes, packed and unpacked."""
    at = data.rindex(b"PK\x01\x02") + 20
    return data[:at] + struct.pack("<II", size, size) + data[at + 8 :]


def renamed(data: bytes, name: bytes) -> bytes:
    """A zip in whose list of members one bit of a name is another: without its origins a take's fills would count as measured."""
    at = data.rindex(name)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def gltf(**doc: object) -> bytes:
    return json.dumps({"asset": {"version": "2.0"}, **doc}).encode()


def claims(count: int) -> bytes:
    """A 1 KB scene with an animation whose times and values are said to be `count`."""
    accessors = [{"count": count, "type": kind, "componentType": 5126} for kind in ("SCALAR", "VEC3")]
    channels = [{"sampler": 0, "target": {"node": 0, "path": "translation"}}]
    animation = {"channels": channels, "samplers": [{"input": 0, "output": 1}]}
    return gltf(nodes=[{"name": "a"}], accessors=accessors, animations=[animation])


def far_apart(nodes: int) -> bytes:
    """A 1 KB scene of nodes with two keys each, nine hours apart."""
    data = struct.pack("<8f", 0, 34_000, 0, 0, 0, 1, 1, 1)
    channels = [{"sampler": 0, "target": {"node": node, "path": "translation"}} for node in range(nodes)]
    accessors = [{"bufferView": view, "count": 2, "type": kind, "componentType": 5126} for view, kind in enumerate(("SCALAR", "VEC3"))]
    views = [{"buffer": 0, "byteOffset": at, "byteLength": size} for at, size in ((0, 8), (8, 24))]
    buffers = [{"byteLength": 32, "uri": "data:;base64," + base64.b64encode(data).decode()}]
    animations = [{"channels": channels, "samplers": [{"input": 0, "output": 1}]}]
    return gltf(
        nodes=[{"name": f"n{n}"} for n in range(nodes)], accessors=accessors, bufferViews=views, buffers=buffers, animations=animations
    )


def one_row_each(frames: int) -> bytes:
    """A long table in which every frame has a point of its own."""
    return b"frame,point,x,y,z\n" + b"".join(b"%d,p%d,%d,1,2\n" % (frame, frame, frame) for frame in range(frames))


def chain(length: int) -> bytes:
    nodes = [{"name": f"n{index}", "children": [index + 1]} for index in range(length)] + [{"name": "end"}]
    return gltf(nodes=nodes)


DEEP = 200_000
HUGE = b"9" * 5000
CASES: list[tuple[str, Callable[[dict[str, Path]], bytes] | bytes, str]] = [
    ("points.c3d", c3d_with(2, b"\xff\xff"), ""),
    ("frames.c3d", c3d_with(6, b"\x00\x00\xff\xff"), ""),
    ("start.c3d", c3d_with(16, b"\xff\x07"), ""),
    ("block.c3d", c3d_with(0, b"\xff"), "ends before its parameters"),
    ("processor.c3d", c3d_with(512 + 3, b"\x07"), "processor type"),
    ("scale.c3d", c3d_with(12, struct.pack("<f", float("nan"))), ""),
    ("rate.c3d", c3d_with(20, struct.pack("<f", float("inf"))), ""),
    ("claims4gb.c3d", b"\x02P" + struct.pack("<HHHHHfHHf", 19_999, 0, 1, 65_535, 0, -1.0, 3, 0, 60.0) + bytes(1000), ""),
    ("parameters.c3d", lambda made: made["c3d"].read_bytes()[:512] + b"\x01\x50\xff\x54" + bytes(range(256)) * 16, ""),
    ("announced.bvh", lambda made: made["bvh"].read_bytes().replace(b"Frames: 12", b"Frames: 4000000000"), ""),
    ("channels.bvh", changed("bvh", b"CHANNELS 3", b"CHANNELS 3000000000"), "CHANNELS"),
    ("deep.bvh", b"HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\n" + b"JOINT b { OFFSET 1 0 0\n" * DEEP, ""),
    ("braces.bvh", b"HIERARCHY\nROOT a " + b"{" * DEEP, ""),
    ("huge.bvh", changed("bvh", b"OFFSET 0 12 1", b"OFFSET 0 " + HUGE + b" 1"), "OFFSET"),
    ("nan.bvh", changed("bvh", b"OFFSET 0 12 1", b"OFFSET 0 nan 1"), "OFFSET"),
    ("name.bvh", changed("bvh", b"JOINT Spine", b"JOINT " + b"x" * 1_000_000), ""),
    ("utf16.bvh", lambda made: made["bvh"].read_bytes().decode().encode("utf-16"), ""),
    ("counts.trc", changed("foreign.trc", b"\t40\t5\tmm", b"\t4000000000\t4000000000\tmm"), ""),
    ("rate.trc", changed("foreign.trc", b"60\t60\t40", b"nan\tnan\t40"), ""),
    ("columns.trc", lambda made: made["foreign.trc"].read_bytes() + b"41\t0.7" + b"\t1" * 400_000 + b"\n", ""),
    ("numbers.trc", changed("foreign.trc", b"\n40\t", b"\n4000000000\t"), ""),
    ("utf16.trc", lambda made: made["foreign.trc"].read_bytes().decode().encode("utf-16"), ""),
    ("wide.csv", b"frame" + b",x" * 400_000 + b"\n" + b"1" + b",1" * 400_000 + b"\n" + b"2,1\n" * 400, ""),
    ("numbers.csv", changed("foreign.csv", b"\n39,", b"\n4000000000,"), ""),
    ("huge.csv", changed("foreign.csv", b"\n39,", b"\n39," + HUGE + b","), ""),
    ("quotes.csv", b'frame,"' + b'x",' * 100_000, ""),
    ("cell.csv", changed("foreign.csv", b"\n39,", b"\n39," + b"x" * 3_000_000 + b","), ""),
    ("text.csv", changed("foreign.csv", b"\n39,", b"\n39,n/a,NaN,-1.#IND,"), ""),
    ("latin1.csv", changed("foreign.csv", b"P0_x", "Größe".encode("latin-1")), ""),
    ("nul.csv", changed("foreign.csv", b"P0_x", b"P\0_x"), ""),
    ("long.csv", one_row_each(20_000), "nearly all samples would be missing"),
    ("text.json", changed("json", b'"xyz": [', b'"xyz": "none", "was": ['), "not a list of frames"),
    ("table.json", changed("json", b'"sigma": [', b'"sigma": {}, "was": ['), "not a list of frames"),
    ("item.json", changed("json", b'"origin": [', b'"origin": [7, '), "not a list"),
    ("cell.json", changed("json", b'"xyz": [\n[', b'"xyz": [\n[{}, '), "not a number"),
    ("large.json", changed("json", b'"xyz": [\n[[', b'"xyz": [\n[[' + HUGE + b", "), "JSON"),
    ("twice.json", lambda made: made["json"].read_bytes() * 2, "extra text"),
    ("comma.json", changed("json", b'"origin": [', b'"origin": [,'), "JSON"),
    ("colon.json", changed("json", b'"rate_hz": ', b'"rate_hz" '), "expecting :"),
    ("deep.json", b"[" * DEEP, ""),
    ("people.json", b'{"people": ' + b"[" * DEEP + b"]" * DEEP + b"}", ""),
    ("digits.json", b'[{"image_id": 1, "keypoints": [' + b",".join([HUGE] * 51) + b"]}]", ""),
    ("ids.json", json.dumps([{"image_id": image, "keypoints": [1.0, 2.0, 0.5] * 17} for image in (1, 2**31, 2**62)]).encode(), ""),
    ("bool.json", json.dumps([{"image_id": 1, "keypoints": [True, None, "1"] * 17}]).encode(), ""),
    ("nan.json", b'[{"image_id": 1, "keypoints": [' + b",".join([b"NaN", b"Infinity", b"0.5"] * 17) + b"]}]", ""),
    ("rate.json", lambda made: made["json"].read_bytes().replace(b'"rate_hz": 60', b'"rate_hz": 1e999'), ""),
    ("frames.json", lambda made: made["json"].read_bytes().replace(b'"first_frame": 1', b'"first_frame": 1e300'), ""),
    ("shape.npy", npy_header("(1073741824, 2, 3)"), "declares"),
    ("minus.npy", npy_header("(-1, 2, 3)"), ""),
    ("many.npy", npy_header("(" + "1," * 2000 + ")"), ""),
    ("pickle.npy", npy_header("(2, 2, 3)", "|O"), "never loaded"),
    ("header.npy", b"\x93NUMPY\x02\x00" + struct.pack("<I", 0xFFFFFFFF) + b"{" * 500, ""),
    ("nested.npy", npy_header("((((((1))))), 2, 3)"), ""),
    ("bomb.npz", lambda _made: zipped(xyz__npy=bytes(400 << 20)), ""),
    ("arrays.npz", zipped(xyz__npy=npy_header("(1073741824, 2, 3)")), ""),
    ("claims.npz", lambda made: claiming(made["npz"].read_bytes(), 1 << 31), "members claim 2048 MB"),
    ("claims.mpm", lambda made: claiming(made["mpm"].read_bytes(), 1 << 31), "members claim 2048 MB"),
    ("bomb75.npz", lambda _made: zipped(xyz__npy=bytes(75 << 20)), "not an array"),
    ("bomb60.mpm", lambda _made: zipped(project__json=b" " * (60 << 20)), "more than 8 MB"),
    ("renamed.npz", lambda made: renamed(made["npz"].read_bytes(), b"origin.npy"), "damaged"),
    ("renamed.mpm", lambda made: renamed(made["mpm"].read_bytes(), b".npy"), "damaged"),
    ("before.npz", lambda made: shifted(made["npz"].read_bytes(), 2), ""),
    ("before.mpm", lambda made: shifted(made["mpm"].read_bytes(), 2), ""),
    ("inside.npz", zipped(xyz__npy=zipped(xyz__npy=b"x")), ""),
    ("index.mpm", zipped(project__json=b"[" * DEEP), "not JSON"),
    ("bomb.mpm", lambda _made: zipped(project__json=b" " * (300 << 20)), ""),
    ("rate.mpm", index_with('"rate_hz": [0-9.]+', b'"rate_hz": ' + b"9" * 400), "cannot be understood"),
    ("first.mpm", index_with('"first_frame": [0-9]+', b'"first_frame": 1e999'), "cannot be understood"),
    ("number.mpm", zipped(project__json=b'{"kind": "mpm-studio project", "version": ' + HUGE + b"}"), ""),
    ("claims.gltf", claims(1 << 26), ""),
    ("claims4gb.gltf", claims(1 << 32), ""),
    ("far.gltf", far_apart(8), "1020001 frames"),
    ("farther.gltf", far_apart(200), "1020001 frames"),
    ("frames.gltf", lambda made: made["gltf"].read_bytes().replace(b'"frames":40', b'"frames":1000000'), "1000000 frames"),
    ("loop.gltf", gltf(nodes=[{"children": [1]}, {"children": [0]}]), ""),
    ("self.gltf", gltf(nodes=[{"children": [0]}]), ""),
    ("children.gltf", gltf(nodes=[{"children": 0}], animations=[{"channels": []}]), "not a list"),
    ("chain.gltf", chain(30_000), ""),
    ("deep.gltf", b'{"asset": {"version": "2.0"}, "nodes": ' + b"[" * DEEP, "not JSON"),
    ("outside.gltf", gltf(buffers=[{"byteLength": 8, "uri": "../../../../etc/passwd"}]), ""),
    ("device.gltf", gltf(buffers=[{"byteLength": 8, "uri": "/dev/zero"}]), ""),
    ("length.glb", b"glTF" + struct.pack("<IIII", 2, 0xFFFFFFFF, 0xFFFFFFFF, 0x4E4F534A) + bytes(1000), "cut short"),
    ("chunk.glb", b"glTF" + struct.pack("<IIII", 2, 1020, 0xFFFFFFF0, 0x4E4F534A) + bytes(1000), "beyond the end"),
    ("word.amc", b":FULLY-SPECIFIED\n:DEGREES\n1\nroot 1 2 3 0 0 0\nupper 0\nlower " + b"1" * 300_000 + b"\n" + b"2 " * 60_000, ""),
    ("huge.amc", changed("amc", b"upper 90", b"upper " + HUGE), ""),
    ("turns.amc", changed("amc", b"upper 90", b"upper 1e300"), "too large"),
    ("nan.amc", changed("amc", b"upper 90", b"upper nan"), "finite"),
    ("empty.amc", b":FULLY-SPECIFIED\n", "no frames"),
]
