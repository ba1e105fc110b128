"""What a self-test hides: gaps like the take's own at other times, or standard ones. F frames, P points, D dimensions."""

from __future__ import annotations

import numpy as np

from mpm_core.errors import DataError
from mpm_core.fill.auto.draw_trials import draw_rounds, trials_at_once
from mpm_core.fill.auto.sigma import sample_gaps
from mpm_core.fill.auto.trials import Round
from mpm_core.fill.problem import Run
from mpm_core.gaps import runs
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Mask

STANDARD_S = (0.1, 0.25, 0.5, 1.0, 2.0)  # gaps tried in a take that has none
TRIALS = 150
ROUNDS, ROUND_SAMPLES = (1, 6), 2_500_000  # of trials hidden together: as many as this many samples allow
RIG_ROUNDS = 2  # each fill of a rig is also turned into rotations
NEIGHBOURS = 3  # hidden together with a point in every second standard gap


def measured_alone(rec: Recording) -> Recording:
    """The take before anything was filled: fills are gaps again."""
    return hidden(rec, ~rec.measured_FP & ~np.isin(rec.origin_FP, (Origin.HAND, Origin.FILTERED)))


def hidden(rec: Recording, masked_FP: Mask) -> Recording:
    """The take with samples hidden: gone, or on a rig, whose joints cannot be gone, marked as wrong."""
    masked_FP = masked_FP & (rec.origin_FP != Origin.MISSING)
    if rec.rig is not None:
        return rec.with_samples(rec.samples.having(origin=np.where(masked_FP, np.uint8(Origin.MARKED), rec.origin_FP)))
    return rec.with_samples(rec.samples.cleared(masked_FP))


def draw(rec: Recording, seed: int) -> tuple[list[Round], bool]:
    """Rounds of trials, at least one, and whether they are like the take's own gaps. Raises DataError when no gap can be tried."""
    rng = np.random.default_rng(seed)
    visible_FP = rec.visible_FP
    most = RIG_ROUNDS if rec.rig is not None else int(np.clip(ROUND_SAMPLES // max(visible_FP.size, 1), *ROUNDS))
    own = [(int(p), start, stop) for p in np.flatnonzero(visible_FP.any(axis=0)) for start, stop in runs(~visible_FP[:, p])]
    if own:
        rounds = draw_rounds(visible_FP, sample_gaps(own, TRIALS, rng), ~visible_FP, rec.rate_hz, rng, most)
        if rounds:
            return rounds, True
    layouts = (_standard(rec, number, rng) for number in range(most))
    rounds = [made for gaps, pattern_FP in layouts for made in draw_rounds(visible_FP, gaps, pattern_FP, rec.rate_hz, rng, 1)]
    if not rounds:
        raise DataError(
            "too little is visible to hide any of it and know the truth",
            where=rec.source.path,
            hint=f"a point must be visible for {STANDARD_S[0] + 0.2:.1f} s on end",
        )
    return rounds, False


def _standard(rec: Recording, layout: int, rng: np.random.Generator) -> tuple[list[Run], Mask]:
    """Gaps of standard lengths at points drawn, one after the other, every second one with its neighbours; and what they hide."""
    F, P = rec.visible_FP.shape
    pattern_FP = np.zeros((F, P), bool)
    gaps: list[Run] = []
    points = rng.permutation(np.flatnonzero(rec.visible_FP.any(axis=0)))
    middle_PD = np.full((P, rec.dims), np.inf)
    middle_PD[points] = np.nanmedian(rec.xyz_FPD[:, points], axis=0)
    lengths = [max(1, round(seconds * rec.rate_hz)) for seconds in STANDARD_S if seconds * rec.rate_hz + 3 < F]
    for _ in range(trials_at_once(P) if len(points) and lengths else 0):
        start = 1
        while len(gaps) < TRIALS:
            length = lengths[(len(gaps) + layout) % len(lengths)]
            if start + length + 1 >= F:
                break
            point = int(points[len(gaps) % len(points)])
            away_P = np.linalg.norm(np.where(np.isfinite(middle_PD), middle_PD, 1e9) - middle_PD[point], axis=1)
            group = np.argsort(away_P)[: 1 + NEIGHBOURS * (len(gaps) % 2)]
            pattern_FP[start : start + length, group] = True
            gaps.append((point, start, start + length))
            start += length + 2
    return gaps, pattern_FP
