from django.urls import path

from accounts.access_review import views as access_review
from accounts.beginning import views as beginning
from accounts.departed import views as departed
from accounts.forms import views as forms
from accounts.invitation_lists import views as invitation_lists
from accounts.invitations import open_views as open_invitations
from accounts.invitations import views as invitations
from accounts.notices import views as notices
from accounts.people import views as people
from accounts.profile import address_views as address
from accounts.profile import views as profile
from accounts.providers import unit_views as units
from accounts.providers import views as providers
from accounts.register import views as register
from accounts.register_lists import views as register_lists
from accounts.requests import views as requests
from accounts.standing_in import views as standing_in
from accounts.viewing import views as viewing

urlpatterns = [
    path("uppdrag/", viewing.assignments, name="assignments"),
    path("var-verksamhet/", people.our_provider, name="our_provider"),
    path("var-verksamhet/person/<uuid:key>/", people.person, name="our_person"),
    path("var-verksamhet/genomgang/", access_review.review, name="access_review"),
    path("var-verksamhet/villkor/", beginning.our_terms, name="our_terms"),
    path("var-verksamhet/installningar/", providers.our_settings, name="our_settings"),
    path("var-verksamhet/enheter/", units.our_units, name="our_units"),
    path("var-verksamhet/bjud-in/", invitations.invite, name="invite"),
    path("var-verksamhet/bjud-in/flera/", invitation_lists.invite_many, name="invite_many"),
    path("var-verksamhet/bjud-in/mall.csv", invitation_lists.template, name="invitation_template"),
    path("var-verksamhet/bjud-in/<uuid:key>/", invitation_lists.invitation_list, name="invitation_list"),
    path("var-verksamhet/inbjudningar/", invitations.invitations, name="invitations"),
    path("be-om-tilltrade/", requests.ask, name="ask"),
    path("be-om-tilltrade/skickat/", requests.asked, name="asked"),
    path("be-om-tilltrade/bekrafta/", requests.confirm, name="confirm_request"),
    path("var-verksamhet/vill-in/<uuid:key>/", requests.answer, name="answer_request"),
    path("avtal/", register.register, name="register"),
    path("avtal/ny/", register.new_provider, name="new_provider"),
    path("avtal/las-in/", register_lists.read_in, name="read_in"),
    path("avtal/las-in/mall.csv", register_lists.template, name="register_template"),
    path("avtal/las-in/<uuid:key>/", register_lists.register_list, name="register_list"),
    path("avtal/<uuid:key>/", register.provider, name="provider"),
    path("avslutat/", departed.departed, name="departed"),
    path("avslutat/<uuid:key>/", departed.take_out, name="take_out"),
    path("inbjudan/", open_invitations.invitation, name="invitation"),
    path("inbjudan/klar/", open_invitations.accepted, name="invitation_accepted"),
    path("ersattare/<uuid:key>/", standing_in.stand_in, name="stand_in"),
    path("profil/adress/", address.address, name="address"),
    path("profil/", profile.profile, name="profile"),
    path("notiser/", notices.notices, name="notices"),
    path("visa-som/", viewing.view_as, name="view_as"),
    path("visa-som/avsluta/", viewing.end_view_as, name="end_view_as"),
    path("utkast/<str:form_key>/", forms.save_draft, name="save_draft"),
    path("utkast/<str:form_key>/lage/", forms.draft_state, name="draft_state"),
    path("enhetsnyckel/", forms.device_key, name="device_key"),
]
