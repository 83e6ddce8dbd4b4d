"""How the demo house describes itself, in German as on its pages."""

from datetime import date
from typing import Any

SLUG = "haus-der-begegnung"

HOUSE: dict[str, Any] = {
    "name": "Haus der Begegnung",
    "operator": "Stadt Bedburg",
    "street": "Burgundische Straße 1",
    "postal_code": "50181",
    "city": "Bedburg-Kaster",
    "contact_name": "Quartiersmanagement Kaster",
    "phone": "02272 402-171",
    "email": "haus-der-begegnung@demo.example",
    "introduction": (
        "Ein Ort für alle in Kaster: für Vereine, Initiativen, Kurse, Beratung und Nachbarschaft. "
        "Suchen Sie sich einen Raum aus und fragen Sie einen Termin an. Haben Sie erst eine Idee? "
        "Sprechen Sie uns an."
    ),
    "holiday_region": "NW",
    "closed_on_public_holidays": True,
    "reference_prefix": "HdB",
    # So that whoever tries the demo sees an approved date on today's wall.
    "lead_hours": 1,
    "reminder_days": "7, 1",
}

ROOMS: dict[str, dict[str, Any]] = {
    "saal-a": {
        "description": (
            "Der größere Teil des Saals, hell und mit Blick auf die Terrasse. Mit Beamer, Leinwand und "
            "Rednerpult geeignet für Vorträge, Feiern und Proben. Zusammen mit Saal B wird daraus ein "
            "Saal für 80 Personen."
        ),
        "floor": "Erdgeschoss",
        "wayfinding": "Geradeaus, erste Tür",
    },
    "saal-b": {
        "description": (
            "Der kleinere Teil des Saals, mit großem Monitor und Whiteboard. Geeignet für Versammlungen, "
            "Bewegung und Spieletreffs."
        ),
        "floor": "Erdgeschoss",
        "wayfinding": "Geradeaus, zweite Tür",
    },
    "saal": {
        "description": (
            "Beide Teile des Saals mit geöffneter Trennwand: Platz für Konzerte, Sitzungen und Feste. "
            "Wer diesen Saal bucht, belegt Saal A und Saal B."
        ),
        "floor": "Erdgeschoss",
        "wayfinding": "Geradeaus, erste Tür",
    },
    "seminarraum": {
        "description": (
            "Ein ruhiger Raum für Kurse und Besprechungen: mit Whiteboard, Flipchart und einem Beamer."
        ),
        "floor": "Erdgeschoss",
        "wayfinding": "Rechts, erste Tür",
    },
    "gruppenraum": {
        "description": (
            "Gemütlich und überschaubar: für Gruppen, Spielkreise und kleine Sitzungen. Der Spieleschrank "
            "darf benutzt werden."
        ),
        "floor": "Erdgeschoss",
        "wayfinding": "Rechts, am Ende des Flurs",
    },
    "kueche": {
        "description": (
            "Eine Küche mit Herd, Spülmaschine und Geschirr für 60 Personen. Meist zusammen mit dem Saal "
            "gebucht. Bitte alles gespült zurückstellen."
        ),
        "floor": "Erdgeschoss",
        "wayfinding": "Links, neben dem Saal",
    },
    "buero": {
        "description": (
            "Ein geschützter Raum für Beratung und Gespräche bis vier Personen, mit PC und Telefon. Hier ist "
            "auch die offene Sprechstunde."
        ),
        "floor": "Erdgeschoss",
        "wayfinding": "Links, gleich am Eingang",
    },
    "aussenflaeche": {
        "description": (
            "Die Terrasse hinter dem Saal, mit Stromanschluss. Für Sommerfeste, Flohmärkte und alles, was "
            "frische Luft braucht."
        ),
        "floor": "Draußen",
        "is_outdoors": True,
        "wayfinding": "Durch den Saal ins Freie",
    },
}

# The plan file writes without umlauts where old systems do; people read it as it is spoken.
# The projector that stays in its room is told from the one that is carried about.
EQUIPMENT = {
    "Beamer (mobil)": "Beamer",
    "Kuehlschrank": "Kühlschrank",
    "Gewerbespuelmaschine": "Gewerbespülmaschine",
    "Geschirr fuer 60 Personen": "Geschirr für 60 Personen",
    "Stromanschluss aussen": "Stromanschluss außen",
}

# What is carried into rooms, and how many of it there are.
MOBILE_EQUIPMENT = {"Beamer mobil": 1}

# What the plan file does not say of its bookings.
KINDS = {
    "D01": "counselling",
    "D02": "course",
    "D03": "meeting",
    "D04": "get_together",
    "D05": "meeting",
    "D06": "get_together",
    "D07": "youth",
    "D08": "market",
    "D08v": "market",
    "D09": "other",
    "D10": "municipal",
    "E11": "self_help",
    "E12": "youth",
    "E13": "culture",
    "E14": "youth",
    "E15": "private",
}

HOUSE_RULES_VERSION = "2026-01"
HOUSE_RULES_VALID_FROM = date(2026, 1, 1)
HOUSE_RULES = """\
# Wer das Haus nutzen kann

Das Haus steht Vereinen, Initiativen, Gruppen und Einrichtungen aus Bedburg offen. Eigene Veranstaltungen \
der Stadt gehen vor. Ein Anspruch auf einen bestimmten Termin besteht nicht.

# Anfrage und Zusage

Eine Anfrage ist noch keine Zusage. Der Raum ist für Sie frei gehalten, sobald Sie unsere Bestätigung haben. \
Termine dürfen nicht an andere weitergegeben werden.

Brauchen Sie einen Termin nicht mehr? Bitte sagen Sie ihn früh ab. Dann kann ihn eine andere Gruppe nutzen.

# Im Haus

- Eine verantwortliche Person ist während der ganzen Zeit da.
- Es kommen höchstens so viele Personen, wie für den Raum und die Bestuhlung zugelassen sind.
- Fluchtwege bleiben frei, Türen werden nicht verkeilt.
- Um 22:00 Uhr ist das Haus geräumt. Bitte verlassen Sie es leise.
- Rauchen ist im ganzen Haus nicht gestattet.
- Offenes Feuer, auch Kerzen, ist nicht gestattet.
- Dekoration wird ohne Nägel und Klebeband befestigt.

# Nach der Veranstaltung

Bitte verlassen Sie die Räume besenrein, stellen Sie die Möbel zurück, spülen Sie das Geschirr und nehmen \
Sie Ihren Müll mit. Melden Sie Schäden gleich, auch kleine.

# Haftung

Wer einen Raum nutzt, haftet für Schäden, die dabei entstehen. Für mitgebrachte Sachen übernimmt das Haus \
keine Haftung.

# Hausrecht

Das Hausrecht haben die Stadt Bedburg und die von ihr beauftragten Personen. Sie dürfen die Räume jederzeit \
betreten.
"""
