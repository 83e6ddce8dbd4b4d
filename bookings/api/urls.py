"""The addresses of the program interface and of its documentation."""

from django.urls import path, re_path

from bookings.api import booking_views, docs, public_views, series_views

urlpatterns = [
    path("api/schema/", docs.SchemaView.as_view(), name="api_schema"),
    path("api/docs/", docs.docs, name="api_docs"),
    path("api/v1/house/", public_views.HouseView.as_view(), name="api_house"),
    path("api/v1/rooms/", public_views.RoomListView.as_view(), name="api_rooms"),
    path("api/v1/rooms/<slug:slug>/", public_views.RoomView.as_view(), name="api_room"),
    path("api/v1/availability/", public_views.AvailabilityView.as_view(), name="api_availability"),
    path("api/v1/availability/check/", public_views.WishView.as_view(), name="api_check_wish"),
    path("api/v1/series/check/", series_views.SeriesView.as_view(), name="api_check_series"),
    path("api/v1/schedule/", public_views.ScheduleView.as_view(), name="api_schedule"),
    path("api/v1/bookings/", booking_views.BookingListView.as_view(), name="api_bookings"),
    path("api/v1/bookings/<reference:reference>/", booking_views.BookingView.as_view(), name="api_booking"),
    *[
        path(f"api/v1/bookings/<reference:reference>/{verb}/", view.as_view(), name=f"api_{verb}_booking")
        for verb, view in booking_views.VERBS.items()
    ],
    re_path("^api/v1/", public_views.UnknownView.as_view(), name="api_unknown"),
]
