"""A BVH's bytes to its hierarchy and motion. F rows of C channel values; every error names the line.

Accepted: any channel order per joint, position channels on any joint, no End Site or several,
names with spaces or used twice, mixed line endings, a byte order mark, wrapped rows, more or fewer rows than announced.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.files.read import decoded
from mpm_core.io.bvh.motion import number, quoted, read_values, refusal
from mpm_core.rig import Rig
from mpm_core.typing import Float

MAX_BYTES = 1 << 30
MAX_JOINTS = 5000
MAX_DEPTH = 500
CHANNELS = {f"{axis}{kind}".lower(): f"{axis}{kind}" for axis in "XYZ" for kind in ("position", "rotation")}
OPENING = re.compile(rb"\s*HIERARCHY\b", re.IGNORECASE)
WORD = re.compile(rb"[{}]|[^\s{}]+")
MOST_WORDS = 20  # of a joint's name
MOTION = re.compile(rb"(?:^|[\s{}])(MOTION)\b", re.IGNORECASE)
FRAMES = re.compile(rb"\s*Frames\s*:?[^\S\r\n]*(\S+)", re.IGNORECASE)
FRAME_TIME = re.compile(rb"\s*Frame\s*Time\s*:?[^\S\r\n]*(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """rig: names made unique; frame_time: seconds, and its text; motion_at, values_at: the bytes where "Frames:" and the numbers begin.

    shift_C: what was added to the file's numbers to make the rig's (see position_channels.py).
    """

    rig: Rig
    frame_time: float
    frame_time_text: str
    motion_at: int
    values_at: int
    notes: tuple[str, ...]
    shift_C: Float


@dataclass(slots=True)
class _Word:
    text: bytes
    at: int


def looks_like_bvh(head: bytes) -> bool:
    """True when the first bytes open a BVH's hierarchy, after a byte order mark or blank lines, in 8 or 16 bits."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8")
    return OPENING.match(head.removeprefix(codecs.BOM_UTF8)) is not None


def parse(data: bytes, where: str) -> Parsed:
    """The whole file. Raises FormatError with line and hint for whatever cannot be read without guessing."""
    if len(data) > MAX_BYTES:
        raise FormatError(f"the file has {len(data) >> 20} MB", where=where, hint=f"at most {MAX_BYTES >> 20} MB; split it")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise FormatError("the text is in 16-bit characters", where=where, hint="save it as UTF-8 or plain ASCII")
    opening = OPENING.match(data.removeprefix(codecs.BOM_UTF8))
    if opening is None:
        raise refusal(data, where, 0, "there is no HIERARCHY at the start", "is this a BVH file?")
    start = opening.end() + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
    motion = MOTION.search(data, start)
    if motion is None:
        raise refusal(data, where, len(data), "there is no MOTION section", "the file was cut off, or holds a skeleton without motion")
    joints = _hierarchy(data, where, start, motion.start(1))
    frames = _header_field(data, where, FRAMES, motion.end(1), "Frames:")
    time = _header_field(data, where, FRAME_TIME, frames.end(1), "Frame Time:")
    text = time[1].decode("ascii", "replace")
    seconds = number(time[1])
    if not (seconds and 1e-9 < seconds < 1e9):
        raise refusal(data, where, time.start(1), f"the frame time is {text!r}", "it must be seconds per frame, above 0, such as 0.0083333")
    if re.fullmatch(rb"[+-]?\d{1,18}", frames[1]) is None:
        count = frames[1].decode("ascii", "replace")
        raise refusal(data, where, frames.start(1), f"the number of frames is {count!r}", "it must be a whole number")
    channels = tuple(joint.channels or () for joint in joints)
    columns = sum(map(len, channels))
    values_FC, notes = read_values(data, where, time.end(1), columns, int(frames[1]))
    names, renamed = unique_joints([joint.name for joint in joints])
    parents, offsets_J3 = tuple(joint.parent for joint in joints), np.array([joint.offset_3 for joint in joints], np.float64)
    rig = Rig(names, parents, offsets_J3, channels, values_FC, np.array([joint.is_end for joint in joints]))
    return Parsed(rig, seconds, text, data.index(frames[0].lstrip(), frames.start()), time.end(1), (*renamed, *notes), np.zeros(columns))


def _header_field(data: bytes, where: str, pattern: re.Pattern[bytes], at: int, name: str) -> re.Match[bytes]:
    found = pattern.match(data, at)
    if found is None:
        raise refusal(data, where, at, f"there is no {name!r} where it belongs", "the file was cut off, or is not a plain BVH")
    return found


@dataclass(slots=True)
class _Joint:
    """A joint or an End Site while it is read; None = not read yet."""

    name: str
    parent: int
    is_end: bool
    offset_3: list[float] | None = None
    channels: tuple[str, ...] | None = None


def _hierarchy(data: bytes, where: str, start: int, stop: int) -> list[_Joint]:
    """All joints, their names as written. One pass with a stack, so depth costs no recursion."""
    joints: list[_Joint] = []
    stack: list[int] = []
    words = (_Word(match[0], match.start()) for match in WORD.finditer(data, start, stop))

    def refuse(word: _Word | None, what: str, hint: str) -> FormatError:
        return refusal(data, where, word.at if word else stop, what, hint)

    for word in words:
        key = word.text.lower()
        inside = joints[stack[-1]] if stack else None
        if key in (b"root", b"joint", b"end"):
            if len(joints) == MAX_JOINTS or len(stack) == MAX_DEPTH:
                raise refuse(word, "the hierarchy is too large", f"at most {MAX_JOINTS} joints, {MAX_DEPTH} deep")
            if (key == b"root") != (inside is None) or (inside is not None and inside.is_end):
                raise refuse(word, f"{quoted(word.text)} does not belong here", "check the braces above")
            title = _title(words)
            if title is None:
                raise refuse(word, f"there is no opening brace after {quoted(word.text)}", "the hierarchy is damaged")
            name = f"{inside.name}_end" if inside is not None and key == b"end" else title
            if not name:
                raise refuse(word, "a joint has no name", "give it one")
            joints.append(_Joint(name, stack[-1] if stack else -1, key == b"end", channels=() if key == b"end" else None))
            stack.append(len(joints) - 1)
        elif key == b"}" and inside is not None:
            if inside.offset_3 is None:
                raise refuse(word, f"{inside.name!r} has no OFFSET", "the hierarchy is damaged")
            stack.pop()
        elif key == b"offset" and inside is not None and inside.offset_3 is None:
            inside.offset_3 = _offset(words, word)
            if inside.offset_3 is None:
                raise refuse(word, f"the OFFSET of {inside.name!r} is not three numbers", "decimal points, not commas")
        elif key == b"channels" and inside is not None and inside.channels is None:
            inside.channels = _channels(words, word)
            if inside.channels is None:
                raise refuse(word, f"the CHANNELS of {inside.name!r} are not understood", "0 to 6 of " + ", ".join(CHANNELS.values()))
        else:
            raise refuse(word, f"{quoted(word.text)} is not understood here", "the hierarchy is damaged, or is not a plain BVH")
    if stack or not joints:
        what = f"{joints[stack[-1]].name!r} is not closed" if stack else "there is no joint"
        raise refuse(None, what, "the hierarchy is damaged")
    return joints


def _offset(words: Iterator[_Word], word: _Word) -> list[float] | None:
    """The three numbers that come next; None where these are not numbers. word: what stands for words after the last."""
    values = [value for _ in range(3) if (value := number(next(words, word).text)) is not None]
    return values if len(values) == 3 else None


def _channels(words: Iterator[_Word], word: _Word) -> tuple[str, ...] | None:
    """The next words as a count and the names of that many channels; None where a joint cannot have these. word: as for `_offset`."""
    count = next(words, word).text
    if re.fullmatch(rb"[0-6]", count) is None:
        return None
    known = tuple(CHANNELS.get(next(words, word).text.decode("ascii", "replace").lower(), "") for _ in range(int(count)))
    return known if all(known) and _solvable(known) else None


def _title(words: Iterator[_Word]) -> str | None:
    """The words up to the opening brace, as one name; None when there is no brace."""
    parts: list[bytes] = []
    for word in words:
        if word.text == b"{":
            return decoded(b" ".join(parts))
        if word.text == b"}" or len(parts) == MOST_WORDS:
            return None
        parts.append(word.text)
    return None


def _solvable(channels: tuple[str, ...]) -> bool:
    """At most three turns, none about the same axis as the one before it, and no position axis twice."""
    turns = [name for name in channels if name.endswith("rotation")]
    moves = [name for name in channels if name.endswith("position")]
    return len(turns) <= 3 and len(set(moves)) == len(moves) and all(a != b for a, b in pairwise(turns))


def unique_joints(names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names with #2, #3 on those used before, and a note that says so."""
    taken, count_of, out = set(names), dict[str, int](), []
    for name in names:
        count_of[name] = count_of.get(name, 0) + 1
        fresh = name
        while count_of[name] > 1 and (fresh == name or fresh in taken):
            fresh = f"{name}#{count_of[name]}"
            count_of[name] += fresh in taken
        taken.add(fresh)
        out.append(fresh)
    twice = [name for name, count in count_of.items() if count > 1]
    return tuple(out), ((f"names used more than once got a number: {', '.join(twice[:5])}",) if twice else ())
