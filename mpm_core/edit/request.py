"""What the user asked for: kept with the edit that came of it, for those who show it or do it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Request:
    """An action and its settings, plain JSON values. points: names; frames: first and last, as the file counts them.

    >>> Request("mark", {"points": ["LFHD"], "frames": [3, 9]}).settings["frames"]
    [3, 9]
    """

    action: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def requested(edit: E, action: str, **settings: Any) -> E:
    """The same edit (a Patch, Replace or Annotate), made for this request; settings that are None, empty or False are left out."""
    told = {name: value for name, value in settings.items() if not (value is None or value is False or value in ((), [], {}, ""))}
    return replace(edit, requests=(Request(action, told),))  # type: ignore[type-var]
