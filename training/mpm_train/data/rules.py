"""Rules by which the user states what files do not, for each file by a pattern: PATTERN=VALUE. The last rule that fits a file holds.

Rules come from known_sets.toml (public data sets whose layout is known), then from the user's own file, then from the command line.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError, reason
from mpm_train.data.config import PrepareConfig
from mpm_train.data.corpus import HELD_OUT
from mpm_train.data.patterns import fits, place_of

KNOWN_SETS = Path(__file__).with_name("known_sets.toml")
SETTINGS = ("fps", "asf", "unit", "up")
EXAMPLES = {"fps": "30", "asf": "skeleton.asf", "unit": "cm", "up": "y"}


@dataclass(frozen=True, slots=True)
class Rule:
    """given_by: the file that holds the rule, or its option on the command line."""

    setting: str
    pattern: str
    value: str
    given_by: str


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What holds for one file; None where no rule fits. fps in Hz, asf a path. rules: those that hold."""

    fps: float | None = None
    asf: Path | None = None
    unit: str | None = None
    up: str | None = None
    rules: tuple[Rule, ...] = ()

    def given_by(self, setting: str) -> str:
        """The source of a setting's value; empty where no rule gives one."""
        return next((rule.given_by for rule in self.rules if rule.setting == setting), "")


@dataclass(frozen=True, slots=True)
class Rules:
    """rules: in the order of precedence, the last counts most. validation, test: patterns to hold out, defaults included."""

    rules: tuple[Rule, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    """The patterns that the user gave, in a file or as options: each has to fit something."""


def rules_of(config: PrepareConfig) -> Rules:
    """The rules that a configuration makes. Raises DataError with the rule that cannot be understood."""
    known, held = _from_file(KNOWN_SETS)
    own, more = _from_file(config.rules) if config.rules is not None else ((), {})
    asked = tuple(_parsed(setting, text) for setting in SETTINGS for text in getattr(config, setting))
    given = {"validation": config.hold_out, "test": config.test}
    held = held if config.default_splits else {}
    validation, test = (tuple(dict.fromkeys((*held.get(name, ()), *more.get(name, ()), *given[name]))) for name in HELD_OUT)
    patterns = (
        *(rule.pattern for rule in (*own, *asked)),
        *(pattern for name in HELD_OUT for pattern in (*more.get(name, ()), *given[name])),
    )
    return Rules((*known, *own, *asked), validation, test, tuple(dict.fromkeys(patterns)))


def options_for(path: Path, root: Path, rules: Rules) -> FileOptions:
    """What the rules say of a file found below `root`. An asf's path is taken from the folder of the motion file."""
    places = {KNOWN_SETS.name: path.absolute().as_posix()}  # known sets are known from the folders above `root`, too
    place = place_of(path, root)
    last = {rule.setting: rule for rule in rules.rules if fits(rule.pattern, places.get(rule.given_by, place))}
    value = {setting: rule.value for setting, rule in last.items()}
    return FileOptions(
        fps=float(value["fps"]) if "fps" in value else None,
        asf=path.parent / value["asf"] if "asf" in value else None,
        unit=value.get("unit"),
        up=value.get("up"),
        rules=tuple(last.values()),
    )


def _parsed(setting: str, text: str) -> Rule:
    pattern, equals, value = text.rpartition("=")
    if not equals:
        raise DataError(
            f"the rule {text!r} is not PATTERN=VALUE", where=f"--{setting}", hint=f"such as --{setting} 'folder/**={EXAMPLES[setting]}'"
        )
    return _checked(Rule(setting, pattern, value, f"--{setting} {text}"))


def _checked(rule: Rule) -> Rule:
    if not rule.pattern.strip("/") or not rule.value:
        raise DataError(
            "a rule needs a pattern and a value",
            where=rule.given_by,
            hint=f"such as 'folder/**={EXAMPLES[rule.setting]}'; ** fits everything",
        )
    if rule.setting == "fps":
        try:
            right = math.isfinite(float(rule.value)) and float(rule.value) > 0
        except ValueError:
            right = False
        if not right:
            raise DataError(f"{rule.value!r} is not a frame rate", where=rule.given_by, hint="give frames a second, above 0")
    return rule


def _from_file(path: Path) -> tuple[tuple[Rule, ...], dict[str, tuple[str, ...]]]:
    """(rules, patterns by split) of a TOML file: a table for each setting, and [hold_out] with validation and test."""
    hint = 'its tables are [fps], [asf], [unit], [up], each "PATTERN" = VALUE, and [hold_out] with validation = [...] and test = [...]'
    try:
        with path.open("rb") as file:
            tables: dict[str, Any] = tomllib.load(file)
    except OSError as error:
        raise DataError(f"the rules cannot be read: {error.strerror}", where=str(path), hint="check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"this is not TOML ({reason(error)})", where=str(path), hint=hint) from error
    held = tables.pop("hold_out", {})
    strange = [name for name in tables if name not in SETTINGS]
    strange += [name for name in held if name not in HELD_OUT] if isinstance(held, dict) else ["hold_out"]
    if strange or not all(isinstance(table, dict) for table in tables.values()) or not all(map(_names, held.values())):
        raise DataError(f"the rules are not as they should be ({', '.join(strange) or 'a table is missing'})", where=str(path), hint=hint)
    rules = [
        _checked(Rule(setting, pattern, str(value), path.name))
        for setting, table in tables.items()
        for pattern, value in table.items()
        if _plain(value, path, hint)
    ]
    return tuple(rules), {name: tuple(patterns) for name, patterns in held.items()}


def _plain(value: Any, path: Path, hint: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DataError(f"{value!r} is not a value of a rule", where=str(path), hint=hint)
    return True


def _names(patterns: Sequence[Any] | Any) -> bool:
    return isinstance(patterns, list) and all(isinstance(pattern, str) for pattern in patterns)
