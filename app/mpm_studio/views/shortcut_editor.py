"""Keys to change: a row for each action, and what is in the way of a key that another action has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mpm_studio.views.dialog_parts import cancel_and
from mpm_studio.views.filter_field import filter_field
from mpm_studio.views.naming import named
from mpm_studio.views.table import read_only_table

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """An action whose keys can be changed. text: its name; menu: where it is; usual: its keys without a choice of the user's."""

    id: str
    text: str
    menu: str
    usual: Keys


def conflicts(keys: Mapping[str, Keys]) -> dict[str, str]:
    """For each action id whose key is also another's, or the beginning of another's, that other's id.

    >>> conflicts({"mark": ("M",), "mute": ("M",), "fit": ("F",)})
    {'mark': 'mute', 'mute': 'mark'}
    """
    each = [(name, QKeySequence(text)) for name, texts in keys.items() for text in texts]
    apart, found = QKeySequence.SequenceMatch.NoMatch, dict[str, str]()
    for place, (one, a) in enumerate(each):
        for other, b in each[place + 1 :]:
            if one != other and (a.matches(b) != apart or b.matches(a) != apart):
                found.setdefault(one, other)
                found.setdefault(other, one)
    return found


class ShortcutEditor(QDialog):
    """A double click, or Enter, on an action asks for its key; the first of several is replaced, Backspace takes them all away."""

    def __init__(self, actions: Sequence[Named], now: Mapping[str, Keys], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "shortcut_editor", "Change keys")
        self.setWindowTitle("Change keys")
        self.resize(620, 620)
        self.actions_, self.keys = list(actions), dict(now)
        self.filter = filter_field("shortcut_filter", "Show only actions with these words, or this key", "Filter: action or key")
        self.filter.textChanged.connect(lambda _text: self._filter())
        self.table = named(read_only_table(len(actions), ("Action", "Menu", "Keys"), (), 24), "shortcut_table", "Actions and their keys")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().resizeSection(2, 170)
        self.table.itemSelectionChanged.connect(self._on_selected)
        self.edit = named(QKeySequenceEdit(), "shortcut_edit", "Press the new key here")
        for field in self.edit.findChildren(QLineEdit):  # it has the focus
            named(field, "shortcut_edit_field", self.edit.accessibleName())
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.edit.keySequenceChanged.connect(self._on_key)
        self.usual = named(QPushButton("Usual"), "shortcut_usual", "Its usual key again")
        self.usual.clicked.connect(self._on_usual)
        self.all_usual = named(QPushButton("All usual"), "shortcut_all_usual", "The usual keys of all actions again")
        self.all_usual.clicked.connect(self._on_all_usual)
        for button in (self.usual, self.all_usual):
            button.setAutoDefault(False)
        self.problem = named(QLabel(), "shortcut_problem", "What is in the way")
        self.problem.setWordWrap(True)
        buttons, self.use = cancel_and(self, "Use these keys", "shortcut_use", "Use these keys")
        row = QHBoxLayout()
        row.addWidget(QLabel("New key"))
        row.addWidget(self.edit, 1)
        row.addWidget(self.usual)
        row.addWidget(self.all_usual)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(10)
        for part in (self.filter, self.table):
            layout.addWidget(part)
        layout.addLayout(row)
        layout.addWidget(self.problem)
        layout.addWidget(buttons)
        self._show()
        self.table.selectRow(0)

    def changed(self) -> dict[str, Keys]:
        """The keys of the actions that do not have their usual ones."""
        return {each.id: self.keys[each.id] for each in self.actions_ if self.keys[each.id] != each.usual}

    def _chosen(self) -> Named | None:
        rows = self.table.selectionModel().selectedRows()
        return self.actions_[rows[0].row()] if rows else None

    def _on_selected(self) -> None:
        chosen = self._chosen()
        self.edit.blockSignals(True)
        keys = self.keys[chosen.id] if chosen is not None else ()
        self.edit.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
        self.edit.blockSignals(False)

    def _on_key(self, key: QKeySequence) -> None:
        text = key.toString(QKeySequence.SequenceFormat.PortableText)
        chosen = self._chosen()
        if chosen is not None:
            self._set(chosen, (text, *(each for each in self.keys[chosen.id][1:] if each != text)) if text else ())

    def _on_usual(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._set(chosen, chosen.usual)
            self._on_selected()

    def _on_all_usual(self) -> None:
        self.keys |= {each.id: each.usual for each in self.actions_}
        self._show()
        self._on_selected()

    def _set(self, action: Named, keys: Keys) -> None:
        self.keys[action.id] = keys
        self._show()

    def _show(self) -> None:
        """The keys as they are now, those in conflict marked, and whether they can be used."""
        against = conflicts(self.keys)
        texts = {each.id: each.text for each in self.actions_}
        for row, each in enumerate(self.actions_):
            own = " or ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in self.keys[each.id])
            mark = f"{own}   (also {texts[against[each.id]]})" if each.id in against else own
            for column, text in enumerate((each.text, each.menu, mark)):
                self.table.setItem(row, column, QTableWidgetItem(text))
        clash = next(((texts[one], texts[other]) for one, other in against.items()), None)
        self.problem.setText(f"{clash[0]} and {clash[1]} have the same key: change one of them." if clash else "")
        self.use.setEnabled(not against)

    def _filter(self) -> None:
        words = self.filter.text().lower().split()
        for row, each in enumerate(self.actions_):
            text = f"{each.text} {each.menu} {' '.join(self.keys[each.id])}".lower()
            self.table.setRowHidden(row, not all(word in text for word in words))
