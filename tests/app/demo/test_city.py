"""The demo city is the same for the same seed, as large as the real one, and made of valid rows."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.caregivers.models import Caregiver, WorkingHours
from app.centres.models import Centre, CentreKind, Town, Village
from app.core.db import Database
from app.core.identity import check_identity
from app.demo.city import build_city, is_empty
from app.demo.names import place_name
from app.demo.options import CityOptions, Staffing
from app.elders.age import may_join_on
from app.elders.models import CarePlan, Elder
from app.entitlements.models import Grant
from app.pairs.models import Pair

AS_OF = date(2026, 11, 23)


def _build(database: Database, **options: object) -> None:
    with database.write() as session:
        build_city(session, CityOptions(as_of=AS_OF, **options))  # type: ignore[arg-type]


def _portrait(session: Session) -> list[tuple[object, ...]]:
    """Return what a city looks like, encrypted values in clear."""
    elders = [(e.number, e.name, e.id_number, e.home, e.village_id) for e in session.scalars(select(Elder))]
    caregivers = [(c.number, c.name, c.base, c.contract_minutes) for c in session.scalars(select(Caregiver))]
    pairs = [(p.elder_id, p.caregiver_id, p.kind, p.weight) for p in session.scalars(select(Pair))]
    hours = [(w.caregiver_id, w.weekday, w.starts) for w in session.scalars(select(WorkingHours))]
    return [*sorted(elders), *sorted(caregivers), *sorted(pairs), *sorted(hours)]


@pytest.fixture
def second(template: str, tmp_path: Path) -> Iterator[Database]:
    """Another database with the same keys."""
    from app.core.migrate import upgrade

    found = Database(f"sqlite:///{tmp_path}/second.sqlite3")
    upgrade(found)
    yield found
    found.engine.dispose()


def test_the_same_seed_makes_the_same_city(database: Database, second: Database) -> None:
    _build(database, elders=90, seed=7)
    _build(second, elders=90, seed=7)
    with database.read() as one, second.read() as other:
        assert _portrait(one) == _portrait(other)


def test_another_seed_makes_another(database: Database, second: Database) -> None:
    _build(database, elders=90, seed=7)
    _build(second, elders=90, seed=8)
    with database.read() as one, second.read() as other:
        assert _portrait(one) != _portrait(other)


def test_the_whole_city_is_as_large_as_the_real_one(database: Database) -> None:
    with database.read() as session:
        assert is_empty(session)
    _build(database)
    with database.read() as session:
        kinds = dict(session.execute(select(Centre.kind, func.count()).group_by(Centre.kind)).all())
        assert kinds == {CentreKind.GUIDANCE: 1, CentreKind.DEMONSTRATION: 14, CentreKind.CARE: 464}
        assert session.scalar(select(func.count()).select_from(Town)) == 14
        assert session.scalar(select(func.count()).select_from(Village)) == 544
        assert session.scalar(select(func.count()).where(Village.under_redevelopment)) == 50
        assert session.scalar(select(func.count()).select_from(Elder)) == 3000
        assert session.scalar(select(func.count()).select_from(Caregiver)) == 400
        eight = session.scalar(select(func.count()).where(Grant.monthly_minutes == 480)) or 0
        assert 0.27 <= eight / 3000 <= 0.33
        double = session.scalar(select(func.count()).where(CarePlan.hands == 2)) or 0
        assert 0.01 <= double / 3000 <= 0.03
        without = select(func.count()).where(
            Village.under_redevelopment, Centre.village_id == Village.id, Centre.kind == CentreKind.CARE
        )
        assert session.scalar(without) == 0
        assert not is_empty(session)


def test_every_elder_could_have_come_over_the_api(database: Database) -> None:
    _build(database, elders=300)
    with database.read() as session:
        for elder in session.scalars(select(Elder)):
            check_identity(elder.id_number, elder.birth_date, elder.gender)
            assert may_join_on(elder.birth_date) <= elder.joined_on
            assert "虚构" in elder.address
        for caregiver in session.scalars(select(Caregiver)):
            check_identity(caregiver.id_number, caregiver.birth_date, caregiver.gender)


@pytest.mark.parametrize(("scarce", "ample"), [(Staffing.SHORT, Staffing.TIGHT), (Staffing.TIGHT, Staffing.SLACK)])
def test_staffing_is_what_it_says(database: Database, second: Database, scarce: Staffing, ample: Staffing) -> None:
    _build(database, elders=150, staffing=scarce)
    _build(second, elders=150, staffing=ample)

    def contracted(found: Database) -> int:
        with found.read() as session:
            return session.scalar(select(func.sum(Caregiver.contract_minutes))) or 0

    assert contracted(database) < contracted(second)


@pytest.mark.parametrize(
    ("village", "place"),
    [("余店村村民委员会", "余店村"), ("宅山村委会", "宅山"), ("江滨社区居委会", "江滨社区"), ("委员会村", "委员会村")],
)
def test_a_place_is_named_without_its_committee(village: str, place: str) -> None:
    assert place_name(village) == place


@pytest.mark.parametrize("elders", [0, 1])
def test_the_smallest_cities_can_be_built(database: Database, elders: int) -> None:
    _build(database, elders=elders)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Elder)) == elders


@pytest.mark.parametrize("elders", [-1, 100_001])
def test_sizes_out_of_bounds_are_refused(elders: int) -> None:
    with pytest.raises(ValueError, match="elders: expected 0 to 100000"):
        CityOptions(as_of=AS_OF, elders=elders)
