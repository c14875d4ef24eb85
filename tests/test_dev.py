"""dev.py: which environment a command needs, when it is made anew, how the tests are called. No network."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import dev
from dev import Checkout, SetUpFailed

ROOT = Path(dev.__file__).parent


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A small project folder with an environment whose Python is this one."""
    (tmp_path / "requirements.txt").write_text("numpy==1.0\n")
    (tmp_path / "requirements-dev.txt").write_text("numpy==1.0\npytest==9.0\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.ruff]\nline-length = 120\n')
    made = Checkout(tmp_path)
    made.bin.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    return made


def stamp(checkout: Checkout, kind: str) -> None:
    checkout.write_stamp(asdict(checkout.wanted(kind)))


def ready(checkout: Checkout, command: str) -> bool:
    return dev.is_ready(checkout, checkout.wanted(dev.kind_for(command, checkout.stamp())))


@pytest.mark.parametrize("command", ["demo", "serve", "setup"])
def test_the_service_needs_no_development_tools(command: str) -> None:
    assert dev.kind_for(command, {}) == "run"


@pytest.mark.parametrize("command", ["test", "check", "bench"])
def test_tests_need_the_development_tools(command: str) -> None:
    assert dev.kind_for(command, {}) == "dev"


def test_an_environment_without_tools_will_not_do_for_the_tests(checkout: Checkout) -> None:
    stamp(checkout, "run")
    assert ready(checkout, "demo")
    assert not ready(checkout, "test")


def test_an_environment_with_tools_will_do_for_the_demo(checkout: Checkout) -> None:
    stamp(checkout, "dev")
    assert ready(checkout, "demo")
    assert ready(checkout, "test")


def test_a_changed_lock_is_installed_anew(checkout: Checkout) -> None:
    stamp(checkout, "dev")
    checkout.lock("dev").write_text("numpy==1.1\n")
    assert not ready(checkout, "demo")


def test_a_changed_dependency_is_installed_anew_a_changed_lint_setting_not(checkout: Checkout) -> None:
    stamp(checkout, "run")
    pyproject = checkout.root / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("120", "100"))
    assert ready(checkout, "demo")
    pyproject.write_text(pyproject.read_text().replace('"x"', '"y"'))
    assert not ready(checkout, "demo")


def test_a_ready_environment_is_left_alone(checkout: Checkout) -> None:
    stamp(checkout, "run")
    before = checkout.stamp_path.stat().st_mtime_ns
    dev.set_up(checkout, "demo")
    assert checkout.stamp_path.stat().st_mtime_ns == before


def test_an_environment_whose_python_is_gone_is_not_ready(checkout: Checkout) -> None:
    stamp(checkout, "run")
    checkout.python.unlink()
    checkout.python.symlink_to(checkout.root / "no-such-python")
    assert not ready(checkout, "demo")


def test_an_environment_cut_short_is_cleared(checkout: Checkout) -> None:
    checkout.write_stamp(dev.UNFINISHED)
    dev.clear_if_unusable(checkout, checkout.wanted("run"))
    assert not checkout.venv.exists()


def test_a_stamp_cut_short_counts_as_an_environment_cut_short(checkout: Checkout) -> None:
    checkout.stamp_path.write_text('{"kind": "ru')
    assert checkout.stamp() == dev.UNFINISHED


def test_a_folder_that_was_moved_gets_a_new_environment(checkout: Checkout) -> None:
    stamp(checkout, "run")
    moved = checkout.stamp() | {"place": "/elsewhere/.venv"}
    checkout.write_stamp(moved)
    assert not ready(checkout, "demo")
    dev.clear_if_unusable(checkout, checkout.wanted("run"))
    assert not checkout.venv.exists()


def test_an_environment_made_by_hand_is_kept(checkout: Checkout) -> None:
    dev.clear_if_unusable(checkout, checkout.wanted("run"))
    assert checkout.python.exists()


def test_a_failed_set_up_stays_marked_as_unfinished(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)  # Away from any uv: pip is asked, and finds no such package.
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(SetUpFailed):
        dev.set_up(checkout, "demo")
    assert checkout.stamp() == dev.UNFINISHED


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not the one that was locked"),
        ("NewConnectionError: Failed to establish a new connection: [Errno 111]", "can't be reached"),
        ("Temporary failure in name resolution", "can't be reached"),
        ("ERROR: No matching distribution found for ortools==9.15", "no fitting build"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("something never seen", "last lines"),
    ],
)
def test_a_failure_is_explained(printed: str, said: str) -> None:
    assert said in dev.explain(printed)


def test_a_failing_step_shows_its_last_lines(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SetUpFailed, match="can't be reached"):
        dev.install("trying", [sys.executable, "-c", "print('dns error'); raise SystemExit(3)"])
    out, err = capfd.readouterr()
    assert out == ""
    assert "dns error" in err


def test_pytest_runs_on_several_cores_unless_told(checkout: Checkout) -> None:
    assert dev.pytest_arguments(checkout, [], "sqlite")[0] == "-n"
    assert dev.pytest_arguments(checkout, ["-n", "1"], "sqlite") == ["-n", "1"]
    assert dev.pytest_arguments(checkout, ["-n1"], "sqlite") == ["-n1"]


def test_postgresql_runs_the_service_tests_only(checkout: Checkout) -> None:
    assert dev.pytest_arguments(checkout, ["-n", "2"], "postgresql") == ["-n", "2", "tests/app"]


def test_named_tests_run_on_postgresql_as_named(checkout: Checkout) -> None:
    named = ["-n", "2", "requirements.txt"]
    assert dev.pytest_arguments(checkout, named, "postgresql") == named
    single = ["-n", "2", "tests/app/test_x.py::test_y"]
    assert dev.pytest_arguments(checkout, single, "postgresql") == single


def test_an_unknown_backend_is_refused_by_name(checkout: Checkout) -> None:
    with pytest.raises(SetUpFailed, match="JIULING_TEST_BACKEND is 'mysql'"):
        dev.backends(checkout, {"JIULING_TEST_BACKEND": "mysql"})


def test_sqlite_alone_asks_no_server(checkout: Checkout) -> None:
    assert dev.backends(checkout, {"JIULING_TEST_BACKEND": "sqlite"}) == ("sqlite",)


def test_a_postgresql_that_was_asked_for_must_answer(checkout: Checkout) -> None:
    nobody = "postgresql+psycopg://postgres@127.0.0.1:1/postgres"
    with pytest.raises(SetUpFailed, match="no PostgreSQL answers"):
        dev.backends(checkout, {"JIULING_TEST_BACKEND": "postgresql", "JIULING_TEST_POSTGRES_URL": nobody})


def test_what_runs_inside_finds_the_environment_first(checkout: Checkout) -> None:
    made = dev.environment_for(checkout, {"PATH": "/usr/bin", "PYTHONPATH": "/elsewhere", "HOME": "/nowhere"})
    assert made["PATH"].split(os.pathsep) == [str(checkout.bin), "/usr/bin"]
    assert "PYTHONPATH" not in made
    assert made["HOME"] == "/nowhere"


def test_other_solver_sources_are_compiled_anew(checkout: Checkout) -> None:
    (checkout.root / "solver").mkdir()
    (checkout.root / "solver" / "warm.py").write_text("print('compiled')\n")
    dev.warm_up(checkout, os.environ)
    first = checkout.warm_path.read_text()
    assert first == checkout.solver_digest()
    (checkout.root / "solver" / "search.py").write_text("x = 1\n")
    assert checkout.solver_digest() != first


def test_a_solver_that_does_not_compile_is_tried_again(checkout: Checkout) -> None:
    (checkout.root / "solver").mkdir()
    (checkout.root / "solver" / "warm.py").write_text("raise SystemExit(1)\n")
    dev.warm_up(checkout, os.environ)
    assert not checkout.warm_path.exists()


def run_dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, ROOT / "dev.py", *arguments], capture_output=True, text=True)


def test_without_a_command_it_says_what_there_is() -> None:
    done = run_dev()
    assert done.returncode == 2
    assert "demo" in done.stdout
    assert run_dev("--help").returncode == 0


def test_an_older_python_is_told_the_version_that_is_needed() -> None:
    source = (ROOT / "dev.py").read_text("utf-8")
    older = "import sys\nsys.version_info = (3, 9, 18, 'final', 0)\n" + source
    done = subprocess.run([sys.executable, "-c", older], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip() == "dev.py: Python 3.11 or newer is needed; this is 3.9. Try: python3.11 dev.py"


def test_the_sources_can_be_read_by_an_older_python() -> None:
    compile_for_old = "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read(), feature_version=(3, 8))"
    assert subprocess.run([sys.executable, "-c", compile_for_old, ROOT / "dev.py"]).returncode == 0


def test_a_stamp_is_plain_json(checkout: Checkout) -> None:
    stamp(checkout, "dev")
    assert json.loads(checkout.stamp_path.read_text())["kind"] == "dev"


@pytest.fixture
def with_pages(checkout: Checkout) -> Checkout:
    """A project folder whose pages' packages were fetched with the development tools."""
    (checkout.root / "app" / "web").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "app/web/assets.py"):
        (checkout.root / name).write_text("{}")
    checkout.vendor.mkdir(parents=True)
    checkout.node_modules.mkdir()
    fetched = {"pages": checkout.pages_digest(), "kind": "dev"}
    checkout.fetched_path.write_text(json.dumps(fetched))
    return checkout


def test_the_packages_of_the_pages_are_fetched_once(with_pages: Checkout) -> None:
    assert dev.has_pages(with_pages, "dev")
    assert dev.has_pages(with_pages, "run")


@pytest.mark.parametrize("changed", ["package.json", "package-lock.json", "app/web/assets.py"])
def test_another_lock_of_the_pages_is_fetched_anew(with_pages: Checkout, changed: str) -> None:
    (with_pages.root / changed).write_text('{"a": 1}')
    assert not dev.has_pages(with_pages, "run")


def test_packages_that_were_removed_are_fetched_anew(with_pages: Checkout) -> None:
    with_pages.node_modules.rmdir()
    assert dev.has_pages(with_pages, "run")  # what the service gives is a copy
    assert not dev.has_pages(with_pages, "dev")
    with_pages.vendor.rmdir()
    assert not dev.has_pages(with_pages, "run")


def test_the_service_starts_without_its_pages_where_npm_is_out_of_reach(
    with_pages: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: object) -> str:
        raise SetUpFailed("the package registry can't be reached.")

    monkeypatch.setattr(dev, "find_npm", unreachable)
    with_pages.vendor.rmdir()
    stamp(with_pages, "run")
    dev.fetch_pages(with_pages, "demo", {})
    assert "the pages will not work yet" in capsys.readouterr().err
    with pytest.raises(SetUpFailed):
        dev.fetch_pages(with_pages, "check", {})


def test_a_machine_with_npm_uses_its_own(checkout: Checkout, tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\n")
    npm.chmod(0o755)
    assert dev.find_npm(checkout, {"PATH": str(tmp_path)}) == str(npm)


def test_a_tool_of_npm_is_found_beside_those_of_python(checkout: Checkout) -> None:
    assert checkout.tool("python") == checkout.bin / "python"
    assert checkout.tool("tsc") == checkout.node_modules / ".bin" / "tsc"
