"""What a frame shows besides the body, each of which can be switched on and off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mpm_core.recording import Recording
from mpm_studio.render.contacts import contact_instances
from mpm_studio.render.halos import halo_instances
from mpm_studio.render.lines import stick_instances, trail_instances
from mpm_studio.render.scene import Scene
from mpm_studio.render.shapes import Shapes, joined
from mpm_studio.render.sticks import Sticks, no_sticks


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """trail: of the selected points; sticks: between markers without bones; joined_S2: those that the user joins, always drawn."""

    trail: bool = False
    halos: bool = True
    contacts: bool = True
    sticks: bool = True
    joined_S2: Sticks = field(default_factory=no_sticks)


def beside_body(layers: Layers, scene: Scene, rec: Recording, frame: int, selected: Sequence[int]) -> Shapes:
    """The solid shapes of a frame besides the body's."""
    sticks_S2 = np.concatenate([scene.sticks_S2, layers.joined_S2]) if layers.sticks else layers.joined_S2
    parts = [stick_instances(scene, rec, sticks_S2, frame)]
    if layers.trail:
        parts.append(trail_instances(scene, rec, selected, frame))
    if layers.contacts:
        parts.append(contact_instances(scene, rec, frame))
    return joined(parts)


def translucent(layers: Layers, scene: Scene, rec: Recording, frame: int, selected: Sequence[int]) -> Shapes | None:
    """The translucent shapes of a frame; None where there are none."""
    found = halo_instances(scene, rec, frame, selected) if layers.halos else None
    return found if found is not None and len(found.spheres_N8) else None
