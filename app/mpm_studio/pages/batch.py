"""A batch's summary as one HTML page that needs nothing else: what was kept, what was filled and how surely, what failed and why."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from mpm_studio.batch.work import DONE, FAILED, GAPS, SKIPPED
from mpm_studio.pages.selftest import STYLE

MORE_STYLE = """
main { max-width: 1280px; }
.chip { display: inline-block; padding: 1px 10px; border-radius: 99px; font-size: 12.5px; font-weight: 600; white-space: nowrap; }
.ok { background: hsl(145 60% 42% / .18); color: hsl(145 60% 26%); } .open { background: hsl(38 90% 50% / .2); color: hsl(32 90% 28%); }
.bad { background: hsl(8 75% 55% / .18); color: hsl(8 70% 40%); } .fact b.warn { color: hsl(8 70% 42%); }
@media screen and (prefers-color-scheme: dark) { .ok { color: hsl(145 50% 60%); } .open { color: hsl(38 80% 62%); }
  .bad, .fact b.warn { color: hsl(8 80% 70%); } }
td.name, td.why { white-space: normal; overflow-wrap: anywhere; min-width: 180px; }
td small { color: var(--dim); display: block; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 0; } dt { color: var(--dim); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
@media print { td.name, td.why { min-width: 90px; } }
"""
CHIPS = {DONE: "ok", SKIPPED: "ok", GAPS: "open", FAILED: "bad"}
SHOWN_GAPS = 6


def page(summary: Mapping[str, Any]) -> str:
    """The page's text, from what summary.json holds."""
    rows = summary["takes"]
    failed = [row for row in rows if row["status"] == FAILED]
    whole = [row for row in rows if row["status"] != FAILED]
    root = Path(os.path.commonpath([str(Path(row["source"]).parent) for row in rows])) if rows else Path()
    state = "stopped before its end" if summary["stopped"] else "finished"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cleaned takes</title><style>{STYLE}{MORE_STYLE}</style></head><body><main>
<h1>Cleaned takes</h1>
<p class="dim">{escape(str(root))} · began {_when(summary["began"])} · {state} after {summary["seconds"]:g} s</p>
{_facts(summary)}
{_section("Not cleaned", _failed(failed, root)) if failed else ""}
{_section("Takes", _table(whole, root)) if whole else ""}
{_section("How", _how(summary["settings"]))}
</main></body></html>
"""


def _facts(summary: Mapping[str, Any]) -> str:
    totals = summary["totals"]
    done = sum(totals.get(status, 0) for status in (DONE, SKIPPED, GAPS))
    cells = [
        (f"{done} of {totals['takes']}", "takes cleaned", False),
        (f"{totals.get(FAILED, 0)}", "could not be cleaned", bool(totals.get(FAILED))),
        (f"{totals['measured']:,}", "measured samples", False),
        (f"{totals['changed']:,}", "of them changed", bool(totals["changed"])),
        (f"{totals['filled']:,}", "samples filled", False),
        (f"{totals['gaps_remaining']:,}", "gaps still open", False),
    ]
    facts = (f'<div class="fact"><b{" class=warn" if warn else ""}>{text}</b><span>{what}</span></div>' for text, what, warn in cells)
    return f'<div class="facts">{"".join(facts)}</div>'


def _section(title: str, inside: str) -> str:
    return f"<section><h2>{title}</h2>{inside}</section>"


def _failed(rows: list[dict[str, Any]], root: Path) -> str:
    lines = []
    for row in rows:
        where = f"<small>{escape(row['where'])}</small>" if row["where"] not in ("", row["source"]) else ""
        cells = (_name(row, root), escape(row["what"]) + where, escape(row["hint"]))
        lines.append(
            "<tr>" + "".join(f'<td class="l {kind}">{cell}</td>' for kind, cell in zip(("name", "why", "why"), cells, strict=True))
        )
    heads = '<tr><th class="l">take</th><th class="l">why</th><th class="l">what to do</th></tr>'
    return f"<table><thead>{heads}</thead>{'</tr>'.join([*lines, ''])}</table>"


def _table(rows: list[dict[str, Any]], root: Path) -> str:
    names = ("frames", "points", "gaps", "filled", "by the model", "mean sigma", "measured", "changed")
    heads = "".join(f"<th>{name}</th>" for name in names)
    lines = []
    for row in rows:
        by = row["filled"]["by"]
        figures = [row["frames"], row["points"], row["gaps"], row["filled"]["samples"], by.get("model", {}).get("samples", 0)]
        cells = [*(f"{figure:,}" for figure in figures), _sigma(by), f"{row['measured']:,}", _changed(row)]
        chip = f'<span class="chip {CHIPS[row["status"]]}">{row["status"]}</span>'
        take = f'<td class="l name">{_name(row, root)}{_left(row["remaining"])}</td><td class="l">{chip}</td>'
        lines.append(f"<tr>{take}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f'<table><thead><tr><th class="l">take</th><th class="l">state</th>{heads}</tr></thead>{"".join(lines)}</table>'


def _left(gaps: list[str]) -> str:
    """Gaps that stay, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for gap in gaps:
        place, why = re.split(r"(?<=\d): ", gap, maxsplit=1)  # after the last frame's number
        by_reason.setdefault(why, []).append(place)
    lines = []
    for why, there in by_reason.items():
        more = f", and {len(there) - SHOWN_GAPS} more" if len(there) > SHOWN_GAPS else ""
        lines.append(f"<small>open: {escape(', '.join(there[:SHOWN_GAPS]) + more)}: {escape(why)}</small>")
    return "".join(lines)


def _when(told: str) -> str:
    return f"{datetime.fromisoformat(told):%Y-%m-%d %H:%M %Z}"


def _name(row: Mapping[str, Any], root: Path) -> str:
    source = Path(row["source"])
    return escape(str(source.relative_to(root) if source.is_relative_to(root) else source))


def _changed(row: Mapping[str, Any]) -> str:
    """The count; a file whose format rounds, or holds other points, was proven in memory."""
    return f"{row['changed']}" if row["holds"] is not None else f"{row['changed']} <small>in memory</small>"


def _sigma(by: Mapping[str, Any]) -> str:
    """The mean over all fills that have a sigma, weighted by their number."""
    unit = next((key.rsplit("_", 1)[1] for each in by.values() for key in each if key.startswith("sigma_mean")), "mm")
    known = [(each["samples"], each[f"sigma_mean_{unit}"]) for each in by.values() if each[f"sigma_mean_{unit}"] is not None]
    return f"{sum(n * s for n, s in known) / sum(n for n, _ in known):.1f} {unit}" if known else "–"


def _how(settings: Mapping[str, Any]) -> str:
    said = {name.replace("_", " "): value for name, value in settings.items() if value not in (None, [], {}, False)}
    read = {name: value for name, value in settings["read"].items() if value is not None}
    said["read"] = ", ".join(f"{name} {value}" for name, value in read.items()) or "by evidence"
    said["body"] = ", ".join(f"{joint} = {point}" for joint, point in settings["body"].items()) or "by names"
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(_plain(value))}</dd>" for name, value in said.items()) + "</dl>"


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
