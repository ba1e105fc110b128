"""Docstrings as the site shows them: arguments as a list, errors in a line of their own, examples as code. Used by mkdocs.yml."""

from __future__ import annotations

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^>>> .*(?:\n(?!\n).+)*", re.M)
SENTENCE = r"(?:^|(?<=[.;:] )|(?<=[.;:]\n))"


class Readable(griffe.Extension):
    """In the source a docstring is running text: "method: how to fill. where_FP: fill only here. Raises DataError ...", then an example."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is None:
            return
        text, *examples = re.split(r"(?=^>>> )", obj.docstring.value, maxsplit=1, flags=re.M)
        names = "|".join(re.escape(name) for name in _names(obj))
        if names:
            text = re.sub(rf"{SENTENCE}({names}(?:, (?:{names}))*): ", r"\n\n- **\1**: ", text, flags=re.M)
        text = re.sub(rf"{SENTENCE}Raises ", r"\n\n**Raises** ", text, flags=re.M)
        obj.docstring.value = text + EXAMPLE.sub(lambda example: f"```pycon\n{example[0]}\n```", "".join(examples))


def _names(obj: griffe.Object) -> list[str]:
    """Names of a function's parameters or of a class's fields."""
    if isinstance(obj, griffe.Function):
        return [parameter.name for parameter in obj.parameters]
    return list(obj.attributes) if isinstance(obj, griffe.Class) else []
