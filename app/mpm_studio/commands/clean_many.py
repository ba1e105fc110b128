"""`mpm-studio clean DIR... -o OUTDIR`: every take of many, past those that cannot be read, with one summary. See docs/batch.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mpm_studio.batch.plan import clean_all, make_plan, settings_of
from mpm_studio.batch.pool import through_dask, through_processes
from mpm_studio.batch.takes import SUMMARY
from mpm_studio.batch.work import FAILED, GAPS, SKIPPED
from mpm_studio.clean_recipe import load_recipe
from mpm_studio.commands.clean_arguments import Clean
from mpm_studio.commands.console import progress_bar, say
from mpm_studio.commands.exit_codes import GAPS_REMAIN
from mpm_studio.pages.batch import suspect_counts
from mpm_studio.usage_error import UsageError


def run(args: Clean) -> int:
    """Do it. Returns 0, 1 when a take failed, else 3 when gaps remain; what is finished when it is stopped stays, and is not done again."""
    if args.report is not None:
        raise UsageError("--report is for one file; many have a summary, and a proof beside each result")
    if args.jobs < 1:
        raise UsageError(f"--jobs {args.jobs} is not a number of processes")
    if args.scheduler is not None and not args.scheduler.startswith("dask://"):
        raise UsageError(f"--scheduler {args.scheduler!r} is not dask://HOST:PORT")
    plan = make_plan(args.input, args.output, settings(args), args.to, force=args.force)
    coming = through_dask(plan.jobs, args.scheduler) if args.scheduler else through_processes(plan.jobs, args.jobs)
    done, count = 0, len(plan.jobs)
    with progress_bar() as progress:
        progress(0.0, f"0 of {count}")

        def show_row(_number: int, row: dict[str, Any]) -> None:
            nonlocal done
            done += 1
            if row["status"] == FAILED:
                source, where = row["source"], row["where"]
                where = where if where.startswith(source) else f"{source}: {where}" if where else source
                say(f"failed: {where}: {row['what']}" + (f" ({row['hint']})" if row["hint"] else ""))
            progress(done / count, f"{done} of {count}: {Path(row['source']).name}")

        try:
            summary = clean_all(plan, coming, show_row)
        except KeyboardInterrupt as stop:
            raise type(stop)(f"stopped; {done} of {count} takes are done, and the same command goes on from there") from stop
    return _print(summary, args.output)


def settings(args: Clean) -> dict[str, Any]:
    """What decides a result."""
    return settings_of(
        method=args.method,
        donors=args.donor_names(),
        only_marked=args.only_marked,
        limits=args.limits(),
        marks=args.mark,
        edits=args.edits(),
        model=args.model,
        device=args.device,
        read=args.options(),
        body=load_recipe(args.recipe).body if args.recipe is not None else {},
    )


def _print(summary: dict[str, Any], out: Path) -> int:
    totals = summary["totals"]
    left = [f"{totals[status]} {status}" for status in (SKIPPED, GAPS, FAILED) if totals.get(status)]
    say(("1 take" if totals["takes"] == 1 else f"{totals['takes']} takes") + (f": {', '.join(left)}" if left else ""))
    say(f"measured samples: {totals['measured']:,}, changed: {totals['changed']}; filled: {totals['filled']:,}")
    if (suspects := totals.get("suspects")) is not None:
        say(f"suspects: {suspect_counts(suspects)}")
    say(f"wrote {out / SUMMARY}.html and .json in {summary['seconds']:.1f} s")
    return 1 if totals.get(FAILED) else GAPS_REMAIN if totals["gaps_remaining"] else 0
