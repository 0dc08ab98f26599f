"""Where the clinical API stands; belongs at the root of the site."""

from django.urls import URLPattern, URLResolver, include, path

from clinical.api import alerts, assignments, bedside, observations, orders, patients, scoring, stays, wards

of_a_patient = [
    path("", patients.PatientOnBoard.as_view(), name="api_patient"),
    path("observations/", patients.PatientSets.as_view(), name="api_patient_sets"),
    path("movements/", patients.PatientMovements.as_view(), name="api_patient_movements"),
    path("scoring/", patients.PatientDecisions.as_view(), name="api_patient_decisions"),
    path("flags/", bedside.PatientFlags.as_view(), name="api_patient_flags"),
]

of_an_alert = [
    path("accept/", alerts.Accept.as_view(), name="alert_accept"),
    path("review/", alerts.Review.as_view(), name="alert_review"),
    path("decline/", alerts.Decline.as_view(), name="alert_decline"),
    path("resolve/", alerts.Resolve.as_view(), name="alert_resolve"),
]

api: list[URLPattern | URLResolver] = [
    path("wards/", wards.WardList.as_view(), name="api_wards"),
    path("wards/<str:ward_id>/board/", wards.Board.as_view(), name="api_board"),
    path("wards/<str:ward_id>/assignments/", assignments.WardAssignments.as_view(), name="api_assignments"),
    path("wards/<str:ward_id>/nurses/", bedside.BedGift.as_view(), name="api_nurses"),
    path("wards/<str:ward_id>/nurses/release/", bedside.BedRelease.as_view(), name="api_nurses_release"),
    path("assignments/<uuid:assignment_id>/end/", assignments.AssignmentEnd.as_view(), name="api_end"),
    path("patients/", patients.PatientList.as_view(), name="patients"),
    path("patients/<uuid:patient_id>/", include(of_a_patient)),
    path("admissions/", stays.Admissions.as_view(), name="api_admissions"),
    path("transfers/", stays.Transfers.as_view(), name="api_transfers"),
    path("swaps/", stays.Swaps.as_view(), name="api_swaps"),
    path("discharges/", stays.Discharges.as_view(), name="api_discharges"),
    path("observations/", observations.Observations.as_view(), name="observations"),
    path(
        "observations/<uuid:set_id>/corrections/",
        observations.Corrections.as_view(),
        name="observation_corrections",
    ),
    path("scoring/", scoring.Decisions.as_view(), name="api_scoring"),
    path("scoring/<uuid:decision_id>/revoke/", scoring.DecisionEnd.as_view(), name="api_scoring_revoke"),
    path("frequencies/", bedside.Frequencies.as_view(), name="api_frequencies"),
    path(
        "frequencies/<uuid:decision_id>/revoke/", bedside.FrequencyEnd.as_view(), name="api_frequency_revoke"
    ),
    path("flags/", bedside.Flags.as_view(), name="api_flags"),
    path("flags/<uuid:flag_id>/clear/", bedside.FlagEnd.as_view(), name="api_flag_clear"),
    path("orders/", orders.Orders.as_view(), name="api_orders"),
    path("alerts/", alerts.AlertList.as_view(), name="alert_list"),
    path("alerts/<uuid:alert_id>/", include(of_an_alert)),
]

urlpatterns = [path("api/", include(api))]
