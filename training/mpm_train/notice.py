"""The repository's NOTICE, from the table of known data sets: `python -m mpm_train.notice > NOTICE`."""

from __future__ import annotations

import sys
import textwrap

from mpm_train.data.datasets import DATASETS

SHIPPED = ("CMU", "SNU", "UI-PRMD")
"""What the models in resources/models learned from; their cards say so too."""
MAY_SHIP = {True: "may be shipped", False: "may not be shipped"}


def notice() -> str:
    """The text of NOTICE."""
    shipped = [f"{DATASETS[name].title} ({DATASETS[name].licence})" for name in SHIPPED]
    text = ["mpm-studio", "", "The code and the sample are under the MIT licence (LICENSE).", ""]
    text += _wrapped(f"The models in resources/models were trained on: {', '.join(shipped)}.") + [""]
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
