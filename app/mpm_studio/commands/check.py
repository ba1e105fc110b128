"""`mpm-studio check`: what looks wrong in a take, and how to mark it. Nothing is changed."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import mpm_core as mpm
from mpm_core.gaps import range_text
from mpm_core.spans import CHECKED
from mpm_core.suspect.causes import Cause, causes
from mpm_core.suspect.find import find_suspects
from mpm_core.suspect.kinds import KINDS, Suspect
from mpm_studio.commands.arguments import Check
from mpm_studio.commands.console import progress_bar, say, show_table
from mpm_studio.operations.mapping import kept_overrides

MOST_NAMES = 3  # that a row of the table lists; places, too


def run(args: Check) -> int:
    """List it. Returns 0, whatever was found."""
    kinds = tuple(kind.strip() for kind in args.kinds.split(",") if kind.strip()) or tuple(KINDS)
    rec = mpm.read(args.input, **args.options())
    model = None
    if args.use_model or args.model is not None:
        from mpm_core.model.checkpoint import choose_model

        model = choose_model("complete", args.model, args.device)
    overrides, name = kept_overrides(rec)
    if overrides and not args.json:
        say(f"body by the saved map {name!r}")
    with progress_bar() as progress:
        found = find_suspects(rec, kinds, overrides=overrides or None, model=model, progress=progress)
    by_cause = causes(rec, found)
    number = {each: place + 1 for place, cause in enumerate(by_cause) for each in cause.suspects}
    suspects = [{**describe(rec, each), "cause": number[each]} for each in found]
    first = rec.source.first_frame
    dismissed = [
        {"what": span.name, "points": list(span.points), "first_frame": span.start + first, "last_frame": span.stop - 1 + first}
        for span in rec.spans
        if span.source == CHECKED
    ]
    facts = {"file": rec.source.path, "kinds": list(kinds), "suspects": suspects, "dismissed": dismissed}
    if args.json:
        say(json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _show(rec, found, by_cause)
        if dismissed:
            say(f"dismissed in the window, and not listed: {len(dismissed)}")
    return 0


def describe(rec: mpm.Recording, suspect: Suspect) -> dict[str, Any]:
    """JSON-able facts; frames are those the file counts, both ends included. mark, swap, merge: what `clean` takes to act on it."""
    first = rec.source.first_frame
    names, frames = [rec.points[point] for point in suspect.points], f"{suspect.start + first}-{suspect.stop - 1 + first}"
    facts: dict[str, Any] = {
        "kind": suspect.kind,
        "points": names,
        "first_frame": suspect.start + first,
        "last_frame": suspect.stop - 1 + first,
        "score": round(suspect.score, 2),
        "why": suspect.why,
    }
    facts |= {"merge": ",".join(names)} if suspect.piece else {"mark": f"{','.join(names)}:{frames}"}
    if len(names) == 2 and suspect.kind in ("swap", "ghost"):
        facts["swap"] = f"{','.join(names)}:{frames}"
    return facts


def _names(points: list[str]) -> str:
    """Some names; of many, the first and how many there are besides: all of them are in the JSON."""
    return ", ".join(points) if len(points) <= MOST_NAMES else f"{points[0]} and {len(points) - 1} more"


def _frames(rec: mpm.Recording, cause: Cause) -> str:
    """The frames of the worst places, as the file counts them; of many, how many there are besides."""
    texts = [range_text(each.start, each.stop, rec.source.first_frame) for each in cause.suspects]
    return ", ".join(texts[:MOST_NAMES]) + (f" and {len(texts) - MOST_NAMES} more" if len(texts) > MOST_NAMES else "")


def _show(rec: mpm.Recording, found: list[Suspect], by_cause: list[Cause]) -> None:
    if not found:
        say("nothing looks wrong")
        return
    rows = []
    for cause in by_cause:
        names = _names([rec.points[point] for point in cause.points])
        rows.append((cause.worst.kind, names, _frames(rec, cause), f"{cause.worst.score:.1f}", cause.why))
    show_table(("kind", "points", "frames", "score", "why"), rows, left=(0, 1, 4))
    counts = Counter(each.kind for each in found)
    say()
    grouped = f", of {len(by_cause)} causes" if len(by_cause) < len(found) else ""
    listed = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    say(f"{len(found)} {'looks' if len(found) == 1 else 'look'} wrong: {listed}{grouped}")
    say(
        "mark what is wrong: mpm-studio clean IN -o OUT --mark POINTS:START-END; exchange labels back: --swap A,B:START-END; "
        "join the pieces of a marker: --merge A,B; exchange labels back where that is certain, and mark all the rest: --suspects all"
    )
