"""What came out of a plan, as figures and as a table."""

from typing import Any

from rich.table import Table

from app.core.weeks import Week
from app.demo.options import CityOptions
from app.demo.walk import Walk


def demo_figures(options: CityOptions, week: Week, counts: dict[str, int], walked: Walk) -> dict[str, Any]:
    """Return the one object that ``jiuling demo --json`` prints; hours are hours of care at the door."""
    figures = walked.schedule["figures"]
    return {
        "week": str(week),
        "staffing": str(options.staffing),
        "seed": options.seed,
        "elders": counts["elders"],
        "centres": counts["centres"],
        "caregivers": counts["caregivers"],
        "hours_granted": counts["granted_minutes"] / 60,
        "hours_due": figures["due_minutes"] / 60,
        "hours_placed": figures["placed_minutes"] / 60,
        "visits_placed": figures["visits_placed"],
        "visits_unallocated": figures["visits_unallocated"],
        "unallocated_by_reason": figures["unallocated_by_reason"],
        "unallocated_without_reason": figures["unallocated_without_reason"],
        "violations": figures["violations"],
        "usual_share": figures["usual_share"],
        "travel_minutes": figures["travel_minutes"],
        "load": figures["load"],
        "cost": walked.schedule["cost"],
        "bound": walked.schedule["bound"],
        "gap": walked.schedule["gap"],
        "solve_seconds": figures["solve_seconds"],
        "csv_rows": walked.csv_rows,
        "csv": str(walked.csv_path),
        "schedule_id": walked.schedule["id"],
        "status": walked.schedule["status"],
    }


def figures_table(schedule: dict[str, Any]) -> Table:
    """Return a schedule's figures for people, in Chinese and English."""
    figures = schedule["figures"]
    table = Table(title=f"{schedule['week']} · {schedule['status']}", show_header=False)
    rows = (
        ("应服务工时 hours due", f"{figures['due_minutes'] / 60:,.1f}"),
        ("已排工时 hours placed", f"{figures['placed_minutes'] / 60:,.1f}"),
        ("已排服务 visits placed", f"{figures['visits_placed']:,}"),
        ("未排服务 visits unallocated", f"{figures['visits_unallocated']:,}"),
        *(("  " + reason, str(count)) for reason, count in sorted(figures["unallocated_by_reason"].items())),
        ("违反规则 violations", str(figures["violations"])),
        ("固定护理员 usual caregiver", f"{figures['usual_share']:.1%}" if figures["usual_share"] is not None else "–"),
        ("路程 travel minutes", f"{figures['travel_minutes']:,}"),
        ("负荷 load (share of contract)", _load_words(figures["load"])),
        ("代价 cost (points)", f"{schedule['cost'].get('total', 0):,.0f}"),
        (
            "与最优的差距 proved gap",
            f"{schedule['gap']:.1%}" if schedule["gap"] is not None else "尚未证明 not proved yet",
        ),
        ("求解 solve seconds", f"{figures['solve_seconds']:.1f}"),
    )
    for name, value in rows:
        table.add_row(name, value)
    return table


def _load_words(load: dict[str, float]) -> str:
    over, busy, people = (f"{load[name]:.0f}" for name in ("over_90_percent", "busy", "caregivers"))
    return f"{load['mean']:.0%}, 最高 highest {load['highest']:.0%}; {busy}/{people} 有服务 at work, {over} > 90%"


def progress_words(progress: dict[str, Any]) -> str:
    """Return how far a computation is, in one line."""
    due, placed = progress["due_minutes"] / 60, progress["placed_minutes"] / 60
    cost = progress["cost"]
    points = f", cost {cost:,.0f}" if cost is not None else ""
    return f"{progress['stage']}: {placed:,.0f} of {due:,.0f} h placed{points}"
