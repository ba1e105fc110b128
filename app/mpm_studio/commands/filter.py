"""`mpm-studio filter`: filter what is filled, or what was measured too, and write the result with its proof."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

import mpm_core as mpm
from mpm_core.body.parts import parse_mark
from mpm_core.check.report import proof_path
from mpm_core.edit.document import Document
from mpm_core.edit.mark import region
from mpm_core.filter.methods import FilterSettings
from mpm_core.typing import Mask
from mpm_studio.commands.arguments import Filter
from mpm_studio.commands.console import progress_bar, say
from mpm_studio.commands.output import as_written, say_filtered, say_missing
from mpm_studio.operations.filtering import FilterRequest, filter_take, summary
from mpm_studio.operations.mapping import kept_overrides
from mpm_studio.operations.repairing import write_proven
from mpm_studio.operations.reshaping import Shape, reshape, reshaped
from mpm_studio.operations.writable import check_free_proof, check_target_file


def run(args: Filter) -> int:
    """Filter the input at its own rate, then resample it if that is asked for, and print a summary. Returns 0."""
    began = time.perf_counter()
    settings, shape = args.numbers.settings(args.method), args.shape.settings()
    rec = mpm.read(args.input, **args.options())
    check_target_file(rec, args.output, args.input, force=args.force)
    check_free_proof(proof_path(args.output), args.output, force=args.force)
    whole = Shape(**shape)
    document = Document(rec)
    reshape(document, replace(whole, rate_hz=None))
    rec = document.recording
    with progress_bar() as progress:
        request = FilterRequest(rec, FilterSettings(**settings), _where(rec, args.only), args.measured)
        found = filter_take(request, lambda: False, progress)
        resampled = Shape(rate_hz=whole.rate_hz, only_measured=whole.only_measured)
        document.do(found.patch)
        reshape(document, resampled)
        after = document.recording
        report = write_proven(
            reshaped(rec, resampled),
            after,
            args.output,
            method=found.patch.label,
            wanted_FP=np.zeros(after.origin_FP.shape, bool),
            report_path=proof_path(args.output),
            settings={"filter": settings, "measured": args.measured, "only": list(args.only), "shape": shape, "read": args.options()},
            reading=args.options(),
            keep_old=args.force,
            began=began,
            history=document,
            progress=progress,
        )
    say(summary(rec, found))
    measured = report.measured.samples
    kept = "measured samples that are not filtered" if report.filtered.samples else "measured samples"
    say(f"{kept}: {measured.measured}, changed: {measured.changed} ({as_written(report.measured.exported)})")
    say_filtered(report)
    say_missing(after, args.output)
    say(f"wrote {args.output} in {report.seconds:.1f} s")
    return 0


def _where(rec: mpm.Recording, only: tuple[str, ...]) -> Mask | None:
    """(F, P) where samples are to be filtered; None = everywhere. Raises DataError."""
    if not only:
        return None
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    for text in only:
        points, start, stop = parse_mark(rec, text, kept_overrides(rec)[0])
        where_FP |= region(rec, list(points), start, stop)
    return where_FP
