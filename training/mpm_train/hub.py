"""A card's front matter as the Hugging Face Hub reads it: licence, data, tags and results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from huggingface_hub import EvalResult, ModelCardData

from mpm_train.data.contents import Part
from mpm_train.held_out import Errors
from mpm_train.tables.write import Table

TAGS = ["motion-capture", "human-pose-estimation", "masked-pose-modeling"]
METRICS = {
    "gaps_summary": ("gap s", ("auto",), "mean error of {column} in gaps of {row} s, mm"),
    "lifting": ("2D", ("MPJPE", "P-MPJPE"), "{column}, {row}, mm"),
}
"""Table -> the column that tells its rows apart, the columns that are results, and what a result is called."""


def front_matter(kind: str, task: str, learned: Iterable[Part], measured: Mapping[str, str], free: bool | None, errors: Errors) -> str:
    """Between lines of ---. measured: split -> the data sets that its errors are of. free: whether the weights may be shipped; if
    not surely so, the licence is "other".
    """
    results = [result for split, tables in errors.items() for table in tables for result in _results(table, task, split, measured[split])]
    data = ModelCardData(
        license="mit" if free else "other",
        license_name=None if free else "not-to-be-shipped" if free is False else "not-known",
        library_name="mpm-studio",
        tags=[*TAGS, kind],
        datasets=[_slug(name) for name in dict.fromkeys(part.source for part in learned)],
        metrics=["mpjpe"],
        model_name=f"mpm-studio {kind}",
        eval_results=results or None,
    )
    return f"---\n{data.to_yaml().strip()}\n---"


def _results(table: Table, task: str, split: str, source: str) -> list[EvalResult]:
    key, columns, name = METRICS.get(table.name, ("", (), ""))
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    found = [(name.format(column=column, row=row[key]), row[column]) for row in rows for column in columns]
    return [
        EvalResult(
            task_type="other",
            task_name=task,
            dataset_type=_slug(source),
            dataset_name=source,
            dataset_split=split,
            metric_type="mpjpe",
            metric_name=called,
            metric_value=round(value, 2),
        )
        for called, value in found
        if isinstance(value, float) and math.isfinite(value)
    ]


def _slug(name: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())
