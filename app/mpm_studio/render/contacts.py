"""Contacts with the floor, as rings on it: spans that are called a contact and name their points. N contacts; metres."""

from __future__ import annotations

import numpy as np

from mpm_core.lift import CONTACT
from mpm_core.recording import Recording
from mpm_studio import palette
from mpm_studio.render.scene import Scene
from mpm_studio.render.shapes import Shapes

RING_M, THICK_M = 0.12, 0.009  # radius and thickness of a ring, for a person
SIDES = 28


def contact_instances(scene: Scene, rec: Recording, frame: int) -> Shapes:
    """A ring on the floor below every point that is in contact in a frame."""
    row = {name: place for place, name in enumerate(rec.points)}
    spans = (span for span in rec.spans if span.name.lower().startswith(CONTACT) and span.start <= frame < span.stop)
    points = sorted({row[name] for span in spans for name in span.points})
    xy_N2 = scene.positions(rec, frame)[points, :2]
    xy_N2 = xy_N2[np.isfinite(xy_N2).all(axis=1)]
    turn_S = np.linspace(0, 2 * np.pi, SIDES + 1)
    circle_S2 = RING_M * scene.scale * np.stack([np.cos(turn_S), np.sin(turn_S)], axis=1)
    ends_NS4 = np.full((len(xy_N2), len(turn_S), 4), [0, 0, scene.floor.height, THICK_M * scene.scale], np.float32)
    ends_NS4[..., :2] = xy_N2[:, None] + circle_S2
    colour_NS4 = np.broadcast_to(np.array([*palette.rgb(palette.CONTACT), 1.0]), ends_NS4[:, 1:].shape)
    capsules = np.concatenate([ends_NS4[:, :-1], ends_NS4[:, 1:], colour_NS4, colour_NS4], axis=2, dtype=np.float32)
    return Shapes(capsules.reshape(-1, 16), np.zeros((0, 8), np.float32))
