"""`mpm-studio clean`: mark, fill, write, and prove that nothing measured changed. F frames, P points."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

import mpm_core as mpm
from mpm_core.body.map_file import load_map
from mpm_core.body.parts import parse_mark
from mpm_core.check.proof import check_export
from mpm_core.check.report import make_report, proof_path, write_report
from mpm_core.edit.labels import swap
from mpm_core.edit.mark import mark, region
from mpm_core.errors import DataError
from mpm_core.files.staged import staged
from mpm_core.progress import Progress
from mpm_studio.commands.arguments import Clean, UsageError
from mpm_studio.commands.console import progress_bar, say, show_table
from mpm_studio.commands.output import check_early, say_marked
from mpm_studio.recipe import load_recipe

GAPS_REMAIN = 3  # exit code
SHOWN_GAPS = 10


def run(args: Clean) -> int:
    """Do it and say what was done. Returns 0, 3 when gaps that were to be filled remain, or, of many files, 1 when one failed."""
    if not args.input:
        raise UsageError("which file is to be cleaned?")
    if args.only_marked and not args.mark:
        raise UsageError("--only-marked without a --mark leaves nothing to do")
    if args.model is not None:
        _model_facts(args.model, args.device)  # a damaged one is told before the work begins
    if is_batch(args.input, args.output):
        from mpm_studio.batch import run as batch

        if args.swap or args.map is not None:
            raise UsageError("--swap and --map are for one file")
        return batch.run(args)
    if args.scheduler is not None or args.to is not None or args.jobs != 1:
        raise UsageError("--jobs, --scheduler and --to are for folders or several files")
    return _one(args, args.input[0])


def _one(args: Clean, source: Path) -> int:
    report_path = args.report or proof_path(args.output)
    if report_path.resolve() in (args.output.resolve(), source.resolve()):
        raise UsageError("--report needs a file of its own")
    overrides = load_recipe(args.recipe).body if args.recipe is not None else {}
    rec = mpm.read(source, **args.options())
    if args.map is not None:
        overrides = {**overrides, **load_map(args.map).overrides(rec.points)}
    check_early(rec, args.output, source, force=args.force)
    marked = apply_marks(apply_swaps(rec, args.swap), args.mark)
    with progress_bar() as tell:
        report, after = repair(
            marked,
            args.output,
            method=args.method,
            donors=tuple(name.strip() for name in args.donors.split(",") if name.strip()),
            only_marked=args.only_marked,
            model=args.model,
            device=args.device,
            overrides=overrides,
            report_path=report_path,
            settings={
                "swaps": list(args.swap),
                "marks": list(args.mark),
                "only_marked": args.only_marked,
                "read": args.options(),
                "body": overrides,
            },
            reading=args.options(),
            keep_old=args.force,
            progress=tell,
        )
    _summary(report, args.output)
    say_marked(after, args.output)
    return GAPS_REMAIN if report["remaining"] else 0


def is_batch(inputs: Sequence[Path], out: Path) -> bool:
    """Whether many files are meant: several inputs, or a folder that goes to a folder (to a file goes one take of keypoints)."""
    return len(inputs) > 1 or (inputs[0].is_dir() and (out.is_dir() or not out.suffix))


def apply_swaps(rec: mpm.Recording, swaps: Sequence[str]) -> mpm.Recording:
    """The recording with every 'A,B:START-END' exchanged, one after the other. Raises DataError."""
    for text in swaps:
        points, start, stop = parse_mark(rec, text)
        if len(points) != 2:
            raise DataError(f"{text!r} names {len(points)} points", hint="two can be exchanged: A,B:START-END")
        rec = swap(rec, *points, start, stop).apply(rec)[0]
        say(rec.log[-1])
    return rec


def apply_marks(rec: mpm.Recording, marks: Sequence[str]) -> mpm.Recording:
    """The recording with every 'POINTS:START-END' marked; on a rig, with what hangs below the marked joints. Raises DataError."""
    if not marks:
        return rec
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    for text in marks:
        points, start, stop = parse_mark(rec, text)
        where_FP |= region(rec, list(points), start, stop)
    return mark(rec, where_FP).apply(rec)[0]


def repair(
    rec: mpm.Recording,
    out: Path,
    *,
    method: str = "auto",
    donors: Sequence[str] = (),
    only_marked: bool = False,
    fill: bool = True,
    model: Path | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    report_path: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    reading: Mapping[str, Any] | None = None,
    keep_old: bool = False,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], mpm.Recording]:
    """Fill a marked recording and write it to `out` (and its report to report_path). Both appear whole and checked, or not at all.

    fill: False writes it as it is. overrides: body joint -> point. settings: what else was asked for, for the report. reading: what was
    overruled when the source was read. keep_old: what is at `out` is kept as NAME.bak. Returns the report and the filled recording.
    Raises MpmError; a DataError when a measured sample would have changed.
    """
    began = time.perf_counter()
    asked_FP = rec.origin_FP == mpm.Origin.MARKED if only_marked else ~rec.visible_FP & fill
    after = rec
    if asked_FP.any():
        more: dict[str, Any] = {"overrides": overrides or None, "progress": progress}
        after = mpm.complete(rec, where_FP=asked_FP, method=method, donors=donors, model=model, device=device, **more)
    by_model = bool((after.origin_FP[asked_FP] == mpm.Origin.PREDICTED).any())
    with ExitStack() as stack:
        path = stack.enter_context(staged(out, keep_old=keep_old))
        mpm.write(after, path)
        report = make_report(
            rec,
            after,
            method=method if fill else "none",
            settings=settings,
            asked_FP=asked_FP,
            exported=check_export(rec, after, path, reading),
            model=_model_facts(model, device) if by_model else None,
            seconds=round(time.perf_counter() - began, 3),
        )
        _refuse_changed(report["measured"], out)
        if report_path is not None:
            write_report(report, stack.enter_context(staged(report_path)))
    return report, after


def _model_facts(path: Path | None, device: str) -> dict[str, Any]:
    """The name of the model file that filled, and what its card says."""
    from mpm_core.model.checkpoint import load_model, pick_device, shipped_model

    model = shipped_model("complete", pick_device(device)) if path is None else load_model(path)
    return {"name": Path(model.path).name, "card": model.facts}


def _refuse_changed(measured: dict[str, Any], out: Path) -> None:
    """The last guard of the promise that nothing measured changes, in memory and in the file written. Raises DataError."""
    exported = measured["exported"]
    if measured["changed"] or exported["holds"] is False:
        moved = f", by up to {exported['moved_max_mm']:.3g} mm" if exported["compared"] else ""
        changed = max(measured["changed"], exported.get("changed", 0))
        raise DataError(
            f"{changed} of {measured['measured']} measured samples would change{moved}; nothing was written",
            where=str(out),
            hint="export to another format, and please report this with the file",
        )


def _summary(report: dict[str, Any], out: Path) -> None:
    filled, measured = report["filled"], report["measured"]
    if not report["gaps_before"]["count"]:
        say("nothing was missing and nothing was marked")
    elif not filled["samples"]:
        say("nothing could be filled")
    if filled["by"]:
        say(report["log"][-1])
        sigmas = [key for key in next(iter(filled["by"].values())) if key.startswith("sigma")]
        heads = ["filled by", "samples", *(key.replace("_", " ") for key in sigmas)]
        show_table(
            heads,
            [
                [name, str(by["samples"]), *("-" if by[key] is None else f"{by[key]:.1f}" for key in sigmas)]
                for name, by in filled["by"].items()
            ],
        )
    say(f"measured samples: {measured['measured']}, changed: {measured['changed']} ({as_written(measured['exported'])})")
    gaps_by_reason: dict[str, list[str]] = {}
    for gap in report["remaining"]:
        gaps_by_reason.setdefault(gap["why"], []).append(f"{gap['point']} {gap['first_frame']}-{gap['last_frame']}")
    for why, gaps in gaps_by_reason.items():
        more = f", and {len(gaps) - SHOWN_GAPS} more" if len(gaps) > SHOWN_GAPS else ""
        say(f"still missing, because {why}: {', '.join(gaps[:SHOWN_GAPS])}{more}")
    say(f"wrote {out} in {report['seconds']:.1f} s")


def as_written(exported: dict[str, Any]) -> str:
    """What became of the measured samples in the file."""
    if not exported["compared"]:
        return str(exported["why_not"])
    if not exported["changed"]:
        return f"every bit the same in {exported['path']}, read again"
    return f"in {exported['path']}, read again, none further than {exported['moved_max_mm']:.2g} mm from its place"
