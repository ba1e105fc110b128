"""Help, tour, About and models: pages that exist, widgets that are there, versions that are installed, cards that are the file's own."""

from __future__ import annotations

import json
import struct
from importlib import metadata
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument

from mpm_core.errors import ModelError
from mpm_core.model.header import read_header
from mpm_core.resources import resource
from mpm_studio import help_pages
from mpm_studio.flows import help as flow
from mpm_studio.operations.about import components
from mpm_studio.operations.models import card_text, shipped
from mpm_studio.operations.networks import Networks
from mpm_studio.take import Take
from mpm_studio.views.help_window import HelpWindow
from mpm_studio.views.models_dialog import ModelsDialog
from mpm_studio.views.tour import Tour
from mpm_studio.window import Window
from tests.makers import smooth_take


def model_file(path: Path, task: str, **facts: object) -> Path:
    """A model file's header, without weights."""
    header = json.dumps({"__metadata__": {"config": json.dumps({"task": task}), "facts": json.dumps(facts)}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    return path


def test_help_shows_every_page_and_follows_links(qtbot, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(help_pages, "folder", lambda: None)
    flow.show_help(window)
    shown = window.findChild(HelpWindow, "help_window")
    assert len(shown.pages) >= 10 and shown.list.count() == len(shown.pages)
    for row, page in enumerate(shown.pages):
        shown.list.setCurrentRow(row)
        assert page.title.split()[0] in shown.text.toPlainText().split("\n")[0]
    shown.close()


def test_the_tasks_are_among_the_pages_with_pictures_that_fit(qtbot, window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(help_pages, "folder", lambda: None)
    flow.show_help(window)
    shown = window.findChild(HelpWindow, "help_window")
    names = [page.path.name for page in shown.pages]
    assert names[:3] == ["index.md", "tutorial.md", "index.md"] and names.index("fill_c3d.md") < names.index("window.md")
    shown.list.setCurrentRow(names.index("fill_c3d.md"))
    assert "Suspects" in shown.text.toPlainText()
    picture = shown.text.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl("../images/tasks/suspects.webp"))
    assert 300 < picture.width() < shown.text.viewport().width()
    shown.close()


def test_a_built_site_is_found_where_the_package_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(help_pages, "resource", lambda name: tmp_path / name)
    monkeypatch.setattr(help_pages.sys, "prefix", str(tmp_path / "prefix"))
    there = help_pages.folder()
    assert there is None or there.parts[1] == "usr"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<h1>Help</h1>")
    assert help_pages.folder() == tmp_path / "site"


def test_about_names_what_is_installed() -> None:
    parts = {each.name.lower(): each for each in components()}
    assert parts["mpm-studio"].licence == "MIT"
    for name in ("numpy", "scipy", "torch", "pyside6-essentials"):
        assert parts[name].version == metadata.version(name) and parts[name].licence
    assert "pytest" not in parts, "what only tests need is not in use"


def test_the_tour_has_five_steps_and_escape_ends_it(qtbot, window: Window) -> None:
    rec = smooth_take(60, 4)
    window.session.open(Take(Path("take.npz"), rec, rec, {}))
    flow.begin_tour(window)
    tour = window.findChild(Tour, "tour")
    seen = []
    while tour.next.text() == "Next":
        seen.append(tour.title.text())
        assert window.rect().contains(tour.geometry()) and tour.frame_.isVisible()
        tour.next.click()
    assert len({*seen, tour.title.text()}) == 5 and window.workspace.history.isVisible()
    tour.next.click()
    assert not tour.isVisible()
    flow.begin_tour(window)
    again = next(each for each in window.findChildren(Tour, "tour") if each.isVisible())
    qtbot.keyClick(again, Qt.Key.Key_Escape)
    assert not again.isVisible() and window.settings.switch("tour_seen", False)
    window.workspace.side.setCurrentWidget(window.workspace.gaps)


def test_the_tour_is_offered_with_the_first_take_only(qtbot, fresh_window: Window) -> None:
    rec = smooth_take(60, 4)
    flow.offer_tour(fresh_window)
    fresh_window.session.open(Take(Path("take.npz"), rec, rec, {}))
    assert len(fresh_window.findChildren(Tour)) == 1
    fresh_window.findChild(Tour).end()
    fresh_window.session.open(Take(Path("take.npz"), rec, rec, {}))
    assert not [each for each in fresh_window.findChildren(Tour) if each.isVisible()]


def test_a_model_file_says_what_it_is_without_torch(tmp_path: Path) -> None:
    header = read_header(model_file(tmp_path / "own.safetensors", "lift", recipe="own-lift"))
    assert (header.task, header.facts) == ("lift", {"recipe": "own-lift"})
    assert "own-lift" in card_text(header) and "no card" in card_text(header)
    (tmp_path / "own.md").write_text("---\ntags: x\n---\n# Our card\n")
    assert card_text(header) == "# Our card\n"
    for data in (b"", b"\xff" * 40, struct.pack("<Q", 4) + b"null", struct.pack("<Q", 2) + b"{}", struct.pack("<Q", 1 << 60) + b"{}"):
        (tmp_path / "bad.safetensors").write_bytes(data)
        with pytest.raises(ModelError):
            read_header(tmp_path / "bad.safetensors")
    with pytest.raises(ModelError, match="cannot be opened"):
        read_header(tmp_path / "none.safetensors")


@pytest.mark.skipif(not resource("models/complete.safetensors").is_file(), reason="no trained models here")
def test_a_model_is_added_chosen_and_taken_away_again(qtbot, tmp_path: Path) -> None:
    own = model_file(tmp_path / "own.safetensors", "repair", recipe="own")
    dialog = ModelsDialog(Networks(), [])
    qtbot.addWidget(dialog)
    assert [each.task for each in shipped()] == ["complete", "lift"] and dialog.list.count() == 2
    assert "in use" in dialog.list.item(0).text() and "Model card" in dialog.card.toPlainText()
    (tmp_path / "no.safetensors").write_bytes(b"nothing")
    dialog.add_file(tmp_path / "no.safetensors")
    assert dialog.list.count() == 2 and "no MPM network" in dialog.problem.text()
    dialog.add_file(own)
    assert dialog.list.currentRow() == 2 and dialog.use.isEnabled()
    dialog.use.click()
    assert dialog.networks == Networks(complete=own) and "in use" not in dialog.list.item(0).text()
    dialog.remove.click()
    assert dialog.networks == Networks() and dialog.added == [] and dialog.list.count() == 2
