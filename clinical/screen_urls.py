"""Where a board is printed, hung on a wall and given a privacy mode; one patient; help and language."""

from django.urls import path
from django.views.generic import TemplateView
from django.views.i18n import JavaScriptCatalog, set_language

from clinical import patient_views, screen_views

urlpatterns = [
    path("wards/<str:ward_id>/privacy/", screen_views.choose_privacy, name="privacy"),
    path("wards/<str:ward_id>/print/", screen_views.print_board, name="print_board"),
    path("wards/<str:ward_id>/wall/", screen_views.wall, name="wall"),
    path("patients/<uuid:patient_id>/", patient_views.patient, name="patient"),
    path("help/", TemplateView.as_view(template_name="clinical/help.html"), name="help"),
    path("language/", set_language, name="set_language"),
    path("language/texts.js", JavaScriptCatalog.as_view(packages=["clinical"]), name="texts"),
]
