"""The steps of a documentation page: what its sentences tell a reader to do in the window, in order.

A page may say, with the words in bold as the window shows them: Open, Click, Click the column, Double-click, Choose, Press, Tick,
Write ... into, Drag over ... from frame ... to frame, Wait for, You see. A picture is a step, too: it shows the window at that place.
Blocks of `sh` are commands. A comment below the title names its files:
`<!-- take.c3d = walk_reach_sit.c3d; other.c3d = walk_reach_sit.c3d without labels -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

BOLD = r"\*\*([^*]+)\*\*"
PATTERNS = {
    "row": rf"[Dd]ouble-click {BOLD} in the (gap table|list of points|list of suspects)",
    "open": rf"[Oo]pen {BOLD}",
    "column": rf"[Cc]lick the column {BOLD}",
    "choose": rf"[Cc]hoose {BOLD}(?! from)",
    "pick": rf"[Cc]hoose {BOLD} from {BOLD}",
    "click": rf"[Cc]lick {BOLD}",
    "tick": rf"[Tt]ick {BOLD}",
    "press": rf"[Pp]ress {BOLD}",
    "write": rf"[Ww]rite {BOLD} into {BOLD}",
    "drag": rf"[Dd]rag over {BOLD} from frame {BOLD} to frame {BOLD}",
    "see": rf"(?:[Yy]ou see|[Ww]ait for) {BOLD}",
    "picture": r"!\[[^\]]*\]\(([^)]+)\)",
}
STEP = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in PATTERNS.items()))
ITEM = re.compile(r"^\d+\. (.+(?:\n {3,}\S.*)*)", re.M)
FILES = re.compile(r"^<!-- (.+ = .+) -->", re.M)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do, and the words in bold (or the picture's path). text: the sentence's part that says so."""

    verb: str
    words: tuple[str, ...]
    text: str


def steps_of(page: str) -> list[Step]:
    """The steps of a page in Markdown, in order."""
    page = FENCE.sub("", page)
    return [_step(found) for found in STEP.finditer(re.sub(r"\s*\n\s*(?!\d+\. )", " ", page))]


def items_without_a_step(page: str) -> list[str]:
    """Numbered items that tell the reader to do something that nothing follows."""
    return [item for item in ITEM.findall(FENCE.sub("", page)) if not STEP.search(re.sub(r"\s*\n\s*", " ", item))]


def files_of(page: str) -> Iterator[tuple[str, str, bool]]:
    """Each file that the page speaks of: its name there, that of the bundled file, and whether its labels are taken off."""
    named = FILES.search(page)
    for each in named[1].split(";") if named else ():
        name, _, source = each.partition("=")
        yield name.strip(), source.removesuffix(" without labels").strip(), source.endswith(" without labels")


def commands_of(page: str) -> list[str]:
    """The lines of a page's blocks of commands; continued lines are joined."""
    blocks = (re.sub(r"\\\n\s*", " ", block) for _, language, block in FENCE.findall(page) if language == "sh")
    return [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def other_files_of(page: str) -> list[tuple[str, str]]:
    """Name and text of each file that the page shows: a block of TOML whose name the sentence before it ends with, as `NAME`:"""
    return re.findall(r"`([\w.]+)`:\n+```toml\n(.*?)^```", page, flags=re.M | re.S)


def _step(found: re.Match[str]) -> Step:
    verb = found.lastgroup
    # lastgroup names the outermost group that closed last, which is the verb's
    assert verb is not None
    words = re.search(PATTERNS[verb], found[0])
    assert words is not None
    return Step(verb, words.groups(), found[0])
