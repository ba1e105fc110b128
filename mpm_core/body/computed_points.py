"""Points of a marker file that a model computed from markers: joint centres, centres of mass, axes of segments. F frames, P points.

They are shown, but no fill is made for them or follows them, and they stand for no marker: their values follow from the markers.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from mpm_core.body import markers
from mpm_core.edit.file_frames import file_names
from mpm_core.edit.labels import labelled
from mpm_core.linalg.subsample import subsample
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Floating, Mask

AXES = "OALP"  # how Vicon's names of a segment's origin and of the ends of its axes (anterior, lateral, proximal) end
NAMES = re.compile(
    r"[lr](h|k|a|s|e|w)jc|(left|right|l|r)(hip|knee|ankle|shoulder|elbow|wrist)(joint)?cent(er|re)|cent(er|re)of(mass|gravity|pressure)\w*",
    re.IGNORECASE,
)
JOINTS = re.compile(
    r"(left|right|l|r)?(hip|knee|ankle|shoulder|elbow|wrist|hand|foot|toe|head|neck|spine|thorax|chest|pelvis)(left|right|l|r)?",
    re.IGNORECASE,
)
MOST_FRAMES, TOLERANCE = 50, 0.01  # frames that are looked at; cosine between axes, and difference of their lengths as a share
FEWEST = 6  # other points with a label: with fewer, the file is one of joints, not of markers
TIMES = 2  # in a file of unknown markers, names count if the other points are more than TIMES times as many
NO_LABEL = "the trajectory has no label: merge it with the point that it is a piece of"
BY_MODEL = "the point is computed by a model from markers, not measured"


def with_computed(rec: Recording) -> Recording:
    """The recording, its `source.computed` completed by names and geometry, with a note; as it is for rigs, 2D, and files of joints.

    Names alone are not proof, as files of measured joints have the same: they count where the other points are markers of a known set, or
    many of which none is called as a joint.

    Segment axes are four points called XO, XA, XL and XP, the last three equally far from the first, at right angles in every frame.
    """
    if rec.dims != 3 or rec.rig is not None:
        return rec
    by_name = {point for point in rec.points if _is_called(NAMES, point)}
    computed = {*rec.source.computed, *_axes(rec.points, rec.xyz_FPD)} & set(rec.points)
    others = [point for point, has_label in zip(rec.points, labelled(rec), strict=True) if has_label and point not in computed | by_name]
    unknown_markers = len(others) > TIMES * len(by_name) and not any(_is_called(JOINTS, point) for point in others)
    if by_name and (unknown_markers or markers.match(tuple(others)) is not None):
        computed |= by_name
    if not computed or len(others) < FEWEST:
        return replace(rec, source=replace(rec.source, computed=())) if rec.source.computed else rec
    names = tuple(point for point in rec.points if point in computed)
    some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    note = f"computed by a model from markers ({some}; {len(names)} in all): shown, but neither filled nor used as markers"
    return replace(rec, source=replace(rec.source, computed=names, notes=(*rec.source.notes, note)))


def computed(rec: Recording) -> Mask:
    """(P,) True for points that a model computed, by `source.computed`, also where they were renamed.

    >>> from mpm_core.recording import Source, make_recording
    >>> computed(make_recording(("LKNE", "LHJC"), 100.0, np.zeros((1, 2, 3)), source=Source(computed=("LHJC",)))).tolist()
    [False, True]
    """
    names = set(rec.source.computed)
    return np.array([bool(names) and names.issuperset(of_point) for of_point in file_names(rec)], bool)


def left_alone(rec: Recording, named: Collection[str] = ()) -> dict[int, str]:
    """Points of which gaps are not filled, and why: computed ones, and trajectories without a label unless no point has one; but none that
    the user names as a joint.

    >>> from mpm_core.recording import make_recording
    >>> left_alone(make_recording(("LKNE", "*12"), 100.0, np.zeros((1, 2, 3))))
    {1: 'the trajectory has no label: merge it with the point that it is a piece of'}
    """
    labelled_P, computed_P = labelled(rec), computed(rec)
    unlabelled_P = ~labelled_P & labelled_P.any()
    left_P = (computed_P | unlabelled_P) & ~np.isin(rec.points, list(named))
    return {int(p): BY_MODEL if computed_P[p] else NO_LABEL for p in np.flatnonzero(left_P)}


def not_gaps(rec: Recording, named: Collection[str] = ()) -> Mask:
    """(F, P) True where a point that is left alone (`left_alone`) is missing: what a fill of everything does not fill."""
    not_gaps_FP = rec.origin_FP == Origin.MISSING
    left_P = np.zeros(len(rec.points), bool)
    left_P[list(left_alone(rec, named))] = True
    return np.asarray(not_gaps_FP & left_P)


def without_computed(rec: Recording, named: Collection[str] = ()) -> Recording:
    """The recording with the samples of computed points MISSING, but for those that the user names as joints or markers, or fills."""
    computed_P = computed(rec) & ~np.isin(rec.points, list(named))
    if not computed_P.any():
        return rec
    return rec.with_samples(rec.samples.cleared(np.broadcast_to(computed_P, rec.origin_FP.shape)))


def _is_called(names: re.Pattern[str], point: str) -> bool:
    return names.fullmatch(re.sub(r"[ _.-]", "", point.rpartition(":")[2])) is not None


def _axes(points: Sequence[str], xyz_FPD: Floating) -> set[str]:
    """Names of the points that are axes of segments, with their origins."""
    at = {point: place for place, point in enumerate(points)}
    stems = [point[:-1] for point in points if point[-1:] == AXES[0] and all(point[:-1] + end in at for end in AXES)]
    rows = subsample(len(xyz_FPD), MOST_FRAMES)
    xyz_SPD = xyz_FPD[rows].astype(np.float64)
    found = {stem for stem in stems if _right_angles(xyz_SPD[:, [at[stem + end] for end in AXES]])}
    return {stem + end for stem in found for end in AXES}


def _right_angles(xyz_N43: Float) -> bool:
    """Whether the last three of four points are equally far from the first and at right angles, wherever all are known."""
    axis_N33 = xyz_N43[:, 1:] - xyz_N43[:, :1]
    axis_N33 = axis_N33[np.isfinite(axis_N33).all(axis=(1, 2))]
    length_N3 = np.linalg.norm(axis_N33, axis=2)
    if not len(axis_N33) or not (length_N3 > 0).all():
        return False
    unit_N33 = axis_N33 / length_N3[:, :, None]
    cosine_N33 = np.abs(unit_N33 @ unit_N33.swapaxes(1, 2) - np.eye(3))
    apart_N = length_N3.max(axis=1) / length_N3.min(axis=1) - 1
    return bool(cosine_N33.max() < TOLERANCE and apart_N.max() < TOLERANCE)
