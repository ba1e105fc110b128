"""`mpm-studio clean`: mark, fill, write, and prove that nothing measured changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import mpm_core as mpm
from mpm_core.body.map_file import load_map
from mpm_core.body.parts import parse_mark
from mpm_core.check.report import proof_path
from mpm_core.check.report_parts import Report
from mpm_core.edit.document import Document
from mpm_core.errors import DataError, FormatError
from mpm_core.filter.methods import FilterSettings
from mpm_studio.clean_recipe import load_recipe
from mpm_studio.commands.clean_arguments import Clean
from mpm_studio.commands.console import progress_bar, say, show_table
from mpm_studio.commands.exit_codes import GAPS_REMAIN
from mpm_studio.commands.output import as_written, say_filtered, say_left_alone, say_missing
from mpm_studio.operations.mapping import kept_overrides
from mpm_studio.operations.marking import mark_all_named
from mpm_studio.operations.repairing import model_facts, repair
from mpm_studio.operations.reshaping import reshape
from mpm_studio.operations.suspects import exchange, left_pieces, repair_suspects
from mpm_studio.operations.writable import check_early, check_free, check_free_proof
from mpm_studio.usage_error import UsageError

SHOWN_GAPS = 10


def run(args: Clean) -> int:
    """Clean the input and print a summary. Returns 0, 3 when gaps that were to be filled remain, or, of many files, 1 when one failed."""
    if not args.input:
        raise UsageError("no input file is given")
    if args.only_marked and not args.mark and not args.suspects and args.min_confidence is None:
        raise UsageError("--only-marked without a --mark, --suspects or --min-confidence leaves nothing to do")
    args.limits(), args.edits()  # these raise before the work begins
    if args.model is not None:
        model_facts(args.model, args.device)  # raises for a damaged file before the work begins
    if is_batch(args.input, args.output):
        from mpm_studio.commands import clean_many

        if args.swap or args.map is not None:
            raise UsageError("--swap and --map are for one file")
        return clean_many.run(args)
    if args.scheduler is not None or args.to is not None or args.jobs != 1:
        raise UsageError("--jobs, --scheduler and --to are for folders or several files")
    return _one(args, args.input[0])


def _one(args: Clean, source: Path) -> int:
    report_path = args.report or proof_path(args.output)
    if report_path.resolve() in (args.output.resolve(), source.resolve()):
        raise UsageError("--report needs a file of its own")
    if args.output.is_dir():
        hint = f"the result of one file is a file: -o {args.output / source.name}"
        raise FormatError("this is a folder", where=str(args.output), hint=hint)
    check_free(args.output, force=args.force or args.output.resolve() == source.resolve())
    check_free_proof(report_path, args.output, force=args.force)
    rec = mpm.read(source, **args.options())
    overrides, edits = _overrides(args, rec), args.edits()
    document = Document(rec)
    reshape(document, edits["shape"])
    check_early(document.recording, args.output, source, force=args.force)
    apply_swaps(document, args.swap)
    if edits["suspects"]:
        lines = len(document.recording.log)
        repairs = repair_suspects(document, edits["suspects"], overrides or None)
        for line in document.recording.log[lines:-1]:  # the last one has the counts
            say(line)
        if repairs.pieces:
            say(f"{left_pieces(repairs.pieces)}: `mpm-studio check` lists them, --merge A,B joins them")
        elif not repairs.exchange and not repairs.mark:
            say("nothing looks wrong")
    lines = len(document.recording.log)
    mark_all_named(document, args.mark, overrides, args.min_confidence)
    for line in document.recording.log[lines:]:
        say(line)
    with progress_bar() as progress:
        report, after = repair(
            document,
            args.output,
            method=args.method,
            donors=args.donor_names(),
            only_marked=args.only_marked,
            model=args.model,
            device=args.device,
            overrides=overrides,
            limits=mpm.Limits(**args.limits()),
            filtering=None if edits["filter"] is None else FilterSettings(**edits["filter"]),
            filter_measured=args.filter_measured,
            report_path=report_path,
            settings={
                "swaps": list(args.swap),
                "marks": list(args.mark),
                "only_marked": args.only_marked,
                "limits": args.limits(),
                "read": args.options(),
                "body": overrides,
                **edits,
            },
            reading=args.options(),
            keep_old=args.force,
            progress=progress,
        )
    _summary(report, args.output)
    say_left_alone(after, overrides.values())
    say_missing(after, args.output)
    return GAPS_REMAIN if report.remaining else 0


def _overrides(args: Clean, rec: mpm.Recording) -> dict[str, str]:
    """Body joint -> point: from the given recipe and map; where these name none, from a saved map of the same labels."""
    overrides = load_recipe(args.recipe).body if args.recipe is not None else {}
    if args.map is not None:
        return {**overrides, **load_map(args.map).overrides(rec.points)}
    if not overrides:
        overrides, name = kept_overrides(rec)
        if overrides:
            say(f"body by the saved map {name!r}")
    return overrides


def is_batch(inputs: Sequence[Path], out: Path) -> bool:
    """Whether many files are meant: several inputs, or a folder whose output is a folder (to a file goes one take of keypoints)."""
    return len(inputs) > 1 or (inputs[0].is_dir() and (out.is_dir() or not out.suffix))


def apply_swaps(document: Document, swaps: Sequence[str]) -> None:
    """Exchange every 'A,B:START-END', one after the other. Raises DataError."""
    for text in swaps:
        points, start, stop = parse_mark(document.recording, text)
        if len(points) != 2:
            raise DataError(f"{text!r} names {len(points)} points", hint="two can be exchanged: A,B:START-END")
        patch = exchange(document.recording, points, start, stop)
        document.do(patch)
        say(document.recording.log[-1] if len(patch) else f"--swap {text}: nothing is exchanged, both have the same samples there, or none")


def _summary(report: Report, out: Path) -> None:
    filled, measured = report.filled, report.measured
    if not report.gaps_before.count:
        say("nothing was missing and nothing was marked")
    elif not filled.samples:
        say("nothing could be filled")
    if filled.by:
        say(report.log[-1])
        unit = next(iter(filled.by.values())).sigma.unit
        rows = [
            [name, str(by.samples), *("-" if of is None else f"{of:.1f}" for of in (by.sigma.mean, by.sigma.max))]
            for name, by in filled.by.items()
        ]
        show_table(["filled by", "samples", f"sigma mean {unit}", f"sigma max {unit}"], rows)
    say(f"measured samples: {measured.samples.measured}, changed: {measured.samples.changed} ({as_written(measured.exported)})")
    say_filtered(report)
    gaps_by_reason: dict[str, list[str]] = {}
    for gap in report.remaining:
        gaps_by_reason.setdefault(gap.why, []).append(str(gap.frames))
    for why, gaps in gaps_by_reason.items():
        more = f", and {len(gaps) - SHOWN_GAPS} more" if len(gaps) > SHOWN_GAPS else ""
        say(f"still missing, because {why}: {', '.join(gaps[:SHOWN_GAPS])}{more}")
    say(f"wrote {out} in {report.seconds:.1f} s")
