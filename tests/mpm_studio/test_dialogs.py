"""The dialogs: what they offer, what they refuse, what they hand back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.edit.resample import resampled
from mpm_core.errors import ModelError
from mpm_core.picture_size import guessed_size
from mpm_core.resources import resource
from mpm_studio.operations import networks
from mpm_studio.operations.networks import Networks
from mpm_studio.settings import Settings
from mpm_studio.views.export_dialog import ExportDialog
from mpm_studio.views.lift_dialog import LiftDialog
from mpm_studio.views.mapping_dialog import MappingDialog, guesses
from mpm_studio.views.settings_dialog import EDGES, Choices, SettingsDialog
from tests.makers import smooth_take
from tests.mpm_studio.driving import answer


def test_the_export_dialog_never_offers_the_source(qtbot, tmp_path):
    mpm.write(smooth_take(), tmp_path / "take.npz")
    rec = mpm.read(tmp_path / "take.npz")
    dialog = ExportDialog(rec)
    qtbot.addWidget(dialog)
    assert dialog.target() != Path(rec.source.path)
    assert dialog.export.isEnabled()
    dialog.path.setText(rec.source.path)
    assert not dialog.export.isEnabled()
    assert "never overwritten" in dialog.problem.text()
    dialog.path.setText("/no/such/folder/x.npz")
    assert not dialog.export.isEnabled()
    dialog.path.setText(str(Path(rec.source.path).parent / "x.xyz"))
    assert not dialog.export.isEnabled()


def test_the_export_dialog_says_what_will_be_replaced(qtbot, tmp_path):
    mpm.write(smooth_take(), tmp_path / "take.npz")
    dialog = ExportDialog(mpm.read(tmp_path / "take.npz"))
    qtbot.addWidget(dialog)
    suggested = dialog.target()
    assert not dialog.problem.text()
    suggested.with_name(f"{suggested.name}.proof.json").write_text("{}")
    dialog._check()
    assert dialog.problem.text() == f"{suggested.name}.proof.json is there, of another export, and will be replaced."
    assert dialog.export.isEnabled()
    dialog._suggest()
    assert dialog.target() != suggested and not dialog.problem.text()
    suggested.write_bytes(b"")
    dialog.path.setText(str(suggested))
    assert dialog.problem.text() == "A file of this name is there and will be replaced."


def test_the_lift_dialog_takes_what_the_file_knows(qtbot):
    flat = smooth_take(points=17)
    rec = mpm.make_recording(flat.points, 25.0, flat.xyz_FPD[..., :2], source=replace(flat.source, image_wh=(1280, 720)))
    dialog = LiftDialog(rec)
    qtbot.addWidget(dialog)
    request = dialog.request()
    options = request.options
    assert (options.fps, options.size, options.height_m, options.focal) == (25.0, (1280, 720), None, None)
    dialog.tall_known.setChecked(True)
    dialog.tall.setValue(1.82)
    assert dialog.request().options.height_m == pytest.approx(1.82)
    assert dialog.absent.isHidden() and not dialog.request().options.fill_absent
    assert not dialog.request().options.seated
    dialog.seated.setChecked(True)
    assert dialog.request().options.seated


def test_the_lift_dialog_shows_the_size_that_a_lift_would_guess(qtbot):
    walk = mpm.read(resource("sample/walk_reach_sit_openpose"))
    unseen = mpm.make_recording(("nose",), 30.0, np.full((3, 1, 2), np.nan))
    for rec, size in ((walk, guessed_size(walk)), (unseen, (1920, 1080))):
        dialog = LiftDialog(rec)
        qtbot.addWidget(dialog)
        assert (dialog.width_px.value(), dialog.height_px.value()) == size
        assert dialog.request().options.size is None, "not given"


def test_the_lift_dialog_asks_what_to_do_with_frames_that_show_nobody(qtbot):
    xy_FP2 = smooth_take(points=17).xyz_FPD[..., :2].copy()
    xy_FP2[3:7] = np.nan
    dialog = LiftDialog(mpm.make_recording(tuple(f"p{n}" for n in range(17)), 25.0, xy_FP2))
    qtbot.addWidget(dialog)
    assert not dialog.absent.isHidden() and "4 frames" in dialog.absent.text()
    dialog.absent.setChecked(True)
    assert dialog.request().options.fill_absent


def test_the_mapping_dialog_accepts_only_what_makes_a_body(qtbot):
    names = tuple(f"q{i}" for i in range(17))
    rec = replace(smooth_take(points=17), points=names)
    dialog = MappingDialog(rec, {})
    qtbot.addWidget(dialog)
    assert not dialog.use.isEnabled()
    for joint, point in zip(body17().names, names, strict=True):
        dialog.choices[joint].setCurrentText(point)
    assert dialog.use.isEnabled()
    assert dialog.overrides() == dict(zip(body17().names, names, strict=True))
    dialog.choices["hip"].setCurrentText("q5")
    assert not dialog.use.isEnabled()
    assert "q5" in dialog.verdict.text()


def test_guesses_use_no_point_twice():
    found = guesses(("ns:Left_Knee", "left_ankle2", "zzz"), ["left_knee", "right_knee", "left_ankle"], set())
    assert found["left_knee"] == "ns:Left_Knee"
    assert found["left_ankle"] == "left_ankle2"
    assert len(set(found.values())) == len(found)


def test_the_export_dialog_says_what_stays_behind(qtbot, samples_dir):
    rec = resampled(mpm.read(samples_dir / "c3d/btk/c3d.org/sample01/Eb015pr.c3d"), 25.0)
    dialog = ExportDialog(rec)
    qtbot.addWidget(dialog)
    assert dialog.target().suffix == ".c3d" and "16 analog channels of Eb015pr.c3d stay behind" in dialog.problem.text()
    dialog.path.setText(str(dialog.target().with_suffix(".trc")))
    assert dialog.problem.text() == "" and dialog.export.isEnabled()


@pytest.mark.parametrize("kind", [ExportDialog, SettingsDialog, MappingDialog, LiftDialog])
def test_enter_does_what_the_dialog_is_for(qtbot, tmp_path, kind):
    body = body17()
    rec = replace(smooth_take(points=17), points=body.names, skeleton=body)
    flat = mpm.make_recording(rec.points, 25.0, rec.xyz_FPD[..., :2])
    arguments = {SettingsDialog: (Choices(Networks(), "auto"), ["auto"]), MappingDialog: (rec, {}), LiftDialog: (flat,)}
    dialog = kind(*arguments.get(kind, (rec,)))
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)


def test_the_settings_dialog_hands_back_what_was_chosen(qtbot, tmp_path):
    model = tmp_path / "mine.safetensors"
    model.write_bytes(b"")
    dialog = SettingsDialog(Choices(Networks(), "auto"), ["auto", "cpu"])
    qtbot.addWidget(dialog)
    assert dialog.choices() == Choices(Networks(), "auto")
    dialog.device.setCurrentIndex(1)
    dialog.models["lift"].setText(str(model))
    dialog.edges.setCurrentIndex(dialog.edges.findData("smooth"))
    assert dialog.choices() == Choices(Networks("cpu", None, model), "smooth")
    dialog.models["complete"].setText(str(tmp_path / "absent.safetensors"))
    assert not dialog.use.isEnabled()
    assert "absent.safetensors" in dialog.problem.text()


def test_settings_are_there_the_next_time(tmp_path):
    path, chosen = tmp_path / "s.ini", Networks("cpu", tmp_path / "a.safetensors", None)
    settings = Settings(path)
    assert (settings.networks(), settings.choice("edges", EDGES)) == (Networks(), "auto")
    settings.set_networks(chosen)
    settings.set_choice("edges", "plain")
    again = Settings(path)
    assert (again.networks(), again.choice("edges", EDGES)) == (chosen, "plain")
    again.set_choice("device", "abacus")
    assert again.networks().device == "auto"


def test_settings_are_kept_once_the_model_is_known_to_be_one(qtbot, window, tmp_path):
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"no network")

    def choose(path):
        def fill_in(dialog):
            dialog.device.setCurrentIndex(dialog.device.findData("cpu"))
            dialog.models["complete"].setText(path)
            qtbot.mouseClick(dialog.use, Qt.MouseButton.LeftButton)

        answer(SettingsDialog, fill_in)
        window.actions_by_id["settings"].trigger()

    with qtbot.waitSignal(window.session.failed, timeout=30_000) as heard:
        choose(str(wrong))
    assert isinstance(heard.args[0].error, ModelError)
    assert window.banner.isVisible()
    assert window.settings.networks() == Networks()
    choose("")
    qtbot.waitUntil(lambda: window.settings.networks() == Networks("cpu"), timeout=30_000)


def test_a_model_of_another_task_is_refused(tmp_path):
    from mpm_core.model.checkpoint import save_model
    from mpm_core.model.config import ModelConfig
    from mpm_core.model.paper_network import PaperNetwork

    path = tmp_path / "lifts.safetensors"
    save_model(PaperNetwork(ModelConfig(task="lift", frames=27, channels=16, hidden=16, layers=1, heads=2)), {}, path)
    ignore = (lambda: False, lambda share, text: None)
    assert networks.check(Networks(lift=path), *ignore).lift == path
    with pytest.raises(ModelError, match="not for completion"):
        networks.check(Networks(complete=path), *ignore)


def test_the_processor_is_always_a_device():
    assert networks.devices(None, lambda: False, lambda share, text: None)[:2] == ["auto", "cpu"]
