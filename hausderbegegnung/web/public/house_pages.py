"""The pages every house needs by law, its rules, and what is shown when something went wrong."""

import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _

from hausderbegegnung.web.shared.decorators import public_page
from rooms.clock import day_of
from rooms.enums import PageKind
from rooms.lookups import find_house, house_rules_on
from rooms.models import HousePage

ADDRESSES: Final = {
    "impressum": PageKind.IMPRINT,
    "datenschutz": PageKind.PRIVACY,
    "barrierefreiheit": PageKind.ACCESSIBILITY,
    "leichte-sprache": PageKind.EASY_LANGUAGE,
}

# Pages of persons, and addresses that are for programs: nothing for a search engine.
NOT_FOR_CRAWLERS: Final = (
    "/admin/",
    "/anfrage/",
    "/anfragen/",
    "/api/",
    "/demo/",
    "/display/",
    "/eingang/",
    "/hausdienst/",
    "/konto/",
    "/mails/",
    "/meine-anfragen/",
    "/postausgang/",
    "/sperrzeiten/",
    "/termin/",
)

CONTINUED: Final = re.compile(r"(?<=\S)[ \t]*\n[ \t]+(?=[^\s#-])")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A piece of a plain text: `heading`, `subheading`, `list` or `paragraph`, with its lines."""

    kind: str
    lines: tuple[str, ...]


def text_blocks(text: str) -> list[TextBlock]:
    """Split a plain text into blocks: blank lines separate them, `#` starts a heading, `-` a list item.

    An indented line goes on with the line above it.
    """
    blocks = []
    for part in CONTINUED.sub(" ", text.replace("\r\n", "\n")).split("\n\n"):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        while lines and lines[0].startswith("#"):
            heading = lines.pop(0)
            kind = "subheading" if heading.startswith("##") else "heading"
            blocks.append(TextBlock(kind, (heading.lstrip("# "),)))
        if lines and all(line.startswith("- ") for line in lines):
            blocks.append(TextBlock("list", tuple(line[2:] for line in lines)))
        elif lines:
            blocks.append(TextBlock("paragraph", tuple(lines)))
    return blocks


@public_page
def house_page(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a text of the house, or the default one filled with what is known of the house."""
    if kind not in ADDRESSES:
        raise Http404
    page_kind = ADDRESSES[kind]
    house = find_house()
    page = HousePage.objects.filter(house=house, kind=page_kind).first()
    known = {"house": house, "mail_days": settings.MAIL_RETENTION_DAYS}
    text = page.text if page else render_to_string(f"house/{page_kind}.txt", known)
    return render(
        request,
        "house/page.html",
        {
            "title": page_kind.label,
            "blocks": text_blocks(text),
            "is_easy": page_kind == PageKind.EASY_LANGUAGE,
        },
    )


@public_page
def house_rules(request: HttpRequest) -> HttpResponse:
    """Show the house rules that are valid today."""
    house = find_house()
    rules = house_rules_on(house, day_of(timezone.now(), house.zone)) if house else None
    return render(
        request,
        "house/rules.html",
        {"title": _("House rules"), "rules": rules, "blocks": text_blocks(rules.text) if rules else []},
    )


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines which addresses are not for them."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_CRAWLERS)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@public_page
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon: some browsers and programs ask for it here, whatever the page says."""
    return redirect(static("img/favicon.svg"))
