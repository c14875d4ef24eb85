"""The builders make rows that the database accepts, each different."""

from sqlalchemy.orm import Session

from tests.app import given


def test_each_builder_makes_a_row_that_the_database_accepts(session: Session) -> None:
    town = given.town(session)
    first, second = given.elder(session, town), given.elder(session, town, lives_alone=True)
    caregiver = given.caregiver(session, town)
    given.care_plan(session, first)
    given.grant(session, first)
    given.stay(session, second)
    given.leave(session, caregiver)
    given.pair(session, first, caregiver)
    given.special_day(session, given.JOINED)
    session.commit()
    assert first.village_id == second.village_id
    assert first.id_number != second.id_number
