"""Columns of a table that are not positions: accelerations, angles, forces and so on, recognised by units, headings and motion.

F frames, P points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.conventions import METRES_PER, unit_name
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Mask

WORDS: dict[str, tuple[str, ...]] = {
    "accelerations": ("acc", "accel", "acceleration", "accelerations", "accelerometer", "gravity"),
    "angular velocities": ("gyr", "gyro", "gyros", "gyroscope", "omega", "angvel", "angular"),
    "magnetic fields": ("mag", "magn", "magnetic", "magnetometer"),
    "orientations": ("quat", "quaternion", "quaternions", "euler", "roll", "pitch", "yaw", "orientation", "rot", "rotation", "rotations"),
    "angles": ("angle", "angles"),
    "velocities": ("vel", "velocity", "velocities", "speed"),
    "forces or moments": ("force", "forces", "grf", "torque", "torques", "moment", "moments", "power", "powers"),
    "muscle activity": ("emg",),
}
PLACES_ON_A_BODY = {"angle": ("inferior", "superior", "acromial", "acromion", "scapula", "scapular"), "force": ("plate", "platform")}
UNITS: dict[str, tuple[str, ...]] = {
    "accelerations": ("g", "mg", "m/s2", "m/s/s", "ms-2"),
    "angular velocities": ("deg/s", "deg/sec", "rad/s", "rad/sec", "dps", "rads-1", "degs-1"),
    "magnetic fields": ("ut", "mt", "nt", "gauss", "mgauss", "ga"),
    "angles": ("deg", "degree", "degrees", "rad", "radian", "radians"),
    "velocities": ("m/s", "mm/s", "cm/s", "km/h", "ms-1"),
    "forces or moments": ("n", "kn", "nm", "nmm", "n/kg", "nm/kg", "nmm/kg", "w", "w/kg"),
    "electric signals": ("v", "mv", "uv"),
    "values without a unit": ("a.u.", "au", "%"),
}
SIGNS = str.maketrans({"°": "deg", "µ": "u", "μ": "u", "²": "2"})
HEAD_UNIT = re.compile(r"(?P<head>.*?)\s*[(\[](?P<unit>[^()\[\]]*[^\W\d_%][^()\[\]]*(?:\([^()]*\))?|%|°)[)\]]")
MOST_LOOKED_AT = 200  # frames and points by which motion is judged
SAME_BODY = 0.15  # share of two points' motion by which their distance changes, at most, where they are on one segment of a body
ROUNDING = 1e-9  # share of the largest number below which nothing moved
MOST_APART = 0.5  # share of the points that may have no such neighbour


def split_unit(head: str) -> tuple[str, str]:
    """A heading and the unit in brackets at its end, '' for none.

    >>> split_unit("Acc_X [m/s^2]"), split_unit("C7[0]")
    (('Acc_X', 'm/s^2'), ('C7[0]', ''))
    """
    found = HEAD_UNIT.fullmatch(head)
    return (found["head"], found["unit"].strip()) if found is not None else (head, "")


def quantity(label: str, unit: str = "") -> str:
    """What the columns of a label and unit hold when they are not positions, in the plural; '' for positions. A length is a position's.

    >>> quantity("LeftThigh.FreeAcc"), quantity("LKNE", "deg"), quantity("inferior angle"), quantity("L_ACC", "mm")
    ('accelerations', 'angles', '', '')
    """
    plain = re.sub(r"[\s^()*·]", "", unit.lower()).translate(SIGNS).replace("n.m", "nm")
    of_unit = next((name for name, units in UNITS.items() if plain in units), "")
    if of_unit or unit_name(plain) in METRES_PER:
        return of_unit
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", label)]
    words = [word for word in words if not set(PLACES_ON_A_BODY.get(word, ())) & set(words)]
    named = [name for name, spellings in WORDS.items() for word in words if word in spellings]
    return named[0] if named else ""


def refuse_other_quantities(quantities: Iterable[str], where: str) -> None:
    """Raise FormatError when there are any."""
    names = list(dict.fromkeys(filter(None, quantities)))
    if names:
        listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        raise FormatError(
            f"the table holds {listed}, no positions",
            where=where,
            hint="export the positions of markers or joints; if these columns are positions, name them with --columns",
        )


def move_as_bodies(xyz_FP3: Float) -> bool:
    """Whether most points keep their distance from another one while they move, as those on one segment of a body do."""
    some_FP3 = xyz_FP3[subsample(len(xyz_FP3), MOST_LOOKED_AT)]
    some_FP3 = some_FP3[:, subsample(some_FP3.shape[1], MOST_LOOKED_AT)]
    known_FP: Mask = np.asarray(np.isfinite(some_FP3).all(axis=2) & (some_FP3 != 0).any(axis=2))
    some_FP3 = some_FP3[:, known_FP.sum(axis=0) >= 2]
    P = some_FP3.shape[1]
    return bool(P >= 2 and sum(moves_with_another(some_FP3, point) for point in range(P)) > (1 - MOST_APART) * P)


def moves_with_another(xyz_FP3: Float, point: int) -> bool:
    """Whether a point keeps its distance from another one while both move, as on one segment of a body. NaN or 0, 0, 0 = missing."""
    xyz_FP3 = np.where(np.isfinite(xyz_FP3).all(axis=2, keepdims=True) & (xyz_FP3 != 0).any(axis=2, keepdims=True), xyz_FP3, np.nan)
    distance_FP = np.linalg.norm(xyz_FP3 - xyz_FP3[:, point, None], axis=2)
    both_P = np.isfinite(distance_FP).sum(axis=0) >= 2
    if both_P.sum() < 2:  # itself alone
        return False
    moved_P = np.full(len(both_P), np.nan)
    moved_P[both_P] = np.sqrt(np.nanvar(xyz_FP3[:, both_P], axis=0).sum(axis=1))
    moved_P[moved_P < ROUNDING * np.nanmax(np.abs(xyz_FP3))] = 0.0
    own, both_P[point] = moved_P[point], False
    changed_P = np.nanstd(distance_FP[:, both_P], axis=0)
    return bool((changed_P < SAME_BODY * np.minimum(own, moved_P[both_P])).any())
