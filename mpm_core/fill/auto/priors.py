"""What is known of the classical fills from many other takes, beside what trials on this one say. G gaps; metres, seconds.

A few trials promise too much or too little, and some fills go astray in long gaps however good their trials were. How far off a fill was in
takes of the training people follows, for each method, log error = level + trials * log promise + seconds * log length; and longest_s is the
longest gap in which its worst errors stay near a straight line's. Of their mixture it is known by how much its sigma is to be multiplied,
so that 90 % of the errors (per axis, as a normal's would) lie within 1.645 of it. The figures lie in resources/fills.toml;
`python -m mpm_train.teach.priors` makes them.
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

BETWEEN = 2**0.5  # lengths are tried an octave apart: what holds for one holds half way to the next


@dataclass(frozen=True, slots=True)
class ErrorPrior:
    """level, trials, seconds: of the law; longest_s: of a gap that the method is used in."""

    level: float
    trials: float
    seconds: float
    longest_s: float


UNKNOWN = ErrorPrior(0.0, 1.0, 0.0, np.inf)
MIXTURE = "mixture"


@cache
def error_priors() -> Mapping[str, ErrorPrior]:
    """By method; one without an entry is taken at its trials' word."""
    return MappingProxyType({method: ErrorPrior(**figures) for method, figures in _table().items() if method != MIXTURE})


@cache
def mixture() -> Factors:
    return Factors(**_table()[MIXTURE])


def _table() -> dict[str, Any]:
    return tomllib.loads(resource("fills.toml").read_text(encoding="utf-8"))


def usable(method: str, seconds_G: Float) -> Mask:
    """(G,) True for gaps that are not too long for a method."""
    return np.asarray(seconds_G <= BETWEEN * error_priors().get(method, UNKNOWN).longest_s)


def expected_error(method: str, promise_G: Float, seconds_G: Float) -> Float:
    """(G,) metres: the error to expect of a method where its trials promise this much (infinite = nothing)."""
    known = error_priors().get(method, UNKNOWN)
    return np.exp(known.level + known.trials * np.log(promise_G) + known.seconds * np.log(seconds_G))
