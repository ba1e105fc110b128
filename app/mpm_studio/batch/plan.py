"""A batch before it is run and after: its takes, where their results go, the settings that decide them, and the summary of all."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mpm_core.check.report import content_sha256
from mpm_core.errors import DataError, FormatError
from mpm_core.files.atomic import write_text
from mpm_core.fill.keep.limits import USUAL
from mpm_core.progress import Cancel
from mpm_core.resources import resource
from mpm_studio.batch.pool import Row
from mpm_studio.batch.takes import SUMMARY, outputs, overwritten, takes
from mpm_studio.batch.work import FAILED, Job
from mpm_studio.clean_recipe import READING, Recipe
from mpm_studio.edit_settings import edit_settings
from mpm_studio.operations.suspects import NO_SUSPECTS
from mpm_studio.pages.batch import page
from mpm_studio.usage_error import UsageError

BY_MODEL = ("auto", "model")


@dataclass(frozen=True, slots=True)
class Plan:
    """jobs: one for each take, in a fixed order. settings: what decides the results. folder: where they go."""

    jobs: tuple[Job, ...]
    settings: dict[str, Any]
    folder: Path


def make_plan(inputs: Sequence[Path], folder: Path, settings: dict[str, Any], to: str | None = None, *, force: bool = False) -> Plan:
    """The jobs for files and folders; the folder for the results is made. to: the ending of the results, None for each take's own;
    force: as of a Job.

    Raises UsageError for a folder that is a file or holds the takes themselves, and for an ending that is not written; DataError when there
    is not a take; FormatError for an input that is not there, or a folder that cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; many takes go to a folder")
    found = takes(inputs, folder)
    if not found:
        raise DataError("there is no take to be read here", where=", ".join(map(str, inputs)), hint="give a folder of motion files")
    places = outputs(found, folder, to)
    if (lost := overwritten([source for source, _ in found], places)) is not None:
        raise UsageError(f"{lost} is itself one of the takes, and would be overwritten; results go to another folder")
    jobs = tuple(Job(str(source.absolute()), str(out.absolute()), settings, force) for (source, _), out in zip(found, places, strict=True))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FormatError(f"cannot make this folder: {error.strerror}", where=str(folder), hint="choose another") from error
    return Plan(jobs, settings, folder)


def settings_of(
    *,
    method: str,
    donors: Sequence[str],
    only_marked: bool,
    limits: Mapping[str, float],
    marks: Sequence[str],
    edits: Mapping[str, Any],
    model: Path | None,
    device: str,
    read: Mapping[str, Any],
    body: Mapping[str, str],
) -> dict[str, Any]:
    """What decides a result, JSON-able: a take that was cleaned by the same is not cleaned again. edits: of `edit_settings`; read:
    keywords of `mpm_core.read`."""
    used = model or (resource("models/complete.safetensors") if method in BY_MODEL else None)
    return {
        "method": method,
        "donors": list(donors),
        "only_marked": only_marked,
        "limits": dict(limits),
        "marks": list(marks),
        **edits,
        "model": None if model is None else str(model.absolute()),
        "model_sha256": content_sha256(used) if used is not None and used.exists() else None,
        "device": device,
        "read": {name: list(value) if isinstance(value, tuple) else value for name in READING for value in [read.get(name)]},
        "body": dict(body),
        "program": version("mpm-studio"),
    }


def recipe_settings(recipe: Recipe) -> dict[str, Any]:
    """The settings of a recipe: those that `mpm-studio clean --recipe` has."""
    settings = recipe.settings
    limits = {"max_sigma_m": settings["max_sigma"] / 1000 if "max_sigma" in settings else USUAL.max_sigma_m}
    return settings_of(
        method=settings.get("method", "auto"),
        donors=settings.get("donors", []),
        only_marked=settings.get("only_marked", False),
        limits=limits | ({"max_gap_s": settings["max_gap"]} if "max_gap" in settings else {}),
        marks=settings.get("mark", []),
        edits=edit_settings(settings),
        model=Path(settings["model"]) if "model" in settings else None,
        device=settings.get("device", "auto"),
        read=recipe.read,
        body=recipe.body,
    )


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
            **(
                {"suspects": {name: sum(row["suspects"][name] for row in whole) for name in NO_SUSPECTS}}
                if settings.get("suspects")
                else {}
            ),
        },
        "takes": list(rows),
    }


def clean_all(
    plan: Plan, coming: Generator[Row], row_done: Callable[[int, dict[str, Any]], None], cancel: Cancel = lambda: False
) -> dict[str, Any]:
    """Take the rows of a plan's jobs as they come, and write the summary, also when it is cancelled or stopped by an exception.

    coming: of `through_processes` or `through_dask`, which ends with this. row_done: the number of a job and its row. Returns the summary.
    """
    began, clock, rows, stopped = datetime.now(UTC), time.perf_counter(), dict[int, dict[str, Any]](), True
    try:
        for number, row in coming:
            rows[number] = row
            row_done(number, row)
        stopped = cancel()
    finally:
        coming.close()  # its workers end now, not when it is collected
        summary = summed_up([rows[number] for number in sorted(rows)], len(plan.jobs), plan.settings, stopped)
        summary |= {"began": began.isoformat(timespec="seconds"), "seconds": round(time.perf_counter() - clock, 1)}
        text = json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        write_text(plan.folder / f"{SUMMARY}.json", text)
        write_text(plan.folder / f"{SUMMARY}.html", page(summary))
    return summary
