"""A recipe: how takes of one set-up are to be read and cleaned, in a file that the window saves and `clean --recipe` reads.

TOML, or JSON where the name ends so:

    recipe = 1
    method = "auto"                 # also: model (a file, from the recipe's folder), donors, only_marked, max_gap (s),
                                    # max_sigma (mm), min_confidence, device, to,
                                    # mark (a list of POINTS:FIRST-LAST, or POINTS:all), suspects (kinds, or "all")
    filter = "butterworth"          # also: cutoff (Hz), window (s), beta, filter_measured
    resample = 60                   # Hz; also: only_measured, frames ("START-END"), rename (["OLD=NEW"]), merge (["A,B"]), keep
    [read]                          # what files do not state: unit, up, zero_is_missing, fps, positions, columns, points, person, image_wh
    unit = "mm"
    [body]                          # body joint = point, where names say nothing
    left_wrist = "LWRA"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import tomli_w

from mpm_core.errors import FormatError, reason
from mpm_core.files.atomic import write_bytes

VERSION = 1
SETTINGS: dict[str, type | tuple[type, ...]] = {
    "method": str,
    "model": str,
    "donors": list,
    "only_marked": bool,
    "max_gap": (int, float),
    "max_sigma": (int, float),
    "min_confidence": (int, float),
    "filter": str,
    "filter_measured": bool,
    "cutoff": (int, float),
    "window": (int, float),
    "beta": (int, float),
    "rename": list,
    "merge": list,
    "keep": str,
    "frames": str,
    "resample": (int, float),
    "only_measured": bool,
    "device": str,
    "to": str,
    "mark": list,
    "suspects": str,
}
READING: dict[str, type | tuple[type, ...]] = {
    "unit": str,
    "up": str,
    "zero_is_missing": bool,
    "fps": (int, float),
    "positions": str,
    "columns": str,
    "points": str,
    "person": str,
    "image_wh": list,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """settings: those of SETTINGS that are given; read: of READING; body: body joint -> point. Model paths are absolute."""

    settings: dict[str, Any] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)
    body: dict[str, str] = field(default_factory=dict)


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises FormatError, with the names that are known, for anything else in it."""
    where = str(path)
    try:
        if path.exists() and not path.is_file():
            raise FormatError("this is not a regular file", where=where, hint="give a recipe that the window saved")
        text = path.read_bytes().decode("utf-8-sig")
        table: Any = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise FormatError(f"the recipe cannot be opened: {error.strerror}", where=where, hint="check the path") from error
    except (ValueError, RecursionError) as error:  # undecodable text, broken JSON and broken TOML
        raise FormatError(f"the recipe is not whole ({reason(error)})", where=where, hint="it must be TOML, or JSON named .json") from error
    if not isinstance(table, dict) or table.pop("recipe", None) != VERSION:
        raise FormatError(f"this is not a recipe that can be read: it must say recipe = {VERSION}", where=where, hint="save it again")
    read, body = table.pop("read", {}), table.pop("body", {})
    settings = _checked(table, SETTINGS, where)
    if "model" in settings:
        settings["model"] = str((path.parent / settings["model"]).absolute())
    if not isinstance(body, dict) or not all(isinstance(point, str) for point in body.values()):
        raise FormatError("[body] must say joint = point", where=where, hint='such as left_wrist = "LWRA"')
    return Recipe(settings, _checked(read, READING, where), body)


def save_recipe(recipe: Recipe, path: Path) -> None:
    """Write a recipe atomically; a model is named from the recipe's folder where it lies below it. Raises FormatError."""
    write_bytes(path, recipe_text(recipe, path).encode())


def recipe_text(recipe: Recipe, path: Path) -> str:
    """What `save_recipe` writes into this file."""
    settings = dict(recipe.settings)
    if "model" in settings:
        model, folder = Path(settings["model"]), path.absolute().parent
        settings["model"] = model.relative_to(folder).as_posix() if model.is_relative_to(folder) else str(model)
    tables = {name: table for name, table in (("read", recipe.read), ("body", recipe.body)) if table}
    if path.suffix.lower() == ".json":
        return json.dumps({"recipe": VERSION, **settings, **tables}, indent=2, ensure_ascii=False) + "\n"
    head = "# How mpm-studio is to clean takes of this kind: mpm-studio clean DIR -o OUTDIR --recipe THIS"
    return f"{head}\n{tomli_w.dumps({'recipe': VERSION, **settings, **tables})}"


def spelled_out(words: Sequence[str]) -> list[str]:
    """A command line with the recipe's settings put in before the options given by hand, which overrule them."""
    files = [word.partition("=")[2] for word in words if word.startswith("--recipe=")]
    files += [after for word, after in pairwise(words) if word == "--recipe"]
    if not files:
        return list(words)
    recipe = load_recipe(Path(files[-1]))
    switches, repeated = ("only_marked", "filter_measured", "only_measured"), ("rename", "merge", "mark")
    given: list[str] = []
    for name, value in {**recipe.settings, **recipe.read}.items():
        option = f"--{name.replace('_', '-')}"
        if name in switches:
            given += [option] if value else []
        elif name in repeated:
            given += [f"{option}={each}" for each in value]
        elif name == "image_wh":
            given += [f"--size={'x'.join(map(str, value))}"]
        elif isinstance(value, bool):
            given += [option, "yes" if value else "no"]
        else:
            given += [f"{option}={','.join(value) if isinstance(value, list) else value}"]
    return [words[0], *given, *words[1:]]


def _checked(table: Any, known: Mapping[str, type | tuple[type, ...]], where: str) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise FormatError("[read] must be a table", where=where, hint=f"known in it: {', '.join(known)}")
    for name, value in table.items():
        if name not in known:
            raise FormatError(f"the recipe says {name!r}, which is not known here", where=where, hint=f"known: {', '.join(known)}")
        right = isinstance(value, known[name]) and (isinstance(value, bool) == (known[name] is bool))
        of = int if name == "image_wh" else str
        if not right or (isinstance(value, list) and not all(isinstance(each, of) for each in value)):
            raise FormatError(f"{name} = {value!r} is of the wrong kind", where=where, hint="see docs/batch.md")
    return dict(table)
