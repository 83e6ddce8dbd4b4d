"""The web application as gunicorn serves it; it refuses a database without the double-booking guard."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hausderbegegnung.settings")

application = get_wsgi_application()

from bookings.occupancy.guard import require_guard  # noqa: E402 - models can only be imported once Django is set up
from hausderbegegnung.web.hyphens import german_dictionary  # noqa: E402 - see above

require_guard()
# The processes that are made from this one open their own.
connections.close_all()
# No visitor should wait for it.
german_dictionary()
