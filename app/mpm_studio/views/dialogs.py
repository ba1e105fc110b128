"""Choosers of files and folders, and questions; each returns the answer, None or "cancel" where the user cancels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from PySide6.QtWidgets import (
    QFileDialog,
    QMessageBox,
    QWidget,
)

from mpm_studio.operations.opening import name_filter
from mpm_studio.operations.suspects import Repairs, left_pieces
from mpm_studio.operations.video import SUFFIXES
from mpm_studio.views.naming import name_buttons, named


def ask_file(parent: QWidget, folder: Path | None) -> Path | None:
    """A file to open."""
    text, _ = QFileDialog.getOpenFileName(parent, "Open a motion file", str(folder or ""), name_filter())
    return Path(text) if text else None


def ask_video(parent: QWidget, folder: Path | None) -> Path | None:
    """A video to show behind the picture."""
    patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in SUFFIXES)
    text, _ = QFileDialog.getOpenFileName(parent, "Choose the video", str(folder or ""), f"Videos ({patterns});;All files (*)")
    return Path(text) if text else None


def ask_folder(parent: QWidget, folder: Path | None) -> Path | None:
    """A folder of keypoint files to open."""
    text = QFileDialog.getExistingDirectory(parent, "Open a folder of keypoint files", str(folder or ""))
    return Path(text) if text else None


def ask_project_path(parent: QWidget, suggested: Path) -> Path | None:
    """Where to save a project."""
    text, _ = QFileDialog.getSaveFileName(parent, "Save the project", str(suggested), "mpm-studio project (*.mpm)")
    if not text:
        return None
    return _ending(text, ".mpm")


def ask_recipe_path(parent: QWidget, suggested: Path) -> Path | None:
    """Where to save a recipe."""
    text, _ = QFileDialog.getSaveFileName(parent, "Save the recipe", str(suggested), "Recipe (*.toml *.json)")
    if not text:
        return None
    return Path(text) if text.lower().endswith((".toml", ".json")) else Path(f"{text}.toml")


def ask_picture_path(parent: QWidget, suggested: Path, sizes: Mapping[int, str]) -> tuple[Path, int] | None:
    """Where to save a picture, and how many times as large as the view. sizes: by that factor, in words."""
    scale_of = {f"PNG, {size} pixels (*.png)": scale for scale, size in sizes.items()}
    text, chosen = QFileDialog.getSaveFileName(parent, "Save a picture of the view", str(suggested), ";;".join(scale_of))
    return (_ending(text, ".png"), scale_of.get(chosen, 1)) if text else None


def ask_film_path(parent: QWidget, suggested: Path) -> Path | None:
    """Where to save a film."""
    text, _ = QFileDialog.getSaveFileName(parent, "Save the film", str(suggested), "MP4 film (*.mp4)")
    return _ending(text, ".mp4") if text else None


def _ending(text: str, suffix: str) -> Path:
    return Path(text) if text.lower().endswith(suffix) else Path(f"{text}{suffix}")


def ask_unsaved(parent: QWidget, name: str) -> Literal["save", "discard", "cancel"]:
    """What to do with changes that would be lost."""
    box = _question(parent, "unsaved_dialog", "Unsaved changes", "Unsaved changes")
    box.setText(f"Save the changes to {name}?")
    box.setInformativeText("They are lost if you don't.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    name_buttons(box, "unsaved")
    answer = box.exec()
    if answer == buttons.Save:
        return "save"
    return "discard" if answer == buttons.Discard else "cancel"


def ask_proposed(parent: QWidget, name: str, summary: str) -> Literal["accept", "reject", "cancel"]:
    """What to do with a proposed change that would be lost."""
    box = _question(parent, "proposed_dialog", "Proposed change", "Proposed change")
    box.setText(f"Accept the proposed change to {name}?")
    box.setInformativeText(f"{summary}\nIt is lost if you don't.")
    accept = ("Accept", "proposed_accept", "Accept the proposed change")
    reject = ("Reject", "proposed_reject", "Reject the proposed change")
    answer = _first_or_second(box, "proposed", accept, reject)
    return "cancel" if answer is None else "accept" if answer else "reject"


def ask_exchange(parent: QWidget, repairs: Repairs) -> Literal["exchange", "mark", "cancel"]:
    """Whether exchanged labels among what is to be marked are exchanged back instead."""
    box = _question(parent, "exchange_dialog", "Exchange and mark", "Mark all")
    swaps, rest, unsure = len(repairs.exchange), len(repairs.mark), sum(each.kind == "swap" for each in repairs.mark)
    many = swaps != 1
    box.setText(
        f"{swaps} of these {'are' if many else 'is'} exchanged labels. Exchange {'them' if many else 'it'} back instead of marking?"
    )
    others = f"The other {rest} {'are' if rest != 1 else 'is'} marked" if rest else ""
    others += f", {unsure} swap{'s' * (unsure != 1)} that {'are' if unsure != 1 else 'is'} not certain among them" if unsure else ""
    box.setInformativeText(
        "Their samples are measured ones of the other point, and nothing has to be filled. "
        f"{others}{'. ' if others else ''}{f'{text}. ' if (text := left_pieces(repairs.pieces)) else ''}One undo takes all back."
    )
    exchange = ("Exchange", "exchange_accept", "Exchange swaps, mark the rest")
    mark = ("Mark all", "exchange_mark", "Mark all of them as wrong")
    answer = _first_or_second(box, "exchange", exchange, mark)
    return "cancel" if answer is None else "exchange" if answer else "mark"


def _question(parent: QWidget, name: str, spoken: str, title: str) -> QMessageBox:
    """A box without text or buttons. name, spoken: as for `named`."""
    box = named(QMessageBox(parent), name, spoken)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    return box


def _first_or_second(box: QMessageBox, prefix: str, first: tuple[str, str, str], second: tuple[str, str, str]) -> bool | None:
    """Whether the first of two answers is given, the usual one; None for Cancel.

    An answer: its text, and name and spoken as for `named`.
    """
    roles = QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.DestructiveRole
    buttons = [named(box.addButton(text, role), name, spoken) for (text, name, spoken), role in zip((first, second), roles, strict=True)]
    box.addButton(QMessageBox.StandardButton.Cancel)
    name_buttons(box, prefix)
    box.setDefaultButton(buttons[0])
    box.exec()
    chosen = [box.clickedButton() is button for button in buttons]
    return chosen[0] if any(chosen) else None
