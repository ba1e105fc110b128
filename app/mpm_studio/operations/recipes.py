"""A recipe made from a document's history: how the take was read, marked and filled, for other takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mpm_core.edit.patch import Edit
from mpm_core.edit.request import Request
from mpm_core.fill.keep.limits import Limits
from mpm_core.recording import Recording
from mpm_core.suspect.dismissed import DISMISS
from mpm_studio.clean_recipe import Recipe
from mpm_studio.operations.completing import limit_settings
from mpm_studio.operations.networks import Networks
from mpm_studio.operations.suspects import REPAIR_SUSPECTS

RESHAPES = ("rename", "merge", "resample")


@dataclass(frozen=True, slots=True)
class RecipeStep:
    """A step as a recipe sees it. mark: 'POINTS:FIRST-LAST' of a mark, '' of other steps. words: settings that it adds to the recipe.

    why_not: it cannot be done to other takes. usual: without a choice of the user's it is part of the recipe.
    """

    title: str
    mark: str = ""
    words: tuple[tuple[str, Any], ...] = ()
    why_not: str = ""
    usual: bool = True


def recipe_steps(done: Sequence[Edit], rec: Recording) -> list[RecipeStep]:
    """What of a history a recipe can hold. done: as `Document.done`.

    Marks of the whole take are usual; others name frames of this take. A mark that was taken back later is left out.
    """
    requests = _later_named(done)
    found = [_step(title, each, rec) for title, each in requests]
    taken_back = {_place(each, rec) for _, each in requests if each.action in ("unmark", "restore")}
    return [step for step in found if not (step.mark and step.mark in taken_back)]


def make_recipe(
    done: Sequence[Edit],
    rec: Recording,
    chosen: Collection[RecipeStep],
    *,
    method: str,
    limits: Limits,
    networks: Networks,
    reading: Mapping[str, Any],
    body: Mapping[str, str],
) -> Recipe:
    """The recipe of the chosen steps of a history. method, limits: those to use where nothing was filled yet.

    Method, donors and limits are those of the last fill of everything, else of the last fill of something. reading: the keywords of
    `mpm_core.read` that the user gave; body: body joint -> point.
    """
    fills = [each for _, each in _later_named(done) if each.action == "fill"]
    whole = [each for each in fills if "points" not in each.settings] or fills
    last: Mapping[str, Any] = whole[-1].settings if whole else {"method": method, **limit_settings(limits)}
    settings: dict[str, Any] = {"method": str(last.get("method", method)), "device": networks.device}
    settings |= {name: float(last[name]) for name in ("max_gap", "max_sigma") if name in last}
    if last.get("donors"):
        settings["donors"] = [str(name) for name in last["donors"]]
    if networks.complete is not None:
        settings["model"] = str(networks.complete.absolute())
    for step in recipe_steps(done, rec):
        if step in chosen:
            for name, value in (*step.words, *([("mark", [step.mark])] if step.mark else [])):
                settings[name] = list(dict.fromkeys([*settings.get(name, []), *value])) if isinstance(value, list) else value
    if "suspects" in settings:
        settings["suspects"] = ",".join(settings["suspects"])
    return Recipe(settings, {name: value for name, value in reading.items() if value is not None}, dict(body))


def _step(title: str, request: Request, rec: Recording) -> RecipeStep:
    if request.action == "fill":
        return RecipeStep(title)
    if request.action == "mark":
        place = _place(request, rec)
        return RecipeStep(title, place, usual=place.endswith(":all"))
    if request.action == REPAIR_SUSPECTS:
        return RecipeStep(title, words=(("suspects", list(request.settings["kinds"])),), usual=False)
    if request.action in ("unmark", "restore"):
        return RecipeStep(title, why_not="takes a mark of this take back")
    if request.action == DISMISS:
        return RecipeStep(title, why_not="is right in this take only: in others the recipe marks what looks so", usual=False)
    if request.action == "trim":
        return RecipeStep(title, words=(("frames", "-".join(map(str, request.settings["frames"]))),), usual=False)
    if request.action in RESHAPES or (request.action == "filter" and "part" not in request.settings):
        return RecipeStep(title, words=tuple(request.settings.items()))
    return RecipeStep(title, why_not="belongs to this take: a recipe reshapes, marks, fills and filters whole takes", usual=False)


def _later_named(done: Sequence[Edit]) -> list[tuple[str, Request]]:
    """Each request and its edit's label, with the names that its points got later: a recipe renames first of all."""
    found: list[tuple[str, Request]] = []
    later: dict[str, str] = {}
    for label, request in reversed([(edit.label, each) for edit in done for each in edit.requests or (Request(""),)]):
        if request.action == "rename":
            found.append((label, request))
            now = dict(str(text).split("=", 1) for text in request.settings.get("rename", []))
            kept = {name: to for name, to in later.items() if name not in now.values()}
            later = kept | {old: later.get(new, new) for old, new in now.items()}
            continue
        given = request.settings
        named = {key: [later.get(str(name), name) for name in given[key]] for key in ("points", "donors") if key in given}
        found.append((label, Request(request.action, {**given, **named})))
    return found[::-1]


def _place(request: Request, rec: Recording) -> str:
    """Points and frames as `clean --mark` takes them: 'LFHD,RFHD:3-9', or 'LFHD:all' for every frame."""
    points, frames = request.settings.get("points", []), request.settings.get("frames", [])
    first = rec.source.first_frame
    if len(points) == len(rec.points):
        points = ["all"]
    whole = list(frames) == [first, first + rec.frames - 1]
    return f"{','.join(map(str, points))}:{'all' if whole else '-'.join(map(str, frames))}"
