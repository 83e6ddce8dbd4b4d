"""The addresses of the API and of its documentation."""

from django.urls import path, re_path

from hausderbegegnung.api.views import bookings, docs, public, series

urlpatterns = [
    path("api/schema/", docs.SchemaView.as_view(), name="api_schema"),
    path("api/docs/", docs.docs, name="api_docs"),
    path("api/v1/house/", public.HouseView.as_view(), name="api_house"),
    path("api/v1/rooms/", public.RoomListView.as_view(), name="api_rooms"),
    path("api/v1/rooms/<slug:slug>/", public.RoomView.as_view(), name="api_room"),
    path("api/v1/availability/", public.AvailabilityView.as_view(), name="api_availability"),
    path("api/v1/availability/check/", public.WishView.as_view(), name="api_check_wish"),
    path("api/v1/series/check/", series.SeriesView.as_view(), name="api_check_series"),
    path("api/v1/schedule/", public.ScheduleView.as_view(), name="api_schedule"),
    path("api/v1/bookings/", bookings.BookingListView.as_view(), name="api_bookings"),
    path("api/v1/bookings/<reference:reference>/", bookings.BookingView.as_view(), name="api_booking"),
    *[
        path(f"api/v1/bookings/<reference:reference>/{verb}/", view.as_view(), name=f"api_{verb}_booking")
        for verb, view in bookings.VERBS.items()
    ],
    re_path("^api/v1/", public.UnknownView.as_view(), name="api_unknown"),
]
