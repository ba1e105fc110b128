"""The self-test of a take: the request and the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mpm_core.check.selftest import SelfTest, self_test
from mpm_core.recording import Recording
from mpm_studio.jobs import Cancel, Progress
from mpm_studio.operations.networks import Networks


@dataclass(frozen=True, slots=True)
class Request:
    """overrides: the user's mapping of body joints."""

    recording: Recording
    overrides: Mapping[str, str] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


def run(request: Request, cancel: Cancel, progress: Progress) -> SelfTest:
    """Raises DataError when there is too little to hide, Cancelled."""
    return self_test(
        request.recording,
        model=request.networks.complete,
        device=request.networks.device,
        overrides=request.overrides or None,
        progress=progress,
        cancel=cancel,
    )
