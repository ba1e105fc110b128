"""What an earlier run left unsaved, offered at the top of the window: recover it, discard it, or decide another time."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from mpm_studio.recovery import Offer
from mpm_studio.views.naming import named


class RecoveryBar(QFrame):
    """Hidden until `show_offer`. `accepted` and `discarded` carry the offer; `left` too, which stays for the next start."""

    accepted = Signal(object)
    discarded = Signal(object)
    left = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "recovery_bar", "A take to recover")
        self.setProperty("role", "notice")
        self.text = named(QLabel(), "recovery_text", "What can be recovered")
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self.text, 1)
        self.buttons: list[QPushButton] = []
        for name, title, spoken, signal in (
            ("recover", "Recover", "Recover the take", self.accepted),
            ("later", "Later", "Decide at the next start", self.left),
            ("discard", "Discard", "Discard the take's changes", self.discarded),
        ):
            button = named(QPushButton(title), f"recovery_{name}", spoken)
            button.setToolTip(spoken)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, signal=signal: self._answer(signal))
            row.addWidget(button)
            self.buttons.append(button)
        self.offer: Offer | None = None
        self.hide()

    def show_offer(self, offer: Offer) -> None:
        self.offer = offer
        self.text.setText(sentence(offer, datetime.now().astimezone()))
        self.text.setToolTip(str(offer.path))
        self.show()

    def _answer(self, signal: SignalInstance) -> None:
        offer, self.offer = self.offer, None
        self.hide()
        if offer is not None:
            signal.emit(offer)


def sentence(offer: Offer, now: datetime) -> str:
    """'mpm-studio ended before the changes to walk.c3d were saved. They were kept today at 17:32.'"""
    when = offer.when.astimezone()
    days = (now.date() - when.date()).days
    day = "today" if days == 0 else "yesterday" if days == 1 else f"on {when:%d} {when:%B} {when.year}".replace(" 0", " ")
    name = (offer.project_path or offer.path).name
    return f"mpm-studio ended before the changes to {name} were saved. They were kept {day} at {when:%H:%M}."
