"""The pages of the ward board."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from clinical import views

urlpatterns = [
    path("", views.home, name="board"),
    path("wards/<str:ward_id>/", views.ward, name="ward"),
    path(
        "login/",
        LoginView.as_view(template_name="clinical/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
]
