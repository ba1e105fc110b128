"""Second readers, written apart from the program's own and as plainly as can be, to compare it with. No module of mpm_core is used here.

Each gives positions in the file's own units and axes: F frames, P points, NaN where there is no measurement.
"""

from __future__ import annotations

import csv
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np


def c3d(path: Path) -> np.ndarray:
    """(F, C, 3) of all point columns, by the header alone, word after word."""
    data = path.read_bytes()
    section = (data[0] - 1) * 512
    cpu = data[section + 3] - 83  # 1 Intel, 2 DEC, 3 SGI
    sign = ">" if cpu == 3 else "<"

    def real(at: int) -> float:
        raw = data[at : at + 4]
        if cpu == 2:
            raw = raw[2:] + raw[:2]
            return struct.unpack("<f", raw)[0] / 4
        return float(struct.unpack(f"{sign}f", raw)[0])

    words = struct.unpack(f"{sign}10H", data[:20])
    points, analog, first, last, start = words[1], words[2], words[3], words[4], (words[8] - 1) * 512
    scale = real(12)
    size = 4 if scale < 0 else 2
    per_frame = (4 * points + analog) * size
    frames = last - first + 1
    if start + frames * per_frame > len(data) or (first == last == 0xFFFF) or last == 0xFFFF:
        frames = (len(data) - start) // per_frame
    out = np.full((frames, points, 3), np.nan)
    for frame in range(frames):
        raw = data[start + frame * per_frame : start + frame * per_frame + 16 * points * size // 4]
        if scale < 0 and cpu == 2:
            words_16 = np.frombuffer(raw, "<u2").reshape(-1, 2)[:, ::-1]
            values = np.ascontiguousarray(words_16).view("<f4").reshape(points, 4) / np.float32(4)
        elif scale < 0:
            values = np.frombuffer(raw, f"{sign}f4").reshape(points, 4)
        else:
            values = np.frombuffer(raw, f"{sign}i2").reshape(points, 4).astype(np.float32) * [scale, scale, scale, 1]
        with np.errstate(invalid="ignore"):
            out[frame] = np.where(values[:, 3:] < 0, np.nan, values[:, :3])
    return out


def bvh(path: Path) -> np.ndarray:
    """(F, J, 3) of joints and End Sites in the order of the file, by 4 x 4 matrices; position channels replace the offset."""
    words = path.read_text(encoding="utf-8-sig", errors="replace").split()
    at, stack, joints = 0, [], []
    while words[at].upper() != "MOTION":
        word = words[at].upper()
        if word in ("ROOT", "JOINT", "END"):
            joints.append({"parent": stack[-1] if stack else -1, "channels": [], "offset": [0.0] * 3})
            stack.append(len(joints) - 1)
            at += 1  # its name, which may be any word
        elif word == "}":
            stack.pop()
        elif word == "OFFSET":
            joints[stack[-1]]["offset"] = [float(value) for value in words[at + 1 : at + 4]]
        elif word == "CHANNELS":
            count = int(words[at + 1])
            joints[stack[-1]]["channels"] = words[at + 2 : at + 2 + count]
        at += 1
    at += next(i for i, word in enumerate(words[at:]) if word.lower().startswith("time")) + 1
    numbers = [float(word) for word in words[at + (words[at] == ":") + 1 :]]
    columns = sum(len(joint["channels"]) for joint in joints)
    out = np.empty((len(numbers) // columns, len(joints), 3))
    for frame in range(len(out)):
        row, done = iter(numbers[frame * columns : (frame + 1) * columns]), []
        for joint in joints:
            place, turned = list(joint["offset"]), np.eye(4)
            for channel in joint["channels"]:
                value, axis = next(row), "XYZ".index(channel[0].upper())
                if "pos" in channel.lower():
                    place[axis] = value
                else:
                    turned = turned @ _turn(axis, math.radians(value))
            here = np.eye(4)
            here[:3, 3] = place
            above = done[joint["parent"]] if joint["parent"] >= 0 else np.eye(4)
            done.append(above @ here @ turned)
        out[frame] = [matrix[:3, 3] for matrix in done]
    return out


def _turn(axis: int, angle: float) -> np.ndarray:
    matrix = np.eye(4)
    b, c = [(1, 2), (2, 0), (0, 1)][axis]
    matrix[b, b] = matrix[c, c] = math.cos(angle)
    matrix[b, c], matrix[c, b] = -math.sin(angle), math.sin(angle)
    return matrix


def trc(path: Path) -> list[list[tuple[float, ...] | None]]:
    """Per frame the triples after frame number and time, None where one is not whole."""
    text = path.read_text(encoding="utf-8", errors="replace")
    sign = "\t" if "\t" in text else ","
    frames = []
    for line in text.splitlines()[3:]:
        cells = [cell.strip() for cell in line.split(sign)]
        if not cells[0].isdigit():
            continue
        triples: list[tuple[float, ...] | None] = []
        for column in range(2, len(cells), 3):
            try:
                triple = tuple(float(cell) for cell in cells[column : column + 3])
                triples.append(triple if len(triple) == 3 and all(map(math.isfinite, triple)) else None)
            except ValueError:
                triples.append(None)
        frames.append(triples)
    return frames


def csv_rows(path: Path) -> list[list[float]]:
    """The numbers of every row that holds more numbers than words, in order."""
    rows = []
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.reader(file):
            values = []
            for cell in row:
                try:
                    values.append(float(cell))
                except ValueError:
                    values.append(math.nan)
            if sum(map(math.isfinite, values)) > len(row) / 2:
                rows.append(values)
    return rows


def openpose(path: Path) -> list[list[float]]:
    """Everybody's numbers in one frame."""
    return [person["pose_keypoints_2d"] for person in json.loads(path.read_text())["people"] if person.get("pose_keypoints_2d")]


def slp(path: Path) -> dict[int, list[np.ndarray]]:
    """Everybody's points (x, y, score) of each frame of a SLEAP project of predictions, row by row of its tables; NaN where not visible."""
    import h5py

    people: dict[int, list[np.ndarray]] = {}
    with h5py.File(path) as file:
        frames, points, predicted = file["frames"][()], file["points"][()], file["pred_points"][()]
        for instance in file["instances"][()]:
            table = predicted if instance["instance_type"] == 1 else points
            rows = table[int(instance["point_id_start"]) : int(instance["point_id_end"])]
            score = rows["score"] if instance["instance_type"] == 1 else np.ones(len(rows))
            both = np.stack([rows["x"], rows["y"], np.where(rows["visible"], score, 0)], axis=1)
            people.setdefault(int(frames["frame_idx"][frames["frame_id"] == instance["frame_id"]][0]), []).append(both)
    return people


def coco(path: Path) -> list[list[float]]:
    """Everybody's numbers, over all images."""
    value: Any = json.loads(path.read_text())
    listed = value["annotations"] if isinstance(value, dict) else value
    parts = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")
    return [[number for part in parts for number in one.get(part, [])] for one in listed if one.get("keypoints")]
