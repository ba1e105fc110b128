"""AMASS sequences (.npz with poses, trans, betas) to joints, by the user's own SMPL-H body model. F frames, K model joints, V vertices.

Needs the package smplx. The body model is read as plain arrays and only its skeleton is posed: joints depend on the shape and on the
rotations, not on the skin (Loper et al., SMPL, 2015).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.mapping import body_joints, map_body
from mpm_core.errors import DataError, FormatError
from mpm_core.io.zip_members import open_archive, read_array
from mpm_core.recording import Source, make_recording
from mpm_core.typing import Float
from mpm_train.data.datasets import Owner, cmu_owner
from mpm_train.data.take import Take

NEEDED = ("poses", "trans", "betas")
RATES = ("mocap_framerate", "mocap_frame_rate")
MODEL = ("v_template", "shapedirs", "J_regressor", "kintree_table")
GENDERS = ("neutral", "male", "female")
BODY = (  # the first 22 of SMPL's joints
    *("pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle", "spine3"),
    *("left_foot", "right_foot", "neck", "left_collar", "right_collar", "head"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"),
)
HDM05_FOLDERS = ("MPI_HDM05", "HDM05")


def read(path: Path, body_model: Path | None) -> Iterator[Take]:
    """The one take of a sequence. Raises DataError without smplx or a body model, FormatError for another layout."""
    if body_model is None:
        raise DataError("AMASS needs a body model", where=str(path), hint="--body-model FOLDER: your own SMPL-H, as .npz")
    with open_archive(path) as archive:
        members = set(archive.namelist())
        names = [name for name in (*NEEDED, *RATES, "gender") if f"{name}.npy" in members]
        arrays = {name: read_array(archive, f"{name}.npy", str(path)) for name in names}
    rate = next((arrays[name] for name in RATES if name in arrays), None)
    poses_FK3, trans_F3 = arrays["poses"], arrays["trans"]
    if rate is None or rate.size != 1 or rate.dtype.kind not in "fiu" or not float(rate.reshape(())) > 0:
        raise FormatError("it has no frame rate", where=str(path), hint="is it an AMASS sequence?")
    if poses_FK3.ndim != 2 or poses_FK3.shape[1] % 3 or trans_F3.shape != (len(poses_FK3), 3) or not len(poses_FK3):
        raise FormatError(f"poses are {poses_FK3.shape} and trans {trans_F3.shape}", where=str(path), hint="is it an AMASS sequence?")
    gender = gender_of(arrays.get("gender"))
    model = model_arrays(body_model, gender)
    xyz_FP3 = joints(poses_FK3.reshape(len(poses_FK3), -1, 3), trans_F3, arrays["betas"].reshape(-1), model, str(path))[:, : len(BODY)]
    rec = make_recording(BODY, float(rate.reshape(())), xyz_FP3, source=Source(path=str(path), format="amass"))
    owner = owner_of(path)
    xyz_FJ3 = body_joints(rec, map_body(rec)).astype(np.float32)
    yield Take(path, path.stem, owner.subject, rec.rate_hz, xyz_FJ3, "AMASS", notes=(f"joints from the {gender} body model",))


def owner_of(path: Path) -> Owner:
    """<data set>/<person>/<take>.npz; people whom AMASS took from CMU and HDM05 are the same people as there."""
    dataset, person = path.parent.parent.name, path.parent.name
    if dataset.upper() == "CMU" and person.isdecimal():
        return cmu_owner(int(person))
    if dataset in HDM05_FOLDERS:
        return Owner("AMASS", f"hdm05-{person}")
    return Owner("AMASS", f"amass-{dataset}-{person}")


def gender_of(array: NDArray[Any] | None) -> str:
    """male, female, or neutral where the file names none; some files hold the text of Python's bytes."""
    words = [] if array is None or array.size != 1 else re.findall("[a-z]+", str(array.reshape(())[()]).lower())
    return words[-1] if words and words[-1] in GENDERS else "neutral"


def model_arrays(folder: Path, gender: str) -> dict[str, NDArray[Any]]:
    """v_template (V, 3), shapedirs (V, 3, S), J_regressor (K, V), kintree_table (2, K). Raises DataError when the file is not there."""
    places = (folder / f"SMPLH_{gender.upper()}.npz", folder / gender / "model.npz", folder / "smplh" / f"SMPLH_{gender.upper()}.npz")
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        listed = " or ".join(str(place.relative_to(folder)) for place in places[:2])
        raise DataError(f"there is no {gender} body model", where=str(folder), hint=f"{listed}; a .pkl is never opened, take the .npz")
    with open_archive(path) as archive:
        arrays = {name: read_array(archive, f"{name}.npy", str(path)) for name in MODEL}
    V, K = len(arrays["v_template"]), len(arrays["J_regressor"])
    fits = arrays["v_template"].shape == (V, 3) and arrays["shapedirs"].shape[:2] == (V, 3) and arrays["J_regressor"].shape == (K, V)
    if not fits or arrays["kintree_table"].shape != (2, K) or len(BODY) > K:
        raise FormatError("its arrays are not a body model's", where=str(path), hint="is it SMPL-H?")
    return arrays


def joints(poses_FK3: NDArray[Any], trans_F3: NDArray[Any], betas_S: NDArray[Any], model: dict[str, NDArray[Any]], where: str) -> Float:
    """(F, K, 3) metres, Z up: the shaped skeleton, turned joint by joint (axis-angle, radians) and moved."""
    try:
        import torch
        from smplx.lbs import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
            batch_rigid_transform,
            batch_rodrigues,
            blend_shapes,
            vertices2joints,
        )
    except ImportError as error:
        raise DataError("AMASS needs the package smplx", where=where, hint="pip install smplx") from error
    F, K = len(poses_FK3), len(model["J_regressor"])
    if poses_FK3.shape[1] < K:
        raise FormatError(f"{poses_FK3.shape[1]} rotations for a body model of {K} joints", where=where, hint="is it SMPL-H?")
    S = min(len(betas_S), model["shapedirs"].shape[2])
    one = torch.float64
    shaped_1V3 = torch.as_tensor(model["v_template"], dtype=one) + blend_shapes(
        torch.as_tensor(betas_S[None, :S], dtype=one), torch.as_tensor(model["shapedirs"][..., :S], dtype=one)
    )
    rest_1K3 = vertices2joints(torch.as_tensor(model["J_regressor"], dtype=one), shaped_1V3)
    parents_K = torch.as_tensor(model["kintree_table"][0].astype(np.int64))
    parents_K[0] = -1
    turn_FK33 = batch_rodrigues(torch.as_tensor(poses_FK3[:, :K].reshape(-1, 3), dtype=one)).reshape(F, K, 3, 3)
    posed_FK3, _ = batch_rigid_transform(turn_FK33, rest_1K3.expand(F, K, 3), parents_K, dtype=one)
    return np.asarray(posed_FK3.numpy() + trans_F3[:, None])
