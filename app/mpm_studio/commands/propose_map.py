"""`mpm-studio info --propose-map`: which marker is where on the body, found from motion alone. Labels are not used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mpm_core as mpm
from mpm_core.body.by_motion.roles import Proposal, propose
from mpm_core.body.map_file import make_map, save_map
from mpm_core.files.staged import staged
from mpm_studio.commands.console import say, show_table


def run(rec: mpm.Recording, save: Path | None, as_json: bool, *, keep_old: bool = False) -> int:
    """Print it, and save it when a file is named; keep_old: one that is there is kept as NAME.bak.

    Returns 0. Raises MappingError when no body is found.
    """
    proposal = propose(rec)
    if save is not None:
        segments = {rec.points[guess.point]: guess.segment for guess in proposal.guesses if guess.segment}
        with staged(save, keep_old=keep_old) as path:
            save_map(path, make_map(save.name.split(".")[0], proposal.roles(rec.points), segments))
    if as_json:
        say(json.dumps(facts(rec, proposal), indent=2, ensure_ascii=False, allow_nan=False))
        return 0
    rows = [(rec.points[g.point], g.segment or "-", g.role or "-", f"{g.sure:.2f}") for g in proposal.guesses]
    show_table(("point", "segment", "place", "sure"), rows, left=(0, 1, 2))
    say()
    say(f"front and back, and so left and right, are {'clear' if proposal.facing > 0.5 else 'uncertain'}")
    if save is not None:
        say(f"wrote {save}: check it, then mpm-studio clean IN -o OUT --map {save}")
    return 0


def facts(rec: mpm.Recording, proposal: Proposal) -> dict[str, Any]:
    """JSON-able."""
    return {
        "file": rec.source.path,
        "facing": round(proposal.facing, 3),
        "points": [{"name": rec.points[g.point], "segment": g.segment, "place": g.role, "sure": g.sure} for g in proposal.guesses],
    }
