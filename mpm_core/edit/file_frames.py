"""Which frame of its file, and of which name, each sample of a recording is. F frames, N of them.

The one place where it is kept what a merged point has from where: merging writes it down, and all who compare with the file read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mpm_core.gaps import runs
from mpm_core.recording import FilePart, MergedRun, Origin, Recording, frame_tolerance
from mpm_core.typing import Floating, Int, Mask


def on_frames(position_F: Floating, frames: int) -> tuple[Int, Mask]:
    """(F,) of positions in time, counted in frames of a take: the nearest frame, and whether the position is that frame.

    >>> on_frames(np.array([0.0, 2.5, 5.0, 7.5]), 6)
    (array([0, 2, 5, 5]), array([ True, False,  True, False]))
    """
    nearest_F = np.clip(np.rint(position_F), 0, max(frames - 1, 0)).astype(np.int64)
    return nearest_F, np.asarray(np.abs(position_F - nearest_F) <= frame_tolerance(position_F))


def file_names(rec: Recording) -> tuple[tuple[str, ...], ...]:
    """The names that each point has in the recording's file."""
    names = rec.source.part.names
    return names if len(names) == len(rec.points) else tuple((point,) for point in rec.points)


def name_at(part: FilePart, names: Sequence[str], frames_N: Int) -> Int:
    """(N,) which of a point's names its sample has in these frames of the file (0-based, ascending), by their place in `names`.

    >>> part = FilePart(names=(("LKNE", "*12"),), merged=(MergedRun("*12", 50, 70),))
    >>> name_at(part, part.names[0], np.array([49, 50, 69, 70]))
    array([0, 1, 1, 0])
    """
    place_N = np.zeros(len(frames_N), np.int64)
    for run in part.merged:
        if run.name in names:
            start, stop = np.searchsorted(frames_N, (run.start, run.stop))
            place_N[start:stop] = names.index(run.name)
    return place_N


def merged_part(rec: Recording, first: int, second: int, takes_F: Mask) -> FilePart:
    """The part of the file that is held once `first` has the samples of `second` in the frames of takes_F, and `second` is gone."""
    part, names = rec.source.part, list(file_names(rec))
    begins_F = _begins(part, rec.frames)
    frames_N = np.arange(begins_F[0], begins_F[-1])
    takes_N = np.repeat(takes_F, np.diff(begins_F))
    one, two = names[first], names[second]
    place_N = np.where(takes_N, len(one) + name_at(part, two, frames_N), name_at(part, one, frames_N))
    new = _runs_of((*one, *two), place_N, int(begins_F[0]))
    names[first] = (*one, *two)
    del names[second]
    return replace(part, names=tuple(names), merged=(*(run for run in part.merged if run.name not in (*one, *two)), *new))


def merged_as_before(original: Recording, part: FilePart, frames: int) -> FilePart:
    """The part with the runs of its merged points, for one that was saved before runs were kept: they had the first sample that is neither
    missing nor marked in the file's recording, else the first that is not missing. The same part where it has runs or nothing is merged.
    """
    own, column = original.source.part, {name: point for point, names in enumerate(file_names(original)) for name in names}
    several = [names for names in part.names if len(names) > 1]
    if part.merged or not frames or not original.frames or not all(name in column for names in several for name in names):
        return part
    begins_F = _begins(part, frames)
    rows_F, _ = on_frames((part.start + part.step * np.arange(frames) - own.start) / own.step, original.frames)
    new: list[MergedRun] = []
    for names in several:
        origin_FK = original.origin_FP[rows_F][:, [column[name] for name in names]]
        rank_FK = np.select([origin_FK == Origin.MISSING, origin_FK == Origin.MARKED], [2, 1], 0)
        new += _runs_of(names, np.repeat(rank_FK.argmin(axis=1), np.diff(begins_F)), int(begins_F[0]))
    return replace(part, merged=tuple(new))


def _begins(part: FilePart, frames: int) -> Int:
    """(F + 1,) the first of the file's frames that go with each frame: those up to the next one."""
    position_F = part.start + part.step * np.arange(frames + 1)
    return np.asarray(np.ceil(position_F - frame_tolerance(position_F)).astype(np.int64))


def _runs_of(names: Sequence[str], place_N: Int, start: int) -> list[MergedRun]:
    """The runs of all names but the first. place_N: by frame of the file from `start` on, which of the names the sample has."""
    places = ((name, begin, end) for place, name in enumerate(names) if place > 0 for begin, end in runs(place_N == place))
    return [MergedRun(name, begin + start, end + start) for name, begin, end in places]
