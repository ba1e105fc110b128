"""Who is read of several people in the keypoints, chosen in the window."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel

import mpm_core as mpm
from mpm_core.edit.trim import trim
from mpm_core.errors import FormatError
from mpm_core.io import project
from mpm_studio.flows import file
from mpm_studio.operations.opening import ReadRequest, open_as
from mpm_studio.views import dialogs
from mpm_studio.views.person_dialog import PersonDialog
from mpm_studio.window import Window
from tests.makers import person_2d
from tests.mpm_core.io.keypoints.detector_files import points_of
from tests.mpm_studio.driving import child

FRAMES = 40


def two_people(folder: Path, right_px: int = 700) -> Path:
    """COCO results in which one person stands at the left and a smaller one at the right, from frame 11 on."""
    left = person_2d(points_of("COCO-17"), FRAMES, 100, 300.0, 0.5, 0.9, 0)
    right = person_2d(points_of("COCO-17"), FRAMES, right_px, 240.0, 0.5, 0.8, 1)
    people = [[left[f]] if f < 10 else [left[f], right[f]] for f in range(FRAMES)]
    entries = [{"image_id": f + 1, "keypoints": each.ravel().tolist()} for f, persons in enumerate(people) for each in persons]
    (folder / "people.json").write_text(json.dumps(entries))
    return folder / "people.json"


def test_everyone_who_is_seen_is_known(tmp_path: Path) -> None:
    rec = mpm.read(two_people(tmp_path), person="2")
    first, second = rec.source.people
    assert (first.name, first.frames, first.first, first.last, first.read) == ("1", 40, 1, 40, False)
    assert (second.name, second.frames, second.first, second.last, second.read) == ("2", 30, 11, 40, True)
    assert second.size_px < first.size_px and second.x > first.x + 400
    assert second.pose_K2.shape == (17, 2) and np.isfinite(second.pose_K2).all() and second.bones


def test_another_person_is_chosen_by_a_click_and_the_frame_stays(
    qtbot: Any, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, path, notices = window.session, two_people(tmp_path), []
    session.notice.connect(notices.append)
    with qtbot.waitSignal(session.opened):
        window.open_path(path)
    qtbot.waitUntil(lambda: bool(notices))
    assert "2 people" in notices[-1] and "person 1 of 2" in child(window, QObject, "status_notes").text()
    session.set_frame(21)

    def choose(_window: Window, people: Any, image_wh: Any) -> str:
        dialog = PersonDialog(people, image_wh)
        qtbot.addWidget(dialog)
        dialog.show()
        assert dialog.person() == "1"
        box = dialog.picture._box(people[1])
        qtbot.mouseClick(dialog.picture, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
        assert dialog.person() == "2"
        assert [dialog.table.item(1, column).text() for column in range(3)] == ["2", "30 frames", "11 to 40"]
        return dialog.person()

    monkeypatch.setattr(file, "ask_person", choose)
    with qtbot.waitSignal(session.opened):
        window.actions_by_id["person"].trigger()
    session.notice.disconnect(notices.append)
    rec = session.shown
    assert rec is not None and np.nanmedian(rec.xyz_FPD[..., 0]) > 600
    assert session.frame == 21 and session.options["person"] == "2" and len(notices) == 1
    assert "person 2 of 2" in child(window, QObject, "status_notes").text()


def test_the_moment_stays_after_a_trim(qtbot: Any, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, path = window.session, two_people(tmp_path)
    with qtbot.waitSignal(session.opened):
        window.open_path(path)
    session.do(trim(session.document.recording, 10, 40))
    session.set_frame(11)
    monkeypatch.setattr(file, "ask_person", lambda window, people, image_wh: "2")
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda parent, name: "discard")
    with qtbot.waitSignal(session.opened):
        window.actions_by_id["person"].trigger()
    assert session.document.recording.frames == FRAMES and session.frame == 21


def test_more_people_than_are_listed_are_not_called_all(qtbot: Any, window: Window, tmp_path: Path) -> None:
    crowd = [person_2d(points_of("COCO-17"), FRAMES, 100 + 300 * n, 200.0, 0.5, 0.9, n) for n in range(13)]
    entries = [{"image_id": f + 1, "keypoints": each[f].ravel().tolist()} for f in range(FRAMES) for each in crowd]
    (tmp_path / "crowd.json").write_text(json.dumps(entries))
    notices = list[str]()
    window.session.notice.connect(notices.append)
    with qtbot.waitSignal(window.session.opened, timeout=60_000):  # 520 people to follow, on a machine that may be busy
        window.open_path(tmp_path / "crowd.json")
    qtbot.waitUntil(lambda: bool(notices))
    window.session.notice.disconnect(notices.append)
    assert len(window.session.document.recording.source.people) == 9
    assert notices[-1].startswith("9 or more people") and "person 1 of 9 or more" in child(window, QObject, "status_notes").text()


def test_everyone_lies_in_the_picture_whose_size_is_not_known(
    qtbot: Any, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(window.session.opened):
        window.open_path(two_people(tmp_path, right_px=2500))
    inside = list[bool]()

    def look(_window: Window, people: Any, image_wh: Any) -> None:
        dialog = PersonDialog(people, image_wh)
        qtbot.addWidget(dialog)
        dialog.show()
        inside.extend(dialog.picture.rect().toRectF().contains(dialog.picture._box(person)) for person in people)

    monkeypatch.setattr(file, "ask_person", look)
    window.actions_by_id["person"].trigger()
    assert inside == [True, True]


def test_another_person_is_chosen_from_a_project(qtbot: Any, window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, path = window.session, two_people(tmp_path)
    rec = mpm.read(path, fps=50.0)
    project.save(tmp_path / "take.mpm", rec, rec, {"frame": 21, "options": {"fps": 50.0}})
    with qtbot.waitSignal(session.opened):
        window.open_path(tmp_path / "take.mpm")
    assert "person 1 of 2" in child(window, QObject, "status_notes").text()
    monkeypatch.setattr(file, "ask_person", lambda window, people, image_wh: people[1].name)
    with qtbot.waitSignal(session.opened):
        window.actions_by_id["person"].trigger()
    assert np.nanmedian(session.shown.xyz_FPD[..., 0]) > 600
    assert (session.path, session.project_path, session.frame, session.shown.rate_hz) == (path, None, 21, 50.0)


@pytest.mark.parametrize("options", [{"fps": "abc"}, [[1]], {"bogus": "1"}, {"image_wh": [[1]]}, {"image_wh": [640]}])
def test_a_project_with_options_that_no_file_is_read_with_is_refused(tmp_path: Path, options: Any) -> None:
    rec = mpm.read(two_people(tmp_path))
    project.save(tmp_path / "take.mpm", rec, rec, {"options": options})
    with pytest.raises(FormatError, match="options that its file was read with"):
        open_as(ReadRequest(tmp_path / "take.mpm"), lambda: False, lambda share, text: None)


def test_a_project_without_the_people_says_where_they_are(qtbot: Any, window: Window, tmp_path: Path) -> None:
    rec = mpm.read(two_people(tmp_path))
    older = replace(rec, source=replace(rec.source, people=()))
    project.save(tmp_path / "take.mpm", older, older, {})
    with qtbot.waitSignal(window.session.opened):
        window.open_path(tmp_path / "take.mpm")
    action = window.actions_by_id["person"]
    assert not action.isEnabled() and "who else is in its keypoint file" in action.toolTip()


def test_one_person_leaves_nothing_to_choose(qtbot: Any, window: Window, tmp_path: Path) -> None:
    flat = mpm.make_recording(("nose", "neck"), 30.0, np.random.default_rng(0).uniform(1, 100, (10, 2, 2)))
    mpm.write(flat, tmp_path / "flat.npz")
    with qtbot.waitSignal(window.session.opened):
        window.open_path(tmp_path / "flat.npz")
    action = window.actions_by_id["person"]
    assert not action.isEnabled() and "no second person" in action.toolTip()
    assert "person" not in child(window, QLabel, "status_facts").text()
