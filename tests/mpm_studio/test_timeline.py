"""The timeline: what it shows at every zoom, and what the mouse does on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

import mpm_core as mpm
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.gaps import find_gaps
from mpm_core.recording import Origin
from mpm_core.resources import resource
from mpm_core.spans import Span
from mpm_studio import palette
from mpm_studio.operations.point_groups import point_groups
from mpm_studio.operations.times import Clock
from mpm_studio.session import Session
from mpm_studio.take import Take
from mpm_studio.views import timeline_paint as paint
from mpm_studio.views.coverage import LEAST_SEEN, blend, column_edges, make_row, shares
from mpm_studio.views.time_axis import CLOSEST
from mpm_studio.views.timeline import Timeline
from mpm_studio.views.timeline_lines import worst_origins
from tests.makers import smooth_take, with_gap
from tests.mpm_studio import driving

MEASURED = QColor(palette.TIMELINE_ORIGIN[Origin.MEASURED])
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def timeline(qtbot):
    session = Session()
    made = Timeline(session)
    qtbot.addWidget(made)
    made.resize(paint.NAMES + 1000, paint.RULER + 12 * paint.ROW)
    with qtbot.waitExposed(made):
        made.show()
    rec = with_gap(smooth_take(frames=20_000, points=6), point=2, start=7_000, stop=7_001)
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    return made


@given(
    origins=st.lists(st.integers(0, 5), min_size=1, max_size=60),
    start=st.floats(-5, 50),
    step=st.floats(0.05, 20),
)
def test_shares_are_exact(origins, start, step):
    """The share of each origin in a column is what counting its frames, and parts of frames, gives."""
    origin_F = np.array(origins, np.uint8)
    edges_W = column_edges(start, step, 7)
    share_WC = shares(make_row(origin_F), edges_W)
    for w in range(7):
        low, high = edges_W[w], edges_W[w + 1]
        for origin in Origin:
            inside = sum(max(0.0, min(high, f + 1) - max(low, f)) for f in range(len(origins)) if origins[f] == origin)
            assert share_WC[w, origin] == pytest.approx(inside / (high - low), abs=1e-6)


def test_a_one_frame_gap_shows_among_a_million_frames():
    origin_F = np.full(1_000_000, Origin.MEASURED, np.uint8)
    origin_F[654_321] = Origin.MISSING
    share_WC = shares(make_row(origin_F), column_edges(0, 1_000_000 / 800, 800))
    colours_C3 = np.zeros((len(Origin), 3))
    colours_C3[Origin.MISSING, 0] = 255
    red_W = blend(share_WC, colours_C3, np.zeros(3))[:, 0]
    assert (red_W > 0).sum() == 1
    assert red_W.max() >= int(LEAST_SEEN * 255)


def test_a_one_frame_gap_is_drawn_when_all_20000_frames_are_in_sight(timeline):
    image = timeline.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    x, y = timeline.x_of(7_000.5), paint.RULER + 2 * paint.ROW + paint.ROW / 2
    near = [image.pixelColor(round((x + dx) * ratio), round(y * ratio)) for dx in (-1, 0, 1)]
    assert any(colour.red() > colour.blue() + 60 for colour in near)
    far = image.pixelColor(round((x + 60) * ratio), round(y * ratio))
    assert far == MEASURED


def press(qtbot, timeline, x, y, to=None, button=Qt.MouseButton.LeftButton, modifier=Qt.KeyboardModifier.NoModifier):
    where = QPoint(round(x), round(y))
    qtbot.mousePress(timeline.viewport(), button, modifier, where)
    if to is not None:
        target = QPoint(round(to[0]), round(to[1]))
        qtbot.mouseMove(timeline.viewport(), (where + target) / 2)
        qtbot.mouseMove(timeline.viewport(), target)
        where = target
    qtbot.mouseRelease(timeline.viewport(), button, modifier, where)


def row_y(row):
    return paint.RULER + row * paint.ROW + paint.ROW / 2


def test_dragging_selects_rows_and_frames_either_way(qtbot, timeline):
    timeline.set_view(1_000, 2.0)
    press(qtbot, timeline, timeline.x_of(1_300.5), row_y(3), to=(timeline.x_of(1_100.5), row_y(1)))
    assert timeline.session.selection.points == (1, 2, 3)
    assert (timeline.session.selection.start, timeline.session.selection.stop) == (1_100, 1_301)


@pytest.mark.parametrize(
    ("modifier", "marks"),
    [
        (Qt.KeyboardModifier.ShiftModifier, True),
        (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier, False),
    ],
)
def test_dragging_with_shift_paints_marks(qtbot, timeline, modifier, marks):
    timeline.set_view(1_000, 2.0)
    with qtbot.waitSignal(timeline.painted) as heard:
        press(qtbot, timeline, timeline.x_of(1_300.5), row_y(3), to=(timeline.x_of(1_100.5), row_y(1)), modifier=modifier)
    assert heard.args == [marks]
    assert timeline.session.selection.points == (1, 2, 3)


def test_dragging_on_the_ruler_with_shift_sets_the_range_that_is_worked_on(qtbot, timeline):
    timeline.set_view(1_000, 2.0)
    shift = Qt.KeyboardModifier.ShiftModifier
    press(qtbot, timeline, timeline.x_of(1_300.5), 10, to=(timeline.x_of(1_100.5), 10), modifier=shift)
    assert timeline.session.work == (1_100, 1_301)
    image = timeline.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    inside, outside = (image.pixelColor(round(timeline.x_of(frame) * ratio), round(row_y(4) * ratio)) for frame in (1_200, 1_050))
    assert inside == MEASURED and outside != MEASURED


def test_a_click_asks_for_its_frame_and_selects_its_row(qtbot, timeline):
    timeline.set_view(1_000, 2.0)
    with qtbot.waitSignal(timeline.scrubbed) as heard:
        press(qtbot, timeline, timeline.x_of(1_234.5), row_y(4))
    assert heard.args == [1_234]
    assert timeline.session.selection.points == (4,)
    assert not timeline.session.selection.has_range


def test_double_click_tells_the_gap(qtbot, timeline):
    timeline.set_view(6_900, 4.0)
    entered = []
    timeline.entered_gap.connect(entered.append)
    at = QPoint(round(timeline.x_of(7_000.5)), round(row_y(2)))
    qtbot.mouseDClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [(gap.point, gap.start, gap.stop) for gap in entered] == [(2, 7_000, 7_001)]


def wheel(timeline, x, notches, modifier):
    at = QPointF(x, 60)
    event = QWheelEvent(
        at,
        timeline.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(timeline.viewport(), event)


def test_zoom_keeps_the_frame_under_the_cursor(timeline):
    x = paint.NAMES + 400.0
    before = timeline.start + 400 / timeline.pixels_per_frame
    wheel(timeline, x, 8, Qt.KeyboardModifier.ControlModifier)
    assert timeline.pixels_per_frame > 0.2
    assert timeline.start + 400 / timeline.pixels_per_frame == pytest.approx(before, abs=1e-6)


def test_the_view_never_leaves_the_take(timeline):
    timeline.set_view(1e9, 1e9)
    assert timeline.pixels_per_frame == CLOSEST
    assert timeline.visible_frames[1] == pytest.approx(20_000)
    timeline.set_view(-50, 1e-9)
    assert timeline.start == 0
    assert timeline.visible_frames[1] == pytest.approx(20_000)


def test_the_view_turns_the_page_when_the_playhead_leaves(timeline):
    timeline.set_view(0, 4.0)
    timeline.session.set_frame(9_000)
    first, last = timeline.visible_frames
    assert first <= 9_000 < last


def test_middle_drag_pans(qtbot, timeline):
    timeline.set_view(5_000, 2.0)
    press(qtbot, timeline, 600, 60, to=(500, 60), button=Qt.MouseButton.MiddleButton)
    assert timeline.start == pytest.approx(5_050)


@pytest.mark.parametrize(("zoom", "step"), [(1.0, 100), (0.01, 10_000), (24.0, 5), (80.0, 1)])
def test_ticks_are_round_numbers_that_keep_apart(zoom, step):
    assert Clock("frames", 100.0).step(70 / zoom) == step


def a_body():
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    spans = (Span("Left Foot Strike", 100, 101, source="file"), Span("contact", 150, 260, ("LHEE",)), Span("contact", 400, 450, ("LHEE",)))
    return replace(rec, spans=spans)


@pytest.fixture
def grouped(qtbot):
    session = Session()
    made = Timeline(session)
    qtbot.addWidget(made)
    made.resize(paint.NAMES + 860, paint.RULER + 60 * paint.ROW)
    with qtbot.waitExposed(made):
        made.show()
    rec = a_body()
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    return made


def two_people():
    """The sample's markers as two subjects with the same labels."""
    rec = a_body()
    both = tuple(f"{who}:{name}" for who in "AB" for name in rec.points)
    subjects = tuple(mpm.Subject(who, tuple(f"{who}:{name}" for name in rec.points)) for who in "AB")
    xyz_FPD = np.concatenate([rec.xyz_FPD, rec.xyz_FPD + np.float32([1.5, 0, 0])], axis=1)
    return mpm.make_recording(both, rec.rate_hz, xyz_FPD, subjects=subjects), rec.points


def row_of(timeline, text):
    return next(row for row, line in enumerate(timeline.lines) if line.text == text)


def y_of(row):
    return paint.RULER + row * paint.ROW + paint.ROW // 2


def test_points_are_grouped_by_body_part_below_the_spans(grouped):
    kinds = [line.kind for line in grouped.lines]
    assert kinds[:3] == ["spans", "spans", "group"]
    assert [line.text for line in grouped.lines[:2]] == ["Events", "contact (LHEE)"]
    titles = [line.text for line in grouped.lines if line.kind == "group"]
    assert titles == ["Head", "Trunk", "Left arm", "Right arm", "Left leg", "Right leg"]
    points = [line.points[0] for line in grouped.lines if line.kind == "point"]
    assert sorted(points) == list(range(39))
    names = grouped.shown.points
    arm = grouped.lines[row_of(grouped, "Left arm")].points
    assert {"LUPA", "LELB", "LWRA"} <= {names[point] for point in arm} and not {"RELB", "LKNE"} & {names[point] for point in arm}


def test_markers_of_no_known_place_are_in_a_group_of_their_own_not_in_the_trunk():
    rec = replace(a_body(), spans=())
    found = {group.part: group.points for group in point_groups(replace(rec, points=("*1", "Wand", *rec.points[2:])))}
    assert found[""] == (0, 1) and not {0, 1} & {*found["Trunk"]}


def test_a_click_on_a_groups_mark_closes_it_and_its_line_shows_the_worst_of_its_points(qtbot, grouped):
    row, before = row_of(grouped, "Left arm"), len(grouped.lines)
    arm = grouped.lines[row].points
    press(qtbot, grouped, 14, y_of(row))
    assert len(grouped.lines) == before - len(arm) and not grouped.lines[row].open
    origin_F = worst_origins(grouped.shown, arm)
    missing_F = (grouped.shown.origin_FP[:, list(arm)] == Origin.MISSING).any(axis=1)
    assert missing_F.any() and np.array_equal(origin_F == Origin.MISSING, missing_F)
    press(qtbot, grouped, 14, y_of(row))
    assert len(grouped.lines) == before
    press(qtbot, grouped, 60, y_of(row))
    assert grouped.session.selection.points == arm and not grouped.session.selection.has_range, "a click on the name selects"
    qtbot.mouseDClick(grouped.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, y_of(row)))
    selection = grouped.session.selection
    assert (selection.points, selection.start, selection.stop) == (arm, 0, grouped.shown.frames)
    press(qtbot, grouped, grouped.x_of(200), y_of(row))
    assert grouped.session.selection.points == arm and grouped.lines[row].open


def test_another_order_of_the_list_is_shown_without_groups(grouped):
    grouped.set_order([5, 3, 1])
    assert [line.points for line in grouped.lines if line.kind == "point"] == [(5,), (3,), (1,)]
    assert not any(line.kind == "group" for line in grouped.lines)


@pytest.mark.parametrize(
    ("from_frame", "to_frame", "expected"),
    [(200, 230, (180, 290)), (150, 170, (170, 260)), (260, 240, (150, 240)), (200, 20, (0, 110)), (150, 300, (259, 260))],
)
def test_a_span_is_dragged_by_its_middle_and_its_ends_in_one_undoable_step(qtbot, grouped, from_frame, to_frame, expected):
    y = y_of(row_of(grouped, "contact (LHEE)"))
    press(qtbot, grouped, grouped.x_of(from_frame), y, to=(grouped.x_of(to_frame), y))
    span = grouped.session.document.recording.spans[1]
    assert span.start == pytest.approx(expected[0], abs=1) and span.stop == pytest.approx(expected[1], abs=1)
    assert grouped.session.undo_label == "Move contact"
    grouped.session.undo()
    assert grouped.session.document.recording.spans == a_body().spans


def test_a_click_on_a_span_selects_its_frames_and_points(qtbot, grouped):
    y = y_of(row_of(grouped, "contact (LHEE)"))
    press(qtbot, grouped, grouped.x_of(200), y)
    selection = grouped.session.selection
    assert (selection.start, selection.stop) == (150, 260)
    assert [grouped.shown.points[point] for point in selection.points] == ["LHEE"]
    assert grouped.session.undo_label == ""


@pytest.mark.parametrize(("held", "marks"), [(SHIFT, True), (SHIFT | CTRL, False)])
def test_shift_and_drag_over_a_span_paints_the_selected_points_and_moves_nothing(qtbot, grouped, held, marks):
    y, painted, session = y_of(row_of(grouped, "contact (LHEE)")), [], grouped.session
    grouped.painted.connect(lambda on: painted.append((on, session.selection.points, session.selection.start, session.selection.stop)))
    session.select((3, 4))
    press(qtbot, grouped, grouped.x_of(200.5), y, to=(grouped.x_of(230.5), y), modifier=held)
    assert painted == [(marks, (3, 4), 200, 231)]
    assert session.document.recording.spans == a_body().spans and session.undo_label == ""


def test_the_tip_names_span_sample_and_sigma(grouped):
    session = grouped.session
    tips = lambda row, frame: grouped._tip(QPoint(round(grouped.x_of(frame)), y_of(row)))  # noqa: E731
    assert tips(0, 100.5) == "Left Foot Strike, frame 101, by file"
    assert tips(row_of(grouped, "contact (LHEE)"), 200) == "contact of LHEE, frame 151 to 260, by user"
    rec = session.document.recording
    session.do(fill_gaps(rec, ~rec.visible_FP, "relational").patch)
    gap = find_gaps(rec)[1]
    text = tips(row_of(grouped, rec.points[gap.point]), gap.start + 5)
    assert "classical ± " in text and " mm" in text
    x, y, z = session.shown.xyz_FPD[gap.start + 5, gap.point]
    assert f"x {x:.3f}, y {y:.3f}, z {z:.3f} m" in text


def test_the_parts_of_each_subject_are_closed_one_by_one_or_with_it_or_all_at_once(qtbot, grouped):
    rec, names = two_people()
    ball = mpm.Subject("Ball", ("ball",))
    xyz_FPD = np.concatenate([rec.xyz_FPD, rec.xyz_FPD[:, :1]], axis=1)
    rec = mpm.make_recording((*rec.points, "ball"), rec.rate_hz, xyz_FPD, subjects=(*rec.subjects, ball))
    grouped.session.open(Take(Path("two.c3d"), rec, rec, {}))
    top = [(line.kind, line.text, line.depth) for line in grouped.lines if line.depth == 0]
    assert top == [("subject", "A", 0), ("subject", "B", 0), ("subject", "Ball", 0)]
    assert len(grouped.lines) == 3 + 2 * 6 + len(rec.points)
    assert [line.kind for line in grouped.lines[-2:]] == ["subject", "point"], "a subject without parts shows its points"
    second = next(row for row, line in enumerate(grouped.lines) if line.text == "B")
    heads = [row for row, line in enumerate(grouped.lines) if line.text == "Head"]
    press(qtbot, grouped, 14 + paint.INDENT, y_of(heads[1]))
    assert not grouped.lines[heads[1]].open and grouped.lines[heads[0]].open
    press(qtbot, grouped, 14, y_of(second))
    assert len(grouped.lines) == 3 + 6 + len(names) + 1 and not grouped.lines[second].open
    press(qtbot, grouped, grouped.x_of(50), y_of(second))
    assert grouped.session.selection.points == tuple(range(len(names), 2 * len(names)))
    grouped.toggle_all()
    grouped.toggle_all()
    assert [line.text for line in grouped.lines] == ["A", "B", "Ball"]
    grouped.toggle_all()
    assert len(grouped.lines) == 3 + 2 * 6 + len(rec.points)


def test_a_one_frame_gap_shows_in_the_line_of_a_closed_subject_when_20000_frames_are_in_sight(timeline):
    rec = with_gap(smooth_take(frames=20_000, points=6), 2, 7_000, 7_001)
    names = tuple(f"{who}:{place}" for who in "AB" for place in "xyz")
    subjects = tuple(mpm.Subject(who, tuple(name for name in names if name.startswith(who))) for who in "AB")
    rec = mpm.make_recording(names, rec.rate_hz, rec.xyz_FPD, subjects=subjects)
    timeline.session.open(Take(Path("two.c3d"), rec, rec, {}))
    timeline.toggle_all()
    assert [line.text for line in timeline.lines] == ["A", "B"]
    image = timeline.viewport().grab().toImage()
    ratio, x = image.devicePixelRatio(), timeline.x_of(7_000.5)
    for row, gap in ((0, True), (1, False)):
        near = [image.pixelColor(round((x + dx) * ratio), round(row_y(row) * ratio)) for dx in (-1, 0, 1)]
        assert any(colour.red() > colour.blue() + 60 for colour in near) is gap


def test_keys_zoom_time_and_go_to_events(qtbot, window):
    rec = smooth_take(frames=300, points=3)
    window.session.open(Take(Path("take.npz"), replace(rec, spans=(Span("strike", 40, 41), Span("contact", 100, 151))), rec, {}))
    timeline, session = window.workspace.timeline, window.session
    session.set_frame(50)
    driving.press(qtbot, window, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    x, wide = timeline.x_of(50.5), timeline.pixels_per_frame
    control = Qt.KeyboardModifier.ControlModifier
    driving.press(qtbot, window, Qt.Key.Key_Equal, control)
    assert timeline.pixels_per_frame == pytest.approx(2 * wide) and timeline.x_of(50.5) == pytest.approx(x, abs=2 * wide)
    driving.press(qtbot, window, Qt.Key.Key_Minus, control)
    assert timeline.pixels_per_frame == pytest.approx(wide)
    seen = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left):
        driving.press(qtbot, window, key, control)
        seen.append(session.frame)
    assert seen == [100, 150, 150, 100, 40, 40]
