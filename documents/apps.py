from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = _("Documents")

    def ready(self) -> None:
        from accounts.departed.package import KINDS as TAKEN
        from accounts.departed.package import Kind
        from accounts.notices import FOR_STAND_INS, KINDS
        from accounts.people.leaving import BELONGINGS, Belongings
        from accounts.register.listing import ALSO_ENDS
        from documents import reference
        from documents.desk import caretaking, taken
        from documents.intake.rights import answered
        from documents.signals import visibility_changed
        from documents.visibility.acts import granted_to

        KINDS["file_findings"] = _("Something was found in a file you chose, {subject}")
        KINDS["found_late"] = _("Something was found in a file after it was approved, {subject}: read it")
        KINDS["opening_waits"] = _("Somebody wants to open a sensitive document, {subject}: say yes or no")
        KINDS["opening_decided"] = _("Your wish to open {subject} has been answered")
        KINDS["version_waits"] = _("A new version of {subject} waits for you: read it, and say yes or no")
        KINDS["version_approved"] = _("What you wrote in {subject} is approved and can be published")
        KINDS["version_sent_back"] = _("What you wrote in {subject} has been sent back to you")
        KINDS["to_come_moved"] = _("What was to come of {subject} does not come as it was: see what became of it")
        KINDS["review_reminded"] = _("Documents to be looked through within 60 days: {subject}")
        KINDS["review_escalated"] = _("Documents that should have been looked through: {subject}")
        KINDS["documents_handed_over"] = _("Documents handed over to you: {subject}")
        KINDS["missing_answered"] = _("Your question about a document you miss has been answered")
        KINDS["missing_late"] = _("Questions about missing documents that should have been answered: {subject}")
        KINDS["source_waits"] = _("A source of documents has been set up or changed: say yes or no")
        KINDS["source_key_waits"] = _("A key of {subject} has been made: say yes or no")
        KINDS["watch_new"] = _("The publication watch has found something for you to mend: {subject}")
        KINDS["watch_weekly"] = _("Findings of the publication watch that are open: {subject}")
        KINDS["watch_task"] = _("Mend {subject} in the system that it comes from")
        KINDS["document_missing"] = _("Somebody misses a document")
        KINDS["remark_told"] = _("Somebody has found a fault in {subject}: answer it")
        KINDS["remark_answered"] = _("The fault that you found in {subject} has been answered")
        KINDS["safety_letter"] = _("A new safety letter, {subject}")
        FOR_STAND_INS.update(("version_waits", "opening_waits", "review_reminded", "review_escalated", "missing_late"))
        FOR_STAND_INS.update(("watch_new", "watch_weekly", "remark_told"))
        words = _("Documents and drafts that the person looks after")
        BELONGINGS["documents"] = Belongings("documents", words, *caretaking.LEAVING)
        TAKEN["documents"] = Kind(
            "documents", _("documents"), lambda former: former.administers, taken.count, taken.pieces
        )
        ALSO_ENDS["documents"] = (_("Documents shared by name"), granted_to)
        visibility_changed.connect(answered, dispatch_uid="source_rights")
        post_migrate.connect(reference.load, sender=self)
