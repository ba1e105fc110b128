"""The window of the take queue: takes, recipe and folder to choose; a row for each take with its result or why it failed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mpm_core.errors import MpmError
from mpm_core.recording import Origin
from mpm_studio import palette
from mpm_studio.batch.plan import Plan
from mpm_studio.batch.takes import SUMMARY
from mpm_studio.batch.work import DONE, FAILED, GAPS, SKIPPED
from mpm_studio.clean_recipe import Recipe, load_recipe
from mpm_studio.jobs import Failure
from mpm_studio.operations.opening import name_filter
from mpm_studio.operations.window_words import for_window
from mpm_studio.take_queue import QueueRequest, TakeQueue
from mpm_studio.views.naming import named
from mpm_studio.views.table import read_only_table
from mpm_studio.views.text_labels import wrapped

HEADS = ("Take", "State", "Filled", "Left", "Changed", "Result")
COLOURS = {DONE: palette.GOOD, SKIPPED: palette.GOOD, FAILED: palette.BAD}
WAITS = "waiting"


class QueueWindow(QDialog):
    """open_result: a file the user wants to see. Closing it while takes are cleaned leaves the queue running."""

    open_result = Signal(object)
    open_report = Signal(object)

    def __init__(self, queue: TakeQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "queue_window", "Clean other takes")
        self.setWindowTitle("Clean other takes")
        self.resize(860, 560)
        self.queue, self.recipe, self.inputs = queue, Recipe(), list[Path]()
        self._plan: Plan | None = None
        self.takes = self._line("queue_takes", "Files and folders to clean")
        self.takes.setPlaceholderText("Files, or a folder")
        self.recipe_name = self._line("queue_recipe", "Recipe to clean by")
        self.folder = named(QLineEdit(), "queue_folder", "Folder for the results")
        self.folder.setPlaceholderText("A folder for the results; the takes themselves are never changed")
        self.processes = named(QSpinBox(), "queue_processes", "Takes cleaned at a time")
        self.processes.setRange(1, os.cpu_count() or 1)
        self.processes.setToolTip("Each in a process of its own")
        self.table = named(read_only_table(0, HEADS, (2, 3, 4), 24), "queue_table", "Takes and their results")
        self.table.setSelectionBehavior(self.table.SelectionBehavior.SelectRows)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(5, QHeaderView.ResizeMode.Stretch)
        self.bar = named(QProgressBar(), "queue_progress", "Takes done")
        self.bar.setTextVisible(False)
        self.text = named(wrapped(), "queue_text", "What is being done")
        self.report = named(QPushButton("Report"), "queue_report", "Open the summary as a page")
        self.stop = named(QPushButton("Cancel"), "queue_cancel", "Stop; what is done stays")
        self.start = named(QPushButton("Start"), "queue_start", "Clean the takes")
        self.start.setProperty("primary", "true")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(self._choices())
        layout.addWidget(self.table, 1)
        layout.addWidget(self.text)
        layout.addLayout(self._foot())
        self._connect()
        self.set_recipe(Recipe(), "fill everything, method auto")

    def _choices(self) -> QGridLayout:
        """What is cleaned, how, and where to."""
        grid = QGridLayout()
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget, tuple[QPushButton, ...]], ...] = (
            ("Takes", self.takes, (self._button("Files…", self._ask_files), self._button("Folder…", self._ask_folder))),
            ("Recipe", self.recipe_name, (self._button("Recipe…", self._ask_recipe),)),
            ("Results in", self.folder, (self._button("Choose…", self._ask_results),)),
        )
        for place, (text, field, buttons) in enumerate(rows):
            grid.addWidget(QLabel(text), place, 0)
            grid.addWidget(field, place, 1)
            for column, button in enumerate(buttons):
                grid.addWidget(button, place, 2 + column)
        return grid

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.addWidget(QLabel("At a time"))
        foot.addWidget(self.processes)
        foot.addWidget(self.bar, 1)
        for button in (self.report, self.stop, self.start):
            button.setAutoDefault(False)
            foot.addWidget(button)
        return foot

    def _connect(self) -> None:
        queue = self.queue
        self.table.cellDoubleClicked.connect(lambda row, _column: self._open(row))
        self.report.clicked.connect(self._show_report)
        self.stop.clicked.connect(self._stop)
        self.start.clicked.connect(self._start)
        self.folder.textChanged.connect(lambda _text: self._enable())
        queue.planned.connect(self._on_planned)
        queue.row_done.connect(self._on_row)
        queue.ended.connect(self._on_ended)
        queue.failed.connect(self._on_failed)

    def set_recipe(self, recipe: Recipe, name: str) -> None:
        self.recipe = recipe
        self.recipe_name.setText(name)
        self._enable()

    def set_takes(self, paths: list[Path]) -> None:
        """The files and folders to clean; results are proposed to go beside them."""
        self.inputs = paths
        self.takes.setText(", ".join(path.name for path in paths))
        self.takes.setToolTip("\n".join(map(str, paths)))
        if paths and not self.folder.text():
            self.folder.setText(str(paths[0].absolute().parent / "clean"))
        self._enable()

    def _line(self, name: str, spoken: str) -> QLineEdit:
        field = named(QLineEdit(), name, spoken)
        field.setReadOnly(True)
        return field

    def _button(self, text: str, act: Any) -> QPushButton:
        button = named(QPushButton(text), f"queue_choose_{text.rstrip('…').lower()}", f"Choose: {text.rstrip('…').lower()}")
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _ask_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Takes to clean", "", name_filter())
        if names:
            self.set_takes([Path(name) for name in names])

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of takes")
        if name:
            self.set_takes([Path(name)])

    def _ask_results(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder for the results", self.folder.text())
        if name:
            self.folder.setText(name)

    def _ask_recipe(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Recipe", "", "Recipe (*.toml *.json)")
        if name:
            try:
                self.set_recipe(load_recipe(Path(name)), Path(name).name)
            except Exception as error:  # noqa: BLE001 -- shown to the user
                self.text.setText(str(for_window(error) if isinstance(error, MpmError) else error))

    def _start(self) -> None:
        to = self.recipe.settings.get("to")
        folder = Path(self.folder.text().strip()).expanduser()
        self.table.setRowCount(0)
        self.bar.setRange(0, 0)
        self.text.setText("looking for takes")
        self._plan = None
        self.queue.start(QueueRequest(tuple(self.inputs), folder, self.recipe, self.processes.value(), to))
        self._enable()

    def _stop(self) -> None:
        self.queue.cancel()
        self.stop.setEnabled(False)
        self.text.setText("stopping")

    def _on_planned(self, plan: Plan) -> None:
        self._plan = plan
        self.table.setRowCount(len(plan.jobs))
        for row, job in enumerate(plan.jobs):
            self._set(row, 0, Path(job.source).name, tip=job.source)
            self._set(row, 1, WAITS, palette.DIM)
        self.bar.setRange(0, len(plan.jobs))
        self.bar.setValue(0)
        self.text.setText(f"0 of {len(plan.jobs)} takes")

    def _on_row(self, number: int, row: Mapping[str, Any]) -> None:
        status = row["status"]
        self._set(number, 1, status, COLOURS.get(status, palette.ORIGIN[Origin.MARKED]))
        if status == FAILED:
            why = f"{row['what']} ({row['hint']})" if row["hint"] else row["what"]
            self._set(number, 5, why, tip=f"{row['where']}\n{why}".strip())
        else:
            figures = (row["filled"]["samples"], len(row["remaining"]), row["changed"])
            for column, figure in enumerate(figures, 2):
                self._set(number, column, f"{figure:,}")
            tip = "\n".join([row["output"], *row["remaining"]])
            self._set(number, 5, Path(row["output"]).name, tip=tip)
        self.bar.setValue(self.bar.value() + 1)
        self.text.setText(f"{self.bar.value()} of {self.bar.maximum()} takes")

    def _on_ended(self, summary: Mapping[str, Any]) -> None:
        stopped = "Stopped: what is done stays, and Start goes on from there. " if summary["stopped"] else ""
        self.text.setText(stopped + _sentence(summary))
        self._enable()

    def _on_failed(self, failure: Failure) -> None:
        self.bar.setRange(0, 1)
        self.text.setText(str(failure.error))
        self._enable()

    def _open(self, row: int) -> None:
        """The result in the main window."""
        if self._plan is not None and Path(self._plan.jobs[row].out).exists():
            self.open_result.emit(Path(self._plan.jobs[row].out))

    def _show_report(self) -> None:
        if self._plan is not None:
            self.open_report.emit(self._plan.folder / f"{SUMMARY}.html")

    def _enable(self) -> None:
        busy = self.queue.busy
        self.start.setEnabled(not busy and bool(self.inputs) and bool(self.folder.text().strip()))
        self.stop.setEnabled(busy)
        self.report.setEnabled(not busy and self._plan is not None and (self._plan.folder / f"{SUMMARY}.html").exists())

    def _set(self, row: int, column: int, text: str, colour: str = palette.TEXT, tip: str = "") -> None:
        item = QTableWidgetItem(text)
        item.setForeground(QColor(colour))
        item.setToolTip(tip)
        if column in (2, 3, 4):
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.table.setItem(row, column, item)


def _sentence(summary: Mapping[str, Any]) -> str:
    totals = summary["totals"]
    parts = [f"{totals[status]:,} {status}" for status in (DONE, SKIPPED, GAPS, FAILED) if totals.get(status)]
    return f"{', '.join(parts)}. {totals['measured']:,} measured samples, {totals['changed']:,} changed; {totals['filled']:,} filled."
