from django.urls import path, register_converter

from documents.approval import views as approval
from documents.converters import MonthConverter, NumberConverter
from documents.desk import caretaking_views, writing_views
from documents.desk import views as desk
from documents.ending import views as ending
from documents.intake import views as intake
from documents.letters import views as letters
from documents.missing import views as missing
from documents.open_list import views as open_list
from documents.page import list_views
from documents.page import views as page
from documents.pushing import views as pushing
from documents.remarks import views as remarks
from documents.visibility import views as visibility
from documents.watch import views as watch

register_converter(NumberConverter, "docno")
register_converter(MonthConverter, "month")

urlpatterns = [
    path("", list_views.document_list, name="documents"),
    path("oppna.json", open_list.open_list, name="open_list"),
    path("oppna.schema.json", open_list.open_schema, name="open_schema"),
    path("nytt.atom", open_list.atom, name="atom"),
    path("inbaddad/", open_list.framed, name="framed"),
    path("forslag/", list_views.suggestions, name="suggestions"),
    path("sokningar/glom/", list_views.forget_searches, name="forget_searches"),
    path("sokt-utan-traff/", list_views.unanswered_searches, name="unanswered_searches"),
    path("skrivbord/", desk.desk, name="desk"),
    path("nytt/", writing_views.new_document, name="new_document"),
    path("lamna-over/", caretaking_views.hand_over, name="hand_over"),
    path("sakerhetsbrev/", letters.safety_letter, name="safety_letters"),
    path("sakerhetsbrev/val/", letters.letter_choice, name="letter_choice"),
    path("sakerhetsbrev/<month:month>/", letters.safety_letter, name="safety_letter"),
    path("sakerhetsbrev/<month:month>/pdf/", letters.letter_as_pdf, name="letter_as_pdf"),
    path("saknade/", missing.missing_documents, name="missing_documents"),
    path("publiceringskontroll/", watch.watch_page, name="watch"),
    path("publiceringskontroll/pausa/", watch.put_aside, name="put_aside"),
    path("publiceringskontroll/regler/", watch.rules_page, name="watch_rules"),
    path("kallor/", intake.sources, name="sources"),
    path("kallor/<slug:code>/", intake.source, name="source"),
    path("kallor/<slug:code>/nycklar/", pushing.source_keys, name="source_keys"),
    path("kallor/<slug:code>/<int:run>/", intake.delivery, name="delivery"),
    path("adress/", intake.old_address, name="old_address"),
    path("synlighet/", visibility.change_many, name="change_many"),
    path("synlighet/vem/", visibility.left_out, name="left_out"),
    path("<docno:number>/", page.document_page, name="document"),
    path("<docno:number>/andra/", writing_views.write, name="write"),
    path("<docno:number>/andra/bild/", writing_views.add_picture, name="add_picture"),
    path("<docno:number>/andra/skriver/", writing_views.writers, name="writers"),
    path("<docno:number>/fel/", remarks.remarks, name="remarks"),
    path("<docno:number>/granska/", approval.review, name="review"),
    path("<docno:number>/publicera/", approval.publish, name="publish"),
    path("<docno:number>/upphav/", ending.end, name="end"),
    path("<docno:number>/synlighet/", visibility.visibility_page, name="visibility"),
    path("<docno:number>/synlighet/andra/", visibility.change_visibility, name="change_visibility"),
    path("<docno:number>/synlighet/historik/", visibility.visibility_history, name="visibility_history"),
    path("<docno:number>/synlighet/namngivna/", visibility.named_choices, name="named_choices"),
    path("<docno:number>/synlighet/vantar/", visibility.answer_opening, name="answer_opening"),
    path("<docno:number>/fil/", page.document_file, name="document_file"),
    path("<docno:number>/sida/<int:page>/", page.page_picture, name="page_picture"),
    path("<docno:number>/figur/<int:ordinal>/", page.figure, name="figure"),
    path("<docno:number>/bild/<int:ordinal>/", page.picture, name="picture"),
    path("<docno:number>/jamfor/", page.compare, name="compare"),
    path("<docno:number>/jamfor/<int:older>/<int:newer>/", page.compare, name="compare_versions"),
    path("<docno:number>/v/<int:version>/", page.document_page, name="document_version"),
    path("<docno:number>/v/<int:version>/utskrift.css", page.print_sheet, name="print_sheet"),
    path("<docno:number>/v/<int:version>/sida/<int:page>/", page.page_picture, name="version_page_picture"),
    path("<docno:number>/v/<int:version>/figur/<int:ordinal>/", page.figure, name="version_figure"),
    path("<docno:number>/v/<int:version>/fil/", page.document_file, name="document_version_file"),
]
