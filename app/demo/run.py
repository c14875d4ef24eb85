"""``jiuling demo``: from nothing to a published week and its CSV, through the real service and worker."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select

from app.accounts.models import User
from app.assignments.service import assign_centres
from app.caregivers.models import Caregiver
from app.centres.models import Centre, CentreKind
from app.core.crypto import open_vault
from app.core.db import Database
from app.core.logging import set_up_logging
from app.core.migrate import upgrade
from app.core.settings import Settings, WrongSetting
from app.core.weeks import Week
from app.demo.accounts import DEMO_DISPATCHER, DEMO_PASSWORD
from app.demo.city import build_city, is_empty
from app.demo.history import make_history
from app.demo.options import CityOptions
from app.demo.report import demo_figures, figures_table, progress_words
from app.demo.walk import DemoFailed, Walk, wait_until_ready, walk
from app.elders.models import Elder
from app.entitlements.models import Grant
from app.jobs import prepare

_START_SECONDS = 60.0
_STOP_SECONDS = 20.0


def run_demo(
    settings: Settings, options: CityOptions, *, seconds: int, once: bool, as_json: bool, say: Console
) -> None:
    """Make what is missing, plan the week through the service, and go on serving unless ``once``.

    Raises
    ------
    WrongSetting
        In production, or if the port is taken.
    SystemExit
        With a sentence, if a step fails.
    """
    if settings.environment == "production":
        raise WrongSetting("JIULING_ENVIRONMENT is production: the demo city is made only in an embedded installation")
    set_up_logging("warning")
    open_vault(settings.keys)
    began = time.monotonic()
    counts = _prepare(settings, options, say)
    ready = time.monotonic()
    port = _free_port() if once else settings.port
    _refuse_taken_port(settings.host, port)
    address = f"http://{settings.host}:{port}"
    week = Week.of(options.as_of)
    with _service(settings, port) as service:
        try:
            wait_until_ready(address, _START_SECONDS, lambda: service.poll() is None)
            with _progress(say) as show:
                walked = walk(
                    address,
                    str(week),
                    username=DEMO_DISPATCHER,
                    password=DEMO_PASSWORD,
                    seconds=seconds,
                    seed=options.seed,
                    csv_path=settings.data_dir / f"schedule-{week}.csv",
                    show=show,
                )
        except DemoFailed as error:
            sys.exit(f"jiuling: {error}")
        figures = demo_figures(options, week, counts, walked)
        figures["set_up_seconds"] = round(ready - began, 1)
        figures["total_seconds"] = round(time.monotonic() - began, 1)
        _print(figures, walked, as_json, say)
        if not once:
            _print_accounts(settings, say)
            service.wait()


def _prepare(settings: Settings, options: CityOptions, say: Console) -> dict[str, int]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    upgrade(database)
    prepare(settings.jobs_database)
    with database.write() as session:
        if is_empty(session):
            say.print(f"demo city: {options.elders} elders, staffing {options.staffing}, seed {options.seed} …")
            build_city(session, options)
            session.flush()
            report = assign_centres(session, None, options.as_of)
            say.print(_in_words(report.figures), highlight=False)
            make_history(session, options)
        elif session.scalar(select(User.id).where(User.username == DEMO_DISPATCHER)) is None:
            raise WrongSetting("JIULING_DATA_DIR holds a roster that is not the demo city's; choose another folder")
        else:
            say.print(f"reusing what is in {settings.data_dir}")
    with database.read() as session:
        care = select(func.count()).select_from(Centre).where(Centre.kind == CentreKind.CARE)
        counts = {
            "elders": session.scalar(select(func.count()).select_from(Elder)) or 0,
            "centres": session.scalar(care) or 0,
            "caregivers": session.scalar(select(func.count()).select_from(Caregiver)) or 0,
            "granted_minutes": session.scalar(select(func.sum(Grant.monthly_minutes))) or 0,
        }
    database.engine.dispose()
    return counts


def _in_words(figures: Mapping[str, Any]) -> str:
    return (
        f"elders to centres: {figures['elders']} to {figures['centres']}, {figures['mean_metres']:,.0f} m on average, "
        f"{figures['max_metres']:,.0f} m at most, {figures['overload_minutes'] / 60:,.0f} h over what centres declared"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise WrongSetting(f"JIULING_PORT: {host}:{port} can't be used: {error.strerror}") from None


@contextmanager
def _service(settings: Settings, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``jiuling serve`` with its worker for the length of the block."""
    environment = {
        **os.environ,
        "JIULING_PORT": str(port),
        "JIULING_DATA_DIR": str(settings.data_dir.resolve()),
        "JIULING_LOG_LEVEL": "warning",
    }
    service = subprocess.Popen([sys.executable, "-m", "app.cli", "serve"], env=environment, stdout=sys.stderr)
    try:
        yield service
    except KeyboardInterrupt:
        pass
    finally:
        service.terminate()
        try:
            service.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            service.kill()


@contextmanager
def _progress(say: Console) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=say, transient=True) if say.is_terminal else nullcontext() as bar:
        task = bar.add_task("queued", total=1) if bar else None
        last = {"at": 0.0}

        def show(progress: dict[str, Any]) -> None:
            words = progress_words(progress)
            if bar is not None and task is not None:
                bar.update(task, description=words, total=max(progress["due_minutes"], 1))
                bar.update(task, completed=progress["placed_minutes"])
            elif time.monotonic() - last["at"] >= 5:
                last["at"] = time.monotonic()
                say.print(words, highlight=False)

        yield show


def _print(figures: dict[str, Any], walked: Walk, as_json: bool, say: Console) -> None:
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=1), flush=True)  # before the service goes on serving
        return
    Console().print(figures_table(walked.schedule))
    say.print(f"CSV: {walked.csv_path} ({walked.csv_rows} rows)", highlight=False)


def _print_accounts(settings: Settings, say: Console) -> None:
    say.print(
        f"\nthe week board: http://{settings.host}:{settings.port} (API: /api/v1/docs); Ctrl-C stops", highlight=False
    )
    say.print(f"password of all accounts: {DEMO_PASSWORD}", highlight=False)
    say.print("admin · dispatcher (whole city) · dispatcher-fotang (one town) · auditor · n00001 (a caregiver)")
