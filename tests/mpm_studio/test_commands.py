"""The commands as a user calls them: exit codes, messages, files that appear whole or not at all, and what may not be imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.resources import resource
from mpm_studio.__main__ import main
from tests.makers import smooth_take, with_gap

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "PySide6", "OpenGL", "pyqtgraph")


@pytest.fixture
def gappy(tmp_path: Path) -> Path:
    """120 frames of 4 points as NPZ: P1 lacks frames 31 to 40 inside, P2 its first 10."""
    path = tmp_path / "gappy.npz"
    mpm.write(with_gap(with_gap(smooth_take(), 1, 30, 40), 2, 0, 10), path)
    return path


def test_clean_fills_the_gaps_and_keeps_every_measured_bit(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, report_path = tmp_path / "out.npz", tmp_path / "report.json"
    code = main(["clean", str(gappy), "-o", str(out), "--method", "linear", "--report", str(report_path)])
    before, after = mpm.read(gappy), mpm.read(out)
    assert code == 3  # a line needs both sides: the clip's first 10 frames cannot be filled
    measured_FP = before.measured_FP
    assert before.xyz_FPD[measured_FP].tobytes() == after.xyz_FPD[measured_FP].tobytes()
    assert np.isfinite(after.xyz_FPD[30:40, 1]).all() and (after.origin_FP[30:40, 1] == mpm.Origin.FILLED).all()
    straight = np.linspace(before.xyz_FPD[29, 1], before.xyz_FPD[40, 1], 12)[1:-1]
    np.testing.assert_allclose(after.xyz_FPD[30:40, 1], straight, atol=1e-6)
    report = json.loads(report_path.read_text())
    assert report["filled"]["samples"] == report["filled"]["by"]["classical"]["samples"] == 10
    assert report["gaps_before"]["count"] == 2 and report["gaps_after"]["count"] == 1
    assert report["measured"]["measured"] == int(measured_FP.sum()) == 120 * 4 - 20
    assert report["measured"]["changed"] == report["measured"]["exported"]["changed"] == 0
    assert report["measured"]["sha256_before"] == report["measured"]["exported"]["sha256_after"]
    assert [(gap["point"], gap["first_frame"], gap["last_frame"]) for gap in report["remaining"]] == [("P2", 1, 10)]
    assert "both sides" in report["remaining"][0]["why"]
    printed = capsys.readouterr()
    assert "classical" in printed.out and "needs a sample on both sides: P2 1-10" in printed.out and "changed: 0" in printed.out
    assert printed.err == ""


def test_clean_of_marks_only_leaves_the_files_own_gaps(gappy: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npz"
    words = ["clean", str(gappy), "-o", str(out), "--mark", "P0,P3:51-60", "--mark", "P0:71-71", "--only-marked", "--method", "spline"]
    assert main(words) == 0
    before, after = mpm.read(gappy), mpm.read(out)
    filled_FP = np.zeros(before.origin_FP.shape, bool)
    filled_FP[50:60, [0, 3]] = filled_FP[70, 0] = True
    np.testing.assert_array_equal(after.origin_FP == mpm.Origin.FILLED, filled_FP)
    np.testing.assert_array_equal(np.isnan(after.xyz_FPD), np.isnan(before.xyz_FPD))
    assert (after.xyz_FPD[filled_FP] != before.xyz_FPD[filled_FP]).any(axis=1).all()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_whose_name_is_no_text_is_read_written_and_reported(tmp_path: Path, gappy: Path) -> None:
    source, out = (os.fsdecode(os.fsencode(tmp_path) + name) for name in (b"/\xff\xfe.npz", b"/\xfd.npz"))
    gappy.rename(source)
    assert main(["clean", source, "-o", out, "--method", "spline", "--report", str(tmp_path / "report.json")]) == 3
    assert json.loads((tmp_path / "report.json").read_text())["file"]["path"] == source
    assert main(["convert", out, str(tmp_path / "out.csv")]) == 0
    assert main(["verify", source, out]) == 0


def test_clean_of_unsure_samples_only_leaves_the_files_own_gaps(tmp_path: Path) -> None:
    take = smooth_take(60, 3)
    xy_FP2 = 100 * take.xyz_FPD[..., :2]
    xy_FP2[30:35, 1] = np.nan
    rec = mpm.make_recording(take.points, 60.0, xy_FP2)
    confidence_FP = np.where(rec.visible_FP, np.float32(0.9), np.float32(np.nan))
    confidence_FP[10:14, 0] = 0.2
    mpm.write(replace(rec, confidence_FP=confidence_FP), tmp_path / "in.npz")
    out = tmp_path / "out.npz"
    words = ["clean", str(tmp_path / "in.npz"), "-o", str(out), "--only-marked", "--min-confidence", "0.5", "--method", "spline"]
    assert main(words) == 0
    filled_FP = np.zeros(rec.origin_FP.shape, bool)
    filled_FP[10:14, 0] = True
    after = mpm.read(out)
    np.testing.assert_array_equal(after.origin_FP == mpm.Origin.FILLED, filled_FP)
    np.testing.assert_array_equal(np.isnan(after.xyz_FPD), np.isnan(rec.xyz_FPD))


def test_clean_leaves_what_exceeds_the_limits_and_writes_the_rest(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rec, out = mpm.read(gappy), tmp_path / "out.npz"
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[20:24, 0] = xyz_FPD[40:90, 1] = np.nan
    mpm.write(mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD), tmp_path / "in.npz")
    assert main(["clean", str(tmp_path / "in.npz"), "-o", str(out), "--max-gap", "0.3", "--method", "spline"]) == 3
    after = mpm.read(out)
    assert after.visible_FP[20:24, 0].all() and not after.visible_FP[40:90, 1].any()
    assert "it is longer than 0.3 s" in capsys.readouterr().out
    assert main(["clean", str(tmp_path / "in.npz"), "-o", str(out), "--max-sigma", "0.0001", "--method", "spline", "--force"]) == 3
    assert not mpm.read(out).visible_FP[20:24, 0].any()
    assert "sigma above 0.0001 mm" in capsys.readouterr().out


def test_a_file_or_link_that_is_there_is_replaced_with_force_only(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, link, dangling, elsewhere = (tmp_path / name for name in ("out.npz", "link.npz", "dangling.npz", "elsewhere.npz"))
    out.write_text("an older result")
    elsewhere.write_text("somebody's")
    link.symlink_to(elsewhere)
    dangling.symlink_to(tmp_path / "nowhere.npz")
    for target, what in ((out, "a file"), (link, "a link"), (dangling, "a link")):
        for words in (["clean", str(gappy), "-o", str(target), "--method", "linear"], ["convert", str(gappy), str(target)]):
            assert main(words) == 1
            told = capsys.readouterr().err
            assert f"there is {what} of this name already" in told and "--force" in told and told.count("\n") == 1
    assert out.read_text() == "an older result" and elsewhere.read_text() == "somebody's" and not (tmp_path / "nowhere.npz").exists()
    assert main(["clean", str(gappy), "-o", str(out), "--method", "linear", "--force"]) == 3
    assert mpm.read(out).frames == 120 and (tmp_path / "out.npz.bak").read_text() == "an older result"
    assert main(["convert", str(gappy), str(link), "--force"]) == 0
    assert link.is_symlink() and mpm.read(elsewhere).frames == 120 and (tmp_path / "elsewhere.npz.bak").read_text() == "somebody's"
    assert main(["clean", str(gappy), "-o", str(tmp_path / "new.npz"), "--report", str(out), "--method", "linear"]) == 1
    assert "of this name already" in capsys.readouterr().err and mpm.read(out).frames == 120


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_no_place_to_write_to(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "out.npz")
    assert main(["convert", str(gappy), str(tmp_path / "out.npz"), "--force"]) == 1
    assert "a device or a pipe, not a file to write to" in capsys.readouterr().err


def test_labels_with_control_characters_do_not_reach_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "LFHD\x1b]0;title\x07\x9b31m\u202e"
    mpm.write(mpm.make_recording((name, "b"), 60.0, smooth_take(40, 2).xyz_FPD), tmp_path / "in.npz")
    for words in (
        ["info", "in.npz"],
        ["info", "in.npz", "--json"],
        ["check", "in.npz"],
        ["clean", "in.npz", "-o", "o.npz", "--mark", f"{name}x:1-2"],
    ):
        main([word if word != "in.npz" else str(tmp_path / word) for word in words])
    printed = capsys.readouterr()
    assert not [sign for sign in printed.out + printed.err if (sign < " " and sign != "\n") or sign in "\x7f\x9b\u202e"]
    assert "LFHD\\u001b]0;title\\u0007\\u009b31m\\u202e" in printed.out and "\\u001b" in printed.err
    assert json.JSONDecoder().raw_decode(printed.out[printed.out.index("{") :])[0]["per_point"][0]["name"] == name


def test_clean_never_replaces_its_input(gappy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bytes_before = gappy.read_bytes()
    assert main(["clean", str(gappy), "-o", str(gappy), "--method", "linear"]) == 1
    assert gappy.read_bytes() == bytes_before
    assert "never overwritten" in capsys.readouterr().err


def test_an_output_that_cannot_be_is_refused_before_the_work(
    gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mpm, "complete_patch", lambda *_, **__: pytest.fail("the work was begun"))
    (tmp_path / "folder.npz").mkdir()
    for out in ("out.docx", "out", "nowhere/out.npz", "folder.npz"):
        assert main(["clean", str(gappy), "-o", str(tmp_path / out)]) == 1
        error = capsys.readouterr().err
        assert error.startswith("mpm-studio: ") and error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.npz", "gappy.npz"]


def test_a_measured_sample_that_would_change_stops_the_writing(
    gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mpm_core.edit.patch import patch_where

    def careless(rec: mpm.Recording, *_: object, **__: object) -> object:
        where_FP = np.zeros(rec.origin_FP.shape, bool)
        where_FP[5, 0] = True
        patch = patch_where(rec, "careless", where_FP, xyz_FPD=np.nextafter(rec.xyz_FPD, np.float32(9)), origin=mpm.Origin.MEASURED)
        return mpm.Completion(patch, ())

    monkeypatch.setattr(mpm, "complete_patch", careless)
    assert main(["clean", str(gappy), "-o", str(tmp_path / "out.npz"), "--report", str(tmp_path / "r.json")]) == 1
    assert "1 of 460 measured samples would change" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["gappy.npz"]


def test_ctrl_c_leaves_nothing_behind(
    gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()

    monkeypatch.setattr(mpm, "complete_patch", interrupted)
    assert main(["clean", str(gappy), "-o", str(tmp_path / "out.npz")]) == 130
    assert capsys.readouterr().err == "mpm-studio: stopped; nothing was written\n"
    assert [path.name for path in tmp_path.iterdir()] == ["gappy.npz"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["info", "missing.bvh"], 1, "missing.bvh: there is no such file"),
        (["missing.bvh"], 1, "no such file"),
        (["infp"], 1, "did you mean the command info?"),
        (["claen", "a.bvh", "-o", "b.bvh"], 2, "did you mean the command clean?"),
        (["clean", "{gappy}", "-o", "{tmp}/o.npz", "--mark", "P0"], 1, "P0"),
        (["clean", "{gappy}", "-o", "{tmp}/o.npz", "--mark", "Nobody:1-2"], 1, "Nobody"),
        (["clean", "{gappy}", "-o", "{tmp}/o.npz", "--mark", "P0:100-999"], 1, "120"),
        (["clean", "{gappy}", "-o", "{tmp}/o.npz", "--only-marked"], 2, "--only-marked"),
        (["clean", "{gappy}", "-o", "{tmp}/o.npz", "--report", "{tmp}/o.npz"], 2, "--report"),
        (["clean", "{gappy}", "-o", "{tmp}/o.npz", "--model", "{tmp}/none.safetensors"], 1, "no such model"),
        (["lift", "{gappy}", "-o", "{tmp}/o.npz", "--size", "wide"], 2, "1920x1080"),
        (["lift", "{gappy}", "-o", "{tmp}/o.npz", "--fps", "0"], 2, "--fps"),
        (["lift", "{gappy}", "-o", "{tmp}/o.npz", "--height", "175"], 2, "--height"),
        (["convert", "{gappy}", "{tmp}/o.xyz"], 1, "cannot write .xyz"),
        (["convert", "{gappy}", "{tmp}/o.bvh"], 1, "{tmp}/o.bvh: "),
    ],
)
def test_what_cannot_be_done_is_reported_in_one_line(
    words: list[str], code: int, said: str, gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word.format(gappy=gappy, tmp=tmp_path) for word in words]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("mpm-studio: ") and printed.err.count("\n") == 1 and said.format(tmp=tmp_path) in printed.err
    assert [path.name for path in tmp_path.iterdir()] == ["gappy.npz"]


@pytest.mark.parametrize(
    "words",
    [
        ["clean"],
        ["clean", "a.bvh"],
        ["info"],
        ["clean", "a", "-o", "b", "--method", "magic"],
        ["clean", "a", "-o", "b", "--max-gap", "inf"],
        ["--nonsense"],
    ],
)
def test_wrong_arguments_exit_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err != ""


def test_the_folder_of_a_command_that_reads_one_take_is_told_to_be_one(gappy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(gappy.parent)]) == 1
    said = capsys.readouterr().err
    assert "this is a folder, and not of one take (give one of its files" in said and "known:" not in said


def test_clean_names_the_result_that_is_in_the_way_not_its_proof(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["clean", str(gappy), "-o", str(tmp_path / "out.npz"), "--method", "linear"]
    assert main(words) == 3 and main(words) == 1
    assert "out.npz: there is a file of this name already" in capsys.readouterr().err


def test_clean_of_one_file_to_a_folder_names_a_file_in_it(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", str(gappy), "-o", str(tmp_path)]) == 1
    assert f"-o {tmp_path / 'gappy.npz'}" in capsys.readouterr().err


def test_a_result_in_a_folder_that_is_not_there(gappy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", str(gappy), "-o", str(tmp_path / "new" / "out.npz")]) == 1
    assert "out.npz: its folder does not exist (make the folder first, or choose another)" in capsys.readouterr().err


def test_a_file_to_open_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.c3d"]) == 1
    assert "there is no such file (check the path" in capsys.readouterr().err


def test_points_of_no_known_set_are_told_what_to_do(gappy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(gappy)]) == 0
    said = capsys.readouterr().out
    assert "`info --propose-map`, then --map" in said and "left_ankle" not in said, "a list of all seventeen joints says nothing"


def test_an_error_in_the_program_itself_is_one_line_and_a_traceback_only_with_debug(
    gappy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import mpm_studio.commands.info

    def broken(*_: object) -> None:
        raise ZeroDivisionError("made for this test")

    monkeypatch.setattr(mpm_studio.commands.info, "describe", broken)
    assert main(["info", str(gappy)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["info", str(gappy), "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_info_lists_the_subjects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rec = mpm.make_recording(("Ann:A", "Ann:B", "Puck:C"), 60.0, np.random.default_rng(0).normal(size=(20, 3, 3)))
    people = (mpm.Subject("Ann", ("Ann:A", "Ann:B")), mpm.Subject("Puck", ("Puck:C",)), mpm.Subject("Ben"))
    mpm.write(replace(rec, subjects=people), tmp_path / "two.npz")
    assert main(["info", str(tmp_path / "two.npz")]) == 0
    assert "subjects Ann (2 points), Puck (1 point), Ben\n" in capsys.readouterr().out
    assert main(["info", str(tmp_path / "two.npz"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["subjects"][0] == {"name": "Ann", "points": 2}


def test_info_tells_what_is_missing_in_the_files_own_frames(gappy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(gappy), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["points"], facts["frames"], facts["rate_hz"], facts["gaps"]) == (4, 120, 60.0, 2)
    assert facts["per_point"][1] == {"name": "P1", "missing": round(10 / 120, 6), "gaps": [[31, 40]]}
    assert facts["per_point"][2]["gaps"] == [[1, 10]]
    assert facts["body"]["mapping"] is None and facts["body"]["why_not"]
    assert main(["info", str(gappy)]) == 0
    text = capsys.readouterr().out
    assert "31-40" in text and "8.3%" in text and "120 (1 to 120)" in text


@pytest.mark.parametrize("suffix", ["npz", "csv", "trc", "mpm"])
def test_convert_writes_every_format_that_holds_points(suffix: str, gappy: Path, tmp_path: Path) -> None:
    out = tmp_path / f"out.{suffix}"
    assert main(["convert", str(gappy), str(out)]) == 0
    assert out.stat().st_size > 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gappy.npz", out.name, f"{out.name}.proof.json"]


def test_no_command_loads_torch_or_qt(gappy: Path, tmp_path: Path) -> None:
    """One interpreter for all: what the first would load is still there after the last. A fill may load torch, but no Qt."""
    sample = resource("sample")
    predicts_nothing = (
        ["--version"],
        ["--help"],
        ["info", str(gappy)],
        ["info", str(sample / "walk_reach_sit.c3d")],
        ["info", str(sample / "walk_reach_sit.bvh")],
        ["convert", str(gappy), str(tmp_path / "o.csv")],
    )
    fill = ["clean", str(gappy), "-o", str(tmp_path / "o.npz"), "--method", "spline"]
    script = f"""
import sys
from mpm_studio.__main__ import main
loaded = lambda: sorted(set({HEAVY!r}) & set(sys.modules))
for words in {predicts_nothing!r}:
    assert main(words) == 0, words
import mpm_studio.commands.demo, mpm_studio.commands.lift, mpm_studio.render.picture
first = loaded()
assert main({fill!r}) == 3
print("LOADED", first, set(loaded()) - {{"torch"}})
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600, cwd=ROOT)
    assert done.stdout.splitlines()[-1:] == ["LOADED [] set()"], done


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("mpm-studio ")
    assert main(["clean", "--help"]) == 0
    assert "POINTS:START-END" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["take.npz"]])
def test_no_command_opens_the_window(words: list[str], gappy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import ModuleType

    opened: list[Path | None] = []
    window = ModuleType("mpm_studio.start")
    window.run = lambda path: opened.append(path) or 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mpm_studio.start", window)
    path = gappy.rename(gappy.with_name("take.npz"))
    monkeypatch.chdir(path.parent)
    assert main(words) == 0
    assert opened == [Path(words[0]) if words else None]


def test_without_a_display_the_window_is_refused_in_one_line(
    gappy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([str(gappy)]) == 1
    assert capsys.readouterr().err.startswith("mpm-studio: there is no display")
