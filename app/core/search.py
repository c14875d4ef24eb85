"""Finding somebody by a piece of the name, by its pinyin, or by the number on the roster."""

from functools import lru_cache

# Read otherwise as a surname than as a word. Source: 现代汉语词典, entries marked 姓.
_SURNAMES = {
    "万俟": "mo qi",
    "单于": "chan yu",
    "尉迟": "yu chi",
    "长孙": "zhang sun",
    "澹台": "tan tai",
    "令狐": "ling hu",
    "乐": "yue",
    "仇": "qiu",
    "任": "ren",
    "区": "ou",
    "华": "hua",
    "单": "shan",
    "召": "shao",
    "员": "yun",
    "尉": "wei",
    "折": "she",
    "曾": "zeng",
    "朴": "piao",
    "查": "zha",
    "盖": "ge",
    "种": "chong",
    "秘": "bi",
    "繁": "po",
    "缪": "miao",
    "翟": "zhai",
    "能": "nai",
    "覃": "qin",
    "解": "xie",
    "黑": "he",
}


def matches(query: str, name: str, number: str) -> bool:
    """Whether a query is a piece of the name, its pinyin, or a piece of the number.

    Pinyin begins at any syllable, each of which may be shortened to its initial and the last one anywhere:
    ``wangxiuying``, ``wang xiu``, ``wxy``, ``wangxy``, ``xiuy`` all find 王秀英. Case and spaces don't matter;
    an empty query finds everybody.
    """
    wanted = _plain(query)
    if wanted in _plain(name) or wanted in _plain(number):
        return True
    if not wanted.isascii() or not wanted.isalpha():
        return False
    syllables = syllables_of(name)
    return any(_spells(wanted, syllables[start:]) for start in range(len(syllables)))


def _plain(text: str) -> str:
    return "".join(text.split()).casefold().replace("ü", "v")


def _spells(wanted: str, syllables: tuple[str, ...]) -> bool:
    reached = {0}
    for syllable in syllables:
        if any(syllable.startswith(wanted[position:]) for position in reached):
            return True
        reached = {
            position + len(part)
            for position in reached
            for part in (syllable, syllable[0])
            if wanted.startswith(part, position)
        }
    return False


@lru_cache(maxsize=20_000)
def syllables_of(name: str) -> tuple[str, ...]:
    """Return a name's pinyin without tones (ü is v), surname first: 单秀英 → ``("shan", "xiu", "ying")``."""
    from pypinyin import lazy_pinyin  # its tables take a while to load: only when somebody searches

    surname = next((known for known in _SURNAMES if name.startswith(known)), "")
    read = [*_SURNAMES.get(surname, "").split(), *lazy_pinyin(name[len(surname) :])]
    return tuple(letters for part in read if (letters := "".join(filter(str.isalnum, part)).casefold()))
