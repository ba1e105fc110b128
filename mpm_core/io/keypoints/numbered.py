"""Folders with one file for each frame, numbered by name: `clip_000000001150_keypoints.json`, `cam01.0031.json`, `7.predictions.json`."""

from __future__ import annotations

import re
from pathlib import Path

from mpm_core.errors import FormatError

NUMBERED = re.compile(
    r"(?P<take>.*?)_?(?P<frame>\d+)(?:_keypoints)?(?:\.(?:jpe?g|png|bmp|tiff?))?(?:\.predictions)?(?P<ending>\.json|\.txt)", re.IGNORECASE
)
SPARSE = 50  # frame numbers further apart than this on average are not frame numbers
LOOKED_AT, HEAD_BYTES = 20, 4096


def starts_as_json(head: bytes) -> bool:
    """Whether a file's first sign, after blanks, is that of an object or a list."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def head_of(path: Path, ending: str, head: bytes) -> bytes:
    """The first bytes of a file, or of the first files of a folder that are numbered and have the ending; b'' where there are none.

    head: the first bytes where they are known.
    """
    if head or not path.is_dir():
        return head
    heads = []
    try:
        for file in sorted(path.glob(f"*{ending}"))[:LOOKED_AT]:
            if NUMBERED.fullmatch(file.name) and file.is_file():
                with file.open("rb") as opened:
                    heads.append(opened.read(HEAD_BYTES))
    except OSError:
        return b""
    return next((each for each in heads if each.strip()), b"")


def numbered_files(path: Path, ending: str) -> tuple[list[Path | None], int, list[str]]:
    """One file (or None) per frame, the number of the first, and notes. Raises FormatError when the names do not number the frames."""
    if not path.is_dir():
        match = NUMBERED.fullmatch(path.name)
        return [path], int(match["frame"]) if match and len(match["frame"]) <= 15 else 1, []
    matches = [(match, file) for file in sorted(path.iterdir()) if (match := NUMBERED.fullmatch(file.name))]
    matches = [(match, file) for match, file in matches if match["ending"].lower() == ending]
    takes = sorted({match["take"] for match, _ in matches})
    if len(takes) != 1:
        listed = ", ".join(repr(take) for take in takes[:4])
        raise FormatError(f"the folder holds the frames of {len(takes)} videos ({listed})", where=str(path), hint="one video to a folder")
    by_number: dict[int, Path] = {}
    for match, file in matches:
        if not file.is_file():
            raise FormatError("this is not a regular file", where=str(file), hint="remove it, or put the frame's file there")
        if int(match["frame"]) in by_number:
            raise FormatError(f"frame {int(match['frame'])} is there twice", where=str(file), hint="remove one of the two")
        by_number[int(match["frame"])] = file
    first, last = min(by_number), max(by_number)
    absent = last - first + 1 - len(by_number)
    if absent > SPARSE * len(by_number):
        return (
            [by_number[number] for number in sorted(by_number)],
            1,
            ["the files' numbers are far apart: they only give the order"],
        )
    notes = [f"{absent} frames have no file and are missing"] if absent else []
    return [by_number.get(number) for number in range(first, last + 1)], first, notes
