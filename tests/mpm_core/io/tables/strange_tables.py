"""Tables as sensors, force plates and analysis programs write them: text by kind, with what each holds. None of them holds positions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROWS = 40


def table(heads: Sequence[str], *, above: str = "", separator: str = ",", clock: bool = True, seed: int = 0) -> str:
    """Headings and rows of numbers as a sensor at 100 Hz gives them, the first column its time."""
    rng = np.random.default_rng(seed)
    time_F = np.arange(ROWS) / 100
    columns = [np.sin(2 * np.pi * rng.uniform(0.5, 3) * time_F + rng.uniform(0, 6)) * rng.uniform(0.5, 5) for _ in heads]
    if clock:
        columns[0] = time_F
    rows = [separator.join(f"{value:.5f}" for value in row) for row in np.array(columns).T]
    return "\n".join([*([above] if above else []), *([separator.join(heads)] if any(heads) else []), *rows, ""])


def axes(*names: str, form: str = "{name}_{axis}", of: str = "XYZ") -> list[str]:
    return [form.format(name=name, axis=axis) for name in names for axis in of]


STRANGE: dict[str, tuple[str, str]] = {
    "inertial sensors of a suit": (
        table(["PacketCounter", *axes("Acc", "Gyr", "Mag"), *(f"Quat_q{n}" for n in range(4))]),
        "accelerations",
    ),
    "free acceleration": (table(["SampleTimeFine", *axes("Euler", "FreeAcc")]), "orientations and accelerations"),
    "sensors on segments": (table(["time", *axes("LeftThigh_Acc", "RightThigh_Acc", of="xyz")]), "accelerations"),
    "a telephone": (table(["Time (s)", *axes("Acceleration", form="{name} {axis} (m/s^2)", of="xyz")]), "accelerations"),
    "a telephone's gyroscope": (table(["Time (s)", *axes("Gyroscope", form="{name} {axis} (rad/s)", of="xyz")]), "angular velocities"),
    "units without words": (table(["t", *axes("w_RS_S", form="{name}_{axis} [rad s^-1]", of="xyz")]), "angular velocities"),
    "a sensor's units in brackets": (
        table(["Time", *axes("Acc", form="{name}{axis}(g)"), *axes("As", form="{name}{axis}(°/s)")]),
        "accelerations",
    ),
    "muscle sensors": (table(["X[s]", *axes("Sensor 1: ACC 1", form="{name}.{axis} [g]")]), "accelerations"),
    "arbitrary units": (table(["t", *axes("Sensor", form="{name}_{axis} (a.u.)")]), "values without a unit"),
    "features of activities": (table(["time", *axes("tBodyAcc-mean()", form="{name}-{axis}")]), "accelerations"),
    "degrees a second": (table(["time", *axes("Pelvis", form="{name}_{axis} (deg/s)")]), "angular velocities"),
    "force plates": (table(["time", *axes("FP1_Force", "FP1_Moment")], separator="\t"), "forces or moments"),
    "angles of joints": (
        table(
            ["1", "0", *["0"] * 6],
            above="Joints\n100\n,,Ann:LHipAngles,,,Ann:LKneeAngles,,\nFrame,Sub Frame,X,Y,Z,X,Y,Z\n,,deg,deg,deg,deg,deg,deg",
        ),
        "angles",
    ),
    "a unit row": (table(["0"] * 3, above="Thigh,,\nX,Y,Z\ndeg/s,deg/s,deg/s"), "angular velocities"),
    "rotations": (table(["Time", *axes("Hip_Rotation", "Knee_Rotation")]), "orientations"),
    "velocities": (table(["time", *axes("LFHD", form="{name}_{axis} (mm/s)")]), "velocities"),
    "no headings: time and six channels": (table([""] * 7), "no headings"),
    "no headings: nine channels": (table([""] * 9, clock=False), "no headings"),
    "no headings: six sensors of nine channels": (table([""] * 54, clock=False), "no headings"),
    "no headings: a sensor at rest": ("0.01,-0.02,9.81,0.001,0.002,0.001\n" * ROWS, "no headings"),
    "axes without a point": (table(["time", "seconds_elapsed", "z", "y", "x"]), "is not clear"),
    "electric signals": (table(["X[s]", "EMG 1 [mV]", "EMG 2 [mV]"]), "electric signals"),
}
