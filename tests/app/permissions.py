"""Who may call which route: the table, and for each line a request that would work for who may.

A line is a route, nine cells, and the request. The cells stand in the order of ``two_towns.PEOPLE``::

    A administrator   D dispatcher of the city   d dispatcher of the town   x dispatcher of the other town
    g caregiver of the visit   h another caregiver   U auditor of the city   u auditor of the other town   n nobody

``+`` allowed, ``1`` sign in first (401), ``3`` refused (403), ``4`` as if it weren't there (404),
``2`` likewise, of something named in the body (422). All rows that
are asked for belong to *the* town. Changes of an existing row are sent with a stale If-Match: 412 comes
after the authorisation, so that nothing is changed and one database serves all cells.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from app.core import clock
from tests.app import given
from tests.app.conftest import PASSWORD
from tests.app.two_towns import WEEK, TwoTowns

#            ADdx gh Uu n
ANYONE = "    ++++ ++ ++ +"
SIGNED_IN = " ++++ ++ ++ 1"
CITY_ADMIN = "+333 33 33 1"
AUDIT = "     +333 33 ++ 1"
READ_LIST = " ++++ 33 ++ 1"
READ_NAMED = "+++3 33 +3 1"  # the town is named by who asks
READ_ROW = "  +++4 33 +4 1"
REVEAL_ROW = "+++4 33 34 1"
EDIT_ANY = "  ++++ 33 33 1"
EDIT_NAMED = "+++3 33 33 1"
EDIT_ROW = "  +++4 33 33 1"
EDIT_CITY = " ++33 33 33 1"
OWN = "       3333 ++ 33 1"
OWN_VISIT = " 3333 +4 33 1"

Body = Callable[[TwoTowns], Any]
STALE = {"If-Match": '"999999"'}
_numbers = count(1)


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    route: str
    cells: str
    body: Body | None = None
    query: dict[str, Any] = field(default_factory=dict)  # values that begin with $ are ids of the two towns
    path: dict[str, Any] = field(default_factory=dict)  # likewise; else the path parameter's own name is the id
    stale: bool = False
    origin: bool = False  # sent as by a page of the service
    content: Body | None = None  # keyword arguments of the request, if it isn't JSON

    def __str__(self) -> str:
        return f"{self.route} {self.query or ''}{self.path or ''}".strip()


def _elder(towns: TwoTowns) -> dict[str, Any]:
    n = next(_numbers)
    birth_date = date(1930, 1, 1) + timedelta(days=n)
    return {
        "number": f"N{n:05d}",
        "name": "新人",
        "id_number": given.id_number(birth_date),
        "birth_date": str(birth_date),
        "gender": "female",
        "address": "新路1号",
        "disability_grade": "mild",
        "town_id": towns.own.town_id,
        "village_id": towns.own.village_id,
        "joined_on": str(clock.today()),
    }


def _centre(towns: TwoTowns) -> dict[str, Any]:
    return {
        "number": f"Z{next(_numbers):04d}",
        "name": "新照料中心",
        "kind": "care",
        "town_id": towns.own.town_id,
        "latitude": given.YIWU[0],
        "longitude": given.YIWU[1],
        "monthly_capacity_minutes": 1000,
        "opened_on": "2026-01-01",
    }


def _user(towns: TwoTowns) -> dict[str, Any]:
    return {
        "username": f"new.user{next(_numbers)}",
        "password": PASSWORD,
        "role": "auditor",
        "display_name": "新人",
        "town_ids": [towns.own.town_id],
    }


def _caregiver(towns: TwoTowns) -> dict[str, Any]:
    n = next(_numbers)
    birth_date = date(1970, 1, 1) + timedelta(days=n)
    return {
        "number": f"M{n:05d}",
        "name": "新护理员",
        "id_number": given.id_number(birth_date),
        "birth_date": str(birth_date),
        "gender": "female",
        "centre_id": towns.own.centre_id,
        "mode": "ebike",
        "contract_minutes": 2400,
        "hired_on": "2026-01-01",
    }


def _leave(_: TwoTowns) -> dict[str, Any]:
    day = str(date(2027, 1, 1) + timedelta(days=next(_numbers)))
    return {"first_on": day, "last_on": day, "kind": "annual"}


def _certificate(_: TwoTowns) -> dict[str, Any]:
    return {"skill": "dementia", "issued_on": "2026-01-01", "expires_on": "2028-01-01"}


def _care_plan(_: TwoTowns) -> dict[str, Any]:
    day = date(2027, 1, 1) + timedelta(days=next(_numbers))
    return {"valid_from": str(day), "visit_minutes": 60, "items": ["meals"]}


def _grant(_: TwoTowns) -> dict[str, Any]:
    day = date(2027, 1, 1) + timedelta(days=next(_numbers))
    return {
        "valid_from": str(day),
        "monthly_minutes": 480,
        "approved_by": "民政局",
        "approved_on": "2026-10-01",
        "reason": "失能",
    }


def _stay(_: TwoTowns) -> dict[str, Any]:
    day = date(2027, 1, 1) + timedelta(days=3 * next(_numbers))
    return {"kind": "hospital", "from_on": str(day), "to_on": str(day + timedelta(days=1))}


def _special_day(_: TwoTowns) -> dict[str, Any]:
    return {"day": str(date(2028, 1, 1) + timedelta(days=next(_numbers))), "kind": "closed", "name": "停电"}


def _ask(towns: TwoTowns) -> dict[str, Any]:
    return {"week": str(WEEK), "iterations": 1, "town_ids": [towns.own.town_id]}


def _file(towns: TwoTowns) -> dict[str, Any]:
    headers = "编号,名称,类型,镇街,纬度,经度,坐标系,每月服务能力（小时）,开放日期"
    row = f"Y{next(_numbers)},导入中心,照料中心,{towns.own.name},29.3,120.07,WGS-84,400,2026-01-01"
    return {"files": {"file": f"{headers}\r\n{row}\r\n".encode()}}


def _edit(towns: TwoTowns) -> dict[str, Any]:
    return {"edits": [{"pin": {"visit_id": towns.own.visit_id}}]}


def just(value: Any) -> Body:
    """Return a body that is the same for everybody."""
    return lambda _towns: value


SCHEDULE = "/api/v1/schedules/{schedule_id}"
ELDER = "/api/v1/elders/{elder_id}"
CAREGIVER = "/api/v1/caregivers/{caregiver_id}"
DRAFT = {"schedule_id": "$draft_id"}
BOTH = {"schedule_id": "$both_id"}
PUBLISHED = {"schedule_id": "$published_id"}
MONTH = {"month": f"{WEEK.monday:%Y-%m}"}
TOWN = {"town_id": "$town_id"}

ROUTES: tuple[Line, ...] = (
    # --- open to everybody ------------------------------------------------------------------------
    Line("GET /healthz", ANYONE),
    Line("GET /readyz", ANYONE),
    Line("GET /api/v1/openapi.json", ANYONE),
    Line("GET /api/v1/docs", ANYONE),
    Line("GET /", ANYONE),
    Line("GET /docs/oauth2-redirect", ANYONE),
    Line("GET /sign-in", ANYONE),
    Line("GET /board", ANYONE),  # without a page's cookie all pages lead to the sign-in page
    *(Line(f"GET /{page}", ANYONE) for page in ("month", "roster", "import", "users")),
    Line("GET /my", ANYONE),
    Line("GET /my-worker.js", ANYONE),
    Line("GET /my.webmanifest", ANYONE),
    Line("GET /static/{version}/{path:path}", ANYONE, path={"version": "any", "path": "style.css"}),
    Line("GET /api/v1/calendar/{secret}.ics", ANYONE, path={"secret": "$calendar_secret"}),
    # --- accounts ---------------------------------------------------------------------------------
    Line("POST /api/v1/auth/token", ANYONE, just({"username": "$door", "password": PASSWORD})),
    Line("POST /api/v1/auth/session", ANYONE, just({"username": "$door", "password": PASSWORD}), origin=True),
    Line("POST /api/v1/auth/refresh", ANYONE, just({"refresh_token": "$refresh_token"})),
    Line("GET /api/v1/auth/me", SIGNED_IN),
    Line("POST /api/v1/auth/revoke", SIGNED_IN),
    Line("POST /api/v1/auth/password", SIGNED_IN, just({"old_password": PASSWORD, "new_password": f"{PASSWORD}!"})),
    Line("GET /api/v1/users", CITY_ADMIN),
    Line("POST /api/v1/users", CITY_ADMIN, _user),
    Line("GET /api/v1/users/{user_id}", CITY_ADMIN),
    Line("PATCH /api/v1/users/{user_id}", CITY_ADMIN, just({"display_name": "改名"}), stale=True),
    Line("POST /api/v1/users/{user_id}/disable", CITY_ADMIN, stale=True),
    Line("POST /api/v1/users/{user_id}/enable", CITY_ADMIN, stale=True),
    Line("POST /api/v1/users/{user_id}/password", CITY_ADMIN, just({"password": PASSWORD}), stale=True),
    Line("GET /api/v1/audit", AUDIT),
    Line("GET /api/v1/audit", "+333 33 +3 1", query=TOWN),
    # --- centres ----------------------------------------------------------------------------------
    Line("GET /api/v1/towns", READ_LIST),
    Line("GET /api/v1/towns/{town_id}", READ_ROW),
    Line("PATCH /api/v1/towns/{town_id}", CITY_ADMIN, just({"latitude": 29.3, "longitude": 120.1}), stale=True),
    Line("GET /api/v1/villages", READ_LIST),
    Line("GET /api/v1/villages", READ_NAMED, query=TOWN),
    Line("GET /api/v1/villages/{village_id}", READ_ROW),
    Line("PATCH /api/v1/villages/{village_id}", CITY_ADMIN, just({"under_redevelopment": True}), stale=True),
    Line("GET /api/v1/centres", READ_LIST),
    Line("GET /api/v1/centres", READ_NAMED, query=TOWN),
    Line("POST /api/v1/centres", EDIT_NAMED, _centre),
    Line("GET /api/v1/centres/{centre_id}", READ_ROW),
    Line("PATCH /api/v1/centres/{centre_id}", EDIT_ROW, just({"name": "改名"}), stale=True),
    Line(
        "POST /api/v1/centres/{centre_id}/close",
        EDIT_ROW,
        just({"closed_on": "2027-01-01", "reason": "redevelopment"}),
        stale=True,
    ),
    # --- elders -----------------------------------------------------------------------------------
    Line("GET /api/v1/elders", READ_LIST),
    Line("GET /api/v1/elders", READ_NAMED, query=TOWN),
    Line("GET /api/v1/elders", "++++ 33 33 1", query={"disability_grade": "severe"}),
    Line("POST /api/v1/elders/search", READ_LIST, just({"q": "E0"})),
    Line("POST /api/v1/elders/search", READ_LIST, just({"q": "王"})),
    Line("POST /api/v1/elders/search", READ_NAMED, just({"q": "王"}), query=TOWN),
    Line("POST /api/v1/elders", EDIT_NAMED, _elder),
    Line(f"GET {ELDER}", READ_ROW),
    Line(f"GET {ELDER}", REVEAL_ROW, query={"reveal": True}),
    Line(f"PATCH {ELDER}", EDIT_ROW, just({"lives_alone": True}), stale=True),
    Line(f"POST {ELDER}/end", EDIT_ROW, just({"ended_on": "2026-12-01", "reason": "died"}), stale=True),
    Line(
        f"POST {ELDER}/take-back",
        EDIT_ROW,
        just({"on": str(clock.today())}),
        path={"elder_id": "$left_elder_id"},
        stale=True,
    ),
    Line(f"GET {ELDER}/care-plans", READ_ROW),
    Line(f"POST {ELDER}/care-plans", EDIT_ROW, _care_plan),
    Line(f"GET {ELDER}/care-plans/{{plan_id}}", READ_ROW),
    Line(f"PATCH {ELDER}/care-plans/{{plan_id}}", EDIT_ROW, just({"hands": 2}), stale=True),
    Line(f"GET {ELDER}/stays", READ_ROW),
    Line(f"POST {ELDER}/stays", EDIT_ROW, _stay),
    Line(f"GET {ELDER}/stays/{{stay_id}}", READ_ROW),
    Line(f"PATCH {ELDER}/stays/{{stay_id}}", EDIT_ROW, just({"note": "改"}), stale=True),
    Line(f"POST {ELDER}/stays/{{stay_id}}/end", EDIT_ROW, just({"to_on": "2026-02-08"}), stale=True),
    Line(f"GET {ELDER}/grants", READ_ROW),
    Line(f"POST {ELDER}/grants", EDIT_ROW, _grant),
    Line(f"GET {ELDER}/grants/{{grant_id}}", READ_ROW),
    Line(f"POST {ELDER}/grants/{{grant_id}}/end", EDIT_ROW, just({"valid_to": "2026-12-01"}), stale=True),
    # --- caregivers -------------------------------------------------------------------------------
    Line("GET /api/v1/caregivers", READ_LIST),
    Line("GET /api/v1/caregivers", READ_NAMED, query=TOWN),
    Line("POST /api/v1/caregivers/search", READ_LIST, just({"q": "G0"})),
    Line("POST /api/v1/caregivers/search", READ_LIST, just({"q": "李"})),
    Line("POST /api/v1/caregivers/search", READ_NAMED, just({"q": "李"}), query=TOWN),
    Line("POST /api/v1/caregivers", "+++2 33 33 1", _caregiver),  # the centre says the town
    Line(f"GET {CAREGIVER}", READ_ROW),
    Line(f"GET {CAREGIVER}", REVEAL_ROW, query={"reveal": True}),
    Line(f"PATCH {CAREGIVER}", EDIT_ROW, just({"contract_minutes": 1200}), stale=True),
    Line(f"POST {CAREGIVER}/end", EDIT_ROW, just({"ended_on": "2027-01-01", "reason": "left_work"}), stale=True),
    Line(f"POST {CAREGIVER}/take-back", EDIT_ROW, just({"on": "2027-01-01"}), stale=True),
    Line(f"GET {CAREGIVER}/certificates", READ_ROW),
    Line(f"POST {CAREGIVER}/certificates", EDIT_ROW, _certificate),
    Line(f"GET {CAREGIVER}/certificates/{{certificate_id}}", READ_ROW),
    Line(
        f"PATCH {CAREGIVER}/certificates/{{certificate_id}}", EDIT_ROW, just({"expires_on": "2029-01-01"}), stale=True
    ),
    Line(f"DELETE {CAREGIVER}/certificates/{{certificate_id}}", EDIT_ROW, stale=True),
    Line(f"GET {CAREGIVER}/working-hours", READ_ROW),
    Line(f"PUT {CAREGIVER}/working-hours", EDIT_ROW, just({"days": []}), stale=True),
    Line(f"GET {CAREGIVER}/leaves", READ_ROW),
    Line(f"POST {CAREGIVER}/leaves", EDIT_ROW, _leave),
    Line(f"GET {CAREGIVER}/leaves/{{leave_id}}", READ_ROW),
    Line(f"PATCH {CAREGIVER}/leaves/{{leave_id}}", EDIT_ROW, just({"kind": "sick"}), stale=True),
    Line(f"DELETE {CAREGIVER}/leaves/{{leave_id}}", EDIT_ROW, stale=True),
    # --- pairs ------------------------------------------------------------------------------------
    Line("GET /api/v1/pairs", READ_LIST),
    Line("GET /api/v1/pairs", READ_LIST, query={"elder_id": "$elder_id"}),
    Line(f"GET {ELDER}/pairs", READ_ROW),
    Line(f"GET {ELDER}/pairs/{{caregiver_id}}", READ_ROW),
    Line(f"PUT {ELDER}/pairs/{{caregiver_id}}", EDIT_ROW, just({"kind": "usual"}), stale=True),
    Line(f"DELETE {ELDER}/pairs/{{caregiver_id}}", EDIT_ROW, stale=True),
    # --- entitlements -----------------------------------------------------------------------------
    Line("GET /api/v1/ledger", READ_LIST, query=MONTH),
    Line("GET /api/v1/ledger", READ_NAMED, query={**MONTH, **TOWN}),
    Line("GET /api/v1/ledger", READ_ROW, query={**MONTH, "elder_id": "$elder_id"}),
    Line("GET /api/v1/ledger.csv", READ_LIST, query=MONTH),
    Line("GET /api/v1/ledger.csv", READ_NAMED, query={**MONTH, **TOWN}),
    Line("GET /api/v1/ledger/summary", READ_LIST, query=MONTH),
    Line("GET /api/v1/ledger/feasibility", READ_LIST, query=MONTH),
    Line("GET /api/v1/ledger/feasibility", READ_NAMED, query={**MONTH, **TOWN}),
    Line("GET /api/v1/special-days", SIGNED_IN),
    Line("POST /api/v1/special-days", CITY_ADMIN, _special_day),
    Line("GET /api/v1/special-days/{special_day_id}", SIGNED_IN),
    Line("PATCH /api/v1/special-days/{special_day_id}", CITY_ADMIN, just({"name": "改名"}), stale=True),
    Line("DELETE /api/v1/special-days/{special_day_id}", CITY_ADMIN, stale=True),
    # --- assignments ------------------------------------------------------------------------------
    Line("POST /api/v1/assignments", EDIT_CITY),
    Line("GET /api/v1/assignments/latest", READ_LIST),
    # --- schedules --------------------------------------------------------------------------------
    Line("GET /api/v1/schedules", READ_LIST),
    Line("GET /api/v1/schedules", READ_NAMED, query=TOWN),
    Line("POST /api/v1/schedules", EDIT_NAMED, _ask),
    Line("POST /api/v1/schedules", EDIT_ANY, just({"week": str(WEEK), "iterations": 1})),
    Line(f"GET {SCHEDULE}", READ_ROW, path=DRAFT),
    Line(f"GET {SCHEDULE}", READ_LIST, path=BOTH),
    Line(f"GET {SCHEDULE}/progress", READ_ROW, path=DRAFT),
    Line(f"GET {SCHEDULE}/events", READ_ROW, path=DRAFT),
    Line(f"GET {SCHEDULE}/board", READ_ROW, path=DRAFT),
    Line(f"GET {SCHEDULE}/board", READ_LIST, path=BOTH),
    Line(f"GET {SCHEDULE}/map", READ_ROW, path=DRAFT),
    Line(f"GET {SCHEDULE}/map", READ_LIST, path=BOTH),
    Line(f"GET {SCHEDULE}/visits", READ_ROW, path=DRAFT),
    Line(f"GET {SCHEDULE}/visits", READ_NAMED, path=BOTH, query=TOWN),
    Line(f"GET {SCHEDULE}/compare", READ_ROW, path=DRAFT, query={"with": "$published_id"}),
    Line(f"GET {SCHEDULE}/fairness", READ_ROW, path=DRAFT),
    Line(f"POST {SCHEDULE}/edits", EDIT_ROW, _edit, path=DRAFT, stale=True),
    Line(f"GET {SCHEDULE}/visits/{{visit_id}}/reasons", READ_ROW, path=DRAFT),
    Line(f"POST {SCHEDULE}/visits/{{visit_id}}/fixes", EDIT_ROW, just({"fix_id": "0"}), path=DRAFT, stale=True),
    Line(f"DELETE {SCHEDULE}/visits/{{visit_id}}/exceptions", EDIT_ROW, path=DRAFT, stale=True),
    Line(f"GET {SCHEDULE}/visits/{{visit_id}}/candidates", READ_ROW, path=DRAFT),
    Line(f"POST {SCHEDULE}/repairs", EDIT_ROW, just({"happened": {"kind": "roster"}}), path=PUBLISHED),
    Line(f"POST {SCHEDULE}/replan", EDIT_ROW, just({"iterations": 1}), path=DRAFT),
    Line(f"POST {SCHEDULE}/replan", EDIT_CITY, just({"iterations": 1}), path=BOTH),
    Line(f"POST {SCHEDULE}/proof", EDIT_ROW, just({"seconds": 1}), path=DRAFT),
    Line(f"POST {SCHEDULE}/proof", EDIT_CITY, just({"seconds": 1}), path=BOTH),
    Line(f"GET {SCHEDULE}/proof", READ_ROW, path=DRAFT),
    Line(f"GET {SCHEDULE}/proof", "++33 33 +3 1", path=BOTH),
    Line(f"DELETE {SCHEDULE}/proof", EDIT_ROW, path=DRAFT),
    Line(f"DELETE {SCHEDULE}/proof", EDIT_CITY, path=BOTH),
    Line(f"POST {SCHEDULE}/prices", EDIT_ROW, just({"iterations": 1}), path=DRAFT),
    Line(f"POST {SCHEDULE}/prices", EDIT_CITY, just({"iterations": 1}), path=BOTH),
    Line(f"GET {SCHEDULE}/prices", READ_ROW, path=DRAFT),
    Line(f"GET {SCHEDULE}/prices", "++33 33 +3 1", path=BOTH),
    Line(f"DELETE {SCHEDULE}/prices", EDIT_ROW, path=DRAFT),
    Line(f"DELETE {SCHEDULE}/prices", EDIT_CITY, path=BOTH),
    Line(f"POST {SCHEDULE}/cancel", EDIT_ROW, path=DRAFT),
    Line(f"POST {SCHEDULE}/cancel", EDIT_CITY, path=BOTH),
    Line(f"POST {SCHEDULE}/publish", EDIT_ROW, path=DRAFT, stale=True),
    Line(f"POST {SCHEDULE}/publish", EDIT_CITY, path=BOTH, stale=True),
    Line(f"DELETE {SCHEDULE}", EDIT_ROW, path=DRAFT, stale=True),
    Line(f"DELETE {SCHEDULE}", EDIT_CITY, path=BOTH, stale=True),
    # --- exports ----------------------------------------------------------------------------------
    Line(f"GET {SCHEDULE}.csv", READ_ROW, path=PUBLISHED),
    Line(f"GET {SCHEDULE}.csv", READ_NAMED, path=BOTH, query=TOWN),
    Line(f"GET {SCHEDULE}.xlsx", READ_ROW, path=PUBLISHED),
    Line(f"GET {SCHEDULE}/sheets", READ_ROW, path=PUBLISHED),
    # --- imports ----------------------------------------------------------------------------------
    Line("GET /api/v1/imports/{kind}/template.csv", READ_LIST, path={"kind": "centres"}),
    Line("GET /api/v1/imports/{kind}/template.xlsx", READ_LIST, path={"kind": "elders"}),
    Line("POST /api/v1/imports/{kind}", "+++2 33 33 1", path={"kind": "centres"}, content=_file),
    Line("POST /api/v1/imports/{kind}", EDIT_ANY, path={"kind": "centres"}, content=_file, query={"dry_run": True}),
    # --- visits -----------------------------------------------------------------------------------
    Line("GET /api/v1/me/visits", OWN),
    Line("POST /api/v1/me/calendar", OWN),
    Line("DELETE /api/v1/me/calendar", OWN),
    Line("POST /api/v1/me/visits/{visit_key}/check-in", OWN_VISIT),
    Line("POST /api/v1/me/visits/{visit_key}/check-out", OWN_VISIT, just({})),
    Line("POST /api/v1/visits/{visit_key}/outcome", EDIT_ROW, just({"state": "excused"})),
)
