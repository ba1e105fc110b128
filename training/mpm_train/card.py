"""Model cards: all that they say is derived from a model file's facts and from the tables that were measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from mpm_train.data.contents import Contents, Part
from mpm_train.held_out import Errors
from mpm_train.history import TRAINED, UNRECORDED, History, Step, all_free, weights_free
from mpm_train.hub import front_matter
from mpm_train.people import acknowledgements, by_source, roles
from mpm_train.tables.write import markdown

TITLES = {"complete": "completion of partial 3D joints", "lift": "lifting of 2D keypoints to 3D joints"}
ALLOWED = {True: "yes", False: "no", None: "nobody says"}
UNKNOWN = "not recorded"
HASH = 12  # digits of a hash that are shown


@dataclass(frozen=True, slots=True)
class CardOf:
    """What a card is about. kind: complete or lift. facts: of the model file. history: the file's own or, of a file without one, what the
    recipes say (by_recipe). prepared: commands that make the corpora that history does not hold. errors: tables by split."""

    kind: str
    parameters: int
    facts: dict[str, Any]
    history: History
    by_recipe: bool
    prepared: tuple[str, ...]
    errors: Errors


def card(one: CardOf) -> str:
    """The card as Markdown, with the front matter of the Hugging Face Hub."""
    sections = [
        front_matter(
            one.kind,
            TITLES[one.kind],
            one.history.learned_from(),
            {split: _sources(one.history, split) for split in one.errors},
            free_of(one),
            one.errors,
        ),
        f"# Model card: {one.kind}\n\n" + "\n".join(head(one)),
        "## Data\n\n" + "\n".join(data_lines(one)),
        "## People\n\n" + "\n".join(people_lines(one.history, calibrated="calibration" in one.facts)),
        "## How it was made\n\n" + "\n".join(made_lines(one)),
        "## Acknowledgements\n\n" + "\n".join(f"- {line}" for line in acknowledgements(one.history)),
        *(
            f"## Held-out error, {split} split: {_sources(one.history, split)}\n\n" + "\n".join(map(markdown, some))
            for split, some in one.errors.items()
        ),
        "## Settings\n\nOf the last run:\n\n```json\n" + json.dumps(one.facts.get("training", {}), indent=1, sort_keys=True) + "\n```",
    ]
    return "\n\n".join(section.rstrip() for section in sections) + "\n"


def free_of(one: CardOf) -> bool | None:
    """Whether the weights may be shipped; of a history by recipe, as far as its corpus says."""
    return all_free(one.history.learned_from()) if one.by_recipe else weights_free(one.history)


def head(one: CardOf) -> list[str]:
    """The card's first lines: task, network, whether the weights may be shipped, and what is not recorded of their making."""
    free = free_of(one)
    terms = {
        True: "under the MIT licence; all the data that they were learned from or chosen with allow shipping them",
        False: f"**not to be shipped**: {_unfree(one.history)}",
        None: f"**not known whether they may be shipped**: {_unfree(one.history) or 'the data of an earlier step are not recorded'}",
    }
    lines = [
        f"- **Task**: {TITLES[one.kind]}, 17 body joints (Human3.6M order)",
        f"- **Network**: after MPM (arXiv 2306.17201), {one.parameters:,} parameters, weights in half precision",
        f"- **Weights**: {terms[free]}",
    ]
    if one.by_recipe:
        stated = one.facts.get("data", UNKNOWN)
        lines.append(
            "- **Not recorded**: this file was written before runs recorded their history. It holds its settings, its best step "
            f"({one.facts.get('step', UNKNOWN)}) and the words “{stated}”. It does not hold the corpus, the commands, the hours, the "
            "commit, the versions or the device. Below, the commands are those of the recipe whose settings the file holds, and the data "
            "are those of a corpus that was prepared again from the folders which the recipe names."
        )
    by_recipe = [step.name for step in one.history.steps if step.kind == TRAINED and not step.versions]
    if by_recipe and not one.by_recipe:
        lines.append(
            f"- **Not recorded**: {', '.join(by_recipe)} ran before runs recorded their history. Below, their commands are those of the "
            "recipes, and the corpus of the last of them was prepared again from the folders which the recipe names."
        )
    return lines


def data_lines(one: CardOf) -> list[str]:
    """A table for each corpus."""
    lines = []
    for contents in one.history.corpora.values():
        lines += [f"{'Corpus, prepared again,' if one.by_recipe else 'Corpus'} `{contents.hash[:HASH]}`: {_made(contents)}", ""]
        lines += ["| source | licence | weights may be shipped | split | people | clips | minutes |", "|---|---|---|---|---|---|---|"]
        lines += [f"| {' | '.join(_row(part))} |" for part in contents.parts]
        lines.append("")
    shares = [f"{step.name} used {step.data_share:g} of the training clips." for step in one.history.steps if step.data_share < 1]
    return [*lines, *shares]


def people_lines(history: History, *, calibrated: bool) -> list[str]:
    """Who was trained on, who chose the weights, and who was never seen."""
    found, chose = roles(history), f"they chose the weights{' and calibrated sigma' if calibrated else ''}"
    lines = ["A person is a subject of the data set or, where it names none, the folder of the takes.", ""]
    lines += [
        f"- **Poses learned from**: {by_source(found.poses)}",
        f"- **Held out for validation** ({chose}): {by_source(found.validation)}",
        f"- **Test only** (nothing was learned from them or chosen by them): {by_source(found.test)}",
    ]
    if found.gate:
        why = "the gate, or sigma, was fitted to errors on them in a step that did not learn their poses"
        lines.append(f"- **Errors learned from** ({why}): {by_source(found.gate)}")
    if found.both:
        why = "in different steps, or other takes of them in one, so that errors on them are not those on new people"
        lines.append(f"- **Both learned from and held out** ({why}): {by_source(found.both)}")
    unknown = [step.name for step in history.steps if step.kind == UNRECORDED]
    lines += [f"- **Not known**: whom {name} learned from; they may be among those who were held out later" for name in unknown]
    return lines


def made_lines(one: CardOf) -> list[str]:
    """Every command in order, then what each run took."""
    known = [] if one.by_recipe else [contents.made.command for contents in one.history.corpora.values() if contents.made]
    made = [step.command or f"# {step.name}: a model file that records nothing of its making" for step in one.history.steps]
    commands = dict.fromkeys([*one.prepared, *known, *made])
    lines = ["```", *commands, "```", ""]
    lines += [
        "| step | corpus | steps | kept | hours | starts | processes | device | commit | versions |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for step in one.history.steps:
        if step.kind == TRAINED:
            steps, best = (f"{count:,}" if count else UNKNOWN for count in (step.steps, step.best))
            lines.append(f"| {step.name} | {step.corpus[:HASH] or UNKNOWN} | {steps} | {best} | {' | '.join(_took(step))} |")
        else:
            lines.append(f"| {step.name}, {step.kind} | {step.corpus[:HASH] or UNKNOWN} | - | - | {' | '.join(_took(step))} |")
    started = [f"- {step.name} {step.started_from.line()}" for step in one.history.steps if step.started_from]
    return [*lines, *(["", *started] if started else [])]


def tested(history: History) -> tuple[Part, ...]:
    """The test splits of every corpus, each part once."""
    return tuple(dict.fromkeys(part for contents in history.corpora.values() for part in contents.of_split("test")))


def _row(part: Part) -> tuple[str, ...]:
    allowed = ALLOWED[part.weights_free]
    return part.source, part.licence, allowed, part.split, str(len(part.people)), str(part.clips), f"{part.minutes:.1f}"


def _took(step: Step) -> tuple[str, ...]:
    if not step.versions:
        return (UNKNOWN,) * 6
    run = (f"{step.hours:g}", str(step.sittings), str(step.processes), step.device) if step.kind == TRAINED else ("-",) * 4
    return *run, ", ".join(map(_short, step.commits)) or UNKNOWN, _versions(step.versions)


def _short(commit: str) -> str:
    """A commit with fewer digits, and the note on changes if it has one."""
    digits, _, note = commit.partition(" ")
    return f"{digits[:HASH]} {note}".strip()


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))


def _made(contents: Contents) -> str:
    if contents.made is None:
        return "what made it is not recorded"
    return f"`{contents.made.command}` (commit {_short(contents.made.commit) or UNKNOWN}; {_versions(contents.made.versions)})"


def _unfree(history: History) -> str:
    return "; ".join(dict.fromkeys(f"{part.source} ({part.licence})" for part in history.learned_from() if not part.weights_free))


def _sources(history: History, split: str) -> str:
    measured = history.corpora.get(history.steps[-1].corpus) if history.steps else None
    parts = () if measured is None else measured.of_split(split)
    return ", ".join(dict.fromkeys(part.source for part in parts)) or UNKNOWN
