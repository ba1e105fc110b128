"""A recipe of the history: which steps it has, its text, and whether to save it or to use it on other takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QListWidget, QListWidgetItem, QPlainTextEdit, QPushButton, QWidget

from mpm_studio.clean_recipe import Recipe, recipe_text
from mpm_studio.operations.recipes import RecipeStep
from mpm_studio.views.dialog_parts import cancel_and, lay_out
from mpm_studio.views.naming import named


class RecipeDialog(QDialog):
    """make: the recipe of the steps that are ticked. what: 'save' or 'use', once it is accepted."""

    def __init__(self, steps: Sequence[RecipeStep], make: Callable[[list[RecipeStep]], Recipe], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "recipe_dialog", "Recipe")
        self.setWindowTitle("Do the same to other takes")
        self.resize(560, 560)
        self.what: Literal["save", "use"] = "use"
        self._steps, self._make = steps, make
        head = QLabel("A recipe reads, marks and fills other takes as this one was. Marks of some frames are left out unless ticked.")
        head.setWordWrap(True)
        self.list = named(QListWidget(), "recipe_steps", "Steps of the history")
        self.list.setWordWrap(True)
        for step in steps:
            item = QListWidgetItem(f"{step.title}\n{step.why_not or _kind(step)}", self.list)
            if step.mark or step.words:
                item.setCheckState(Qt.CheckState.Checked if step.usual else Qt.CheckState.Unchecked)
            elif step.why_not:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
        self.list.setVisible(bool(steps))
        self.list.itemChanged.connect(lambda _item: self._show())
        self.text = named(QPlainTextEdit(), "recipe_text", "The recipe's text")
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        buttons, self.use = cancel_and(self, "Use on other takes…", "recipe_use", "Choose takes to clean by this recipe")
        self.save = named(QPushButton("Save…"), "recipe_save", "Save the recipe in a file")
        self.save.setAutoDefault(False)
        self.save.clicked.connect(self._on_save)
        buttons.addButton(self.save, buttons.ButtonRole.ActionRole)
        lay_out(self, head, self.list, self.text, buttons)
        self.use.setDefault(True)
        self._show()

    def recipe(self) -> Recipe:
        """The recipe of what is ticked."""
        ticked = [self.list.item(row).checkState() == Qt.CheckState.Checked for row in range(len(self._steps))]
        return self._make([step for step, on in zip(self._steps, ticked, strict=True) if on])

    def _show(self) -> None:
        self.text.setPlainText(recipe_text(self.recipe(), Path("recipe.toml")))

    def _on_save(self) -> None:
        self.what = "save"
        self.accept()


def _kind(step: RecipeStep) -> str:
    if not step.mark and not step.words:
        return "the recipe fills by this method"
    if step.mark:
        return "every frame of these points" if step.usual else "frames of this take"
    return "done to every take" if step.usual else "done to every take, if it is ticked"
