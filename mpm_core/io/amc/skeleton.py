"""The bones of an .asf skeleton."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.errors import FormatError, Malformed, reason
from mpm_core.io.amc.motion import stripped_lines
from mpm_core.typing import Float

INCH_M = 0.0254
DAMAGED_THERE = "the file is damaged there; copy it again from its source"


@dataclass(frozen=True, slots=True)
class Bone:
    """direction_3: unit vector times length, file units; axis: rotation of the bone's own axes; dof: channel names in order."""

    name: str
    parent: int
    direction_3: Float
    axis: Rotation
    dof: tuple[str, ...]


def read_skeleton(path: Path) -> tuple[list[Bone], float]:
    """The bones, root first and parents before children, and metres per file unit. Raises FormatError naming the section."""
    asf = _Asf()
    try:
        for line in stripped_lines(path):
            if words := line.split():
                asf.add(words)
        order = ["root"]
        for name in order:
            if len(order) > len(asf.parents) + 1:
                raise Malformed("a bone hangs on itself")
            order += [child for child, parent in asf.parents.items() if parent == name]
        bones = [_bone(name, order.index(asf.parents[name]) if name != "root" else -1, asf.bones[name], asf.degrees) for name in order]
    except (KeyError, IndexError, ValueError) as error:
        what = f"the skeleton's :{asf.section} section cannot be understood ({reason(error)})"
        raise FormatError(what, where=str(path), hint=DAMAGED_THERE) from error
    if not (math.isfinite(asf.length_unit) and asf.length_unit > 0):
        raise FormatError(f"the skeleton's unit of length is {asf.length_unit:g}", where=str(path), hint=DAMAGED_THERE)
    if not all(bone.direction_3.shape == (3,) and np.isfinite(bone.direction_3).all() for bone in bones):
        raise FormatError("a bone's direction or length is not three finite numbers", where=str(path), hint=DAMAGED_THERE)
    if len(bones) < 2:
        raise FormatError("the skeleton has no bones", where=str(path), hint="the file is damaged, or is not a skeleton")
    return bones, INCH_M / asf.length_unit


@dataclass(slots=True)
class _Asf:
    """What the lines of an ASF file say so far. section: the one that is being read. bones: the words after each key, by bone."""

    section: str = ""
    length_unit: float = 1.0
    degrees: bool = True
    bones: dict[str, dict[str, list[str]]] = field(
        default_factory=lambda: {"root": {"axis": ["0", "0", "0", "XYZ"], "length": ["0"], "direction": ["0", "0", "0"]}}
    )
    parents: dict[str, str] = field(default_factory=dict)
    bone: dict[str, list[str]] = field(default_factory=dict)

    def add(self, words: list[str]) -> None:
        """The next line that is not empty."""
        key, *values = words
        if key.startswith(":"):
            self.section = key[1:].lower()
        elif self.section == "units" and key == "length":
            self.length_unit = float(values[0])
        elif self.section == "units" and key == "angle":
            self.degrees = values[0].lower().startswith("deg")
        elif self.section == "root" and key.lower() == "order":
            self.bones["root"]["dof"] = [word.lower() for word in values]
        elif self.section == "root" and key.lower() == "axis":
            self.bones["root"]["axis"] = ["0", "0", "0", values[0]]
        elif self.section == "bonedata":
            self._add_to_bone(key, values)
        elif self.section == "hierarchy" and key not in ("begin", "end"):
            self.parents.update(dict.fromkeys(values, key))

    def _add_to_bone(self, key: str, values: list[str]) -> None:
        if key == "begin":
            self.bone = {}
        elif key == "end":
            self.bones[self.bone["name"][0]] = self.bone
        else:
            self.bone[key] = values


def _bone(name: str, parent: int, fields: dict[str, list[str]], degrees: bool) -> Bone:
    direction_3 = np.array([float(word) for word in fields["direction"][:3]])
    norm = float(np.linalg.norm(direction_3))
    with np.errstate(invalid="ignore", over="ignore"):
        direction_3 = direction_3 / norm * float(fields["length"][0]) if norm > 0 else direction_3
    angles = [float(word) for word in fields["axis"][:3]]
    axis = Rotation.from_euler(fields["axis"][3].lower(), angles, degrees=degrees)
    return Bone(name, parent, direction_3, axis, tuple(word.lower() for word in fields.get("dof", [])))
