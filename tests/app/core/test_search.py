"""Searching by name, pinyin and number."""

import pytest

from app.core.search import matches, syllables_of


@pytest.mark.parametrize(
    "query", ["", "王", "秀英", "wang", "WangXiuYing", "wang xiu", "wxy", "wangxy", "xiuy", "y", "E0012", "e-e0", "001"]
)
def test_found(query: str) -> None:
    assert matches(query, "王秀英", "E-E0012")


@pytest.mark.parametrize("query", ["李", "英秀", "ang", "wy", "wxyz", "yingxiu", "E9", "%", "_", "w.y"])
def test_not_found(query: str) -> None:
    assert not matches(query, "王秀英", "E-E0012")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("单秀英", "shan xiu ying"),
        ("曾国", "zeng guo"),
        ("区大", "ou da"),
        ("仇红", "qiu hong"),
        ("尉迟恭", "yu chi gong"),
        ("尉健", "wei jian"),
        ("吕梅", "lv mei"),
        ("红单", "hong dan"),
        ("阿依·古丽", "a yi gu li"),
        ("Anna", "anna"),
        ("", ""),
    ],
)
def test_names_are_read_as_names(name: str, read: str) -> None:
    assert list(syllables_of(name)) == read.split()
    assert matches(read, name, "1")


def test_u_with_dots_is_v() -> None:
    assert matches("lü", "吕梅", "1")
    assert matches("LV", "吕梅", "1")


def test_a_long_query_of_one_letter_ends() -> None:
    assert not matches("a" * 100, "啊" * 99, "1")
