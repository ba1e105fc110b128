"""`mpm-studio clean DIR... -o OUTDIR`: every take of many, past those that cannot be read, with one summary. See docs/batch.md."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mpm_core.check.report import content_sha256
from mpm_core.errors import DataError, FormatError
from mpm_core.files.atomic import write_bytes
from mpm_core.resources import resource
from mpm_studio.batch.pool import Row, through_dask, through_processes
from mpm_studio.batch.takes import SUMMARY, outputs, overwritten, takes
from mpm_studio.batch.work import FAILED, GAPS, SKIPPED, Job
from mpm_studio.clean_recipe import load_recipe
from mpm_studio.commands.arguments import Clean
from mpm_studio.commands.console import progress_bar, say
from mpm_studio.commands.exit_codes import GAPS_REMAIN
from mpm_studio.pages.batch import page
from mpm_studio.usage_error import UsageError

BY_MODEL = ("auto", "model")


def run(args: Clean) -> int:
    """Do it. Returns 0, 1 when a take failed, else 3 when gaps remain; what is finished when it is stopped stays, and is not done again."""
    if args.report is not None:
        raise UsageError("--report is for one file; many have a summary, and a proof beside each result")
    if args.jobs < 1:
        raise UsageError(f"--jobs {args.jobs} is no number of processes")
    if args.scheduler is not None and not args.scheduler.startswith("dask://"):
        raise UsageError(f"--scheduler {args.scheduler!r} is not dask://HOST:PORT")
    if args.output.exists() and not args.output.is_dir():
        raise UsageError(f"{args.output} is a file; many takes go to a folder")
    found = takes(args.input, args.output)
    if not found:
        raise DataError("there is no take to be read here", where=", ".join(map(str, args.input)), hint="give a folder of motion files")
    chosen = settings(args)
    places = outputs(found, args.output, args.to)
    if (lost := overwritten([source for source, _ in found], places)) is not None:
        raise UsageError(f"{lost} is itself one of the takes, and would be overwritten; results go to another folder")
    jobs = [Job(str(source.absolute()), str(out.absolute()), chosen, args.force) for (source, _), out in zip(found, places, strict=True)]
    try:
        args.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"cannot make this folder: {error.strerror}", where=str(args.output), hint="choose another") from error
    began, clock, rows = datetime.now(UTC), time.perf_counter(), dict[int, dict[str, Any]]()

    def summarise(stopped: bool) -> dict[str, Any]:
        summary = summed_up([rows[number] for number in sorted(rows)], len(jobs), chosen, stopped)
        summary |= {"began": began.isoformat(timespec="seconds"), "seconds": round(time.perf_counter() - clock, 1)}
        text = json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_bytes(args.output / f"{SUMMARY}.json", text.encode())
        write_bytes(args.output / f"{SUMMARY}.html", page(summary).encode())
        return summary

    try:
        _gather(through_dask(jobs, args.scheduler) if args.scheduler else through_processes(jobs, args.jobs), len(jobs), rows)
    except KeyboardInterrupt as stop:
        summarise(stopped=True)
        raise type(stop)(f"stopped; {len(rows)} of {len(jobs)} takes are done, and the same command goes on from there") from stop
    return _print(summarise(stopped=False), args.output)


def settings(args: Clean) -> dict[str, Any]:
    """What decides a result, JSON-able: a take that was cleaned by the same is not cleaned again."""
    model = args.model or (resource("models/complete.safetensors") if args.method in BY_MODEL else None)
    return {
        "method": args.method,
        "donors": [name.strip() for name in args.donors.split(",") if name.strip()],
        "only_marked": args.only_marked,
        "limits": args.limits(),
        "marks": list(args.mark),
        "model": None if args.model is None else str(args.model.absolute()),
        "model_sha256": content_sha256(model) if model is not None and model.exists() else None,
        "device": args.device,
        "read": {name: list(value) if isinstance(value, tuple) else value for name, value in args.options().items()},
        "body": load_recipe(args.recipe).body if args.recipe is not None else {},
        "program": version("mpm-studio"),
    }


def summed_up(rows: Sequence[dict[str, Any]], takes: int, settings: dict[str, Any], stopped: bool) -> dict[str, Any]:
    """summary.json without its times: the settings, counts, and a row for each take that was begun."""
    whole = [row for row in rows if row["status"] != FAILED]
    counts = Counter(row["status"] for row in rows)
    return {
        "settings": settings,
        "stopped": stopped,
        "totals": {
            "takes": takes,
            **{status: counts[status] for status in sorted(counts)},
            "measured": sum(row["measured"] for row in whole),
            "changed": sum(row["changed"] for row in whole),
            "filled": sum(row["filled"]["samples"] for row in whole),
            "gaps_remaining": sum(len(row["remaining"]) for row in whole),
        },
        "takes": list(rows),
    }


def _gather(coming: Generator[Row], count: int, rows: dict[int, dict[str, Any]]) -> None:
    with progress_bar() as tell:
        tell(0.0, f"0 of {count}")
        try:
            for number, row in coming:
                rows[number] = row
                if row["status"] == FAILED:
                    say(f"failed: {row['source']}: {row['what']}" + (f" ({row['hint']})" if row["hint"] else ""))
                tell(len(rows) / count, f"{len(rows)} of {count}: {Path(row['source']).name}")
        finally:
            coming.close()  # its workers end now, not when it is collected


def _print(summary: dict[str, Any], out: Path) -> int:
    totals = summary["totals"]
    left = [f"{totals[status]} {status}" for status in (SKIPPED, GAPS, FAILED) if totals.get(status)]
    say(f"{totals['takes']} takes" + (f": {', '.join(left)}" if left else ""))
    say(f"measured samples: {totals['measured']:,}, changed: {totals['changed']}; filled: {totals['filled']:,}")
    say(f"wrote {out / SUMMARY}.html and .json in {summary['seconds']:.1f} s")
    return 1 if totals.get(FAILED) else GAPS_REMAIN if totals["gaps_remaining"] else 0
