"""Every detection of every frame as arrays, and how far two of them are from each other. F frames, N detections, K points, B bones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.io.keypoints.detected import detected
from mpm_core.typing import Float, Int, Mask

SHARED = 0.25  # share of a detection's points from which it is not a further part of a detection that has them, too
SHORT = 0.05  # a bone shorter than this share of the person's size says nothing: its length is as large as its error


@dataclass(frozen=True, slots=True)
class Bodies:
    """Detections in pixels, by frame. person_N: place in its frame's list. xy_NK2: NaN where not detected; size_N: diagonal of the box
    around the detected points, -1 without any; middle_N2: their median; weight_N: size times mean confidence; bones_NB: logarithms of bone
    lengths, NaN where not detected or short."""

    frame_N: Int
    person_N: Int
    xy_NK2: Float
    size_N: Float
    middle_N2: Float
    weight_N: Float
    bones_NB: Float

    @property
    def detected_N(self) -> Mask:
        return np.asarray(self.size_N >= 0)


def bodies_of(people: Sequence[Sequence[Float]], bones: Sequence[tuple[int, int]]) -> Bodies:
    """The detections of all frames, of which at least one shows a person. people: (K, 3) of each person of each frame."""
    frame_N, person_N = np.array([(frame, person) for frame, persons in enumerate(people) for person in range(len(persons))]).T
    person_NK3 = np.stack([person_K3 for persons in people for person_K3 in persons])
    detected_NK = detected(person_NK3)
    xy_NK2 = np.where(detected_NK[..., None], person_NK3[..., :2], np.nan)
    detected_N = np.asarray(detected_NK.any(axis=1))
    low_N2 = np.min(person_NK3[..., :2], axis=1, initial=np.inf, where=detected_NK[..., None])
    high_N2 = np.max(person_NK3[..., :2], axis=1, initial=-np.inf, where=detected_NK[..., None])
    size_N = np.where(detected_N, np.hypot(*np.where(detected_N[:, None], high_N2 - low_N2, 0.0).T), -1.0)
    confidence_N = np.where(detected_NK, np.minimum(person_NK3[..., 2], 1), 0.0).mean(axis=1)
    first_B, second_B = np.array(bones, np.int64).reshape(-1, 2).T
    length_NB = np.hypot(*np.moveaxis(xy_NK2[:, first_B] - xy_NK2[:, second_B], -1, 0))
    bones_NB = np.log(np.where(length_NB > SHORT * size_N[:, None], length_NB, np.nan))
    return Bodies(frame_N, person_N, xy_NK2, size_N, median(xy_NK2.transpose(0, 2, 1)), size_N * confidence_N, bones_NB)


def distance(bodies: Bodies, one_A: Int, other_B: Int, moved_A2: Float | None = None) -> Float:
    """(A, B) distance of detections: the median over points detected in both, else between their middles, in sizes of the larger one.

    moved_A2: what the first ones are moved by before. Infinite where nothing was detected.
    """
    moved_A12 = 0.0 if moved_A2 is None else moved_A2[:, None]
    apart_ABK = np.hypot(*np.moveaxis((bodies.xy_NK2[one_A] + moved_A12)[:, None] - bodies.xy_NK2[other_B], -1, 0))
    middle_A2 = bodies.middle_N2[one_A] if moved_A2 is None else bodies.middle_N2[one_A] + moved_A2
    middles_AB = np.hypot(*np.moveaxis(middle_A2[:, None] - bodies.middle_N2[other_B], -1, 0))
    distance_AB = np.where(np.isfinite(apart_ABK).sum(axis=2) >= 3, median(apart_ABK), middles_AB)
    away_AB = distance_AB / np.maximum(np.maximum(bodies.size_N[one_A, None], bodies.size_N[other_B]), 1e-9)
    return np.where(bodies.detected_N[one_A, None] & bodies.detected_N[other_B], away_AB, np.inf)


def is_further_part(known_K: Mask, here_K: Mask) -> bool:
    """True where a detection of the points here_K has hardly any of the points known_K of another, so that both may be of one person."""
    return bool((known_K & here_K).sum() < SHARED * here_K.sum())


def bone_difference(one_AB: Float, other_CB: Float) -> Float:
    """(A, C) mean difference of the bone lengths known in both, as logarithms, each at most 1; NaN where none is."""
    apart_ACB = np.minimum(np.abs(one_AB[:, None] - other_CB), 1.0)
    known_AC = np.isfinite(apart_ACB).sum(axis=2)
    return np.where(known_AC > 0, np.nansum(apart_ACB, axis=2) / np.maximum(known_AC, 1), np.nan)


def median(values_XK: Float) -> Float:
    """(...) the median of what is not NaN; NaN where all is. As numpy's own, which is slow on many short rows."""
    if not values_XK.shape[-1]:
        return np.full(values_XK.shape[:-1], np.nan)
    sorted_XK = np.sort(values_XK, axis=-1)
    count_X = np.isfinite(values_XK).sum(axis=-1)[..., None]
    low_X, high_X = (
        np.take_along_axis(sorted_XK, np.maximum(at, 0), -1)[..., 0] for at in ((count_X - 1) // 2, count_X // 2 - (count_X == 0))
    )
    return np.asarray(low_X / 2 + high_X / 2)
