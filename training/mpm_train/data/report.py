"""What a corpus holds and what was left out of it: prepare.json for programs, prepare.md and a few lines for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.files.atomic import write_bytes
from mpm_train.data.corpus import SPLITS
from mpm_train.data.licences import NOT_STATED
from mpm_train.data.splits import TEST, VALIDATION, unused

Row = dict[str, Any]
NAMED = 4  # takes by name in a line of prepare.md; prepare.json has all
LEFT_OUT = ("t_pose", "missing", "scraps")


@dataclass(frozen=True, slots=True)
class Summary:
    """splits: clips, subjects, minutes by split. left_out: frames by reason, and the number of flips.

    bones_mm: subject -> folder given -> bone -> (mean, spread between takes, largest within one).
    lines: the same in short, for the terminal.
    """

    folders: list[str]
    splits: dict[str, dict[str, float]]
    left_out: dict[str, int]
    bones_mm: dict[str, dict[str, dict[str, tuple[float, float, float]]]]
    suspicious: dict[str, list[str]]
    refused: dict[str, str]
    licences: dict[str, dict[str, Any]]
    notes: dict[str, int]
    lines: list[str]
    takes: list[Row]


def summary(rows: list[Row], folders: Sequence[Path], validation: Sequence[str], test: Sequence[str]) -> Summary:
    """Adds up the lines of the journal."""
    read = [row for row in rows if not row["error"]]
    refused = {row["key"]: row["error"] for row in rows if row["error"]}
    splits = {split: _amount([row for row in read if row["split"] == split]) for split in SPLITS}
    left_out = {reason: sum(row[reason] for row in read) for reason in (*LEFT_OUT, "flips")}
    left_out |= {f"takes_with_{reason}": sum(row[reason] > 0 for row in read) for reason in (*LEFT_OUT, "flips")}
    left_out |= {"takes_left_empty": sum(row["kept"] == 0 for row in read), "files_refused": len(refused)}
    people = sorted({row["subject"] for row in read})
    bones = {
        person: {name: _bones(some) for name, some in _by([row for row in read if row["subject"] == person], "set")} for person in people
    }
    suspicious = {row["key"]: row["suspicious"] for row in read if row["suspicious"]}
    licences = {name: _amount(some) | {"by": sorted({row["licence_by"] for row in some})} for name, some in _by(read, "licence")}
    notes = dict(Counter(note for row in read for note in row["notes"]))
    lines = [f"refused: {error}" for error in refused.values()]
    lines += [f"{row['key']}: nothing is left of its {row['frames']} frames" for row in read if not row["kept"]]
    lines += [
        f"left out: {left_out[reason]} frames of {left_out[f'takes_with_{reason}']} takes {why}"
        for reason, why in (
            ("t_pose", "in a T-pose at the start or the end"),
            ("missing", "with missing joints"),
            ("scraps", "in stretches too short to learn from"),
        )
    ]
    lines.append(f"cut at {left_out['flips']} jumps of a joint in {left_out['takes_with_flips']} takes")
    lines += [f"{count} takes: {note}" for note, count in notes.items()]
    lines += [f"licence {name}: {amount['minutes']:.1f} minutes ({', '.join(amount['by'])})" for name, amount in licences.items()]
    lines += [f"{len(suspicious)} suspicious takes, see prepare.md"] if suspicious else []
    mistyped = [pattern for pattern in unused([*validation, *test], people) if pattern not in (*VALIDATION, *TEST)]
    lines += [f"held out, but nobody is called so: {', '.join(mistyped)}"] if mistyped else []
    lines += [
        f"{split}: {amount['clips']} clips, {amount['subjects']} subjects, {amount['minutes']:.1f} minutes"
        for split, amount in splits.items()
    ]
    return Summary([str(folder) for folder in folders], splits, left_out, bones, suspicious, refused, licences, notes, lines, rows)


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
    text += ["## Left out", ""]
    text += _table(
        ("what", "frames", "takes"),
        [(reason, found.left_out[reason], found.left_out[f"takes_with_{reason}"]) for reason in LEFT_OUT],
    )
    text.append(f"Takes were cut at {found.left_out['flips']} jumps in {found.left_out['takes_with_flips']} takes.")
    text += [
        "",
        *(f"- refused: {error}" for error in found.refused.values()),
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
    text += _by_suspicion(found.suspicious) or ["None."]
    text += [
        "",
        "## Bone lengths",
        "",
        "mm: mean over a person's takes, and the spread (standard deviation) between them. People of one folder who agree to the",
        "millimetre were put on one skeleton.",
        "",
    ]
    heads = ["thigh", "shank", "trunk", "upper arm", "forearm", "largest spread within a take"]
    rows = []
    for person, sets in found.bones_mm.items():
        for name, bones in sets.items():
            pairs = [_pair(bones, *joints) for joints in (("hip", "knee"), ("knee", "ankle"))]
            trunk = [bones["hip-spine"], bones["spine-thorax"]]
            pairs.append((sum(bone[0] for bone in trunk), max(bone[1] for bone in trunk)))
            pairs += [_pair(bones, *joints) for joints in (("shoulder", "elbow"), ("elbow", "wrist"))]
            widest = max(bones, key=lambda bone: bones[bone][2])
            rows.append((person, name, *(f"{mean:.0f} ± {spread:.0f}" for mean, spread in pairs), f"{bones[widest][2]:.0f} ({widest})"))
    text += _table(("person", "folder", *heads), rows)
    return "\n".join(text)


def _by_suspicion(suspicious: dict[str, list[str]]) -> list[str]:
    """A line for each suspicion, with the takes it concerns."""
    takes: dict[str, list[str]] = {}
    for key, phrases in suspicious.items():
        for phrase in phrases:
            takes.setdefault(phrase, []).append(key)
    return [
        f"- {phrase}: {', '.join(f'`{key}`' for key in keys[:NAMED])}{f' and {len(keys) - NAMED} more' if len(keys) > NAMED else ''}"
        for phrase, keys in sorted(takes.items())
    ]


def _pair(bones: dict[str, tuple[float, float, float]], upper: str, lower: str) -> tuple[float, float]:
    sides = [bones[f"{side}_{upper}-{side}_{lower}"] for side in ("left", "right")]
    return (sides[0][0] + sides[1][0]) / 2, max(side[1] for side in sides)


def _bones(rows: list[Row]) -> dict[str, tuple[float, float, float]]:
    some = [row for row in rows if row["bones_m"]]
    found = {}
    for name in some[0]["bones_m"] if some else ():
        mean_T, within_T = np.array([row["bones_m"][name] for row in some]).T * 1000
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
