"""Proof that an exported glTF keeps every key of the frames in which nothing was filled, and the rest of its file. F frames, J joints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mpm_core.errors import DataError
from mpm_core.io.gltf.binary import Scene
from mpm_core.io.gltf.copy import is_of_scene, scene_take
from mpm_core.io.gltf.keys import stored_keys
from mpm_core.io.gltf.take import SceneTake
from mpm_core.recording import Recording
from mpm_core.typing import Floating, Mask

MOTION = ("animations", "accessors", "bufferViews", "buffers", "asset", "nodes")  # compared by what is in them
PATHS = ("rotation", "translation")


@dataclass(frozen=True, slots=True)
class Keys:
    """keys: rotations and translations of joints, one of each in a frame; keys_changed: those that differ in any bit;
    keys_changed_elsewhere: in frames without a fill. nodes_changed: nodes that are another at rest, or hang on another.

    parts_changed: other parts of the file that are not the same, such as 'meshes', or arrays of numbers.
    """

    keys: int
    keys_changed: int
    keys_changed_elsewhere: int
    nodes_changed: int
    parts_changed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not (self.keys_changed_elsewhere or self.nodes_changed or self.parts_changed)

    @property
    def changes(self) -> str:
        """What does not hold, in words."""
        more = f", and {', '.join(self.parts_changed)}" if self.parts_changed else ""
        return f"{self.keys_changed_elsewhere:,} keys in frames without a fill, and {self.nodes_changed:,} nodes{more}"


def is_copy(rec: Recording, again: Recording | None = None) -> bool:
    """Whether the recording is exported as a copy of its glTF source; with `again`, whether that file has as many joints."""
    return is_of_scene(rec) and (again is None or (is_of_scene(again) and len(again.points) == len(rec.points)))


def same_unit_and_axes(rec: Recording, path: Any) -> bool:
    """Whether the file's numbers are in those of the source: always, since a copy keeps them."""
    return True


def contradicts_itself(again: Recording) -> bool:
    """Whether what the file says of its unit and axes cannot be: never, since a glTF says nothing of them."""
    return False


def compare_copy(written: Recording, before: Recording, again: Recording, filled_F: Mask) -> Keys:
    """The file of `again` against that of `before`, frame by frame. Raises DataError when it holds other joints, FormatError as
    `scene_take` does.
    """
    scene, take, found = scene_take(before)
    new_scene, new_take, new_found = scene_take(again)
    if found.nodes != new_found.nodes or before.frames != again.frames:
        raise DataError("the file written has other joints or frames than the source", where=again.source.path)
    at_F, new_at_F = (rec.source.part.start + rec.source.part.step * np.arange(rec.frames) for rec in (before, again))
    changed_FN = np.stack(
        [_differs(take, new_take, node, path, at_F, new_at_F) for node in found.nodes for path in PATHS],
        axis=1,
    )
    nodes, new_nodes = ([{**node, "name": ""} for node in each.table("nodes")] for each in (scene, new_scene))
    others = sum(one != two for one, two in zip(nodes, new_nodes, strict=False)) + abs(len(nodes) - len(new_nodes))
    elsewhere = int(changed_FN[~filled_F].sum())
    return Keys(changed_FN.size, int(changed_FN.sum()), elsewhere, others, _parts_changed(scene, new_scene, take))


def _differs(take: SceneTake, new_take: SceneTake, node: int, path: str, at_F: Floating, new_at_F: Floating) -> Mask:
    """(F,) where the two have another key, bit for bit."""
    one_FW, two_FW = stored_keys(take, node, path, at_F), stored_keys(new_take, node, path, new_at_F)
    return np.asarray((one_FW.view(np.uint32) != two_FW.view(np.uint32)).any(axis=1))


def _parts_changed(scene: Scene, new_scene: Scene, take: SceneTake) -> tuple[str, ...]:
    """Tables of the file that differ, and arrays other than those of the take's animation."""
    names = [name for name in scene.doc if name not in MOTION and scene.doc[name] != new_scene.doc.get(name)]
    motion = [each[end] for each in scene.table("animations")[take.animation]["samplers"] for end in ("input", "output")]
    changed = 0
    for index, accessor in enumerate(scene.table("accessors")):
        if index not in motion and "bufferView" in accessor:
            changed += _view_bytes(scene, accessor["bufferView"]) != _view_bytes(new_scene, accessor["bufferView"])
    return (*names, *((f"{changed} arrays of numbers",) if changed else ()))


def _view_bytes(scene: Scene, index: int) -> bytes:
    view = scene.table("bufferViews")[index]
    start: int = view.get("byteOffset", 0)
    return bytes(scene.buffers[view["buffer"]][start : start + view["byteLength"]])
