"""Plan files for tests: a hall of two parts and a kitchen, and bookings of them."""

ROOMS = [
    {"id": "saal-a", "name": "Saal A", "parts": [], "capacity": {"reihen": 45, "tische": 30}},
    {"id": "saal-b", "name": "Saal B", "parts": [], "capacity": {"reihen": 35, "tische": 26}},
    {"id": "saal", "name": "Saal", "parts": ["saal-a", "saal-b"], "capacity": {"reihen": 80, "tische": 56}},
    {"id": "kueche", "name": "Küche", "parts": [], "capacity": {"stehend": 6}},
]


def booking(booking_id, rooms, starts, ends, *, status="approved", setup=0, teardown=0, persons=10, **more):
    return {
        "id": booking_id,
        "title": f"Title of {booking_id}",
        "display": f"Display of {booking_id}",
        "org": f"Group of {booking_id}",
        "rooms": rooms,
        "dtstart": starts,
        "dtend": ends,
        "setup": setup,
        "teardown": teardown,
        "persons": persons,
        "status": status,
        **more,
    }


def plan_of(*bookings, **more):
    return {
        "timezone": "Europe/Berlin",
        "house_max_persons": 150,
        "default_buffer_min": 15,
        "opening_hours": {"Mo-Fr": "08:00-22:00", "Sa": "09:00-22:00", "So": "10:00-20:00"},
        "rooms": ROOMS,
        "bookings": list(bookings),
        **more,
    }
