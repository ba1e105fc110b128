"""The filters by name, and one stretch of a take filtered. F frames of an unbroken stretch, S series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mpm_core.errors import DataError
from mpm_core.filter.butterworth import butterworth, highest_hz
from mpm_core.filter.one_euro import one_euro
from mpm_core.filter.windows import DEGREE, median, savitzky_golay, window_frames
from mpm_core.typing import Float, Floating

BETA = {3: 10.0, 2: 0.01}  # of the one-euro filter, by dimensions: Hz for each metre, or pixel, per second
REST_HZ = 1.0  # of the one-euro filter
LEAST_FRAMES = 3


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """method: of METHODS. cutoff_hz: of butterworth, None = by residuals for each point; of one_euro at rest, None = 1 Hz.

    window_s: of savitzky_golay and median, seconds. beta: of one_euro, None = 10 Hz for each m/s, in 2D 0.01 for each pixel/s.
    Raises DataError for an unknown method, and for numbers that are not above 0 (beta: below 0).

    >>> FilterSettings("median", window_s=0.05).text(3)
    'median, 0.05 s'
    """

    method: str = "butterworth"
    cutoff_hz: float | None = None
    window_s: float = 0.1
    beta: float | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise DataError(f"there is no filter called {self.method!r}", hint=f"known: {', '.join(METHODS)}")
        if not (0 < self.window_s < 1e6 and (self.cutoff_hz is None or 0 < self.cutoff_hz < 1e6)):
            raise DataError("a filter's cutoff and window must be above 0", hint="give Hz and seconds")
        if self.beta is not None and not 0 <= self.beta < 1e6:
            raise DataError(f"beta is {self.beta:g}", hint="give 0 or more")

    def text(self, dims: int) -> str:
        """The method and what it is set to."""
        if METHODS[self.method].windowed:
            return f"{self.method}, {self.window_s:g} s"
        if self.method == "one_euro":
            return f"{self.method}, {self.rest_hz:g} Hz, beta {self.beta_in(dims):g}"
        return f"{self.method}, cutoff {'by residuals' if self.cutoff_hz is None else f'{self.cutoff_hz:g} Hz'}"

    @property
    def rest_hz(self) -> float:
        return REST_HZ if self.cutoff_hz is None else self.cutoff_hz

    def beta_in(self, dims: int) -> float:
        return BETA[dims] if self.beta is None else self.beta

    def check(self, rate_hz: float) -> None:
        """Raises DataError for what cannot be at a rate: a cutoff above almost half of it, a window of too few frames."""
        if self.method == "butterworth" and self.cutoff_hz is not None and self.cutoff_hz > highest_hz(rate_hz):
            what = f"a cutoff of {self.cutoff_hz:g} Hz is too high for {rate_hz:g} frames a second"
            raise DataError(what, hint=f"give at most {highest_hz(rate_hz):.3g} Hz")
        least = DEGREE + 2 if self.method == "savitzky_golay" else LEAST_FRAMES
        if METHODS[self.method].windowed and window_frames(self.window_s, rate_hz) < least:
            what = f"a window of {self.window_s:g} s has less than {least} frames at {rate_hz:g} Hz"
            raise DataError(what, hint=f"give at least {(least - 1) / rate_hz:.3g} s")


Run = Callable[[Floating, float, FilterSettings], Float]
"""(F, S) an unbroken stretch, a rate in Hz and settings with a cutoff to the stretch, filtered."""


@dataclass(frozen=True, slots=True)
class Method:
    """about: what it does, in a few words. windowed: it has a window, else a cutoff."""

    about: str
    run: Run
    windowed: bool = False

    def least_frames(self, rate_hz: float, settings: FilterSettings) -> int:
        """The shortest stretch that can be filtered."""
        return window_frames(settings.window_s, rate_hz) if self.windowed else LEAST_FRAMES


def _butterworth(xyz_FS: Floating, rate_hz: float, settings: FilterSettings) -> Float:
    assert settings.cutoff_hz is not None
    return butterworth(xyz_FS, rate_hz, settings.cutoff_hz)


def _one_euro(xyz_FS: Floating, rate_hz: float, settings: FilterSettings) -> Float:
    assert settings.beta is not None
    return one_euro(xyz_FS, rate_hz, settings.rest_hz, settings.beta)


def _savitzky_golay(xyz_FS: Floating, rate_hz: float, settings: FilterSettings) -> Float:
    return savitzky_golay(xyz_FS, rate_hz, settings.window_s)


def _median(xyz_FS: Floating, rate_hz: float, settings: FilterSettings) -> Float:
    return median(xyz_FS, rate_hz, settings.window_s)


METHODS = {
    "butterworth": Method("low-pass without lag, fourth order", _butterworth),
    "savitzky_golay": Method("cubic polynomial over a window", _savitzky_golay, windowed=True),
    "median": Method("median over a window, against spikes", _median, windowed=True),
    "one_euro": Method("smooth at rest, quick to follow in motion", _one_euro),
}


def filtered(xyz_FS: Floating, rate_hz: float, settings: FilterSettings) -> Float | None:
    """An unbroken stretch of one or more points, filtered; None where it is too short. settings: with a cutoff and beta, where needed."""
    method = METHODS[settings.method]
    return method.run(xyz_FS, rate_hz, settings) if len(xyz_FS) >= method.least_frames(rate_hz, settings) else None
