"""The start page: samples and recent takes as pictures that processes of their own draw, and that are cached."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QImage

import mpm_core as mpm
from mpm_studio.thumbnails import Thumbnails
from mpm_studio.views.start_page import StartPage, sample_files
from mpm_studio.views.tiles import PATH
from tests.makers import person_rig, smooth_take

DRAWN_MS = 90_000  # on a machine that does something else as well


def page(qtbot) -> StartPage:
    made = StartPage(QAction("Open"), QAction("Open folder"))
    qtbot.addWidget(made)
    made.resize(900, 600)
    return made


def test_every_sample_is_there_and_a_click_opens_it(qtbot) -> None:
    made = page(qtbot)
    assert [path.name for path, _ in sample_files()] == ["walk_reach_sit.bvh", "walk_reach_sit.c3d", "walk_reach_sit_openpose"]
    assert made.samples.count() == 3 and made.recent.isHidden()
    with qtbot.waitSignal(made.open_path) as told:
        made.samples.itemClicked.emit(made.samples.item(1))
    assert told.args == [sample_files()[1][0]]


def test_pictures_of_files_are_drawn_once_and_one_that_cannot_be_read_has_none(qtbot, tmp_path: Path) -> None:
    mpm.write(person_rig(frames=30), tmp_path / "walk.npz")
    (tmp_path / "broken.c3d").write_bytes(b"\x02\x50 no C3D")
    thumbnails = Thumbnails(tmp_path / "cache", "light")
    assert thumbnails.picture(tmp_path / "gone.npz") is None
    with qtbot.waitSignal(thumbnails.drawn, timeout=DRAWN_MS) as told:
        assert thumbnails.picture(tmp_path / "broken.c3d") is None
        assert thumbnails.picture(tmp_path / "walk.npz") is None
    path, picture = told.args
    assert path == tmp_path / "walk.npz" and thumbnails.picture(path) == picture
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (480, 300)
    assert len({image.pixel(x, y) for x in range(0, 480, 8) for y in range(0, 300, 8)}) > 50, "something is drawn"
    assert list((tmp_path / "cache").iterdir()) == [picture]
    made = page(qtbot)
    made.set_recent([path, tmp_path / "broken.c3d"])
    made.show_pictures(thumbnails)
    made.show()
    assert [made.recent.item(row).data(PATH) for row in range(2)] == [str(path), str(tmp_path / "broken.c3d")]
    icons = [made.recent.item(row).icon().pixmap(192, 120).toImage() for row in range(2)]
    assert icons[0] != icons[1]
    thumbnails.close()


def test_a_file_that_was_changed_has_another_picture(qtbot, tmp_path: Path) -> None:
    thumbnails = Thumbnails(tmp_path, "dark")
    mpm.write(smooth_take(5, 3), tmp_path / "a.npz")
    before = thumbnails._place(tmp_path / "a.npz")
    mpm.write(smooth_take(9, 3), tmp_path / "a.npz")
    assert before is not None and thumbnails._place(tmp_path / "a.npz") not in (None, before)


def test_tiles_are_reached_by_keyboard(qtbot) -> None:
    made = page(qtbot)
    made.show()
    made.samples.setFocus()
    made.samples.setCurrentRow(0)
    with qtbot.waitSignal(made.open_path) as told:
        qtbot.keyClick(made.samples, Qt.Key.Key_Return)
    assert told.args == [sample_files()[0][0]]
