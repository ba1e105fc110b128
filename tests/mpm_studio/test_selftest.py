"""The self-test and the fills by donors, as commands and in the window."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args, get_type_hints
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

import mpm_core as mpm
from mpm_core.check.selftest import Outcome, SelfTest
from mpm_core.complete import METHODS
from mpm_core.recording import Origin
from mpm_studio.__main__ import main
from mpm_studio.commands.clean_arguments import Clean
from mpm_studio.commands.selftest import facts
from mpm_studio.operations import completing
from mpm_studio.operations.selftest import figure, length_name, verdict
from mpm_studio.pages.selftest import page
from mpm_studio.take import Take
from mpm_studio.views.donors_dialog import DonorsDialog
from mpm_studio.views.selftest_dialog import SelfTestDialog
from tests.makers import rigid_take, smooth_take, with_gap
from tests.mpm_studio.driving import answer, child

JOB_MS = 60_000


def holed() -> mpm.Recording:
    return with_gap(with_gap(rigid_take(frames=300), 0, 100, 150), 6, 200, 210)


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "bodies <1>.npz"
    mpm.write(holed(), path)
    return path


def known_errors() -> SelfTest:
    """Two gaps, three methods; auto is twice as far off as the spline, and the rigid body fills half."""
    outcomes = tuple(
        Outcome(
            point,
            10,
            frames,
            {
                "auto": np.full(frames, 0.004),
                "spline": np.full(frames, 0.002),
                "rigid": np.where(np.arange(frames) < frames // 2, 0.001, np.nan),
            },
            0.25,
        )
        for point, frames in ((0, 8), (1, 80))
    )
    return SelfTest(("a<b", "c"), 100.0, 3, ("auto", "spline", "rigid", "coast"), outcomes, {"coast": "no ends"}, True, 0, 1.0)


def test_the_command_says_it_as_json_and_as_a_page(take: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, out = take.read_bytes(), tmp_path / "page.html"
    assert main(["selftest", str(take), "--json", "--report", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unit"] == "mm" and found["gaps"] == "the take's own" and found["overall"]["best"] in ("rigid", "relational")
    assert found["overall"]["methods"]["rigid"]["mean"] < 0.1 * found["overall"]["methods"]["linear"]["mean"]
    assert {each["point"] for each in found["by_point"]} == {"A0", "B1"} and "model" in found["skipped"]
    assert sum(each["trials"] for each in found["by_length"]) == found["trials"]
    text = out.read_text()
    assert "bodies &lt;1&gt;.npz" in text and not re.search(r"(src|href)=|https?://|<script", text), "a page that needs nothing else"
    assert take.read_bytes() == before


def test_the_command_prints_tables(take: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selftest", str(take)]) == 0
    printed = capsys.readouterr().out
    assert "best that fills all" in printed and "0.25 – 0.5 s" in printed and "not tried: model" in printed


def test_a_report_over_the_input_is_refused(take: Path) -> None:
    before = take.read_bytes()
    assert main(["selftest", str(take), "--report", str(take)]) == 2
    assert take.read_bytes() == before


def test_known_errors_in_words() -> None:
    test = known_errors()
    assert test.best() == "spline" and verdict(test, test.outcomes) == "2.0 times the error"
    group = facts(test, "x")["overall"]
    assert group["auto_uses"] == "25% model" and group["methods"]["spline"] == {
        "reached": 88, "asked": 88, "mean": 2.0, "median": 2.0, "p95": 2.0,
    }  # fmt: skip
    assert group["methods"]["rigid"]["reached"] == 44 and "coast" not in group["methods"]
    assert (figure(0.0021, test), figure(float("nan"), test), figure(0.25, test)) == ("2.1", "–", "250")
    assert [length_name(*each) for each in ((0, 0.1), (0.1, 0.25), (4, float("inf")))] == ["up to 0.1 s", "0.1 – 0.25 s", "over 4 s"]


def test_the_page_is_well_formed() -> None:
    text = page(known_errors(), "a & b.c3d")
    assert "a &amp; b.c3d" in text and "a&lt;b" in text
    for piece in re.findall(r"<(?:svg|table).*?</(?:svg|table)>", text, re.S):
        ElementTree.fromstring(piece)
    assert text.count('stroke-dasharray="4 4"') == 1, "only what fills a part is dashed"


def test_the_commands_know_every_method() -> None:
    assert get_args(get_type_hints(Clean)["method"]) == METHODS == tuple(completing.METHODS)


def test_donors_by_command(take: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.npz"
    words = ["clean", str(take), "-o", str(out), "--mark", "A0:101-150", "--only-marked"]
    truth = rigid_take(frames=300)
    mpm.write(truth, tmp_path / "whole.npz")
    words[1] = str(tmp_path / "whole.npz")
    assert main([*words, "--method", "rigid", "--donors", "A1, A2,A3"]) == 0
    np.testing.assert_allclose(mpm.read(out).xyz_FPD[100:150, 0], truth.xyz_FPD[100:150, 0], atol=1e-5)
    assert main([*words, "--method", "auto", "--donors", "A1", "--force"]) == 1
    assert "follows no donors" in capsys.readouterr().err


@pytest.mark.slow
def test_the_window_tests_itself_and_takes_the_best_on(qtbot, window, tmp_path):
    rec = holed()
    window.session.open(Take(tmp_path / "bodies.npz", rec, rec, {}))
    window.use_method("linear")
    seen: list[SelfTestDialog] = []

    def look(dialog):
        seen.append(dialog)
        assert dialog.lengths.rowCount() >= 2 and dialog.points.rowCount() == 2
        dialog.save(tmp_path / "page.html")
        qtbot.mouseClick(dialog.findChild(QPushButton, "selftest_use"), Qt.MouseButton.LeftButton)

    answer(SelfTestDialog, look)
    window.actions_by_id["self_test"].trigger()
    qtbot.waitUntil(lambda: bool(seen) and not window.session.jobs.busy, timeout=JOB_MS)
    qtbot.waitUntil(lambda: window.method == seen[0].chosen, timeout=5000)
    assert window.method in ("auto", "rigid", "relational") and child(window, QAction, f"method_{window.method}").isChecked()
    assert "bodies.npz" in (tmp_path / "page.html").read_text()
    window.use_method("auto")


def test_a_self_test_can_be_stopped(qtbot, window, tmp_path):
    rec = holed()
    window.session.open(Take(tmp_path / "bodies.npz", rec, rec, {}))
    window.actions_by_id["self_test"].trigger()
    assert window.session.jobs.busy
    window.actions_by_id["cancel"].trigger()
    assert not window.session.jobs.busy and window.session.document.recording is rec


def test_the_window_fills_by_the_donors_that_are_ticked(qtbot, window, tmp_path):
    rec = holed()
    window.session.open(Take(tmp_path / "bodies.npz", rec, rec, {}))
    window.session.select((0,), 90, 160)

    def tick(dialog):
        names = [dialog.list.item(row).text() for row in range(dialog.list.count())]
        assert "A0" not in names, "what is to be filled is not a donor"
        dialog.method.setCurrentIndex(dialog.method.findData("rigid"))
        for name in ("A1", "A2"):
            dialog.list.item(names.index(name)).setCheckState(Qt.CheckState.Checked)
        assert not dialog.go.isEnabled() and "at least 3" in dialog.verdict.text()
        dialog.list.item(names.index("A3")).setCheckState(Qt.CheckState.Checked)
        dialog.filter.setText("b")
        assert dialog.list.item(0).isHidden()
        qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)

    answer(DonorsDialog, tick)
    window.actions_by_id["donors"].trigger()
    qtbot.waitUntil(lambda: window.session.proposal is not None, timeout=JOB_MS)
    assert "50 samples of 1 point: 50 classical (± 0.0 mm)" in window.session.proposal.summary
    window.session.accept()
    filled = window.session.document.recording
    assert (filled.origin_FP[100:150, 0] == Origin.FILLED).all() and not filled.visible_FP[200:210, 6].any()
    np.testing.assert_allclose(filled.xyz_FPD[100:150, 0], rigid_take(frames=300).xyz_FPD[100:150, 0], atol=1e-5)


def test_why_samples_are_left_is_shown(qtbot, window, tmp_path):
    rec = with_gap(with_gap(smooth_take(), 0, 0, 10), 1, 50, 60)
    completed = completing.complete(completing.CompleteRequest(rec, "linear"), lambda: False, lambda share, text: None)
    text = completing.summary(rec, completed)
    assert "10 are left: the gap reaches an end of the take" in text
    window.session.open(Take(tmp_path / "edge.npz", rec, rec, {}))
    window.use_method("cyclic")
    with qtbot.waitSignal(window.session.notice, timeout=JOB_MS) as heard:
        window.actions_by_id["complete"].trigger()
    assert "nothing could be filled: the motion does not repeat" in heard.args[0]
    window.use_method("auto")
