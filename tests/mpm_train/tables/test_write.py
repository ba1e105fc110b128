"""One table, four ways."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from rich.console import Console

from mpm_train.tables.write import Table, as_csv, as_json, markdown, terminal, write_tables

TABLE = Table(
    "errors",
    "Errors, mm",
    {"part": None, "gap s": None, "mean": 1, "good": None},
    (("wrist", 0.25, 12.345678, True), ("head, neck", 1.0, float("nan"), False), ("root", 2.0, None, None)),
    ("One note.",),
)


def test_files_keep_every_digit_and_pages_do_not() -> None:
    rows = list(csv.reader(as_csv(TABLE).splitlines()))
    assert rows == [
        ["part", "gap s", "mean", "good"],
        ["wrist", "0.25", "12.345678", "True"],
        ["head, neck", "1.0", "", "False"],
        ["root", "2.0", "", ""],
    ]
    values = json.loads(as_json(TABLE))
    assert values["rows"][0] == {"part": "wrist", "gap s": 0.25, "mean": 12.345678, "good": True}
    assert values["rows"][1]["mean"] is None
    text = markdown(TABLE)
    assert "| wrist | 0.25 | 12.3 | yes |" in text
    assert "| head, neck | 1 | - | NO |" in text
    assert text.endswith("One note.\n")


def test_the_terminal_says_the_same() -> None:
    text_file = io.StringIO()
    Console(width=100, file=text_file).print(terminal(TABLE))
    text = text_file.getvalue()
    assert "12.3" in text
    assert "Errors, mm" in text
    assert "One note." in text


def test_a_page_and_two_files_each(tmp_path: Path) -> None:
    written = write_tables([TABLE], tmp_path / "out", "gaps", "Heading")
    assert {path.name for path in written} == {"gaps.md", "errors.csv", "errors.json"}
    assert (tmp_path / "out" / "gaps.md").read_text().startswith("## Heading\n\n### Errors, mm\n")
