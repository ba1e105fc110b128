"""What the timeline shows of a recording: its lines, and for each line the runs of origins. P points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mpm_core.body.map_file import plain
from mpm_core.recording import Recording
from mpm_studio.operations.origin_runs import origin_runs
from mpm_studio.operations.point_groups import Group, point_groups
from mpm_studio.operations.point_names import short_names
from mpm_studio.views.coverage import EMPTY, Row, make_row, make_rows
from mpm_studio.views.timeline_lines import Line, keys_of, lines_of, worst_origins


class Content:
    """Rows of groups are counted again only where origins changed. lines: from the top; order: the points that are listed."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.order: list[int] = []
        self._rec: Recording | None = None
        self._rows: list[Row] = []
        self._group_rows: dict[tuple[int, ...], Row] = {}
        self._groups: tuple[Group, ...] = ()
        self._grouped_for: tuple[object, object] = (None, None)
        self._closed: set[str] = set()

    def show(self, rec: Recording | None, overrides: Mapping[str, str]) -> bool:
        """Another recording, and the user's mapping of body joints. True when it has another shape than the one before."""
        old, self._rec, before = self._rec, rec, self._rows
        alike = old is not None and rec is not None and old.points == rec.points and old.frames == rec.frames
        self._rows = [] if rec is None else make_rows(origin_runs(rec), len(rec.points))
        if alike:
            changed = {point for point, rows in enumerate(zip(before, self._rows, strict=True)) if not rows[0].same(rows[1])}
            self._group_rows = {points: row for points, row in self._group_rows.items() if changed.isdisjoint(points)}
        elif rec is not None:
            self.order, self._group_rows = list(range(len(rec.points))), {}
        if rec is not None and self._grouped_for != (rec.points, dict(overrides)):
            self._groups, self._closed = point_groups(rec, overrides), set()
            self._grouped_for = rec.points, dict(overrides)
        self._make_lines()
        return not alike

    def set_order(self, order: Sequence[int]) -> None:
        """Which points are listed, from the top."""
        self.order = list(order)
        self._make_lines()

    def toggle(self, row: int) -> None:
        """Open or close the subject or group of a line."""
        self._closed ^= {self.lines[row].key}
        self._make_lines()

    def toggle_all(self) -> None:
        """Close all subjects and groups, or open them when one is closed."""
        self._closed = set() if self._closed else keys_of(self._groups)
        self._make_lines()

    def rows(self) -> list[Row]:
        """The runs of each line."""
        return [self._row(line) for line in self.lines]

    def _row(self, line: Line) -> Row:
        if line.kind == "spans":
            return EMPTY
        if line.kind == "point":
            return self._rows[line.points[0]]
        if line.points not in self._group_rows:
            assert self._rec is not None
            self._group_rows[line.points] = make_row(worst_origins(self._rec, line.points))
        return self._group_rows[line.points]

    def _make_lines(self) -> None:
        rec = self._rec
        if rec is None:
            self.lines = []
            return
        in_groups = tuple(plain(point) for point in rec.points)  # the group names the subject
        names = in_groups if any(group.subject for group in self._groups) else short_names(rec.points)
        self.lines = lines_of(names, self.order, self._groups, self._closed, rec.spans)
