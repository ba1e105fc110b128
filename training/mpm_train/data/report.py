"""What a corpus holds and what was left out of it: prepare.json for programs, prepare.md and a few lines for people."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.files.atomic import write_bytes
from mpm_train.data.corpus import SPLITS
from mpm_train.data.folders import HEADS, Folder, folder_of, folders_of, table_of
from mpm_train.data.licences import NOT_STATED
from mpm_train.data.patterns import unused
from mpm_train.data.refusals import refusals
from mpm_train.data.rules import Rules
from mpm_train.data.skeletons import in_several_splits

Row = dict[str, Any]
NUMBER = re.compile(r"\d+(?:\.\d+)?")
NAMED = 4  # takes by name in a line of prepare.md; prepare.json has all
LEFT_OUT = {
    "t_pose": "in a T-pose at the start or the end",
    "missing": "with missing joints",
    "collapsed": "with collapsed shoulders or trunk",
    "still": "in stretches without motion",
    "scraps": "in stretches too short to learn from",
}
BonesMm = dict[str, dict[str, dict[str, tuple[float, float, float]]]]


@dataclass(frozen=True, slots=True)
class Summary:
    """splits: clips, subjects, minutes by split. left_out: frames by reason, and the number of flips.

    bones_mm: subject -> folder given -> bone -> (mean, spread between takes, largest within one).
    lines: the same in short, for the terminal.
    """

    folders: list[str]
    splits: dict[str, dict[str, float]]
    by_folder: list[Folder]
    left_out: dict[str, int]
    bones_mm: BonesMm
    suspicious: dict[str, list[str]]
    refused: dict[str, str]
    refusals: list[str]
    unread: list[str]
    shared: list[str]
    licences: dict[str, dict[str, Any]]
    notes: dict[str, int]
    lines: list[str]
    takes: list[Row]


def summary(rows: list[Row], folders: Sequence[Path], rules: Rules, unread: list[str]) -> Summary:
    """Adds up the lines of the journal. unread: folders in which nothing was read."""
    read = [row for row in rows if not row["error"]]
    refused = {row["key"]: row["error"] for row in rows if row["error"]}
    splits = {split: _amount([row for row in read if row["split"] == split]) for split in SPLITS}
    left_out = {reason: sum(row[reason] for row in read) for reason in (*LEFT_OUT, "flips")}
    left_out |= {f"takes_with_{reason}": sum(row[reason] > 0 for row in read) for reason in (*LEFT_OUT, "flips")}
    left_out |= {"takes_left_empty": sum(row["kept"] == 0 for row in read), "files_refused": len(refused)}
    sized = [row for row in read if row["bones_m"]]
    bones = {person: {name: _bones(some) for name, some in _by(mine, "set")} for person, mine in _by(sized, "subject")}
    suspicious = {row["key"]: row["suspicious"] for row in read if row["suspicious"]}
    licences = {name: _amount(some) | {"by": sorted({row["licence_by"] for row in some})} for name, some in _by(read, "licence")}
    notes = dict(Counter(note for row in read for note in row["notes"]))
    by_folder, grouped, shared = folders_of(rows), refusals(rows), in_several_splits(read)
    lines = [f"refused: {line}" for line in grouped]
    lines += [f"nothing was read in {line}" for line in unread]
    empty = [row["place"] for row in read if not row["kept"]]
    lines += [f"nothing is left of {len(empty)} takes: {_some(empty)}"] if empty else []
    lines += [f"left out: {left_out[reason]} frames of {left_out[f'takes_with_{reason}']} takes {why}" for reason, why in LEFT_OUT.items()]
    lines.append(f"cut at {left_out['flips']} jumps of a joint in {left_out['takes_with_flips']} takes")
    lines += [f"{count} takes: {note}" for note, count in notes.items()]
    lines += [f"licence {name}: {amount['minutes']:.1f} minutes ({', '.join(amount['by'])})" for name, amount in licences.items()]
    lines += [f"{len(suspicious)} suspicious takes, see prepare.md"] if suspicious else []
    lines += shared
    mistyped = unused(rules.given, [(row.get("subject", ""), row["place"]) for row in rows])
    lines += [f"no file and nobody fits the pattern {pattern}" for pattern in mistyped]
    lines += [f"{one.name}: {one.suspicion}" for one in by_folder if one.suspicion]
    lines += aligned((HEADS, *table_of(by_folder)))
    lines += [
        f"{split}: {amount['clips']} clips, {amount['subjects']} subjects, {amount['minutes']:.1f} minutes"
        for split, amount in splits.items()
    ]
    return Summary(
        folders=[str(folder) for folder in folders],
        splits=splits,
        by_folder=by_folder,
        left_out=left_out,
        bones_mm=bones,
        suspicious=suspicious,
        refused=refused,
        refusals=grouped,
        unread=unread,
        shared=shared,
        licences=licences,
        notes=notes,
        lines=lines,
        takes=rows,
    )


def aligned(rows: Iterable[Sequence[str]]) -> list[str]:
    """A line of text for each row, its columns below each other."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def write_report(out: Path, found: Summary) -> None:
    """prepare.json and prepare.md."""
    write_bytes(out / "prepare.json", json.dumps(asdict(found), indent=1).encode())
    write_bytes(out / "prepare.md", markdown(found).encode())


def markdown(found: Summary) -> str:
    text = ["# The corpus", "", f"Made from {', '.join(found.folders)}.", ""]
    text += _table(
        ("split", "clips", "subjects", "minutes"),
        [(split, amount["clips"], amount["subjects"], f"{amount['minutes']:.1f}") for split, amount in found.splits.items()],
    )
    text += ["## By folder", ""]
    text += _table(HEADS, table_of(found.by_folder))
    text += [
        "A leg is measured from hip to ankle, a torso from hip to thorax. A body in the air falls at -9.8 m/s2:",
        "far from it, the rate or the unit is wrong.",
        "",
        *(f"- {one.name}: {one.suspicion}" for one in found.by_folder if one.suspicion),
        *(f"- nothing was read in {line}" for line in found.unread),
        *(f"- {line}" for line in found.shared),
        "",
        "## Left out",
        "",
    ]
    text += _table(
        ("what", "frames", "takes"),
        [(reason, found.left_out[reason], found.left_out[f"takes_with_{reason}"]) for reason in LEFT_OUT],
    )
    text.append(f"Takes were cut at {found.left_out['flips']} jumps in {found.left_out['takes_with_flips']} takes.")
    text += [
        "",
        *(f"- refused: {line}" for line in found.refusals),
        *(f"- {count} takes: {note}" for note, count in found.notes.items()),
    ]
    text += ["", "## Licences", ""]
    text += _table(
        ("licence", "minutes", "said by"),
        [(name, f"{amount['minutes']:.1f}", ", ".join(amount["by"])) for name, amount in found.licences.items()],
    )
    if NOT_STATED in found.licences:
        text += ['Nobody says under which terms some of it may be used: `--licence FOLDER "TERMS"`, or a LICENCE file beside it.', ""]
    text += ["## Suspicious takes", ""]
    text += _by_suspicion(found.takes) or ["None."]
    text += [
        "",
        "## Bone lengths",
        "",
        "mm: mean over a person's takes, and the spread (standard deviation) between them. People of one folder who agree to the",
        "millimetre were put on one skeleton.",
        "",
    ]
    text += _bones_table(found.bones_mm)
    return "\n".join(text)


def _bones_table(bones_mm: BonesMm) -> list[str]:
    """A row for each person and folder."""
    heads = ["thigh", "shank", "trunk", "upper arm", "forearm", "largest spread within a take"]
    rows = []
    for person, sets in bones_mm.items():
        for name, bones in sets.items():
            pairs = [_pair(bones, *joints) for joints in (("hip", "knee"), ("knee", "ankle"))]
            trunk = [bones["hip-spine"], bones["spine-thorax"]]
            pairs.append((sum(bone[0] for bone in trunk), max(bone[1] for bone in trunk)))
            pairs += [_pair(bones, *joints) for joints in (("shoulder", "elbow"), ("elbow", "wrist"))]
            widest = max(bones, key=lambda bone: bones[bone][2])
            rows.append((person, name, *(f"{mean:.0f} ± {spread:.0f}" for mean, spread in pairs), f"{bones[widest][2]:.0f} ({widest})"))
    return _table(("person", "folder", *heads), rows)


def _by_suspicion(takes: list[Row]) -> list[str]:
    """A line for each suspicion and folder, with the range of its numbers, and a few of the takes that it concerns."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in (row for row in takes if not row["error"]):
        for phrase in row["suspicious"]:
            found.setdefault((folder_of(row), NUMBER.sub("#", phrase)), []).append((phrase, row["place"]))
    return [
        f"- {folder}: {_ranges(kind, [phrase for phrase, _ in some])}: {len({place for _, place in some})} takes, "
        f"such as {_some([f'`{place}`' for _, place in some])}"
        for (folder, kind), some in sorted(found.items())
    ]


def _ranges(kind: str, phrases: list[str]) -> str:
    """A phrase with the range of each of its numbers over several that are alike but for these."""
    columns = zip(*(NUMBER.findall(phrase) for phrase in phrases), strict=True)
    ends = [(min(column, key=float), max(column, key=float)) for column in columns]
    spans = iter(low if low == high else f"{low} to {high}" for low, high in ends)
    return re.sub("#", lambda _: next(spans), kind)


def _some(names: Iterable[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _pair(bones: dict[str, tuple[float, float, float]], upper: str, lower: str) -> tuple[float, float]:
    sides = [bones[f"{side}_{upper}-{side}_{lower}"] for side in ("left", "right")]
    return (sides[0][0] + sides[1][0]) / 2, max(side[1] for side in sides)


def _bones(rows: list[Row]) -> dict[str, tuple[float, float, float]]:
    found = {}
    for name in rows[0]["bones_m"]:
        mean_T, within_T = np.array([row["bones_m"][name] for row in rows]).T * 1000
        found[name] = (round(float(mean_T.mean()), 2), round(float(mean_T.std()), 2), round(float(within_T.max()), 2))
    return found


def _amount(rows: list[Row]) -> dict[str, Any]:
    clips = sum(len(row["clips"]) for row in rows)
    minutes = sum(row["kept"] / row["rate_hz"] for row in rows) / 60
    return {"clips": clips, "subjects": len({row["subject"] for row in rows if row["clips"]}), "minutes": round(minutes, 3)}


def _by(rows: list[Row], name: str) -> list[tuple[str, list[Row]]]:
    return [(value, [row for row in rows if row[name] == value]) for value in sorted({row[name] for row in rows})]


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    return [*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows), ""]
