"""Cards say what the facts say: who, under which terms, by which commands; and plainly what older files do not record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from mpm_core.errors import DataError
from mpm_core.resources import resource
from mpm_train import notice
from mpm_train.card import CardOf, card
from mpm_train.data.contents import Contents, Part
from mpm_train.data.datasets import DATASETS
from mpm_train.export import card_again
from mpm_train.history import EXPORTED, TRAINED, UNRECORDED, History, Step, as_facts, history_of, weights_free
from mpm_train.people import roles
from mpm_train.provenance import MadeBy, commit, versions
from mpm_train.recipes import RECIPES
from mpm_train.recipes.chain import history_by_recipe, prepare_commands, with_recipes
from mpm_train.tables.write import Table

ROOT = Path(__file__).parents[2]
FREE = Part("CMU", "free for all uses", True, "train", ("001", "002", "003"), 5, 9.0)
HELD = Part("CMU", "free for all uses", True, "validation", ("005",), 2, 1.0)
TEST = Part("HDM05", "CC-BY-SA-3.0", False, "test", ("hdm05-bd",), 3, 2.0)
BOUND = Part("club", "CC-BY-NC-4.0", False, "train", ("ann",), 1, 1.0)
FIRST = Contents("a" * 64, MadeBy("mpm-train prepare DATA/cmu", "c" * 40, {"python": "3.11"}), (FREE, HELD, TEST))
OTHER = Contents("b" * 64, MadeBy("mpm-train prepare DATA/club", "", {}), (BOUND, HELD))


AGAIN = replace(FIRST, hash="b" * 64)


def trained(name: str, contents: Contents, gate_subjects: tuple[str, ...] = ()) -> Step:
    return Step(
        TRAINED, name, f"mpm-train finetune {name}", contents.hash, gate_subjects, steps=100, best=80, hours=0.5, versions={"numpy": "2"}
    )


def about(history: History) -> str:
    summary = Table("gaps_summary", "Mean error", {"gap s": None, "auto": 1}, ((0.5, 12.345), (1.0, None)))
    return card(CardOf("complete", 10, {"training": {"lr": 1}}, history, False, (), {"validation": [summary]}))


def test_a_run_on_a_model_of_before_has_the_commands_of_its_recipes() -> None:
    """The step that is not recorded becomes those of the recipe; weights may be shipped as far as both corpora say."""
    history = History((Step(UNRECORDED, "studio-lift-world"),)).then(trained("one", AGAIN), AGAIN)
    known = with_recipes(history, FIRST)
    assert [step.name for step in known.steps][-2:] == ["studio-lift-world", "one"] and known.recorded
    assert [step.corpus for step in known.steps][-2:] == [FIRST.hash, AGAIN.hash] and list(known.corpora) == [FIRST.hash, AGAIN.hash]
    assert weights_free(history) is None and weights_free(known) is True
    text = about(known)
    assert "studio-lift-limbs, studio-lift-ground, studio-lift-world ran before runs recorded their history" in text
    assert "mpm-train finetune studio-lift-limbs" in text


def test_data_that_only_test_decide_nothing() -> None:
    history = History().then(trained("one", FIRST), FIRST)
    assert weights_free(history) is True
    assert weights_free(history.then(trained("two", OTHER), OTHER)) is False
    assert weights_free(History((Step(UNRECORDED, "old"),)).then(trained("one", FIRST), FIRST)) is None


def test_people_by_what_they_were_used_for() -> None:
    history = History().then(trained("one", FIRST, ("002",)), FIRST).then(Step(EXPORTED, "one", "", FIRST.hash, ("002",)), FIRST)
    found = roles(history)
    assert found.poses == {("CMU", "001"), ("CMU", "003")} and found.gate == {("CMU", "002")}
    assert (found.validation, found.test, found.both) == ({("CMU", "005")}, {("HDM05", "hdm05-bd")}, frozenset())
    leaky = Contents("d" * 64, None, (Part("CMU", "free for all uses", True, "train", ("005",), 1, 1.0), HELD))
    assert roles(history.then(trained("two", leaky), leaky)).both == {("CMU", "005")}


def test_an_unknown_beginning_is_said() -> None:
    text = about(History((Step(UNRECORDED, "old"),)).then(trained("one", FIRST), FIRST))
    assert "**Not known**: whom old learned from" in text
    assert "# old: a model file that records nothing of its making" in text
    assert "**not known whether they may be shipped**: the data of an earlier step are not recorded" in text


def test_the_card_of_a_chain_names_every_command_and_corpus() -> None:
    history = History().then(trained("one", FIRST), FIRST).then(trained("two", OTHER), OTHER)
    text = about(history)
    commands = text.split("```")[1].strip().splitlines()
    assert commands == ["mpm-train prepare DATA/cmu", "mpm-train prepare DATA/club", "mpm-train finetune one", "mpm-train finetune two"]
    assert "| club | CC-BY-NC-4.0 | no | train | 1 | 1 | 1.0 |" in text
    assert "**not to be shipped**: club (CC-BY-NC-4.0)" in text
    assert "| two | bbbbbbbbbbbb | 100 | 80 | 0.5 |" in text
    assert f"- CMU: {DATASETS['CMU'].acknowledgement}" in text and "- club: none known" in text
    assert "Not recorded" not in text


def test_the_front_matter_is_the_hub_s() -> None:
    data = ModelCard(about(History().then(trained("one", FIRST), FIRST))).data
    assert (data.license, data.library_name, data.datasets, data.metrics) == ("mit", "mpm-studio", ["cmu"], ["mpjpe"])
    (result,) = data.eval_results or []
    assert (result.metric_value, result.dataset_name, result.dataset_split) == (12.35, "CMU", "validation") or result.metric_value == 12.34


def test_a_history_survives_a_model_file() -> None:
    history = History((Step(UNRECORDED, "old"),)).then(trained("one", FIRST), FIRST)
    history = history.then(trained("two", OTHER), OTHER).then(trained("three", FIRST), FIRST)
    again = history_of(json.loads(json.dumps(as_facts(history), sort_keys=True)))
    assert again == history and list(again.corpora) == list(history.corpora)


def test_what_the_recipes_say_of_an_older_file() -> None:
    config = RECIPES["studio-repair-everybody"]()
    history = history_by_recipe(config, "resources/models/complete.safetensors", FIRST)
    assert [step.command.split()[2] for step in history.steps if step.kind == TRAINED] == [
        "studio-repair",
        "studio-repair-tilted",
        "studio-repair-riding",
        "studio-repair-varied",
        "studio-repair-short",
        "studio-repair-low",
        "studio-repair-more",
        "studio-repair-everybody",
    ]
    own = "--data runs/corpus-studio-repair-everybody"
    assert [step.command for step in history.steps[-3:]] == [
        "mpm-train export runs/studio-repair-more runs/studio-repair-more/exported.safetensors",
        f"mpm-train finetune studio-repair-everybody {own}",
        f"mpm-train export runs/studio-repair-everybody resources/models/complete.safetensors {own}",
    ]
    assert history.steps[-3].gate_subjects and not history.steps[-1].gate_subjects, "its gate is of the run before"
    assert [command.split()[-1] for command in prepare_commands(config)] == ["DATA/hdm05", own.split()[1]]
    text = card(CardOf("complete", 10, {"data": "some words", "step": 3}, history, True, tuple(prepare_commands(config)), {}))
    assert "- **Not recorded**" in text and "“some words”" in text and "Corpus, prepared again," in text
    assert "| studio-repair | not recorded | 14,000 | not recorded | not recorded |" in text


def test_an_older_file_needs_a_corpus() -> None:
    with pytest.raises(DataError, match="does not record what its card says"):
        card_again(resource("models/complete.safetensors"), None)


def test_the_cards_that_ship_say_what_notice_says() -> None:
    """Each model's card names the very data sets that NOTICE names for it: no more, no fewer, and those of every file that ships."""
    cards = {path.stem: ModelCard(path.read_text(encoding="utf-8")).data for path in resource("models").glob("*.md")}
    assert {name: data.datasets for name, data in cards.items()} == {
        name: [source.lower() for source in sources] for name, sources in notice.TRAINED_ON.items()
    }
    assert {path.stem for path in resource("models").glob("*.safetensors")} == set(cards)
    assert {data.license for data in cards.values()} == {"mit"}


def test_notice_is_the_table_s() -> None:
    assert (ROOT / "NOTICE").read_text(encoding="utf-8") == notice.notice()
    assert all(known.title in notice.notice() for known in DATASETS.values())
    words = " ".join(notice.notice().split())
    completed, lifted = (
        words.split(f"resources/models/{name}.safetensors was trained on: ")[1].split(". ")[0] for name in ("complete", "lift")
    )
    assert DATASETS["CMU"].title in completed and DATASETS["UI-PRMD"].title not in completed
    assert all(DATASETS[name].title in lifted for name in ("CMU", "SNU", "UI-PRMD"))


def test_code_and_versions() -> None:
    assert set(versions()) >= {"python", "torch", "numpy"}
    assert commit() == "" or len(commit().partition(" ")[0]) == 40
