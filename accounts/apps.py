from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Providers and people")

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  (registering is their work)
        from accounts.departed import log
        from accounts.departed.package import KINDS as TAKEN
        from accounts.departed.package import Kind
        from accounts.notices import KINDS
        from accounts.signin import receivers

        # The package speaks English only.
        apps.get_app_config("procrastinate").verbose_name = _("Work in the background")
        KINDS["role_suspended"] = _("Somebody's role waits for your yes or no")
        KINDS["second_step_guessed"] = _(
            "Wrong codes were given when you were to sign in, with your password. Was it not you? Change your password"
        )
        KINDS["roles_changed"] = _("Your assignment has been changed by your administrator")
        KINDS["assignment_ends"] = _("Your assignment has been given a last day by your administrator")
        KINDS["invitation_accepted"] = _("Somebody you invited has come in")
        KINDS["first_administrator_waits"] = _("A provider's first administrator waits for your yes")
        KINDS["lost_step_waits"] = _("An administrator's lost second step waits for your yes")
        KINDS["first_administrator_invited"] = _("Your first administrator has been invited")
        KINDS["access_asked"] = _("Somebody asks to be let in")
        KINDS["second_step_removed"] = _(
            "Your two-step sign-in has been taken away by your administrator. Set it up anew. Did you not ask for it? "
            "Tell them at once"
        )
        KINDS["agreement_ends"] = _("An agreement ends on {subject}: see what happens that day")
        KINDS["access_review_begun"] = _("The yearly review of your people has begun: confirm or end each assignment")
        KINDS["access_review_waits"] = _("Some of your people are not confirmed in the yearly review")
        KINDS["access_review_dated"] = _(
            "Those that nobody confirmed in the yearly review have been given a last day. Confirm those who stay"
        )
        KINDS["access_review_raised"] = _(
            "In the yearly review nobody has confirmed a provider's last administrator or only case handler"
        )
        KINDS["access_unconfirmed"] = _(
            "Nobody has confirmed your assignment in the yearly review. It has a last day now. Do you stay? Ask your "
            "administrator"
        )
        KINDS["access_confirmed"] = _("Your assignment is confirmed, and its last day is taken away")
        KINDS["stand_in"] = _("A stand-in has been arranged, or is over: see it on your profile")
        TAKEN["log"] = Kind("log", _("events in the log"), lambda former: former.administers, log.count, log.pieces)
        post_migrate.connect(receivers.make_cache_table, sender=self)
