"""Actions on recipes and many takes: make a recipe of the history, save it, clean other takes by it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog

from mpm_studio import clean_recipe
from mpm_studio.clean_recipe import Recipe
from mpm_studio.flows import file
from mpm_studio.operations.recipes import RecipeStep, make_recipe, recipe_steps
from mpm_studio.take_queue import TakeQueue
from mpm_studio.views import dialogs
from mpm_studio.views.queue_window import QueueWindow
from mpm_studio.views.recipe_dialog import RecipeDialog
from mpm_studio.window_parts import WindowParts


def recipe_of(window: WindowParts, chosen: list[RecipeStep]) -> Recipe:
    """The recipe of these steps of the history, and of how the take was read."""
    session = window.session
    assert session.document is not None
    return make_recipe(
        session.document.done,
        session.document.recording,
        chosen,
        method=window.method,
        limits=window.limits,
        networks=window.settings.networks(),
        reading=session.options,
        body=session.overrides,
    )


def ask_recipe(window: WindowParts) -> None:
    """Show the recipe of the history, and save it or use it on other takes."""
    document = window.session.document
    if document is None:
        return
    dialog = RecipeDialog(recipe_steps(document.done, document.recording), lambda chosen: recipe_of(window, chosen), window)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return
    if dialog.what == "save":
        save(window, dialog.recipe())
    else:
        show_queue(window).set_recipe(dialog.recipe(), f"the history of {window.take_name}")


def save(window: WindowParts, recipe: Recipe) -> None:
    """Save a recipe, for `mpm-studio clean --recipe`."""
    session = window.session
    path = dialogs.ask_recipe_path(window, (session.path or Path("take")).with_name("recipe.toml"))
    if path is not None:
        clean_recipe.save_recipe(recipe, path)
        session.notice.emit(f"Saved {path.name}. File, Clean other takes does the same to many takes.")


def show_queue(window: WindowParts) -> QueueWindow:
    """The window of the take queue, made when it is first wanted."""
    found = window.findChild(QueueWindow, "queue_window")
    if found is None:
        queue = TakeQueue(window)
        window.closing.connect(queue.close)
        found = QueueWindow(queue, window)
        found.open_result.connect(lambda path: window.session.guard("Opening", lambda: file.open_path(window, path)))
        found.open_report.connect(lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))))
    found.show()
    found.raise_()
    return found
