"""The table of commands: the arguments of each as a frozen dataclass, from which tyro makes parser and help. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from tyro.conf import OmitArgPrefixes, Positional, UseAppendAction, arg, subcommand

from mpm_studio.commands.clean_arguments import Clean
from mpm_studio.commands.read_options import Person, Points, ReadOptions
from mpm_studio.commands.shared_arguments import Device, FilterName, FilterNumbers, Flag, Force, Input, OptionalFile, Output, ShapeOptions


@dataclass(frozen=True, slots=True)
class Filter(ReadOptions):
    """Filter fills, and measured samples only if that is asked for, and write the result with its proof."""

    input: Input
    """Any file or folder that can be read; it is never overwritten."""
    output: Output
    """File to write; its ending says the format (.c3d .bvh .glb .usd .npz .trc .csv .json .mpm)."""
    method: FilterName = "butterworth"
    """butterworth: low-pass without lag; savitzky_golay: cubics over a window; median: against spikes; one_euro: against shaking."""
    measured: Flag = False
    """Filter what was measured, too; it then counts as filtered, and no longer as measured."""
    only: Annotated[
        UseAppendAction[tuple[str, ...]], arg(metavar="POINTS:START-END", help_behavior_hint="(may be repeated; as --mark of clean)")
    ] = ()
    """Filter only these samples; a take that is resampled is filtered first."""
    numbers: OmitArgPrefixes[FilterNumbers] = field(default_factory=FilterNumbers)
    shape: OmitArgPrefixes[ShapeOptions] = field(default_factory=ShapeOptions)
    force: Force = False
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class Verify(ReadOptions):
    """Compare an export with its source, file with file: is every measured sample in it, and the same?

    Exit code 0 when nothing measured changed, 4 when something did. The options say how the source is to be read.
    """

    source: Annotated[Path, Positional, arg(name="source", metavar="SOURCE")]
    """The file that was repaired or converted."""
    export: Annotated[Path, Positional, arg(name="export", metavar="EXPORT")]
    """What was exported from it, in any format."""
    mark: Annotated[
        UseAppendAction[tuple[str, ...]], arg(metavar="POINTS:START-END", help_behavior_hint="(may be repeated; as for clean)")
    ] = ()
    """Samples that were marked as wrong, for exports without their proof that do not say what was filled (C3D, BVH, TRC, glTF)."""
    json: Flag = False
    """Print the result as JSON, for programs."""
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class Lift:
    """Turn 2D keypoints of one camera into 3D motion, and write it."""

    input: Input
    """2D keypoints of OpenPose, MMPose, AlphaPose, MediaPipe, DeepLabCut, SLEAP and others: a file, or a folder of one for each frame."""
    output: Output
    """File to write; its ending says the format (.npz .glb .trc .csv .mpm ...)."""
    fps: Annotated[float | None, arg(metavar="F", help_behavior_hint="(default: what the input says)")] = None
    """Frames per second of the video."""
    size: Annotated[str | None, arg(metavar="WxH", help_behavior_hint="(default: what the input says)")] = None
    """Size of the video's picture in pixels, for example 1920x1080."""
    points: Points = None
    person: Person = None
    height: Annotated[float | None, arg(metavar="METRES", help_behavior_hint="")] = None
    """Height of the person, which sets the size of the result."""
    focal: Annotated[float | None, arg(metavar="SHARE", help_behavior_hint="(default: 0.85)")] = None
    """Focal length as a share of the picture's longer side: 0.5 is a wide lens, 0.85 that of most telephones, 2 a long one."""
    pitch: Annotated[float | None, arg(metavar="DEGREES", help_behavior_hint="(default: found)")] = None
    """By how much the camera looks down; negative: up."""
    turn: Annotated[float | None, arg(metavar="DEGREES", help_behavior_hint="(default: found)")] = None
    """By how much people stand turned clockwise in the picture: 0, 90, 180 or 270."""
    roll: Annotated[float | None, arg(metavar="DEGREES", help_behavior_hint="(default: found)")] = None
    """In place of --turn, any angle: by how much up is turned clockwise from the picture's vertical."""
    fill_absent: Flag = False
    """Fill the frames in which the person is not seen, too; without it they stay missing."""
    seated: Flag = False
    """The person sits: legs that are not seen are placed so."""
    raw: Annotated[Path | None, arg(metavar="FILE", help_behavior_hint="")] = None
    """Also write the poses as the network gives them, before bones, floor and feet are fitted."""
    force: Force = False
    model: OptionalFile = None
    """Model to use instead of the bundled one (.safetensors)."""
    device: Device = "auto"
    """auto, cpu, cuda or mps."""
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class Info(ReadOptions):
    """Show what a file holds: format, points, frames, rate, units, what is missing and where."""

    input: Input
    """Any file or folder that can be read."""
    propose_map: Flag = False
    """Instead: list where on the body each marker is, found from motion alone, for labels that no known set has."""
    save_map: Annotated[Path | None, arg(metavar="FILE", help_behavior_hint="")] = None
    """With --propose-map: also write it as a map, which `clean --map` reads."""
    force: Force = False
    json: Flag = False
    """Print the result as JSON, for programs."""
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class Check(ReadOptions):
    """List samples that are there but look wrong: spikes, swaps, ghosts, frozen values, wrong rotations, implausible poses.

    Nothing is changed.
    """

    input: Input
    """C3D, BVH, TRC, CSV, NPZ, keypoint or project file to look at."""
    json: Flag = False
    """Print the result as JSON, for programs."""
    kinds: Annotated[str, arg(metavar="KINDS", help_behavior_hint="(default: all)")] = ""
    """What to look for, with commas between: spike, swap, ghost, frozen, pose."""
    use_model: Flag = False
    """Also compare each joint with the prediction of the model (for pose; takes longer)."""
    model: OptionalFile = None
    """Model to use instead of the bundled one (.safetensors)."""
    device: Device = "auto"
    """auto, cpu, cuda or mps."""
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class Convert(ReadOptions):
    """Write a file in another format, with nothing repaired. C3D to C3D and BVH to BVH are copies, byte for byte.

    It may be trimmed, resampled, and its points renamed and merged on the way. With --as-body, labelled markers become a skeleton: bones of
    constant length, a T-pose, and rotations that follow the markers.
    """

    input: Input
    """Any file or folder that can be read; it is never overwritten."""
    output: Annotated[Path, Positional, arg(name="out", metavar="OUT")]
    """File to write; its ending says the format (.c3d .bvh .glb .usd .npz .trc .csv .json .mpm)."""
    shape: OmitArgPrefixes[ShapeOptions] = field(default_factory=ShapeOptions)
    as_body: Flag = False
    """Write a skeleton that follows the markers or joints; of several subjects, a file for each, as OUT_SUBJECT."""
    map: OptionalFile = None
    """With --as-body: which marker is where on the body, as `info --save-map` or the window saved it."""
    force: Force = False
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class Detect:
    """Find one person's 2D keypoints in a video, for `lift` or the window; with networks that you have (extra `detect`)."""

    input: Annotated[Path, Positional, arg(name="video", metavar="VIDEO")]
    """Video of a person."""
    output: Output
    """File to write; its ending says the format (.json .npz .csv .mpm)."""
    model: OptionalFile = None
    """Where BlazePose's two networks are: a wheel of mediapipe 0.10.21 (`pip download --no-deps mediapipe==0.10.21`), a .task file, or a
    folder. Without it, those of mediapipe where that is installed."""
    force: Force = False
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class Demo:
    """Repair the bundled sample: clean a BVH and a C3D, lift 2D keypoints, and measure the errors against the truth."""

    out: Annotated[Path, arg(metavar="DIR")] = Path("demo_out")
    """Folder for the cleaned files, the report and the picture."""
    device: Device = "auto"
    """auto, cpu, cuda or mps."""
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """Hide known samples of a take in gaps like its own, fill them by every method, and list the errors."""

    input: Input
    """C3D, BVH, NPZ, keypoint or project file to test on; it is not changed."""
    json: Flag = False
    """Print the result as JSON, for programs."""
    report: Annotated[Path | None, arg(metavar="FILE.html", help_behavior_hint="")] = None
    """Also write a page to read in a browser, with a chart and every table."""
    force: Force = False
    seed: Annotated[int, arg(metavar="N")] = 0
    """Which gaps are tried; the same number tries the same."""
    model: OptionalFile = None
    """Model to use instead of the bundled one (.safetensors)."""
    device: Device = "auto"
    """auto, cpu, cuda or mps."""
    debug: Flag = False
    """Show the full traceback of an error."""


@dataclass(frozen=True, slots=True)
class InstallDesktop:
    """Put the program into the menus of a Linux desktop, with its icon and file types. For this user; `--remove` undoes it."""

    remove: Flag = False
    """Delete what was put there."""
    prefix: Annotated[Path | None, arg(metavar="DIR", help_behavior_hint="(default: ~/.local/share)")] = None
    """Data folder to write to, such as /usr/local/share for all users."""
    debug: Flag = False
    """Show the full traceback of an error."""


COMMANDS: dict[str, type] = {
    "clean": Clean,
    "filter": Filter,
    "verify": Verify,
    "lift": Lift,
    "detect": Detect,
    "selftest": SelfTest,
    "check": Check,
    "info": Info,
    "convert": Convert,
    "demo": Demo,
    "install-desktop": InstallDesktop,
}
Arguments = (
    Annotated[Clean, subcommand("clean")]
    | Annotated[Filter, subcommand("filter")]
    | Annotated[Verify, subcommand("verify")]
    | Annotated[Lift, subcommand("lift")]
    | Annotated[Detect, subcommand("detect")]
    | Annotated[SelfTest, subcommand("selftest")]
    | Annotated[Check, subcommand("check")]
    | Annotated[Info, subcommand("info")]
    | Annotated[Convert, subcommand("convert")]
    | Annotated[Demo, subcommand("demo")]
    | Annotated[InstallDesktop, subcommand("install-desktop")]
)
