"""check, clean --swap, info --propose-map and clean --map, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.document import Document
from mpm_core.recording import Origin
from mpm_core.sample.marker_take import true_markers
from mpm_core.sample.motion import make_motion
from mpm_core.suspect.dismissed import dismiss
from mpm_core.suspect.find import find_suspects
from mpm_studio.__main__ import main
from mpm_studio.clean_recipe import Recipe, save_recipe
from mpm_studio.operations.suspects import repair_suspects
from tests.makers import rigid_take, smooth_take, with_gap
from tests.measure_map import without_labels


@pytest.fixture
def swapped(tmp_path: Path) -> Path:
    """A take in which A0 and B0 are exchanged in frames 151 to 230, and C1 has a spike in frame 301."""
    rec = rigid_take(bodies=3, frames=400, noise_m=0.0003)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[150:230, [0, 5]] = xyz_FPD[150:230, [5, 0]]
    xyz_FPD[300, 11] += 0.1
    path = tmp_path / "bad.npz"
    mpm.write(mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD), path)
    return path


def test_check_lists_what_looks_wrong(swapped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(swapped), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    found = {(each["kind"], tuple(each["points"]), each["first_frame"], each["last_frame"]) for each in facts["suspects"]}
    assert found == {("swap", ("A0", "B0"), 151, 230), ("spike", ("C1",), 301, 301)}
    assert main(["check", str(swapped)]) == 0
    text = capsys.readouterr().out
    assert "A0, B0" in text and "151-230" in text and "2 look wrong: 1 swap, 1 spike" in text


def test_an_exchange_where_both_points_are_missing_says_that_it_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "take.npz", tmp_path / "out.npz"
    mpm.write(with_gap(with_gap(smooth_take(200, 5), 0, 60, 70), 1, 60, 70), source)
    assert main(["clean", str(source), "-o", str(out), "--method", "linear", "--swap", "P0,P1:62-65"]) == 0
    assert "--swap P0,P1:62-65: nothing is exchanged" in capsys.readouterr().out
    assert mpm.read(out).visible_FP.all()


def test_check_looks_only_for_what_is_asked(swapped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(swapped), "--kinds", "frozen, ghost"]) == 0
    assert capsys.readouterr().out.strip() == "nothing looks wrong"
    assert main(["check", str(swapped), "--kinds", "spooks"]) == 1
    assert "known: spike" in capsys.readouterr().err


def test_what_was_dismissed_is_neither_listed_nor_marked(swapped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rec, project, out = mpm.read(swapped), tmp_path / "kept.mpm", tmp_path / "out.npz"
    mpm.write(dismiss(rec, [each for each in find_suspects(rec) if each.kind == "spike"]).apply(rec)[0], project)
    assert main(["check", str(project), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [each["kind"] for each in facts["suspects"]] == ["swap"]
    assert facts["dismissed"] == [{"what": "no spike", "points": ["C1"], "first_frame": 301, "last_frame": 301}]
    assert main(["check", str(project)]) == 0
    assert capsys.readouterr().out.strip().endswith("dismissed in the window, and not listed: 1")
    assert main(["clean", str(project), "-o", str(out), "--suspects", "all"]) == 0
    assert "Exchange 1 swap: 160 samples" in capsys.readouterr().out and np.array_equal(mpm.read(out).xyz_FPD[300], rec.xyz_FPD[300])
    assert main(["info", str(project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["events"] == []


def test_what_check_says_can_be_given_to_clean(swapped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(swapped), "--json"]) == 0
    suspects = json.loads(capsys.readouterr().out)["suspects"]
    words = [word for each in suspects for word in (("--swap", each["swap"]) if "swap" in each else ("--mark", each["mark"]))]
    out, report = tmp_path / "good.npz", tmp_path / "report.json"
    assert main(["clean", str(swapped), "-o", str(out), *words, "--method", "linear", "--report", str(report)]) == 0
    truth, good = rigid_take(bodies=3, frames=400, noise_m=0.0003), mpm.read(out)
    assert np.abs(good.xyz_FPD - truth.xyz_FPD).max() < 0.02
    assert (good.origin_FP == Origin.HAND).sum() == 160
    facts = json.loads(report.read_text())
    assert {each["point"] for each in facts["hand"]} == {"A0", "B0"} and facts["measured"]["changed"] == 0
    assert any("Exchange A0 and B0" in line for line in facts["log"])
    assert main(["check", str(out)]) == 0
    assert "nothing looks wrong" in capsys.readouterr().out


def test_clean_exchanges_and_marks_what_looks_wrong_also_in_a_batch_by_a_recipe(
    swapped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, truth = tmp_path / "good.npz", rigid_take(bodies=3, frames=400, noise_m=0.0003)
    assert main(["clean", str(swapped), "-o", str(out), "--suspects", "all", "--method", "linear"]) == 0
    printed = capsys.readouterr().out
    assert "Exchange A0 and B0, frames 151 to 230: 160 samples by hand\nMark spike of C1: 301\n" in printed
    assert "Exchange 1 swap and mark 1 suspect: 161 samples" in printed
    assert json.loads((tmp_path / "good.npz.proof.json").read_text())["log"][:2] == printed.splitlines()[:2]
    assert main(["verify", str(swapped), str(out)]) == 0
    printed = capsys.readouterr().out
    assert "160 samples are measured ones of another point in the source, the same in every bit" in printed
    assert "1 samples: 1 classical" in printed
    good = mpm.read(out)
    assert np.abs(good.xyz_FPD - truth.xyz_FPD).max() < 0.02 and (good.origin_FP == Origin.HAND).sum() == 160
    assert main(["clean", str(out), "-o", str(tmp_path / "again.npz"), "--suspects", "spike,swap", "--method", "linear"]) == 0
    assert "nothing looks wrong" in capsys.readouterr().out
    assert main(["clean", str(swapped), "-o", str(tmp_path / "x.npz"), "--suspects", "spooks"]) == 2
    assert "known: spike" in capsys.readouterr().err
    (tmp_path / "in").mkdir()
    swapped.rename(tmp_path / "in" / "bad.npz")
    save_recipe(Recipe({"suspects": "swap,spike", "method": "linear"}), tmp_path / "mine.toml")
    assert main(["clean", str(tmp_path / "in"), "-o", str(tmp_path / "many"), "--recipe", str(tmp_path / "mine.toml")]) == 0
    assert np.array_equal(mpm.read(tmp_path / "many" / "bad.npz").xyz_FPD, good.xyz_FPD)
    assert "suspects: 1 exchanged back, 1 marked" in capsys.readouterr().out
    command = ["clean", str(tmp_path / "in"), "-o", str(tmp_path / "many"), "--recipe", str(tmp_path / "mine.toml")]
    assert main(command) == 0, "done before: the counts are those of its proof"
    summary = json.loads((tmp_path / "many" / "summary.json").read_text())
    counts = {"exchanged": 1, "marked": 1, "pieces": 0}
    assert summary["totals"]["suspects"] == counts and [row["suspects"] for row in summary["takes"]] == [counts]
    assert summary["takes"][0]["status"] == "done before"
    assert "1 exchanged back, 1 marked" in (tmp_path / "many" / "summary.html").read_text()
    capsys.readouterr()
    assert main([*command, "--suspects", "spikes"]) == 2, "before any take is read"
    assert "no kind of suspect called 'spikes'" in capsys.readouterr().err


def test_the_kinds_of_suspects_select_among_all_that_are_found(tmp_path: Path) -> None:
    """Where the paths of a swap break there are spikes, too, which a look for spikes alone would mark."""
    rec = rigid_take(bodies=3, frames=400, noise_m=0.0003)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[150:153, [0, 5]] = xyz_FPD[150:153, [5, 0]]
    bad = mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)
    assert find_suspects(bad, ["spike"]) and [each.kind for each in find_suspects(bad)] == ["swap"]
    assert repair_suspects(Document(bad), ["spike"]).counts() == {"exchanged": 0, "marked": 0, "pieces": 0}
    assert repair_suspects(Document(bad), ["swap"]).counts() == {"exchanged": 1, "marked": 0, "pieces": 0}


def test_a_swap_that_is_wrong_is_reported(swapped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text, why in (("A0:1-9", "names 1 point"), ("A0,A1,A2:1-9", "names 3 points"), ("A0,nobody:1-9", "nobody"), ("A0,A1", "POINTS")):
        assert main(["clean", str(swapped), "-o", str(tmp_path / "o.npz"), "--swap", text]) == 1
        assert why in capsys.readouterr().err
    assert not (tmp_path / "o.npz").exists()


def test_a_map_from_motion_serves_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stripped, _ = without_labels(true_markers(make_motion()), 0)
    xyz_FPD = stripped.xyz_FPD.copy()
    xyz_FPD[100:110, 3] = np.nan
    path, made = tmp_path / "unknown.npz", tmp_path / "mine.map.json"
    mpm.write(mpm.make_recording(stripped.points, stripped.rate_hz, xyz_FPD), path)
    assert main(["info", str(path), "--propose-map", "--save-map", str(made), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert len(facts["points"]) == len(stripped.points) and {"name", "segment", "place", "sure"} == set(facts["points"][0])
    assert json.loads(made.read_text())["sure"]["segments"] > 0.9
    assert main(["clean", str(path), "-o", str(tmp_path / "o.npz"), "--map", str(made)]) == 0
    assert "without the model" not in capsys.readouterr().out and mpm.read(tmp_path / "o.npz").visible_FP.all()
    assert main(["info", str(path), "--save-map", str(made)]) == 2
    assert main(["clean", str(path), "-o", str(tmp_path / "o2.npz"), "--map", str(path)]) == 1
    assert "map" in capsys.readouterr().err


def test_a_map_that_is_not_sure_is_shown_and_not_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a person who stands still, motion says nothing: what is found follows from heights alone."""
    stripped, _ = without_labels(true_markers(make_motion()), 0)
    path, made = tmp_path / "still.npz", tmp_path / "mine.map.json"
    mpm.write(mpm.make_recording(stripped.points, stripped.rate_hz, np.repeat(stripped.xyz_FPD[:1], 100, axis=0)), path)
    assert main(["info", str(path), "--propose-map", "--save-map", str(made)]) == 1
    shown = capsys.readouterr()
    assert "0.10 sure" in shown.out and "guesses" in shown.out
    assert "the map was not saved" in shown.err and "a take with the same labels in which the person moves" in shown.err
    assert not made.exists()


@pytest.mark.slow
def test_a_saved_map_is_named_and_serves_check_selftest_and_verify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    stripped, _ = without_labels(true_markers(make_motion()), 0)
    path = tmp_path / "unknown.npz"
    mpm.write(mpm.make_recording(stripped.points, stripped.rate_hz, stripped.xyz_FPD), path)
    assert main(["verify", str(path), str(path), "--mark", "left_arm:1-5"]) == 1
    assert main(["info", str(path), "--propose-map", "--save-map", str(tmp_path / "m.map.json"), "--json"]) == 0
    (tmp_path / "config/mpm-studio/maps").mkdir(parents=True)
    (tmp_path / "m.map.json").rename(tmp_path / "config/mpm-studio/maps/m.map.json")
    capsys.readouterr()
    for command in (["check", "--kinds", "pose"], ["selftest"]):
        assert main([*command, str(path)]) == 0
        assert "body by the saved map" in capsys.readouterr().out
    assert main(["check", str(path), "--kinds", "spike", "--json"]) == 0
    json.loads(capsys.readouterr().out)
    assert main(["verify", str(path), str(path), "--mark", "left_arm:1-5"]) == 0


@pytest.fixture
def renamed_half_way(tmp_path: Path) -> Path:
    """A take in which B2 is called *31 from frame 161 on, for most of it, and in which *32 is a reflection of two frames."""
    rec = rigid_take(bodies=3, frames=400, noise_m=0.0003)
    point = rec.points.index("B2")
    xyz_FPD = np.concatenate([rec.xyz_FPD, np.full((400, 2, 3), np.nan)], axis=1)
    xyz_FPD[164:, -2] = xyz_FPD[164:, point]
    xyz_FPD[160:, point] = np.nan
    xyz_FPD[40:42, -1] = 3.0
    xyz_FPD[200:210, 0] = np.nan
    mpm.write(mpm.make_recording((*rec.points, "*31", "*32"), rec.rate_hz, xyz_FPD), path := tmp_path / "pieces.npz")
    return path


def test_the_piece_of_a_marker_that_is_there_longer_is_found_and_merged(
    renamed_half_way: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(renamed_half_way), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["suspects"]
    assert (found["kind"], found["points"], found["first_frame"]) == ("ghost", ["B2", "*31"], 165) and "mark" not in found
    out = tmp_path / "out.npz"
    assert main(["clean", str(renamed_half_way), "-o", str(tmp_path / "left.npz"), "--suspects", "all"]) == 0
    printed = capsys.readouterr().out
    assert "1 piece of a marker under another name is left: `mpm-studio check` lists them" in printed and "nothing looks" not in printed
    assert main(["clean", str(renamed_half_way), "-o", str(out), "--merge", found["merge"]]) == 0
    rec, done = mpm.read(renamed_half_way), mpm.read(out)
    assert np.array_equal(done.xyz_FPD[164:, done.points.index("B2")], rec.xyz_FPD[164:, rec.points.index("*31")])


def test_trajectories_without_a_label_are_not_filled(renamed_half_way: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.npz"
    assert main(["clean", str(renamed_half_way), "-o", str(out)]) == 0
    assert "not filled: *31, *32 (2 in all), because the trajectory has no label" in capsys.readouterr().out
    rec, done = mpm.read(renamed_half_way), mpm.read(out)
    filled_FP = done.origin_FP >= Origin.FILLED
    assert filled_FP.sum(axis=0)[[0, rec.points.index("B2")]].tolist() == [10, 240] and filled_FP.sum() == 250
    numbered = mpm.make_recording(("*1", "*2", "*3"), rec.rate_hz, rec.xyz_FPD[:, :3])  # of a file without any label
    assert (mpm.complete(numbered).origin_FP[200:210, 0] >= Origin.FILLED).all()
