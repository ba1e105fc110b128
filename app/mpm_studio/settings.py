"""What is kept between runs: recent files, the window's shape, a few switches and choices. Small values in one INI file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from mpm_studio.operations.networks import DEVICES, Networks

RECENT = 8
SHORT_GAPS_S = ("0.25", "0.1", "0.5", "1")  # how long a gap may be to be short, the usual one first
KEYS_APART = " ; "


class Settings:
    """Values kept in `path`, or in the user's own place for them when no path is given."""

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            self._store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "mpm-studio", "mpm-studio")
        else:
            self._store = QSettings(str(path), QSettings.Format.IniFormat)

    def recent_files(self) -> list[Path]:
        """The files opened last, newest first, those that are still there."""
        return [path for path in self._recent() if path.exists()]

    def add_recent(self, path: Path) -> None:
        path = path.absolute()
        kept = [old for old in self._recent() if old != path]
        self._store.setValue("recent", [str(p) for p in [path, *kept][:RECENT]])

    def clear_recent(self) -> None:
        self._store.remove("recent")

    def switch(self, name: str, default: bool) -> bool:
        """A yes/no the user set."""
        return str(self._store.value(f"switches/{name}", "true" if default else "false")) == "true"

    def set_switch(self, name: str, on: bool) -> None:
        self._store.setValue(f"switches/{name}", "true" if on else "false")

    def choice(self, name: str, known: Iterable[str]) -> str:
        """One of several that the user chose; the first when none was, or one that is not known."""
        options = list(known)
        value = str(self._store.value(f"choices/{name}", options[0]))
        return value if value in options else options[0]

    def set_choice(self, name: str, value: str) -> None:
        self._store.setValue(f"choices/{name}", value)

    def networks(self) -> Networks:
        """The device and the model files to use."""
        return Networks(self.choice("device", DEVICES), self._file("complete"), self._file("lift"))

    def set_networks(self, networks: Networks) -> None:
        self.set_choice("device", networks.device)
        for task, path in (("complete", networks.complete), ("lift", networks.lift)):
            self._store.setValue(f"models/{task}", "" if path is None else str(path.absolute()))

    def added_models(self) -> list[Path]:
        """Model files that the user added to the list."""
        value = self._store.value("models/added", [])
        return [Path(str(text)) for text in (value if isinstance(value, list) else [value]) if text]

    def set_added_models(self, paths: Sequence[Path]) -> None:
        self._store.setValue("models/added", [str(path.absolute()) for path in paths])

    def keys(self, action: str) -> tuple[str, ...] | None:
        """The keys that the user gave an action; None for its usual ones."""
        value = self._store.value(f"keys/{action}")
        return None if value is None else tuple(str(value).split(KEYS_APART)) if value else ()

    def set_keys(self, changed: Mapping[str, tuple[str, ...]]) -> None:
        """Keep the keys of these actions; all others have their usual ones."""
        self._store.remove("keys")
        for action, keys in changed.items():
            self._store.setValue(f"keys/{action}", KEYS_APART.join(keys))

    def shape(self, name: str) -> QByteArray | None:
        """A window's or splitter's saved state."""
        value = self._store.value(f"shapes/{name}")
        return value if isinstance(value, QByteArray) else None

    def set_shape(self, name: str, value: QByteArray) -> None:
        self._store.setValue(f"shapes/{name}", value)

    def _file(self, task: str) -> Path | None:
        text = str(self._store.value(f"models/{task}", ""))
        return Path(text) if text else None

    def _recent(self) -> list[Path]:
        value = self._store.value("recent", [])
        return [Path(str(text)) for text in (value if isinstance(value, list) else [value]) if text]
