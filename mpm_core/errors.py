"""Everything the core raises on purpose. A message says what is wrong, where, and what to do about it."""

from __future__ import annotations

import re
from typing import Final

DAMAGED: Final = "the file is damaged; copy it again from its source"  # hint where the user cannot repair the file
CHANGED: Final = "the file was changed by hand or damaged; use a copy that is whole"  # of files that this program wrote
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""Text for a terminal or a log: control characters, which a file's labels may hold, as \uXXXX. Line ends and tabs stay.

    >>> printable("LFHD\x1b[2J")
    'LFHD\\u001b[2J'
    """
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class MpmError(Exception):
    """A problem a user can act on.

    `what` is one sentence; `where` names the file, joint or frame; `hint` says what to do. `str()` is one printable line of all three.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return printable(f"{text} ({self.hint})" if self.hint else text)


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


class Malformed(ValueError):
    """What is wrong with data, in our own words; the reader that catches it says in which file."""


def reason(error: BaseException) -> str:
    """Why data could not be read, for a message: our own words instead of Python's.

    >>> reason(KeyError("rate_hz")), reason(Malformed("a bone hangs on itself"))
    ("there is no 'rate_hz'", 'a bone hangs on itself')
    """
    if isinstance(error, Malformed | MpmError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or "it cannot be opened"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    if isinstance(error, KeyError):
        return printable(f"there is no {error.args[0]!r}") if error.args else "a name is not there"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return "it is larger than the memory"
    line = getattr(error, "lineno", None)  # of JSON, and of TOML since Python 3.14
    if isinstance(line, int):
        return f"line {line} is not as it should be"
    return "a value is not of the kind that belongs there"
