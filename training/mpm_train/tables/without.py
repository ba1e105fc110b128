"""Completion without one of its parts, to measure what that part is worth. For evaluations alone: the application has no such switch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from mpm_core.errors import DataError
from mpm_core.fill.auto.choose import shares

Replace = Callable[[Any], Any]  # a function of the core -> what is called instead

PARTS: dict[str, tuple[tuple[str, str, Replace], ...]] = {
    # the network alone, wherever it predicts anything
    "gate": (("mpm_core.model.network_fill", "gated_fill", lambda _: _network_alone),),
    "network": (("mpm_core.best_fill", "UNSURE_M", lambda _: float("inf")),),  # on markers
    "residuals": (("mpm_core.model.predict", "fit_residuals", lambda _: lambda *_arguments: None),),
    "mirror": (("mpm_core.model.predict", "complete_windows", lambda whole: partial(whole, mirrored=False)),),
    "priors": (
        ("mpm_core.fill.auto.try_methods", "expected_error", lambda _: lambda _method, trial_error_G, _seconds_G: trial_error_G),
        ("mpm_core.fill.auto.try_methods", "usable", lambda _: lambda _method, seconds_G: np.ones(len(seconds_G), bool)),
    ),
    "edges": (("mpm_core.best_fill", "blend_edges", lambda _: lambda _problem, xyz_ND: xyz_ND),),
    "feet": (("mpm_core.best_fill", "keep_feet", lambda _: lambda _problem, xyz_ND, *_arguments: xyz_ND),),
    "marker-distances": (("mpm_core.best_fill", "keep_distances", lambda _: lambda filled_FP3, *_arguments: filled_FP3),),
    "smoothness": (("mpm_core.best_fill", "keep_smoothness", lambda _: lambda filled_FP3, *_arguments: filled_FP3),),
    "median": (("mpm_core.fill.auto.choose", "_median_weights", lambda _: lambda weight_GM, *_arguments: shares(weight_GM)),),
}


def check_parts(names: Sequence[str]) -> None:
    """Raises DataError for a part that is not in PARTS."""
    for name in names:
        if name not in PARTS:
            raise DataError(f"completion has no part called {name!r}", hint=f"known: {', '.join(PARTS)}")


@contextmanager
def left_out(names: Sequence[str]) -> Iterator[None]:
    """While it lasts, completion in this process does without these parts. Raises DataError for a part that is not in PARTS."""
    check_parts(names)
    with ExitStack() as at_the_end:
        for module_name, name, replacement in (each for part in names for each in PARTS[part]):
            module = import_module(module_name)
            whole = getattr(module, name)
            at_the_end.callback(setattr, module, name, whole)
            setattr(module, name, replacement(whole))
        yield


def _network_alone(problem: Any, prediction: Any, _model: Any, _classical: Any) -> Any:
    from mpm_core.model.network_fill import network_fill

    return network_fill(problem, prediction)
