"""The row of the playback buttons."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from mpm_studio.playback import Playback
from mpm_studio.session import Session
from mpm_studio.take import Take
from mpm_studio.views.transport import Transport
from tests.makers import smooth_take

BUTTONS = ("first_frame", "previous_frame", "play", "next_frame", "last_frame", "loop")


def test_what_a_selection_can_do_is_shown_whole_or_not_at_all(qtbot):
    session, rec = Session(), smooth_take(900, 4)
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(2000, 60)
    transport = Transport(session, Playback(session), {name: QAction(name) for name in BUTTONS}, window)
    window.show()
    session.open(Take(Path("take.npz"), rec, rec, {}))
    session.select((0, 1, 2), 300, 380)
    shown_whole = 0
    for width in range(500, 1900, 20):
        transport.resize(width, 40)
        QTest.qWait(1)
        if transport.hint.isVisible():
            assert transport.hint.width() >= transport.hint.fontMetrics().horizontalAdvance(transport.hint.text()), width
            shown_whole += 1
    assert shown_whole
