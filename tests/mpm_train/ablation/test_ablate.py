"""Comparisons: planned, run, resumed, and reported with no more certainty than the seeds give."""

from __future__ import annotations

import csv
from dataclasses import astuple, replace
from pathlib import Path

import pytest

from mpm_core.errors import DataError
from mpm_train import average, validation
from mpm_train.ablation import ablate as ablating
from mpm_train.ablation.ablate import ablate, plan, unfinished
from mpm_train.ablation.grids import GRIDS, Sizes
from mpm_train.ablation.verdicts import markdown, verdicts
from mpm_train.data.corpus import Clip
from mpm_train.data.subset import subset
from tests.mpm_train.corpus import make_corpus

TINY = Sizes(steps=3, first_steps=3, seeds=2, frames=9, channels=16, hidden=16, batch=8)


@pytest.fixture(autouse=True)
def fewer_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "BATCHES", 1)
    monkeypatch.setattr(average, "SETTLE_BATCHES", 1)
    monkeypatch.setattr(ablating, "SCORE_BATCHES", 2)
    monkeypatch.setattr(ablating, "SCORE_BATCH", 8)


@pytest.mark.slow
def test_a_grid_runs_stops_goes_on_and_shares_its_stage_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, out = make_corpus(tmp_path / "data"), tmp_path / "out"
    train, trained, printed = ablating.train, [], []

    def stops(config: object, *rest: object) -> object:
        if len(trained) == 4:
            raise KeyboardInterrupt
        trained.append(config)
        return train(config, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ablating, "train", stops)
    with pytest.raises(KeyboardInterrupt):
        ablate("pretext", TINY, data, out, printed.append)
    assert not (out / "pretext.md").exists()
    monkeypatch.setattr(ablating, "train", train)
    printed.clear()
    (text,) = ablate("pretext", TINY, data, out, printed.append)
    assert len(printed) == 2 * 5 - 4, "what was finished is not run again"
    assert (out / "pretext.md").read_text() == text + "\n"
    rows = list(csv.DictReader((out / "pretext.csv").open()))
    assert [row["option"] for row in rows] == ["none", "2D", "2D + 3D"]
    assert rows[0]["masked in stage I"] == ""
    for row in rows:
        assert float(row["mean"]) == pytest.approx((float(row["seed 1"]) + float(row["seed 2"])) / 2, abs=0.01)
    assert rows[0]["mean"] != rows[1]["mean"] != rows[2]["mean"]
    printed.clear()
    assert ablate("pretext", TINY, data, out, printed.append) == [text]
    assert printed == []
    index = data / "index.json"
    index.write_text(index.read_text() + "\n")
    assert len(ablate("pretext", TINY, data, out, printed.append, dry_run=True)) == 1, "the same data, however they are written"
    index.write_text(index.read_text().replace('"s0"', '"s9"'))
    assert len(ablate("pretext", TINY, data, out, printed.append, dry_run=True)) == 10 + 1, "other data, other runs"


def test_equal_runs_of_two_grids_are_one(tmp_path: Path) -> None:
    def run(grid: str, label: str, seed: int = 1, sizes: Sizes = TINY) -> ablating.Run:
        option = next(option for option in GRIDS[grid].options if option.label == label)
        return plan(grid, option, sizes, seed, tmp_path, "corpus")

    one = run("pretext", "2D + 3D")
    for grid, label in (("masks", "spatio-temporal"), ("ratios", "5 joints, 60 % of frames"), ("layers", "4 layers"), ("data", "full")):
        assert run(grid, label).folder == one.folder
    others = [run("pretext", "2D + 3D", 2), run("pretext", "2D"), run("masks", "tube"), run("data", "half")]
    others += [run("pretext", "2D + 3D", sizes=replace(TINY, first_steps=4))]
    assert len({other.folder for other in [one, *others]}) == 6, "what stage I did decides, too"
    assert [run.config.model.task for run in unfinished([one, *others])][:2] == ["pretrain", "lift"]
    assert len(unfinished([one, one])) == 2
    lifting = {name: grid for name, grid in GRIDS.items() if grid.of == "lifting"}
    every = [plan(name, option, Sizes(seeds=1), 1, tmp_path, "c") for name, grid in lifting.items() for option in grid.options]
    assert len(unfinished(every)) == 37
    assert {run.config.steps for run in every} == {Sizes().steps}


def test_ways_of_varying_windows_are_left_out_one_by_one(tmp_path: Path) -> None:
    runs = {option.label: plan("augment", option, TINY, 1, tmp_path, "c").config for option in GRIDS["augment"].options}
    assert {run.model.task for run in runs.values()} == {"repair"}
    assert all(replace(run, augment=runs["all"].augment) == runs["all"] for run in runs.values()), "nothing else differs"
    off = {
        label: sum(a != b for a, b in zip(astuple(run.augment), astuple(runs["all"].augment), strict=True)) for label, run in runs.items()
    }
    assert off == dict.fromkeys(runs, 1) | {"all": 0, "none": 6}


def test_every_option_changes_what_it_names(tmp_path: Path) -> None:
    for name, grid in GRIDS.items():
        assert grid.best in {option.label for option in grid.options}
        runs = {option.label: plan(name, option, TINY, 1, tmp_path, "c") for option in grid.options}
        assert len({run.folder for run in runs.values()}) == len(grid.options)
    masks = [plan("masks", option, TINY, 1, tmp_path, "c") for option in GRIDS["masks"].options]
    assert [ablating.share_masked(run) for run in masks] == pytest.approx([0.686, 0.706, 0.667], abs=0.001), "9 frames: as near as they go"
    big = [plan("masks", option, Sizes(), 1, tmp_path, "c") for option in GRIDS["masks"].options]
    assert all(ablating.share_masked(run) == pytest.approx(0.718, abs=0.015) for run in big)


@pytest.mark.slow
def test_a_dry_run_trains_nothing(tmp_path: Path) -> None:
    data, out = make_corpus(tmp_path / "data"), tmp_path / "out"
    lines = ablate("layers", TINY, data, out, print, dry_run=True)
    assert len(lines) == 2 * 8 + 1
    assert "16 runs in all" in lines[-1]
    total, parts = float(lines[-1].split()[0]), [float(line.split()[0]) for line in lines[:-1]]
    assert total == pytest.approx(sum(parts), abs=0.05 * len(lines))
    assert not out.exists()


def test_verdicts_by_hand() -> None:
    scores = {"none": {1: 60.0, 2: 61.0}, "2D": {1: 52.0, 2: 50.0}, "2D + 3D": {1: 50.0, 2: 51.0}}
    printed = {verdict.worse: verdict for verdict in verdicts(GRIDS["pretext"], scores)}
    assert printed["none"].gain_mm == 10
    assert printed["none"].error_mm == pytest.approx((2 * 1.5 / 2) ** 0.5), "residuals -0.5 0.5, 1 -1, -0.5 0.5; two degrees of freedom"
    assert printed["2D"].gain_mm == pytest.approx(0.5)
    assert str(printed["2D"]) == "2D + 3D before 2D: holds in sign, +0.50 mm (+0.4 standard errors, 2 seeds)"
    scores["2D"] = {1: 49.0, 2: 48.0}
    text = markdown(GRIDS["pretext"], scores, {"none": None, "2D": 0.712, "2D + 3D": 0.712})
    assert "| 2D + 3D | 71.2 % | 50.00 | 51.00 | 50.50 | 0.71 |  |" in text
    assert "Holds in sign in 1 of 2 comparisons" in text
    assert "2D + 3D before 2D: does not hold in sign, -2.00 mm" in text
    alone = verdicts(GRIDS["pretext"], {label: {1: errors[1]} for label, errors in scores.items()})
    assert str(alone[0]) == "2D + 3D before none: holds in sign, +10.00 mm (no standard error)"


def test_more_data_is_better_is_three_comparisons() -> None:
    assert GRIDS["data"].pairs == (("full", "quarter"), ("full", "half"), ("half", "quarter"))


def test_a_share_of_the_data_is_whole_clips_and_lies_in_a_larger_one() -> None:
    clips = [Clip(f"c{n}", "s", "train" if n % 5 else "validation", 120.0, 100 * n, 100 * n + 100, "") for n in range(100)]
    quarter, half = subset(clips, 0.25, 1), subset(clips, 0.5, 1)
    train = [clip for clip in clips if clip.split == "train"]
    assert [clip for clip in quarter if clip.split != "train"] == [clip for clip in clips if clip.split != "train"]
    assert len([clip for clip in quarter if clip.split == "train"]) == len(train) // 4
    assert {clip.name for clip in quarter} < {clip.name for clip in half}
    assert subset(clips, 0.25, 2) != quarter
    assert subset(clips, 1.0, 1) == clips
    with pytest.raises(DataError, match="share"):
        subset(clips, 0.0, 1)


def test_an_unknown_comparison_or_corpus_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no comparison called 'colour'"):
        ablate("colour", TINY, tmp_path, tmp_path, print)
    with pytest.raises(DataError, match="no corpus"):
        ablate("pretext", TINY, tmp_path, tmp_path, print)
