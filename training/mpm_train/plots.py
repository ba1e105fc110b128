"""A finished run in two pictures: loss.png and error.png."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.figure import Figure

from mpm_core.files.atomic import write_bytes
from mpm_train.logs import Row, read


def plot(out: Path) -> list[Path]:
    """Draw a run's log.csv. Raises DataError when it cannot be read."""
    rows = read(out)
    terms = [name.removeprefix("validation_") for name in rows[-1] if name.startswith("validation_")]
    loss = curves(rows, ["loss"], "loss", 1.0)
    errors = curves(rows, [name for name in terms if name != "loss"], "error, mm (2D: thousandths of half an image width)", 1000.0)
    return [_write(loss, out / "loss.png"), _write(errors, out / "error.png")]


def curves(rows: list[Row], terms: list[str], label: str, scale: float) -> Figure:
    """Each term on the training windows (thin) and on the held-out people (thick) over the steps."""
    figure = Figure(figsize=(8, 5), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    for number, term in enumerate(terms):
        for split, width in (("train", 0.8), ("validation", 2.0)):
            points = [(row["step"], row[f"{split}_{term}"] * scale) for row in rows if f"{split}_{term}" in row]
            if points:
                axes.plot(*zip(*points, strict=True), color=f"C{number}", linewidth=width, label=f"{term}, {split}", marker=".")
    axes.set_xlabel("step")
    axes.set_ylabel(label)
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def _write(figure: Figure, path: Path) -> Path:
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    write_bytes(path, picture.getvalue())
    return path
