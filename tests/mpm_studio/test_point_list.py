"""The list of points: a filter hides rows and leaves the selection as it was."""

from __future__ import annotations

from pathlib import Path

from mpm_core.recording import make_recording
from mpm_studio.session import Session
from mpm_studio.take import Take
from mpm_studio.views.point_list import PointList
from tests.makers import smooth_take


def selected(points: PointList) -> set[int]:
    return {points.proxy.mapToSource(index).row() for index in points.table.selectionModel().selectedRows()}


def test_points_that_are_filtered_out_stay_selected(qtbot):
    session, rec = Session(), smooth_take(60, 4)
    points = PointList(session)
    qtbot.addWidget(points)
    session.open(Take(Path("take.npz"), rec, rec, {}))
    session.select((0, 2), 10, 20)
    for text, shown in (("P0", {0}), ("P1", set()), ("nothing", set()), ("", {0, 2})):
        points.filter.setText(text)
        assert session.selection.points == (0, 2) and (session.selection.start, session.selection.stop) == (10, 20)
        assert selected(points) == shown
        assert points.empty.isVisibleTo(points) == (text == "nothing")


def test_a_narrow_list_shows_the_side_of_each_name(qtbot):
    names = ["mixamorig:LeftHand_end", "mixamorig:RightHand_end", "mixamorig:LeftShoulder", "mixamorig:RightShoulder"]
    session, made = Session(), smooth_take(60, 4)
    points = PointList(session)
    qtbot.addWidget(points)
    rec = make_recording(names, made.rate_hz, made.xyz_FPD)
    session.open(Take(Path("take.bvh"), rec, rec, {}))
    shown = [points.proxy.index(row, 0).data() for row in range(4)]
    metrics, mode = points.table.fontMetrics(), points.table.textElideMode()
    width = max(metrics.horizontalAdvance(name) for name in shown) - 1
    assert [metrics.elidedText(name, mode, width)[0] for name in shown] == ["L", "R", "L", "R"]
