"""Licences recognised by their texts, named as SPDX does, and whether weights trained on data under them may be shipped.

A text that is not recognised is quoted, and whether weights may be shipped is unknown: nothing is guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LICENCE_FILE = re.compile(
    r"(licen[cs]es?|copying)(?:[._-](?P<part>(?!(?:amc|asf|bvh|c3d|np[yz])$)[^.]+))??(\.(txt|md|rst))?", re.IGNORECASE
)
NOT_STATED = "not stated"
SHORT = 200  # characters: a note of the user's, in which MIT is the licence and not the institute
QUOTED = 80


@dataclass(frozen=True, slots=True)
class Terms:
    """licence: its SPDX identifier, several joined by AND, or the words of who states it. by: who states it.

    weights_free: whether weights trained on it may be shipped; None = nobody says.
    """

    licence: str
    weights_free: bool | None
    by: str


UNSTATED = Terms(NOT_STATED, None, "nobody")


def terms_of_file(path: Path) -> Terms:
    """What a licence file says. Raises OSError."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return terms_of_text(text, str(path))


def terms_of_text(text: str, by: str) -> Terms:
    """What a licence's text or a note says.

    >>> terms_of_text("Creative Commons Attribution-NonCommercial 4.0 International", "a file")
    Terms(licence='CC-BY-NC-4.0', weights_free=False, by='a file')
    """
    words = " ".join(text.lower().split())
    found = dict(recognise(words)) if words else {}
    if not found:
        first = next((line.strip() for line in text.splitlines() if line.strip()), "")
        return Terms(f"not recognised: {first[:QUOTED]}", None, by) if first else Terms(NOT_STATED, None, by)
    free = all(found.values())
    return Terms(" AND ".join(sorted(found)), None if free and RESTRICTED.search(words) else free, by)


def recognise(text: str) -> list[tuple[str, bool]]:
    """(SPDX identifier, whether weights may be shipped) of each licence in a text in lower case, with single spaces."""
    short = len(text) < SHORT
    found = [_creative_commons(text), _gnu(text), _bsd(text)]
    for name, free, pattern, in_notes in PLAIN:
        if re.search(pattern, text) or (short and in_notes and re.search(in_notes, text)):
            found.append((name, free))
    return [one for one in found if one is not None]


USES = "(?:research|academic|educational|scientific|personal|private)"
RESTRICTED = re.compile(
    rf"non-? ?commercial|{USES} (?:use|purposes?) only|only (?:for|in) {USES}|solely for {USES}|(?:no|not for|prohibits?) commercial|"
    r"commercial use is (?:not|prohibited|forbidden)"
)
"""Words that take back, in part, what a permissive licence gives."""
PLAIN = (
    ("Apache-2.0", True, r"apache license,? version 2\.0|apache license version 2|apache-2\.0", r"apache"),
    ("MIT", True, r"permission is hereby granted, free of charge, to any person obtaining a copy|mit licen[cs]e", r"\bmit\b"),
    ("CC0-1.0", True, r"\bcc0\b|creative commons zero", ""),
    ("PDDL-1.0", True, r"public domain dedication (and|&) licen[cs]e|\bpddl\b", ""),
    ("ODC-By-1.0", True, r"open data commons attribution licen[cs]e|\bodc-by\b", ""),
    ("ODbL-1.0", False, r"open database licen[cs]e|\bodbl\b", ""),
)
"""Name, whether weights may be shipped, the pattern, and one that holds in short notes only."""
CREATIVE_COMMONS = re.compile(
    r"(?:creative commons |cc[ -])(?:attribution|by)(?P<terms>(?:[ -]*(?:non-?commercial|nc|share-?alike|sa|no-?deriv(?:ative)?s?|nd)\b)*)"
    r"(?:[ -]*(?P<version>\d\.\d))?"
)
GNU = re.compile(
    r"gnu (?P<kind>lesser |library |affero )?general public licen[cs]e(?:[^.]{0,40}?version (?P<version>\d)(?:\.(?P<minor>\d))?)?"
)
GNU_NAME = re.compile(r"\b(?P<kind>l|a)?gpl(?:[ -]?v?(?P<version>\d)(?:\.(?P<minor>\d))?)?\b")
GNU_KINDS = {"lesser ": "L", "library ": "L", "affero ": "A", "l": "L", "a": "A"}


def _creative_commons(text: str) -> tuple[str, bool] | None:
    """The first one named: a full text names others only to compare with."""
    match = CREATIVE_COMMONS.search(text)
    if match is None:
        return None
    terms = re.sub(r"[ -]", "", match["terms"])
    parts = [
        short for short, pattern in (("NC", "noncommercial|nc"), ("SA", "sharealike|sa"), ("ND", "noderiv|nd")) if re.search(pattern, terms)
    ]
    return "-".join(["CC", "BY", *parts, *([match["version"]] if match["version"] else [])]), not parts


def _gnu(text: str) -> tuple[str, bool] | None:
    match = GNU.search(text) or (GNU_NAME.search(text) if len(text) < SHORT else None)
    if match is None:
        return None
    version = f"-{match['version']}.{match['minor'] or '0'}" if match["version"] else ""
    return f"{GNU_KINDS.get(match['kind'] or '', '')}GPL{version}", False


def _bsd(text: str) -> tuple[str, bool] | None:
    named = re.search(r"\bbsd[ -](?P<clauses>[0-4])[ -]clause", text)
    if named:
        return f"BSD-{named['clauses']}-Clause", True
    if "redistribution and use in source and binary forms" in text:
        return f"BSD-{3 if re.search(r'neither the names? of|name of the .{0,80} may not be used', text) else 2}-Clause", True
    return None
