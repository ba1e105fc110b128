"""Proof that an exported glTF keeps every key that no fill changed, and the rest of its file. F frames, K keys of a track, J joints."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from mpm_core.errors import DataError
from mpm_core.io.gltf.binary import Scene
from mpm_core.io.gltf.copy import frames_of, is_of_scene, put_names, scene_take
from mpm_core.io.gltf.keys import key_values, stored_keys, without_matrix
from mpm_core.io.gltf.sharing import byte_range, item_size, stride
from mpm_core.io.gltf.take import SceneTake
from mpm_core.recording import Origin, Recording
from mpm_core.rig import Rig
from mpm_core.typing import Mask

JOINT_PATHS = ("rotation", "translation")
COMPARED_APART = ("animations", "accessors", "bufferViews", "buffers", "nodes")
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Keys:
    """keys: of all tracks and joints, one in each frame; keys_changed: those that differ in any bit, or whose own time does;
    keys_changed_elsewhere: those that no fill explains. nodes_changed: nodes that are another at rest, or hang on another.

    parts_changed: other parts of the file that are not the same, such as 'meshes', or 'array 12' (an accessor).
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
        counts = ((self.keys_changed_elsewhere, "keys in frames without a fill"), (self.nodes_changed, "nodes"))
        return ", ".join([*(f"{count:,} {what}" for count, what in counts if count), *self.parts_changed])


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
    """The file of `again` against that of `before`, key by key. A fill explains the keys of the joints that it moves, in its frames.

    Raises DataError when it holds other joints, FormatError as `scene_take` does.
    """
    scene, take, found = scene_take(before)
    new_scene, new_take, new_found = scene_take(again)
    if found.nodes != new_found.nodes or before.frames != again.frames:
        raise DataError("the file written has other joints or frames than the source", where=again.source.path)
    position_F, _, on_F, retimed = frames_of(before, take)
    new_position_F = frames_of(again, new_take)[0]
    moved_FJ = _moved_FJ(found.rig, (written.origin_FP != Origin.MEASURED) & filled_F[:, None]) | ~on_F[:, None]
    explained = {(node, path): moved_FJ[:, joint] for joint, node in enumerate(found.nodes) for path in JOINT_PATHS}
    tracks, changed, elsewhere = sorted({*explained, *take.tracks, *new_take.tracks}), 0, 0
    for node, path in tracks:
        one_FW, two_FW = stored_keys(take, node, path, position_F), stored_keys(new_take, node, path, new_position_F)
        differs_F = np.asarray((one_FW.view(np.uint32) != two_FW.view(np.uint32)).any(axis=1))
        if not retimed and (node, path) in take.tracks:
            frame_K = np.rint(take.motion.tracks[node, path].times_K).astype(np.int64).clip(0, before.frames - 1)
            differs_F[frame_K[_lost_K(take, new_take, node, path)]] = True
        changed += int(differs_F.sum())
        elsewhere += int((differs_F & ~explained.get((node, path), ~on_F)).sum())
    expected = deepcopy(scene.doc)
    put_names(expected, take, found, written)
    new_nodes = new_scene.table("nodes")
    nodes = [
        without_matrix(node, take.motion, index) if "matrix" in node and "matrix" not in new else node
        for index, (node, new) in enumerate(zip(expected["nodes"], new_nodes, strict=False))
    ]
    others = sum(one != two for one, two in zip_longest(nodes, new_nodes))
    parts = [name for name in expected if name not in COMPARED_APART and expected[name] != new_scene.doc.get(name)]
    parts += [name for name in new_scene.doc if name not in COMPARED_APART and name not in expected]
    parts += _animations_changed(scene, new_scene, take, {*explained}, retimed)
    parts += _arrays_changed(scene, new_scene, take, {} if retimed else explained)
    return Keys(len(tracks) * before.frames, changed, elsewhere, others, tuple(parts))


def _moved_FJ(rig: Rig, filled_FJ: Mask) -> Mask:
    """Joints whose keys a fill may change: the filled ones, their parents, and the children of both, which turn back."""
    turned_FJ = filled_FJ.copy()
    for joint, parent in enumerate(rig.parents):
        if parent >= 0:
            turned_FJ[:, parent] |= filled_FJ[:, joint]
    moved_FJ = turned_FJ.copy()
    for joint, parent in enumerate(rig.parents):
        if parent >= 0:
            moved_FJ[:, joint] |= turned_FJ[:, parent]
    return moved_FJ


def _lost_K(take: SceneTake, new_take: SceneTake, node: int, path: str) -> Mask:
    """(K,) keys of a track of the file that are not in the new one at the same time to the bit, or with other values."""
    old, new = take.tracks[node, path], new_take.tracks.get((node, path))
    if new is None:
        return np.ones(len(old.times_K), bool)
    times_K, new_times_K = old.times_K.astype(np.float32), new.times_K.astype(np.float32)
    at_K = np.searchsorted(new_times_K, times_K).clip(0, len(new_times_K) - 1)
    one_KW, two_KW = (key_values(track).astype(np.float32).view(np.uint32) for track in (old, new))
    return np.asarray((new_times_K[at_K] != times_K) | (one_KW != two_KW[at_K]).any(axis=1))


def _animations_changed(scene: Scene, new_scene: Scene, take: SceneTake, joints: set[tuple[int, str]], retimed: bool) -> list[str]:
    """The animations that differ by more than tracks of joints, in words. Those have samplers of their own after the file's."""
    out: list[str] = []
    one: dict[str, Any]
    two: dict[str, Any]
    for index, (one, two) in enumerate(zip_longest(scene.table("animations"), new_scene.table("animations"), fillvalue={})):
        if index == take.animation:
            one, two = ({**each, "samplers": [], "channels": []} if retimed else each for each in (one, two))
            channels = [*one["channels"]]
            for place, now in enumerate(two.get("channels", [])):
                target = now["target"]
                if (target.get("node"), target["path"]) in joints:
                    was = channels[place] if place < len(channels) else {"target": {key: target[key] for key in ("node", "path")}}
                    channels[place : place + 1] = [{**was, "sampler": now["sampler"]}]
            samplers = one["samplers"]
            one, two = {**one, "channels": channels}, {**two, "samplers": two.get("samplers", [])[: len(samplers)]}
        if one != two:
            out.append(f"animation {index}")
    return out


def _arrays_changed(scene: Scene, new_scene: Scene, take: SceneTake, explained: dict[tuple[int, str], Mask]) -> list[str]:
    """The accessors and bytes of the file that differ by more than explained keys, in words. New arrays follow after the file's."""
    data = np.frombuffer(scene.buffers[0], np.uint8)
    new_data = np.frombuffer(new_scene.buffers[0], np.uint8)[: len(data)]
    if len(new_data) < len(data):
        return ["a buffer that is shorter"]
    differs = new_data != data
    accessors, changed = scene.table("accessors"), set[str]()
    animation, outputs = scene.table("animations")[take.animation], set[int]()
    for channel in animation["channels"]:
        moved_F = explained.get((channel["target"].get("node"), channel["target"]["path"]))
        output = animation["samplers"][channel["sampler"]]["output"] if moved_F is not None else -1
        if moved_F is not None and "bufferView" in accessors[output] and accessors[output]["count"] == len(moved_F):
            outputs.add(output)
            start, step, size = byte_range(scene.doc, output)[0], stride(scene.doc, accessors[output]), item_size(accessors[output])
            for frame in np.flatnonzero(moved_F).tolist():
                differs[start + step * frame : start + step * frame + size] = False
    bounds, one, two = ("min", "max"), dict[str, Any](), dict[str, Any]()
    for index, (one, two) in enumerate(zip_longest(accessors, new_scene.table("accessors")[: len(accessors)], fillvalue={})):
        plain = [{name: value for name, value in each.items() if index not in outputs or name not in bounds} for each in (one, two)]
        if plain[0] != plain[1]:
            changed.add(f"array {index}")
    views = scene.table("bufferViews")
    if new_scene.table("bufferViews")[: len(views)] != views:
        changed.add("the places of arrays")
    at = np.flatnonzero(differs)
    return [*sorted(changed), *_names_of(scene, at)]


def _names_of(scene: Scene, at: Any) -> list[str]:
    """What has the bytes of the buffer at some places, in words; the first few."""
    if not len(at):
        return []
    names = []
    for index in range(len(scene.table("accessors"))):
        try:
            start, stop = byte_range(scene.doc, index)
        except (KeyError, IndexError, TypeError):
            continue  # a broken one has no place, and does not need one here
        if np.searchsorted(at, start) < np.searchsorted(at, stop):
            names.append(f"the numbers of array {index}")
    more = [f"of {len(names) - MOST_NAMED} more arrays"] if len(names) > MOST_NAMED else []
    return [*names[:MOST_NAMED], *more] or [f"{len(at):,} bytes of the buffer"]
