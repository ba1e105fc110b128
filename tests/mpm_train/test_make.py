"""One command per model: the plan follows the recipes, what is finished is skipped, what changed is made again, and a tiny chain works."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.errors import DataError
from mpm_core.gaps import known
from mpm_core.io.registry import read
from mpm_core.model.checkpoint import load_model
from mpm_core.recording import make_recording
from mpm_train import average, dispatch, validation
from mpm_train.__main__ import main
from mpm_train.data.corpus import Clip
from mpm_train.data.small_motion import PEOPLE, write_people
from mpm_train.make import make, plan_of
from mpm_train.make_plan import Order, Size, chain_of, steps_of
from mpm_train.recipes import RECIPES, SHIPPED
from mpm_train.teach import gate

TINY = Size(steps=2, batch=4, channels=16, per_cell=1, parts=("wrist",), lengths_s=(0.5,))
Fake = Callable[[Sequence[str]], None]


@pytest.fixture
def order(tmp_path: Path) -> Order:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "take.bvh").write_text("motion")
    return Order("complete", (tmp_path / "data",), (), tmp_path / "runs", tmp_path / "runs" / "complete.safetensors")


class Commands:
    """Writes what each command would, made of its arguments and of what it reads; `fail` = the number of the call that is stopped."""

    def __init__(self, fail: int = 0) -> None:
        self.executed: list[str] = []
        self.fail = fail

    def __call__(self, arguments: Sequence[str]) -> None:
        command, *rest = arguments
        options = {name: rest[index + 1] for index, name in enumerate(rest) if name.startswith("--") and index + 1 < len(rest)}
        out = Path(options.get("--out", rest[1]))
        self.executed.append(command if command in ("prepare", "export", "evaluate") else rest[0])
        written = {
            "prepare": [out / "index.json", out / "joints.npy"],
            "export": [out, out.with_suffix(".md")],
            "evaluate": [out / f"{options.get('--table')}.md"],
        }.get(command, [out / "model.safetensors"])
        given = [Path(rest[0])] if command == "prepare" else [Path(options["--data"])]
        read = b"".join(path.read_bytes() for folder in given for path in sorted(folder.iterdir()))
        text = " ".join(rest) + hashlib.sha256(read).hexdigest()
        for number, path in enumerate(written):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.name == "joints.npy":
                np.save(path, np.zeros((9, 17, 3), np.float32))
            else:
                path.write_text(json.dumps([asdict(Clip(text, "s", "train", 30.0, 0, 9, ""))]) if path.name == "index.json" else text)
            if self.fail == len(self.executed) and number == 0:
                raise KeyboardInterrupt


def test_the_plan_follows_the_recipes() -> None:
    for last in SHIPPED.values():
        chain = chain_of(last)
        assert chain[-1] == (last, False) and not RECIPES[chain[0][0]]().start_from
        for (before, exported), (recipe, _) in pairwise(chain):
            name = "exported" if exported else "model"
            assert RECIPES[recipe]().start_from == f"runs/{before}/{name}.safetensors"


def test_every_step_is_executed_once(order: Order) -> None:
    run = Commands()
    make(order, run)
    recipes = [recipe for recipe, _ in chain_of(SHIPPED["complete"])]
    assert run.executed == ["prepare", *recipes[:-1], "export", recipes[-1], "export", "evaluate", "evaluate"]
    make(order, pytest.fail)
    assert not any(why for _, why in plan_of(order, steps_of(order)))


@pytest.mark.parametrize("stopped_at", [1, 3, 9, 12])
def test_a_stopped_one_goes_on_with_the_step_that_was_stopped(order: Order, stopped_at: int) -> None:
    first, second, whole = Commands(stopped_at), Commands(), Commands()
    with pytest.raises(KeyboardInterrupt):
        make(order, first)
    make(order, second)
    assert len(first.executed) == stopped_at
    make(replace(order, work=order.work.with_name("other"), to=order.work.with_name("other") / "c.safetensors"), whole)
    assert [*first.executed[:-1], *second.executed] == whole.executed


def test_other_data_make_other_runs_and_the_old_ones_are_kept(order: Order) -> None:
    make(order, Commands())
    old = (order.work / "studio-repair" / "model.safetensors").read_text()
    (order.folders[0] / "more.bvh").write_text("more motion")
    steps = steps_of(order)
    assert [why for _, why in plan_of(order, steps)] == ["other input", *["follows"] * (len(steps) - 1)]
    run = Commands()
    make(order, run)
    assert len(run.executed) == len(steps)
    assert (order.work / "studio-repair.before-1" / "model.safetensors").read_text() == old
    assert (order.work / "studio-repair" / "model.safetensors").read_text() != old
    make(order, pytest.fail)


def test_the_same_result_made_again_leaves_what_follows_alone(order: Order) -> None:
    make(order, Commands())
    (order.work / "studio-repair" / "model.safetensors").unlink()
    run = Commands()
    make(order, run)
    assert run.executed == ["studio-repair"]
    assert not list(order.work.glob("*.before-*"))


def test_a_result_that_was_changed_is_not_used(order: Order) -> None:
    make(order, Commands())
    order.to.write_text("another model")
    run = Commands()
    make(order, run)
    assert run.executed == ["export"]


def test_another_recipe_is_another_run(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    make(order, Commands())
    changed = replace(RECIPES["studio-repair-everybody"](), lr=1e-5)
    monkeypatch.setitem(RECIPES, "studio-repair-everybody", lambda: changed)
    plan = {step.name: why for step, why in plan_of(order, steps_of(order))}
    assert plan["studio-repair-more"] == "" and plan["studio-repair-everybody"] == "other recipe"


def test_more_folders_are_for_the_last_runs_alone(order: Order, tmp_path: Path) -> None:
    steps = {step.name: step for step in steps_of(replace(order, more_folders=(tmp_path / "more",)))}
    corpus = order.work / "corpus-studio-repair-everybody"
    assert steps[corpus.name].reads == (*order.folders, tmp_path / "more")
    assert [name for name, step in steps.items() if corpus in step.reads and step.arguments[0] == "finetune"] == ["studio-repair-everybody"]
    assert order.work / "corpus" in steps["studio-repair-more"].reads
    lift = [step.name for step in steps_of(replace(order, target="lift", more_folders=(tmp_path / "more",)))]
    assert [name for name in lift if name.startswith("corpus")] == ["corpus", "corpus-studio-lift-everybody"]


def test_what_is_wrong_is_told_before_the_work(order: Order, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match="no such folder to write to"):
        make(replace(order, to=tmp_path / "missing" / "c.safetensors"), pytest.fail)
    with pytest.raises(DataError, match="no motion"):
        make(replace(order, folders=()), pytest.fail)
    with pytest.raises(DataError, match="no such file or folder"):
        make(replace(order, folders=(tmp_path / "missing",)), pytest.fail)
    make(order, Commands())
    (order.work / "steps" / "corpus.json").write_text("{")
    with pytest.raises(DataError, match="record of a step"):
        make(order, pytest.fail)
    assert main(["make", "lift", "--small", "--data-folders", str(tmp_path), "--work", str(tmp_path / "small")]) == 1
    assert "--small makes its own motion" in capsys.readouterr().err


def test_small_people_differ_in_their_proportions(tmp_path: Path) -> None:
    write_people(tmp_path)
    takes = [read(path) for path in sorted(tmp_path.rglob("*.bvh"))]
    assert len({path.parent.name for path in tmp_path.rglob("*.bvh")}) == len(PEOPLE)
    ends = [[take.points.index(name) for name in ("LeftUpLeg", "LeftLeg")] for take in takes]
    thighs = [np.linalg.norm(take.xyz_FPD[:, hip] - take.xyz_FPD[:, knee], axis=1) for take, (hip, knee) in zip(takes, ends, strict=True)]
    assert all(np.ptp(thigh_F) < 1e-4 for thigh_F in thighs)
    assert len({round(float(thigh_F[0]), 4) for thigh_F in thighs}) == len(PEOPLE)
    assert all(0.33 < thigh_F[0] < 0.55 for thigh_F in thighs)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "BATCHES", 1)
    monkeypatch.setattr(average, "SETTLE_BATCHES", 1)
    monkeypatch.setattr(gate, "STEPS", 20)


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_the_whole_chain_makes_a_model_that_completes(tmp_path: Path) -> None:
    folder = write_people(tmp_path / "motion")
    order = Order("complete", (folder,), (), tmp_path, tmp_path / "complete.safetensors", tracker="none", size=TINY)
    make(order, dispatch.run)
    model = load_model(order.to)
    assert model.network.config.gated and model.facts["recipe"] == "studio-repair-everybody"
    assert {"complete.md", "tables-complete-validation", "corpus"} <= {path.name for path in tmp_path.iterdir()}
    assert "| wrist | 0.5 |" in order.to.with_suffix(".md").read_text()
    take = read(folder / "person-6" / "take-1.bvh")
    masked_FP = np.zeros((take.frames, len(take.points)), bool)
    masked_FP[200:260, take.points.index("LeftHand")] = True
    cut = make_recording(take.points, take.rate_hz, np.where(masked_FP[..., None], np.nan, take.xyz_FPD), skeleton=take.skeleton)
    filled = complete_patch(cut, CompleteOptions("model", model=model, limits=None)).patch.apply(cut)[0]
    assert known(filled.xyz_FPD)[masked_FP].all()
    make(order, pytest.fail)
