"""The arguments of `mpm-studio clean`, which recipes hold too, and the settings that they make. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import OmitArgPrefixes, UseAppendAction, arg

from mpm_studio.commands.read_options import ReadOptions
from mpm_studio.commands.shared_arguments import (
    Device,
    FilterName,
    FilterNumbers,
    Flag,
    Force,
    Inputs,
    OptionalFile,
    Output,
    ShapeOptions,
)
from mpm_studio.edit_settings import edit_settings
from mpm_studio.usage_error import UsageError

MARK_HELP = (
    "Treat these samples as wrong and fill them again, for example left_arm:100-160 or LFHD,RFHD:1-20. POINTS are names from the file with "
    "commas between them, or body parts: hip, right_hip, right_knee, right_ankle, left_hip, left_knee, left_ankle, spine, thorax, neck, "
    "head_top, left_shoulder, left_elbow, left_wrist, right_shoulder, right_elbow, right_wrist, left_arm, right_arm, arms, left_leg, "
    "right_leg, legs, left_side, right_side, upper, lower, head, root, all. An arm is elbow to fingertips, a leg knee to toes. "
    "Frames are those `info` shows, and both ends belong; POINTS:all is every frame."
)


@dataclass(frozen=True, slots=True)
class Clean(ReadOptions):
    """Fill what is missing or marked as wrong, and write the result with its proof. Measured samples keep every bit.

    One file goes to the file OUT; folders, or several files, go to the folder OUT, with one summary.
    """

    input: Inputs
    """C3D, BVH, AMC, glTF, TRC, CSV, NPZ or project files to repair, or folders of them; they are never overwritten."""
    output: Output
    """File to write; its ending says the format (.c3d .bvh .glb .usd .npz .trc .csv .json .mpm). For many: a folder."""
    mark: Annotated[
        UseAppendAction[tuple[str, ...]], arg(metavar="POINTS:START-END", help=MARK_HELP, help_behavior_hint="(may be repeated)")
    ] = ()
    swap: Annotated[UseAppendAction[tuple[str, ...]], arg(metavar="A,B:START-END", help_behavior_hint="(may be repeated)")] = ()
    """First exchange two points over a range, as for labels that changed places; such samples count as set by hand. In the order given."""
    suspects: Annotated[str, arg(metavar="KINDS", help_behavior_hint="(default: none)")] = ""
    """First look for bad data of these kinds: spike, swap, ghost, frozen, rotation, pose, with commas between, or all. Swaps that are
    certain are exchanged back, the rest is marked."""
    only_marked: Flag = False
    """Fill marked samples only, not the gaps of the file."""
    method: Literal[
        "auto",
        "model",
        "linear",
        "pchip",
        "spline",
        "quintic",
        "hermite",
        "coast",
        "pattern",
        "rigid",
        "relational",
        "regression",
        "weighted_pca",
        "cyclic",
        "kalman",
    ] = "auto"
    """auto: the model for whole limbs and long gaps, classical fills where they are better; `selftest` lists the errors of each."""
    donors: Annotated[str, arg(metavar="NAMES", help_behavior_hint="(default: the ones that fit best)")] = ""
    """Points that the methods pattern, rigid and relational follow, with commas between them."""
    max_gap: Annotated[float | None, arg(metavar="SECONDS", help_behavior_hint="(default: none)")] = None
    """Leave gaps that are longer."""
    max_sigma: Annotated[float, arg(metavar="MM")] = 300.0
    """Leave samples whose fill is more uncertain: standard deviation of each coordinate's error in mm."""
    min_confidence: Annotated[float | None, arg(metavar="SHARE", help_behavior_hint="(default: none)")] = None
    """Treat keypoints with a smaller confidence, 0 to 1, as wrong."""
    filter: Annotated[FilterName | None, arg(help_behavior_hint="(default: none)")] = None
    """Filter the fills afterwards."""
    filter_measured: Flag = False
    """With --filter: filter what was measured, too; it then counts as filtered, and no longer as measured."""
    numbers: OmitArgPrefixes[FilterNumbers] = field(default_factory=FilterNumbers)
    shape: OmitArgPrefixes[ShapeOptions] = field(default_factory=ShapeOptions)
    report: Annotated[Path | None, arg(metavar="FILE.json", help_behavior_hint="(default: OUT.proof.json)")] = None
    """Where to write what was kept, what was filled, by what and with which sigma, as JSON."""
    model: OptionalFile = None
    """Model to use instead of the bundled one (.safetensors)."""
    device: Device = "auto"
    """auto, cpu, cuda or mps."""
    recipe: OptionalFile = None
    """Settings as the window saves them (.toml or .json); options given here overrule it."""
    map: OptionalFile = None
    """Which marker is where on the body, as `info --save-map` or the window saved it, for labels that no known set has."""
    force: Force = False
    jobs: Annotated[int, arg(metavar="N")] = 1
    """Many files: how many at a time, each in a process of its own."""
    scheduler: Annotated[str | None, arg(metavar="dask://HOST:PORT", help_behavior_hint="")] = None
    """Many files: clean them on the workers of a Dask cluster, which must see the same folders."""
    to: Annotated[str | None, arg(metavar="ENDING", help_behavior_hint="(default: each file's own, else npz)")] = None
    """Many files: the format to write, such as c3d or npz."""
    debug: Flag = False
    """Show the full traceback of an error."""

    def limits(self) -> dict[str, float]:
        """Keywords of `mpm_core.Limits`, in seconds and metres, as far as given. Raises UsageError for what is not a number above 0."""
        for option, value in (("--max-gap", self.max_gap), ("--max-sigma", self.max_sigma)):
            if value is not None and not 0 < value < 1e9:
                raise UsageError(f"{option} {value:g} is not a number above 0")
        return {"max_sigma_m": self.max_sigma / 1000} | ({} if self.max_gap is None else {"max_gap_s": self.max_gap})

    def donor_names(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.donors.split(",") if name.strip())

    def edits(self) -> dict[str, Any]:
        """What is done beside filling, JSON-able: `shape` before, `filter` (None for none) after. Raises UsageError."""
        given = {
            "suspects": self.suspects,
            "min_confidence": self.min_confidence,
            "filter": self.filter,
            "filter_measured": self.filter_measured,
        }
        return edit_settings({**given, **asdict(self.numbers), **asdict(self.shape)})
