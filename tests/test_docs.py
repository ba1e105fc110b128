"""What the documents name exists: paths, links, Python names, commands, their options, recipes and modules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pytest

from mpm_studio.__main__ import main as studio
from mpm_train.__main__ import main as train
from mpm_train.recipes import RECIPES

ROOT = Path(__file__).parents[1]
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "resources").rglob("*.md")])
MAIN = {"mpm-studio": studio, "mpm-train": train}

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def spans(document: Path) -> Iterator[str]:
    """What stands between backticks in running text."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.M | re.S)
    yield from re.findall(r"`([^`\n]+)`", text)


def code(document: Path) -> Iterator[str]:
    """Command lines: between backticks, indented by four and more or fenced; continued lines joined, comments taken off."""
    text = document.read_text()
    lines = [line for block in re.findall(r"^```.*?^```", text, flags=re.M | re.S) for line in block.splitlines()]
    lines += re.findall(r"^ {4,}(\S.*)$", re.sub(r"\\\n\s*", " ", text), flags=re.M)
    for line in [*spans(document), *lines]:
        yield line.partition(" #")[0].strip()


def calls(document: Path, program: str) -> Iterator[list[str]]:
    """The words after a program's name, where the first is a command in small letters."""
    for line in code(document):
        for words in re.findall(rf"(?:^|\s){program} ([a-z].*)", line):
            if "." not in words.split()[0] and "/" not in words.split()[0]:
                yield words.split()


@cache
def help_of(program: str, *command: str) -> str:
    """What `program command --help` prints; fails where there is no such command."""
    printed = StringIO()
    with redirect_stdout(printed):
        try:
            code = MAIN[program]([*command, "--help"])
        except SystemExit as end:
            code = end.code
    words = f"{program} {' '.join(command)}"
    assert not code and f"usage: {words}" in printed.getvalue(), words
    return printed.getvalue()


@documents
def test_paths_and_links_lead_somewhere(document: Path) -> None:
    named = [span for span in spans(document) if re.fullmatch(r"[\w.-]+(/[\w.-]*)+", span) and span.partition("/")[0] in FOLDERS]
    assert [path for path in named if not (ROOT / path).exists()] == []
    files = {path.name for folder in FOLDERS if not folder.startswith(".") for path in (ROOT / folder).rglob("*.py")}
    assert [span for span in spans(document) if re.fullmatch(r"\w+\.py", span) and span not in files] == []
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@documents
def test_python_names_can_be_imported(document: Path) -> None:
    for name in {name for span in spans(document) for name in re.findall(r"^(mpm_\w+(?:\.\w+)+)", span) if not span.endswith(".py")}:
        module, *rest = next((name[:end], *name[end + 1 :].split(".")) for end in _ends(name) if _is_module(name[:end]))
        found = import_module(module)
        for part in rest:
            found = getattr(found, part) if part else found


def test_commands_recipes_and_options_exist() -> None:
    named = {(program, *words) for document in DOCUMENTS for program in MAIN for words in calls(document, program)}
    assert len(named) > 50
    for program, command, *words in sorted(named):
        recipe = [*words[:1]] if command in ("pretrain", "finetune") and words and words[0].islower() else []
        if recipe == ["--config"]:  # stands for a recipe, and its run's settings are those of any
            assert "--config FILE" in help_of(program, command)
            recipe, words = ["studio-lift" if command == "finetune" else "paper-pretrain-243"], words[1:]
        assert set(recipe) <= RECIPES.keys(), recipe
        known = help_of(program, command, *recipe)
        for option in re.findall(r"(?<!\S)\[?(--[a-z0-9][a-z0-9.-]*)", " ".join(words)):
            assert option in known, f"{program} {command} {option}"


@documents
def test_modules_that_are_run_exist(document: Path) -> None:
    modules = {name for line in code(document) for name in re.findall(r"(?<!\S)-m ([a-z_][\w.]*)", line)}
    assert [name for name in modules if not _is_module(name)] == []


def _ends(name: str) -> list[int]:
    """Where a dotted name may be cut off, the longest first."""
    return [len(name), *(spot.start() for spot in reversed(list(re.finditer(r"\.", name))))]


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
