"""Data sets that are known by how their files are named: whose takes they are, at what rate, under which terms.

Nothing is guessed: a take's licence is what the user says, else what a LICENCE file beside it says, else what this table says of a data set
that the file's own name gives away, else "not stated".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LICENCE_FILES = ("LICENCE", "LICENSE", "LICENCE.txt", "LICENSE.txt", "LICENCE.md", "LICENSE.md")
NOT_STATED = "not stated"
LICENCES = {
    "CMU": "CMU Graphics Lab Motion Capture Database: free for all uses",
    "HDM05": "HDM05: CC BY-SA 3.0",
    "Human3.6M": "Human3.6M: academic use only, by agreement",
    "MPI-INF-3DHP": "MPI-INF-3DHP: research only, by agreement",
    "AMASS": "AMASS: non-commercial research only, by agreement",
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


def licence_of(path: Path, root: Path, dataset: str, stated: Mapping[Path, str]) -> tuple[str, str]:
    """(licence, who says so) of a file found below `root`; stated: folder -> licence, the deepest folder counts."""
    folders = [folder for folder in (path, *path.parents) if folder in stated]
    if folders:
        return stated[folders[0]], "as stated"
    for folder in path.parents:
        for name in LICENCE_FILES:
            if (line := _first_line(folder / name)) is not None:
                return line, str(folder / name)
        if folder == root:
            break
    if dataset in LICENCES:
        return LICENCES[dataset], f"known data set {dataset}"
    return NOT_STATED, "nobody"


def _first_line(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace") as file:
        return next((line.strip()[:200] for line in file if line.strip()), None)
