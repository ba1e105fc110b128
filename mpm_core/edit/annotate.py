"""Spans and subjects added, taken away or changed: an edit like any other, with its inverse."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mpm_core.edit.request import Request
from mpm_core.recording import Recording
from mpm_core.spans import Span
from mpm_core.subjects import Subject


@dataclass(frozen=True, slots=True)
class Annotate:
    """The recording's spans and subjects from then on; None = as they were.

    >>> import numpy as np
    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("LHEE",), 100.0, np.zeros((9, 1, 3)))
    >>> contact = Span("contact", 2, 5, ("LHEE",))
    >>> changed, inverse = Annotate("Add a contact", spans=(*rec.spans, contact)).apply(rec)
    >>> len(changed.spans), len(inverse.apply(changed)[0].spans)
    (1, 0)
    """

    label: str
    spans: tuple[Span, ...] | None = None
    subjects: tuple[Subject, ...] | None = None
    requests: tuple[Request, ...] = ()

    def apply(self, rec: Recording) -> tuple[Recording, Annotate]:
        """The changed recording, and the way back. Raises DataError when a span or subject does not fit the recording."""
        spans = rec.spans if self.spans is None else self.spans
        subjects = rec.subjects if self.subjects is None else self.subjects
        return replace(rec, spans=spans, subjects=subjects), Annotate(self.label, rec.spans, rec.subjects, self.requests)
