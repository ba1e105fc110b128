"""Spans and subjects of a take and the EVENT and SUBJECTS groups of a C3D file, either way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.io.c3d.events import Event, event_group, event_of, events, span_of
from mpm_core.io.c3d.layout import Layout, find_layout
from mpm_core.io.c3d.patch import Original, find_original
from mpm_core.io.c3d.subjects import read_subjects, subject_group
from mpm_core.io.c3d.write_parameters import Group, with_groups
from mpm_core.recording import Recording
from mpm_core.spans import CHECKED, Span
from mpm_core.subjects import Subject
from mpm_core.typing import Int


def read_annotations(
    layout: Layout, points: tuple[str, ...], columns_P: Int, first_frame: int, frames: int
) -> tuple[tuple[Span, ...], tuple[Subject, ...], list[str]]:
    """Spans and subjects within the first `frames` frames of the file, and a note on events outside of them."""
    subjects = read_subjects(layout.parameters, points, columns_P)
    found = [span_of(event, layout.rate_hz, first_frame, frames, subjects) for event in events(layout.parameters)]
    spans = tuple(span for span in found if span is not None)
    outside = len(found) - len(spans)
    return spans, subjects, [f"{outside} events lie outside the file's frames"] if outside else []


def annotated_as_source(rec: Recording) -> Recording:
    """The recording with the spans and subjects of the C3D that it came from; itself when it came from another format.

    Raises FormatError when that file, which travels with the recording, is damaged.
    """
    if rec.source.format != "c3d" or not rec.source.payload:
        return rec
    original = find_original(rec)
    layout = original.layout if original else find_layout(rec.source.payload, rec.source.path)
    columns_P = original.columns_P if original else np.arange(len(rec.points))
    spans, subjects, _ = read_annotations(layout, rec.points, columns_P, rec.source.first_frame, rec.frames)
    return replace(rec, spans=spans, subjects=subjects)


def changed_groups(rec: Recording, source: Layout | None, columns_P: Int, columns: int) -> dict[str, Group]:
    """EVENT and SUBJECTS where the recording's spans and subjects are not (any more) those of the C3D that it came from.

    source: of that C3D. columns_P, columns: each point's column in the file to be written, and how many that has. Events of the source
    keep their times and contexts, also those outside the recording's frames. Dismissed suspects are not events, and are left out.
    """
    first, rate_hz = rec.source.first_frame, rec.rate_hz
    old: list[Event] = []
    spans: tuple[Span, ...] = ()
    subjects: tuple[Subject, ...] = ()
    if source is not None:
        spans, subjects, _ = read_annotations(source, rec.points, columns_P, first, rec.frames)
        old = events(source.parameters)
    groups: dict[str, Group] = {}
    kept = tuple(span for span in rec.spans if span.source != CHECKED)
    if kept != spans:
        known = {span_of(event, rate_hz, first, rec.frames, subjects): event for event in old}
        outside = [event for event in old if span_of(event, rate_hz, first, rec.frames, subjects) is None]
        groups["EVENT"] = event_group([*outside, *(known.get(span) or event_of(span, rate_hz, first, rec.subjects) for span in kept)])
    if rec.subjects != subjects:
        groups["SUBJECTS"] = subject_group(rec.subjects, rec.points, columns_P, columns)
    return groups


def annotated(data: bytes, rec: Recording, original: Original) -> bytes:
    """A copy of the recording's C3D source with the recording's spans and subjects; the same bytes where they are the file's.

    Raises FormatError when the file has no room for them.
    """
    groups = changed_groups(rec, original.layout, original.columns_P, original.layout.columns)
    return with_groups(data, groups, rec.source.path) if groups else data
