"""Where the tokens are got; belongs at the root of the site."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("api/token/", views.ObtainToken.as_view(), name="token"),
    path("api/token/refresh/", views.RefreshAccess.as_view(), name="token_refresh"),
    path("api/token/revoke/", views.RevokeToken.as_view(), name="token_revoke"),
    path("api/token/session/", views.SessionToken.as_view(), name="token_session"),
]
