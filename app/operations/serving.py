"""Runs the service, and beside it a worker that is started again should it die."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from app.core.collecting import collect_less
from app.core.settings import Settings

_RESTART_SECONDS = 1.0
_STOP_SECONDS = 15.0


@contextmanager
def worker_process() -> Iterator[None]:
    """Keep one worker process running for the length of the block."""
    leaving = threading.Event()
    lock = threading.Lock()
    current: list[subprocess.Popen[bytes]] = []
    # The worker ends with this process, also if it is killed.
    environment = {**os.environ, "JIULING_WORKER_PARENT": str(os.getpid())}

    def keep() -> None:
        while not leaving.is_set():
            with lock:
                if leaving.is_set():
                    return
                process = subprocess.Popen([sys.executable, "-m", "app.worker"], env=environment)
                current[:] = [process]
            process.wait()
            leaving.wait(_RESTART_SECONDS)

    keeper = threading.Thread(target=keep, name="worker-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        leaving.set()
        with lock:
            for process in current:
                process.terminate()
        for process in current:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        keeper.join(_STOP_SECONDS)


def serve(settings: Settings, *, with_worker: bool = True) -> None:
    """Serve until the process is told to stop."""
    config = uvicorn.Config(
        "app.main:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    config.load()
    collect_less()
    server = uvicorn.Server(config)
    # After its own shutdown uvicorn raises the signal again: as an exit it lets the worker be stopped, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not with_worker:
        server.run()
        return
    with worker_process():
        server.run()
