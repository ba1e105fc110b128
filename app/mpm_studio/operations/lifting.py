"""Lifting a 2D take to 3D."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import mpm_core as mpm
from mpm_core.edit.patch import Replace
from mpm_core.edit.request import requested
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.world_fit.options import LiftOptions
from mpm_studio.operations.networks import Networks


@dataclass(frozen=True, slots=True)
class LiftRequest:
    """A 2D take, and what is known of its video and of the person."""

    recording: Recording
    options: LiftOptions = field(default_factory=LiftOptions)
    overrides: dict[str, Any] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


def lift(request: LiftRequest, cancel: Cancel, progress: Progress) -> Replace:
    """The edit that replaces the 2D take by its 3D one. Raises DataError, MappingError, ModelError, Cancelled."""
    lifted = mpm.lift(
        request.recording,
        request.options,
        model=request.networks.lift,
        device=request.networks.device,
        overrides=request.overrides or None,
        progress=progress,
        cancel=cancel,
    )
    given = {field.name: getattr(request.options, field.name) for field in fields(request.options)}
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    return requested(Replace("Lift to 3D", request.recording, lifted), "lift", **told)


def summary(edit: Replace) -> str:
    """The result of a lift in words, and what was found of the camera and the floor."""
    after = edit.after
    found = "; ".join(after.source.notes[1:4])
    return f"{after.frames:,} frames lifted to 3D: {len(after.points)} joints at {after.rate_hz:g} frames a second; {found}"
