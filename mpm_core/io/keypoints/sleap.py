"""SLEAP's poses: analysis HDF5, whose arrays are read here, and projects (.slp), which sleap-io reads. F frames, T tracks, K points."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import FormatError
from mpm_core.io.keypoints.json_frames import NOT_KEYPOINTS, by_frame
from mpm_core.io.keypoints.take import KeypointFile
from mpm_core.typing import Float

TRACKS = ("track", "xy", "node", "frame")
SCORES = ("track", "node", "frame")


def analysis_file(file: Any, where: str) -> KeypointFile:
    """The tracks of an open analysis file. Axes are in the order that their `dims` say, else in that of SLEAP's own exports."""
    xy_TDKF = _ordered(file["tracks"], TRACKS)
    names = _texts(file["node_names"])
    if xy_TDKF.ndim != 4 or xy_TDKF.shape[1] != 2 or xy_TDKF.shape[2] != len(names):
        raise FormatError(f"tracks are {xy_TDKF.shape}, not (tracks, 2, {len(names)} nodes, frames)", where=where, hint=NOT_KEYPOINTS)
    tracks, _, _, frames = xy_TDKF.shape
    score_TKF = _ordered(file["point_scores"], SCORES) if "point_scores" in file else np.full((tracks, len(names), frames), np.nan)
    score_TKF = np.where(np.isfinite(score_TKF), score_TKF, 1.0)  # labelled by hand
    found_TFK3 = np.concatenate([xy_TDKF, score_TKF[:, None]], axis=1).transpose(0, 3, 2, 1)
    there_TF = np.isfinite(found_TFK3).all(axis=3).any(axis=2)
    titles = _texts(file["track_names"]) if "track_names" in file else ()
    called = titles if len(set(titles)) == tracks else tuple(f"track_{number}" for number in range(tracks))
    people = [[found_TFK3[track, frame] for track in np.flatnonzero(there_TF[:, frame])] for frame in range(frames)]
    whose = [[called[track] for track in np.flatnonzero(there_TF[:, frame])] for frame in range(frames)]
    return KeypointFile("sleap", where, people, names, whose, first_frame=0)


def labels_file(path: Path) -> KeypointFile:
    """The instances of a project. Those labelled by hand replace the predictions that they were made from. Raises FormatError."""
    where = str(path)
    try:
        import sleap_io
    except ImportError as error:
        hint = "pip install 'mpm-studio[sleap]', or export an analysis file (HDF5) from SLEAP"
        raise FormatError("this is a SLEAP project, and the package sleap-io is not installed", where=where, hint=hint) from error
    labels = sleap_io.load_slp(str(path), open_videos=False)
    frames = list(labels.labeled_frames)
    if len({id(frame.video) for frame in frames}) > 1:
        raise FormatError("the project has poses in several videos", where=where, hint="export an analysis file (HDF5) of one from SLEAP")
    if len(labels.skeletons) != 1:
        raise FormatError(f"the project has {len(labels.skeletons)} skeletons", where=where, hint="export the poses of one")
    names = tuple(str(name) for name in labels.skeletons[0].node_names)
    shown = [(int(frame.frame_idx), [*frame.user_instances, *frame.unused_predictions]) for frame in frames]
    ordered = by_frame([(number, [_points(instance) for instance in instances]) for number, instances in shown], where)
    tracked = all(instance.track is not None for _, instances in shown for instance in instances)
    whose = None
    if tracked and len({number for number, _ in shown}) == len(shown):
        by_number = {number: [str(instance.track.name) for instance in instances] for number, instances in shown}
        numbers = sorted(by_number)
        dense = len(ordered.people) > len(numbers)  # else by_frame has a frame for each that is listed
        listed = range(numbers[0], numbers[-1] + 1) if dense else numbers
        whose = [by_number.get(number, []) for number in listed]
    return KeypointFile("sleap", where, ordered.people, names, whose, first_frame=ordered.first_frame, notes=ordered.notes)


def _points(instance: Any) -> Float:
    """(K, 3) of an instance: x, y and score, which is 1 for points set by hand."""
    xy_K2 = np.asarray(instance.numpy(), np.float64)
    predicted = "score" in (instance.points.dtype.names or ())
    score_K = np.asarray(instance.points["score"], np.float64) if predicted else np.ones(len(xy_K2))
    return np.concatenate([xy_K2, score_K[:, None]], axis=1)


def _ordered(dataset: Any, wanted: tuple[str, ...]) -> NDArray[np.float64]:
    """A data set with its axes in the order wanted, where its `dims` say which they are."""
    array = np.asarray(dataset[()], np.float64)
    dims = dataset.attrs.get("dims")
    given = json.loads(dims) if isinstance(dims, str | bytes) else None
    if isinstance(given, list) and sorted(map(str, given)) == sorted(wanted):
        return array.transpose([given.index(name) for name in wanted])
    return array


def _texts(dataset: Any) -> tuple[str, ...]:
    return tuple(
        each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in np.asarray(dataset[()]).ravel().tolist()
    )
