"""What is wrong with a file or a cell, in both languages."""


class Unreadable(Exception):
    """A file or a cell that isn't what was expected."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en

    def said(self, lang: str) -> str:
        """Return it in one language."""
        return self.zh if lang == "zh" else self.en
