"""Hints of the core that name command-line options, translated to the window's fields and menu entries."""

from __future__ import annotations

import re

from mpm_core.errors import MpmError

READ = "File, Open with options"
FIELDS = {
    "columns": ("Columns", READ),
    "fps": ("Frames a second", READ),
    "person": ("Person", READ),
    "points": ("Points", READ),
    "positions": ("Position channels", READ),
    "size": ("Picture", READ),
    "unit": ("Unit", READ),
    "up": ("Up", READ),
    "zero-is-missing": ("0, 0, 0 is", READ),
    "device": ("Device", "File, Settings"),
    "model": ("the model", "File, Models"),
}
"""For each option the name of its field, and where that is."""
PHRASES = (
    (r"`info --propose-map`, then --map; in the window ", ""),
    (r"`info --propose-map` finds", "Repair, Markers by motion finds"),
    (r"that info --save-map or the window wrote", "that the window wrote"),
    (r"; `info` lists them", ""),
    (r"; if the person sits, say --seated", ""),  # the panel of the lift asks it
    (r"`check` and `info` may tell", "Repair, Look for bad data may tell"),
    (r"`mpm-studio clean` repairs a folder", "File, Clean other takes repairs a folder"),
    (r"fill its gaps instead: `mpm-studio clean`", "fill its gaps instead: Repair, Complete"),
    (r"`mpm-studio lift`, or Ctrl\+L in the window", "Repair, Lift to 3D"),
    (r", or --force, which keeps the old file beside it as NAME\.bak", ""),
    (r"--person \S+ reads them", "File, Choose the person reads them"),
    (r"--person 1\+2, with the right numbers, joins them", "File, Choose the person joins those that are selected"),
    (r"join with --person only those", "join in File, Choose the person only those"),
    (r"--points NAME, or --points \S+ \(in the window: Open with options\)", f"Points in {READ}"),
    (r"--points (\S+) reads them", rf"\1 under Points in {READ} reads them"),
    (r"--zero-is-missing no", "0, 0, 0 is measured"),
    (r"--as-body makes one", "As a skeleton in File, Export makes one"),
    (r"train one with mpm-train, or leave --model out", "choose another in File, Models"),
    (r" --size WxH", f" Picture in {READ}"),
)
"""Texts in which more than the option changes, and what the window says instead."""


def in_window(text: str) -> str:
    """A message or note with menu entries and fields in place of the commands' options; the last of a place says where it is.

    >>> in_window("say it with --columns, such as 'C7=6-8'")
    "say it with Columns (File, Open with options), such as 'C7=6-8'"
    >>> in_window("leave --unit and --up away")
    'leave Unit and Up (File, Open with options) away'
    """
    for phrase, instead in PHRASES:
        text = re.sub(phrase, instead, text)
    options = [found for found in re.finditer(r"(?<![\w-])--([a-z][a-z-]*)", text) if found[1] in FIELDS]
    last = {FIELDS[found[1]][1]: found for found in options}
    for found in reversed(options):
        field, place = FIELDS[found[1]]
        text = text[: found.start()] + (f"{field} ({place})" if last[place] is found else field) + text[found.end() :]
    return text


def for_window(error: MpmError) -> MpmError:
    """The error with its message and hint in the window's words; the file's name stays as it is.

    >>> str(for_window(MpmError("say the unit", where="walk --unit cm.csv", hint="give --unit")))
    'walk --unit cm.csv: say the unit (give Unit (File, Open with options))'
    """
    return MpmError(in_window(error.what), where=error.where, hint=in_window(error.hint))
