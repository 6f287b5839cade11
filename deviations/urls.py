from django.urls import path, register_converter

from deviations import coordination_views, views
from deviations.converters import CaseNumberConverter, VerbConverter

register_converter(CaseNumberConverter, "caseno")
register_converter(VerbConverter, "verb")

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("ny/", views.report, name="report"),
    path("samordning/", coordination_views.coordination, name="coordination"),
    path("bilaga/<uuid:key>/", views.attachment, name="case_file"),
    path("<caseno:number>/", views.case, name="case"),
    path("<caseno:number>/kvitto/", views.receipt, name="receipt"),
    path("<caseno:number>/skriv/", views.write, name="case_write"),
    path("<caseno:number>/<verb:verb>/", views.act, name="case_act"),
]
