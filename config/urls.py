"""Where everything is found over HTTP; the hubs' paths are in asgi.py."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "Wardline"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("clinical.api.urls")),
    path("", include("clinical.urls")),
]

handler404 = "accounts.api_errors.not_found"
