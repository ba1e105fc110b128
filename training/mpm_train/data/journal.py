"""The journal of a preparation, from which a stopped one is resumed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from mpm_core.files.atomic import write_bytes
from mpm_train.data.config import PrepareConfig
from mpm_train.data.rules import Rules
from mpm_train.data.sources import Found, Refused
from mpm_train.provenance import commit

JOURNAL = "journal.json"
STORED = ("joints", "pixels", "markers")  # kinds of files of rows


def fingerprint(sources: list[Found | Refused], config: PrepareConfig, rules: Rules) -> str:
    """A hash of the files (path, size, time), the choices and the commit of the code; equal if a stopped preparation may be resumed."""
    paths = [source.path for source in sources] + [path for path in (config.h36m_cameras,) if path is not None and path.is_file()]
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    return hashlib.sha256(json.dumps([commit(), stats, repr(replace(config, jobs=1)), repr(rules)]).encode()).hexdigest()


def write_journal(path: Path, mark: str, takes: list[dict[str, Any]], written: dict[str, list[str]]) -> None:
    """mark: the fingerprint; written: the files of rows by kind."""
    write_bytes(path, json.dumps({"fingerprint": mark, "takes": takes} | written).encode())


def what_is_done(path: Path, mark: str) -> dict[str, Any]:
    """What a stopped run of the same files and choices has written; nothing otherwise."""
    fresh: dict[str, Any] = {name: [] for name in (*STORED, "takes")}
    if not path.is_file():
        return fresh
    try:
        journal = json.loads(path.read_text(encoding="utf-8"))
        names = [name for kind in STORED for name in journal[kind]]
        whole = journal["fingerprint"] == mark and all((path.parent / name).is_file() for name in names)
        return {name: journal[name] for name in fresh} if whole else fresh
    except (ValueError, KeyError, TypeError):
        return fresh
