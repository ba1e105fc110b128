"""Error priors of the classical fills: python -m mpm_train.teach.priors CORPUS OUT.toml [GAPS] measures them on the training people.

Gaps of every part and length (tables/plan.py) are cut into their takes and filled by every method that is chosen among. The error that a
method's trials promise is fitted to its true error, and the sigma of the methods' mixture to the mixture's. GAPS: of each part and length.
The figures are those of mpm_core/fill/auto/priors.py.

S samples (a point in a gap), K features; metres.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import tomli_w

from mpm_core.errors import MpmError
from mpm_core.files.atomic import write_bytes
from mpm_core.fill.auto.calibration import Factors
from mpm_core.fill.auto.choose import CANDIDATES, choose_fills
from mpm_core.fill.auto.priors import MIXTURE, ErrorPrior
from mpm_core.fill.auto.sigma import trial_problems, wanted_samples
from mpm_core.fill.auto.try_methods import trial_error
from mpm_core.fill.methods import METHODS, problem_of, run_fill
from mpm_core.typing import Float
from mpm_train.data.corpus import load_corpus
from mpm_train.parallel import parallel_map
from mpm_train.progress import tracked
from mpm_train.tables.plan import Extent, Gap, cut, every_gap
from mpm_train.tables.sigma import factors, in_sigmas

LENGTHS_S = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
PER_CELL, SEED, JOBS = 10, 7, 2
PRIOR = 3.0  # weight of the prior, in samples: few samples change a method's promise little
FEWEST = 4
WORST, MOST = 0.98, 1.25  # a quantile of the errors, and how many times a straight line's it may be
MEASURE = "linear"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One gap: seconds; by method and point, the error that trials promised and the true one (RMS), metres; NaN = not filled."""

    seconds: float
    promise: dict[str, Float]
    error: dict[str, Float]


def outcome(data: Path, gap: Gap) -> Outcome:
    """A gap filled by every method."""
    truth, gapped, masked_FJ = cut(gap, load_corpus(data)[0])
    problem = problem_of(gapped, masked_FJ)
    gaps = problem.gaps()
    samples, rounds = wanted_samples(problem, gaps, masked_FJ), trial_problems(problem, gaps)
    promise, error = {}, {}
    for method in (*CANDIDATES, MEASURE):
        promised_G = trial_error(problem, rounds, samples, METHODS[method].run, len(gaps))[1]
        off_FP = np.linalg.norm(problem.in_place(run_fill(problem, method).xyz_ND) - truth.xyz_FPD, axis=2)
        promise[method] = np.where(np.isfinite(promised_G), promised_G, np.nan)
        error[method] = np.array([np.sqrt((off_FP[start:stop, point] ** 2).mean()) for point, start, stop in gaps])
    return Outcome(gap.seconds, promise, error)


def mixed_in_sigmas(data: Path, gap: Gap) -> Float:
    """The axis errors of the mixture in a gap, in sigmas."""
    truth, gapped, masked_FJ = cut(gap, load_corpus(data)[0])
    result = choose_fills(problem_of(gapped, masked_FJ), (*CANDIDATES, "coast")).result
    return in_sigmas(result.xyz_ND - truth.xyz_FPD[masked_FJ], result.sigma_N)


def learned(outcomes: list[Outcome]) -> dict[str, ErrorPrior]:
    """By method, as far as it was tried often enough."""
    found = {}
    for method in CANDIDATES:
        feature_SK, log_S, seconds_S, error_S, straight_S = (
            np.concatenate(each) for each in zip(*(_rows(o, method) for o in outcomes), strict=True)
        )
        if len(log_S) < FEWEST:
            continue
        prior_KK = PRIOR * np.diag([1e-3, 1.0, 1.0])
        away_S = log_S - feature_SK[:, 1]  # few samples leave a method's trials as they are
        level, trials, seconds = np.linalg.solve(feature_SK.T @ feature_SK + prior_KK, feature_SK.T @ away_S)
        found[method] = ErrorPrior(float(level), 1 + float(trials), float(seconds), longest(seconds_S, error_S, straight_S))
    return found


def longest(seconds_S: Float, error_S: Float, straight_S: Float) -> float:
    """The longest length at which the worst errors are at most MOST times a straight line's; infinite if that is the longest of all."""
    kept = [
        length_s
        for length_s in LENGTHS_S
        if (near_S := np.isclose(seconds_S, length_s, rtol=0.1)).sum() < FEWEST
        or np.quantile(error_S[near_S], WORST) <= MOST * np.quantile(straight_S[near_S], WORST)
    ]
    return float("inf") if LENGTHS_S[-1] in kept else max(kept, default=LENGTHS_S[0])


def _rows(outcome: Outcome, method: str) -> tuple[Float, Float, Float, Float, Float]:
    """Features (1, log promise, log seconds) and log errors, weighed (a gap counts as the root of its points); seconds; errors; a straight
    line's."""
    ok_S = np.isfinite(outcome.promise[method]) & np.isfinite(outcome.error[method]) & np.isfinite(outcome.error[MEASURE])
    promise_S, error_S = outcome.promise[method][ok_S], np.maximum(outcome.error[method][ok_S], 1e-5)
    weight, seconds_S = len(ok_S) ** -0.25, np.full(int(ok_S.sum()), outcome.seconds)
    feature_SK = np.stack([np.ones_like(promise_S), np.log(promise_S), np.log(seconds_S)], axis=1)
    return weight * feature_SK, weight * np.log(error_S), seconds_S, error_S, outcome.error[MEASURE][ok_S]


def toml(found: dict[str, ErrorPrior], mixture: Factors, gaps: int) -> str:
    """The text of resources/fills.toml. gaps: how many the priors were measured on."""
    head = f"# Made by `python -m mpm_train.teach.priors` from {gaps} gaps of the training people; see mpm_core/fill/auto/priors.py."
    table: dict[str, object] = {
        method: {
            "level": round(known.level, 3),
            "trials": round(known.trials, 3),
            "seconds": round(known.seconds, 3),
            "longest_s": known.longest_s,
        }
        for method, known in found.items()
    }
    table[MIXTURE] = {"seconds": list(mixture.seconds), "factor": [round(each, 3) for each in mixture.factor]}
    return f"{head}\n\n{tomli_w.dumps(table)}"


def main(arguments: list[str]) -> int:
    if len(arguments) not in (2, 3):
        sys.stdout.write(__doc__ or "")
        return 2
    data, out, per_cell = Path(arguments[0]), Path(arguments[1]), int(arguments[2]) if len(arguments) == 3 else PER_CELL
    try:
        _, clips = load_corpus(data)
        gaps = every_gap(clips, "train", Extent(per_cell, lengths_s=LENGTHS_S), SEED)
        outcomes = list(tracked(parallel_map(partial(outcome, data), gaps, JOBS), "filling", "gaps", len(gaps)))
        mixed = tracked(parallel_map(partial(mixed_in_sigmas, data), gaps, JOBS), "mixing", "gaps", len(gaps))
        write_bytes(out, toml(learned(outcomes), factors(gaps, mixed, LENGTHS_S), len(gaps)).encode())
    except MpmError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
