"""`mpm-studio info`: what a file holds and what is missing in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

import mpm_core as mpm
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.body.proportions import implausible_proportions
from mpm_core.io.c3d.new_file import beside_markers
from mpm_core.io.marked_samples import marked_count
from mpm_core.io.registry import detect
from mpm_core.spans import CHECKED
from mpm_studio.commands.arguments import Info
from mpm_studio.commands.console import say, show_table
from mpm_studio.operations.mapping import kept_overrides
from mpm_studio.operations.writable import check_free
from mpm_studio.usage_error import UsageError

GAPS_IN_A_ROW = 6


def run(args: Info) -> int:
    """Print it. Returns 0."""
    if args.save_map is not None and not args.propose_map:
        raise UsageError("--save-map goes with --propose-map")
    if args.save_map is not None:
        check_free(args.save_map, force=args.force)
    rec = mpm.read(args.input, **args.options())
    if args.propose_map:
        from mpm_studio.commands import propose_map

        return propose_map.run(rec, args.save_map, args.json, keep_old=args.force)
    kept, name = kept_overrides(rec)
    facts = describe(rec, detect(args.input).title, kept, name)
    if args.json:
        say(json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _show(facts)
    return 0


def describe(rec: mpm.Recording, title: str, overrides: Mapping[str, str] | None = None, map_name: str = "") -> dict[str, Any]:
    """JSON-able facts of a recording. Frames are those the file counts, both ends included; missing: share 0..1.

    overrides, map_name: the mapping of body joints that the user saved for these labels.
    """
    first = rec.source.first_frame
    share_P = mpm.missing_share(rec)
    gaps: dict[int, list[list[int]]] = {}
    for gap in mpm.find_gaps(rec):
        gaps.setdefault(gap.point, []).append([gap.start + first, gap.stop - 1 + first])
    return {
        "file": rec.source.path,
        "format": title,
        "dimensions": rec.dims,
        "points": len(rec.points),
        "frames": rec.frames,
        "first_frame": first,
        "last_frame": first + rec.frames - 1,
        "rate_hz": rec.rate_hz,
        "seconds": round(rec.seconds, 3),
        "unit": rec.source.unit,
        "up": rec.source.up,
        "image_wh": rec.source.image_wh,
        "missing": round(float(np.mean(share_P)), 6) if len(share_P) else 0.0,
        "gaps": sum(map(len, gaps.values())),
        "subjects": [{"name": subject.name, "points": len(subject.points)} for subject in rec.subjects],
        "events": [
            {"name": span.name, "first_frame": span.start + first, "last_frame": span.stop - 1 + first}
            for span in rec.spans
            if span.source != CHECKED
        ],
        "kept": beside_markers(rec),
        "body": _body(rec, overrides, map_name),
        "marked": marked_count(rec),
        "notes": list(rec.source.notes),
        "log": list(rec.log),
        "per_point": [
            {"name": name, "missing": round(float(share_P[point]), 6), "gaps": gaps.get(point, [])} for point, name in enumerate(rec.points)
        ],
    }


def _body(rec: mpm.Recording, overrides: Mapping[str, str] | None, map_name: str) -> dict[str, Any]:
    try:
        body = map_body(rec, overrides)
    except mpm.MappingError as error:
        return {"mapping": None, "why_not": f"{error.what} ({error.hint})"}
    unlike = [asdict(each) for each in implausible_proportions(body_joints(rec, body))] if rec.dims == 3 else []
    return {"mapping": body.name, "kind": body.kind, "map": map_name or None, "unlike_a_person": unlike}


def _events(events: list[dict[str, Any]]) -> str:
    counts = Counter(event["name"] for event in events)
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _show(facts: dict[str, Any]) -> None:
    rows = [
        ("file", facts["file"]),
        ("format", facts["format"]),
        ("points", f"{facts['points']}, in {facts['dimensions']}D"),
        ("frames", f"{facts['frames']} ({facts['first_frame']} to {facts['last_frame']})"),
        ("rate", f"{facts['rate_hz']:g} frames a second, {facts['seconds']:.2f} s"),
        ("unit", facts["unit"] + (f", {facts['up']} up" if facts["dimensions"] == 3 else "")),
        *([("subjects", ", ".join(map(_subject, facts["subjects"])))] if len(facts["subjects"]) > 1 else []),
        *([("events", _events(facts["events"]))] if facts["events"] else []),
        *([("kept", f"{facts['kept']}, as they are in the file")] if facts["kept"] else []),
        ("body", _body_line(facts["body"])),
        *(("suspect", f"{each['what']} ({each['hint']})") for each in facts["body"].get("unlike_a_person", [])),
        *([("marked", f"{facts['marked']} samples as wrong")] if facts["marked"] else []),
        ("missing", f"{facts['missing']:.2%} of all samples, in {facts['gaps']} gaps" if facts["gaps"] else "nothing"),
    ]
    if facts["image_wh"]:
        rows.insert(6, ("picture", "{} x {} pixels".format(*facts["image_wh"])))
    for name, value in [*rows, *(("note", note) for note in facts["notes"]), *(("log", line) for line in facts["log"])]:
        say(f"{name:<8} {value}")
    if facts["points"]:
        say()
        heads = ("point", "missing", "gaps (frames)")
        show_table(heads, [(row["name"], _percent(row["missing"]), _gap_list(row["gaps"])) for row in facts["per_point"]], left=(0, 2))


def _subject(subject: dict[str, Any]) -> str:
    count = subject["points"]
    return f"{subject['name']} ({count} {'point' if count == 1 else 'points'})" if count else str(subject["name"])


def _body_line(body: dict[str, Any]) -> str:
    if not body["mapping"]:
        return f"not recognised: {body['why_not']}"
    return f"{body['mapping']} ({body['kind']}{', by the saved map ' + body['map'] if body['map'] else ''})"


def _percent(share: float) -> str:
    return f"{share:.1%}" if share == 0 or share >= 0.0005 else "<0.1%"


def _gap_list(gaps: list[list[int]]) -> str:
    shown = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in gaps[:GAPS_IN_A_ROW])
    return shown + (f", and {len(gaps) - GAPS_IN_A_ROW} more" if len(gaps) > GAPS_IN_A_ROW else "")
