"""One take of a batch, from file to file: what a worker does, here or on another machine. A result is a plain table, never an exception."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mpm_core as mpm
from mpm_core.check.report import content_sha256, proof_path
from mpm_core.check.to_json import to_json
from mpm_core.edit.document import Document
from mpm_core.errors import FormatError, MpmError
from mpm_core.filter.methods import FilterSettings
from mpm_core.io.registry import detect, open_options
from mpm_studio.operations.mapping import kept_overrides
from mpm_studio.operations.marking import mark_all_named
from mpm_studio.operations.repairing import repair
from mpm_studio.operations.reshaping import reshape
from mpm_studio.operations.suspects import counts_in, repair_suspects
from mpm_studio.operations.writable import check_free_proof, check_target_file

DONE, GAPS, SKIPPED, FAILED = "done", "gaps remain", "done before", "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """source and out: paths. settings: JSON-able; method, donors, only_marked, limits, model, device, body, read, marks, program, and
    those of `edit_settings`.

    force: a file at `out` that is not a result of this program, or was changed since, is replaced and kept as NAME.bak.
    """

    source: str
    out: str
    settings: Mapping[str, Any]
    force: bool = False


def work(job: Job) -> dict[str, Any]:
    """Clean one take, unless that was done before by the same settings. The row of the summary; `status` is one of the four above."""
    began = time.perf_counter()
    try:
        row = _clean(job)
    except MpmError as error:
        row = failed(job, error.what, error.where, error.hint)
    except Exception as error:  # noqa: BLE001 -- one bad file must not end the batch; its row has the traceback
        what = f"an error in the program itself, {type(error).__name__}: {error}"
        row = failed(job, what, job.source, "please report this with the file") | {"details": traceback.format_exc()}
    return {**row, "seconds": round(time.perf_counter() - began, 3)}


def failed(job: Job, what: str, where: str = "", hint: str = "") -> dict[str, Any]:
    """The row of a take that could not be cleaned."""
    return {"source": job.source, "output": None, "status": FAILED, "what": what, "where": where, "hint": hint}


def _clean(job: Job) -> dict[str, Any]:
    """The row of one take, cleaned, or skipped as it was before. Raises MpmError."""
    chosen, source, out = job.settings, Path(job.source), Path(job.out)
    if version("mpm-studio") != chosen["program"]:
        raise FormatError(
            f"this worker runs mpm-studio {version('mpm-studio')}, not {chosen['program']}", hint="install the same everywhere"
        )
    known = open_options(detect(source))
    reading = {name: value for name, value in chosen["read"].items() if name in known}
    rec = mpm.read(source, **reading)
    overrides = chosen["body"] or kept_overrides(rec)[0]
    settings = {**chosen, "body": overrides, "input_sha256": content_sha256(source)}
    report = _finished(out, settings)
    if report is not None:
        return _row(job, report, SKIPPED)
    force = job.force or _proof(out) is not None
    out.parent.mkdir(parents=True, exist_ok=True)
    check_target_file(rec, out, source, force=force)
    check_free_proof(proof_path(out), out, force=force)
    document = Document(rec)
    reshape(document, chosen["shape"])
    if chosen["suspects"]:
        repair_suspects(document, chosen["suspects"], overrides or None)
    mark_all_named(document, chosen["marks"], overrides, chosen["min_confidence"])
    made, _ = repair(
        document,
        out,
        method=chosen["method"],
        donors=chosen["donors"],
        only_marked=chosen["only_marked"],
        model=None if chosen["model"] is None else Path(chosen["model"]),
        device=chosen["device"],
        overrides=overrides,
        limits=mpm.Limits(**chosen["limits"]),
        filtering=None if chosen["filter"] is None else FilterSettings(**chosen["filter"]),
        filter_measured=chosen["filter_measured"],
        report_path=proof_path(out),
        settings=settings,
        reading=reading,
        keep_old=job.force,
    )
    return _row(job, to_json(made), GAPS if made.remaining else DONE)


def _finished(out: Path, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """The proof of a result that is there already, whole, of the same source by the same settings."""
    report = _proof(out)
    return report if report is not None and report.get("settings") == json.loads(json.dumps(settings)) else None


def _proof(out: Path) -> dict[str, Any] | None:
    """The proof beside a result that is there as it was written; None for no such file, or another one."""
    try:
        report: dict[str, Any] = json.loads(proof_path(out).read_bytes())
        return report if report["measured"]["exported"]["sha256_file"] == content_sha256(out) else None
    except (OSError, ValueError, KeyError, TypeError, FormatError):  # no proof of this result: the take is cleaned again
        return None


def _row(job: Job, report: Mapping[str, Any], status: str) -> dict[str, Any]:
    measured = report["measured"]
    return {
        "source": job.source,
        "output": job.out,
        "status": status,
        "frames": report["file"]["frames"],
        "points": report["file"]["points"],
        "gaps": report["gaps_before"]["count"],
        "filled": report["filled"],
        "measured": measured["measured"],
        "changed": measured["changed"],
        "holds": measured["exported"]["holds"],
        "sha256_before": measured["sha256_before"],
        "sha256_after": measured["exported"].get("sha256_after"),
        "sha256_file": measured["exported"]["sha256_file"],
        **({"suspects": counts_in(report["log"])} if job.settings["suspects"] else {}),
        "remaining": [f"{gap['point']} {gap['first_frame']}-{gap['last_frame']}: {gap['why']}" for gap in report["remaining"]],
        "notes": report["notes"],
    }
