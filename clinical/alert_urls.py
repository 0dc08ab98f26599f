"""The pages about a ward's alerts, below the ward."""

from django.urls import path

from clinical import alert_views

urlpatterns = [
    path("", alert_views.alert_list, name="alerts"),
    path("budget/", alert_views.alert_budget, name="alert_budget"),
    path("<uuid:alert_id>/<slug:step>/", alert_views.alert_step, name="alert_step"),
]
