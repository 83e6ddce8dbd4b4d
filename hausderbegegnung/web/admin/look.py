"""What django-unfold shows around the admin pages: the house's colours, the ways in and back."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

# Brick and paper, as in the tokens of the own pages. 500 is the colour of links in the dark, with a contrast
# of 4.5:1 on paper of 800 and 900.
BRICK = {
    "50": "#fdf4ee",
    "100": "#fbe8dc",
    "200": "#f5cdb6",
    "300": "#f3aa85",
    "400": "#e9926a",
    "500": "#d9774e",
    "600": "#a5421c",
    "700": "#873210",
    "800": "#6b2608",
    "900": "#4a1b07",
    "950": "#2b1307",
}
PAPER = {
    "50": "#fbf7f0",
    "100": "#f4ecdf",
    "200": "#e4d8c6",
    "300": "#d3c6b3",
    "400": "#a39382",
    "500": "#6e6053",
    "600": "#5f5247",
    "700": "#40362e",
    "800": "#2f2721",
    "900": "#1f1a16",
    "950": "#14110f",
}


# django-unfold ships no German. Named here, its texts are part of our own catalogue; lazily, because the
# settings import this module before there are settings.
WORDS_OF_UNFOLD = (
    _("Add row"),
    _("All applications"),
    _("Apply Filters"),
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Click to download"),
    _("Dark"),
    _("Expand row"),
    _("General"),
    _("Go back"),
    _("Image preview"),
    _("Light"),
    _("Loading more results..."),
    _("More actions"),
    _("No data"),
    _("No results found"),
    _("No results matching your query"),
    _("Record picture"),
    _("Reset filters"),
    _("Return to site"),
    _("Run"),
    _("Save and add another"),
    _("Save and continue editing"),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("Submit"),
    _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("Type to search"),
)


def _is_elsewhere(request: HttpRequest) -> bool:
    """Links that lead out of here are never the page that is open."""
    return False


def _list_of(model: str) -> Any:
    return reverse_lazy(f"admin:{model}_changelist")


UNFOLD = {
    "SITE_TITLE": _("Set up the house"),
    "SITE_HEADER": "Haus der Begegnung",
    "SITE_SUBHEADER": _("Set up the house"),
    "SITE_URL": reverse_lazy("home"),
    "SITE_SYMBOL": "cottage",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/favicon.svg")},
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "COLORS": {"base": PAPER, "primary": BRICK},
    "ACCOUNT": {
        "navigation": [{"title": _("My account"), "link": reverse_lazy("account")}],
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Back to daily work"),
                "items": [
                    {
                        "title": _("Inbox"),
                        "icon": "inbox",
                        "link": reverse_lazy("inbox"),
                        "active": _is_elsewhere,
                    },
                    {
                        "title": _("Outbox"),
                        "icon": "outbox",
                        "link": reverse_lazy("outbox"),
                        "active": _is_elsewhere,
                    },
                    {
                        "title": _("Closures"),
                        "icon": "event_busy",
                        "link": reverse_lazy("closures"),
                        "active": _is_elsewhere,
                    },
                    {
                        "title": _("Day plan"),
                        "icon": "calendar_view_day",
                        "link": reverse_lazy("day"),
                        "active": _is_elsewhere,
                    },
                    {
                        "title": _("Home page"),
                        "icon": "home",
                        "link": reverse_lazy("home"),
                        "active": _is_elsewhere,
                    },
                ],
            },
            {
                "title": _("House and rooms"),
                "separator": True,
                "items": [
                    {"title": _("House"), "icon": "cottage", "link": _list_of("rooms_house")},
                    {"title": _("Rooms"), "icon": "meeting_room", "link": _list_of("rooms_room")},
                    {"title": _("Equipment"), "icon": "chair", "link": _list_of("rooms_equipment")},
                    {"title": _("Opening hours"), "icon": "schedule", "link": _list_of("rooms_openinghours")},
                    {"title": _("Closures"), "icon": "event_busy", "link": _list_of("rooms_closure")},
                    {"title": _("Holidays"), "icon": "beach_access", "link": _list_of("rooms_holiday")},
                    {"title": _("House rules"), "icon": "gavel", "link": _list_of("rooms_houserules")},
                    {
                        "title": _("Pages of the house"),
                        "icon": "article",
                        "link": _list_of("rooms_housepage"),
                    },
                    {
                        "title": _("Texts of mails"),
                        "icon": "edit_note",
                        "link": _list_of("notifications_mailtext"),
                    },
                ],
            },
            {
                "title": _("Bookings"),
                "separator": True,
                "items": [
                    {"title": _("Bookings"), "icon": "event_available", "link": _list_of("bookings_booking")},
                    {
                        "title": _("Calendar of series"),
                        "icon": "event_repeat",
                        "link": reverse_lazy("admin:series_calendar"),
                    },
                ],
            },
            {
                "title": _("People"),
                "separator": True,
                "items": [
                    {"title": _("Associations"), "icon": "groups", "link": _list_of("bookings_association")},
                    {"title": _("People"), "icon": "person", "link": _list_of("hausderbegegnung_user")},
                ],
            },
            {
                "title": _("Technology"),
                "separator": True,
                "items": [
                    {"title": _("Messages"), "icon": "mail", "link": _list_of("notifications_message")},
                    {
                        "title": _("Failing addresses"),
                        "icon": "report",
                        "link": _list_of("notifications_failingaddress"),
                    },
                    {"title": _("API"), "icon": "api", "link": reverse_lazy("api_docs")},
                ],
            },
        ],
    },
}
