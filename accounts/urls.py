from django.urls import path

from accounts import views

urlpatterns = [
    path("uppdrag/", views.assignments, name="assignments"),
    path("var-verksamhet/", views.our_provider, name="our_provider"),
    path("var-verksamhet/roller/", views.set_roles, name="set_roles"),
    path("notiser/", views.notices, name="notices"),
    path("visa-som/", views.view_as, name="view_as"),
    path("visa-som/avsluta/", views.end_view_as, name="end_view_as"),
    path("utkast/<str:form_key>/", views.save_draft, name="save_draft"),
]
