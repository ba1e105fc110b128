"""One command per model: the steps of make_plan.py, each skipped when its finished result is there and unchanged.

A step leaves a record, work/steps/<name>.json: its command, digests of all that it read, and when it is finished, digests of what it wrote.
A stopped step is resumed by its command. Where a record is of another command or other input, the folder that the step had
filled is renamed, never deleted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError, reason
from mpm_core.files.atomic import write_bytes
from mpm_train.data.contents import contents_of
from mpm_train.data.corpus import INDEX, corpus_hash
from mpm_train.export import refuse_non_free
from mpm_train.history import TRAINED, History
from mpm_train.history import Step as HistoryStep
from mpm_train.make_plan import Order, Step, steps_of
from mpm_train.progress import announce

RECORDS = "steps"
Run = Callable[[Sequence[str]], object]


def make(order: Order, run: Run, *, dry_run: bool = False) -> list[str]:
    """Make a model, or what is left of it; returns lines that say where the results are. run: executes mpm-train's arguments.

    dry_run: only return the plan.
    Raises DataError when a folder is missing, a record is damaged or the data forbid the model's folder, and what the commands raise.
    """
    if not order.to.parent.is_dir() and order.to.parent != order.work:  # before days of work, not after
        raise DataError("there is no such folder to write to", where=str(order.to.parent), hint="make it first")
    steps = steps_of(order)
    plan = plan_of(order, steps)
    if dry_run:
        return [f"{f'to do ({why})' if why else 'done':28} {step.command}" for step, why in plan]
    order.work.mkdir(parents=True, exist_ok=True)
    names = {word: ", ".join(step.name for step, why in plan if bool(why) == (word == "to do")) for word in ("done", "to do")}
    for word, some in names.items():
        announce(f"make {order.target}", f"{word}: {some or 'nothing'}")
    for number, step in enumerate(steps, 1):
        name = f"make {order.target}, step {number} of {len(steps)}"
        if why := to_do(order.work, step):
            announce(name, f"{step.command}  ({why})")
            execute(order.work, step, run)
        else:
            announce(name, f"{step.name} is done")
        if step.arguments[0] == "prepare" and not order.allow_non_free:  # before days of training, not after
            contents = contents_of(step.writes[0])
            refuse_non_free(History().then(HistoryStep(TRAINED, order.target, corpus=contents.hash), contents), order.to)
    return [f"model: {order.to}", f"card: {order.to.with_suffix('.md')}", *(f"table: {path}" for step in steps for path in _tables(step))]


def plan_of(order: Order, steps: Sequence[Step]) -> list[tuple[Step, str]]:
    """Each step, and why it has to be executed ("" = it is done). What follows such a step may turn out to be done."""
    plan, waiting = [], False
    for step in steps:
        why = "follows" if waiting else to_do(order.work, step)
        waiting = waiting or bool(why)
        plan.append((step, why))
    return plan


def to_do(work: Path, step: Step) -> str:
    """Why a step has to be executed; "" when its finished result is there and unchanged. Raises DataError for a damaged record."""
    record = _read(work, step)
    if not record:
        return "new"
    if not all(path.exists() for path in step.reads):
        return "its input is missing"
    if differs := _differs(record, step):
        return f"other {differs}"
    if record["wrote"] is None:
        return "was stopped"
    if not all(path.exists() for path in step.writes):
        return "its result is missing"
    return "" if record["wrote"] == _digests(step.writes) else "its result was changed"


def execute(work: Path, step: Step, run: Run) -> None:
    """Execute a step, between its two records; the result of another command or other input is moved out of its way first."""
    record, begun = _read(work, step), _identity(step)
    changed = bool(record) and record["wrote"] is not None and _changed(record, step)
    if record and step.folder is not None and step.folder.exists() and (changed or _differs(record, step)):
        announce(step.name, f"{step.folder} is renamed to {_aside(step.folder).name}: it holds another result")
        step.folder.rename(_aside(step.folder))
    _write(work, step, begun | {"wrote": None})
    run((*step.arguments, *step.free))
    _write(work, step, begun | {"wrote": _digests(step.writes)})


def digest(path: Path) -> str:
    """Of a file its content's; of a corpus that of its clips and rows; of any other folder that of its files' names, sizes and times.

    Raises DataError when it is not there.
    """
    found = hashlib.sha256()
    if path.is_file():
        return _file_digest(path, path.stat().st_size, path.stat().st_mtime_ns)
    if (path / INDEX).is_file():
        return corpus_hash(path)
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file():
                stat = file.stat()
                found.update(f"{file.relative_to(path)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    else:
        raise DataError("there is no such file or folder", where=str(path), hint="check the path")
    return found.hexdigest()


@cache
def _file_digest(path: Path, _size: int, _time_ns: int) -> str:
    """Read once, as long as size and time stay the same."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(paths: Sequence[Path]) -> dict[str, str]:
    return {str(path): digest(path) for path in paths}


def _identity(step: Step) -> dict[str, Any]:
    """All that decides what a step writes."""
    return {"command": list(step.arguments), "recipe": step.settings, "input": _digests(step.reads)}


def _differs(record: dict[str, Any], step: Step) -> str:
    """What of a step is not as it was when the record was written; "" = nothing."""
    return ", ".join(name for name, value in _identity(step).items() if record[name] != value)


def _changed(record: dict[str, Any], step: Step) -> bool:
    """Whether a result was changed since it was written; one that is missing was not."""
    return any(path.exists() and record["wrote"].get(str(path)) != digest(path) for path in step.writes)


def _aside(folder: Path) -> Path:
    """The first free name for what a folder held before."""
    number = 1
    while (aside := folder.with_name(f"{folder.name}.before-{number}")).exists():
        number += 1
    return aside


def _tables(step: Step) -> tuple[Path, ...]:
    return step.writes if step.arguments[0] == "evaluate" else ()


def _read(work: Path, step: Step) -> dict[str, Any]:
    """The step's record; empty when there is none."""
    path = work / RECORDS / f"{step.name}.json"
    if not path.is_file():
        return {}
    try:
        record = dict(json.loads(path.read_text(encoding="utf-8")))
        return {name: record[name] for name in ("command", "recipe", "input", "wrote")}
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"the record of a step cannot be read ({reason(error)})", where=str(path), hint="delete it; the step goes on"
        ) from error


def _write(work: Path, step: Step, record: dict[str, Any]) -> None:
    folder = work / RECORDS
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / f"{step.name}.json", json.dumps(record, indent=1).encode())
