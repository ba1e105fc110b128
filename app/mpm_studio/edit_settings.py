"""What is done to a take beside filling it, from the words of commands and recipes to the settings of operations, JSON-able."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mpm_core.suspect.kinds import KINDS
from mpm_studio.usage_error import UsageError

HIGHEST = 1e6


def edit_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """`shape` and `suspects` (kinds) before the fill, `filter` (None for none) after it. settings: as recipes name them; what is not in it
    has its default.

    Raises UsageError.
    """
    share, method = settings.get("min_confidence"), settings.get("filter")
    if share is not None and not 0 < share <= 1:
        raise UsageError(f"--min-confidence {share:g} is not a share above 0, at most 1")
    if settings.get("filter_measured") and method is None:
        raise UsageError("--filter-measured is for --filter")
    suspects = [kind.strip() for kind in settings.get("suspects", "").split(",") if kind.strip()]
    if unknown := [kind for kind in suspects if kind not in (*KINDS, "all")]:
        raise UsageError(f"--suspects: there is no kind of suspect called {unknown[0]!r}; known: {', '.join(KINDS)}, all")
    return {
        "shape": shape_settings(settings),
        "suspects": suspects,
        "min_confidence": share,
        "filter": None if method is None else filter_settings(method, settings),
        "filter_measured": bool(settings.get("filter_measured")),
    }


def shape_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords of `operations.reshaping.Shape`. Raises UsageError for what cannot be understood."""
    rate_hz, only_measured, keep = settings.get("resample"), bool(settings.get("only_measured")), settings.get("keep", "neither")
    if rate_hz is not None and not 0 < rate_hz < HIGHEST:
        raise UsageError(f"--resample {rate_hz:g} is not a rate above 0")
    if only_measured and rate_hz is None:
        raise UsageError("--only-measured is for --resample")
    return {
        "rename": dict(_two("--rename", text, "OLD=NEW", "=") for text in settings.get("rename", ())),
        "merge": [_two("--merge", text, "A,B", ",") for text in settings.get("merge", ())],
        "conflicts": "refuse" if keep == "neither" else keep,
        "frames": settings.get("frames"),
        "rate_hz": rate_hz,
        "only_measured": only_measured,
    }


def filter_settings(method: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords of `mpm_core.filter.methods.FilterSettings`. Raises UsageError for numbers outside their range."""
    cutoff_hz, window_s, beta = settings.get("cutoff"), settings.get("window", 0.1), settings.get("beta")
    for option, value in (("--cutoff", cutoff_hz), ("--window", window_s)):
        if value is not None and not 0 < value < HIGHEST:
            raise UsageError(f"{option} {value:g} is not a number above 0")
    if beta is not None and not 0 <= beta < HIGHEST:
        raise UsageError(f"--beta {beta:g} is not a number from 0 on")
    return {"method": method, "cutoff_hz": cutoff_hz, "window_s": window_s, "beta": beta}


def _two(option: str, text: str, form: str, between: str) -> tuple[str, str]:
    parts = [part.strip() for part in text.split(between)]
    if len(parts) != 2 or not all(parts):
        raise UsageError(f"{option} {text!r} is not {form}")
    return parts[0], parts[1]
