"""Made-up names, numbers and addresses; any likeness to a living person is chance."""

import random
import re
from datetime import date, timedelta

from stdnum.cn import ric

_SURNAMES = "王陈吴朱楼金骆龚何刘张李黄蒋徐虞方丁冯毛傅宗叶周杨胡鲍季孙施石童斯贾虞成喻盛余许郑"
_WOMEN = "秀英兰香珠凤桂花玉梅月仙素琴翠莲菊彩银娥爱云荷春雪芳美珍金惠娟巧"
_MEN = "国根福生宝林德明正忠良水木金土洪樟贤财兴友法有春海山荣华文元仁昌"
_YOUNG_WOMEN = "丽敏静燕艳娟霞萍红芬玲晓慧倩琳婷洁蕾菲琼雅珊"
_YOUNG_MEN = "伟强军勇杰涛斌磊超鹏峰波辉刚健亮俊飞宇浩"

_COMMITTEE = re.compile("(村民委员会|居民委员会|村委会|居委会)$")

COUNTY_CODE = "330782"  # Yiwu


def elder_name(chance: random.Random, gender: str) -> str:
    """Return a name of somebody born in the 1920s or 1930s."""
    given = _WOMEN if gender == "female" else _MEN
    return chance.choice(_SURNAMES) + "".join(chance.sample(given, 2 if chance.random() < 0.9 else 1))


def caregiver_name(chance: random.Random, gender: str) -> str:
    """Return a name of somebody of working age."""
    given = _YOUNG_WOMEN if gender == "female" else _YOUNG_MEN
    return chance.choice(_SURNAMES) + "".join(chance.sample(given, 2 if chance.random() < 0.6 else 1))


def identity_number(birth_date: date, gender: str, order: int) -> str:
    """Return the ``order``-th identity number of a birth date and gender; its check digit is right.

    GB 11643-1999: county, birth date, an order number (odd for men) and a check digit.
    """
    serial = (order * 2 + (1 if gender == "male" else 0)) % 1000
    digits = f"{COUNTY_CODE}{birth_date:%Y%m%d}{serial:03d}"
    return digits + ric.calc_check_digit(digits + "0")


def phone(chance: random.Random) -> str:
    """Return a mobile number of a range that no operator has given out."""
    return f"199{chance.randrange(10**8):08d}"


def place_name(village: str) -> str:
    """``余店村村民委员会`` → ``余店村``: the place without its committee."""
    return _COMMITTEE.sub("", village)


def address(chance: random.Random, village: str) -> str:
    """Return an address that says of itself that it is made up."""
    return f"（虚构）{place_name(village)}{chance.randint(1, 40)}组{chance.randint(1, 160)}号"


def birth_date(chance: random.Random, as_of: date, youngest: int, oldest: int, mean_over: float) -> date:
    """Return a birth date; ages beyond the youngest fall off exponentially with the mean given in years."""
    years = youngest + min(chance.expovariate(1 / mean_over), oldest - youngest)
    return as_of - timedelta(days=int(years * 365.25) + 2)
