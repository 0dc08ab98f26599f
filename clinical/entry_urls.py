"""The pages of recording observations, of deciding how they are scored and how often made, and of flags."""

from django.urls import path

from clinical import entry_views, flag_views, frequency_views, scoring_views

urlpatterns = [
    path("patients/<uuid:patient_id>/observations/", entry_views.sets, name="observation_sets"),
    path("patients/<uuid:patient_id>/observations/new/", entry_views.new_set, name="observation_new"),
    path("observations/<uuid:set_id>/correct/", entry_views.correct_set, name="observation_correct"),
    path("patients/<uuid:patient_id>/scoring/", scoring_views.decisions, name="scoring"),
    path("patients/<uuid:patient_id>/frequency/", frequency_views.frequency, name="frequency"),
    path("frequency/<uuid:decision_id>/revoke/", frequency_views.revoke, name="frequency_revoke"),
    path("patients/<uuid:patient_id>/flags/", flag_views.of_patient, name="flags"),
    path("flags/<uuid:flag_id>/clear/", flag_views.clear, name="flag_clear"),
    path("scoring/<uuid:decision_id>/revoke/", scoring_views.revoke, name="scoring_revoke"),
]
