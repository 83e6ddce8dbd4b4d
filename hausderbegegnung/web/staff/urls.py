"""The addresses of deciding, of closures and of the outbox, for staff."""

from django.urls import path

from hausderbegegnung.web.staff import calls, closures, decision, inbox, move_date, outbox
from hausderbegegnung.web.staff.forms.dates import Answer

urlpatterns = [
    path("eingang/", inbox.inbox, name="inbox"),
    path("eingang/alle/", inbox.booking_search, name="booking_search"),
    path("eingang/<reference:reference>/", decision.decide, name="decide"),
    path(
        "eingang/<reference:reference>/genehmigen/",
        decision.decide_dates,
        {"every": Answer.APPROVE},
        name="approve_booking",
    ),
    path(
        "eingang/<reference:reference>/ablehnen/",
        decision.decide_dates,
        {"every": Answer.REJECT},
        name="reject_booking",
    ),
    path("eingang/<reference:reference>/entscheiden/", decision.decide_dates, name="decide_dates"),
    path(
        "eingang/<reference:reference>/termin/<uuid:uid>/verschieben/", move_date.move_date, name="move_date"
    ),
    path("eingang/<reference:reference>/widerrufen/", decision.revoke_booking, name="revoke_booking"),
    path(
        "eingang/<reference:reference>/stornieren/",
        decision.cancel_for_applicant,
        name="cancel_for_applicant",
    ),
    path("eingang/<reference:reference>/angerufen/", calls.note_call, name="note_call"),
    path("eingang/<reference:reference>/adresse/", outbox.correct_address_page, name="correct_address"),
    path("eingang/<reference:reference>/links-erneuern/", outbox.renew_links, name="renew_links"),
    path("sperrzeiten/", closures.closures, name="closures"),
    path("sperrzeiten/<int:closure_id>/", closures.closure, name="closure"),
    path("sperrzeiten/<int:closure_id>/entfernen/", closures.remove_closure, name="remove_closure"),
    path("postausgang/", outbox.outbox, name="outbox"),
    path("postausgang/<int:message_id>/", outbox.message, name="message"),
    path("postausgang/<int:message_id>/html/", outbox.message_html, name="message_html"),
    path("postausgang/<int:message_id>/erneut-senden/", outbox.resend_message, name="resend_message"),
]
