"""Recipes of a history, and the queue that cleans other takes by them in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

import mpm_core as mpm
from mpm_core.edit.patch import Replace
from mpm_core.edit.request import requested
from mpm_core.fill.to_patch import fill_gaps
from mpm_studio.batch.plan import recipe_settings, settings_of
from mpm_studio.clean_recipe import load_recipe, save_recipe, spelled_out
from mpm_studio.flows import recipes as flow
from mpm_studio.operations import marking
from mpm_studio.operations.networks import Networks
from mpm_studio.operations.recipes import make_recipe, recipe_steps
from mpm_studio.take import Take
from mpm_studio.views.recipe_dialog import RecipeDialog
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import child


def take() -> mpm.Recording:
    return with_gap(smooth_take(60, 4), 1, 10, 20)


def history(rec: mpm.Recording) -> list:
    """A mark of the whole take, one of some frames, one taken back, two fills and a trim."""
    fill = fill_gaps(rec, ~rec.visible_FP, "linear").patch
    return [
        marking.mark(rec, (0,), 0, rec.frames),
        marking.mark(rec, (2, 3), 5, 9),
        marking.mark(rec, (1,), 30, 35),
        marking.unmark(rec, (1,), 30, 35),
        requested(fill, "fill", method="pchip", donors=["P0"], max_gap=0.4),
        requested(fill, "fill", method="linear", points=["P1"]),
        Replace("Turn", rec, rec),
        requested(Replace("Trim", rec, rec), "trim", frames=[1, 50]),
        requested(Replace("Rename", rec, rec), "rename", rename=["P0=A"]),
        requested(Replace("Rename", rec, rec), "rename", rename=["P1=B"]),
        requested(fill, "filter", filter="median", window=0.1),
        requested(fill, "filter", filter="butterworth", part=True),
    ]


def made(rec: mpm.Recording, chosen: list) -> dict:
    options = {"method": "auto"}
    options |= {"limits": mpm.Limits(0.5), "networks": Networks("cpu"), "reading": {"up": "y", "unit": None}, "body": {"hip": "P0"}}
    return make_recipe(history(rec), rec, chosen, **options)


def test_a_recipe_has_the_fill_of_everything_and_the_marks_that_are_chosen(tmp_path: Path) -> None:
    rec = take()
    steps = recipe_steps(history(rec), rec)
    assert [step.mark for step in steps if step.mark] == ["A:all", "P2,P3:6-9"], "renamed later, and a recipe renames first"
    assert [step.title for step in steps if step.why_not] == [
        "Unmark P1, frames 31 to 35",
        "Turn",
        "Fill (linear)",
    ]
    usual = made(rec, [step for step in steps if step.usual])
    asked = {"method": "pchip", "device": "cpu", "donors": ["A"], "mark": ["A:all"], "max_gap": 0.4}
    assert usual.settings == asked | {"rename": ["P0=A", "P1=B"], "filter": "median", "window": 0.1}
    assert (usual.read, usual.body) == ({"up": "y"}, {"hip": "P0"})
    save_recipe(made(rec, steps), tmp_path / "r.toml")
    back = load_recipe(tmp_path / "r.toml")
    assert back.settings["mark"] == ["A:all", "P2,P3:6-9"] and back.settings["frames"] == "1-50"
    words = spelled_out(["clean", "a", "--recipe", str(tmp_path / "r.toml")])
    assert make_recipe([], rec, [], method="rigid", limits=mpm.Limits(0.5), networks=Networks(), reading={}, body={}).settings == {
        "method": "rigid",
        "device": "auto",
        "max_gap": 0.5,
    }
    assert "--mark=A:all" in words and "--method=pchip" in words


def test_a_mark_of_every_frame_fits_a_take_of_any_length() -> None:
    for frames in (7, 90):
        marked = marking.marked(smooth_take(frames, 4), ["P0:all"])
        assert (~marked.visible_FP).sum(axis=0).tolist() == [frames, 0, 0, 0]


def test_the_dialog_offers_every_step_that_a_recipe_can_hold(qtbot, window) -> None:
    rec = take()
    steps = recipe_steps(history(rec), rec)
    dialog = RecipeDialog(steps, lambda chosen: made(rec, chosen))
    qtbot.addWidget(dialog)
    assert (
        "resample" not in dialog.recipe().settings
        and dialog.recipe().settings == made(rec, [step for step in steps if step.usual]).settings
    )
    for row in range(dialog.list.count()):
        item = dialog.list.item(row)
        if item.data(Qt.ItemDataRole.CheckStateRole) is not None:
            item.setCheckState(Qt.CheckState.Checked)
    assert dialog.recipe().settings == made(rec, steps).settings
    assert 'frames = "1-50"' in dialog.text.toPlainText() and 'filter = "median"' in dialog.text.toPlainText()


def test_window_and_command_mean_the_same_by_a_recipe(tmp_path: Path) -> None:
    from mpm_studio.commands.clean_many import settings as settings_of_command

    rec = take()
    save_recipe(made(rec, recipe_steps(history(rec), rec)), tmp_path / "r.toml")
    from mpm_studio.__main__ import _parse

    words = spelled_out(["clean", str(tmp_path), "-o", str(tmp_path / "out"), "--recipe", str(tmp_path / "r.toml")])
    assert recipe_settings(load_recipe(tmp_path / "r.toml")) == settings_of_command(_parse(words))
    assert settings_of.__module__ == "mpm_studio.batch.plan"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "session"
    folder.mkdir()
    mpm.write(take(), folder / "one.npz")
    mpm.write(with_gap(smooth_take(40, 4, seed=1), 2, 5, 9), folder / "two.npz")
    (folder / "broken.c3d").write_bytes(b"\x02\x50 is not a C3D")
    return folder


def test_the_history_cleans_other_takes_from_the_window(qtbot, window, archive: Path, tmp_path: Path) -> None:
    rec = take()
    window.session.open(Take(Path("take.npz"), rec, rec, {}))
    window.set_method("linear")
    queue = flow.show_queue(window)
    queue.set_recipe(flow.recipe_of(window, []), "the history")
    queue.set_takes([archive])
    queue.folder.setText(str(tmp_path / "out"))
    assert queue.start.isEnabled() and not queue.report.isEnabled()
    queue.start.click()
    assert queue.stop.isEnabled() and not queue.start.isEnabled()
    assert window.session.ready, "the open take can be worked on meanwhile"
    qtbot.waitUntil(lambda: not queue.queue.busy and queue.report.isEnabled(), timeout=120_000)
    rows = {
        queue.table.item(row, 0).text(): [queue.table.item(row, column) for column in (1, 2, 5)] for row in range(queue.table.rowCount())
    }
    texts = {name: [cell.text() if cell is not None else "" for cell in cells] for name, cells in rows.items()}
    assert texts["one.npz"][:2] == ["done", "10"] and texts["two.npz"][:2] == ["done", "4"]
    assert texts["broken.c3d"][0] == "failed" and len(texts["broken.c3d"][2]) > 10
    assert "1 failed" in queue.text.text() and (tmp_path / "out" / "summary.html").exists()
    assert mpm.read(tmp_path / "out" / "one.npz").visible_FP.all()
    opened = []
    queue.open_result.disconnect()
    queue.open_result.connect(opened.append)
    queue.table.cellDoubleClicked.emit(1, 0)
    assert opened == [tmp_path / "out" / "one.npz"]
    queue.close()


def test_a_queue_of_nothing_says_why(qtbot, window, tmp_path: Path) -> None:
    queue = flow.show_queue(window)
    (tmp_path / "empty").mkdir()
    queue.set_takes([tmp_path / "empty"])
    queue.folder.setText(str(tmp_path / "out"))
    queue.start.click()
    qtbot.waitUntil(lambda: not queue.queue.busy, timeout=20_000)
    qtbot.waitUntil(lambda: "no take to be read" in queue.text.text(), timeout=5_000)
    queue.close()


def test_the_dialog_shows_the_recipe_of_what_is_ticked(qtbot, window) -> None:
    from PySide6.QtCore import Qt

    from mpm_studio.views.recipe_dialog import RecipeDialog

    rec = take()
    dialog = RecipeDialog(recipe_steps(history(rec), rec), lambda chosen: made(rec, chosen))
    qtbot.addWidget(dialog)
    assert 'mark = [\n    "A:all",\n]' in dialog.text.toPlainText()
    dialog.list.item(1).setCheckState(Qt.CheckState.Checked)
    assert "P2,P3:6-9" in dialog.text.toPlainText() and dialog.recipe().settings["mark"] == ["A:all", "P2,P3:6-9"]
    assert child(window, type(window.workspace.history.button), "history_recipe").text()
