"""A run in two pictures, drawn from its log: loss.png and error.png. Thin: on training windows; thick: on held-out people."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from mpm_core.files.atomic import write_bytes
from mpm_train.logs import Row, read

MM = "mm"
UNITS = {"m2m": "thousandths of half an image width", "nll": "nats", "speed": "mm per frame"}
UNITS |= dict.fromkeys(("corrected_weighted", "classical_weighted"), "mm, weighted by the gap's length")
"""Of the terms that are not in MM; a term times 1000 is in its unit."""
WIDTHS = {"train": 0.7, "validation": 2.2}


def plot(out: Path, name: str) -> list[Path]:
    """Draw the log.csv of a run's folder. name: the run's, for the titles. Raises DataError when it cannot be read."""
    rows = read(out)
    terms = [column.removeprefix("validation_") for column in rows[-1] if column.startswith("validation_")]
    by_unit: dict[str, list[str]] = {}
    for term in terms:
        if term != "loss":
            by_unit.setdefault(UNITS.get(term, MM), []).append(term)
    pictures = {
        "loss.png": curves(rows, {"loss": ["loss"]}, f"{name}: loss", 1.0),
        "error.png": curves(rows, {f"error, {unit}": some for unit, some in by_unit.items()}, f"{name}: errors by term", 1000.0),
    }
    return [_write(figure, out / file) for file, figure in pictures.items()]


def curves(rows: list[Row], panels: dict[str, list[str]], title: str, scale: float) -> Figure:
    """A panel for each label of a vertical axis, with its terms over the steps; the legend stands beside the panels."""
    figure = Figure(figsize=(9, 1.6 + 3.2 * max(1, len(panels))), dpi=120, layout="constrained")
    every = figure.subplots(max(1, len(panels)), 1, sharex=True, squeeze=False)[:, 0]
    colours = {term: f"C{number}" for number, term in enumerate(term for terms in panels.values() for term in terms)}
    for axes, (label, terms) in zip(every, panels.items(), strict=False):
        for term in terms:
            _curve(axes, rows, term, scale, colours[term])
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0, fontsize=8)
    every[-1].set_xlabel("step")
    every[-1].xaxis.set_major_formatter(FuncFormatter(lambda step, _: f"{step:,.0f}"))
    figure.suptitle(title)
    return figure


def _curve(axes: Axes, rows: list[Row], term: str, scale: float, colour: str) -> None:
    for split, width in WIDTHS.items():
        points = [(row["step"], row[f"{split}_{term}"] * scale) for row in rows if f"{split}_{term}" in row]
        if points:
            marker = "o" if len(points) == 1 else None  # a line of one point would not be seen
            size, face = (4, "none") if split == "train" else (7, colour)
            (line,) = axes.plot(*zip(*points, strict=True), label=f"{term}, {split}", color=colour, linewidth=width, marker=marker)
            line.set(markersize=size, markerfacecolor=face)


def _write(figure: Figure, path: Path) -> Path:
    FigureCanvasAgg(figure)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    write_bytes(path, picture.getvalue())
    return path
