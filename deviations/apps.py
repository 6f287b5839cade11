from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeviationsConfig(AppConfig):
    name = "deviations"
    verbose_name = _("Deviations")

    def ready(self) -> None:
        from accounts.beginning.steps import MORE
        from accounts.departed.package import KINDS as TAKEN
        from accounts.departed.package import Kind
        from accounts.granting.guarding import HAS_REPORTED
        from accounts.notices import DETAILS, FOR_STAND_INS, KINDS
        from accounts.people.leaving import BELONGINGS, Belongings
        from accounts.register.listing import ALSO_ENDS
        from deviations import reference
        from deviations.access.addresses import case_address, has_reported, open_at
        from deviations.actions import asking, revising
        from deviations.actions import leaving as owned
        from deviations.case import taken
        from deviations.inbox import leaving
        from deviations.investigation.acts import ACTION_WRITTEN
        from deviations.practice import practising
        from deviations.taken import investigations
        from deviations.telling.sentences import in_words, tell_of_version
        from documents.search import OPENERS
        from documents.signals import version_published

        KINDS.update(
            case_received=_("New case {subject}"),
            case_question=_("A question in case {subject}"),
            case_reply=_("A reply in case {subject}"),
            case_message=_("A new message in case {subject}"),
            case_answered=_("Case {subject} has been answered"),
            case_returned=_("Case {subject} came back: wrong recipient"),
            cases_handed_over=_("Cases handed over to you: {subject}"),
            case_assigned=_("Case {subject} is yours to handle"),
            case_withdrawn=_("Case {subject} was taken back by those who reported it"),
            case_escalated=_("Case {subject} is raised to you: choose who is to have it"),
            case_routed=_("Case {subject}: the coordinator has chosen who is to have it"),
            case_handed_back=_("Case {subject}: the coordinator has left it with you"),
            case_nudged=_("The coordinator reminds you of case {subject}, which is late"),
            case_meeting=_("The coordinator calls you to a meeting about case {subject}"),
            case_abandoned=_("Nobody handles case {subject}: give somebody the role of case handler"),
            case_due=_("A day is near in case {subject}"),
            case_overdue=_("A day has passed in case {subject}"),
            case_reopened=_("Case {subject} is open again"),
            case_feedback=_("Feedback on what you reported: {subject}"),
            participant=_("You take part in an investigation"),
            case_joint=_("A joint analysis is opened with you in case {subject}: name who is to take part"),
            case_asked=_("Another party asks something of you in case {subject}"),
            case_asked_answer=_("An answer to what you asked for in case {subject}"),
            account_received=_("An account has come in, in case {subject}"),
            patient_asked=_("The patient's identity is asked for in case {subject}"),
            patient_shared=_("The patient's identity is shared with you in case {subject}"),
            patient_refused=_("An answer on the patient's identity in case {subject}"),
            action_yours=_("An action is yours to see to"),
            action_due=_("The day of an action is near"),
            action_late=_("An action is late"),
            action_judge=_("Judge whether an action helped"),
            action_revise=_("{subject} is to be revised: an action asks for it"),
            case_serious=_("Decide of lex Maria: the harm in case {subject} was or could have been serious"),
            learning_asked=_("Read a learning example from case {subject}, and say what you think"),
            learning_objection=_("An objection to your learning example from case {subject}"),
            learning_to_approve=_("A learning example waits for your approval"),
            learning_nobody=_("Nobody can approve a learning example: give somebody the role of approver"),
            learning_sent_back=_("Your learning example from case {subject} has come back"),
            learning_published=_("A learning example from something you took part in: {subject}"),
            learning_routine=_("A learning example is about {subject}, which you care for"),
            report_frozen=_("A report of deviations between care providers is frozen"),
            evidence_asked=_("Evidence for your agreement is asked for"),
            evidence_submitted=_("A provider has submitted evidence for its agreement"),
            silence=_("Reporting has fallen silent: see where, and ask why"),
            lex_sarah=_("Lex Sarah: an event is handed to you to judge"),
            lex_sarah_nobody=_("Nobody leads social care in the portal: give somebody that role"),
            board_to_be_told=_("Tell the board: the harm in case {subject} was or could have been serious"),
            lex_maria_nobody=_("Nobody decides of lex Maria in case {subject}: name an officer"),
            lex_maria_late=_("Lex Maria is not decided in case {subject}: many days have passed"),
            case_effect=_("This is how it went, in case {subject}"),
            case_at_home=_("A message about the report {subject}, between the reporter and their case handlers"),
            case_corrected=_("Case {subject} has been corrected"),
            routine_changed=_("A new version of {subject}, which a case of yours names"),
            case_closed=_("Case {subject} is closed"),
        )
        FOR_STAND_INS.update(
            ("case_received", "case_question", "case_reply", "case_message", "case_answered", "case_returned")
        )
        FOR_STAND_INS.update(("case_assigned", "case_withdrawn", "case_escalated", "case_routed", "case_handed_back"))
        FOR_STAND_INS.update(("case_nudged", "case_meeting", "case_serious", "board_to_be_told", "lex_maria_late"))
        FOR_STAND_INS.update(
            (
                "patient_asked",
                "patient_shared",
                "patient_refused",
                "case_asked",
                "case_asked_answer",
                "account_received",
                "case_joint",
                "action_judge",
                "lex_sarah",
                "learning_asked",
                "learning_objection",
                "learning_to_approve",
                "learning_sent_back",
            )
        )
        FOR_STAND_INS.update(("case_due", "case_overdue", "case_reopened", "case_corrected", "cases_handed_over"))
        DETAILS.append(in_words)
        OPENERS.append(case_address)
        HAS_REPORTED.append(has_reported)
        ALSO_ENDS["cases"] = (_("Open cases"), open_at)
        MORE["practice"] = practising.step
        TAKEN["cases"] = Kind("cases", _("cases"), taken.entitles, taken.count, taken.pieces)
        TAKEN["investigations"] = Kind(
            "investigations", _("investigations"), investigations.entitles, investigations.count, investigations.pieces
        )
        BELONGINGS["actions"] = Belongings("actions", _("Actions that the person owns"), *owned.LEAVING)
        BELONGINGS["cases"] = Belongings("cases", _("Open cases that the person handles"), *leaving.LEAVING)
        ACTION_WRITTEN.append(asking.heard)
        version_published.connect(revising.tick_off, dispatch_uid="deviations.tick_off")
        version_published.connect(tell_of_version, dispatch_uid="deviations.tell_of_version")
        post_migrate.connect(reference.load, sender=self)
