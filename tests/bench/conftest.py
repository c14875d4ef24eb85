"""What benches run in processes of their own is forked here: how long imports take is not tested."""

import multiprocessing

import pytest

from tests.forking import FORKING


@pytest.fixture(autouse=True)
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork instead of beginning a fresh interpreter."""
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: FORKING)
