"""The shell of the pages: who is led where, what the browser is allowed, and that every text is there twice."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.accounts.models import Role, User
from app.accounts.pages import COOKIE
from app.centres.coordinates import wgs84_to_gcj02
from app.centres.models import Village
from app.core.crypto import mask_name, open_vault
from app.core.db import Database
from app.elders.models import Elder
from app.web import assets
from app.web.map import hull
from app.web.shell import PAGES_OF, messages, modules_of, script_json
from tests.app.conftest import PASSWORD, SignInAs
from tests.app.two_towns import TwoTowns, two_towns

STATIC = assets.STATIC
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(autouse=True)
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages as ``dev.py`` leaves them, so that these tests need no network."""
    modules = tmp_path / "node_modules"
    for path in (*assets.PACKAGES.values(), *assets.STYLES):
        (modules / path).parent.mkdir(parents=True, exist_ok=True)
        (modules / path).write_text("export default 1;\n//# sourceMappingURL=away.map\n", "utf-8")
    target = tmp_path / "vendor"
    assets.copy_packages(modules, target)
    monkeypatch.setattr(assets, "VENDOR", target)
    return target


def signed_in(client: TestClient, database: Database) -> None:
    with database.read() as session:
        username = session.query(User).one().username
    known = {"username": username, "password": PASSWORD}
    assert client.post("/api/v1/auth/session", json=known, headers={"Origin": "http://testserver"}).status_code == 200


def led_to(client: TestClient, path: str, headers: dict[str, str] | None = None) -> str:
    answer = client.get(path, headers=headers, follow_redirects=False)
    assert answer.status_code in (303, 307), answer.text
    return answer.headers["location"]


def test_who_is_not_signed_in_is_led_to_the_door_and_a_program_to_the_docs(client: TestClient) -> None:
    assert led_to(client, "/", BROWSER) == "/sign-in"
    assert led_to(client, "/") == "/api/v1/docs"
    assert led_to(client, "/board") == "/sign-in"
    assert led_to(client, "/my") == "/sign-in"


def test_a_dispatcher_is_led_to_her_board(client: TestClient, database: Database, sign_in_as: SignInAs) -> None:
    sign_in_as(Role.DISPATCHER)
    signed_in(client, database)
    assert led_to(client, "/") == "/board"
    assert led_to(client, "/my") == "/board"
    assert client.get("/board?week=2026-W99&schedule=9e9").status_code == 200  # nonsense in the address: this week
    client.cookies.clear()
    client.cookies.set(COOKIE, "over")
    assert led_to(client, "/board") == "/sign-in"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DISPATCHER, Role.AUDITOR])
def test_everybody_in_the_office_finds_her_pages_and_no_other(
    client: TestClient, database: Database, sign_in_as: SignInAs, role: Role
) -> None:
    sign_in_as(role)
    signed_in(client, database)
    for name in {name for places in PAGES_OF.values() for name in places}:
        if name not in PAGES_OF[role]:
            assert led_to(client, f"/{name}") == f"/{PAGES_OF[role][0]}"
            continue
        page = client.get(f"/{name}")
        assert page.status_code == 200
        links = re.findall(r'<a href="/([\w-]+)"( aria-current="page")?>', page.text)
        assert [place for place, _ in links] == list(PAGES_OF[role])
        assert [place for place, here in links if here] == [name]


def test_a_page_asks_at_once_for_all_that_it_imports() -> None:
    board = {path.relative_to(STATIC).as_posix() for path in STATIC.glob("board/*.js")}
    assert board < set(modules_of("board"))
    assert {"api.js", "page.js", "signing-in.js"} <= set(modules_of("board"))
    assert not board & set(modules_of("my"))


def test_a_page_may_load_nothing_but_what_we_serve(client: TestClient) -> None:
    answer = client.get("/sign-in")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    nonce = re.fullmatch(r"'self' 'nonce-([\w-]{20,})'", policy["script-src"])
    assert nonce
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert f'nonce="{nonce[1]}"' in answer.text
    assert nonce[1] not in client.get("/sign-in").text  # another each time
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://", answer.text)
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text):
        served = client.get(address)
        if "/vendor/" not in address:
            assert served.status_code == 200, address
            assert "immutable" in served.headers["cache-control"]


def test_text_in_the_page_cannot_end_its_script() -> None:
    assert "</script>" not in script_json({"a": "</script><script>&"})
    assert json.loads(script_json({"a": "</script>&"})) == {"a": "</script>&"}


@pytest.mark.parametrize("path", ["../router.py", "..%2Frouter.py", "%2Fetc/passwd", "board", "nothing.js"])
def test_nothing_beside_the_static_files_is_given(client: TestClient, path: str) -> None:
    assert client.get(f"/static/any/{path}").status_code == 404


def test_without_the_packages_the_page_says_what_to_run(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "none")
    answer = client.get("/sign-in")
    assert answer.status_code == 503
    assert "python3 dev.py setup" in answer.text


def test_the_map_of_a_package_is_not_asked_for(vendor: Path) -> None:
    copied = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*.*js")}
    assert copied == set(assets.PACKAGES.values())
    assert "sourceMappingURL" not in (vendor / assets.PACKAGES["preact"]).read_text("utf-8")


def test_every_text_is_there_in_both_languages_with_the_same_gaps() -> None:
    zh, en = messages("zh"), messages("en")
    assert zh.keys() == en.keys()
    gaps = re.compile(r"\{\w+\}")
    assert {key for key in zh if sorted(gaps.findall(zh[key])) != sorted(gaps.findall(en[key]))} == set()
    assert [key for key in zh if not zh[key].strip() or not en[key].strip()] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_is_written_twice(lang: str) -> None:
    """JSON keeps the last one: the board's ``Mon`` was the roster's ``Monday``."""
    text = (STATIC.parent / "messages" / f"{lang}.json").read_text("utf-8")
    keys = [key for key, _ in json.loads(text, object_pairs_hook=list)]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_every_text_that_the_modules_ask_for_is_there() -> None:
    asked = set()
    for module in STATIC.rglob("*.js"):
        if "vendor" not in module.parts:
            asked |= set(re.findall(r'\bt\("([\w.-]+)"', module.read_text("utf-8")))
    assert len(asked) > 60
    assert asked - messages("zh").keys() == set()


def test_a_module_holds_no_chinese_of_its_own() -> None:
    for module in STATIC.rglob("*.js"):
        code = [
            line for line in module.read_text("utf-8").splitlines() if not line.lstrip().startswith(("//", "*", "/*"))
        ]
        words = re.findall(r"[\u4e00-\u9fff]{2,}", "\n".join(code))
        assert words == [], module.name


@pytest.fixture(scope="module")
def towns(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoTowns]:
    """A draft with a visit in each of two towns."""
    with two_towns(template, tmp_path_factory.mktemp("board")) as made:
        yield made


def test_an_auditor_sees_masked_names_on_the_board(towns: TwoTowns) -> None:
    path = f"/api/v1/schedules/{towns.own.draft_id}/board"
    shown = towns.client.get(path, headers=towns.headers("dispatcher of the city")).json()
    masked = towns.client.get(path, headers=towns.headers("auditor of the city")).json()
    for people in ("elders", "caregivers"):
        assert shown[people]["name"]
        assert masked[people]["name"] == [mask_name(name) for name in shown[people]["name"]]


def test_a_board_holds_what_the_visits_hold(towns: TwoTowns) -> None:
    headers = towns.headers("dispatcher of the city")
    path = f"/api/v1/schedules/{towns.own.draft_id}"
    board = towns.client.get(f"{path}/board", headers=headers)
    visits = towns.client.get(f"{path}/visits?limit=500", headers=headers).json()["items"]
    found = board.json()
    assert board.headers["etag"] == f'"{found["schedule"]["version"]}"'
    own = [place for place, version in enumerate(found["visits"]["schedule"]) if version == towns.own.draft_id]
    assert [found["visits"]["id"][place] for place in own] == [visit["id"] for visit in visits]
    for place, visit in zip(own, visits, strict=True):
        elder = found["visits"]["elder"][place]
        assert found["elders"]["id"][elder] == visit["elder_id"]
        makers = [found["caregivers"]["id"][each] for each in found["visits"]["caregivers"][place]]
        assert makers == visit["caregiver_ids"]
        assert found["visits"]["travel"][place] == visit["travel_minutes"]
        assert found["visits"]["start"][place] == visit["start_minute"]


def test_the_phone_page_can_be_installed(client: TestClient) -> None:
    about = client.get("/my.webmanifest").json()
    assert about["start_url"] == "/my"
    for icon in about["icons"]:
        picture = client.get(icon["src"])
        assert picture.headers["content-type"].split(";")[0] == icon["type"]
        if icon["type"] == "image/png":
            assert f"{int.from_bytes(picture.content[16:20])}x{int.from_bytes(picture.content[20:24])}" == icon["sizes"]
    assert client.get("/my-worker.js").headers["content-type"].startswith("text/javascript")


def test_the_map_gives_homes_and_to_an_auditor_villages(towns: TwoTowns) -> None:
    path = f"/api/v1/schedules/{towns.own.draft_id}/map"
    home = (29.312345, 120.098765)
    open_vault(towns.settings.keys)  # a test between may have opened another
    with towns.database.write() as session:
        elder = session.get_one(Elder, towns.own.elder_id)
        elder.home = home
        village = session.get_one(Village, elder.village_id)
        around = (village.latitude, village.longitude)
    shown = towns.client.get(path, headers=towns.headers("dispatcher of the town")).json()
    place = shown["elders"]["id"].index(towns.own.elder_id)
    assert shown["exact"]
    assert tuple(shown["elders"]["at"][place]) == home
    masked = towns.client.get(path, headers=towns.headers("auditor of the city")).json()
    assert not masked["exact"]
    assert tuple(masked["elders"]["at"][place]) == pytest.approx(around, abs=1e-6)
    assert not {*map(tuple, masked["caregivers"]["at"])} - {*map(tuple, masked["centres"]["at"])}
    chinese = towns.client.get(path, params={"datum": "gcj02"}, headers=towns.headers("dispatcher of the town")).json()
    assert tuple(chinese["elders"]["at"][place]) == pytest.approx(wgs84_to_gcj02(*home), abs=1e-6)


def test_a_towns_area_is_the_hull_of_its_villages() -> None:
    square = [(0.0, 0.0), (0.0, 2.0), (2.0, 2.0), (2.0, 0.0)]
    assert set(hull([*square, (1.0, 1.0), (0.0, 1.0), (1.9, 0.5)])) == set(square)
    assert len(hull(square)) == 4
    assert hull([(1.0, 1.0), (1.0, 1.0)]) == [(1.0, 1.0)]
    assert hull([]) == []


def test_only_the_board_may_load_tiles_and_only_from_their_host(
    client: TestClient, database: Database, sign_in_as: SignInAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_as(Role.DISPATCHER)
    signed_in(client, database)
    state = client.app.state  # type: ignore[attr-defined]
    tiles = "https://tiles.example.org:8443/{z}/{x}/{y}.png?key=1"
    monkeypatch.setattr(state, "settings", state.settings.model_copy(update={"map_tiles": tiles}))
    for path, host in (("/board", " https://tiles.example.org:8443"), ("/sign-in", "")):
        policy = client.get(path).headers["content-security-policy"]
        assert f"; img-src 'self' data:{host}; " in policy
