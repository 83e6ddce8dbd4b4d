"""The addresses of the pages for everybody."""

from django.urls import path

from hausderbegegnung.web.public import calendar, find_room, home, house_pages, media, rooms

urlpatterns = [
    path("", home.home, name="home"),
    path("raeume/", rooms.room_list, name="room_list"),
    path("raeume/<slug:slug>/", rooms.room_detail, name="room_detail"),
    path("tag/", calendar.day, name="day"),
    path("tag/<day:day>/", calendar.day, name="day"),
    path("woche/", calendar.week, name="week"),
    path("woche/<week:monday>/", calendar.week, name="week"),
    path("finden/", find_room.find_room, name="find_room"),
    path("seite/<slug:kind>/", house_pages.house_page, name="house_page"),
    path("nutzungsordnung/", house_pages.house_rules, name="house_rules"),
    path("media/<path:path>", media.media, name="media"),
    path("robots.txt", house_pages.robots, name="robots"),
    path("favicon.ico", house_pages.favicon),
]
