"""From folders of motion to one corpus on disk (corpus.py), with a report of what was kept, what was not, and why.

A stopped one is resumed: after each file of rows a journal lists what is done. The index is written last, so a corpus is whole or,
for whoever reads it, still the old one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mpm_core.errors import DataError
from mpm_core.files.atomic import write_bytes
from mpm_core.gaps import runs
from mpm_core.typing import Float32
from mpm_train.command_line import prepare_command
from mpm_train.data.checks import bone_lengths, bone_names, suspicions
from mpm_train.data.clean import Cut, cut_up
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import INDEX, LAYOUT, SPLITS
from mpm_train.data.datasets import terms_of
from mpm_train.data.fall import falls_m_s2, rate_suspicion
from mpm_train.data.folders import unread
from mpm_train.data.journal import JOURNAL, STORED, fingerprint, what_is_done, write_journal
from mpm_train.data.markers import add_markers, write_marker_index
from mpm_train.data.patterns import place_of
from mpm_train.data.report import summary, write_report
from mpm_train.data.rules import Rules, rules_of
from mpm_train.data.shards import MB, Shards, identity
from mpm_train.data.sources import Found, Needs, Refused, find, takes
from mpm_train.data.splits import split_of
from mpm_train.data.take import Detections, Take
from mpm_train.parallel import parallel_map
from mpm_train.progress import tracked
from mpm_train.provenance import made_by


class Stores(NamedTuple):
    """Where the rows of each kind go: an entry for each of STORED."""

    joints: Shards
    pixels: Shards
    markers: Shards


def prepare(folders: list[Path], out: Path, config: PrepareConfig | None = None) -> list[str]:
    """Read every take, cut out what is broken, write the corpus. Returns lines that say what was kept and what was not.

    Raises DataError when a folder is missing, a person is held out twice, or nothing is left.
    """
    config = config or PrepareConfig()
    out.mkdir(parents=True, exist_ok=True)
    rules = rules_of(config)
    sources = find(folders)
    mark = fingerprint(sources, config, rules)
    records = what_is_done(out / JOURNAL, mark)
    stores = Stores(*(Shards(out, f"{kind}-{mark[:8]}", records[kind]) for kind in STORED))
    rows: list[dict[str, Any]] = records["takes"]
    for root, take in _all(sources, config, rules, {row["key"] for row in rows}):
        if any(shards.waiting > config.shard_mb * MB for shards in stores):
            for shards in stores:
                shards.write()
            write_journal(out / JOURNAL, mark, rows, {kind: shards.names for kind, shards in zip(STORED, stores, strict=True)})
        rows.append(_refusal(take, root) if isinstance(take, Refused) else _kept(take, root, config, rules, stores))
    for shards in stores:
        shards.write()
    clips = [clip for row in rows for clip in row["clips"]]
    if not clips:
        reasons = "; ".join(row["error"] for row in rows[:3] if row["error"]) or "no motion file was found"
        raise DataError(f"nothing is left to learn from: {reasons}", where=", ".join(map(str, folders)))
    write_marker_index(out, stores.markers.names, [row["markers"] for row in rows if row.get("markers")])
    index = {"layout": LAYOUT, "made": asdict(made_by(prepare_command(folders, out, config))), "hold_out": _hold_out(rows, rules)}
    index |= {"joints": stores.joints.names, "pixels": stores.pixels.names}
    index["files"] = {name: identity(out / name) for shards in stores for name in shards.names}
    write_bytes(out / INDEX, json.dumps(index | {"clips": clips}, indent=1).encode())
    found = summary(rows, folders, rules, unread(folders, rows))
    write_report(out, found)
    (out / JOURNAL).unlink(missing_ok=True)
    for path in (path for kind in STORED for path in out.glob(f"{kind}-*.npy")):
        if not any(path.name in shards.names for shards in stores):
            path.unlink()
    return found.lines


def _all(sources: list[Found | Refused], config: PrepareConfig, rules: Rules, done: set[str]) -> Iterator[tuple[Path, Take | Refused]]:
    """Every take that is not done, and every file that cannot be read, with the folder it was found below."""
    needs = Needs(rules, config.h36m_cameras, config.body_model)
    read = zip(sources, _read(sources, needs, config.jobs, done), strict=True)
    for source, found in tracked(read, "reading", "files", len(sources)):
        for take in found:
            if not (isinstance(take, Refused) and str(take.path) in done):
                yield source.root, take


def _read(
    sources: list[Found | Refused], needs: Needs, jobs: int, done: set[str]
) -> Iterator[Iterator[Take | Refused] | list[Take | Refused]]:
    """The takes of each source, in order; with jobs, read by several processes."""
    if jobs <= 1:
        yield from (takes(source, needs, done) if isinstance(source, Found) else iter([source]) for source in sources)
        return
    yield from parallel_map(partial(_listed, needs=needs, done=done), sources, jobs)


def _listed(source: Found | Refused, needs: Needs, done: set[str]) -> list[Take | Refused]:
    return list(takes(source, needs, done)) if isinstance(source, Found) else [source]


def _refusal(refused: Refused, root: Path) -> dict[str, Any]:
    row = {"key": str(refused.path), "error": refused.why, "what": refused.what, "hint": refused.hint, "clips": []}
    return row | {"place": place_of(refused.path, root)}


def _hold_out(rows: list[dict[str, Any]], rules: Rules) -> dict[str, Any]:
    """The patterns of each split, and whom they put there."""
    patterns = {"validation": rules.validation, "test": rules.test}
    people = {split: sorted({row["subject"] for row in rows if row["clips"] and row["split"] == split}) for split in SPLITS}
    return {"patterns": patterns, "people": people}


def _kept(take: Take, root: Path, config: PrepareConfig, rules: Rules, stores: Stores) -> dict[str, Any]:
    """One take's line of the journal: what was kept of it, where it lies, and notes on it."""
    place = place_of(take.path, root)
    terms, source = terms_of(take.path, root, take.dataset, config.licence), take.dataset or root.resolve().name
    split = split_of(take.subject, place, rules.validation, rules.test)
    frames = len(take.xyz_FJ3)
    cut = Cut(((0, frames),), frames, 0, 0, 0, 0, 0, 0) if take.whole else cut_up(take.xyz_FJ3, take.rate_hz)
    clips = []
    for start, stop in cut.parts:
        xyz_NJ3 = take.xyz_FJ3[start:stop]
        clip: dict[str, Any] = {"name": f"{take.name}:{start}", "subject": take.subject, "split": split, "rate_hz": take.rate_hz}
        clip |= {"source": source, "licence": terms.licence, "weights_free": terms.weights_free}
        clip |= {"action": take.action, "views": [_view(one, start, stop, stores.pixels) for one in take.detections]}
        clip["scored"] = [] if take.scored_F is None else runs(take.scored_F[start:stop])
        clips.append(clip | stores.joints.add(xyz_NJ3))
    kept_FJ3: Float32 = np.concatenate([take.xyz_FJ3[start:stop] for start, stop in cut.parts] or [take.xyz_FJ3[:0]])
    row: dict[str, Any] = {"key": take.key, "error": "", "clips": clips, "subject": take.subject, "split": split, "rate_hz": take.rate_hz}
    row |= {name: value for name, value in asdict(cut).items() if name != "parts"}
    row |= {"kept": len(kept_FJ3), "set": root.name, "folder": str(root), "file": str(take.path), "place": place, "dataset": take.dataset}
    row |= {"licence": terms.licence, "licence_by": terms.by, "rate_by": take.rate_by}
    row |= {"notes": list(take.notes), "suspicious": [], "bones_m": {}, "falls_m_s2": []}
    if take.markers is not None:
        about = {"name": take.name, "subject": take.subject, "split": split, "rate_hz": take.rate_hz, "licence": terms.licence}
        row["markers"] = about | add_markers(take.markers, stores.markers)
    if len(kept_FJ3):
        mean_K, spread_K = bone_lengths(kept_FJ3)
        row["bones_m"] = {name: [float(mean), float(spread)] for name, mean, spread in zip(bone_names(), mean_K, spread_K, strict=True)}
        parts, marked = [take.xyz_FJ3[start:stop] for start, stop in cut.parts], take.markers is not None
        row["falls_m_s2"] = [fall for part_FJ3 in parts for fall in falls_m_s2(part_FJ3, take.rate_hz)]
        found = {phrase for part_FJ3 in parts for phrase in suspicions(part_FJ3, take.rate_hz, from_markers=marked)}
        row["suspicious"] = sorted(found | {rate_suspicion(row["falls_m_s2"], take.rate_hz)} - {""})
    return row


def _view(one: Detections, start: int, stop: int, pixels: Shards) -> dict[str, Any]:
    names = ("camera", "detector", "image_wh", "turn_33", "place_3", "lens")
    view = {name: getattr(one, name) for name in names}
    return view | pixels.add(one.xy_FJ2[start:stop])
