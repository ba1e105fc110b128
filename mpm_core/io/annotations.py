"""Spans and subjects as named arrays (docs/npz.md) and as JSON values. P points, S spans, U subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError
from mpm_core.io.json_values import name_list, text, whole
from mpm_core.recording import Recording
from mpm_core.spans import Span
from mpm_core.subjects import Subject

MEMBERS = ("span_names", "span_frames", "span_points", "span_sources", "subjects", "subject_points")


def as_arrays(rec: Recording) -> dict[str, NDArray[Any]]:
    """The arrays of the recording's spans and subjects; none of them where it has none."""
    arrays: dict[str, NDArray[Any]] = {}
    if rec.spans:
        arrays["span_names"] = np.array([span.name for span in rec.spans], np.str_)
        arrays["span_frames"] = np.array([(span.start, span.stop) for span in rec.spans], np.int64)
        arrays["span_points"] = _rows([span.points for span in rec.spans], rec.points)
        arrays["span_sources"] = np.array([span.source for span in rec.spans], np.str_)
    if rec.subjects:
        arrays["subjects"] = np.array([subject.name for subject in rec.subjects], np.str_)
        arrays["subject_points"] = _rows([subject.points for subject in rec.subjects], rec.points)
    return arrays


def of_arrays(arrays: Mapping[str, NDArray[Any]], points: tuple[str, ...]) -> tuple[tuple[Span, ...], tuple[Subject, ...]]:
    """Spans and subjects of such arrays, their points in the order of the take. Raises DataError for arrays of another form."""
    names = _texts(arrays, "span_names", None)
    owners = _texts(arrays, "subjects", None)
    S, U, P = len(names), len(owners), len(points)
    frames_S2 = _array(arrays, "span_frames", (S, 2), "iu")
    span_SP, subject_UP = _array(arrays, "span_points", (S, P), "b"), _array(arrays, "subject_points", (U, P), "b")
    sources = _texts(arrays, "span_sources", S)
    spans = tuple(
        Span(name, int(start), int(stop), _named(row_P, points), source)
        for name, (start, stop), row_P, source in zip(names, frames_S2.tolist(), span_SP, sources, strict=True)
    )
    return spans, tuple(Subject(name, _named(row_P, points)) for name, row_P in zip(owners, subject_UP, strict=True))


def as_json(spans: Sequence[Span], subjects: Sequence[Subject]) -> dict[str, Any]:
    """`spans` and `subjects` as lists of tables."""
    return {"spans": [asdict(span) for span in spans], "subjects": [asdict(subject) for subject in subjects]}


def of_json(table: Mapping[str, Any]) -> tuple[tuple[Span, ...], tuple[Subject, ...]]:
    """Spans and subjects of such lists. Raises KeyError, TypeError or ValueError for values of another form."""
    spans = tuple(
        Span(text(each["name"]), whole(each["start"]), whole(each["stop"]), name_list(each["points"]), text(each["source"]))
        for each in table["spans"]
    )
    return spans, tuple(Subject(text(each["name"]), name_list(each["points"])) for each in table["subjects"])


def _rows(named: Sequence[tuple[str, ...]], points: tuple[str, ...]) -> NDArray[Any]:
    return np.array([[point in names for point in points] for names in map(set, named)], bool)


def _named(row_P: NDArray[Any], points: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(points[point] for point in np.flatnonzero(row_P))


def _texts(arrays: Mapping[str, NDArray[Any]], name: str, count: int | None) -> list[str]:
    """The texts of an array; no array: none. Raises DataError for another type or, where it is given, another number."""
    array = arrays.get(name, np.zeros(0, np.str_))
    if array.ndim != 1 or array.dtype.kind != "U" or (count is not None and len(array) != count):
        raise DataError(f"{name} is {array.shape} {array.dtype}, not a list of {'' if count is None else f'{count} '}texts")
    return [str(text) for text in array.tolist()]


def _array(arrays: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...], kinds: str) -> NDArray[Any]:
    array = arrays.get(name, np.zeros((0, *shape[1:]), "i8" if "i" in kinds else bool))
    if array.shape != shape or array.dtype.kind not in kinds:
        raise DataError(f"{name} is {array.shape} {array.dtype}, not {shape} {'integers' if 'i' in kinds else 'bool'}")
    return array
