"""Errors of the classical fills in many other takes, used beside trials on the take itself. G gaps; metres, seconds.

A few trials are a noisy estimate, and some fills have large errors in long gaps however good their trials were. From takes of the training
people, for each method: log error = level + trials * log trial error + seconds * log length, and longest_s, the longest gap in which its
largest errors stay near those of linear interpolation. For the mixture of fills: factors on sigma by gap length, such that 90 % of the
errors (per axis) are within 1.645 sigma. The numbers are in resources/fills.toml; `python -m mpm_train.teach.priors` makes them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from mpm_core.fill.auto.calibration import Factors
from mpm_core.resources import resource
from mpm_core.typing import Float, Mask

BETWEEN = 2**0.5  # lengths tried are an octave apart; a limit applies half way to the next


@dataclass(frozen=True, slots=True)
class ErrorPrior:
    """level, trials, seconds: coefficients of the regression. longest_s: the longest gap that the method is used in."""

    level: float
    trials: float
    seconds: float
    longest_s: float


UNKNOWN = ErrorPrior(0.0, 1.0, 0.0, np.inf)
MIXTURE = "mixture"


@cache
def error_priors() -> Mapping[str, ErrorPrior]:
    """By method. Without an entry, the expected error is the trial error."""
    return MappingProxyType({method: ErrorPrior(**figures) for method, figures in _table().items() if method != MIXTURE})


@cache
def mixture() -> Factors:
    return Factors(**_table()[MIXTURE])


def _table() -> dict[str, Any]:
    return tomllib.loads(resource("fills.toml").read_text(encoding="utf-8"))


def usable(method: str, seconds_G: Float) -> Mask:
    """(G,) True for gaps that are not too long for a method."""
    return np.asarray(seconds_G <= BETWEEN * error_priors().get(method, UNKNOWN).longest_s)


def expected_error(method: str, trial_error_G: Float, seconds_G: Float) -> Float:
    """(G,) expected error of a method in metres, from its error in trials (infinite = no trial filled) and the gap's length."""
    prior = error_priors().get(method, UNKNOWN)
    return np.exp(prior.level + prior.trials * np.log(trial_error_G) + prior.seconds * np.log(seconds_G))
