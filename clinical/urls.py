"""The pages of the ward board."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from accounts.pages import Locked, Login
from clinical import views

urlpatterns = [
    path("", views.home, name="board"),
    path("wards/<str:ward_id>/", views.ward, name="ward"),
    path("wards/<str:ward_id>/", include("clinical.ward_urls")),
    path("", include("clinical.screen_urls")),
    path("wards/<str:ward_id>/alerts/", include("clinical.alert_urls")),
    path("", include("clinical.entry_urls")),
    path("login/", Login.as_view(template_name="clinical/login.html"), name="login"),
    path("locked/", Locked.as_view(template_name="clinical/locked.html"), name="locked"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
