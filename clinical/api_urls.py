"""Where the clinical API stands; belongs at the root of the site."""

from django.urls import path

from clinical import api

urlpatterns = [
    path("api/patients/", api.PatientList.as_view(), name="patients"),
]
