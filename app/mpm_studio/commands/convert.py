"""`mpm-studio convert`: read one format, write another, change nothing, and prove it; or a skeleton made of markers or joints."""

from __future__ import annotations

import time

import numpy as np

import mpm_core as mpm
from mpm_core.body.map_file import load_map
from mpm_core.body_rig.errors import segment_errors
from mpm_core.check.report import proof_path
from mpm_core.edit.document import Document
from mpm_core.io.registry import writer_for
from mpm_studio.commands.arguments import Convert
from mpm_studio.commands.console import progress_bar, say, show_table
from mpm_studio.commands.output import as_written, say_missing
from mpm_studio.operations.mapping import kept_overrides
from mpm_studio.operations.repairing import write_proven
from mpm_studio.operations.reshaping import reshape
from mpm_studio.operations.skeletons import becomes_skeleton, in_words, write_skeletons
from mpm_studio.operations.writable import check_free_proof, check_target_file
from mpm_studio.usage_error import UsageError


def run(args: Convert) -> int:
    """Convert the input and print a summary. Returns 0."""
    if args.map is not None and not args.as_body:
        raise UsageError("--map says where markers are on the body, which --as-body needs")
    shape = args.shape.settings()
    rec = mpm.read(args.input, **args.options())
    check_target_file(rec, args.output, args.input, force=args.force)
    document = Document(rec)
    reshape(document, shape)
    rec = document.recording
    if args.as_body or becomes_skeleton(rec, writer_for(args.output)):
        return _skeletons(args, rec)
    check_free_proof(proof_path(args.output), args.output, force=args.force)
    report = write_proven(
        rec,
        rec,
        args.output,
        method="none",
        wanted_FP=np.zeros(rec.origin_FP.shape, bool),
        report_path=proof_path(args.output),
        settings={"shape": shape, "read": args.options()},
        reading=args.options(),
        keep_old=args.force,
        began=time.perf_counter(),
        history=document,
    )
    say(f"wrote {args.output}: {rec.frames} frames of {len(rec.points)} points at {rec.rate_hz:g} frames a second")
    say(f"measured samples: {report.measured.samples.measured} ({as_written(report.measured.exported)})")
    say_missing(rec, args.output)
    return 0


def _skeletons(args: Convert, rec: mpm.Recording) -> int:
    overrides, name = kept_overrides(rec)
    if args.map is not None:
        overrides = load_map(args.map).overrides(rec.points)
    elif overrides:
        say(f"body by the saved map {name!r}")
    with progress_bar() as progress:
        written = write_skeletons(rec, args.output, overrides, keep_old=args.force, progress=progress)
    for each in written:
        for line in in_words(each):
            say(line)
        rows = [
            [error.segment, str(error.markers), *(f"{mm:.1f}" for mm in (error.rms_mm, error.p95_mm, error.max_mm)), str(error.unseen)]
            for error in segment_errors(each.body)
        ]
        show_table(["segment", "markers", "RMS mm", "95 % mm", "largest mm", "frames not seen"], rows)
        solved = each.body.recording
        say(f"wrote {each.path}: {solved.frames} frames at {solved.rate_hz:g} frames a second")
        say(f"read again: no joint is further than {each.moved_mm:.2g} mm from its place")
    return 0
