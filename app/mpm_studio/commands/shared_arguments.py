"""Arguments that several commands share: files, devices, what of a take is written and how a filter is set. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, UseAppendAction, arg

from mpm_studio.edit_settings import filter_settings, shape_settings

Input = Annotated[Path, Positional, arg(name="in", metavar="IN")]
Inputs = Annotated[tuple[Path, ...], Positional, arg(name="in", metavar="IN...")]
Output = Annotated[Path, arg(aliases=["-o"], metavar="OUT")]
OptionalFile = Annotated[Path | None, arg(metavar="FILE", help_behavior_hint="")]
Device = Annotated[str, arg(metavar="D")]
Flag = Annotated[bool, arg(help_behavior_hint="")]
Force = Annotated[
    bool,
    arg(help="Replace files that are there already, the input too; each is kept beside the new one as NAME.bak.", help_behavior_hint=""),
]
FilterName = Literal["butterworth", "savitzky_golay", "median", "one_euro"]
Repeated = UseAppendAction[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ShapeOptions:
    """What of the take is written. Points are renamed and merged first, then it is trimmed, then resampled."""

    rename: Annotated[Repeated, arg(metavar="OLD=NEW", help_behavior_hint="(may be repeated)")] = ()
    """Give a point another name."""
    merge: Annotated[Repeated, arg(metavar="A,B", help_behavior_hint="(may be repeated)")] = ()
    """Make two points one, called A: a marker whose label is split over two."""
    keep: Literal["neither", "first", "second"] = "neither"
    """Of merged points whose samples the result has in frames in which both are; neither: refuse such frames."""
    frames: Annotated[str | None, arg(metavar="START-END", help_behavior_hint="(default: all)")] = None
    """Trim the take to these frames, as `info` counts them; both ends belong."""
    resample: Annotated[float | None, arg(metavar="HZ", help_behavior_hint="")] = None
    """Write at another rate: measured samples that fall on its frames keep every bit, the others are interpolated and count as filled."""
    only_measured: Annotated[bool, arg(help_behavior_hint="")] = False
    """With --resample: refuse a rate at which frames would have to be interpolated."""

    def settings(self) -> dict[str, Any]:
        """Keywords of `operations.reshaping.Shape`. Raises UsageError for what cannot be understood."""
        return shape_settings(asdict(self))


@dataclass(frozen=True, slots=True)
class FilterNumbers:
    """How a filter is set."""

    cutoff: Annotated[float | None, arg(metavar="HZ", help_behavior_hint="(default: by residual analysis, for each point)")] = None
    """Of butterworth: where half of the power is left. Of one_euro: at rest (default 1 Hz)."""
    window: Annotated[float, arg(metavar="SECONDS")] = 0.1
    """Of savitzky_golay and median."""
    beta: Annotated[float | None, arg(metavar="B", help_behavior_hint="(default: 10, in 2D 0.01)")] = None
    """Of one_euro: Hz by which the cutoff grows for each metre (pixel) per second."""

    def settings(self, method: str) -> dict[str, Any]:
        """Keywords of `mpm_core.filter.methods.FilterSettings`. Raises UsageError for numbers outside their range."""
        return filter_settings(method, asdict(self))
