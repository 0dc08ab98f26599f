"""Where the tokens are got; belongs at the root of the site."""

from django.urls import path

from accounts import schema_view, session_views, views

urlpatterns = [
    path("api/schema/", schema_view.Schema.as_view(), name="schema"),
    path("api/token/", views.ObtainToken.as_view(), name="token"),
    path("api/token/refresh/", views.RefreshAccess.as_view(), name="token_refresh"),
    path("api/token/revoke/", views.RevokeToken.as_view(), name="token_revoke"),
    path("api/token/session/", session_views.SessionToken.as_view(), name="token_session"),
    path("api/session/", session_views.WhoAmI.as_view(), name="session"),
    path("api/session/activity/", session_views.Activity.as_view(), name="session_activity"),
    path("api/session/lock/", session_views.Lock.as_view(), name="session_lock"),
    path("api/session/unlock/", session_views.Unlock.as_view(), name="session_unlock"),
]
