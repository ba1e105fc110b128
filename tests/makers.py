"""Synthetic takes with known truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.body.names import clean
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import joint_positions, world_joint_positions


def smooth_take(frames: int = 120, points: int = 4, rate_hz: float = 60.0, seed: int = 0) -> Recording:
    """Points that swing on a few low-frequency sines, metres, nothing missing."""
    rng = np.random.default_rng(seed)
    time_F = np.arange(frames) / rate_hz
    hz_K = np.array([0.4, 0.9, 1.7])
    size_KPD = rng.normal(0, 0.1, (3, points, 3)) / hz_K[:, None, None]
    phase_KPD = rng.uniform(0, 2 * np.pi, size_KPD.shape)
    xyz_FPD = (size_KPD * np.sin(2 * np.pi * hz_K[:, None, None] * time_F[:, None, None, None] + phase_KPD)).sum(1)
    xyz_FPD += rng.normal(0, 0.5, (points, 3)) + np.array([0.0, 0.0, 1.0])
    return make_recording(tuple(f"P{i}" for i in range(points)), rate_hz, xyz_FPD)


def with_gap(rec: Recording, point: int, start: int, stop: int) -> Recording:
    """The same take with frames start..stop-1 of one point missing."""
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[start:stop, point] = np.nan
    return make_recording(rec.points, rec.rate_hz, xyz_FPD, skeleton=rec.skeleton, source=rec.source)


def person_bvh(frames: int = 60, seed: int = 0, newline: str = "\n") -> bytes:
    """A BVH text, centimetres, Y up, 100 Hz: spine, head, arms with a thumb and a finger, legs with toes; every joint swings."""
    rng = np.random.default_rng(seed)
    tree: list[tuple[str, str, tuple[float, float, float]]] = [("Hips", "", (0, 0, 0)), ("Spine", "Hips", (0, 12, 1))]
    tree += [("Chest", "Spine", (0, 20, -2)), ("Neck", "Chest", (0, 22, 1)), ("Head", "Neck", (0, 9, 2)), ("Head_tip", "Head", (0, 18, 1))]
    for side, sign in (("Left", 1), ("Right", -1)):
        tree += [(f"{side}Shoulder", "Chest", (3 * sign, 18, 1)), (f"{side}Arm", f"{side}Shoulder", (14 * sign, 0, -1))]
        tree += [(f"{side}ForeArm", f"{side}Arm", (29 * sign, 0, 0)), (f"{side}Hand", f"{side}ForeArm", (26 * sign, 0, 1))]
        tree += [(f"{side}Thumb", f"{side}Hand", (4 * sign, -1, 3)), (f"{side}Thumb_tip", f"{side}Thumb", (4 * sign, 0, 3))]
        tree += [(f"{side}Finger", f"{side}Hand", (9 * sign, 0, 0)), (f"{side}Finger_tip", f"{side}Finger", (9 * sign, 0, 0))]
        tree += [(f"{side}UpLeg", "Hips", (9 * sign, -2, 0)), (f"{side}Leg", f"{side}UpLeg", (1 * sign, -42, 0))]
        tree += [
            (f"{side}Foot", f"{side}Leg", (0, -43, -1)),
            (f"{side}Toe", f"{side}Foot", (0, -6, 14)),
            (f"{side}Toe_tip", f"{side}Toe", (0, 0, 6)),
        ]
    lines, columns = ["HIERARCHY"], []
    orders = ("Zrotation Xrotation Yrotation", "Xrotation Yrotation Zrotation", "Yrotation Zrotation Xrotation")
    time_F = np.arange(frames) / 100

    def put(name: str, offset: tuple[float, float, float], pad: str) -> None:
        tip, root = name.endswith("_tip"), not pad
        lines.extend([f"{pad}{'End Site' if tip else ('ROOT ' if root else 'JOINT ') + name}", f"{pad}{{"])
        lines.append(f"{pad}\tOFFSET {offset[0]} {offset[1]} {offset[2]}")
        if not tip:
            order = orders[len(name) % 3]
            lines.append(f"{pad}\tCHANNELS {'6 Xposition Yposition Zposition' if root else '3'} {order}")
            columns.extend([np.array([0.0, 95.0, 0.0])[axis] + 20 * np.sin(time_F * (axis + 1) + axis) for axis in range(3 if root else 0)])
            columns.extend(
                [rng.normal(0, 15) + rng.normal(0, 15) * np.sin(time_F * rng.uniform(2, 6) + rng.uniform(0, 6)) for _ in range(3)]
            )
        for child, parent, way in tree:
            if parent == name:
                put(child, way, pad + "\t")
        lines.append(f"{pad}}}")

    put("Hips", (0, 0, 0), "")
    lines.extend(["MOTION", f"Frames: {frames}", "Frame Time: 0.0100"])
    lines.extend(" ".join(f"{value:.4f}" for value in row) for row in np.array(columns).T)
    return (newline.join(lines) + newline).encode()


# A standing person in a T-pose: joint -> (parent, offset from it in metres; x to the person's left, y up, z to the front).
T_POSE: dict[str, tuple[str, tuple[float, float, float]]] = {
    "root": ("", (0, 0.95, 0)),
    "left_hip": ("root", (0.09, -0.05, 0)),
    "left_knee": ("left_hip", (0, -0.42, 0.005)),
    "left_ankle": ("left_knee", (0, -0.41, -0.01)),
    "left_toe": ("left_ankle", (0, -0.06, 0.14)),
    "right_hip": ("root", (-0.09, -0.05, 0)),
    "right_knee": ("right_hip", (0, -0.42, 0.005)),
    "right_ankle": ("right_knee", (0, -0.41, -0.01)),
    "right_toe": ("right_ankle", (0, -0.06, 0.14)),
    "low_spine": ("root", (0, 0.1, -0.01)),
    "spine": ("low_spine", (0, 0.12, 0)),
    "chest": ("spine", (0, 0.13, 0)),
    "thorax": ("chest", (0, 0.15, 0)),
    "neck": ("thorax", (0, 0.11, 0.02)),
    "head_top": ("neck", (0, 0.19, 0.01)),
    "left_collar": ("chest", (0.03, 0.1, 0)),
    "left_shoulder": ("left_collar", (0.14, 0.01, 0)),
    "left_elbow": ("left_shoulder", (0.28, 0, 0)),
    "left_wrist": ("left_elbow", (0.25, 0, 0)),
    "left_hand": ("left_wrist", (0.09, 0, 0)),
    "left_thumb": ("left_wrist", (0.03, 0, 0.04)),
    "right_collar": ("chest", (-0.03, 0.1, 0)),
    "right_shoulder": ("right_collar", (-0.14, 0.01, 0)),
    "right_elbow": ("right_shoulder", (-0.28, 0, 0)),
    "right_wrist": ("right_elbow", (-0.25, 0, 0)),
    "right_hand": ("right_wrist", (-0.09, 0, 0)),
    "right_thumb": ("right_wrist", (-0.03, 0, 0.04)),
}
LEAVES = ("left_toe", "right_toe", "head_top", "left_hand", "left_thumb", "right_hand", "right_thumb")


def person_rig(
    names: dict[str, str] | None = None,
    frames: int = 40,
    seed: int = 0,
    swing_deg: float = 12.0,
    pose: dict[str, tuple[str, tuple[float, float, float]]] = T_POSE,
) -> Recording:
    """A person whose joints swing a little around the T-pose, walking ahead and turning; `names` renames joints. World: Z up, facing -y.

    The leaves are End Sites. pose: joint -> (parent, offset in metres, Y up), another person than T_POSE.
    """
    rng = np.random.default_rng(seed)
    label = {joint: (names or {}).get(joint, joint) for joint in pose}
    order = list(pose)
    parents = tuple(order.index(parent) if parent else -1 for parent, _ in pose.values())
    offsets_J3 = np.array([offset for _, offset in pose.values()])
    is_end_J = np.array([joint in LEAVES for joint in order])
    turn = ("Zrotation", "Xrotation", "Yrotation")
    move = ("Xposition", "Yposition", "Zposition")
    channels = tuple(() if end else (move + turn if joint == "root" else turn) for joint, end in zip(order, is_end_J, strict=True))
    time_F = np.arange(frames) / 30
    columns = []
    for names_C in channels:
        for name in names_C:
            swing_F = swing_deg * np.sin(2 * np.pi * (rng.uniform(0.3, 1.2) * time_F + rng.uniform()))
            columns.append({"Xposition": 0 * time_F, "Yposition": 0.95 + 0 * time_F, "Zposition": time_F}.get(name, swing_F))
    rig = Rig(tuple(label.values()), parents, offsets_J3, channels, np.stack(columns, axis=1), is_end_J)
    y_up_to_z_up_33 = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    source = Source(format="bvh", unit="m", up="y", file_to_world_33=y_up_to_z_up_33)
    return make_recording(rig.names, 30.0, joint_positions(rig) @ y_up_to_z_up_33.T, rig=rig, source=source)


def with_twisted_forearm(rec: Recording, degrees: float) -> Recording:
    """A `person_rig` whose left forearm turns to and fro about its own bone every 45 frames, by so many degrees to each side."""
    assert rec.rig is not None
    values_FC = rec.rig.values_FC.copy()
    about_the_bone = rec.rig.columns(rec.index("left_elbow")).start + 1
    values_FC[:, about_the_bone] = degrees * np.sin(2 * np.pi * np.arange(rec.frames) / 45)
    rig = replace(rec.rig, values_FC=values_FC)
    return replace(rec, rig=rig, xyz_FPD=np.float32(world_joint_positions(rig, rec.source.file_to_world_33)))


def standing(frames: int = 4, shift: tuple[float, float, float] = (0, 0, 0), turn: float = 0.0) -> Recording:
    """The 17 joints of someone who stands on the floor and, unturned, looks along -y."""
    side = {"hip": 0.1, "knee": 0.11, "ankle": 0.12, "shoulder": 0.18, "elbow": 0.22, "wrist": 0.25}
    up = {"hip": 0.92, "knee": 0.5, "ankle": 0.08, "shoulder": 1.45, "elbow": 1.15, "wrist": 0.9}
    up |= {"spine": 1.15, "thorax": 1.42, "neck": 1.52, "head_top": 1.72}
    joints = []
    for name in body17().names:
        part = name.removeprefix("left_").removeprefix("right_")
        x = side.get(part, 0.0) * (1 if name.startswith("left_") else -1) if name != part else 0.0
        joints.append((x, 0.0, up[part]))
    angle = np.radians(turn)
    xyz = np.array(joints) @ np.array([[np.cos(angle), np.sin(angle), 0], [-np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return make_recording(body17().names, 30.0, np.broadcast_to(xyz + shift, (frames, 17, 3)), skeleton=body17())


def rigid_take(
    bodies: int = 2, markers: int = 5, frames: int = 400, rate_hz: float = 100.0, noise_m: float = 0.0, seed: int = 0
) -> Recording:
    """Rigid bodies that turn and move about, each on its own; markers A0.. B0.., metres."""
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(seed)
    time_F = np.arange(frames) / rate_hz
    clusters = []
    for _ in range(bodies):
        swing_F6 = np.sin(2 * np.pi * (time_F[:, None] * rng.uniform(0.2, 0.8, 6) + rng.uniform(0, 1, 6)))
        turn_F33 = Rotation.from_rotvec(0.8 * swing_F6[:, :3]).as_matrix()
        shape_K3 = rng.normal(0, 0.12, (markers, 3))
        clusters.append(np.einsum("fij,kj->fki", turn_F33, shape_K3) + 0.4 * swing_F6[:, None, 3:] + rng.normal(0, 1, 3))
    names = tuple(f"{chr(65 + body)}{marker}" for body in range(bodies) for marker in range(markers))
    xyz_FPD = np.concatenate(clusters, axis=1)
    return make_recording(names, rate_hz, xyz_FPD + rng.normal(0, 1, xyz_FPD.shape) * noise_m)


def low_rank_take(frames: int = 500, points: int = 12, shapes: int = 4, rate_hz: float = 100.0, seed: int = 0) -> Recording:
    """Points that all follow the same few smooth signals, each in its own mixture."""
    rng = np.random.default_rng(seed)
    time_F = np.arange(frames) / rate_hz
    signal_FK = np.sin(2 * np.pi * (time_F[:, None] * rng.uniform(0.2, 1.0, shapes) + rng.uniform(0, 1, shapes)))
    mixture_KPD = rng.normal(0, 0.2, (shapes, points, 3))
    return make_recording(
        tuple(f"P{i}" for i in range(points)), rate_hz, np.einsum("fk,kpd->fpd", signal_FK, mixture_KPD) + rng.normal(0, 1, (points, 3))
    )


def walking_take(cycles: int = 8, period: int = 110, points: int = 8, rate_hz: float = 100.0, seed: int = 0) -> Recording:
    """Points that do the same in every cycle of `period` frames, jerky within it, while all move ahead at a steady pace."""
    rng = np.random.default_rng(seed)
    phase_F = 2 * np.pi * np.arange(cycles * period) / period
    xyz_FPD = np.zeros((cycles * period, points, 3))
    for harmonic in range(1, 6):
        size_PD, shift_PD = rng.normal(0, 0.12 / harmonic, (points, 3)), rng.uniform(0, 2 * np.pi, (points, 3))
        xyz_FPD += size_PD * np.sin(harmonic * phase_F[:, None, None] + shift_PD)
    xyz_FPD += rng.normal(0, 0.5, (points, 3))
    xyz_FPD[:, :, 0] += 1.2 * np.arange(len(phase_F))[:, None] / rate_hz
    return make_recording(tuple(f"P{i}" for i in range(points)), rate_hz, xyz_FPD)


FRONT = {  # a person seen from the front, y down, hips at 0, 160 from head to foot; points of a side are its left ones
    **{"nose": (0, -62), "neck": (0, -50), "upperneck": (0, -54), "head": (0, -78), "headtop": (0, -78), "hip": (0, 0), "midhip": (0, 0)},
    **{"chest": (0, -25), "spine": (0, -25), "thorax": (0, -50), "eye": (3, -65), "eyeinner": (2, -65), "eyeouter": (4, -65)},
    **{"ear": (7, -63), "mouth": (2, -58), "shoulder": (18, -48), "elbow": (24, -22), "wrist": (27, 4), "hand": (28, 10)},
    **{"pinky": (29, 10), "index": (27, 12), "thumb": (25, 9), "knee": (10, 40), "ankle": (11, 76), "heel": (11, 81), "face": (0, -62)},
    **{"bigtoe": (14, 84), "smalltoe": (17, 83), "footindex": (15, 84), "mouthleft": (2, -58), "mouthright": (-2, -58)},
}


def person_2d(
    points: tuple[str, ...],
    frames: int = 40,
    left: float = 100.0,
    size: float = 200.0,
    speed: float = 4.0,
    confidence: float = 0.8,
    seed: int = 0,
) -> np.ndarray:
    """(F, K, 3) pixels and confidence of someone of this height who crosses the picture with swinging arms and legs.

    points: names of a keypoint set; left: where the middle is at first, speed: pixels a frame. Points move by a pixel of noise.
    """
    rng = np.random.default_rng(seed)
    swing_F = np.sin(2 * np.pi * np.arange(frames) / 25)
    xy_FK2 = np.zeros((frames, len(points), 2))
    for point, name in enumerate(points):
        key = clean(name).rstrip("0123456789")
        side, part = (1, key[4:]) if key.startswith("left") else (-1, key[5:]) if key.startswith("right") else (0, key)
        if not side and part not in FRONT and key[1:] in FRONT:
            side, part = (1 if key[0] == "l" else -1), key[1:]
        x, y = (0, -62) if part == "neck" and "head_top" in points else FRONT[part]  # the 17 joints' neck is where the skull sits
        reach = {"elbow": -6, "wrist": -14, "hand": -16, "pinky": -16, "index": -16, "thumb": -16, "knee": 6}.get(part, 12 if y > 70 else 0)
        xy_FK2[:, point] = np.stack([side * x + side * reach * swing_F, np.full(frames, y)], axis=1)
    xy_FK2 = xy_FK2 * size / 160 + np.arange(frames)[:, None, None] * [speed, 0] + [left, 50 + size / 2]
    xy_FK2 += rng.normal(0, 1.0, xy_FK2.shape) * size / 200
    return np.concatenate([xy_FK2, np.full((frames, len(points), 1), confidence)], axis=2)


def coming_and_going(truth: Recording, frames: int = 200) -> Recording:
    """The first frames of a take, each point unseen in a tenth to a half of them, at the start or at the end."""
    rng, xyz_FPD = np.random.default_rng(0), truth.xyz_FPD[:frames].copy()
    for point in range(len(truth.points)):
        unseen = int(rng.integers(frames // 10, frames // 2))
        xyz_FPD[slice(None, unseen) if rng.random() < 0.5 else slice(frames - unseen, None), point] = np.nan
    return make_recording(truth.points, truth.rate_hz, xyz_FPD)
