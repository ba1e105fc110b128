"""The menus and Qt actions, made from the table of actions; and their state."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDialog, QMenu

from mpm_studio import theme
from mpm_studio.actions import ACTIONS, LINE
from mpm_studio.actions.action import Action
from mpm_studio.operations.completing import METHODS
from mpm_studio.views.shortcut_editor import Named, ShortcutEditor
from mpm_studio.window_parts import WindowParts


def install(window: WindowParts) -> dict[str, QAction]:
    """Make the actions and the menus of a window."""
    made: dict[str, QAction] = {}
    menus: dict[str, Any] = {}
    menu = None
    for action in ACTIONS:
        if action is LINE:
            if menu is not None:
                menu.addSeparator()
            continue
        if action.menu not in menus:
            menus[action.menu] = window.menuBar().addMenu(action.menu)
            menus[action.menu].setObjectName(f"menu_{action.menu.replace('&', '').lower()}")
            menus[action.menu].setAccessibleName(action.menu.replace("&", ""))
            menus[action.menu].setToolTipsVisible(True)
        menu = menus[action.menu]
        made[action.id] = _make(window, action)
        menu.addAction(made[action.id])
    window.recent_menu = menus["&File"].addMenu("Open &recent")
    menus["&File"].insertMenu(made["save"], window.recent_menu)
    _add_methods(window, menus["&Repair"], made)
    return made


def add_panels(window: WindowParts) -> None:
    """A switch for each panel of the work area, before what moves and resets them."""
    panels = QMenu("&Panels", window)
    panels.setObjectName("menu_panels")
    for dock in window.workspace.docks:
        panels.addAction(dock.toggleViewAction())
    menu = window.findChild(QMenu, "menu_view")
    assert menu is not None
    menu.insertMenu(window.actions_by_id["arrange"], panels)


def refresh(window: WindowParts, made: dict[str, QAction]) -> None:
    """Enable what may be used now, say in the others' tips why not, and name what undo and redo would do."""
    for action in ACTIONS:
        if action is not None:
            why_not = action.blocked(window.session)
            made[action.id].setEnabled(not why_not)
            made[action.id].setToolTip(_tip(action, made[action.id].shortcut().toString(), why_not))
    for name, verb, label in (("undo", "&Undo", window.session.undo_label), ("redo", "&Redo", window.session.redo_label)):
        made[name].setText(f"{verb}: {label}" if label else verb)
        made[name].setIconText(verb.replace("&", ""))


def _make(window: WindowParts, action: Action) -> QAction:
    made = QAction(action.text, window)
    made.setObjectName(f"action_{action.id}")
    plain = _plain(action)
    made.setIconText(plain)
    made.setShortcuts([QKeySequence(key) for key in keys_of(window, action)])
    if action.keys_in == "review":
        made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    if action.icon:
        made.setIcon(theme.icon(action.icon))
    if action.switch is not None:
        made.setCheckable(True)
        made.setChecked(window.settings.switch(action.id, action.switch))
        made.toggled.connect(lambda on: window.settings.set_switch(action.id, on))
    made.triggered.connect(lambda: window.session.guard(plain, lambda: action.run(window)))
    return made


def keys_of(window: WindowParts, action: Action) -> tuple[str, ...]:
    """An action's keys: those that the user gave it, else its usual ones."""
    given = window.settings.keys(action.id)
    return action.keys if given is None else given


def change_keys(window: WindowParts) -> None:
    """Let the user give actions other keys, and use them from now on."""
    actions = [action for action in ACTIONS if action is not None]
    rows = [Named(each.id, _plain(each), each.menu.replace("&", ""), each.keys) for each in actions]
    editor = ShortcutEditor(rows, {each.id: keys_of(window, each) for each in actions}, window)
    if editor.exec() == QDialog.DialogCode.Accepted:
        window.settings.set_keys(editor.changed())
        for each in actions:
            window.actions_by_id[each.id].setShortcuts([QKeySequence(key) for key in keys_of(window, each)])
        refresh(window, window.actions_by_id)


def _plain(action: Action) -> str:
    return action.text.replace("&", "").rstrip("…")


def _tip(action: Action, key: str, why_not: str) -> str:
    plain = action.tip or _plain(action)
    tip = f"{plain}{f'  ({key})' if key else ''}"
    return f"{tip}\nNot now: {why_not}" if why_not else tip


def _add_methods(window: WindowParts, menu: Any, made: dict[str, QAction]) -> None:
    """How to fill: one of several, as a submenu."""
    methods = menu.addMenu("&Method")
    methods.setObjectName("menu_method")
    group = QActionGroup(window)
    for method, about in METHODS.items():
        choice = methods.addAction(f"{method}: {about}")
        choice.setObjectName(f"method_{method}")
        choice.setCheckable(True)
        choice.setChecked(method == window.method)
        choice.triggered.connect(lambda _checked, method=method: window.set_method(method))
        group.addAction(choice)
    menu.insertMenu(made["lift"], methods)
