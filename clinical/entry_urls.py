"""The pages of recording observations and of deciding how they are scored."""

from django.urls import path

from clinical import entry_views, scoring_views

urlpatterns = [
    path("patients/<uuid:patient_id>/observations/", entry_views.sets, name="observation_sets"),
    path("patients/<uuid:patient_id>/observations/new/", entry_views.new_set, name="observation_new"),
    path("observations/<uuid:set_id>/correct/", entry_views.correct_set, name="observation_correct"),
    path("patients/<uuid:patient_id>/scoring/", scoring_views.decisions, name="scoring"),
    path("scoring/<uuid:decision_id>/revoke/", scoring_views.revoke, name="scoring_revoke"),
]
