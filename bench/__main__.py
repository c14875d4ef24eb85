"""``python -m bench NAME [--json]``: run one measurement and print one JSON object."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from bench import (
    ablation,
    board,
    city,
    csv_export,
    edit,
    fixes,
    gap,
    import_roster,
    ledger,
    me,
    month,
    peers,
    repair,
    scale,
    search,
    weekly,
)
from bench.measure import machine

BENCHES: Mapping[str, ModuleType] = {
    "ablation": ablation,
    "board": board,
    "city": city,
    "csv": csv_export,
    "edit": edit,
    "fixes": fixes,
    "gap": gap,
    "import": import_roster,
    "ledger": ledger,
    "me": me,
    "month": month,
    "peers": peers,
    "repair": repair,
    "scale": scale,
    "search": search,
    "weekly": weekly,
}


def main(arguments: Sequence[str]) -> int:
    """Run the bench that was named; without a name, list them."""
    if not arguments:
        for name, module in BENCHES.items():
            print(f"{name:8} {_summary(module)}")
        return 0
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    for name, module in BENCHES.items():
        one = names.add_parser(name, help=_summary(module), description=module.__doc__)
        one.add_argument("--json", action="store_true", help="on one line, for machines")
        module.add_arguments(one)
    chosen = parser.parse_args(arguments)
    found = measured(chosen, arguments)
    print(json.dumps(found, ensure_ascii=False, indent=None if chosen.json else 1))
    return 0


def measured(chosen: argparse.Namespace, arguments: Sequence[str]) -> dict[str, Any]:
    """Return the figures of a bench, with where and how they were measured."""
    command = " ".join(("python3 dev.py bench", *arguments))
    at = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    return {"bench": chosen.name, "command": command, **at, **BENCHES[chosen.name].measure(chosen)}


def _summary(module: ModuleType) -> str:
    return str(module.__doc__).partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
