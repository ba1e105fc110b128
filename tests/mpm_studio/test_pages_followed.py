"""The tutorial and the task pages are followed literally: in the real window by mouse and keys, and their commands as they stand there."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

from mpm_core.resources import resource
from mpm_studio.__main__ import main
from mpm_studio.actions import ACTIONS
from tests.mpm_studio import window_page
from tests.mpm_studio.follow_page import Follower, prepare_files
from tests.mpm_studio.page_steps import Step, commands_of, files_of, items_without_a_step, other_files_of, steps_of

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "tutorial.md", *sorted((DOCS / "tasks").glob("*.md"))]
IN_WINDOW = [page for page in PAGES if steps_of(page.read_text())]
WITH_COMMANDS = [page for page in PAGES if commands_of(page.read_text())]

FROM_LIBRARIES = ("xcb", "Unrecognized options")
SUBMENUS = {"&File": ("Open recent",), "&Repair": ("Method",), "&View": ("Panels",)}  # made by menus.py, not entries of the table
OFTEN = ("tutorial", "fill_c3d", "lift_keypoints")  # the pages that are followed in every run; the others in those of the slow tests
OTHER_PROGRAMS = DOCS / "next-programs.md"  # names menus that are not ours


def often_or_slow(pages):
    return [pytest.param(page, id=page.stem, marks=[] if page.stem in OFTEN else [pytest.mark.slow]) for page in pages]


needs_models = pytest.mark.skipif(not resource("models/lift.safetensors").is_file(), reason="no trained models here")


@needs_models
@pytest.mark.parametrize("page", often_or_slow(IN_WINDOW))
def test_every_step_can_be_followed_in_the_window(page, fresh_window, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepare_files(page.read_text(), tmp_path)
    fresh_window.resize(1400, 900)
    assert Follower(fresh_window, page.parent).follow(page.read_text()) > 5


@needs_models
@pytest.mark.parametrize("page", often_or_slow(WITH_COMMANDS))
def test_every_command_does_what_it_should(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    prepare_files(page.read_text(), tmp_path)
    for line in commands_of(page.read_text()):
        program, *words = shlex.split(line)
        assert program == "mpm-studio"
        assert main(words) == 0, f"{line}\n{capsys.readouterr().err}"


@pytest.mark.parametrize("page", IN_WINDOW, ids=lambda page: page.stem)
def test_every_numbered_item_in_the_window_is_followed(page):
    text = page.read_text()
    others = [item for item in items_without_a_step(text) if not item.startswith(("Look at", "Check left"))]
    assert others == [], "nothing that the script knows is to be done there"
    bold = re.findall(r"\*\*([^*]+)\*\*", re.sub(r"^(?!\d+\. | {3}).*$", "", text, flags=re.M))
    followed = {word for step in steps_of(text) for word in step.words}
    assert [word for word in bold if word not in followed] == []


def test_the_page_of_the_window_lists_its_menus_as_they_are():
    assert window_page.PAGE.read_text() == window_page.page(), "python -m tests.mpm_studio.window_page"


@pytest.mark.parametrize("page", sorted({*DOCS.rglob("*.md")} - {OTHER_PROGRAMS}), ids=lambda page: page.stem)
def test_menu_entries_that_pages_name_exist(page):
    entries = {action.menu.replace("&", ""): [*SUBMENUS.get(action.menu, ())] for action in ACTIONS if action is not None}
    for action in ACTIONS:
        if action is not None:
            entries[action.menu.replace("&", "")].append(action.text.replace("&", "").rstrip("…"))
    named = re.findall(rf"\b({'|'.join(entries)}), \*?([A-Z][a-z][\w -]*)", page.read_text().replace("\n", " "))
    assert [(menu, words) for menu, words in named if not words.startswith(tuple(entries[menu]))] == []


def test_messages_that_pages_quote_are_in_the_program():
    roots = (DOCS.parent / "app", DOCS.parent / "mpm_core")
    texts = "\n".join(text for root in roots for path in root.rglob("*.py") for text in _texts(ast.parse(path.read_text())))
    pages = [DOCS / "troubleshooting.md", *(DOCS / "tasks").glob("*.md")]
    cells = [line.split("|")[1] for page in pages for line in page.read_text().splitlines() if line.startswith("| ")]
    parts = [part.strip() for cell in cells for quoted in re.findall(r'"([^"]+)"', cell) for part in quoted.split("...")]
    assert len(parts) > 15
    assert [part for part in parts if part not in texts and part not in FROM_LIBRARIES] == []


def test_there_are_pages_for_window_and_commands():
    assert len(IN_WINDOW) >= 5 and len(WITH_COMMANDS) >= 5


def test_steps_are_read_in_order_with_their_words():
    page = (
        "1. Open **a.c3d**, then press **Ctrl+E**.\n"
        "2. Write **b.c3d** into **File**, choose **BVH** from\n   **Format**, and click **Go**.\n"
    )
    assert steps_of(page) == [
        Step("open", ("a.c3d",), "Open **a.c3d**"),
        Step("press", ("Ctrl+E",), "press **Ctrl+E**"),
        Step("write", ("b.c3d", "File"), "Write **b.c3d** into **File**"),
        Step("pick", ("BVH", "Format"), "choose **BVH** from **Format**"),
        Step("click", ("Go",), "click **Go**"),
    ]
    assert items_without_a_step("1. Press **A**.\n2. Think.\n") == ["Think."]


def test_commands_and_files_are_read_from_the_page():
    page = (
        "<!-- a.c3d = walk_reach_sit.c3d; b/c.c3d = walk_reach_sit.c3d without labels -->\n```sh\nmpm-studio info a.c3d  # see\n```\n"
        "as `r.toml`:\n\n```toml\nrecipe = 1\n```\n"
    )
    assert list(files_of(page)) == [("a.c3d", "walk_reach_sit.c3d", False), ("b/c.c3d", "walk_reach_sit.c3d", True)]
    assert commands_of(page) == ["mpm-studio info a.c3d"]
    assert other_files_of(page) == [("r.toml", "recipe = 1\n")]


@pytest.mark.parametrize(
    "page",
    ["Click **Nothing has this text**.", "Choose **File > Fly**.", "You see **gold**.", "Write **1** into **Nowhere**.", "![](none.webp)"],
)
def test_a_page_that_is_out_of_date_fails(page, window, tmp_path, monkeypatch):
    monkeypatch.setattr("tests.mpm_studio.follow_page.WAIT_S", 0.5)
    with pytest.raises(AssertionError, match=r"cannot be followed|no picture"):
        Follower(window, tmp_path).follow(page)


def _texts(tree):
    """The strings of a module that are no docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return [node.value for node in found if isinstance(node.value, str)]
