"""From folders of motion to one corpus on disk (corpus.py), with a report of what was kept, what was not, and why.

It goes on where it was stopped: after each file of rows a journal lists what is done. The index is written last, so a corpus is whole or,
for whoever reads it, still the old one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from mpm_core.errors import DataError
from mpm_core.files.atomic import write_bytes
from mpm_core.gaps import runs
from mpm_core.typing import Float32
from mpm_train.command_line import prepare_command
from mpm_train.data.checks import bone_lengths, bone_names, suspicions
from mpm_train.data.clean import Cut, cut_up
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import INDEX, LAYOUT
from mpm_train.data.datasets import terms_of
from mpm_train.data.report import summary, write_report
from mpm_train.data.shards import MB, Shards, identity
from mpm_train.data.sources import Found, Needs, Refused, find, takes
from mpm_train.data.splits import split_of
from mpm_train.data.take import Detections, Take
from mpm_train.provenance import made_by

JOURNAL = "journal.json"


def prepare(folders: list[Path], out: Path, config: PrepareConfig | None = None) -> list[str]:
    """Read every take, cut out what is broken, write the corpus. Returns lines that say what was kept and what was not.

    Raises DataError when a folder is missing, a person is held out twice, or nothing is left.
    """
    config = config or PrepareConfig()
    out.mkdir(parents=True, exist_ok=True)
    sources = find(folders)
    mark = _fingerprint(sources, config)
    records = _done(out / JOURNAL, mark)
    joints = Shards(out, f"joints-{mark[:8]}", records["joints"])
    pixels = Shards(out, f"pixels-{mark[:8]}", records["pixels"])
    rows: list[dict[str, Any]] = records["takes"]
    for root, take in track(_all(sources, config, {row["key"] for row in rows}), description="reading"):
        if joints.waiting > config.shard_mb * MB or pixels.waiting > config.shard_mb * MB:
            joints.write()
            pixels.write()
            text = json.dumps({"fingerprint": mark, "joints": joints.names, "pixels": pixels.names, "takes": rows})
            write_bytes(out / JOURNAL, text.encode())
        rows.append(_refusal(take) if isinstance(take, Refused) else _kept(take, root, config, joints, pixels))
    joints.write()
    pixels.write()
    clips = [clip for row in rows for clip in row["clips"]]
    if not clips:
        reasons = "; ".join(row["error"] for row in rows[:3] if row["error"]) or "no motion file was found"
        raise DataError(f"nothing is left to learn from: {reasons}", where=", ".join(map(str, folders)))
    index = {"layout": LAYOUT, "made": asdict(made_by(prepare_command(folders, out, config)))}
    index |= {"joints": joints.names, "pixels": pixels.names, "files": {name: identity(out / name) for name in joints.names + pixels.names}}
    write_bytes(out / INDEX, json.dumps(index | {"clips": clips}, indent=1).encode())
    found = summary(rows, folders, config.validation, config.test)
    write_report(out, found)
    (out / JOURNAL).unlink(missing_ok=True)
    for path in (*out.glob("joints-*.npy"), *out.glob("pixels-*.npy")):
        if path.name not in (*joints.names, *pixels.names):
            path.unlink()
    return found.lines


def _all(sources: list[Found | Refused], config: PrepareConfig, done: set[str]) -> Iterator[tuple[Path, Take | Refused]]:
    """Every take that is not done, and every file that cannot be read, with the folder it was found below."""
    needs = Needs(config.h36m_cameras, config.body_model)
    for source in sources:
        if isinstance(source, Found):
            for take in takes(source, needs, done):
                if not (isinstance(take, Refused) and str(take.path) in done):
                    yield source.root, take
        elif str(source.path) not in done:
            yield source.path.parent, source


def _refusal(refused: Refused) -> dict[str, Any]:
    return {"key": str(refused.path), "error": refused.why, "clips": []}


def _kept(take: Take, root: Path, config: PrepareConfig, joints: Shards, pixels: Shards) -> dict[str, Any]:
    """One take's line of the journal: what was kept of it, where it lies, and notes on it."""
    terms, source = terms_of(take.path, root, take.dataset, config.licence), take.dataset or root.resolve().name
    split = split_of(take.subject, config.validation, config.test)
    frames = len(take.xyz_FJ3)
    cut = Cut(((0, frames),), frames, 0, 0, 0, 0) if take.whole else cut_up(take.xyz_FJ3, take.rate_hz)
    clips = []
    for start, stop in cut.parts:
        xyz_NJ3 = take.xyz_FJ3[start:stop]
        clip: dict[str, Any] = {"name": f"{take.name}:{start}", "subject": take.subject, "split": split, "rate_hz": take.rate_hz}
        clip |= {"source": source, "licence": terms.licence, "weights_free": terms.weights_free}
        clip |= {"action": take.action, "views": [_view(one, start, stop, pixels) for one in take.detections]}
        clip["scored"] = [] if take.scored_F is None else runs(take.scored_F[start:stop])
        clips.append(clip | joints.add(xyz_NJ3))
    kept_FJ3: Float32 = np.concatenate([take.xyz_FJ3[start:stop] for start, stop in cut.parts] or [take.xyz_FJ3[:0]])
    row: dict[str, Any] = {"key": take.key, "error": "", "clips": clips, "subject": take.subject, "split": split, "rate_hz": take.rate_hz}
    row |= {name: value for name, value in asdict(cut).items() if name != "parts"}
    row |= {
        "kept": len(kept_FJ3),
        "set": root.name,
        "folder": str(root),
        "licence": terms.licence,
        "licence_by": terms.by,
    }
    row |= {"notes": list(take.notes), "suspicious": [], "bones_m": {}}
    if len(kept_FJ3):
        mean_K, spread_K = bone_lengths(kept_FJ3)
        row["bones_m"] = {name: [float(mean), float(spread)] for name, mean, spread in zip(bone_names(), mean_K, spread_K, strict=True)}
        row["suspicious"] = sorted({phrase for clip in cut.parts for phrase in suspicions(take.xyz_FJ3[slice(*clip)], take.rate_hz)})
    return row


def _view(one: Detections, start: int, stop: int, pixels: Shards) -> dict[str, Any]:
    view = {"camera": one.camera, "detector": one.detector, "image_wh": one.image_wh, "turn_33": one.turn_33, "place_3": one.place_3}
    return view | pixels.add(one.xy_FJ2[start:stop])


def _fingerprint(sources: list[Found | Refused], config: PrepareConfig) -> str:
    """The same for the same files, unchanged, and the same choices."""
    paths = [source.path for source in sources] + [path for path in (config.h36m_cameras,) if path is not None and path.is_file()]
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    return hashlib.sha256(json.dumps([LAYOUT, stats, repr(config)]).encode()).hexdigest()


def _done(path: Path, fingerprint: str) -> dict[str, Any]:
    """What a stopped run of the same files and choices has written; nothing otherwise."""
    fresh: dict[str, Any] = {"joints": [], "pixels": [], "takes": []}
    if not path.is_file():
        return fresh
    try:
        journal = json.loads(path.read_text(encoding="utf-8"))
        names = [*journal["joints"], *journal["pixels"]]
        whole = journal["fingerprint"] == fingerprint and all((path.parent / name).is_file() for name in names)
        return {name: journal[name] for name in fresh} if whole else fresh
    except (ValueError, KeyError, TypeError):
        return fresh
