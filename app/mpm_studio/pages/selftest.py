"""A self-test as one HTML page that needs nothing else: a chart, and the means by length and by point, shaded from best to worst."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

from mpm_core.check.selftest import REACHES, Outcome, SelfTest
from mpm_studio.operations.selftest import auto_uses, figure, length_name, tried, unit, verdict

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 900, 380, 62, 18, 44, 140
COLOURS = ("#8a93a6", "#d9853b", "#4fae6a", "#9a6fd0", "#d65f73", "#b5a030", "#2fa7a0", "#c765b5", "#7fae3c", "#6f7fe0", "#b0714f")

NOTE = "Bold: the best method that fills all of them. * fills only a part, and is measured on that part."

STYLE = """
:root { color-scheme: light dark; --back: #f6f7f9; --card: #ffffff; --text: #1c2230; --dim: #5d6779; --line: #dde1e8; --accent: #1f6fd0;
  --good: 145 60% 42%; --bad: 8 75% 55%; }
@media screen and (prefers-color-scheme: dark) { :root { --back: #14161b; --card: #1b1e25; --text: #e8ebf1; --dim: #a3acbb; --line: #363c48;
  --accent: #5aa2f0; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 40px 24px 64px; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1080px; margin: 0 auto; }
h1 { font-size: 28px; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 17px; margin: 0 0 12px; }
p { margin: 0 0 12px; } h1, p { overflow-wrap: anywhere; } .dim { color: var(--dim); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px; margin-top: 20px;
  overflow-x: auto; }
.facts { display: flex; flex-wrap: wrap; gap: 16px; margin-top: 22px; }
.fact { flex: 1 1 200px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px 20px; }
.fact b { display: block; font-size: 26px; line-height: 1.2; } .fact span { color: var(--dim); font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th { color: var(--dim); font-weight: 600; text-align: right; padding: 6px 9px; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { text-align: right; padding: 6px 9px; border-bottom: 1px solid var(--line); white-space: nowrap; }
tr:last-child td { border-bottom: none; } th.l, td.l { text-align: left; } td.best { font-weight: 700; }
.note { margin: 12px 0 0; }
td.part::after { content: "*"; color: var(--dim); }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--dim); font-size: 12px; } svg .grid { stroke: var(--line); }
@media print { :root { color-scheme: light; --back: #fff; --card: #fff; } * { print-color-adjust: exact; }
  body { padding: 0; font-size: 11px; } main { max-width: none; } section { overflow: visible; border: none; padding: 0; }
  table { font-size: 9px; } th, td { padding: 2px 4px; white-space: normal; } tr, svg, .fact { break-inside: avoid; }
  h2 { break-after: avoid; } }
"""


def page(test: SelfTest, path: str) -> str:
    """The page's text."""
    lengths = [(length_name(low, high), some) for low, high, some in test.by_length()]
    points = [(test.points[point], some) for point, some in test.by_point()]
    name = escape(Path(path).name or "take")
    skipped = "".join(f"<li><b>{escape(method)}</b>: {escape(why)}</li>" for method, why in test.skipped.items())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Self-test of {name}</title><style>{STYLE}</style></head><body><main>
<h1>How well gaps of {name} are filled</h1>
<p class="dim">{escape(tried(test))}</p>
{_facts(test)}
<section><h2>Mean error by gap length</h2>{_chart(test, lengths)}
<p class="dim note">Dashed: methods that fill only a part of the gaps.</p></section>
<section><h2>By gap length, mean in {unit(test)}</h2>{_table(test, "gap length", lengths)}
<p class="dim note">{NOTE}</p></section>
<section><h2>Methods over all gaps</h2>{_overall(test)}</section>
<section><h2>By point, mean in {unit(test)}</h2>{_table(test, "point", points)}</section>
{f'<section><h2>Not tried</h2><ul class="dim">{skipped}</ul></section>' if skipped else ""}
</main></body></html>
"""


def _facts(test: SelfTest) -> str:
    best, auto = test.best(), test.score("auto")
    cells = [(f"{len(test.outcomes)}", "gaps tried"), (best or "–", "best single method")]
    if best:
        cells.append((f"{figure(test.score(best).mean, test)} {unit(test)}", "its mean error"))
    if auto.reached:
        cells.append((f"{figure(auto.mean, test)} {unit(test)}", f"auto's mean error: {verdict(test, test.outcomes)}"))
    return (
        '<div class="facts">' + "".join(f'<div class="fact"><b>{escape(a)}</b><span>{escape(b)}</span></div>' for a, b in cells) + "</div>"
    )


def _table(test: SelfTest, title: str, groups: Sequence[tuple[str, Sequence[Outcome]]]) -> str:
    methods = _methods(test)
    head = "".join(f"<th>{escape(method)}</th>" for method in methods)
    rows = []
    for name, some in groups:
        scores = [test.score(method, some) for method in methods]
        best = test.best(some)
        found = sorted(math.log(max(score.mean, 1e-9)) for score in scores if score.reached)
        cells = []
        for method, score in zip(methods, scores, strict=True):
            kinds = " ".join(kind for kind, so in (("best", method == best), ("part", 0 < score.reached < score.asked)) if so)
            cells.append(f'<td class="{kinds}" style="{_shade(score.mean, found)}">{figure(score.mean, test)}</td>')
        extra = f'<td class="l">{escape(auto_uses(some))}</td><td class="l">{escape(verdict(test, some))}</td>'
        rows.append(f'<tr><td class="l">{escape(name)}</td><td>{len(some)}</td>{"".join(cells)}{extra}</tr>')
    heads = f'<th class="l">{title}</th><th>gaps</th>{head}<th class="l">auto uses</th><th class="l">auto is</th>'
    return f"<table><thead><tr>{heads}</tr></thead>{''.join(rows)}</table>"


def _overall(test: SelfTest) -> str:
    rows = []
    for method in sorted(_methods(test), key=lambda name: test.score(name).mean):
        score = test.score(method)
        cells = "".join(f"<td>{figure(value, test)}</td>" for value in (score.mean, score.median, score.p95))
        rows.append(f'<tr><td class="l">{escape(method)}</td>{cells}<td>{score.reached / score.asked:.0%}</td></tr>')
    heads = f'<th class="l">method</th><th>mean {unit(test)}</th><th>median</th><th>95 %</th><th>filled</th>'
    return f"<table><thead><tr>{heads}</tr></thead>{''.join(rows)}</table>"


def _methods(test: SelfTest) -> list[str]:
    return [method for method in test.methods if method not in test.skipped]


def _shade(mean: float, logs: Sequence[float]) -> str:
    """From the good colour to the bad one by the rank of the error's logarithm within its row."""
    if math.isnan(mean) or len(logs) < 2 or logs[-1] - logs[0] < 1e-9:
        return ""
    place = (math.log(max(mean, 1e-9)) - logs[0]) / (logs[-1] - logs[0])
    colour, strength = ("--good", 1 - 2 * place) if place < 0.5 else ("--bad", 2 * place - 1)
    return f"background: hsl(var({colour}) / {0.34 * strength:.2f})"


def _chart(test: SelfTest, groups: Sequence[tuple[str, Sequence[Outcome]]]) -> str:
    """Lines on a logarithmic scale, one per method, auto the boldest; methods' names stand at their ends, moved apart."""
    per_unit = 1000 if test.dims == 3 else 1
    lines = {m: [test.score(m, some).mean * per_unit for _, some in groups] for m in _methods(test)}
    values = [max(value, 0.01) for line in lines.values() for value in line if not math.isnan(value)]
    low, high = math.log10(min(values)) - 0.08, math.log10(max(values)) + 0.08
    ticks = [digit * 10.0**power for power in range(math.floor(low), math.ceil(high)) for digit in (1, 2, 5)]
    ticks = [tick for tick in ticks if low <= math.log10(tick) <= high]

    def x(column: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (column + 0.5) / len(groups)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(max(value, 0.01))) / (high - low)

    parts = []
    for tick in ticks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:g} {unit(test)}</text>')
    parts += [f'<text x="{x(c):.1f}" y="{HEIGHT - 16}" text-anchor="middle">{escape(name)}</text>' for c, (name, _) in enumerate(groups)]
    ends: list[tuple[float, str, str]] = []
    for number, (method, line) in enumerate(lines.items()):
        spots = [(x(c), y(value)) for c, value in enumerate(line) if not math.isnan(value)]
        colour, width = ("var(--accent)", 3.5) if method == "auto" else (COLOURS[number % len(COLOURS)], 1.6)
        whole = test.score(method).reached >= REACHES * test.score(method).asked
        dash = "" if whole else ' stroke-dasharray="4 4"'
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in spots)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"{dash}/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{width + 0.8:.1f}" fill="{colour}"/>' for a, b in spots]
        ends.append((spots[-1][1], method, colour))
    at = -math.inf
    for wish, method, colour in sorted(ends):
        at = max(wish, at + 15)
        weight = "700" if method == "auto" else "400"
        parts.append(
            f'<line x1="{WIDTH - RIGHT + 4}" x2="{WIDTH - RIGHT + 16}" y1="{at:.1f}" y2="{at:.1f}" stroke="{colour}" stroke-width="3"/>'
        )
        parts.append(
            f'<text x="{WIDTH - RIGHT + 22}" y="{at + 4:.1f}" style="fill:var(--text);font-weight:{weight}">{escape(method)}</text>'
        )
    tall = max(HEIGHT, at + 24)
    return f'<svg viewBox="0 0 {WIDTH} {tall:.0f}" role="img" aria-label="Mean error by gap length and method">{"".join(parts)}</svg>'
