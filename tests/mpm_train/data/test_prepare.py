"""From files to a corpus: who is where, what is cut out, and that a stopped run goes on."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from mpm_core.body.joints import body17
from mpm_core.errors import DataError
from mpm_core.io.npz import write
from mpm_core.recording import make_recording
from mpm_train.__main__ import main
from mpm_train.data import prepare as preparing
from mpm_train.data.clean import cut_up, t_pose
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import INDEX, load_corpus
from mpm_train.data.prepare import JOURNAL, prepare
from mpm_train.data.splits import split_of
from tests.makers import person_bvh, standing

NAMES = body17().names


def people(folder: Path, subjects: tuple[str, ...] = ("002", "016", "091"), takes: int = 2, frames: int = 120) -> Path:
    for number, subject in enumerate(subjects):
        (folder / subject).mkdir(parents=True)
        for take in range(takes):
            (folder / subject / f"take{take}.bvh").write_bytes(person_bvh(frames, seed=10 * number + take))
    return folder


def walking(frames: int = 300) -> np.ndarray:
    """(F, 17, 3) someone who slides along x at 1 m/s, 100 Hz."""
    return standing(frames).xyz_FPD + np.arange(frames)[:, None, None] / 100 * np.array([1.0, 0, 0])


def in_t_pose(xyz_FJ3: np.ndarray) -> np.ndarray:
    posed = xyz_FJ3.copy()
    for side, sign in (("left", 1), ("right", -1)):
        shoulder = posed[:, NAMES.index(f"{side}_shoulder")]
        posed[:, NAMES.index(f"{side}_elbow")] = shoulder + [sign * 0.3, 0, 0]
        posed[:, NAMES.index(f"{side}_wrist")] = shoulder + [sign * 0.55, 0, 0.02]
    return posed


def test_people_are_split_and_broken_files_told(tmp_path: Path) -> None:
    people(tmp_path / "in")
    (tmp_path / "in" / "002" / "broken.bvh").write_text("HIERARCHY\nnonsense")
    printed = prepare([tmp_path / "in"], tmp_path / "out")
    joints_NJ3, clips = load_corpus(tmp_path / "out")
    assert {(clip.subject, clip.split) for clip in clips} == {("002", "train"), ("016", "validation"), ("091", "validation")}
    assert joints_NJ3.shape == (6 * 120, 17, 3)
    assert any("broken.bvh" in line for line in printed)
    assert any("licence not stated" in line for line in printed)
    report = json.loads((tmp_path / "out" / "prepare.json").read_text())
    assert report["left_out"]["files_refused"] == 1
    assert report["splits"]["validation"] == {"clips": 4, "subjects": 2, "minutes": pytest.approx(4 * 1.2 / 60, abs=1e-3)}
    mean, spread, _ = report["bones_mm"]["002"]["in"]["left_knee-left_ankle"]
    assert mean == pytest.approx(1000 * np.linalg.norm((0.43, 0.01)), rel=0.01), "the rig's shank"
    assert spread < 0.1
    assert "| 002 | in |" in (tmp_path / "out" / "prepare.md").read_text()


def test_no_person_is_in_two_splits(tmp_path: Path) -> None:
    people(tmp_path / "one", ("002", "016", "s1"))
    people(tmp_path / "two", ("016", "s1", "s2"))
    prepare([tmp_path / "one", tmp_path / "two"], tmp_path / "out", PrepareConfig(hold_out=("016",), test=("s*",)))
    _, clips = load_corpus(tmp_path / "out")
    splits = {subject: {clip.split for clip in clips if clip.subject == subject} for subject in {clip.subject for clip in clips}}
    assert splits == {"002": {"train"}, "016": {"validation"}, "s1": {"test"}, "s2": {"test"}}
    with pytest.raises(DataError, match="held out for validation and for the test"):
        split_of("s1", "x/s1/a.bvh", ("s1",), ("s*",))


def test_a_name_nobody_has_is_told(tmp_path: Path) -> None:
    printed = prepare([people(tmp_path / "in", ("002",), 1)], tmp_path / "out", PrepareConfig(hold_out=("02",)))
    assert any("nobody fits the pattern 02" in line for line in printed)


def test_jumps_gaps_and_scraps_are_cut_out_and_counted() -> None:
    joints_FJ3 = walking()
    joints_FJ3[100:, 4, 0] += 5.0  # a flip
    joints_FJ3[200, 3] = np.nan
    cut = cut_up(joints_FJ3, 100.0)
    assert cut.parts == ((0, 100), (100, 200), (201, 300))
    assert (cut.flips, cut.missing, cut.scraps, cut.t_pose) == (1, 1, 0, 0)
    joints_FJ3[250, 3] = np.nan
    cut = cut_up(joints_FJ3, 100.0)
    assert cut.parts == ((0, 100), (100, 200)), "what is left is under half a second"
    assert (cut.flips, cut.missing, cut.scraps) == (1, 2, 98)
    assert sum(stop - start for start, stop in cut.parts) + cut.missing + cut.scraps + cut.t_pose == cut.frames


@pytest.mark.parametrize("where", ["start", "end", "middle"])
def test_a_t_pose_is_cut_off_the_ends_only(where: str) -> None:
    xyz_FJ3 = walking()
    held = {"start": slice(0, 4), "end": slice(297, 300), "middle": slice(150, 153)}[where]
    xyz_FJ3[held] = in_t_pose(xyz_FJ3)[held]
    assert np.flatnonzero(t_pose(xyz_FJ3)).tolist() == list(range(300))[held]
    cut = cut_up(xyz_FJ3, 100.0)
    if where == "middle":
        assert cut.t_pose == 0
        assert cut.flips == 2
    else:
        assert cut.flips == 0
        assert cut.t_pose == (4 if where == "start" else 3) + 10, "and the tenth of a second that a converter blends over"
        assert cut.parts == (((14, 300),) if where == "start" else ((0, 287),))


def test_planted_faults_are_counted_in_the_report(tmp_path: Path) -> None:
    xyz_FJ3 = walking()
    xyz_FJ3[:4] = in_t_pose(xyz_FJ3)[:4]
    xyz_FJ3[150:, 4, 0] += 5.0
    rec = standing(300)
    (tmp_path / "in" / "ann").mkdir(parents=True)
    write(make_recording(rec.points, 100.0, xyz_FJ3, skeleton=rec.skeleton), tmp_path / "in" / "ann" / "take.npz")
    prepare([tmp_path / "in"], tmp_path / "out")
    left_out = json.loads((tmp_path / "out" / "prepare.json").read_text())["left_out"]
    assert (left_out["t_pose"], left_out["takes_with_t_pose"]) == (14, 1)
    assert (left_out["flips"], left_out["takes_with_flips"]) == (1, 1)
    joints_NJ3, clips = load_corpus(tmp_path / "out")
    assert [(clip.start, clip.stop) for clip in clips] == [(0, 136), (136, 286)]
    np.testing.assert_array_equal(joints_NJ3[0:136], xyz_FJ3[14:150].astype(np.float32))


def test_unlikely_people_are_reported_and_kept(tmp_path: Path) -> None:
    (tmp_path / "in" / "ann").mkdir(parents=True)
    good = walking()
    rubber, giant, upside = good.copy(), good * 2, good * [1, 1, -1]
    rubber[:, NAMES.index("left_wrist"), 2] -= 0.2 * np.sin(np.arange(300) / 20)
    for name, xyz_FJ3 in (("good", good), ("rubber", rubber), ("giant", giant), ("upside", upside), ("still", standing(300).xyz_FPD)):
        write(make_recording(NAMES, 100.0, xyz_FJ3), tmp_path / "in" / "ann" / f"{name}.npz")
    prepare([tmp_path / "in"], tmp_path / "out")
    printed = {
        Path(key).stem: "; ".join(lines) for key, lines in json.loads((tmp_path / "out" / "prepare.json").read_text())["suspicious"].items()
    }
    assert set(printed) == {"rubber", "giant", "upside"}
    assert "left_elbow-left_wrist changes its length" in printed["rubber"]
    assert "m tall" in printed["giant"]
    assert "up axis" in printed["upside"]
    assert len(load_corpus(tmp_path / "out")[1]) == 4, "all but the one that never moves"


def test_licences_are_stated_not_guessed(tmp_path: Path) -> None:
    people(tmp_path / "in" / "stated", ("ann",), 1)
    people(tmp_path / "in" / "file", ("bob",), 1)
    (tmp_path / "in" / "file" / "LICENCE.txt").write_text("\nCC0, by the studio\nmore\n")
    people(tmp_path / "in" / "silent", ("cid",), 1)
    (tmp_path / "in" / "001").mkdir()
    (tmp_path / "in" / "001" / "01_02.bvh").write_bytes(person_bvh(120))
    (tmp_path / "in" / "cid").mkdir()
    (tmp_path / "in" / "cid" / "01_02.bvh").write_bytes(person_bvh(120))
    prepare([tmp_path / "in"], tmp_path / "out", PrepareConfig(licence={tmp_path / "in" / "stated": "our own"}))
    _, clips = load_corpus(tmp_path / "out")
    found = {clip.subject: clip.licence for clip in clips if clip.subject != "cid"}
    assert found["ann"] == "our own"
    assert found["bob"] == "CC0-1.0"
    assert found["001"] == "free for all uses"
    assert {clip.subject: clip.weights_free for clip in clips} == {"ann": None, "bob": True, "001": True, "cid": None}
    assert {clip.subject: clip.source for clip in clips} == {"ann": "in", "bob": "in", "001": "CMU", "cid": "in"}
    assert {clip.licence for clip in clips if clip.subject == "cid"} == {"not stated"}, "a name alone does not make it CMU's"


def test_a_stopped_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = people(tmp_path / "in", ("a", "b", "c"), 3)
    prepare([folder], tmp_path / "whole", PrepareConfig(shard_mb=0))
    kept, read = preparing._kept, []

    def stops(*arguments: object) -> object:
        read.append(arguments[0])
        if len(read) == 6:
            raise KeyboardInterrupt
        return kept(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(preparing, "_kept", stops)
    with pytest.raises(KeyboardInterrupt):
        prepare([folder], tmp_path / "cut", PrepareConfig(shard_mb=0))
    assert (tmp_path / "cut" / JOURNAL).is_file()
    assert not (tmp_path / "cut" / INDEX).exists(), "half a corpus is none"
    monkeypatch.setattr(preparing, "_kept", lambda *arguments: (read.append(arguments[0]), kept(*arguments))[1])
    read.clear()
    prepare([folder], tmp_path / "cut", PrepareConfig(shard_mb=0))
    assert len(read) == 4, "five of nine takes were on disk already"
    one, two = load_corpus(tmp_path / "whole"), load_corpus(tmp_path / "cut")
    assert one[1] == two[1]
    np.testing.assert_array_equal(np.asarray(one[0]), np.asarray(two[0]))
    assert not (tmp_path / "cut" / JOURNAL).exists()
    assert not list((tmp_path / "cut").glob(".*"))


@pytest.mark.parametrize("journal", ['{"fingerprint": "other", "joints": [], "pixels": [], "takes": [{"key": "x"}]}', "{", "[]", "{}"])
def test_a_journal_of_something_else_is_not_gone_on_with(tmp_path: Path, journal: str) -> None:
    folder = people(tmp_path / "in", ("a", "016"), 1)
    out = tmp_path / "out"
    out.mkdir()
    (out / JOURNAL).write_text(journal)
    prepare([folder], out)
    assert len(load_corpus(out)[1]) == 2


def test_preparing_again_replaces_the_old_corpus_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepare([people(tmp_path / "one", ("a",), 1)], out)
    joints_NJ3, _ = load_corpus(out)
    before = np.array(joints_NJ3[:])
    prepare([people(tmp_path / "two", ("b", "c"), 1)], out)
    np.testing.assert_array_equal(joints_NJ3[:], before, err_msg="whoever reads the old one goes on reading it")
    assert {clip.subject for clip in load_corpus(out)[1]} == {"b", "c"}
    assert len(list(out.glob("joints-*.npy"))) == 1


def test_rows_of_several_files_are_one_array(tmp_path: Path) -> None:
    folder = people(tmp_path / "in", ("a", "b", "c"), 1)
    prepare([folder], tmp_path / "many", PrepareConfig(shard_mb=0))
    prepare([folder], tmp_path / "one")
    many, clips = load_corpus(tmp_path / "many")
    one, same = load_corpus(tmp_path / "one")
    assert len(many.paths) == 3
    assert len(one.paths) == 1
    assert clips == same
    rows_BF = np.random.default_rng(0).integers(0, 360, (7, 9))
    np.testing.assert_array_equal(many[rows_BF], one[rows_BF])
    np.testing.assert_array_equal(many[100:260], one[100:260])
    np.testing.assert_array_equal(many[-1], one[359])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(many))[rows_BF], one[rows_BF])
    assert isinstance(one[10:20].base, np.memmap) or isinstance(one[10:20], np.memmap)
    with pytest.raises(IndexError):
        many[360]


def test_damaged_corpora_are_told(tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepare([people(tmp_path / "in", ("a",), 1)], out)
    index = json.loads((out / INDEX).read_text())
    for change in ({"stop": 10**9}, {"split": "training"}, {"shard": 3}, {"rate_hz": 0}):
        (out / INDEX).write_text(json.dumps(index | {"clips": [index["clips"][0] | change]}))
        with pytest.raises(DataError, match="no corpus"):
            load_corpus(out)
    (out / INDEX).write_text("{")
    with pytest.raises(DataError, match="no corpus"):
        load_corpus(out)


def test_nothing_to_learn_from_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="nothing is left"):
        prepare([tmp_path / "in"], tmp_path / "out")
    with pytest.raises(DataError, match="no such folder"):
        prepare([tmp_path / "none"], tmp_path / "out")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = people(tmp_path / "in", ("ann", "bob"), 1)
    arguments = ["prepare", str(folder), "--out", str(tmp_path / "out"), "--hold-out", "bob", "--licence", str(folder), "ours"]
    assert main(arguments) == 0
    assert "validation: 1 clips, 1 subjects" in capsys.readouterr().out
    _, clips = load_corpus(tmp_path / "out")
    assert {(clip.subject, clip.split, clip.licence) for clip in clips} == {("ann", "train", "ours"), ("bob", "validation", "ours")}
