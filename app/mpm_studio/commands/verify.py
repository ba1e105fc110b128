"""`mpm-studio verify`: is every measured sample of a source in its export, and the same?"""

from __future__ import annotations

import json
from typing import Any

import mpm_core as mpm
from mpm_core.check.to_json import to_json
from mpm_core.check.verify import verify
from mpm_studio.commands.arguments import Verify
from mpm_studio.commands.console import say, show_table
from mpm_studio.commands.exit_codes import CHANGED
from mpm_studio.operations.marking import apply_marks


def run(args: Verify) -> int:
    """Compare and say what was found. Returns 0, or 4 when a measured sample changed or is missing."""
    before = apply_marks(mpm.read(args.source, **args.options()), args.mark)
    found = to_json(verify(before, args.export, args.options()))
    if args.json:
        say(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False, default=str))
    else:
        _show(found, "mm" if before.dims == 3 else "px")
    return 0 if found["holds"] else CHANGED


def _show(found: dict[str, Any], unit: str) -> None:
    for side in ("source", "export"):
        facts = found[side]
        say(f"{side:<10} {facts['path']}: {facts['format']}, {facts['frames']} frames of {facts['points']} points")
    say(f"{'precision':<10} {found['precision']}")
    counts = [f"{found['measured']:,} measured samples", f"{found['same']:,} the same in every bit"]
    counts += [f"{found['rounded']:,} rounded by up to {found['moved_max_mm']:.2g} {unit}"] if found["rounded"] else []
    counts += [f"{found['changed']:,} changed", f"{found['absent']:,} not in the export"]
    say(f"{'kept':<10} {', '.join(counts)}")
    if found["replaced"]:
        say(f"{'replaced':<10} {found['replaced']:,} measured samples, which the export itself calls filled")
    say(f"{'filled':<10} {_filled(found['filled'], unit)}")
    say(f"{'SHA-256':<10} of the measured samples: {found['sha256_before']} in the source")
    say(f"{'':<10} {'':<24} {found['sha256_after']} in the export")
    if found["worst"]:
        rows = [(each["point"], str(each["frame"]), f"{each['mm']:.4g}") for each in found["worst"]]
        show_table(("changed most", "frame", unit), rows)
    say("nothing measured changed" if found["holds"] else _broken(found))


def _broken(found: dict[str, Any]) -> str:
    """Why the check failed; without a moved sample, other numbers of measured samples changed."""
    if found["changed"] or found["absent"]:
        return f"{found['changed'] + found['absent']:,} measured samples changed or are missing"
    return "numbers of the file changed that belong to nothing filled: a BVH's rotations, or a C3D's residuals"


def _filled(filled: dict[str, Any], unit: str) -> str:
    if not filled["samples"]:
        return "nothing"
    if filled["by"] is None:
        return f"{filled['samples']:,} samples; this format does not tell by what"
    parts = []
    for name, by in filled["by"].items():
        mean, most = by[f"sigma_mean_{unit}"], by[f"sigma_max_{unit}"]
        sure = "" if mean is None else f" (sigma {mean:.1f} {unit}, at most {most:.1f})"
        parts.append(f"{by['samples']:,} {name}{sure}")
    return f"{filled['samples']:,} samples: {', '.join(parts)}"
