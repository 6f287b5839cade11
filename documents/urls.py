from django.urls import path, register_converter

from documents import (
    approval_views,
    caretaking_views,
    ending_views,
    search_views,
    views,
    visibility_views,
    writing_views,
)
from documents.converters import NumberConverter

register_converter(NumberConverter, "docno")

urlpatterns = [
    path("", search_views.document_list, name="documents"),
    path("forslag/", search_views.suggestions, name="suggestions"),
    path("sokningar/glom/", search_views.forget_searches, name="forget_searches"),
    path("sokt-utan-traff/", search_views.unanswered_searches, name="unanswered_searches"),
    path("skrivbord/", approval_views.desk, name="desk"),
    path("nytt/", writing_views.new_document, name="new_document"),
    path("lamna-over/", caretaking_views.hand_over, name="hand_over"),
    path("saknade/", views.missing_documents, name="missing_documents"),
    path("synlighet/", visibility_views.change_many, name="change_many"),
    path("synlighet/vem/", visibility_views.left_out, name="left_out"),
    path("<docno:number>/", views.document_page, name="document"),
    path("<docno:number>/andra/", writing_views.write, name="write"),
    path("<docno:number>/granska/", approval_views.review, name="review"),
    path("<docno:number>/publicera/", approval_views.publish, name="publish"),
    path("<docno:number>/upphav/", ending_views.end, name="end"),
    path("<docno:number>/synlighet/", visibility_views.visibility_page, name="visibility"),
    path("<docno:number>/synlighet/andra/", visibility_views.change_visibility, name="change_visibility"),
    path("<docno:number>/synlighet/historik/", visibility_views.visibility_history, name="visibility_history"),
    path("<docno:number>/synlighet/namngivna/", visibility_views.named_choices, name="named_choices"),
    path("<docno:number>/synlighet/vantar/", visibility_views.answer_opening, name="answer_opening"),
    path("<docno:number>/fil/", views.document_file, name="document_file"),
    path("<docno:number>/sida/<int:page>/", views.page_picture, name="page_picture"),
    path("<docno:number>/figur/<int:ordinal>/", views.figure, name="figure"),
    path("<docno:number>/bild/<int:ordinal>/", views.picture, name="picture"),
    path("<docno:number>/jamfor/", views.compare, name="compare"),
    path("<docno:number>/jamfor/<int:older>/<int:newer>/", views.compare, name="compare_versions"),
    path("<docno:number>/v/<int:version>/", views.document_page, name="document_version"),
    path("<docno:number>/v/<int:version>/utskrift.css", views.print_sheet, name="print_sheet"),
    path("<docno:number>/v/<int:version>/sida/<int:page>/", views.page_picture, name="version_page_picture"),
    path("<docno:number>/v/<int:version>/figur/<int:ordinal>/", views.figure, name="version_figure"),
    path("<docno:number>/v/<int:version>/fil/", views.document_file, name="document_version_file"),
]
