"""Pictures of the gap tables: error against gap length, a line per method; over all parts, and part by part."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mpm_core.io.atomic import write_bytes
from training.tables.cells import Measured

COLUMNS = 4
STYLE = {"auto": {"color": "black", "linewidth": 2.5}, "model": {"color": "tab:red", "linewidth": 1.8}}
PLAIN = {"linewidth": 1.0, "alpha": 0.8}


def plot_gaps(cells: list[Measured], methods: tuple[str, ...], folder: Path, split: str) -> list[Path]:
    """gaps.png and gaps_parts.png in the folder. Raises FormatError when it cannot be written."""
    parts = list(dict.fromkeys(measured.cell.part for measured in cells))
    whole = Figure(figsize=(7, 5), layout="constrained")
    _lines(whole.add_subplot(), cells, methods, f"mean over {len(parts)} parts, {split} subjects", legend=True)
    rows = -(-len(parts) // COLUMNS)
    each = Figure(figsize=(3.4 * min(COLUMNS, len(parts)), 2.8 * rows), layout="constrained")
    for number, part in enumerate(parts):
        some = [measured for measured in cells if measured.cell.part == part]
        _lines(each.add_subplot(rows, min(COLUMNS, len(parts)), number + 1), some, methods, part, legend=number == 0)
    return [_save(whole, folder / "gaps.png"), _save(each, folder / "gaps_parts.png")]


def _lines(axes: Axes, cells: list[Measured], methods: tuple[str, ...], title: str, *, legend: bool) -> None:
    lengths = sorted({measured.cell.length_s for measured in cells})
    for method in methods:
        means = [np.mean([m.figures[method].mean_mm for m in cells if m.cell.length_s == length]) for length in lengths]
        axes.plot(lengths, means, marker="o", markersize=3, label=method, **STYLE.get(method, PLAIN))  # type: ignore[arg-type]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(lengths, [f"{length:g}" for length in lengths], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("gap, s")
    axes.set_ylabel("mean error, mm")
    axes.grid(which="both", alpha=0.25)
    if legend:
        axes.legend(fontsize=7)


def _save(figure: Figure, path: Path) -> Path:
    FigureCanvasAgg(figure)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=130, metadata={"Software": None})
    write_bytes(path, picture.getvalue())
    return path
