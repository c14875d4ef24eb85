"""Processes of their own, forked from one that has imported the packages: that takes longer than most of them live."""

from multiprocessing import get_context

FORKING = get_context("forkserver")
FORKING.set_forkserver_preload(["app.main", "app.worker", "app.demo.run", "bench.__main__", "typer", "rich.table"])
