"""`mpm-studio convert`: read one format, write another, change nothing, and prove it."""

from __future__ import annotations

import mpm_core as mpm
from mpm_core.check.report import proof_path
from mpm_studio.commands.arguments import Convert
from mpm_studio.commands.clean import as_written, repair
from mpm_studio.commands.console import say
from mpm_studio.commands.output import check_target_file, say_marked


def run(args: Convert) -> int:
    """Do it and say so. Returns 0."""
    rec = mpm.read(args.input, **args.options())
    check_target_file(rec, args.output, args.input, force=args.force)
    proof = proof_path(args.output)
    report, _ = repair(rec, args.output, fill=False, report_path=proof, reading=args.options(), keep_old=args.force)
    say(f"wrote {args.output}: {rec.frames} frames of {len(rec.points)} points at {rec.rate_hz:g} frames a second")
    say(f"measured samples: {report['measured']['measured']} ({as_written(report['measured']['exported'])})")
    say_marked(rec, args.output)
    return 0
