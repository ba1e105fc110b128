"""The steps of a document's history in words: what was asked for, and the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mpm_core.edit.patch import Edit, Patch, Replace
from mpm_core.edit.request import Request

MOST_NAMES = 3
WORDS = {
    "filter": "{}",
    "cutoff": "cutoff {:g} Hz",
    "window": "window {:g} s",
    "resample": "to {:g} Hz",
    "share": "{:g} % of it",
    "other": "mixed with {}",
    "max_gap": "gaps up to {:g} s",
    "max_sigma": "sigma up to {:g} mm",
    "filter_measured": "measured samples too",
    "only_measured": "measured samples only",
    "part": "a part of the take",
}
"""Settings whose names say too little; {}: the value."""


@dataclass(frozen=True, slots=True)
class StepText:
    """title: the edit's label. settings: what was asked for, 'method auto, donors A, B'. result: what it changed."""

    title: str
    settings: str
    result: str

    def __str__(self) -> str:
        return "\n".join(line for line in (self.title, self.settings, self.result) if line)


def step_text(edit: Edit, points: tuple[str, ...], made: bool = True) -> StepText:
    """A step of a take with these points. made: the edit is the inverse of one that is made, else one that was undone."""
    return StepText(
        edit.label, "; ".join(text for each in edit.requests if (text := request_text(each, edit.label))), _result(edit, points, made)
    )


def request_text(request: Request, title: str = "") -> str:
    """A request's settings, but those that the title has: 'method auto, LFHD and 2 more, frames 3 to 9'.

    >>> request_text(Request("fill", {"method": "auto", "points": ["A"], "frames": [3, 9]}))
    'method auto, A, frames 3 to 9'
    >>> request_text(Request("filter", {"filter": "butterworth", "cutoff": 6.0, "filter_measured": True}))
    'butterworth, cutoff 6 Hz, measured samples too'
    """
    texts = [_setting(name, value) for name, value in request.settings.items()]
    return ", ".join(text for text in texts if text not in title)


def _setting(name: str, value: Any) -> str:
    if name in WORDS:
        return WORDS[name].format(value)
    text = name.replace("_", " ")
    if value is True:
        return text
    texts = [f"{each:g}" if isinstance(each, float) else str(each) for each in (value if isinstance(value, list) else [value])]
    if name == "points":
        return _names(texts)
    if name == "frames":
        return f"frame {texts[0]}" if len({*texts}) == 1 else f"frames {' to '.join(texts)}"
    return f"{text} {_names(texts)}"


def _names(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_NAMES else f"{', '.join(names[: MOST_NAMES - 1])} and {len(names) - MOST_NAMES + 1} more"


def _result(edit: Edit, points: tuple[str, ...], made: bool) -> str:
    if isinstance(edit, Replace):
        begun, ended = (edit.after, edit.before) if made else (edit.before, edit.after)
        counts = ((begun.frames, ended.frames, "frames"), (len(begun.points), len(ended.points), "points"))
        return ", ".join(f"{before:,} to {after:,} {what}" for before, after, what in counts if before != after)
    if not isinstance(edit, Patch):
        return ""
    which = np.unique(edit.points_N)
    who = points[int(which[0])] if len(which) == 1 and which[0] < len(points) else f"{len(which)} points"
    methods = ", ".join(dict.fromkeys(run.method for run in edit.filled))
    return f"{len(edit):,} {'sample' if len(edit) == 1 else 'samples'} of {who}{f', by {methods}' if methods else ''}"
