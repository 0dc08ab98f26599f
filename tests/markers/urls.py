"""The product's pages, and one that fails."""

from django.urls import include, path

from tests.markers.faults import broken_page

urlpatterns = [path("broken/<str:text>/", broken_page), path("", include("config.urls"))]
