"""One picture of every skeleton of a corpus, from the front and from the side, to look at: python -m mpm_train.data.pictures CORPUS OUT."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from mpm_core.body.joints import body17
from mpm_core.errors import DataError, MpmError, reason
from mpm_core.files.atomic import write_bytes
from mpm_core.typing import Float
from mpm_train.data.corpus import HINT, load_corpus
from mpm_train.data.skeletons import skeletons_of

ROWS, COLUMNS = 4, 5  # skeletons on a page
COLOURS = {"left": "tab:red", "right": "tab:blue"}


def draw(corpus: Path, out: Path) -> list[Path]:
    """Pages of skeletons in the most upright frame of their first take; takes whose bones change their length are drawn for each subject.

    Returns the files. Raises DataError when the folder holds no corpus or no report of its making.
    """
    joints_NJ3, clips = load_corpus(corpus)
    try:
        takes: list[dict[str, Any]] = json.loads((corpus / "prepare.json").read_text(encoding="utf-8"))["takes"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"there is no report here ({reason(error)})", where=str(corpus), hint=HINT) from error
    kept = [take for take in takes if not take["error"] and take["kept"]]
    rigs = {one.example: _people(one.people) for one in skeletons_of(kept)}
    on_a_rig = {subject for one in skeletons_of(kept) for people in one.people.values() for subject in people}
    for take in kept:
        if take["subject"] not in on_a_rig:
            rigs.setdefault(take["key"], take["subject"])
            on_a_rig.add(take["subject"])
    by_key = {take["key"]: take for take in kept}
    first, at_clip = {}, 0  # the clips lie in the order of the takes
    for take in takes:
        first[take["key"]] = at_clip
        at_clip += len(take["clips"])
    out.mkdir(parents=True, exist_ok=True)
    pages: list[Path] = []
    keys = list(rigs)
    for page in range(0, len(keys), ROWS * COLUMNS):
        figure = Figure(figsize=(4 * COLUMNS, 4 * ROWS), dpi=60)
        for at, key in enumerate(keys[page : page + ROWS * COLUMNS]):
            take = by_key[key]
            clip = clips[first[key]]
            axes = figure.add_subplot(ROWS, COLUMNS, at + 1)
            _skeleton(axes, np.asarray(joints_NJ3[clip.start : clip.stop], np.float64))
            axes.set_title(f"{rigs[key]}\n{take['place'][-48:]}", fontsize=8)
        picture = io.BytesIO()
        figure.savefig(picture, format="png")
        pages.append(out / f"skeletons-{len(pages):02d}.png")
        write_bytes(pages[-1], picture.getvalue())
    return pages


def _skeleton(axes: Axes, xyz_FJ3: Float) -> None:
    """The most upright frame, from the front (left) and from the person's left side (right), in metres."""
    names = body17().names
    frame = int(np.argmax(xyz_FJ3[:, names.index("head_top"), 2] - xyz_FJ3[:, :, 2].min(axis=1)))
    pose_J3 = xyz_FJ3[frame] - xyz_FJ3[frame, 0]
    across_3 = (pose_J3[names.index("left_hip")] - pose_J3[names.index("right_hip")]) * [1, 1, 0]
    across_3 = across_3 / max(float(np.linalg.norm(across_3)), 1e-9)
    forward_3 = np.array([across_3[1], -across_3[0], 0.0])  # left is +90 degrees from forward
    lines, colours = [], []
    for shift, axis_3 in ((0.0, across_3), (1.3, forward_3)):
        uv_J2 = np.stack([pose_J3 @ axis_3 + shift, pose_J3[:, 2]], axis=1)
        lines += [uv_J2[[a, b]] for a, b in body17().bones]
        colours += [COLOURS.get(names[b].partition("_")[0], "black") for _, b in body17().bones]
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=2))
    axes.autoscale_view()
    axes.set_aspect("equal")
    axes.grid(alpha=0.3)


def _people(people: dict[str, set[str]]) -> str:
    names = sorted({subject for some in people.values() for subject in some})
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def main(arguments: list[str]) -> int:
    """Exit codes: 0 done, 1 an error, 2 usage."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m mpm_train.data.pictures CORPUS OUT\n")
        return 2
    try:
        pages = draw(Path(arguments[0]), Path(arguments[1]))
    except MpmError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{page}\n" for page in pages))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
