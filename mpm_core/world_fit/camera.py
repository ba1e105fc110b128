"""How a camera is held, from the direction of up in its axes (x right, y down, z forward), and the rays of its keypoints. F frames, J
joints.

Pitch: degrees by which it looks down. Roll: degrees by which up is turned clockwise from the image's vertical; a quarter turn is a roll of
90.
"""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Float

FOCAL = 0.85  # of the longer side of the image: what is assumed of an unknown lens
HALF_QUARTER = 45.0


def rays(xy_FJ2: Float, image_wh: tuple[int, int], focal_px: float) -> Float:
    """(F, J, 2) pixels as focal lengths from the middle of the image.

    >>> import numpy as np
    >>> rays(np.array([[[960.0, 1040.0]]]), (1920, 1080), 500.0)
    array([[[0., 1.]]])
    """
    return np.asarray((xy_FJ2 - np.array(image_wh) / 2) / focal_px)


def pitch_deg(up_3: Float) -> float:
    return float(-np.degrees(np.arcsin(np.clip(up_3[2], -1, 1))))


def roll_deg(up_3: Float) -> float:
    return float(np.degrees(np.arctan2(up_3[0], -up_3[1])))


def up_of(pitch: float, roll: float) -> Float:
    """The direction of up, (3,), in the axes of a camera held so; degrees.

    >>> bool(abs(pitch_deg(up_of(30, 90)) - 30) < 1e-9)
    True
    """
    p, r = np.radians(pitch), np.radians(roll)
    return np.array([np.cos(p) * np.sin(r), -np.cos(p) * np.cos(r), -np.sin(p)])


def held_as_told(up_3: Float, pitch: float | None, turn: float | None, roll: float | None = None) -> Float:
    """up_3 with the pitch and the roll given, or the roll within HALF_QUARTER degrees of the turn given; None = as it is."""
    own_roll = roll_deg(up_3) if roll is None else roll
    if turn is not None:
        own_roll = turn + float(np.clip((own_roll - turn + 180) % 360 - 180, -HALF_QUARTER, HALF_QUARTER))
    return up_of(pitch_deg(up_3) if pitch is None else pitch, own_roll)


def quarter_turns(up_3: Float) -> int:
    """0 to 3: how many quarter turns clockwise up is from the image's vertical.

    >>> quarter_turns(up_of(20, -85))
    3
    """
    return round(roll_deg(up_3) / 90) % 4


def level_axes(up_3: Float) -> Float:
    """(3, 3) camera axes = turn @ world axes: columns are the world's x, y and z in camera axes, y as far along the view as it can be.

    >>> level_axes(np.array([0.0, -1, 0])).astype(int)  # a level camera
    array([[ 1,  0,  0],
           [ 0,  0, -1],
           [ 0,  1,  0]])
    """
    forward_3 = np.array([0.0, 0, 1]) - up_3[2] * up_3
    if np.linalg.norm(forward_3) < 0.05:  # the camera looks straight up or down
        forward_3 = np.array([0.0, -1, 0]) + up_3[1] * up_3
    forward_3 /= np.linalg.norm(forward_3)
    return np.stack([np.cross(forward_3, up_3), forward_3, up_3], axis=1)
