"""Data sets that are known by how their files are named: whose takes they are, at what rate, under which terms.

Nothing is guessed: a take's licence is what the user says, else what licence files beside it say, else what this table says of a data set
that the file's own name gives away, else "not stated".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mpm_train.data.licences import LICENCE_FILE, UNSTATED, Terms, terms_of_file, terms_of_text


@dataclass(frozen=True, slots=True)
class DataSet:
    """title: its full name. weights_free: whether weights trained on it may be shipped. acknowledgement: what its owners ask for."""

    title: str
    licence: str
    weights_free: bool
    acknowledgement: str


DATASETS = {
    "CMU": DataSet(
        "CMU Graphics Lab Motion Capture Database",
        "free for all uses",
        True,
        "The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217.",
    ),
    "SNU": DataSet(
        "motion data of the Movement Research Lab, Seoul National University",
        "Apache-2.0 AND MIT",
        True,
        "Copyright 2019, 2020 Jehee Lee; copyright 2019 Kyungho Lee; licensed under the Apache License, Version 2.0. "
        "Copyright 2013 Yoonsang Lee; licensed under the MIT License.",
    ),
    "UI-PRMD": DataSet(
        "University of Idaho Physical Rehabilitation Movement Data",
        "PDDL-1.0",
        True,
        "A. Vakanski, H. Jun, D. Paul, R. Baker: A Data Set of Human Body Movements for Physical Rehabilitation Exercises. "
        "Data 2018, 3(1), 2.",
    ),
    "HDM05": DataSet(
        "Mocap Database HDM05",
        "CC-BY-SA-3.0",
        False,
        "The data used in this project was obtained from HDM05. M. Müller, T. Röder, M. Clausen, B. Eberhardt, B. Krüger, A. Weber: "
        "Documentation Mocap Database HDM05. Technical report CG-2007-2, Universität Bonn, 2007.",
    ),
    "Human3.6M": DataSet(
        "Human3.6M",
        "academic use only, by agreement",
        False,
        "C. Ionescu, D. Papava, V. Olaru, C. Sminchisescu: Human3.6M: Large Scale Datasets and Predictive Methods for 3D Human Sensing in "
        "Natural Environments. IEEE Transactions on Pattern Analysis and Machine Intelligence 36(7), 2014.",
    ),
    "MPI-INF-3DHP": DataSet(
        "MPI-INF-3DHP",
        "research only, by agreement",
        False,
        "D. Mehta, H. Rhodin, D. Casas, P. Fua, O. Sotnychenko, W. Xu, C. Theobalt: Monocular 3D Human Pose Estimation In The Wild Using "
        "Improved CNN Supervision. International Conference on 3D Vision, 2017.",
    ),
    "AMASS": DataSet(
        "AMASS",
        "non-commercial research only, by agreement",
        False,
        "N. Mahmood, N. Ghorbani, N. F. Troje, G. Pons-Moll, M. J. Black: AMASS: Archive of Motion Capture as Surface Shapes. "
        "International Conference on Computer Vision, 2019.",
    ),
}
CMU_FILE = re.compile(r"(?P<subject>\d{1,3})_\d{1,3}\.(amc|bvh|c3d)", re.IGNORECASE)
HDM05_FILE = re.compile(r"HDM_(?P<subject>bd|bk|dg|mm|tr)_.+\.(amc|c3d)", re.IGNORECASE)
CMU_FOLDER = re.compile(r"(?P<subject>\d{1,3})(_.*)?")
CMU_60_HZ = ("060", "061")  # recorded at 60 Hz, though conversions state 120
ACCLAIM_HZ = 120.0  # of CMU's and HDM05's AMC files, which state no rate
SNU_SETS = ("basketball", "tennis", "tiling", "ys2010", "ys2010_walking")  # folders of snu/
SNU_SESSION = re.compile(r"(?P<session>s_\d{3})_\d+_\d+")
SNU_PAIR = re.compile(r"(?P<person>hys|mmk)_.+")


@dataclass(frozen=True, slots=True)
class Owner:
    """subject: the person (SNU: the session or folder), the same one for every copy of a data set.

    rate_hz: where files are known to state it wrong; unstated_hz: where they state none; else None.
    """

    dataset: str
    subject: str
    rate_hz: float | None = None
    unstated_hz: float | None = None


def owner_of(path: Path) -> Owner:
    """Whose take a motion file is: by the data set's file names or folders, else the folder it lies in.

    >>> owner_of(Path("cmu/009/09_01.amc")).subject, owner_of(Path("snu/basketball/s_010_1_2.bvh")).subject
    ('009', 'snu/basketball/s_010')
    """
    cmu, folder, hdm05 = CMU_FILE.fullmatch(path.name), CMU_FOLDER.fullmatch(path.absolute().parent.name), HDM05_FILE.fullmatch(path.name)
    if cmu and folder and int(folder["subject"]) == int(cmu["subject"]):
        return cmu_owner(int(cmu["subject"]))
    if hdm05:
        return Owner("HDM05", f"hdm05-{hdm05['subject'].lower()}", unstated_hz=ACCLAIM_HZ)
    folders = path.absolute().parent.parts
    snu = next((at for at in range(len(folders) - 1) if folders[at] == "snu" and folders[at + 1] in SNU_SETS), None)
    if snu is not None:
        return Owner("SNU", "/".join((*folders[snu:], *_part_of_folder(path))))
    return Owner("", path.absolute().parent.name)


def cmu_owner(number: int) -> Owner:
    subject = f"{number:03d}"
    return Owner("CMU", subject, 60.0 if subject in CMU_60_HZ else None, ACCLAIM_HZ)


def _part_of_folder(path: Path) -> tuple[str, ...]:
    """The session of a basketball take, the person of two in contact; nothing where a folder is one of either."""
    session, pair = SNU_SESSION.fullmatch(path.stem), SNU_PAIR.fullmatch(path.stem)
    if session and path.parent.name == "basketball":
        return (session["session"],)
    return (pair["person"],) if pair and path.parent.name == "multi" else ()


def terms_of(path: Path, root: Path, dataset: str, stated: Mapping[Path, str]) -> Terms:
    """Under which terms a file found below `root` may be used; stated: folder -> the user's note, the deepest folder counts."""
    folders = [folder for folder in (path, *path.parents) if folder in stated]
    if folders:
        return Terms(stated[folders[0]], terms_of_text(stated[folders[0]], "").weights_free, "as stated")
    top = root if root.is_dir() else root.parent
    for folder in path.parents:
        if (found := _terms_in(folder, path)) is not None:
            return found
        if folder == top:
            break
    if dataset in DATASETS:
        known = DATASETS[dataset]
        return Terms(known.licence, known.weights_free, f"known data set {dataset}")
    return UNSTATED


def _terms_in(folder: Path, path: Path) -> Terms | None:
    """What the licence files of a folder say of a file below it: those named after the folder it lies in (LICENSE.walks.txt), else all but
    those that are named after another folder."""
    matches = {file: match for file in sorted(folder.iterdir()) if (match := LICENCE_FILE.fullmatch(file.name)) and file.is_file()}
    below = path.relative_to(folder).parts[0].lower()
    own = [file for file, match in matches.items() if (match["part"] or "").lower() == below]
    others = {one.name.lower() for one in folder.iterdir() if one.is_dir()} - {below}
    rest = [file for file, match in matches.items() if (match["part"] or "").lower() not in others]
    found = [terms_of_file(file) for file in own or rest]
    if not found:
        return None
    names = {one for terms in found for one in terms.licence.split(" AND ")}
    free = None if any(terms.weights_free is None for terms in found) else all(terms.weights_free for terms in found)
    return Terms(" AND ".join(sorted(names)), free, ", ".join(terms.by for terms in found))
