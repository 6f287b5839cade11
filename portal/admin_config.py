from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin with the portal's own site; that must not be imported before the apps are loaded."""

    default_site = "portal.admin_site.PortalAdminSite"
