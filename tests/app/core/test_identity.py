"""Identity numbers: what is refused, and what is not."""

from datetime import date

import pytest
from stdnum.cn import ric

from app.core.crypto import make_keys, open_vault
from app.core.errors import InvalidInput
from app.core.identity import check_identity, identity_index, normal_identity

BORN = date(1931, 1, 5)


def _number(place: str = "330782", born: str = "19310105", order: str = "124") -> str:
    digits = place + born + order
    return digits + ric.calc_check_digit(digits + "0")


def _fields(number: str, birth_date: date = BORN, gender: str = "female") -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        check_identity(number, birth_date, gender)
    return [error.field for error in refused.value.errors]


def test_an_elder_of_a_city_younger_than_herself_is_known() -> None:
    assert check_identity(_number(), BORN, "female") == _number()


@pytest.mark.parametrize("order", ["121", "123", "129"])
def test_odd_orders_are_men(order: str) -> None:
    assert check_identity(_number(order=order), BORN, "male")
    assert _fields(_number(order=order), gender="female") == ["body.gender"]


def test_the_birth_date_must_be_the_day_itself() -> None:
    assert _fields(_number(), date(1931, 1, 4)) == ["body.birth_date"]
    assert _fields(_number(), date(1931, 1, 6)) == ["body.birth_date"]
    assert _fields(_number(), date(1931, 1, 6), "male") == ["body.birth_date", "body.gender"]


@pytest.mark.parametrize(
    "number",
    [
        "",
        _number()[:-1],
        _number() + "0",
        _number()[:-1] + ("0" if _number()[-1] != "0" else "1"),
        _number(born="19310229"),
        _number(born="00000105"),
        _number(place="999999"),
        "33078219310105²24",
        "330782310105124",
    ],
)
def test_what_is_not_a_number_is_refused(number: str) -> None:
    assert _fields(number) == ["body.id_number"]


def test_typing_does_not_matter() -> None:
    number = next(candidate for order in range(100, 200, 2) if (candidate := _number(order=str(order))).endswith("X"))
    typed = f" {number[:6]} {number[6:14]} {number[14:]}".lower().translate({ord("3"): "３"})
    assert check_identity(typed, BORN, "female") == number == normal_identity(typed)
    open_vault(make_keys())
    assert identity_index(typed) == identity_index(number) != identity_index(_number(order="998"))
