"""Tables as motion capture programs export them: Motive, Qualisys Track Manager, Visual3D (Theia), Vicon Nexus.

Each function looks at the rows of cells and gives a Table, or None when the table is another program's. Raises FormatError when it is its
program's and damaged, or holds no positions.
"""

from __future__ import annotations

from mpm_core.errors import DAMAGED, FormatError
from mpm_core.io.tables.table import Table, make_table
from mpm_core.io.tables.text import Rows, is_number, number

MARKERS = ("marker", "rigid body marker", "bone marker", "labeled marker", "unlabeled marker", "markerset marker")
BONES = ("bone", "rigid body", "skeleton")
MOTIVE = "export it again from Motive with markers, or with the positions of bones"
V3D_POSITIONS = ("TARGET", "LANDMARK")


def motive(rows: Rows, where: str) -> Table | None:
    """OptiTrack Motive: one row of names and values, then rows of type, name, ID and kind above the columns. Markers, else bones."""
    if not rows or not rows[0] or rows[0][0].lower() != "format version":
        return None
    fields = {name.lower(): value for name, value in zip(rows[0][::2], rows[0][1::2], strict=False)}
    starts = [i for i, row in enumerate(rows[:30]) if len(row) > 1 and row[0].lower() == "frame" and row[1].lower().startswith("time")]
    at = starts[0] if starts else None
    if at is None:
        raise FormatError("there is no heading row (Frame, Time, ...)", where=where, hint="export it again from Motive with its header")
    heads = [row for row in rows[1:at] if len(row) > 2 and any(row)]
    kinds = next((row for row in heads if {"position", "rotation"} & {cell.lower() for cell in row}), None)
    types = next((row for row in heads if any(cell.lower() in MARKERS + BONES for cell in row[2:])), None)
    names = next((row for row in heads if row[1].lower() == "name"), heads[1] if len(heads) > 1 else None)
    if types is None or names is None:
        if not any(rows[at][2:]):
            raise FormatError("the Motive file has frames and no markers, rigid bodies or bones", where=where, hint=MOTIVE)
        raise FormatError("the rows of types and names above the columns are not there", where=where, hint="export it again from Motive")

    def cell(row: list[str] | None, column: int) -> str:
        return row[column] if row is not None and column < len(row) else ""

    axes = [head.lower() for head in rows[at]]
    found: list[tuple[str, str, tuple[int, int, int]]] = []
    for column in range(2, len(axes) - 2):
        whole = axes[column : column + 3] == ["x", "y", "z"] and cell(names, column) == cell(names, column + 2)
        turns = kinds is None and "w" in axes[column + 3 : column + 4]
        if whole and not turns and cell(kinds, column).lower() in ("position", ""):
            found.append((cell(types, column).lower(), cell(names, column), (column, column + 1, column + 2)))
    if not found:
        listed = ", ".join(sorted({cell.lower() for cell in (kinds or [])[2:] if cell})) or "nothing"
        raise FormatError(f"the Motive file holds no positions of markers or bones ({listed})", where=where, hint=MOTIVE)
    markers = [(name, place) for kind, name, place in found if kind not in BONES]
    chosen = markers or [(name, place) for _, name, place in found]
    notes = [f"{len(found) - len(chosen)} rigid bodies and bones beside the markers were left out"] if len(found) > len(chosen) else []
    rate = number(fields.get("export frame rate", "")) or number(fields.get("capture frame rate", ""))
    unit = {"meters": "m", "centimeters": "cm", "millimeters": "mm"}.get(
        fields.get("length units", "").lower(), fields.get("length units", "")
    )
    rate_hz = rate if rate is not None and rate > 0 else None
    return make_table("OptiTrack Motive", rows, at + 1, chosen, where, frame=0, time=1, rate_hz=rate_hz, unit=unit, up="+Y", notes=notes)


def qualisys(rows: Rows, where: str) -> Table | None:
    """Qualisys Track Manager: rows of a name and its values down to MARKER_NAMES, then three columns for each; millimetres."""
    if not rows or not rows[0] or rows[0][0] != "NO_OF_FRAMES":
        return None
    at = next((i for i, row in enumerate(rows) if row and (is_number(row[0]) or row[0].lower() == "frame")), len(rows))
    fields = {row[0].upper(): row[1:] for row in rows[:at] if row}
    names = [name for name in fields.get("MARKER_NAMES", []) if name]
    if not names:
        raise FormatError("the table names no markers (MARKER_NAMES)", where=where, hint="export 3D data from QTM, not 6D bodies or analog")
    heads = at < len(rows) and not is_number(rows[at][0])
    filled = max((index + 1 for row in rows[at + heads : at + heads + 1000] for index, cell in enumerate(row) if cell), default=0)
    lead = 2 if heads or filled in (3 * len(names) + 2, 3 * len(names) + 1) else 0
    if filled > lead + 3 * len(names):
        raise FormatError(f"the rows have {filled} columns for {len(names)} markers", where=where, hint=DAMAGED)
    places = [(name, (lead + 3 * i, lead + 3 * i + 1, lead + 3 * i + 2)) for i, name in enumerate(names)]
    rate = number(next(iter(fields.get("FREQUENCY", [])), ""))
    rate_hz = rate if rate is not None and rate > 0 else None
    frame, time = (0, 1) if lead else (None, None)
    return make_table("Qualisys Track Manager", rows, at + heads, places, where, frame=frame, time=time, rate_hz=rate_hz, unit="mm")


def visual3d(rows: Rows, where: str) -> Table | None:
    """Visual3D's ASCII export, as Theia's users make it: rows of file, signal, type and folder, then ITEM, X, Y, Z ...; metres."""
    at = next((i for i, row in enumerate(rows[:8]) if row and row[0].upper() == "ITEM"), None)
    if at is None or at < 3:
        return None
    names, types = rows[at - 3], rows[at - 2]
    axes = [head.upper() for head in rows[at]]
    triples = [c for c in range(1, len(axes) - 2) if axes[c : c + 3] == ["X", "Y", "Z"] and len(names) > c + 2 and names[c] == names[c + 2]]
    places = [(names[c], (c, c + 1, c + 2)) for c in triples if c < len(types) and types[c].upper() in V3D_POSITIONS]
    if not places:
        listed = ", ".join(sorted({cell for cell in types[1:] if cell})[:4]) or "nothing"
        raise FormatError(f"the table holds {listed}, no positions", where=where, hint="export TARGET or LANDMARK signals from Visual3D")
    notes = [f"{len(triples) - len(places)} signals that are not positions were left out"] if len(triples) > len(places) else []
    return make_table("Visual3D", rows, at + 1, places, where, frame=0, unit="m", notes=notes)


def vicon(rows: Rows, where: str) -> Table | None:
    """Vicon Nexus: a section Trajectories with its rate, names above every third column, axes, units, and rows to the next blank one."""
    at = next((i for i, line in enumerate(rows.lines) if line.strip(f' "{rows.separator}') == "Trajectories"), None)
    if at is None or len(rows) < at + 5:
        return None
    rate = number(rows[at + 1][0]) if rows[at + 1] else None
    names, axes, units = rows[at + 2], [head.upper() for head in rows[at + 3]], rows[at + 4]
    if axes[:1] != ["FRAME"]:
        place = f"{where}, line {at + 4}"
        raise FormatError("there is no heading row (Frame, Sub Frame, X, Y, Z ...)", where=place, hint=DAMAGED)
    columns = [c for c in range(2, len(axes) - 2) if axes[c : c + 3] == ["X", "Y", "Z"]]
    places = [(names[c] if c < len(names) else "", (c, c + 1, c + 2)) for c in columns]
    blank = f' "{rows.separator}'
    stop = next((i for i in range(at + 5, len(rows)) if not rows.lines[i].strip(blank)), len(rows))
    unit = units[columns[0]] if columns and columns[0] < len(units) else ""
    rate_hz = rate if rate is not None and rate > 0 else None
    return make_table("Vicon Nexus", rows[:stop], at + 5, places, where, frame=0, rate_hz=rate_hz, unit=unit)
