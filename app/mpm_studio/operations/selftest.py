"""The self-test of a take: the request, the work, and its results in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mpm_core.check.selftest import Outcome, SelfTest, self_test
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_studio.operations.networks import Networks


@dataclass(frozen=True, slots=True)
class SelfTestRequest:
    """overrides: the user's mapping of body joints."""

    recording: Recording
    overrides: Mapping[str, str] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


def run(request: SelfTestRequest, cancel: Cancel, progress: Progress) -> SelfTest:
    """Raises DataError when there is too little to hide, Cancelled."""
    return self_test(
        request.recording,
        model=request.networks.complete,
        device=request.networks.device,
        overrides=request.overrides or None,
        progress=progress,
        cancel=cancel,
    )


def unit(test: SelfTest) -> str:
    return "mm" if test.dims == 3 else "px"


def figure(metres: float, test: SelfTest) -> str:
    """An error in the unit of the test, as text; a dash for NaN."""
    value = metres * (1000 if test.dims == 3 else 1)
    return "–" if math.isnan(value) else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"


def length_name(low: float, high: float) -> str:
    """A class of gap lengths: 'up to 0.1 s', '0.1 - 0.25 s', 'over 4 s'."""
    return f"up to {high:g} s" if low == 0 else f"over {low:g} s" if math.isinf(high) else f"{low:g} – {high:g} s"


def verdict(test: SelfTest, outcomes: Sequence[Outcome]) -> str:
    """How auto compares with the best single method over some outcomes; empty when one of them has no result."""
    best, auto = test.best(outcomes), test.score("auto", outcomes)
    if not best or not auto.reached:
        return ""
    other = test.score(best, outcomes).mean
    if other <= 0:
        return "as good" if auto.mean <= 0 else "worse"
    change = auto.mean / other - 1
    if change >= 1:
        return f"{auto.mean / other:.1f} times the error"
    return "as good" if abs(change) < 0.005 else f"{abs(change):.0%} {'worse' if change > 0 else 'better'}"


def auto_uses(outcomes: Sequence[Outcome]) -> str:
    """What auto filled these with: 'model', 'classical', or how much of each."""
    samples = sum(outcome.frames for outcome in outcomes if not math.isnan(outcome.model_share))
    if not samples:
        return ""
    share = sum(outcome.frames * outcome.model_share for outcome in outcomes if not math.isnan(outcome.model_share)) / samples
    return "model" if share > 0.995 else "classical" if share < 0.005 else f"{share:.0%} model"


def tried(test: SelfTest) -> str:
    """One sentence on what was hidden."""
    kind = "like the take's own, with the points missing beside them" if test.own_gaps else "of standard lengths (the take has none)"
    return f"{len(test.outcomes)} gaps {kind}, hidden where samples are known; seed {test.seed}, {test.seconds:.1f} s"
