"""A line chart on a logarithmic scale, as positions for an SVG picture. Lines' names stand at their right ends, moved apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from mpm_studio import palette

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 900, 380, 62, 18, 44, 140  # pixels; the last four are margins
LEAST = 0.01  # values below are drawn there
NAME_HEIGHT = 15


@dataclass(frozen=True, slots=True)
class Line:
    """points: (x, y) in pixels from the top left; name_y: where its name stands."""

    name: str
    points: tuple[tuple[float, float], ...]
    colour: str
    width: float
    dashed: bool
    bold: bool
    name_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """left, right, bottom: where lines may be, in pixels. ticks: (y, text); columns: (x, text)."""

    label: str
    width: int
    height: int
    left: int
    right: int
    bottom: int
    ticks: tuple[tuple[float, str], ...]
    columns: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]


def log_chart(label: str, columns: Sequence[str], lines: Mapping[str, Sequence[float]], unit: str, bold: str, dashed: Set[str]) -> Chart:
    """lines: name -> a value for each column, NaN where there is none; at least one line has a value."""
    values = [max(value, LEAST) for line in lines.values() for value in line if not math.isnan(value)]
    low, high = math.log10(min(values)) - 0.08, math.log10(max(values)) + 0.08
    ticks = [digit * 10.0**power for power in range(math.floor(low), math.ceil(high)) for digit in (1, 2, 5)]

    def x(column: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (column + 0.5) / len(columns), 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(max(value, LEAST))) / (high - low), 1)

    points = {name: tuple((x(c), y(value)) for c, value in enumerate(line) if not math.isnan(value)) for name, line in lines.items()}
    points = {name: line for name, line in points.items() if line}
    name_y = _apart({name: line[-1][1] for name, line in points.items()})
    colours = {name: palette.LINES[number % len(palette.LINES)] for number, name in enumerate(lines)} | {bold: "var(--accent)"}
    return Chart(
        label,
        WIDTH,
        round(max(HEIGHT, max(name_y.values()) + 24)),
        LEFT,
        WIDTH - RIGHT,
        HEIGHT - BOTTOM,
        tuple((y(tick), f"{tick:g} {unit}") for tick in ticks if low <= math.log10(tick) <= high),
        tuple((x(number), name) for number, name in enumerate(columns)),
        tuple(
            Line(name, line, colours[name], 3.5 if name == bold else 1.6, name in dashed, name == bold, name_y[name])
            for name, line in points.items()
        ),
    )


def _apart(wanted: Mapping[str, float]) -> dict[str, float]:
    """Heights at least NAME_HEIGHT apart, each at or below the wanted one."""
    found: dict[str, float] = {}
    last = -math.inf
    for name, height in sorted(wanted.items(), key=lambda item: (item[1], item[0])):
        found[name] = last = round(max(height, last + NAME_HEIGHT), 1)
    return found
