"""`mpm-studio verify`: is every measured sample of a source in its export, and the same?"""

from __future__ import annotations

import json

import mpm_core as mpm
from mpm_core.check.report_parts import Filled
from mpm_core.check.to_json import to_json
from mpm_core.check.verify import Verification, verify
from mpm_studio.commands.arguments import Verify
from mpm_studio.commands.console import say, show_table
from mpm_studio.commands.exit_codes import CHANGED
from mpm_studio.operations.mapping import kept_overrides
from mpm_studio.operations.marking import marked


def run(args: Verify) -> int:
    """Compare and say what was found. Returns 0, or 4 when a measured sample changed or is missing."""
    rec = mpm.read(args.source, **args.options())
    before = marked(rec, args.mark, kept_overrides(rec)[0])
    found = verify(before, args.export, args.options())
    if args.json:
        say(json.dumps(to_json(found), indent=2, ensure_ascii=False, allow_nan=False, default=str))
    else:
        _show(found, "mm" if before.dims == 3 else "px")
    return 0 if found.holds else CHANGED


def _show(found: Verification, unit: str) -> None:
    for side, file in (("source", found.source), ("export", found.export)):
        say(f"{side:<10} {file.path}: {file.format}, {file.frames} frames of {file.points} points")
    say(f"{'precision':<10} {found.precision}")
    counts = [f"{found.samples.measured:,} measured samples", f"{found.same:,} the same in every bit"]
    counts += [f"{found.rounded:,} rounded by up to {found.moved_max_mm:.2g} {unit}"] if found.rounded else []
    counts += [f"{found.samples.changed:,} changed", f"{found.absent:,} not in the export"]
    say(f"{'kept':<10} {', '.join(counts)}")
    if found.marked:
        say(f"{'marked':<10} {found.marked:,} measured samples, marked as wrong, exchanged or set by hand by {found.proof}")
    if found.exchanged:
        say(f"{'exchanged':<10} {found.exchanged:,} samples are measured ones of another point in the source, the same in every bit")
    if found.unused_proof:
        say(f"{'proof':<10} {found.unused_proof} is damaged, or about another source or another state of the export, and was not used")
    if found.filtered:
        kept_before = (
            f"; the export has {found.filtered_known:,} of the values before, the same in every bit" if found.filtered_known else ""
        )
        say(f"{'filtered':<10} {found.filtered:,} measured samples, filtered as asked{kept_before}")
    if found.cut:
        say(f"{'cut':<10} {found.cut:,} measured samples, which {found.proof} says were not to be exported: trimmed, resampled or merged")
    if found.replaced:
        say(f"{'replaced':<10} {found.replaced:,} measured samples, which the export itself calls filled")
    say(f"{'filled':<10} {_filled(found.filled)}")
    say(f"{'SHA-256':<10} of the measured samples: {found.samples.sha256_before} in the source")
    say(f"{'':<10} {'':<24} {found.samples.sha256_after} in the export")
    if found.worst:
        show_table(("changed most", "frame", unit), [(each.point, str(each.frame), f"{each.mm:.4g}") for each in found.worst])
    kept = "nothing measured changed" + (f" but {found.filtered:,} samples that were filtered as asked" if found.filtered else "")
    say(kept if found.holds else _broken(found))


def _broken(found: Verification) -> str:
    """Why the check failed."""
    if found.samples.changed or found.absent:
        return f"{found.samples.changed + found.absent:,} measured samples changed or are missing"
    if found.contradictory:
        return "the file gives another unit or other axes than this program writes: its header was changed"
    if found.copy is not None and not found.copy.holds:
        return f"beside the positions changed: {found.copy.changes}"
    return "measured samples lie further from their places than the format's precision allows"


def _filled(filled: Filled) -> str:
    if not filled.samples:
        return "nothing"
    if filled.by is None:
        return f"{filled.samples:,} samples; this format does not tell by what"
    parts = []
    for name, by in filled.by.items():
        mean, most, unit = by.sigma.mean, by.sigma.max, by.sigma.unit
        parts.append(f"{by.samples:,} {name}" + ("" if mean is None else f" (sigma {mean:.1f} {unit}, at most {most:.1f})"))
    return f"{filled.samples:,} samples: {', '.join(parts)}"
