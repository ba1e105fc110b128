"""`mpm-studio info --propose-map`: which marker is where on the body, found from motion alone. Labels are not used."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import mpm_core as mpm
from mpm_core.body.by_motion.roles import LEAST_SURE, Proposal, propose
from mpm_core.body.map_file import make_map, save_map
from mpm_core.files.staged import staged
from mpm_studio.commands.console import say, show_table


def run(rec: mpm.Recording, save: Path | None, as_json: bool, *, keep_old: bool = False) -> int:
    """Print it, and save it when a file is named; keep_old: one that is there is kept as NAME.bak.

    Returns 0. Raises MappingError when no body is found, and when one that is not sure was to be saved.
    """
    proposal = propose(rec)
    if as_json:
        say(json.dumps(facts(rec, proposal), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _show(rec, proposal)
    if save is not None:
        _save(rec, proposal, save, keep_old=keep_old)
        if not as_json:
            say(f"wrote {save}: check it, then mpm-studio clean IN -o OUT --map {save}")
    return 0


def _show(rec: mpm.Recording, proposal: Proposal) -> None:
    rows = [(rec.points[g.point], g.segment or "-", g.role or "-", f"{g.sure:.2f}") for g in proposal.guesses]
    show_table(("point", "segment", "place", "sure"), rows, left=(0, 1, 2))
    say()
    why = "" if proposal.sure >= LEAST_SURE else ": the take moves too little, so these are guesses by height"
    say(f"the segments are {proposal.sure:.2f} sure (1 at most){why}")
    say(f"front and back, and so left and right, are {'clear' if proposal.facing > 0.5 else 'uncertain'}")


def _save(rec: mpm.Recording, proposal: Proposal, save: Path, *, keep_old: bool) -> None:
    if proposal.sure < LEAST_SURE:
        raise mpm.MappingError(
            f"the map was not saved: it is {proposal.sure:.2f} sure, and {LEAST_SURE} is the least",
            where=rec.source.path,
            hint="give a take with the same labels in which the person moves, or correct it in the window: Repair, Markers by motion",
        )
    segments = {rec.points[guess.point]: guess.segment for guess in proposal.guesses if guess.segment}
    made = make_map(save.name.split(".")[0], proposal.roles(rec.points), segments)
    with staged(save, keep_old=keep_old) as path:
        save_map(path, replace(made, sure={"segments": round(proposal.sure, 2), "facing": round(proposal.facing, 2)}))


def facts(rec: mpm.Recording, proposal: Proposal) -> dict[str, Any]:
    """JSON-able."""
    return {
        "file": rec.source.path,
        "sure": round(proposal.sure, 3),
        "facing": round(proposal.facing, 3),
        "points": [{"name": rec.points[g.point], "segment": g.segment, "place": g.role, "sure": g.sure} for g in proposal.guesses],
    }
