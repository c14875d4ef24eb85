"""The repository itself: what is locked, what lies where, what the image takes in."""

import ast
import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt")
LAYOUT = (
    ".ci/run",
    ".dockerignore",
    ".gitignore",
    "CHANGELOG.md",
    "Dockerfile",
    "LICENSE",
    "README.md",
    "README.zh-CN.md",
    "app/accounts",
    "app/audit",
    "app/caregivers",
    "app/centres",
    "app/cli.py",
    "app/core",
    "app/demo",
    "app/elders",
    "app/entitlements",
    "app/jobs",
    "app/main.py",
    "app/models.py",
    "app/schedules",
    "app/worker.py",
    "bench",
    "dev.py",
    "migrations",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
    "solver",
    "tests",
)


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def normal(name: str) -> str:
    """Write a distribution's name the one way that a lock writes it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name, maxsplit=1)[0]).lower()


def locked(name: str) -> dict[str, list[str]]:
    """Return the hashes of every ``name==version`` of a lock."""
    blocks = (ROOT / name).read_text("utf-8").replace("\\\n", " ").splitlines()
    pins: dict[str, list[str]] = {}
    for block in filter(None, map(str.strip, blocks)):
        pins.setdefault(normal(block), []).extend(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
        assert re.match(r"[a-z0-9.-]+==[^ ]+ ", block), f"not a pinned version: {block[:60]}"
    return pins


def tracked() -> list[Path]:
    """Return the files under version control; outside of it (an unpacked archive) there are none to judge."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.mark.parametrize("path", LAYOUT)
def test_the_layout_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|-e|--index|--extra|--find|--trusted)", text, re.MULTILINE)
    assert " @ " not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_version_has_hashes(lock: str) -> None:
    assert [name for name, hashes in locked(lock).items() if not hashes] == []


def test_every_dependency_is_locked() -> None:
    project = pyproject()["project"]
    needed = {normal(name) for name in project["dependencies"] + project["optional-dependencies"]["build"]}
    assert needed - locked("requirements.txt").keys() == set()
    assert {normal(name) for name in project["optional-dependencies"]["dev"]} - locked(LOCKS[1]).keys() == set()


def test_the_tools_do_not_move_what_the_service_runs_on() -> None:
    service, tools = locked(LOCKS[0]), locked(LOCKS[1])
    assert {name: hashes for name, hashes in service.items() if tools.get(name) != hashes} == {}


def test_the_lock_of_the_pages_names_no_host_and_has_hashes() -> None:
    text = (ROOT / "package-lock.json").read_text("utf-8")
    packages = {name: each for name, each in json.loads(text)["packages"].items() if name}
    assert "preact" in {name.removeprefix("node_modules/") for name in packages}
    assert [name for name, each in packages.items() if "resolved" in each or "integrity" not in each] == []
    asked = json.loads((ROOT / "package.json").read_text("utf-8"))
    loose = re.compile(r"[^0-9.]")
    assert [each for each in (asked["dependencies"] | asked["devDependencies"]).values() if loose.search(each)] == []


def test_no_large_file_is_committed() -> None:
    assert [path for path in tracked() if path.stat().st_size > 1_000_000] == []


def test_no_made_thing_is_committed() -> None:
    made = re.compile(r"\.(pyc|sqlite3?|db|log|pem|key|nbi|nbc|so)$|(^|/)(keys\.json|\.env)$")
    assert [path for path in tracked() if made.search(path.as_posix())] == []


def test_a_revision_imports_no_living_code() -> None:
    revisions = list((ROOT / "migrations" / "versions").glob("*.py"))
    assert revisions
    for revision in revisions:
        for node in ast.walk(ast.parse(revision.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] in ("app", "solver")], revision.name


def test_the_licence_is_the_one_that_is_declared() -> None:
    assert pyproject()["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text("utf-8")


def image() -> list[tuple[str, list[str]]]:
    """Return the Dockerfile's instructions, each with its words."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    steps = []
    for line in lines:
        instruction, _, rest = line.strip().partition(" ")
        if instruction and not instruction.startswith("#"):
            rest = rest.strip()
            words = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
            steps.append((instruction, words))
    return steps


def in_image(path: str) -> bool:
    """Tell if .dockerignore lets a path into the image: what it lets in stands at the top level."""
    top = path.removeprefix("./").split("/")[0]
    return f"!{top}" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    steps = [words for instruction, words in image() if instruction == "COPY" and not words[0].startswith("--from=")]
    copied = [path for words in steps for path in words[:-1]]
    assert {"app", "solver", "migrations", "requirements.txt", "package-lock.json"} <= set(copied)
    assert [path for path in copied if not (ROOT / path).exists() or not in_image(path)] == []


def test_the_image_takes_in_what_the_wheel_is_made_of() -> None:
    copied = {path for instruction, words in image() if instruction == "COPY" for path in words[:-1]}
    project = pyproject()
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= copied
    assert project["project"]["readme"] in copied


def test_the_image_starts_a_command_that_exists() -> None:
    commands = [words for instruction, words in image() if instruction == "CMD"]
    assert commands == [["jiuling", "serve"]]
    module, _, function = pyproject()["project"]["scripts"]["jiuling"].partition(":")
    source = (ROOT / (module.replace(".", "/") + ".py")).read_text("utf-8")
    assert re.search(rf"^(def {function}\(|{function} = )", source, re.MULTILINE)
    assert (ROOT / "solver" / "warm.py").exists()


def test_the_image_runs_as_nobody_special_and_watches_itself() -> None:
    steps = image()
    users = [words for instruction, words in steps if instruction == "USER"]
    assert users == [["jiuling"]]
    assert any(instruction == "VOLUME" and words == ["/data"] for instruction, words in steps)
    assert any(
        instruction == "HEALTHCHECK" and any("/healthz" in word for word in words) for instruction, words in steps
    )


def test_the_checks_run_as_a_program_and_name_no_path_of_a_machine() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert not re.search(r"/(home|root|work|usr/local|Users)\b", script.read_text("utf-8"))
