"""The pages of a ward's staff, below the ward."""

from django.urls import path

from clinical import bed_assignment_views, ward_views

urlpatterns = [
    path("staff/", ward_views.staff, name="ward_staff"),
    path("staff/<uuid:assignment_id>/end/", ward_views.end_assignment, name="end_assignment"),
    path("nurses/", bed_assignment_views.nurses, name="ward_nurses"),
    path("beds/", ward_views.beds, name="ward_beds"),
    path("admit/", ward_views.admit, name="ward_admit"),
    path("beds/<uuid:patient_id>/", ward_views.movements, name="patient_movements"),
]
