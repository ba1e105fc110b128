"""Every file of a folder cut off at its 512-byte blocks and read: python -m tests.truncate FOLDER [--most 200]

--most: of so many blocks of a file, spread over it (all when there are fewer). A cut file may be refused with place and hint; be the same
take (only what is not motion was lost); be fewer frames of the same numbers, with a note where the file tells how many there should be, and
without one where it does not (a table cut at a row's end). Anything else is wrong, and so is more than 10 s, or than twice the file
+ 200 MB. Exit code 1 when something is. POSIX with /proc only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.errors import MpmError
from mpm_core.io.registry import FORMATS
from tests.guarded import Guard, Outcome, keep_truth
from tests.mpm_core.io.test_broken import TOLD

BLOCK = 512
VERDICTS = ("refused", "same take", "fewer frames, told", "fewer frames", "wrong")
FAMILIES = sorted({suffix for fmt in FORMATS if fmt.reads for suffix in fmt.suffixes})


def verdict(outcome: Outcome) -> str:
    """One of VERDICTS."""
    if not outcome.fine:
        return "wrong"
    if outcome.kind == "refused":
        return "refused"
    if outcome.agrees == "same":
        return "same take"
    if any(sign in note for note in outcome.notes for sign in TOLD):
        return "fewer frames, told"
    return "fewer frames" if outcome.agrees == "prefix" else "wrong"


def sweep(path: Path, most: int, guard: Guard, folder: Path) -> tuple[Counter[str], list[str]]:
    """(how many cuts of each verdict, what was wrong) of one whole file that is read."""
    data, truth, cut = path.read_bytes(), folder / "truth.npz", folder / path.name
    try:
        keep_truth(mpm.read(path), truth)
    except MpmError:
        return Counter(), []
    for skeleton in path.parent.glob("*.asf"):
        (folder / skeleton.name).write_bytes(skeleton.read_bytes())
    counts, wrong = Counter[str](), []
    blocks = np.arange(0, len(data), BLOCK)
    for at in np.unique(blocks[np.linspace(0, len(blocks) - 1, min(most, len(blocks))).astype(int)]):
        cut.write_bytes(data[:at])
        outcome = guard.read(cut, truth)
        counts[verdict(outcome)] += 1
        if verdict(outcome) == "wrong":
            wrong.append(f"{path} cut at {at}: {outcome} {outcome.notes}")
    return counts, wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.truncate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--most", type=int, default=sys.maxsize)
    asked = parser.parse_args()
    table: dict[str, Counter[str]] = {}
    told: list[str] = []
    with Guard() as guard:
        for path in sorted(path for path in asked.folder.rglob("*") if path.is_file() and path.suffix.lower() in FAMILIES):
            with tempfile.TemporaryDirectory() as folder:
                counts, wrong = sweep(path, asked.most, guard, Path(folder))
            if counts:
                table.setdefault(path.suffix.lower()[1:], Counter())["files"] += 1
                table[path.suffix.lower()[1:]] += counts
            told += wrong
    heads = ("files", "cuts", *VERDICTS)
    lines = [f"| format | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for name, counts in [*sorted(table.items()), ("all", sum(table.values(), Counter()))]:
        cuts = sum(counts[each] for each in VERDICTS)
        lines.append(f"| {name} | {counts['files']} | {cuts} | {' | '.join(str(counts[each]) for each in VERDICTS)} |")
    print("\n".join([*told, *lines]))  # noqa: T201 -- a command
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
