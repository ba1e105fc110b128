"""The repository's NOTICE, from the table of known data sets: `python -m mpm_train.notice > NOTICE`."""

from __future__ import annotations

import sys
import textwrap

from mpm_train.data.datasets import DATASETS

TRAINED_ON = {"complete": ("CMU",), "lift": ("CMU", "SNU", "UI-PRMD")}
"""The data sets that each model in resources/models was trained on, by the file's name; their cards say the same."""
MAY_SHIP = {True: "may be shipped", False: "may not be shipped"}


def notice() -> str:
    """The text of NOTICE."""
    text = ["mpm-studio", "", "The code and the sample are under the MIT licence (LICENSE).", ""]
    for model, names in TRAINED_ON.items():
        titles = ", ".join(f"{DATASETS[name].title} ({DATASETS[name].licence})" for name in names)
        text += _wrapped(f"resources/models/{model}.safetensors was trained on: {titles}.") + [""]
    text += _wrapped(
        "Whoever ships weights that were trained on one of these data sets repeats its words below; the model's card, which mpm-train "
        "export writes, has them already. No motion of these data sets is part of this repository."
    )
    for name, known in DATASETS.items():
        text += ["", f"{name}: {known.title}", f"  Licence: {known.licence}; weights trained on it {MAY_SHIP[known.weights_free]}."]
        text += _wrapped(known.acknowledgement, "  ")
    return "\n".join(text) + "\n"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, 120, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    sys.stdout.write(notice())
