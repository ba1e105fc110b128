"""A self-test as a page: a chart, and the mean errors by gap length and by point, shaded from best to worst."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from mpm_core.check.selftest import REACHES, Outcome, SelfTest
from mpm_studio import palette
from mpm_studio.operations.selftest import auto_uses, figure, length_name, tried, unit, verdict
from mpm_studio.pages.chart import Chart, log_chart
from mpm_studio.pages.page import Cell, Fact, Page, Section, Table, html

NOTE = "Bold: the best method that fills all of them. * fills only a part, and is measured on that part."
STRONGEST = 0.34  # opacity of the shade of the best and the worst

Groups = Sequence[tuple[str, Sequence[Outcome]]]


def page(test: SelfTest, path: str) -> str:
    """The page's HTML. path: of the take that was tested."""
    lengths = [(length_name(low, high), some) for low, high, some in test.by_length()]
    points = [(test.points[point], some) for point, some in test.by_point()]
    name = Path(path).name or "take"
    skipped = [Section("Not tried", pairs=tuple(test.skipped.items()))] if test.skipped else []
    sections = (
        Section("Mean error by gap length", chart=_chart(test, lengths), note="Dashed: methods that fill only a part of the gaps."),
        Section(f"By gap length, mean in {unit(test)}", _table(test, "gap length", lengths), note=NOTE),
        Section("Methods over all gaps", _overall(test)),
        Section(f"By point, mean in {unit(test)}", _table(test, "point", points)),
        *skipped,
    )
    return html(Page(f"Self-test of {name}", f"Errors of fills in {name}", tried(test), _facts(test), sections))


def _facts(test: SelfTest) -> tuple[Fact, ...]:
    best, auto = test.best(), test.score("auto")
    facts = [Fact(f"{len(test.outcomes)}", "gaps tried"), Fact(best or "–", "best single method")]
    if best:
        facts.append(Fact(f"{figure(test.score(best).mean, test)} {unit(test)}", "its mean error"))
    if auto.reached:
        facts.append(Fact(f"{figure(auto.mean, test)} {unit(test)}", f"mean error of auto: {verdict(test, test.outcomes)}"))
    return tuple(facts)


def _table(test: SelfTest, title: str, groups: Groups) -> Table:
    methods = _methods(test)
    rows = []
    for name, some in groups:
        scores = [test.score(method, some) for method in methods]
        best = test.best(some)
        logs = [math.log(max(score.mean, 1e-9)) for score in scores if score.reached]
        cells = []
        for method, score in zip(methods, scores, strict=True):
            kind = " ".join(kind for kind, so in (("best", method == best), ("part", 0 < score.reached < score.asked)) if so)
            cells.append(Cell(figure(score.mean, test), kind, _shade(score.mean, logs)))
        rows.append((Cell(name, "l"), Cell(f"{len(some)}"), *cells, Cell(auto_uses(some), "l"), Cell(verdict(test, some), "l")))
    heads = (Cell(title, "l"), Cell("gaps"), *map(Cell, methods), Cell("auto uses", "l"), Cell("auto is", "l"))
    return Table(heads, tuple(rows))


def _overall(test: SelfTest) -> Table:
    rows = []
    for method in sorted(_methods(test), key=lambda name: test.score(name).mean):
        score = test.score(method)
        figures = [figure(value, test) for value in (score.mean, score.median, score.p95)]
        rows.append((Cell(method, "l"), *map(Cell, figures), Cell(f"{score.reached / score.asked:.0%}")))
    return Table((Cell("method", "l"), *map(Cell, (f"mean {unit(test)}", "median", "95 %", "filled"))), tuple(rows))


def _methods(test: SelfTest) -> list[str]:
    return [method for method in test.methods if method not in test.skipped]


def _shade(mean: float, logs: Sequence[float]) -> str:
    """From the good colour to the bad one by where the error's logarithm lies between the least and the greatest of its row."""
    if math.isnan(mean) or len(logs) < 2 or max(logs) - min(logs) < 1e-9:
        return ""
    place = (math.log(max(mean, 1e-9)) - min(logs)) / (max(logs) - min(logs))
    colour, strength = (palette.GOOD, 1 - 2 * place) if place < 0.5 else (palette.BAD, 2 * place - 1)
    return palette.translucent(colour, STRONGEST * strength)


def _chart(test: SelfTest, groups: Groups) -> Chart:
    per_unit = 1000 if test.dims == 3 else 1
    lines = {method: [test.score(method, some).mean * per_unit for _, some in groups] for method in _methods(test)}
    dashed = {method for method in lines if (score := test.score(method)).reached < REACHES * score.asked}
    return log_chart("Mean error by gap length and method", [name for name, _ in groups], lines, unit(test), "auto", dashed)
