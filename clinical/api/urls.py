"""Where the clinical API stands; belongs at the root of the site."""

from django.urls import path

from clinical import alert_api, api, observation_api

urlpatterns = [
    path("api/patients/", api.PatientList.as_view(), name="patients"),
    path("api/observations/", observation_api.Observations.as_view(), name="observations"),
    path(
        "api/observations/<uuid:set_id>/corrections/",
        observation_api.Corrections.as_view(),
        name="observation_corrections",
    ),
    path("api/alerts/", alert_api.AlertList.as_view(), name="alert_list"),
    *(
        path(
            f"api/alerts/<uuid:alert_id>/{step}/",
            alert_api.AlertStep.as_view(step=step),
            name=f"alert_{step}",
        )
        for step in alert_api.STEPS
    ),
]
