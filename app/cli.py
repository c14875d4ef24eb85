"""The command line: ``jiuling COMMAND``; each command says with ``--help`` what it takes."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import app.models  # noqa: F401  (mappers refer to each other's tables by name)
from app.core import clock
from app.core.crypto import open_vault
from app.core.db import Database
from app.core.errors import JiulingError
from app.core.logging import set_up_logging
from app.core.migrate import upgrade
from app.core.settings import Settings, read_settings
from app.core.weeks import Month, Week
from app.demo.options import FULL_ELDERS, CityOptions, Staffing
from app.imports.schemas import ImportKind


class Language(StrEnum):
    """Of headers and messages."""

    ZH = "zh"
    EN = "en"


cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Jiuling 九龄: home care for people of 90 and over.")
users = typer.Typer(no_args_is_help=True, help="Accounts.")
cli.add_typer(users, name="user")

say = Console(stderr=True)
out = Console()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


def main() -> None:
    """Run a command; an expected error is one or more sentences and exit code 1."""
    try:
        cli()
    except JiulingError as error:
        _fail(error)


def _fail(error: JiulingError) -> None:
    say.print(f"[bold red]{error.title}[/]", highlight=False)
    if len(error.errors) != 1:
        say.print(error.detail, highlight=False, markup=False)
    for item in error.errors[:50]:
        say.print(f"  {item.field}: expected {item.expected}", highlight=False, markup=False)
    sys.exit(1)


@contextmanager
def _opened(settings: Settings | None = None) -> Iterator[tuple[Settings, Database]]:
    settings = settings or read_settings()
    set_up_logging(settings.log_level if settings.log_level != "info" else "warning")
    open_vault(settings.keys)
    database = Database(settings.database)
    try:
        yield settings, database
    finally:
        database.engine.dispose()


def _week(text: str) -> Week:
    try:
        return Week.parse(text) if text != "this" else Week.of(clock.today())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _month(text: str) -> Month:
    try:
        return Month.parse(text) if text != "this" else Month.of(clock.today())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


WeekArgument = Annotated[Week, typer.Argument(parser=_week, help="an ISO week such as 2026-W48, or: this")]


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=str))


# --- running --------------------------------------------------------------------------------------


@cli.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop when the week is published; do not serve.")] = False,
    as_json: Json = False,
    elders: Annotated[int, typer.Option(min=0, max=100_000, help="How many elders.")] = FULL_ELDERS,
    staffing: Annotated[Staffing, typer.Option(help="Hours contracted against hours needed.")] = Staffing.SLACK,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 1,
    seconds: Annotated[int, typer.Option(min=1, max=3600, help="For the search.")] = 40,
    week: Annotated[Week | None, typer.Option(parser=_week, help="Default: this week.")] = None,
) -> None:
    """Make the demo city, plan a week through the service, publish it, save its CSV, and serve."""
    from app.demo.run import run_demo

    options = CityOptions(as_of=week.monday if week else clock.today(), elders=elders, staffing=staffing, seed=seed)
    run_demo(read_settings(), options, seconds=seconds, once=once, as_json=as_json, say=say)


@cli.command()
def serve(worker: Annotated[bool, typer.Option(help="Run a worker beside the service.")] = True) -> None:
    """Serve the API (JIULING_HOST, JIULING_PORT), with a worker beside it."""
    from app.operations.serving import serve as run

    settings = read_settings()
    with _opened(settings) as (_, database):
        if settings.environment == "embedded":
            upgrade(database)
    say.print(f"Jiuling 九龄: http://{settings.host}:{settings.port} (API: /api/v1/docs)", highlight=False)
    if not settings.encryption_keys:
        say.print(f"secret keys: {settings.keys_path} (keep a copy apart from the backups)", highlight=False)
    run(settings, with_worker=worker)


@cli.command()
def worker() -> None:
    """Run a worker: it makes the plans that the service is asked for."""
    from app.worker import main as run

    run()


@cli.command()
def migrate() -> None:
    """Bring the database to this release's revision."""
    from app.jobs import prepare

    with _opened() as (settings, database):
        upgrade(database)
        prepare(settings.jobs_database)
    say.print("the database is at this release's revision")


@cli.command()
def doctor(as_json: Json = False) -> None:
    """Look at everything the service needs; exit code 1 if something must be done."""
    from app.operations.doctor import examine

    findings = list(examine(read_settings()))
    if as_json:
        _print_json([{"what": f.what, "found": f.found, "remedy": f.remedy} for f in findings])
    else:
        table = Table("", "what", "found", "what to do")
        for finding in findings:
            table.add_row("✓" if finding.is_well else "✗", finding.what, finding.found, finding.remedy)
        out.print(table)
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


@cli.command()
def backup(
    target: Annotated[Path, typer.Argument(help="the file to write")],
    with_keys: Annotated[bool, typer.Option(help="Include the secret keys; then keep the file as secret.")] = False,
) -> None:
    """Write everything to one file, while the service runs."""
    from app.operations.backup import back_up

    done = back_up(read_settings(), target, with_keys=with_keys)
    say.print(f"{done.path}: {', '.join(done.files)}, {done.size_bytes:,} bytes, revision {done.revision}")
    if not with_keys:
        say.print("the secret keys are not in it: keep keys.json (or JIULING_ENCRYPTION_KEYS, …) elsewhere")


@cli.command()
def restore(
    source: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option(help="Put it in place of databases that are there.")] = False,
) -> None:
    """Put a backup in place of the databases; stop the service and the workers first."""
    from app.operations.backup import restore as put_back

    done = put_back(read_settings(), source, replace=replace)
    say.print(f"restored {', '.join(done.files)}, revision {done.revision}; next: jiuling migrate, jiuling doctor")


# --- the week -------------------------------------------------------------------------------------


@cli.command()
def plan(
    week: WeekArgument,
    town: Annotated[list[str] | None, typer.Option(help="A town's code; repeat for more. Without: the city.")] = None,
    seconds: Annotated[int | None, typer.Option(min=1, max=3600)] = None,
    iterations: Annotated[int | None, typer.Option(min=0, max=10**9)] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 1,
    parent: Annotated[int | None, typer.Option(help="Re-plan around the pins of this schedule.")] = None,
    as_json: Json = False,
) -> None:
    """Plan a week in this process, through the same durable job as the service; the result is a draft."""
    from app.demo.report import figures_table, progress_words
    from app.operations.planning import plan_here

    with _opened() as (settings, database), say.status("planning …") as status:
        schedule = plan_here(
            settings,
            database,
            week,
            town_codes=town or [],
            show=lambda progress: status.update(progress_words(progress)),
            seconds=seconds,
            iterations=iterations,
            seed=seed,
            parent_id=parent,
        )
    if as_json:
        _print_json(schedule)
    else:
        if schedule["figures"]:
            out.print(figures_table(schedule))
        error = (
            f" ({schedule['run']['error']})"
            if schedule["run"]["error"]
            else f"; next: jiuling publish {schedule['id']}"
        )
        say.print(f"schedule {schedule['id']} is {schedule['status']}{error}", highlight=False)
    if schedule["status"] != "draft":
        raise typer.Exit(1)


@cli.command()
def prove(
    schedule_id: int,
    seconds: Annotated[int, typer.Option(min=1, max=36_000, help="Ctrl-C ends it earlier and keeps the proof.")] = 600,
    as_json: Json = False,
) -> None:
    """Prove how far a planned week is from the best possible."""
    from app.operations.proving import prove_here

    with _opened() as (settings, database), say.status("proving …") as status:
        proof = prove_here(
            settings, database, schedule_id, seconds, lambda now: status.update(f"{now.seconds:.0f} s  {now.words.en}")
        )
    if as_json:
        _print_json(proof.model_dump(mode="json"))
    else:
        say.print(proof.words.en, highlight=False)
    if proof.error:
        raise typer.Exit(1)


@cli.command()
def why(
    schedule_id: int,
    visit: Annotated[str, typer.Argument(help="the id or the key of a visit")],
    as_json: Json = False,
) -> None:
    """Say why a visit has no place and what would give it one; or why it has the caregiver that it has."""
    from app.operations.advising import lines_of, why_here

    with _opened() as (_, database):
        found = why_here(database, schedule_id, visit)
    if as_json:
        _print_json(found.model_dump(mode="json"))
    else:
        for line in lines_of(found):
            say.print(line, highlight=False, markup=False)


@cli.command()
def price(
    schedule_id: int,
    iterations: Annotated[int | None, typer.Option(min=1, max=10**7, help="Of each search; repeatable.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 0,
    as_json: Json = False,
) -> None:
    """Say what each goal of a planned week costs the others, in kilometres and minutes."""
    from app.operations.advising import price_here

    with _opened() as (_, database), say.status("searching without each goal …"):
        found = price_here(database, schedule_id, iterations=iterations, seed=seed)
    if as_json:
        _print_json(found)
        return
    table = Table("goal", "kilometres", "travel min", "unserved min", title=f"schedule {schedule_id}: what goals cost")
    for goal, costs in found["goals"].items():
        table.add_row(goal, *(f"{costs[name]:+,}" for name in ("kilometres", "travel_minutes", "unserved_minutes")))
    out.print(table)
    for skill, points in sorted(found["one_more_hour"].get("skill", {}).items(), key=lambda each: -each[1]):
        say.print(f"an hour of care that asks for {skill or 'no skill'}: about {points:,.0f} points", highlight=False)


@cli.command()
def repair(
    schedule_id: int,
    day: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="On which day, or from which day on.")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day; without: one.")] = None,
    caregiver: Annotated[int | None, typer.Option(help="Who is away.")] = None,
    elder: Annotated[int | None, typer.Option(help="Or: who wants one more visit, on one of these days.")] = None,
    minutes: Annotated[int, typer.Option(help="How long that visit is.")] = 60,
    opens: Annotated[int | None, typer.Option(help="From which minute of the day it may begin.")] = None,
    closes: Annotated[int | None, typer.Option(help="Until which; without both: her care plan's windows.")] = None,
    skill: Annotated[str | None, typer.Option(help="Which certificate it needs; without: her care plan's.")] = None,
    at_most: Annotated[int, typer.Option(min=0, max=5, help="Other elders who may be changed.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would change.")] = False,
    as_json: Json = False,
) -> None:
    """Repair a published week after a sick call, or add a visit: draft a version that changes the fewest elders.

    A sick call is noted as leave.
    """
    from app.operations.repairing import added_visit, repair_here, sentence, sick_call
    from app.schedules.repair_schemas import Sick, VisitAdded

    first, last = day.date(), until.date() if until else None
    with _opened() as (settings, database):
        happened: Sick | VisitAdded
        if elder is not None and caregiver is None:
            happened = added_visit(elder, minutes, first, last, opens=opens, closes=closes, skill=skill)
        elif caregiver is not None and elder is None:
            happened = sick_call(caregiver, first, last)
        else:
            raise typer.BadParameter("expected either --caregiver or --elder")
        answer = repair_here(settings, database, schedule_id, happened, at_most=at_most, dry_run=dry_run)
    if as_json:
        _print_json(answer.model_dump(mode="json"))
        return
    table = Table("visit", "before", "after", "what")
    for change in answer.changes:
        before, after = (str(each.caregiver_ids) if each else "–" for each in (change.before, change.after))
        table.add_row(change.visit_key, before, after, change.words)
    out.print(table)
    say.print(sentence(answer), highlight=False)


@cli.command()
def publish(schedule_id: int) -> None:
    """Publish a draft: caregivers see it from then on."""
    from app.operations.planning import publish_here

    with _opened() as (settings, database):
        publish_here(settings, database, schedule_id)
    say.print(f"schedule {schedule_id} is published")


@cli.command()
def export(
    schedule_id: int,
    target: Annotated[Path, typer.Argument(help="a file ending in .csv or .xlsx")],
    lang: Annotated[Language, typer.Option()] = Language.ZH,
    town: Annotated[str | None, typer.Option(help="A town's code.")] = None,
) -> None:
    """Write a schedule as CSV or XLSX."""
    from app.operations.planning import export_here

    if target.suffix not in (".csv", ".xlsx"):
        raise typer.BadParameter("expected a file ending in .csv or .xlsx")
    with _opened() as (_, database):
        rows = export_here(database, schedule_id, target, lang=lang.value, town_code=town)
    say.print(f"{target}: {rows} rows")


@cli.command()
def ledger(
    month: Annotated[Month, typer.Argument(parser=_month, help="a month such as 2026-11, or: this")],
    town: Annotated[str | None, typer.Option(help="A town's code.")] = None,
    as_json: Json = False,
) -> None:
    """Show the entitlement ledger of a month, town by town, and who is at risk."""
    from app.operations.planning import ledger_here

    with _opened() as (settings, database):
        summary = ledger_here(settings, database, month, town)
    if as_json:
        _print_json(summary)
        return
    columns = ("elders", "granted", "planned", "delivered", "excused", "remaining", "short", "at_risk")
    table = Table("town", *columns, title=f"{month}: hours")
    for row in summary:
        table.add_row(str(row["town"]), *(_hours(name, row[name]) for name in columns))
    out.print(table)


@cli.command(name="month")
def month_(
    month: Annotated[Month, typer.Option("--month", parser=_month, help="Such as 2026-11, or: this.")] = "this",  # type: ignore[assignment]
    town: Annotated[str | None, typer.Option(help="A town's code.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Seen from this day; default: today.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say who can't reach her hours of a month, and why; exit code 1 if anybody can't."""
    from app.operations.planning import month_here

    with _opened() as (settings, database):
        found = month_here(settings, database, month, town, as_of.date() if as_of else None)
    if as_json:
        _print_json(found.model_dump(mode="json"))
    else:
        say.print(found.statement.en, highlight=False, markup=False)
        weeks = Table("week", "load", "capacity", "share", title=f"{found.month}: caregivers' hours")
        for week in found.weeks:
            share = f"{week.load_minutes / week.capacity_minutes:.0%}" if week.capacity_minutes else "–"
            hours = (f"{minutes / 60:,.1f}" for minutes in (week.load_minutes, week.capacity_minutes))
            weeks.add_row(week.week, *hours, share)
        out.print(weeks)
        table = Table("elder", "town", "hours missing", "because", "what would help")
        for item in found.items:
            because = [f"{each.en}{'' if each.proved else ' (expected)'}" for each in item.because]
            helps = "; ".join(each.would_help.en for each in item.because)
            missing = f"{item.missing_minutes / 60:.1f}"
            table.add_row(str(item.elder_id), str(item.town_id), missing, "; ".join(because), helps)
        if found.items:
            out.print(table)
        for contest in found.contests:
            say.print(f"{contest.number}: {contest.words.en}", highlight=False, markup=False)
    if found.items:
        raise typer.Exit(1)


def _hours(name: str, value: int) -> str:
    return str(value) if name in ("elders", "at_risk") else f"{value / 60:,.1f}"


@cli.command()
def solve(
    problem: Annotated[Path, typer.Argument(help="a problem as JSON; - for standard input")],
    target: Annotated[Path | None, typer.Argument(help="where to write the plan; default: standard output")] = None,
    seconds: Annotated[float | None, typer.Option(min=0)] = None,
    iterations: Annotated[int | None, typer.Option(min=0)] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 0,
    workers: Annotated[int, typer.Option(min=1, max=256)] = 1,
) -> None:
    """Solve a problem without service or database: JSON in, JSON out."""
    from app.operations.solving import solve_file

    solve_file(problem, target, seconds=seconds, iterations=iterations, seed=seed, workers=workers)


@cli.command()
def simulate(
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How many weeks to plan, one after the other.")] = 12,
    missed: Annotated[float, typer.Option(min=0, max=1, help="Share of the visits that nobody makes.")] = 0.05,
    absent: Annotated[float, typer.Option(min=0, max=1, help="Share of the days that caregivers call in sick.")] = 0.0,
    cover: Annotated[bool, typer.Option(help="Plan the rest of the week again around who is absent.")] = True,
    elders: Annotated[int, typer.Option(min=0, max=100_000)] = FULL_ELDERS,
    staffing: Annotated[Staffing, typer.Option()] = Staffing.SLACK,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 1,
    month: Annotated[Month, typer.Option(parser=_month, help="The first month.")] = "this",  # type: ignore[assignment]
    seconds: Annotated[int | None, typer.Option(min=1, max=3600, help="Of search, a week; default: 15.")] = None,
    iterations: Annotated[int | None, typer.Option(min=0, max=10**7, help="Of search, a week: repeatable.")] = None,
    finish_month: Annotated[bool, typer.Option(help="Go on until the last month that is touched is over.")] = True,
    replan: Annotated[
        bool, typer.Option(help="In a month's last week, plan the rest again when one was missed.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Plan and deliver week after week in a made-up city, and compare every month with its grant.

    It works in a temporary folder, and touches nothing of this installation. Exit code 1 if a month ended
    neither exactly nor with a listed reason.
    """
    from app.simulation.options import SimulationOptions
    from app.simulation.run import simulate as run

    options = SimulationOptions(
        first_month=month,
        weeks=weeks,
        finish_month=finish_month,
        replan=replan,
        missed_share=missed,
        absent_share=absent,
        cover=cover,
        elders=elders,
        staffing=staffing,
        seed=seed,
        seconds=15 if seconds is None and iterations is None else seconds,
        iterations=iterations,
    )
    figures = run(options, lambda week: say.print(week.in_words(), highlight=False))
    if as_json:
        _print_json(figures)
    else:
        _print_months(figures)
    if figures["unexplained"]:
        raise typer.Exit(1)


def _print_months(figures: dict[str, Any]) -> None:
    columns = ("elders", "exact", "listed", "unexplained", "granted_hours", "delivered_hours", "missed_hours")
    table = Table(title=f"{figures['weeks_planned']} weeks: elders and hours")
    for name in ("month", *columns):
        table.add_column(name.removesuffix("_hours"), no_wrap=True)
    table.add_column("reasons")
    for row in figures["months"]:
        reasons = ", ".join(f"{reason}: {n}" for reason, n in row["by_reason"].items())
        table.add_row(row["month"], *(f"{row[name]:,}" for name in columns), reasons)
    out.print(table)


# --- the roster -----------------------------------------------------------------------------------


@cli.command(name="import")
def import_(
    kind: Annotated[ImportKind, typer.Argument()],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    update: Annotated[bool, typer.Option("--update", help="Change those that are there, by number.")] = False,
    lang: Annotated[Language, typer.Option()] = Language.ZH,
) -> None:
    """Import a list, all of it or nothing; every bad row is named."""
    from app.operations.importing import import_here, words

    with _opened() as (_, database):
        report = import_here(database, kind, file, dry_run=dry_run, update=update, lang=lang.value)
    for line in words(report):
        say.print(line, highlight=False, markup=False)
    if report.errors:
        raise typer.Exit(1)


@users.command("add")
def add_user(
    username: str,
    role: Annotated[str, typer.Option(help="administrator, dispatcher, auditor or caregiver")],
    town: Annotated[list[str] | None, typer.Option(help="A town's code; repeat for more. None: all towns.")] = None,
    caregiver: Annotated[str | None, typer.Option(help="The number of the caregiver whose account it is.")] = None,
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)] = "",
) -> None:
    """Add an account; the password is asked for, or taken from --password."""
    from app.operations.people import add_account

    with _opened() as (_, database):
        add_account(database, username, role, town or [], caregiver, password)
    say.print(f"{username} can sign in")


@users.command("list")
def list_users() -> None:
    """List the accounts."""
    from app.operations.people import list_accounts

    table = Table("username", "role", "towns", "disabled")
    with _opened() as (_, database):
        for row in list_accounts(database):
            table.add_row(*row)
    out.print(table)


@users.command("password")
def set_password(
    username: str,
    password: Annotated[str, typer.Option(prompt=True, confirmation_prompt=True, hide_input=True)] = "",
) -> None:
    """Set a new password; every session of the account ends."""
    from app.operations.people import reset_password

    with _opened() as (_, database):
        reset_password(database, username, password)
    say.print(f"{username} has a new password")


@users.command("disable")
def disable_user(username: str) -> None:
    """Close an account; every session of it ends."""
    from app.operations.people import disable_account

    with _opened() as (_, database):
        disable_account(database, username)
    say.print(f"{username} is disabled")


if __name__ == "__main__":
    main()
