"""Model files and their cards. Reads headers only: no torch."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mpm_core.errors import ModelError
from mpm_core.model.header import ModelHeader, read_header
from mpm_core.resources import resource
from mpm_studio.operations.networks import TASKS


def usable(path: Path) -> ModelHeader:
    """The header of a file whose network is for one of TASKS. Raises ModelError."""
    header = read_header(path)
    if header.task not in TASKS:
        raise ModelError(f"this network is for {header.task!r}", where=str(path), hint=f"one for {' or '.join(TASKS.values())} is needed")
    return header


def shipped() -> list[ModelHeader]:
    """The models that came with the program; those that are there."""
    paths = [resource(f"models/{task}.safetensors") for task in TASKS]
    return [read_header(path) for path in paths if path.is_file()]


def same_file(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def title(model: ModelHeader) -> str:
    """The file's name, and the recipe that it was trained by if it is known."""
    recipe = model.facts.get("recipe")
    return f"{model.path.name} ({recipe})" if isinstance(recipe, str) else model.path.name


def card_text(model: ModelHeader) -> str:
    """The card beside the file as Markdown, without its front matter; without a card, what the file says of itself."""
    card = model.path.with_suffix(".md")
    try:
        text = card.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return _facts(model)
    return re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL)


def _facts(model: ModelHeader) -> str:
    lines = [
        f"# {model.path.name}",
        "",
        f"For {TASKS.get(model.task, model.task)}, {model.size / 1e6:.1f} MB. There is no card beside it.",
        "",
    ]
    lines += [f"- **{name}**: {str(value)[:300]}" for name, value in model.facts.items()]
    return "\n".join(lines)
