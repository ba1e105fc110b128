"""Pictures of the gap tables: error against gap length, a line per method; over all parts, and part by part."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mpm_core.files.atomic import write_bytes
from mpm_train.tables.cells import Measured
from mpm_train.tables.gaps import whole_mm

COLUMNS = 4
COLOURS = (
    "tab:blue",
    "tab:orange",
    "tab:green",
    "tab:purple",
    "tab:brown",
    "tab:pink",
    "tab:gray",
    "tab:olive",
    "tab:cyan",
    "navy",
    "teal",
)
STRONG = {"auto": ("black", 2.5), "model": ("tab:red", 1.8)}


def plot_gaps(cells: list[Measured], methods: tuple[str, ...], folder: Path, split: str) -> list[Path]:
    """gaps.png and gaps_parts.png in the folder; a method that left samples of a cell has no point there. Raises FormatError."""
    parts = list(dict.fromkeys(measured.cell.part for measured in cells))
    columns, rows = min(COLUMNS, len(parts)), -(-len(parts) // COLUMNS)
    whole, each = (Figure(figsize=size, layout="constrained") for size in ((8, 5), (3.3 * columns + 1.4, 2.8 * rows)))
    _lines(whole.add_subplot(), cells, methods, f"mean over {len(parts)} parts, {split} subjects")
    for number, part in enumerate(parts):
        _lines(each.add_subplot(rows, columns, number + 1), [m for m in cells if m.cell.part == part], methods, part)
    return [_save(whole, folder / "gaps.png"), _save(each, folder / "gaps_parts.png")]


def _lines(axes: Axes, cells: list[Measured], methods: tuple[str, ...], title: str) -> None:
    lengths = sorted({measured.cell.length_s for measured in cells})
    for number, method in enumerate(methods):
        colour, width = STRONG.get(method, (COLOURS[number % len(COLOURS)], 1.0))
        means = [float(np.mean([whole_mm(m, method) for m in cells if m.cell.length_s == length])) for length in lengths]
        if np.isfinite(means).any():
            axes.plot(lengths, means, marker="o", markersize=3, label=method, color=colour, linewidth=width)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(lengths, [f"{length:g}" for length in lengths], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("gap, s")
    axes.set_ylabel("mean error, mm")
    axes.grid(which="both", alpha=0.25)


def _save(figure: Figure, path: Path) -> Path:
    FigureCanvasAgg(figure)
    named = {line.get_label(): line for axes in figure.axes for line in axes.get_lines()}
    figure.legend(list(named.values()), [str(name) for name in named], loc="outside right upper", fontsize=8)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=130, metadata={"Software": None})
    write_bytes(path, picture.getvalue())
    return path
