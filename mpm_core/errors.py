"""Everything the core raises on purpose. A message says what is wrong, where, and what to do about it."""

from __future__ import annotations


class MpmError(Exception):
    """A problem a user can act on.

    `what` is one sentence; `where` names the file, joint or frame; `hint` says what to do. `str()` is one line of all three.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text} ({self.hint})" if self.hint else text


class FormatError(MpmError):
    """A file that cannot be read or written as what it claims to be."""


class DataError(MpmError):
    """Values that contradict each other: shapes, rates, names, frames out of range."""


class MappingError(MpmError):
    """Points that could not be matched to the body joints an operation needs."""


class ModelError(MpmError):
    """A model file that is missing, damaged, or not made for the task."""


class Cancelled(MpmError):
    """The user stopped a job; nothing was changed."""

    def __init__(self, what: str = "Stopped: nothing was changed") -> None:
        super().__init__(what)
