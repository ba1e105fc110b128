"""What the main process of a run keeps in its folder: log, record, the best weights, and in the end the model file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from mpm_core.model.build import AnyNetwork
from mpm_core.model.checkpoint import load_model, save_model
from mpm_train.average import settle
from mpm_train.config import TrainConfig
from mpm_train.data.contents import Contents
from mpm_train.history import History, as_facts
from mpm_train.loader import Draws
from mpm_train.logs import Log, Row
from mpm_train.objectives.choose import headline_of
from mpm_train.plots import plot
from mpm_train.run_record import RunRecord
from mpm_train.run_state import step_of
from mpm_train.validation import validate


@dataclass(frozen=True, slots=True)
class Results:
    """average: the network whose weights are kept. before: the history of the model that the run started from."""

    config: TrainConfig
    out: Path
    average: AnyNetwork
    train_set: Draws
    held_out: Draws
    contents: Contents
    before: History
    record: RunRecord
    log: Log

    @property
    def finished(self) -> Path:
        """The model file of a finished run."""
        return self.out / "model.safetensors"

    @property
    def _best(self) -> Path:
        return self.out / "best.safetensors"

    @property
    def _headline(self) -> str:
        return f"validation_{headline_of(self.config)}"

    def error_before_training(self) -> str:
        """A line on the error on held-out people before the first step, with which the later ones are compared."""
        return f"before the first step: {self._error_text(validate(self.average, self.held_out, self.config))}"

    def write_row(self, row: Row) -> str:
        """Measure the averaged network on held-out people and log that with the row; a line on both."""
        settle(self.average, self.train_set, self.config)
        self.log.write(row | validate(self.average, self.held_out, self.config))
        row, best = self.log.rows[-1], ", the best so far" if self.log.is_best(self._headline) else ""
        error = f"{self._error_text(row)}{best}"
        return f"step {row['step']:,.0f}, checkpoint: loss {row['train_loss']:.4g}, {error}, {row['windows_per_s']:.1f} windows/s"

    def _error_text(self, row: Row) -> str:
        return f"{self._headline.replace('_', ' ', 1)} {row[self._headline] * 1000:.1f} mm"

    def keep_best(self) -> None:
        """Save the averaged network if no row of the log is better than the last one, which was just written."""
        if self.log.is_best(self._headline) or not self._best.is_file():
            self._save_best()

    def keep_best_of_before(self, step: int) -> None:
        """`keep_best` for a run that was stopped at this step, after its state was saved and before its best weights were."""
        at_row = bool(self.log.rows) and self.log.rows[-1]["step"] == step
        if at_row and not self.finished.is_file() and step_of(self._best) != step and self.log.is_best(self._headline):
            self._save_best()

    def is_stale(self) -> bool:
        """Whether as many rows as the settings' patience have brought nothing better."""
        return self.log.is_stale(self._headline, self.config.patience)

    def finish(self) -> None:
        """The plots, and the model file from the best weights."""
        if not self._best.is_file():
            return
        plot(self.out, self.config.name)
        model = load_model(self._best)
        history = self._history(int(model.facts["step"]))
        save_model(model.network, model.facts | as_facts(history), self.finished)
        self._best.unlink()

    def _save_best(self) -> None:
        row = self.log.rows[-1]
        save_model(self.average, facts(self.config, row) | as_facts(self._history(int(row["step"]))), self._best)

    def _history(self, best: int) -> History:
        return self.record.history(self.before, self.config, self.contents, best)


def facts(config: TrainConfig, row: Row) -> dict[str, object]:
    """The facts of a run that its model file records: recipe, settings (saved_config.py reads them), step, held-out errors in mm."""
    scores = {name.removeprefix("validation_"): round(value * 1000, 2) for name, value in row.items() if name.startswith("validation_")}
    return {"recipe": config.name, "training": asdict(config), "step": int(row["step"]), "validation_mm": scores}
