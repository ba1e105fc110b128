"""`mpm-studio selftest`: the errors of each fill on this take, measured on known samples that are hidden."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import mpm_core as mpm
from mpm_core.check.selftest import Outcome, Score, SelfTest, self_test
from mpm_core.files.staged import staged
from mpm_studio.commands.arguments import SelfTest as Arguments
from mpm_studio.commands.console import progress_bar, say, show_table
from mpm_studio.operations.mapping import kept_overrides
from mpm_studio.operations.selftest import auto_uses, figure, length_name, tried, unit, verdict
from mpm_studio.operations.writable import check_free
from mpm_studio.usage_error import UsageError


def run(args: Arguments) -> int:
    """Run the test and print its results. Returns 0."""
    if args.report is not None and args.report.resolve() == args.input.resolve():
        raise UsageError("--report needs a file of its own")
    if args.report is not None:
        check_free(args.report, force=args.force)
    rec = mpm.read(args.input)
    overrides, name = kept_overrides(rec)
    if overrides and not args.json:
        say(f"body by the saved map {name!r}")
    with progress_bar() as progress:
        test = self_test(rec, model=args.model, seed=args.seed, progress=progress, device=args.device, overrides=overrides or None)
    if args.report is not None:
        from mpm_studio.pages.selftest import page

        with staged(args.report, keep_old=args.force) as path:
            path.write_bytes(page(test, rec.source.path).encode())
    if args.json:
        say(json.dumps(facts(test, rec.source.path), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _show(test)
        if args.report is not None:
            say(f"wrote {args.report}")
    return 0


def facts(test: SelfTest, path: str) -> dict[str, Any]:
    """JSON-able: errors in millimetres (pixels for 2D) by length, by point and overall; null where a method reached nothing."""
    return {
        "file": path,
        "unit": unit(test),
        "gaps": "the take's own" if test.own_gaps else "standard",
        "trials": len(test.outcomes),
        "seed": test.seed,
        "seconds": test.seconds,
        "methods": [method for method in test.methods if method not in test.skipped],
        "skipped": dict(test.skipped),
        "overall": _group(test, test.outcomes),
        "by_length": [
            {"above_s": low, "up_to_s": None if math.isinf(high) else high, **_group(test, some)} for low, high, some in test.by_length()
        ],
        "by_point": [{"point": test.points[point], **_group(test, some)} for point, some in test.by_point()],
    }


def _group(test: SelfTest, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    scores = {method: test.score(method, outcomes) for method in test.methods if method not in test.skipped}
    return {
        "trials": len(outcomes),
        "best": test.best(outcomes) or None,
        "auto_uses": auto_uses(outcomes) or None,
        "auto_against_best": verdict(test, outcomes) or None,
        "methods": {method: _score(each, 1000 if test.dims == 3 else 1) for method, each in scores.items()},
    }


def _score(score: Score, per_unit: float) -> dict[str, Any]:
    values = {"mean": score.mean, "median": score.median, "p95": score.p95}
    return {
        "reached": score.reached,
        "asked": score.asked,
        **{name: None if math.isnan(value) else round(value * per_unit, 3) for name, value in values.items()},
    }


def _show(test: SelfTest) -> None:
    """Tables on stdout: all gaps, then the means by length and by point."""
    methods = [method for method in test.methods if method not in test.skipped]
    say(tried(test))
    say()
    best = test.best()
    rows = []
    for method in sorted(methods, key=lambda name: _rank(test.score(name))):
        score = test.score(method)
        mark = "best that fills all" if method == best else ""
        rows.append((method, *(figure(v, test) for v in (score.mean, score.median, score.p95)), f"{score.reached / score.asked:.0%}", mark))
    show_table(("method", f"mean {unit(test)}", "median", "95 %", "filled", ""), rows, left=(0, 5))
    for title, groups in (
        ("gap length", [(length_name(low, high), some) for low, high, some in test.by_length()]),
        ("point", [(test.points[point], some) for point, some in test.by_point()]),
    ):
        say()
        table = [
            (name, str(len(some)), *(figure(test.score(m, some).mean, test) for m in methods), test.best(some), verdict(test, some))
            for name, some in groups
        ]
        show_table((title, "gaps", *methods, "best", "auto is"), table, left=(0, 2 + len(methods), 3 + len(methods)))
    for method, why in test.skipped.items():
        say(f"not tried: {method}: {why}")


def _rank(score: Score) -> float:
    return math.inf if math.isnan(score.mean) else score.mean
