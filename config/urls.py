"""Where everything is found over HTTP; the hubs' paths are in asgi.py."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("clinical.api_urls")),
    path("", include("clinical.urls")),
]
