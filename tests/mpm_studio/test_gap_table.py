"""The gap table at the widths that its panel has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

import mpm_core as mpm
from mpm_core.edit.patch import Replace
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.resources import resource
from mpm_studio import theme
from mpm_studio.session import Session
from mpm_studio.take import Take
from mpm_studio.views.gap_model import HEADS, METHOD, POINT, STATE
from mpm_studio.views.gap_table import GapTable

HEAD_PADDING = 16  # pixels, of the style


def shown(qtbot, qapp, prefixes: tuple[str, ...], width: int) -> GapTable:
    """The sample's gaps, some of them filled, of one or several subjects."""
    theme.apply(qapp)
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    names = tuple(prefix + name for prefix in prefixes for name in rec.points)
    rec = mpm.make_recording(names, rec.rate_hz, np.concatenate([rec.xyz_FPD] * len(prefixes), axis=1))
    session = Session()
    made = GapTable(session)
    qtbot.addWidget(made)
    made.resize(width, 500)
    with qtbot.waitExposed(made):
        made.show()
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    session.do(fill_gaps(rec, ~rec.visible_FP & (np.arange(len(names)) % 2 == 0), "relational").patch)
    session.turns.finish()
    QTest.qWait(0)
    return made


def cut(made: GapTable) -> set[str]:
    """The columns in which a text or a head is cut."""
    table, model, header = made.table, made.model, made.table.horizontalHeader()
    found = set()
    for column in range(len(HEADS)):
        if table.isColumnHidden(column):
            continue
        needs = max(table.sizeHintForIndex(model.index(row, column)).width() for row in range(model.rowCount()))
        head = header.fontMetrics().horizontalAdvance(HEADS[column]) + HEAD_PADDING
        if max(needs, head) > header.sectionSize(column):
            found.add(HEADS[column])
    return found


@pytest.mark.parametrize(
    ("prefixes", "width", "may_be_cut"),
    [
        (("",), 418, set()),
        (("Home:", "Guest:"), 418, set()),
        (("Home:", "A player with a long name:"), 418, {HEADS[POINT]}),
        (("",), 315, {HEADS[POINT], HEADS[STATE]}),
    ],
)
def test_no_text_is_cut_where_there_is_room_and_names_only_where_there_is_none(qtbot, qapp, prefixes, width, may_be_cut):
    made = shown(qtbot, qapp, prefixes, width)
    for column in range(len(HEADS)):
        made.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        assert cut(made) <= may_be_cut, HEADS[column]
    assert sum(made.table.horizontalHeader().sectionSize(column) for column in range(len(HEADS))) <= made.table.viewport().width()
    assert made.table.isColumnHidden(METHOD) == (width < 400 or len(prefixes) > 1)


def test_rows_are_copied_with_their_heads(qtbot, qapp):
    made = shown(qtbot, qapp, ("",), 418)
    made.table.selectRow(0)
    qtbot.keyClick(made.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, row = qapp.clipboard().text().rstrip("\n").split("\n")
    assert head.split("\t") == list(HEADS) and row.split("\t")[0] == made.model.rec.points[made.chosen()[0].point]


def test_a_column_that_the_user_made_wider_stays_so(qtbot, qapp):
    made = shown(qtbot, qapp, ("",), 418)
    header = made.table.horizontalHeader()
    edge = QPoint(header.sectionViewportPosition(POINT) + header.sectionSize(POINT) - 1, 8)
    before = header.sectionSize(POINT)
    QTest.mouseMove(header.viewport(), edge)
    QTest.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(header.viewport(), edge + QPoint(15, 0))
    QTest.mouseMove(header.viewport(), edge + QPoint(30, 0))
    QTest.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=edge + QPoint(30, 0))
    wide = header.sectionSize(POINT)
    assert wide > before + 20
    made.filter.setText("RKNE")
    assert header.sectionSize(POINT) == wide


def test_what_is_resized_while_the_mouse_drags_elsewhere_is_no_width_of_the_users(qtbot, qapp):
    made = shown(qtbot, qapp, ("",), 418)
    header, before = made.table.horizontalHeader(), made.table.columnWidth(POINT)
    QTest.mousePress(made.filter, Qt.MouseButton.LeftButton)
    header.resizeSection(POINT, before + 40)
    QTest.mouseRelease(made.filter, Qt.MouseButton.LeftButton)
    made.filter.setText("RKNE")
    made.filter.clear()
    assert header.sectionSize(POINT) == before


def test_gaps_of_points_that_are_left_alone_are_listed_by_a_filter_only(qtbot, qapp):
    made = shown(qtbot, qapp, ("",), 418)
    session, rec = made.session, mpm.read(resource("sample/walk_reach_sit.c3d"))
    listed = [row for row in made.model.rows if row.point != rec.index("RKNE")]
    names = tuple("*12" if name == "RKNE" else name for name in rec.points)
    rec = mpm.make_recording(names, rec.rate_hz, rec.xyz_FPD)
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    with qtbot.waitSignal(made.counted) as counted:
        session.turns.finish()
    assert counted.args == [len(listed)] and "*12" not in [rec.points[row.point] for row in made.model.rows]
    assert made.model.unlisted == 1 and "1 gap of trajectories without a label" in made.about.text()
    assert made.quality.cells[2, 1].text() == str(len(listed)), "nor are they counted as open"
    assert made.buttons.fill_button.text() == f"Fill {len(listed)}"
    made.filter.setText("alone")
    assert [rec.points[row.point] for row in made.model.rows] == ["*12"] and made.model.unlisted == 0


def test_the_buttons_are_for_all_gaps_only_while_nothing_is_selected(qtbot, qapp):
    made = shown(qtbot, qapp, ("",), 418)
    session, states = made.session, ("open", "filled")
    assert made.buttons.taken(*states) == made.model.rows and "all that are listed" in made.about.text()
    session.select((made.model.rows[0].point,))
    assert not made.buttons.taken(*states) and not made.buttons.fill_button.isEnabled() and "selected frames" in made.about.text()
    session.select(())
    assert made.buttons.taken(*states) == made.model.rows


def test_while_a_whole_take_is_proposed_the_gaps_say_how_it_is_decided(qtbot, qapp):
    made = shown(qtbot, qapp, ("",), 418)
    before = made.session.document.recording
    made.session.propose(Replace("Trim", before, made.session.document.original), "")
    made.session.turns.finish()
    assert "accepted or rejected as a whole" in made.about.text() and not made.buttons.accept_button.isEnabled()
    assert not made.buttons.fill_button.isEnabled()
    made.session.reject()
    made.session.turns.finish()
    assert "all that are listed" in made.about.text() and made.buttons.fill_button.isEnabled()


def test_a_gap_that_the_filter_hides_is_not_chosen_any_more(qtbot, qapp):
    made = shown(qtbot, qapp, ("",), 418)
    made.table.selectRow(0)
    hidden, kept = made.chosen()[0], next(row for row in made.model.rows if row.point != made.model.rows[0].point)
    made.filter.setText(made.model.rec.points[kept.point])
    assert hidden not in made.model.rows and not made.session.selection.points
    made.filter.clear()
    made.session.select((hidden.point, kept.point), 0, 500)
    made.filter.setText(made.model.rec.points[kept.point])
    assert made.session.selection.points == (hidden.point, kept.point), "no row was chosen: a range of frames stays"


def test_a_chosen_row_can_be_let_go(qtbot, qapp):
    made = shown(qtbot, qapp, ("",), 418)
    at = made.table.visualRect(made.model.index(0, 0)).center()
    for modifier in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
        QTest.mouseClick(made.table.viewport(), Qt.MouseButton.LeftButton, modifier, at)
        assert bool(made.session.selection.points) == bool(made.chosen()) == (modifier == Qt.KeyboardModifier.NoModifier)
    assert made.buttons.taken("open", "filled") == made.model.rows
