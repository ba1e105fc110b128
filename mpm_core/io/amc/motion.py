"""The motion of an Acclaim .amc: words in a layout that every frame repeats. F frames, n channels of a bone.

A frame is its number, then each bone's name with its channels. Words become numbers in portions: as words they need many times the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.typing import Float

PORTION = 1 << 16  # words


@dataclass(frozen=True, slots=True)
class Layout:
    """words: of a frame; columns: bone -> (the word of its first channel, the one after its last)."""

    words: int
    columns: dict[str, tuple[int, int]]


def stripped_lines(path: Path) -> Iterator[str]:
    """A text's lines without comments and blanks around. Raises FormatError when it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            for line in file:
                yield line.split("#", 1)[0].strip()
    except OSError as error:
        raise FormatError(
            f"the file cannot be opened: {error.strerror}", where=str(path), hint="check the path and its permissions"
        ) from error


@dataclass(frozen=True, slots=True)
class Head:
    """The lines before the first frame. degrees: whether angles are in degrees; rate_hz: None where it is not stated."""

    degrees: bool = True
    rate_hz: float | None = None


def read_head(path: Path) -> Head:
    """Angles are degrees unless :RADIANS is there; some programs write :SAMPLES-PER-SECOND.

    Raises FormatError for a rate that is not a positive number.
    """
    degrees, rate_hz = True, None
    for line in stripped_lines(path):
        if line and not line.startswith(":"):
            break
        degrees = degrees and not line.lower().startswith(":radian")
        if line.lower().startswith(":samples-per-second"):
            word = line.split()[-1]
            rate_hz = _number(word)
            if not 0 < rate_hz < 1e6:
                raise FormatError(f"{word!r} is not a frame rate", where=f"{path}, :SAMPLES-PER-SECOND", hint="correct that line")
    return Head(degrees, rate_hz)


def read_motion(path: Path, dof: Mapping[str, int]) -> tuple[dict[str, Float], tuple[str, ...]]:
    """Per bone its channels (F, n) as they are in the file, and a note when the frames' numbers do not count one by one. dof: bone -> n.

    Raises FormatError with the line of what does not fit.
    """
    enough = max(PORTION, 2 + len(dof) + sum(dof.values()))
    layout, words, lines, parts = None, list[str](), list[int](), list[Float]()
    for number, line in enumerate(stripped_lines(path), 1):
        if line and not line.startswith(":"):
            more = line.split()
            words += more
            lines += [number] * len(more)
        if len(words) >= enough:
            layout = layout or _layout(words, dof, str(path))
            parts.append(_numbers(words, lines, layout, str(path)))
    layout = layout or _layout(words, dof, str(path))
    parts.append(_numbers(words, lines, layout, str(path)))
    if words:
        last = " ".join(word for word, line in zip(words, lines, strict=True) if line == lines[-1])
        what = f"the file is cut off at line {lines[-1]} ({last[:40]}), in frame {words[0]}"
        raise FormatError(what, where=str(path), hint="copy it again from its source, or remove the lines of that frame")
    values_FC = np.concatenate(parts)
    values, at = {}, 1
    for name in layout.columns:
        values[name] = values_FC[:, at : at + dof[name]]
        at += dof[name]
    counts = (np.diff(values_FC[:, 0]) == 1).all()
    return values, () if counts else ("the frame numbers do not count one by one: the frames are in the order of the file",)


def _layout(words: list[str], dof: Mapping[str, int], where: str) -> Layout:
    """As the first frame has it."""
    columns: dict[str, tuple[int, int]] = {}
    at = 1
    while at < len(words) and words[at] in dof:
        columns[words[at]] = (at + 1, at + 1 + dof[words[at]])
        at += 1 + dof[words[at]]
    if not columns:
        raise FormatError("there are no frames of the skeleton's bones", where=where, hint="is this the .asf it was made with?")
    return Layout(at, columns)


def _numbers(words: list[str], lines: list[int], layout: Layout, where: str) -> Float:
    """(whole frames, 1 + channels) of the words, which are taken away: the frame's number comes first. lines: that of each word.

    Raises FormatError.
    """
    whole = len(words) // layout.words * layout.words
    table = np.array(words[:whole], dtype=object).reshape(-1, layout.words)  # a fixed width would be that of the longest word, for each
    line_of = np.array(lines[:whole]).reshape(table.shape)
    del words[:whole], lines[:whole]
    names = [start - 1 for start, _ in layout.columns.values()]
    strange = np.argwhere(table[:, names] != np.array(list(layout.columns), dtype=object))
    if len(strange):
        frame, bone = strange[0]
        what = f"frame {table[frame, 0]} does not list the bone {list(layout.columns)[bone]!r} in its place"
        raise FormatError(what, where=f"{where}, line {line_of[frame, names[bone]]}", hint="the file is damaged, or of another .asf")
    channels = [0] + [column for start, stop in layout.columns.values() for column in range(start, stop)]
    try:
        values_FC = table[:, channels].astype(np.float64)
    except ValueError:
        values_FC = np.array([[_number(word) for word in row] for row in table[:, channels]])
    wrong = np.argwhere(~np.isfinite(values_FC))
    if len(wrong):
        frame, column = wrong[0, 0], channels[wrong[0, 1]]
        what = f"{table[frame, column][:40]!r} is not a number, or not finite"
        raise FormatError(what, where=f"{where}, line {line_of[frame, column]}", hint="the file is damaged there; copy it again")
    return values_FC


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return np.nan
