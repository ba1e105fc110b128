"""From a body found from motion (find.py) to places on the body, as marker sets name them. P markers.

The place follows from the marker's position on its segment: height as a share of the body's (Drillis and Contini, 1966), front or back,
left or right. A second marker on a place, and markers to which no rule applies, have a segment but no place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mpm_core.body.by_motion.find import find_body
from mpm_core.body.by_motion.limbs import FOREARM, Body
from mpm_core.body.computed_points import computed
from mpm_core.recording import Recording
from mpm_core.typing import Float

KNEE, ELBOW_NEAR = (0.22, 0.335), 0.05
HIGH = 0.3  # weight of a marker's height on the foot, beside its spread to the shank, for an ankle
LONG = 0.15  # weight of the distance from the wrist, beside the spread to wrist and shoulder, for an elbow
CENTRAL = 0.035  # of the height: markers nearer to the plane of symmetry are on neither side
SIDE_BY_SIDE, LEVEL = 0.02, 0.025  # of the height: two markers of a joint: least distance sideways, greatest along the other axes
SHOULDER_OUT = 0.06
LOW_BACK = 0.02
LEAST_SURE = 0.3  # takes without motion have 0.1, those with enough of it 0.9 and more


@dataclass(frozen=True, slots=True)
class Guess:
    """One marker: point of the take, segment ("" = none), place on the body ("" = none), and confidence, 0..1."""

    point: int
    segment: str
    role: str
    sure: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """Guesses for all points of a take, in order. facing: 0..1, confidence in front and back, and so in left and right."""

    guesses: tuple[Guess, ...]
    facing: float

    @property
    def sure(self) -> float:
        """Mean confidence in the segments, 0..1; below LEAST_SURE the take moves too little, and places follow from height alone."""
        sure = [guess.sure for guess in self.guesses if guess.segment]
        return float(np.mean(sure)) if sure else 0.0

    def roles(self, points: tuple[str, ...]) -> dict[str, str]:
        """Place on the body -> point name, for `body.map_body`."""
        return {guess.role: points[guess.point] for guess in self.guesses if guess.role}


def propose(rec: Recording) -> Proposal:
    """Segments and places from motion alone; labels are not used. Raises MappingError when no upright, moving person is found."""
    body = find_body(rec.xyz_FPD, rec.visible_FP & ~computed(rec))
    roles = _roles(body)
    guesses = {
        int(point): Guess(int(point), body.segment_P[number], roles.get(number, ""), round(float(body.sure_P[number]), 3))
        for number, point in enumerate(body.chosen_P)
    }
    return Proposal(tuple(guesses.get(point, Guess(point, "", "", 0.0)) for point in range(len(rec.points))), body.facing)


def _roles(body: Body) -> dict[int, str]:
    """Marker -> place, no place twice."""
    roles: dict[str, int] = {}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        roles |= _leg(body, side, sign) | _arm(body, side, sign)
    roles |= _pelvis(body) | _head(body)
    roles |= _torso(body, set(roles.values()))
    return {marker: role for role, marker in roles.items()}


def _leg(body: Body, side: str, sign: float) -> dict[str, int]:
    height, x, out = body.height_P, body.place_P3[:, 0], sign * body.place_P3[:, 1]
    leg = [p for p, limb in enumerate(body.limb_P) if limb == f"{side}_leg" and body.segment_P[p] != "pelvis"]
    knees = [p for p in leg if KNEE[0] < height[p] < KNEE[1]]
    roles: dict[str, int] = {}
    if knees:  # markers at the knee are rigid to thigh and shank, so they have the least spread to the whole leg
        spread_P = np.median(np.minimum(body.spread_PP[:, leg], 1.0), axis=1)
        rigid_knees = sorted(knees, key=lambda p: float(spread_P[p]))[:2]
        roles |= _outer_and_inner(body, rigid_knees, out, f"{side}_lateral_knee", f"{side}_medial_knee")
    feet = [p for p in leg if body.segment_P[p] == f"{side}_foot"]
    if feet:
        shank = [p for p in leg if body.segment_P[p] == f"{side}_shank"] or knees or feet
        if len(feet) > 1:  # markers at the ankle are rigid to the shank, and high on the foot
            with_shank = {p: float(np.median(body.spread_PP[p, shank])) / body.tall_m - HIGH * height[p] for p in feet}
            ankles = sorted(feet, key=lambda p: with_shank[p])[:2]
            roles |= _outer_and_inner(body, ankles, out, f"{side}_lateral_ankle", f"{side}_medial_ankle")
        rest = [p for p in feet if p not in roles.values()]
        if rest:
            roles[f"{side}_toe"] = max(rest, key=lambda p: x[p])
            rest.remove(roles[f"{side}_toe"])
        if rest:
            roles[f"{side}_heel"] = min(rest, key=lambda p: x[p])
            rest.remove(roles[f"{side}_heel"])
        if rest:
            roles[f"{side}_foot"] = max(rest, key=lambda p: out[p])
    for part in ("thigh", "shank"):
        free = [p for p in leg if body.segment_P[p] == f"{side}_{part}" and p not in roles.values()]
        if free:
            roles[f"{side}_{part}"] = max(free, key=lambda p: out[p])
    return roles


def _arm(body: Body, side: str, sign: float) -> dict[str, int]:
    out = sign * body.place_P3[:, 1]
    arm = [p for p, limb in enumerate(body.limb_P) if limb == f"{side}_arm"]
    if not arm:
        return {}
    tip = body.tip[f"{side}_arm"]
    high = [p for p, limb in enumerate(body.limb_P) if limb == "trunk" and body.height_P[p] > 0.75 and out[p] > 0]
    roles: dict[str, int] = {}
    distance_P = body.far_PP[tip] / body.tall_m
    wrists = sorted((p for p in arm if p != tip and distance_P[p] < 0.075), key=lambda p: distance_P[p])[:2]
    if wrists:
        roles[f"{side}_hand"] = tip
    else:
        wrists = [tip]
    if len(wrists) == 2:
        radial, ulnar = sorted(wrists, key=lambda p: -float(body.place_P3[p, 0]))
        roles |= {f"{side}_radial_wrist": radial, f"{side}_ulnar_wrist": ulnar}
    else:
        roles[f"{side}_wrist"] = wrists[0]
    middle = [p for p in arm if p not in roles.values() and distance_P[p] > 0.1]
    if middle and high:  # markers at the elbow keep their distance to both wrist and shoulder
        error_P = np.abs(body.far_PP[wrists].mean(axis=0) - FOREARM * body.tall_m)
        cost = {p: float(body.spread_PP[p, wrists].max() + np.median(body.spread_PP[p, high]) + LONG * error_P[p]) for p in middle}
        elbow = min(middle, key=lambda p: cost[p])
        near = [p for p in middle if body.far_PP[p, elbow] < ELBOW_NEAR * body.tall_m or p == elbow]
        roles |= _outer_and_inner(body, sorted(near, key=lambda p: cost[p])[:2], out, f"{side}_lateral_elbow", f"{side}_medial_elbow")
    for part in ("upper_arm", "forearm"):
        free = [p for p in arm if body.segment_P[p] == f"{side}_{part}" and p not in roles.values()]
        if free:
            roles[f"{side}_{part}"] = min(free, key=lambda p: float(body.spread_PP[p, arm].mean()))
    return roles


def _pelvis(body: Body) -> dict[str, int]:
    pelvis = [p for p, segment in enumerate(body.segment_P) if segment == "pelvis"]
    x, y = body.place_P3[:, 0], body.place_P3[:, 1]
    if len(pelvis) < 3:
        return {}
    middle = (x[pelvis].max() + x[pelvis].min()) / 2
    central = CENTRAL * body.tall_m
    roles: dict[str, int] = {}
    for side, sign in (("left", 1), ("right", -1)):
        front = [p for p in pelvis if x[p] > middle and sign * y[p] > 0.5 * central]
        back = [p for p in pelvis if x[p] <= middle and sign * y[p] > LOW_BACK * body.tall_m / 2]
        roles |= _first_of(f"{side}_asis", front, -sign * y) | _first_of(f"{side}_psis", back, x)
    behind = [p for p in pelvis if x[p] <= middle and p not in roles.values() and abs(y[p]) < central]
    roles |= _first_of("sacrum", behind, x)
    if ("left_psis" in roles) != ("right_psis" in roles):  # a single marker at the back is the sacrum
        lone = next(role for role in roles if role.endswith("psis"))
        roles.setdefault("sacrum", roles[lone])
        del roles[lone]
    return roles


def _torso(body: Body, taken: set[int]) -> dict[str, int]:
    torso = [p for p, segment in enumerate(body.segment_P) if segment == "torso" and p not in taken]
    x, y, height = body.place_P3[:, 0], body.place_P3[:, 1], body.height_P
    roles: dict[str, int] = {}
    if not torso:
        return roles
    for side, sign in (("left", 1), ("right", -1)):
        outer = [p for p in torso if sign * y[p] > SHOULDER_OUT * body.tall_m and height[p] > 0.75]
        roles |= _first_of(f"{side}_acromion", outer, -sign * y)
    inner = [p for p in torso if p not in roles.values()]
    if not inner:
        return roles
    middle = (max(x[p] for p in inner) + min(x[p] for p in inner)) / 2
    front, back = [p for p in inner if x[p] > middle], [p for p in inner if x[p] <= middle]
    for places, markers in ((("clavicle", "sternum"), front), (("c7", "t10"), back)):
        central = sorted((p for p in markers if abs(y[p]) < CENTRAL * body.tall_m), key=lambda p: -height[p])
        roles |= _first_of(places[0], central[:1], -height) | _first_of(places[1], central[1:], -height)
    return roles | _first_of("back", [p for p in back if p not in roles.values()], np.abs(y))


def _head(body: Body) -> dict[str, int]:
    head = [p for p, segment in enumerate(body.segment_P) if segment == "head"]
    x, y = body.place_P3[:, 0], body.place_P3[:, 1]
    if len(head) >= 4:
        middle_x, middle_y = float(np.median(x[head])), float(np.median(y[head]))
        quarters = {
            f"{side}_{end}_head": [p for p in head if (x[p] > middle_x) == front and (y[p] > middle_y) == left]
            for side, left in (("left", True), ("right", False))
            for end, front in (("front", True), ("back", False))
        }
        if all(quarters.values()):
            return {role: markers[0] for role, markers in quarters.items()}
    roles: dict[str, int] = {}
    if len(head) == 3:
        roles["head_crown"] = max(head, key=lambda p: body.height_P[p])
        rest = sorted((p for p in head if p not in roles.values()), key=lambda p: x[p])
        roles |= {"head_rear": rest[0], "head_front": rest[1]}
    elif head:
        roles["head_top"] = max(head, key=lambda p: body.height_P[p])
    return roles


def _outer_and_inner(body: Body, markers: list[int], out: Float, outer: str, inner: str) -> dict[str, int]:
    """Of two markers side by side (same height, same depth) the outer and the inner one; otherwise the first is the outer one."""
    if not markers:
        return {}
    if len(markers) == 2:
        ahead, aside, up = np.abs(body.place_P3[markers[0]] - body.place_P3[markers[1]]) / body.tall_m
        if aside > SIDE_BY_SIDE and max(ahead, up) < LEVEL:
            far, near = sorted(markers, key=lambda p: -float(out[p]))
            return {outer: far, inner: near}
    return {outer: markers[0]}


def _first_of(role: str, markers: Iterable[int], order_P: Float) -> dict[str, int]:
    """The marker with the smallest value; none when there are no markers."""
    ordered = sorted(markers, key=lambda p: float(order_P[p]))
    return {role: ordered[0]} if ordered else {}
