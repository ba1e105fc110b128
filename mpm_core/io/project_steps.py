"""The history in a project file: the edits that are made, so that they can be undone after it is opened. N samples, R filled runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mpm_core.edit.annotate import Annotate
from mpm_core.edit.patch import Edit, FilledRun, Patch, Replace
from mpm_core.edit.request import Request, check_request
from mpm_core.errors import DataError, Malformed
from mpm_core.gaps import known
from mpm_core.io.annotations import as_json, of_json
from mpm_core.io.json_values import name_list, text
from mpm_core.io.project_recording import Packer, Unpacker, pack, unpack
from mpm_core.recording import Origin, Recording, Samples
from mpm_core.samples import SAMPLE_FIELDS
from mpm_core.spans import check_spans
from mpm_core.subjects import check_subjects

MOST_BYTES = 256 << 20  # of all steps' arrays; the oldest steps beyond it are not kept


def pack_steps(done: Sequence[Edit], packer: Packer) -> list[dict[str, Any]]:
    """What the index says of the edits that are made (`Document.done`), first to last; arrays by the names of their members."""
    kept, room = [], MOST_BYTES
    for edit in reversed(done):
        room -= _bytes(edit)
        if room < 0:
            break
        kept.append(edit)
    return [_packed(edit, packer) for edit in reversed(kept)]


def unpack_steps(tables: Any, rec: Recording, unpacker: Unpacker) -> tuple[Edit, ...]:
    """The inverses of the edits that led to `rec`, first to last, each found to fit. Raises as `unpack` of project_recording does."""
    if not isinstance(tables, list):
        raise Malformed("the steps are not a list")
    done: list[Edit] = []
    shown = rec  # of the step's frames, points and dimensions
    walked: list[Edit] = []  # those not applied to `rec` yet
    for table in reversed(tables):
        edit: Edit
        if table["kind"] == "replace":
            for each in walked:  # a Replace needs the recording that it is made for
                rec = each.apply(rec)[0]
            walked = []
            edit = Replace(text(table["label"]), rec, unpack(table["after"], unpacker), _requests(table))
            shown = edit.after
        elif table["kind"] == "patch":
            edit = _patch(table, unpacker)
            _check(edit, *shown.xyz_FPD.shape)
        elif table["kind"] == "annotate":
            edit = _annotate(table)
            check_spans(edit.spans or (), shown.frames, shown.points)
            check_subjects(edit.subjects or (), shown.points)
        else:
            raise Malformed(f"a step is of the kind {str(table['kind'])[:20]!r}")
        walked.append(edit)
        done.append(edit)
    return tuple(reversed(done))


def _packed(edit: Edit, packer: Packer) -> dict[str, Any]:
    table: dict[str, Any] = {"label": edit.label, "requests": [[each.action, dict(each.settings)] for each in edit.requests]}
    if isinstance(edit, Replace):
        return {"kind": "replace", **table, "after": pack(edit.after, packer)}
    if isinstance(edit, Annotate):
        lists = as_json(edit.spans or (), edit.subjects or ())
        given = {"spans": edit.spans, "subjects": edit.subjects}
        return {"kind": "annotate", **table, **{name: lists[name] if value is not None else None for name, value in given.items()}}
    methods = list(dict.fromkeys(run.method for run in edit.filled))
    runs_R4 = np.array([(methods.index(run.method), run.point, run.start, run.stop) for run in edit.filled], np.int32).reshape(-1, 4)
    return {
        "kind": "patch",
        **table,
        "frames": packer.array(edit.frames_N.astype(np.int32)),
        "points": packer.array(edit.points_N.astype(np.int32)),
        "samples": {name: packer.array(array) for name, array in edit.samples.arrays.items()},
        "log": edit.log,
        "methods": methods,
        "runs": packer.array(runs_R4),
    }


def _patch(table: dict[str, Any], unpacker: Unpacker) -> Patch:
    methods, runs_R4 = name_list(table["methods"]), unpacker.array(table["runs"], "int32", 2)
    if len(runs_R4) and not 0 <= runs_R4[:, 0].min() <= runs_R4[:, 0].max() < len(methods):
        raise Malformed("a method is not in the list of methods")
    samples = {
        name: unpacker.array(member, np.dtype(SAMPLE_FIELDS[name].dtype).name, 2 if SAMPLE_FIELDS[name].per_axis else 1)
        for name, member in table["samples"].items()
    }
    return Patch(
        text(table["label"]),
        unpacker.array(table["frames"], "int32", 1).astype(np.int64),
        unpacker.array(table["points"], "int32", 1).astype(np.int64),
        Samples(samples),
        None if table["log"] is None else name_list(table["log"]),
        tuple(FilledRun(methods[method], point, start, stop) for method, point, start, stop in runs_R4.tolist()),
        _requests(table),
    )


def _annotate(table: dict[str, Any]) -> Annotate:
    spans, subjects = of_json({name: table[name] or [] for name in ("spans", "subjects")})
    return Annotate(
        text(table["label"]),
        None if table["spans"] is None else spans,
        None if table["subjects"] is None else subjects,
        _requests(table),
    )


def _requests(table: dict[str, Any]) -> tuple[Request, ...]:
    requests = tuple(Request(text(action), dict(settings)) for action, settings in table["requests"])
    for each in requests:
        check_request(each)
    return requests


def _check(patch: Patch, frames: int, points: int, dims: int) -> None:
    """Raise DataError for a patch that would not fit a recording of this shape."""
    N = len(patch)
    shaped = patch.points_N.shape == patch.samples.shape == (N,) and patch.xyz_ND.shape == (N, dims)
    inside = shaped and all(
        N == 0 or (each_N.min() >= 0 and each_N.max() < most) for each_N, most in ((patch.frames_N, frames), (patch.points_N, points))
    )
    runs = all(0 <= run.point < points and 0 <= run.start < run.stop <= frames for run in patch.filled)
    known_N = known(patch.xyz_ND) if shaped else np.zeros(N, bool)
    origins = bool((patch.origin_N <= max(Origin)).all()) and np.array_equal(known_N, patch.origin_N != Origin.MISSING)
    if not (inside and runs and origins):
        raise DataError(f"the step {patch.label!r} does not fit the take")


def _bytes(edit: Edit) -> int:
    if isinstance(edit, Replace):
        return sum(array.nbytes for array in edit.after.samples.arrays.values())
    return sum(array.nbytes for array in edit.samples.arrays.values()) + 8 * len(edit) if isinstance(edit, Patch) else 0
