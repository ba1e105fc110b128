"""A batch's summary as a page: what was kept, what was filled with which sigma, what failed and why."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mpm_studio.batch.work import DONE, FAILED, GAPS, SKIPPED
from mpm_studio.pages.page import Cell, Fact, Page, Section, Table, html

STATES = {DONE: "done", SKIPPED: "done", GAPS: "open", FAILED: "failed"}
LISTED_GAPS = 6


def page(summary: Mapping[str, Any]) -> str:
    """The page's HTML, from what summary.json holds."""
    rows = summary["takes"]
    failed = [row for row in rows if row["status"] == FAILED]
    cleaned = [row for row in rows if row["status"] != FAILED]
    root = Path(os.path.commonpath([str(Path(row["source"]).parent) for row in rows])) if rows else Path()
    state = "stopped before its end" if summary["stopped"] else "finished"
    sections = (
        *([Section("Not cleaned", _failed(failed, root))] if failed else []),
        *([Section("Takes", _table(cleaned, root))] if cleaned else []),
        Section("How", pairs=_how(summary["settings"])),
    )
    about = f"{root} · began {datetime.fromisoformat(summary['began']):%Y-%m-%d %H:%M %Z} · {state} after {summary['seconds']:g} s"
    return html(Page("Cleaned takes", "Cleaned takes", about, _facts(summary), sections))


def _facts(summary: Mapping[str, Any]) -> tuple[Fact, ...]:
    totals = summary["totals"]
    done = sum(totals.get(status, 0) for status in (DONE, SKIPPED, GAPS))
    return (
        Fact(f"{done} of {totals['takes']}", "takes cleaned"),
        Fact(f"{totals.get(FAILED, 0)}", "could not be cleaned", bool(totals.get(FAILED))),
        Fact(f"{totals['measured']:,}", "measured samples"),
        Fact(f"{totals['changed']:,}", "of them changed", bool(totals["changed"])),
        Fact(f"{totals['filled']:,}", "samples filled"),
        Fact(f"{totals['gaps_remaining']:,}", "gaps not filled"),
    )


def _failed(rows: Sequence[Mapping[str, Any]], root: Path) -> Table:
    cells = []
    for row in rows:
        where = (row["where"],) if row["where"] not in ("", row["source"]) else ()
        cells.append((Cell(_name(row, root), "l wide"), Cell(row["what"], "l wide", lines=where), Cell(row["hint"], "l wide")))
    return Table((Cell("take", "l"), Cell("why", "l"), Cell("what to do", "l")), tuple(cells))


def _table(rows: Sequence[Mapping[str, Any]], root: Path) -> Table:
    heads = ("frames", "points", "gaps", "filled", "by the model", "mean sigma", "measured", "changed")
    lines = []
    for row in rows:
        by = row["filled"]["by"]
        figures = [row["frames"], row["points"], row["gaps"], row["filled"]["samples"], by.get("model", {}).get("samples", 0)]
        suspects = (f"suspects: {suspect_counts(row['suspects'])}",) if any(row.get("suspects", {}).values()) else ()
        take = Cell(_name(row, root), "l wide", lines=(*suspects, *_left(row["remaining"])))
        state = Cell(row["status"], "l", state=STATES[row["status"]])
        in_memory = ("in memory",) if row["holds"] is None else ()  # its format rounds, or holds other points
        changed = Cell(f"{row['changed']}", lines=in_memory)
        lines.append((take, state, *(Cell(f"{each:,}") for each in figures), Cell(_sigma(by)), Cell(f"{row['measured']:,}"), changed))
    return Table((Cell("take", "l"), Cell("state", "l"), *map(Cell, heads)), tuple(lines))


def suspect_counts(counts: Mapping[str, int]) -> str:
    """Counts of swaps that were exchanged back, of what was marked, and of pieces that are to be merged, in words."""
    pieces = f", {counts['pieces']:,} pieces of markers under another name left (--merge A,B)" if counts["pieces"] else ""
    return f"{counts['exchanged']:,} exchanged back, {counts['marked']:,} marked{pieces}"


def _left(gaps: Sequence[str]) -> tuple[str, ...]:
    """Gaps that were not filled, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for gap in gaps:
        place, why = re.split(r"(?<=\d): ", gap, maxsplit=1)  # after the last frame's number
        by_reason.setdefault(why, []).append(place)
    lines = []
    for why, there in by_reason.items():
        more = f", and {len(there) - LISTED_GAPS} more" if len(there) > LISTED_GAPS else ""
        lines.append(f"not filled: {', '.join(there[:LISTED_GAPS])}{more}: {why}")
    return tuple(lines)


def _name(row: Mapping[str, Any], root: Path) -> str:
    source = Path(row["source"])
    return str(source.relative_to(root) if source.is_relative_to(root) else source)


def _sigma(by: Mapping[str, Any]) -> str:
    """The mean over all fills that have a sigma, weighted by their number."""
    unit = next((key.rsplit("_", 1)[1] for each in by.values() for key in each if key.startswith("sigma_mean")), "mm")
    known = [(each["samples"], each[f"sigma_mean_{unit}"]) for each in by.values() if each[f"sigma_mean_{unit}"] is not None]
    return f"{sum(n * s for n, s in known) / sum(n for n, _ in known):.1f} {unit}" if known else "–"


def _how(settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    used = {name.replace("_", " "): value for name, value in settings.items() if value not in (None, [], {}, False)}
    read = {name: value for name, value in settings["read"].items() if value is not None}
    used["read"] = ", ".join(f"{name} {value}" for name, value in read.items()) or "as the files say"
    used["body"] = ", ".join(f"{joint} = {point}" for joint, point in settings["body"].items()) or "by names"
    return tuple((name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)) for name, value in used.items())
