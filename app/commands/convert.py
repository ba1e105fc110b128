"""`mpm-studio convert`: read one format, write another, change nothing."""

from __future__ import annotations

import mpm_core as mpm
from app.commands.arguments import Convert
from app.commands.console import say
from app.commands.output import check_target_file, say_marked
from mpm_core.io.staged import staged


def run(args: Convert) -> int:
    """Do it and say so. Returns 0."""
    rec = mpm.read(args.input, **args.options())
    check_target_file(rec, args.output, args.input)
    with staged(args.output) as path:
        mpm.write(rec, path)
    say(f"wrote {args.output}: {rec.frames} frames of {len(rec.points)} points at {rec.rate_hz:g} frames a second")
    say_marked(rec, args.output)
    return 0
