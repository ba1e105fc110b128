"""What commands print about a file they wrote."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from mpm_core import Recording
from mpm_core.body.computed_points import left_alone, not_gaps
from mpm_core.check.proof import ExportProof, NotCompared
from mpm_core.check.report_parts import Report
from mpm_core.io.marked_samples import marked_count
from mpm_core.io.registry import writer_for
from mpm_studio.commands.console import say
from mpm_studio.operations.saving import stays_behind


def say_missing(rec: Recording, out: Path) -> None:
    """Print what the file lacks, if anything: how many samples that are marked as wrong, and what the source has besides markers."""
    count = marked_count(rec)
    if count and not writer_for(out).keeps_marks:
        say(f"{count} samples marked as wrong were written as missing")
    if left := stays_behind(rec, writer_for(out)):
        say(left)


def say_left_alone(rec: Recording, joints: Collection[str] = ()) -> None:
    """Print which points with gaps are left alone, and why, if any. joints: points that the user names as joints."""
    names_by_reason: dict[str, list[str]] = {}
    reasons = left_alone(rec, joints)
    for point in map(int, np.flatnonzero(not_gaps(rec, joints).any(axis=0))):
        names_by_reason.setdefault(reasons[point], []).append(rec.points[point])
    for why, names in names_by_reason.items():
        some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        say(f"not filled: {some} ({len(names)} in all), because {why}")


def say_filtered(report: Report) -> None:
    """Print how many measured samples were filtered as asked, and by how far they moved, if any were."""
    found = report.filtered
    if found.samples:
        known = found.moved_max is not None
        moved = f", moved by {found.moved_mean:.2f} {found.unit} on average, {found.moved_max:.2f} at most" if known else ""
        say(f"filtered as asked: {found.samples:,} measured samples{moved}")


def as_written(exported: ExportProof | None) -> str:
    """Whether the measured samples in the file are the same. None: the file was not read again."""
    if exported is None:
        return "the file was not read again"
    found = exported.found
    if isinstance(found, NotCompared):
        return found.why_not
    if not found.samples.changed:
        return f"every bit the same in {exported.path}, read again"
    return f"in {exported.path}, read again, none further than {found.moved_max_mm:.2g} mm from its place"
