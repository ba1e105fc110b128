"""Logs: rows after the last checkpoint come again, speed is measured, pictures are drawn from the file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from mpm_core.errors import DataError
from mpm_train.logs import Log, Pace, peak_memory, read
from mpm_train.plots import plot
from mpm_train.trackers import start_tracker


def row(step: int, loss: float) -> dict[str, float]:
    return {"step": step, "train_loss": loss, "train_m3m": loss / 2, "validation_loss": loss + 1, "validation_m3m": loss / 3}


def test_rows_that_a_killed_run_wrote_too_much_are_dropped(tmp_path: Path) -> None:
    log = Log(tmp_path, 0, start_tracker("tensorboard", tmp_path, 0, {}))
    for step, loss in ((10, 3.0), (20, 1.0), (30, 9.0)):
        log.write(row(step, loss))
    log.close()
    log = Log(tmp_path, 20, start_tracker("tensorboard", tmp_path, 20, {}))
    log.write(row(30, 2.0))
    assert not log.is_best("validation_loss")
    log.write(row(40, 0.1234567890123))
    assert log.is_best("validation_loss")
    log.close()
    rows = read(tmp_path)
    assert [there["step"] for there in rows] == [10, 20, 30, 40]
    assert rows[2]["train_loss"] == 2.0
    assert rows[3]["train_loss"] == pytest.approx(0.1234567890123, rel=1e-8)
    assert [there["seconds"] for there in rows] == sorted(there["seconds"] for there in rows)
    board = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert {event.step: event.value for event in board.Scalars("train/loss")} == pytest.approx({10: 3, 20: 1, 30: 2, 40: 0.1234567890123})


def test_a_column_that_came_later_stays_empty_before(tmp_path: Path) -> None:
    log = Log(tmp_path, 0)
    log.write(row(1, 1.0))
    log.write(row(2, 1.0) | {"train_extra": 5.0})
    log.close()
    assert "train_extra" not in read(tmp_path)[0]
    assert read(tmp_path)[1]["train_extra"] == 5.0


def test_a_damaged_log_is_told(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("step,seconds\nten,x\n")
    with pytest.raises(DataError, match="log cannot be read"):
        Log(tmp_path, 10)


def test_waiting_is_told_from_work() -> None:
    def slow() -> object:
        for number in range(3):
            time.sleep(0.05)
            yield number

    pace = Pace()
    for _ in pace.timed(slow()):  # type: ignore[arg-type, var-annotated]
        time.sleep(0.05)
    speed = pace.read(batch=10)
    assert 0.4 < speed["data_wait"] < 0.75
    assert 0 < speed["windows_per_s"] < 30 / 0.3
    assert speed["peak_memory_mb"] * 1e6 == pytest.approx(peak_memory(), rel=0.01)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there the GPU is asked, not the process")
def test_peak_memory_grows_with_what_is_held() -> None:
    before = peak_memory()
    block = bytearray(before + 50_000_000)
    assert peak_memory() > before + 40_000_000
    del block


def test_pictures(tmp_path: Path) -> None:
    log = Log(tmp_path, 0)
    for step in (1, 2, 3):
        log.write(row(step, 1 / step))
    log.close()
    for path in plot(tmp_path, "test"):
        assert path.read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in tmp_path.glob("*.png")} == {"loss.png", "error.png"}
