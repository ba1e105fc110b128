"""The real takes on which the detectors of bad data are measured: paths in a folder of samples, and files of UI-PRMD."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_train.data.ui_prmd import MARKERS, MM, RATE_HZ

TAKES = (
    "c3d/btk/PiG/PiG_Motion-FlatFoot-Full.c3d",
    "c3d/cmu/02_01.c3d",
    "c3d/c3d-parser/RCH/dynamic/RCH.08.c3d",
    "c3d/biomechzoo/Whole body stick (6 markers) and puck left handed ti003.c3d",
    "c3d/btk/others/FunctionalLHip.c3d",
    "3d/btk_trc/TRCSamples/MOTEK/ballet_reduced.trc",
    "3d/btk_trc/TRCSamples/SprintMotion.trc",
    "3d/opensim-core/OpenSim/Examples/Moco/example3DWalking/markers_walk.trc",
    "3d/kineticstoolkit/kinematics_tennis_serve.csv",
    "c3d/kineticstoolkit/kinematics_racing_propulsion.c3d",
)

# other takes as they came: on the first ones the rules were made; of the second ones only the figures were seen
LOOKED_AT = (
    "3d/btk_trc/TRCSamples/10002-20130626160334-Unnamed.trc",
    "3d/btk_trc/TRCSamples/Anto.trc",
    "3d/btk_trc/TRCSamples/Knee.trc",
    "3d/btk_trc/TRCSamples/SprintCalib.trc",
    "3d/opensim-core/OpenSim/Common/Test/dataWithBlanksForMissingMarkers.trc",
    "3d/opensim-core/OpenSim/Common/Test/std_walking2_markers.trc",
    "3d/opensim-core/OpenSim/Sandbox/MatlabScripts/test_walking.trc",
    "3d/opensim-core/OpenSim/Sandbox/futureOrientationInverseKinematics.trc",
    "3d/pyomeca/markers.csv",
    "c3d/biomechzoo/Left handed shooter stick and puck top right001.c3d",
    "c3d/btk/PiG/PiG_Calibration-FlatFoot-Hole.c3d",
    "c3d/btk/c3d.org/sample01/Eb015pi.c3d",
    "c3d/btk/c3d.org/sample15/FP1.C3D",
    "c3d/btk/c3d.org/sample20/phasespace_sample.c3d",
    "c3d/btk/c3d.org/sample28/dynamic.C3D",
    "c3d/btk/c3d.org/sample28/standing.C3D",
    "c3d/btk/others/Gait.c3d",
    "c3d/btk/others/badParameterOffset.c3d",
    "c3d/pycgm/59993_Frame/59993_Frame_Static.c3d",
    "c3d/pycgm/Test_Files/Movement_trial.c3d",
    "paired/pyxy3d/sessions/4_cam_recording/recording_1/HOLISTIC/xyz_HOLISTIC.csv",
)
HELD_OUT = (
    "3d/biobuddy/static.trc",
    "3d/btk_trc/TRCSamples/10002-20130731010438-Unnamed.trc",
    "3d/btk_trc/TRCSamples/Gait.trc",
    "3d/btk_trc/TRCSamples/MOTEK/T.trc",
    "3d/btk_trc/TRCSamples/Res16bits.trc",
    "3d/btk_trc/TRCSamples/UpperLimbStatic.trc",
    "3d/opensim-core/OpenSim/Common/Test/dataWithNaNsWithSpaces.trc",
    "3d/opensim-core/OpenSim/Common/Test/std_walking5_markers.trc",
    "3d/opensim-core/OpenSim/Tests/*/gait10dof18musc_walk_CRLF_line_ending.trc",
    "c3d/biobuddy/static_lower_body.c3d",
    "c3d/btk/PiG/PiG_Motion-FlatFoot-Hole.c3d",
    "c3d/btk/c3d.org/sample15/FP2.C3D",
    "c3d/btk/c3d.org/sample18/bad_parameter_section.c3d",
    "c3d/kineticstoolkit/c3d_test_suite/others/duplicate_labels.c3d",
    "c3d/kineticstoolkit/kinematics_tennis_serve_2players.c3d",
    "c3d/pycgm/ROM/Sample_Static.c3d",
    "c3d/pycgm/Sample_2/RoboStatic.c3d",
)


def of_samples(folder: Path, names: tuple[str, ...]) -> list[mpm.Recording]:
    """The takes of these names; * stands for one folder of any name."""
    return [mpm.read(min(folder.glob(name))) for name in names]


def of_ui_prmd(folder: Path, subjects: range) -> list[mpm.Recording]:
    """Twenty files, evenly spread over those of some subjects."""
    files = sorted(path for path in folder.rglob("*_positions*.txt") if int(path.name[5:7]) in subjects)
    takes = []
    for path in files[:: max(len(files) // 20, 1)][:20]:
        xyz_FP3 = MM * np.loadtxt(path, delimiter=",", ndmin=2).reshape(-1, len(MARKERS), 3)
        xyz_FP3[(xyz_FP3 == 0).all(axis=2)] = np.nan
        takes.append(mpm.make_recording(MARKERS, RATE_HZ, xyz_FP3.astype(np.float32)))
    return takes
