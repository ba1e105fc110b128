"""Fill a recording and write it so that no measured sample changes. Window, commands and batch all write through here.

F frames, P points.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import mpm_core as mpm
from mpm_core.body.computed_points import not_gaps
from mpm_core.check.proof import NotCompared, check_export
from mpm_core.check.report import make_report, write_report
from mpm_core.check.report_parts import Report
from mpm_core.edit.document import Document
from mpm_core.errors import Cancelled, DataError
from mpm_core.files.staged import staged
from mpm_core.fill.keep.limits import USUAL
from mpm_core.filter.methods import FilterSettings
from mpm_core.io import project
from mpm_core.io.registry import check_target, writer_for
from mpm_core.progress import Cancel, Progress
from mpm_core.typing import Mask
from mpm_studio.operations.completing import CompleteRequest, complete
from mpm_studio.operations.filtering import FilterRequest, filter_if_any
from mpm_studio.operations.networks import Networks


def repair(
    document: Document,
    out: Path,
    *,
    method: str = "auto",
    donors: Sequence[str] = (),
    only_marked: bool = False,
    model: Path | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    limits: mpm.Limits = USUAL,
    filtering: FilterSettings | None = None,
    filter_measured: bool = False,
    report_path: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    reading: Mapping[str, Any] | None = None,
    keep_old: bool = False,
    progress: Progress | None = None,
) -> tuple[Report, mpm.Recording]:
    """Fill what is missing or marked (only_marked: what is marked), in a step of the document, and write the result, as `write_proven`
    does.

    method, donors, model, device, overrides (body joint -> point), limits, progress: as for `mpm_core.complete`. filtering: filter the
    fills of the result, and with filter_measured what was measured, too, in another step. Returns the report and the
    filled recording. Raises MpmError; DataError when a measured sample would change.
    """
    began, rec, show = time.perf_counter(), document.recording, progress or (lambda share, text: None)
    wanted_FP = rec.origin_FP == mpm.Origin.MARKED if only_marked else ~(rec.visible_FP | not_gaps(rec, (overrides or {}).values()))
    left: tuple[mpm.Left, ...] = ()
    if wanted_FP.any():
        networks = Networks(complete=model, device=device)
        request = CompleteRequest(rec, method, wanted_FP, tuple(donors), dict(overrides or {}), networks, limits)
        completion = complete(request, lambda: False, show)
        document.do(completion.patch)
        document.note(f"{completion.patch.label}: {len(completion.patch)} samples are filled")
        left = completion.left
    if filtering is not None:
        document.do(filter_if_any(FilterRequest(document.recording, filtering, None, filter_measured), lambda: False, show).patch)
    after = document.recording
    by_model = bool((after.origin_FP[wanted_FP] == mpm.Origin.PREDICTED).any())
    report = write_proven(
        rec,
        after,
        out,
        method=method,
        wanted_FP=wanted_FP,
        left=left,
        report_path=report_path,
        settings=settings,
        model=model_facts(model, device) if by_model else None,
        reading=reading,
        keep_old=keep_old,
        began=began,
        history=document,
        overrides=overrides,
    )
    return report, after


def write_proven(
    before: mpm.Recording,
    after: mpm.Recording,
    out: Path,
    *,
    method: str,
    wanted_FP: Mask | None = None,
    left: Sequence[mpm.Left] = (),
    report_path: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    reading: Mapping[str, Any] | None = None,
    keep_old: bool = False,
    began: float | None = None,
    history: Document | None = None,
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Report:
    """Write `after` to `out`, read the file again, and compare it with `before`, whose MEASURED samples must all be kept.

    The file and its report (at report_path, if given) appear only when none changed; nothing is written otherwise. A source file is
    replaced only with keep_old, which keeps the old file as NAME.bak. An old report is kept in the same way, even if its file is gone.

    method, wanted_FP (F, P: what was to be filled), left, settings, model: for the report, see `make_report`. reading: options of
    `mpm_core.read` that the source was read with. began: time.perf_counter() when the work began, for the report's seconds. history: what
    led to `after`, overrides: body joint -> point; a project keeps both. Returns the report. Raises FormatError; DataError when a measured
    sample would change; Cancelled.
    """
    show = progress or (lambda share, text: None)
    if not keep_old:
        check_target(after, out)
    with ExitStack() as stack:
        proof = None  # is put in its place after what it proves, and so is entered first
        if report_path is not None:
            proof = stack.enter_context(staged(report_path, keep_old=keep_old or not out.exists()))
        path = stack.enter_context(staged(out, keep_old=keep_old))
        show(-1.0, f"writing {out.name}")
        if history is not None and writer_for(out).name == "project":
            project.save(path, after, history.original, _view(overrides, reading), history.done)
        else:
            mpm.write(after, path)
        show(-1.0, f"reading {out.name} again")
        report = make_report(
            before,
            after,
            method=method,
            settings=settings,
            wanted_FP=wanted_FP,
            left=left,
            exported=check_export(before, after, path, reading),
            model=model,
            seconds=None if began is None else round(time.perf_counter() - began, 3),
        )
        _refuse_changed(report, out)
        if proof is not None:
            write_report(report, proof)
        if cancel is not None and cancel():
            raise Cancelled
    return report


def model_facts(path: Path | None, device: str) -> dict[str, Any]:
    """Name and card of a model file for completion, the shipped one for None. Raises ModelError when it cannot be used."""
    from mpm_core.model.checkpoint import load_model, pick_device, shipped_model

    model = shipped_model("complete", pick_device(device)) if path is None else load_model(path)
    return {"name": Path(model.path).name, "card": model.facts}


def _view(overrides: Mapping[str, str] | None, reading: Mapping[str, Any] | None) -> dict[str, Any]:
    """The mapping, and the options that a source was read with, as a project keeps them: JSON values."""
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in (reading or {}).items() if value is not None}
    return {"overrides": dict(overrides or {}), **({"options": given} if given else {})}


def _refuse_changed(report: Report, out: Path) -> None:
    """Raise DataError when a measured sample changed, in memory or in the file that was written."""
    samples, exported = report.measured.samples, report.measured.exported
    assert exported is not None
    if report.filtered.changed:
        raise DataError(
            f"of {report.filtered.samples:,} filtered samples, {report.filtered.changed:,} would no longer have their measured value; "
            "nothing was written",
            where=str(out),
            hint="undo the filter, and please report this with the file",
        )
    if samples.changed or exported.holds is False:
        found = exported.found
        distance = "" if isinstance(found, NotCompared) else f", by up to {found.moved_max_mm:.3g} mm"
        changed = max(samples.changed, exported.changed)
        what = f"{changed:,} of {samples.measured:,} measured samples would change{distance}"
        if not changed and not isinstance(found, NotCompared) and found.copy is not None and not found.copy.holds:
            what = f"beside the positions would change: {found.copy.changes}"
        raise DataError(
            f"{what}; nothing was written",
            where=str(out),
            hint="export to another format, and please report this with the file",
        )
