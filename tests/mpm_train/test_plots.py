"""The pictures of a run: each term in its own unit, training thin and held-out people thick, the legend beside the curves."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mpm_train import plots
from mpm_train.logs import Log

TERMS = {"m2m": 0.02, "m3m": 0.05, "nll": 0.001, "loss": 1.5}


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Figure]:
    """What is drawn of a run of two checkpoints, by file name."""
    log = Log(tmp_path, 0)
    for step in (10, 20):
        log.write({"step": step} | {f"{split}_{term}": value * 10 / step for split in plots.WIDTHS for term, value in TERMS.items()})
    drawn: dict[str, Figure] = {}
    monkeypatch.setattr(plots, "_write", lambda figure, path: drawn.update({path.name: figure}) or path)
    plots.plot(tmp_path, "my-run")
    return drawn


def test_each_term_is_drawn_in_its_own_unit(figures: dict[str, Figure]) -> None:
    panels = {axes.get_ylabel(): axes for axes in figures["error.png"].axes}
    assert list(panels) == ["error, thousandths of half an image width", "error, mm", "error, nats"]
    lines = {line.get_label(): list(line.get_ydata()) for axes in panels.values() for line in axes.lines}
    assert lines["m3m, validation"] == pytest.approx([50, 25])
    assert lines["m2m, train"] == pytest.approx([20, 10])
    (loss,) = figures["loss.png"].axes
    assert [list(line.get_ydata()) for line in loss.lines] == [[1.5, 0.75], [1.5, 0.75]]


def test_training_is_thin_held_out_people_are_thick_and_the_legend_hides_nothing(figures: dict[str, Figure]) -> None:
    figure = figures["error.png"]
    assert figure.get_suptitle() == "my-run: errors by term"
    FigureCanvasAgg(figure).draw()
    for axes in figure.axes:
        width = {line.get_label().rpartition(", ")[2]: line.get_linewidth() for line in axes.lines}
        assert width["validation"] > 2 * width["train"]
        assert len({line.get_color() for line in axes.lines}) == len(axes.lines) / 2, "one colour for both lines of a term"
        legend = axes.get_legend()
        assert legend is not None and legend.get_window_extent().x0 >= axes.get_window_extent().x1
