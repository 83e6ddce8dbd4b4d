"""The words of an HTML mail, to be compared with those of its text."""

import re
from html.parser import HTMLParser


class _Words(HTMLParser):
    """The words of an HTML mail, each link followed by its address, as the text writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden, self._address = 0, ""

    def handle_starttag(self, tag, attrs):
        self._hidden += tag in {"title", "style"}
        self._separate(tag)
        if tag == "a":
            self._address = dict(attrs)["href"]

    def handle_endtag(self, tag):
        self._hidden -= tag in {"title", "style"}
        if tag == "a" and self.parts[-1].strip() != self._address:
            self.parts.append(f" {self._address}")
        self._separate(tag)

    def _separate(self, tag):
        """What stands in two blocks is two words; a part of a line that looks different is not."""
        if tag not in {"span", "strong", "del", "s"}:
            self.parts.append(" ")

    def handle_data(self, data):
        if not self._hidden:
            self.parts.append(data)


def words_of(text: str) -> list[str]:
    words = re.findall(r"[\w/:.„“@•]+", text.replace(": ", " ").replace(":\n", "\n"))
    return [word.strip(":") for word in words]


def words_of_html(html: str) -> list[str]:
    """The words of the mail; without the name of the house above it, where the text has its sender."""
    parser = _Words()
    parser.feed(html)
    return words_of("".join(parser.parts))[3:]
