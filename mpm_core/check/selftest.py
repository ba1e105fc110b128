"""The self-test: measured samples of the take are hidden in gaps like its own, filled by every method, and compared.

F frames, P points, N samples of one trial. Errors are distances in metres (pixels for 2D); NaN where a method reached nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mpm_core.best_fill import Predict, predict_once
from mpm_core.check.hidden_samples import draw, hidden, measured_alone
from mpm_core.complete import METHODS, CompleteOptions, complete_patch
from mpm_core.errors import Cancelled, DataError, MpmError
from mpm_core.fill.auto.trials import Trial
from mpm_core.fill.methods import METHODS as CLASSICAL
from mpm_core.fill.methods import NOTHING
from mpm_core.fill.to_patch import Completion, fill_gaps
from mpm_core.linalg.blas import in_one_thread
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Mask

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model


LENGTHS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)  # where classes of length end
REACHES = 0.95  # a method that fills less of a class than this is not its best


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trial gap. off_N by method: distance from the truth; model_share: how much of it auto left to the model (NaN without auto)."""

    point: int
    start: int
    frames: int
    off_N: Mapping[str, Float]
    model_share: float = float("nan")


@dataclass(frozen=True, slots=True)
class Score:
    """A method's errors over `reached` of `asked` samples, metres; NaN where it reached none."""

    reached: int
    asked: int
    mean: float
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What a test found. own_gaps: the pattern is the take's own, else the standard one. skipped: method -> why it could not be tried."""

    points: tuple[str, ...]
    rate_hz: float
    dims: int
    methods: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    skipped: Mapping[str, str]
    own_gaps: bool
    seed: int
    seconds: float

    def score(self, method: str, outcomes: Sequence[Outcome] | None = None) -> Score:
        """Over some outcomes (None = all); every sample counts alike."""
        some = self.outcomes if outcomes is None else outcomes
        off_X = np.concatenate([np.zeros(0), *(each.off_N[method] for each in some if method in each.off_N)])
        found_X = off_X[np.isfinite(off_X)]
        if not len(found_X):
            return Score(0, len(off_X), *[float("nan")] * 3)
        middle, high = np.percentile(found_X, [50, 95])
        return Score(len(found_X), len(off_X), float(found_X.mean()), float(middle), float(high))

    def by_length(self) -> list[tuple[float, float, list[Outcome]]]:
        """(above, up to) seconds and the outcomes of that class; the last class has no end. Empty classes are left out."""
        edges = (0.0, *LENGTHS_S, float("inf"))
        classes = [(low, high, [o for o in self.outcomes if low < _seconds(o, self) <= high]) for low, high in pairwise(edges)]
        return [each for each in classes if each[2]]

    def by_point(self) -> list[tuple[int, list[Outcome]]]:
        """Points that were tried, and their outcomes."""
        return [(p, [o for o in self.outcomes if o.point == p]) for p in sorted({o.point for o in self.outcomes})]

    def best(self, outcomes: Sequence[Outcome] | None = None) -> str:
        """The single method, auto left out, with the lowest mean of those that reach REACHES of the samples; "" when none does."""
        scores = {method: self.score(method, outcomes) for method in self.methods if method != "auto" and method not in self.skipped}
        able = {method: each.mean for method, each in scores.items() if each.reached and each.reached >= REACHES * each.asked}
        return min(able, key=lambda method: able[method]) if able else ""


@in_one_thread
def self_test(
    rec: Recording,
    methods: Sequence[str] | None = None,
    model: str | Path | Model | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    *,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
) -> SelfTest:
    """Hide, fill by each method, compare. methods: None = all of `complete_patch`; model, device, overrides: as there.

    Up to 150 gaps are tried, each as long as one of the take's, of the same point, and with what is hidden around it, moved to a time at
    which the truth is known; where the take has no gaps, standard ones. The same seed gives the same test. What a method cannot do here is
    told in `skipped`. Raises DataError for an unknown method and when no gap can be tried, Cancelled.

    >>> import numpy as np, mpm_core as mpm
    >>> circle_F3 = np.stack([np.cos(np.arange(400) / 50), np.sin(np.arange(400) / 50), np.ones(400)], axis=1)
    >>> test = self_test(mpm.make_recording(("a",), 100.0, circle_F3[:, None]), ["linear", "pchip"])
    >>> test.best(), test.score("pchip").mean < test.score("linear").mean
    ('pchip', True)
    """
    began = time.perf_counter()
    chosen = tuple(METHODS if methods is None else methods)
    for method in chosen:
        if method not in METHODS:
            raise DataError(f"there is no method called {method!r}", hint=f"known: {', '.join(METHODS)}")
    base = measured_alone(rec)
    rounds, own_gaps = draw(base, seed)
    tell = _Steps(len(rounds) * len(chosen), progress, cancel)
    skipped: dict[str, str] = {}
    reasons: dict[str, Counter[str]] = {method: Counter() for method in chosen}
    outcomes: list[Outcome] = []
    for each in rounds:
        trial_rec, wanted_FP = hidden(base, each.masked_FP), each.wanted_FP
        predict = predict_once(trial_rec, wanted_FP)
        off_FP: dict[str, Float] = {}
        share_FP = np.full(wanted_FP.shape, np.nan)
        for method in chosen:
            with_step = tell.step(f"filling by {method}")
            if method in skipped:
                continue
            options = CompleteOptions(method, wanted_FP, model, device, overrides, limits=None)  # as the classical fills are measured
            try:
                completion = _fill(trial_rec, options, predict, with_step, cancel)
            except Cancelled:
                raise
            except MpmError as error:
                skipped[method] = str(error)
                continue
            reasons[method].update(left.why for left in completion.left)
            filled, _ = completion.patch.apply(trial_rec)
            off_FP[method] = _off(filled, base, wanted_FP)
            if method == "auto":
                share_FP = (filled.origin_FP == Origin.PREDICTED).astype(np.float64)
        outcomes += [_outcome(trial, off_FP, share_FP) for trial in each.trials]
    for method in chosen:
        if method not in skipped and not any(np.isfinite(outcome.off_N[method]).any() for outcome in outcomes):
            skipped[method] = next((why for why, _ in reasons[method].most_common(1)), NOTHING)
    return SelfTest(
        rec.points, rec.rate_hz, rec.dims, chosen, tuple(outcomes), skipped, own_gaps, seed, round(time.perf_counter() - began, 2)
    )


def _fill(rec: Recording, options: CompleteOptions, predict: Predict, progress: Progress, cancel: Cancel | None) -> Completion:
    """A classical fill alone, without the sigma that is not looked at here; all others, and on a rig, as the application fills."""
    if options.method in CLASSICAL and rec.rig is None and options.where_FP is not None:
        return fill_gaps(rec, options.where_FP, options.method, sigma=False)
    return complete_patch(rec, options, predict=predict, progress=progress, cancel=cancel)


def _off(filled: Recording, base: Recording, wanted_FP: Mask) -> Float:
    """(F, P) distances between the fills and the truth, metres (pixels in 2D); NaN elsewhere, and where a sample is left."""
    xyz_FPD = np.where((wanted_FP & filled.visible_FP)[..., None], filled.xyz_FPD.astype(np.float64), np.nan)
    return np.asarray(np.linalg.norm(xyz_FPD - base.xyz_FPD, axis=2))


def _outcome(trial: Trial, off_FP: Mapping[str, Float], share_FP: Float) -> Outcome:
    where = (slice(trial.start, trial.stop), trial.point)
    off_N = {method: off[where] for method, off in off_FP.items()}
    return Outcome(trial.point, trial.start, trial.frames, off_N, float(share_FP[where].mean()))


class _Steps:
    """Tells progress over equal steps, and raises Cancelled between them."""

    def __init__(self, count: int, progress: Progress | None, cancel: Cancel | None) -> None:
        self.count, self.done, self.progress, self.cancel = count, -1, progress, cancel

    def step(self, text: str) -> Progress:
        """Begin the next step; the returned function tells how far inside it the work is."""
        if self.cancel is not None and self.cancel():
            raise Cancelled
        self.done += 1
        done = self.done

        def inside(share: float, more: str) -> None:
            if self.progress is not None:
                self.progress((done + min(max(share, 0.0), 1.0)) / self.count, text)

        inside(0.0, text)
        return inside


def _seconds(outcome: Outcome, test: SelfTest) -> float:
    return outcome.frames / test.rate_hz
