"""Every control of every dialog has a name for scripts and one for screen readers. Files are chosen in Qt's dialog, or the desktop's."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

import mpm_core as mpm
from mpm_core.body.by_motion.roles import Guess, Proposal
from mpm_core.body.joints import body17
from mpm_core.edit.names import Conflict
from mpm_core.fill.keep.limits import USUAL
from mpm_core.seen_person import SeenPerson
from mpm_core.suspect.kinds import Suspect
from mpm_studio import help_pages, menus, views
from mpm_studio.clean_recipe import Recipe
from mpm_studio.flows import help as help_flow
from mpm_studio.operations.mapping import Offered
from mpm_studio.operations.networks import Networks
from mpm_studio.operations.recipes import RecipeStep
from mpm_studio.operations.suspects import Repairs
from mpm_studio.take_queue import TakeQueue
from mpm_studio.views import dialogs, input_dialogs, take_dialogs
from mpm_studio.views.complete_dialog import ask_complete
from mpm_studio.views.donors_dialog import ask_donors
from mpm_studio.views.export_dialog import ask_export
from mpm_studio.views.filter_dialog import ask_filter
from mpm_studio.views.help_window import HelpWindow
from mpm_studio.views.import_dialog import ask_import
from mpm_studio.views.keys import show_keys
from mpm_studio.views.lift_dialog import ask_lift
from mpm_studio.views.mapping_dialog import ask_mapping
from mpm_studio.views.models_dialog import ask_models
from mpm_studio.views.motion_map_dialog import ask_motion_map
from mpm_studio.views.person_dialog import ask_person
from mpm_studio.views.queue_window import QueueWindow
from mpm_studio.views.recipe_dialog import RecipeDialog
from mpm_studio.views.selftest_dialog import show_selftest
from mpm_studio.views.settings_dialog import Choices, ask_settings
from mpm_studio.views.turntable_dialog import ask_turntable
from mpm_studio.window import Window
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import nameless
from tests.mpm_studio.test_selftest import known_errors

OPTIONS = ("unit", "up", "zero_is_missing", "positions", "columns", "points", "person", "fps", "image_wh")
FILES = {"ask_file", "ask_video", "ask_folder", "ask_project_path", "ask_recipe_path", "ask_picture_path", "ask_film_path"}
REC = with_gap(replace(smooth_take(points=17), points=body17().names, skeleton=body17()), 1, 20, 30)
PERSON = SeenPerson("1", 40, 10, 49, 320.0, 240.0, 200.0, np.zeros((17, 2)), (), True)
SWAP = Suspect("swap", (0, 1), 5, 9, 2.0, "look exchanged")
MOTION = Offered(Proposal(tuple(Guess(point, "", "", 0.0) for point in range(17)), 1.0))

OPEN: dict[str, Callable[[Window], Any]] = {
    "ask_name": lambda window: input_dialogs.ask_name(window, "Rename", "New name:", "a"),
    "ask_whole_number": lambda window: input_dialogs.ask_whole_number(window, "Offset", "Frame", 3),
    "ask_unsaved": lambda window: dialogs.ask_unsaved(window, "a take"),
    "ask_exchange": lambda window: dialogs.ask_exchange(window, Repairs([SWAP], [], [])),
    "ask_proposed": lambda window: dialogs.ask_proposed(window, "a take", "3 gaps"),
    "ask_export": lambda window: ask_export(window, REC, {}),
    "ask_conflict": lambda window: take_dialogs.ask_conflict(window, REC, 0, 1, Conflict(3, 0.1, 0.2)),
    "ask_rate": lambda window: take_dialogs.ask_rate(window, REC),
    "ask_confidence": lambda window: take_dialogs.ask_confidence(window, REC, None, "all points"),
    "ask_complete": lambda window: ask_complete(window, "auto", USUAL, "the selected gap", "everywhere"),
    "ask_donors": lambda window: ask_donors(window, REC, (1,), "rigid"),
    "ask_filter": lambda window: ask_filter(window, REC, None, "all points", (1,)),
    "ask_import": lambda window: ask_import(window, "take.csv", OPTIONS, ()),
    "ask_lift": lambda window: ask_lift(window, mpm.make_recording(REC.points, 25.0, REC.xyz_FPD[..., :2])),
    "ask_mapping": lambda window: ask_mapping(window, REC, {}),
    "ask_models": lambda window: ask_models(window, Networks(), []),
    "ask_motion_map": lambda window: ask_motion_map(window, REC, MOTION, "mine"),
    "ask_person": lambda window: ask_person(window, [PERSON, replace(PERSON, name="2", read=False)], (640, 480)),
    "ask_settings": lambda window: ask_settings(window, Choices(Networks(), "auto"), ["auto"]),
    "ask_turntable": lambda window: ask_turntable(window, {"Stands still": (0, 0)}),
    "show_keys": lambda window: show_keys(window, [window.actions_by_id["open"]], window.actions_by_id["settings"]),
    "show_selftest": lambda window: show_selftest(window, known_errors(), "take.c3d"),
    "AboutDialog": help_flow.show_about,
    "HelpWindow": lambda window: HelpWindow(help_pages.markdown_pages(), window).exec(),
    "QueueWindow": lambda window: QueueWindow(TakeQueue(window), window).exec(),
    "RecipeDialog": lambda window: RecipeDialog([RecipeStep("Mark", "a:1-2")], lambda _steps: Recipe(), window).exec(),
    "ShortcutEditor": menus.change_keys,
}


def look(window: Window, ask: Callable[[Window], Any]) -> tuple[str, list[str]]:
    """Open a dialog; its class, and the controls without a name."""
    found: list[tuple[str, list[str]]] = []

    def when_open() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog):
            found.append((type(dialog).__name__, nameless(dialog)))
            dialog.reject()
        else:
            QTimer.singleShot(5, when_open)

    QTimer.singleShot(5, when_open)
    ask(window)
    return found[0]


def test_a_control_without_a_name_is_found(window: Window) -> None:
    from PySide6.QtWidgets import QCheckBox, QVBoxLayout

    def ask(parent: QWidget) -> None:
        dialog = QDialog(parent)
        dialog.setObjectName("dialog")
        QVBoxLayout(dialog).addWidget(QCheckBox("Yes"))
        dialog.exec()

    assert look(window, ask) == ("QDialog", ["QCheckBox in dialog"])


@pytest.mark.parametrize("name", OPEN)
def test_every_control_of_a_dialog_has_a_name(window: Window, name: str) -> None:
    kind, without = look(window, OPEN[name])
    assert without == []
    assert name.startswith(("ask_", "show_")) or kind == name


def test_every_dialog_is_opened(window: Window) -> None:
    asking, kinds = set[str](), set[str]()
    for info in pkgutil.iter_modules(views.__path__):
        module = importlib.import_module(f"{views.__name__}.{info.name}")
        for name, thing in inspect.getmembers(module):
            if getattr(thing, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(thing) and name.startswith(("ask_", "show_")):
                asking.add(name)
            elif inspect.isclass(thing) and issubclass(thing, QDialog):
                kinds.add(name)
    assert asking - FILES == {name for name in OPEN if name.startswith(("ask_", "show_"))}
    assert kinds == {kind for kind, _ in (look(window, ask) for ask in OPEN.values())} - {"QDialog", "QMessageBox", "QInputDialog"}
