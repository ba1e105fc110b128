"""`mpm-studio convert`: read one format, write another, change nothing, and prove it."""

from __future__ import annotations

import time

import numpy as np

import mpm_core as mpm
from mpm_core.check.report import proof_path
from mpm_studio.commands.arguments import Convert
from mpm_studio.commands.console import say
from mpm_studio.commands.output import as_written, say_marked
from mpm_studio.operations.repairing import write_proven
from mpm_studio.operations.reshaping import reshaped
from mpm_studio.operations.writable import check_target_file


def run(args: Convert) -> int:
    """Convert the input and print a summary. Returns 0."""
    shape = args.shape.settings()
    rec = mpm.read(args.input, **args.options())
    check_target_file(rec, args.output, args.input, force=args.force)
    rec = reshaped(rec, shape)
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
    )
    say(f"wrote {args.output}: {rec.frames} frames of {len(rec.points)} points at {rec.rate_hz:g} frames a second")
    say(f"measured samples: {report.measured.samples.measured} ({as_written(report.measured.exported)})")
    say_marked(rec, args.output)
    return 0
