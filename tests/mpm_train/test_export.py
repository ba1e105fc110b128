"""From a run to the file that ships: its gate, its figures, and whether it may be shipped at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mpm_core.errors import DataError
from mpm_core.model.build import AnyNetwork, build
from mpm_core.model.checkpoint import load_model, save_model
from mpm_train import export as exporting
from mpm_train.__main__ import main
from mpm_train.data.contents import contents_of
from mpm_train.history import TRAINED, History, Step, as_facts, history_of
from mpm_train.tables.cells import opened
from mpm_train.tables.plan import Extent
from mpm_train.teach import gate
from tests.mpm_train.corpus import make_corpus
from tests.mpm_train.tables.makers import untrained

COMMAND = "mpm-train finetune studio-lift --lr 0.004"


FEW = Extent(2, ("wrist",), (0.1, 0.5))
CELLS = ["--per-cell", "2", "--parts", "wrist", "--lengths", "0.1", "0.5"]


@pytest.fixture(autouse=True)
def short_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    opened.cache_clear()
    monkeypatch.setattr(gate, "STEPS", 5)


def run_of(folder: Path, data: Path, network: AnyNetwork, gate_subjects: tuple[str, ...] = ("s0", "s1", "s2"), **facts: Any) -> Path:
    """A finished run, as training leaves it."""
    contents = contents_of(data)
    step = Step(TRAINED, "mine", COMMAND, contents.hash, gate_subjects, steps=9, best=6, hours=1.5, versions={"torch": "2"}, device="cpu")
    training = {"start_from": "", "gate_subjects": list(gate_subjects)}
    folder.mkdir(exist_ok=True)
    facts = {"recipe": "mine", "training": training, "step": 6} | as_facts(History().then(step, contents)) | facts
    save_model(network, facts, folder / "model.safetensors")
    return folder


def test_to_nowhere_is_told_before_the_work(tmp_path: Path) -> None:
    save_model(untrained("repair"), {"recipe": "none", "training": {}}, tmp_path / "model.safetensors")
    with pytest.raises(DataError, match="no such folder"):
        exporting.export(tmp_path, tmp_path / "missing" / "complete.safetensors", tmp_path / "no corpus")


@pytest.mark.parametrize("task", ["complete", *(pytest.param(task, marks=pytest.mark.slow) for task in ("repair", "lift"))])
def test_the_file_has_its_figures_its_history_and_its_card(task: str, tmp_path: Path) -> None:
    data, to = make_corpus(tmp_path / "data", 600, sources=True), tmp_path / f"{task}.safetensors"
    exporting.export(run_of(tmp_path / "run", data, untrained(task)), to, data, extent=FEW)
    card, model = to.with_suffix(".md").read_text(), load_model(to)
    assert "| clean 2D |" in card if task == "lift" else "| wrist | 0.5 | 2 |" in card
    assert ("| left_elbow |" if task == "lift" else "| left_wrist |") in card, "joint by joint"
    assert ("calibration" in model.facts) == (task != "lift")
    assert model.network.config.gated == (task == "repair")
    assert [step.kind for step in history_of(model.facts).steps] == ["trained", "exported"]
    assert f"{COMMAND}\nmpm-train export {tmp_path / 'run'} {to} --data {data} {' '.join(CELLS)}\n" in card
    assert "## Held-out error, validation split: CMU" in card and "## Held-out error, test split: HDM05" in card
    assert model.facts["licence"].startswith("MIT") and model.facts["data"] == "CMU (free for all uses), 2 people, 0 minutes"
    to.with_suffix(".md").unlink()
    assert main(["card", str(to)]) == 0
    assert to.with_suffix(".md").read_text() == card, "from the file alone"


def test_a_run_that_began_with_a_gate_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "measure_calibration", lambda *_: {})
    monkeypatch.setattr(exporting, "held_out_errors", lambda *_, **__: {})
    data, begun = make_corpus(tmp_path / "data", sources=True), build(replace(untrained("repair").config, gated=True))
    run = run_of(tmp_path / "run", data, begun, ())
    exporting.export(run, tmp_path / "complete.safetensors", data, extent=FEW)
    before, after = (load_model(path).network.state_dict() for path in (run / "model.safetensors", tmp_path / "complete.safetensors"))
    assert any(name.startswith("gate.") for name in after)
    assert all(torch.equal(before[name], value) for name, value in after.items())


@pytest.mark.parametrize(("free", "words"), [(False, "CMU: free for all uses"), (None, "CMU: free for all uses")])
def test_weights_of_data_that_are_not_free_stay_out_of_the_application_s_folder(
    free: bool | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(exporting, "held_out_errors", lambda *_, **__: {})
    data = make_corpus(tmp_path / "data", sources=True, weights_free=free)
    run, models = run_of(tmp_path / "run", data, untrained("lift")), tmp_path / "resources" / "models"
    models.mkdir(parents=True)
    arguments = ["export", str(run), str(models / "lift.safetensors"), "--data", str(data), *CELLS]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert "may not be shipped" in error and words in error and "--allow-non-free" in error
    assert not list(models.iterdir())
    assert main([*arguments, "--allow-non-free"]) == 0
    card = (models / "lift.md").read_text()
    assert "license: other" in card and ("**not to be shipped**" if free is False else "**not known whether they may be shipped**") in card
    assert "--allow-non-free" in card
    assert main(["export", str(run), str(tmp_path / "lift.safetensors"), "--data", str(data)]) == 0, "elsewhere they are the user's own"


@pytest.mark.slow
def test_a_start_that_nobody_recorded_is_not_free_either(tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data", sources=True)
    run = run_of(tmp_path / "run", data, untrained("lift"), history=[], corpora={})
    old = history_of({"recipe": "old"})
    model = load_model(run / "model.safetensors")
    save_model(
        model.network,
        model.facts | as_facts(old.then(Step(TRAINED, "mine", COMMAND, contents_of(data).hash), contents_of(data))),
        run / "model.safetensors",
    )
    (tmp_path / "resources").mkdir()
    with pytest.raises(DataError, match="started from does not record its data"):
        exporting.export(run, tmp_path / "resources" / "lift.safetensors", data, extent=FEW)
    exporting.export(run, tmp_path / "lift.safetensors", data, extent=FEW)
    card = (tmp_path / "lift.md").read_text()
    assert "license: other" in card and "**not known whether they may be shipped**" in card and "# old: a model file" in card
    assert main(["card", str(tmp_path / "lift.safetensors")]) == 0
    assert (tmp_path / "lift.md").read_text() == card, "the file's own history, not the recipe's"
