"""Requests: what the user asked for, kept with the edit that resulted, for the history and for recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, TypeVar

from mpm_core.errors import DataError

E = TypeVar("E")
NAMES = ("points", "donors", "rename", "merge", "kinds")  # settings that are lists of texts
TEXTS = ("method", "other", "model", "keep", "filter")
NUMBERS = ("max_gap", "max_sigma", "cutoff", "window", "beta", "resample", "share")
LARGEST = 2**53  # of a number in a setting


@dataclass(frozen=True, slots=True)
class Request:
    """An action and its settings, plain JSON values. points: names; frames: first and last, as the file counts them.

    >>> Request("mark", {"points": ["LFHD"], "frames": [3, 9]}).settings["frames"]
    [3, 9]
    """

    action: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def requested(edit: E, action: str, **settings: Any) -> E:
    """The same edit (a Patch, Replace or Annotate), made for this request; settings that are None, empty or False are left out.

    Raises DataError as `check_request` does: a project with such a request could not be read again.
    """
    given = {name: value for name, value in settings.items() if not (value is None or value is False or value in ((), [], {}, ""))}
    request = Request(action, given)
    check_request(request)
    return replace(edit, requests=(request,))  # type: ignore[type-var]


def check_request(request: Request) -> None:
    """Raise DataError for a request that no action makes: settings that are not plain values, or of another kind than their name says.

    >>> check_request(Request("mark", {"points": ["LFHD"], "frames": [3, "nine"]}))
    Traceback (most recent call last):
    mpm_core.errors.DataError: frames = [3, 'nine'] is not a setting of 'mark'
    """
    for name, value in request.settings.items():
        values = value if isinstance(value, list) else [value]
        right = all(isinstance(each, str | bool) or _is_number(each) for each in values)
        if name in NAMES:
            right = isinstance(value, list) and all(isinstance(each, str) for each in value)
            right = right and (name != "rename" or all("=" in each for each in value))
        elif name == "frames":
            whole = isinstance(value, list) and len(value) == 2 and all(type(each) is int and _is_number(each) for each in value)
            right = whole and value[0] <= value[1]
        elif name in TEXTS:
            right = isinstance(value, str)
        elif name in NUMBERS:
            right = _is_number(value)
        if not right:
            raise DataError(f"{name} = {str(value)[:40]} is not a setting of {request.action!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and abs(value) <= LARGEST
