from django.urls import path

from deviations import coordination_views, views

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("ny/", views.report, name="report"),
    path("samordning/", coordination_views.coordination, name="coordination"),
    path("bilaga/<uuid:key>/", views.attachment, name="case_file"),
    path("<slug:number>/", views.case, name="case"),
    path("<slug:number>/kvitto/", views.receipt, name="receipt"),
    path("<slug:number>/skriv/", views.write, name="case_write"),
    path("<slug:number>/<slug:verb>/", views.act, name="case_act"),
]
