"""2D poses in NPZ as VideoPose3D keeps them: what its Detectron script writes for a video, and data sets of several takes.

F frames, K points, pixels, y down. The dictionaries in them are read without unpickling (plain_pickle.py). A data set holds arrays
(F, K, 2) by subject, action and camera; of several, one has to be named. There is no frame rate.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io import object_npz
from mpm_core.io.keypoints.take import KeypointFile, reader_of, stated_size
from mpm_core.io.zip_members import ZIP_MAGIC, member_names
from mpm_core.typing import Float

SET, VIDEO = "positions_2d", "keypoints"
LISTED = 12


def sniff(path: Path, head: bytes) -> bool:
    names = member_names(path) if head.startswith(ZIP_MAGIC) else set()
    return f"{SET}.npy" in names or {f"{VIDEO}.npy", "boxes.npy"} <= names


def file_of(path: Path, *, person: str | None = None) -> KeypointFile:
    """What the file holds. person: which take of a data set, as 'subject/action/camera', or the beginning of one name alone.

    Raises FormatError.
    """
    names = object_npz.members(path)
    about = object_npz.load(path, "metadata") if "metadata" in names else {}
    about = about if isinstance(about, dict) else {}
    if SET in names:
        takes = _takes(object_npz.load(path, SET), path)
        name = _chosen(takes, person, path)
        people = [[pose_K3] for pose_K3 in takes[name]]
        video = about.get("video_metadata")
        size = stated_size(video.get(name.split("/")[0]) if isinstance(video, dict) else None, "w", "h")
        notes = (f"the take {name} of {len(takes)}",)
        return KeypointFile("detectron", str(path), people, whose=[[person or "1"]] * len(people), image_wh=size, notes=notes)
    frames = [_detections(entry, f"{path}, frame {number}") for number, entry in enumerate(_listed(object_npz.load(path, VIDEO), path), 1)]
    return KeypointFile("detectron", str(path), frames, image_wh=stated_size(about, "w", "h"))


read = reader_of(file_of)


def _listed(value: Any, path: Path) -> list[Any]:
    if not isinstance(value, list | np.ndarray) or (isinstance(value, np.ndarray) and not value.ndim):
        raise FormatError(f"the keypoints are {type(value).__name__}, not a list of frames", where=str(path), hint="is it of VideoPose3D?")
    return list(value)


def _takes(value: Any, path: Path) -> dict[str, Float]:
    """(F, K, 3) of each take, by subject/action/camera; all points detected. Raises FormatError."""
    takes: dict[str, Float] = {}
    for subject, actions in value.items() if isinstance(value, dict) else ():
        for action, cameras in actions.items() if isinstance(actions, dict) else ():
            for number, array in enumerate(_listed(cameras, path)):
                name = f"{subject}/{action}/{number}"
                if not isinstance(array, np.ndarray) or array.ndim != 3 or array.shape[2] not in (2, 3) or array.dtype.kind not in "fiu":
                    raise FormatError("a take is not (frames, points, 2) numbers", where=f"{path}, {name}", hint="is it of VideoPose3D?")
                xy_FK2 = array[..., :2].astype(np.float64)
                sure_FK1 = array[..., 2:].astype(np.float64) if array.shape[2] == 3 else np.ones((*array.shape[:2], 1))
                takes[name] = np.concatenate([xy_FK2, sure_FK1], axis=2)
    if not takes:
        raise FormatError("there is no take in it", where=str(path), hint="positions_2d must be subject -> action -> cameras")
    return takes


def _chosen(takes: dict[str, Float], person: str | None, path: Path) -> str:
    """The name of the only take, or of the one that is asked for. Raises FormatError with their names."""
    matching = [name for name in takes if person is None or name == person or name.startswith(f"{person}/")]
    if len(matching) == 1:
        return matching[0]
    listed = ", ".join((matching or list(takes))[:LISTED]) + (", ..." if len(matching or takes) > LISTED else "")
    what = f"the file holds {len(takes)} takes" if person is None else f"{person!r} names {len(matching)} of its {len(takes)} takes"
    raise FormatError(what, where=str(path), hint=f"name one with --person, such as {listed}")


def _detections(entry: Any, where: str) -> list[Float]:
    """(K, 3) of each person of a frame, from Detectron's (x, y, logit, probability; K) in the last class."""
    wrong = FormatError("a person is not 4 rows of numbers", where=where, hint="is it of VideoPose3D's Detectron script?")
    try:
        people = entry[-1] if isinstance(entry, list | tuple | np.ndarray) and len(entry) else []
        found = [np.asarray(person_4K, np.float64) for person_4K in people]
    except (TypeError, ValueError) as error:
        raise wrong from error
    if any(person_4K.ndim != 2 or len(person_4K) != 4 for person_4K in found):
        raise wrong
    return [person_4K[[0, 1, 3]].T for person_4K in found]
