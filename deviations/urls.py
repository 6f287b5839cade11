from django.urls import path, register_converter

from deviations.actions import views as actions
from deviations.case import views as case
from deviations.converters import CaseNumberConverter, DayConverter, VerbConverter
from deviations.coordination import case_views as coordinated_case
from deviations.coordination import views as coordination
from deviations.defined import views as defined
from deviations.evidence import views as evidence
from deviations.figures import views as figures
from deviations.following_up import views as following_up
from deviations.inbox import views as inbox
from deviations.investigation import views as investigation
from deviations.learning import views as learning
from deviations.lex_maria import views as lex_maria
from deviations.lex_sarah import views as lex_sarah
from deviations.oversight import views as oversight
from deviations.patient import views as patient
from deviations.practice import views as practice
from deviations.references import views as references
from deviations.report import views as report
from deviations.requests import views as requests
from deviations.rules import views as rules
from deviations.unit import views as unit
from deviations.voices import views as voices
from deviations.yearly import views as yearly

register_converter(CaseNumberConverter, "caseno")
register_converter(VerbConverter, "verb")
register_converter(DayConverter, "day")

urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("ny/", report.report, name="report"),
    path("urval/", inbox.saved_filter, name="saved_filter"),
    path("samordning/", coordination.coordination, name="coordination"),
    path("samordning/<caseno:number>/", coordinated_case.case, name="coordinated_case"),
    path("ovning/", practice.practice, name="practice"),
    path("regler/", rules.rules, name="case_rules"),
    path("utredningar/", investigation.taken_part_in, name="taken_part_in"),
    path("hanvisningar/", references.references, name="references"),
    path("berattelse/", voices.account, name="account"),
    path("patient/", patient.find, name="patient_find"),
    path("atgarder/", actions.actions, name="actions"),
    path("atgarder/<uuid:key>/", actions.action, name="action"),
    path("kommunen/", oversight.cases, name="overseen"),
    path("kommunen/<caseno:number>/", oversight.case, name="overseen_case"),
    path("kommunen/<caseno:number>/utredning/", oversight.investigation, name="overseen_investigation"),
    path("underlag/", evidence.evidence, name="evidence"),
    path("underlag/avtal/<uuid:key>/", evidence.tender, name="tender"),
    path("underlag/inlamnat/<uuid:key>/", evidence.submitted, name="submitted_evidence"),
    path("underlag/<uuid:key>/", evidence.own_evidence, name="own_evidence"),
    path("larande/", learning.examples, name="learning"),
    path("larande/<uuid:key>/", learning.example, name="learning_example"),
    path("lex-maria/", lex_maria.matters, name="lex_maria_matters"),
    path("lex-sarah/", lex_sarah.matters, name="lex_sarah_matters"),
    path("lex-sarah/<uuid:key>/", lex_sarah.matter, name="lex_sarah_matter"),
    path("statistik/", figures.statistics, name="statistics"),
    path("statistik/definitioner/", defined.definitions, name="definitions"),
    path("statistik/uppfoljning/", following_up.followed, name="followed"),
    path("statistik/ar/<int:year>/", yearly.year_tables, name="year_tables"),
    path("statistik/rapporter/", yearly.reports, name="frozen_reports"),
    path("statistik/rapporter/<day:day>/", yearly.report, name="frozen_report"),
    path("statistik/fil/<slug:kind>/", figures.as_file, name="statistics_file"),
    path("enheten/", unit.unit_reports, name="unit_reports"),
    path("bilaga/<uuid:key>/", case.attachment, name="case_file"),
    path("<caseno:number>/", case.case, name="case"),
    path("<caseno:number>/kvitto/", report.receipt, name="receipt"),
    path("<caseno:number>/utredning/", investigation.investigation, name="investigation"),
    path("<caseno:number>/utredning/deltagare/", investigation.people, name="investigation_people"),
    path("<caseno:number>/utredning/lankar/", voices.links, name="account_links"),
    path("<caseno:number>/utredning/som-pdf/", investigation.as_pdf, name="investigation_pdf"),
    path("<caseno:number>/utredning/dela/", investigation.share, name="investigation_share"),
    path("<caseno:number>/utredning/<slug:kind>/", investigation.piece, name="investigation_piece"),
    path("<caseno:number>/utredning/<slug:kind>/<uuid:key>/", investigation.piece, name="investigation_row"),
    path("<caseno:number>/begaran/", requests.requests, name="party_requests"),
    path("<caseno:number>/patient/", patient.patient, name="patient"),
    path("<caseno:number>/larande/", learning.of_case, name="case_learning"),
    path("<caseno:number>/lex-maria/", lex_maria.matter, name="lex_maria"),
    path("<caseno:number>/lex-sarah/", lex_sarah.flag, name="lex_sarah"),
    path("<caseno:number>/skriv/", case.write, name="case_write"),
    path("<caseno:number>/<verb:verb>/", case.act, name="case_act"),
]
