"""Small parts of the look that templates call, and the frame of every page.

The frame (head, header, footer) costs more to render than most contents, and is the same for
thousands of visitors. So it is rendered once per language, place in the navigation, kind of
visitor and facts of the house, and kept in the memory of the process.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.middleware.csrf import get_token
from django.template.context import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from lucide.templatetags.lucide import lucide

from hausderbegegnung.accounts.demo import demo_people
from hausderbegegnung.web.public.floor_plan import RoomDrawing

register = template.Library()

# Stand in a kept frame for what differs from visit to visit; no text of a house can contain them.
TOKEN = "\N{SYMBOL FOR START OF TEXT}token\N{SYMBOL FOR END OF TEXT}"  # noqa: S105 - a place, no secret
ADDRESS = "\N{SYMBOL FOR START OF TEXT}address\N{SYMBOL FOR END OF TEXT}"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What header and footer say of the house."""

    name: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    contact_name: str = ""
    phone: str = ""
    email: str = ""

    @classmethod
    def of(cls, house: Any) -> "Letterhead":
        return cls(**{field: getattr(house, field) for field in cls.__slots__}) if house else cls()


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the header must know of who looks; the name is shown in the demo only."""

    is_authenticated: bool = False
    may_decide: bool = False
    may_see_outbox: bool = False
    may_manage_house: bool = False
    may_see_day_plan: bool = False
    may_administer: bool = False
    name: str = ""

    @property
    def works_here(self) -> bool:
        """Whether there is anything for this person beside what everybody sees."""
        in_house = self.may_decide or self.may_see_outbox or self.may_manage_house or self.may_see_day_plan
        return in_house or self.may_administer

    def __str__(self) -> str:
        return self.name


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, size: int = 20) -> SafeString:
    """Draw a Lucide icon, `size` CSS pixels wide, that screen readers skip: the words beside it speak."""
    return SafeString(lucide(name, size=size, **{"class": "icon", "aria-hidden": "true"}))


@register.simple_tag
@lru_cache(maxsize=256)
def room_drawing(drawing: RoomDrawing) -> SafeString:
    """Draw the floor plan of a room that has no picture."""
    return _rendered("public/_room_drawing.html", {"drawing": drawing})


@register.filter
def house_text(text: str) -> SafeString:
    """Let a text of the house, which is German, be read aloud as German on pages of other languages."""
    if not text or get_language() == settings.LANGUAGE_CODE:
        return conditional_escape(text)
    return format_html('<span lang="{}">{}</span>', settings.LANGUAGE_CODE, text)


@register.filter
def main_landmark(html: str) -> SafeString:
    """Make the content of a page of django-unfold, a `div`, the main landmark of the page."""
    return SafeString(html.replace('<div id="main"', '<div id="main" role="main"', 1))


@register.simple_tag
def page_assets() -> SafeString:
    """The icon, style sheets and scripts of every page."""
    return _frame("components/_assets.html")


@register.simple_tag(takes_context=True)
def page_header(context: Context) -> SafeString:
    """The header with the navigation; the only part that differs within it is the form token."""
    user, may, is_demo = context.get("user"), context.get("may"), bool(context.get("demo"))
    visitor = Visitor()
    if user is not None and may is not None and user.is_authenticated:
        visitor = Visitor(
            is_authenticated=True,
            may_decide=may.decide,
            may_see_outbox=may.see_outbox,
            may_manage_house=may.manage_house,
            may_see_day_plan=may.see_day_plan,
            may_administer=may.administer,
            name=str(user) if is_demo else "",
        )
    html = _frame(
        "components/_header.html",
        house=Letterhead.of(context.get("house")),
        user=visitor,
        demo=is_demo,
        demo_people=tuple(person for person in demo_people() if person.email != getattr(user, "email", "")),
        url_name=context.get("url_name") or "",
        csrf_token=TOKEN,
    )
    if visitor.is_authenticated and "request" in context:
        html = SafeString(html.replace(TOKEN, get_token(context["request"])))
    return html


@register.simple_tag(takes_context=True)
def page_footer(context: Context) -> SafeString:
    """The footer with contact, legal pages and the switch of languages, which leads back here."""
    html = _frame("components/_footer.html", house=Letterhead.of(context.get("house")), address=ADDRESS)
    request = context.get("request")
    return SafeString(html.replace(ADDRESS, escape(request.get_full_path()) if request else "/"))


def _frame(name: str, **facts: Any) -> SafeString:
    """Render a part of the frame from the facts alone; with DEBUG afresh each time, to see changes."""
    if settings.DEBUG:
        return _rendered(name, facts)
    return _kept(name, get_language() or settings.LANGUAGE_CODE, tuple(facts.items()))


@lru_cache(maxsize=1024)
def _kept(name: str, language: str, facts: tuple[tuple[str, Any], ...]) -> SafeString:
    return _rendered(name, dict(facts))


def _rendered(name: str, facts: dict[str, Any]) -> SafeString:
    return SafeString(get_template(name).render(facts))
