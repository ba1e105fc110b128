"""The completion model is loaded beside the open take, where a completion may need it, and once."""

from __future__ import annotations

from pathlib import Path

import pytest

import mpm_core as mpm
from mpm_core.model.checkpoint import shipped_model
from mpm_core.resources import resource
from mpm_studio.model_loading import ModelLoading
from mpm_studio.operations.networks import Networks
from mpm_studio.session import Session
from mpm_studio.take import Take
from tests.makers import smooth_take


@pytest.fixture
def session(qtbot):
    shipped_model.cache_clear()
    return Session()


def begin(session, networks=None):
    loading = ModelLoading(session, lambda: networks or Networks(), session)
    loading._soon.setInterval(0)
    return loading


def opened(rec):
    return Take(Path("take.c3d"), rec, rec, {})


def test_the_model_is_ready_for_the_first_completion_and_loaded_once(qtbot, session):
    loading, body = begin(session), mpm.read(resource("sample/walk_reach_sit_markers_truth.npz"))
    with qtbot.waitSignal(loading.jobs.finished, timeout=60_000):
        session.open(opened(body))
    assert shipped_model.cache_info().currsize == 1
    shipped_model.cache_clear()
    session.open(opened(body))
    qtbot.wait(50)
    assert not loading.jobs.busy
    assert shipped_model.cache_info().currsize == 0


def test_points_that_are_no_body_load_nothing(qtbot, session):
    loading = begin(session)
    session.open(opened(smooth_take(frames=100)))
    qtbot.wait(50)
    assert not loading.jobs.busy
    assert shipped_model.cache_info().currsize == 0


def test_a_model_of_the_users_own_which_is_not_kept_is_left_to_the_completion(qtbot, session, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"no model")
    loading, titles = begin(session, Networks(complete=tmp_path / "model.safetensors")), []
    loading.jobs.started.connect(titles.append)
    session.open(opened(mpm.read(resource("sample/walk_reach_sit_markers_truth.npz"))))
    qtbot.wait(50)
    assert not titles
