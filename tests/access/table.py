"""Every address × every role, with the answer it gives. A pattern without a row here fails the suite.

A row: the pattern as the resolver spells it → (address, {role: status}). `others` is for the roles not named.
A status of 302 is a way to sign in, or on after signing in; what one may not see is 404, never 403.
"""

from __future__ import annotations

from collections.abc import Mapping

from portal.urls import CLOSED
from tests.access.world import ROLES, SEES_CASE, SEES_NOTE, VISIBLE, World

Row = tuple[str, Mapping[str, int]]


def everybody(status: int, **others: int) -> dict[str, int]:
    return {role: others.get(role, status) for role in ROLES}


def only(roles: set[str], status: int, *, nobody: int = 302, others: int = 404) -> dict[str, int]:
    return {role: status if role in roles else (nobody if role == "nobody" else others) for role in ROLES}


def in_admin(admin: int, staff: int, private_staff: int | None = None) -> dict[str, int]:
    """The administration: a way to sign in for all who are not of the staff."""
    others = {"admin": admin, "staff": staff, "private_staff": staff if private_staff is None else private_staff}
    return {role: others.get(role, 302) for role in ROLES}


REPORTERS = {"reader", "handler", "counterpart", "stranger"}
STEWARDS = {"editor", "steward"}


def table(world: World) -> dict[str, Row]:
    case, file = world.case, world.file
    assert case
    assert file
    hidden = {number: {r for r in ROLES if number in VISIBLE[r]} for number in world.documents}
    sees_private = only(hidden["PRI-3"], 200, nobody=404)
    works_on = only(STEWARDS | {"approver"}, 200, nobody=404)
    handles = only(SEES_CASE - {"reader"}, 200)
    edits = only(STEWARDS | {"approver", "private_editor", "private_staff"}, 200, nobody=404)
    sources = only({"steward", "editor", "approver", "admin"}, 200)
    works_on_many = only(STEWARDS | {"approver"}, 200, nobody=404)
    documents = {d.number: d.pk for d in world.documents.values()}
    rows: dict[str, Row] = {
        "": ("/", everybody(200)),
        "dokument/": ("/dokument/?q=h%C3%A4lleflundra", everybody(200)),
        "dokument/publiceringskontroll/": ("/dokument/publiceringskontroll/", edits),
        "dokument/publiceringskontroll/pausa/": ("/dokument/publiceringskontroll/pausa/?fynd=x", everybody(404)),
        "dokument/publiceringskontroll/regler/": ("/dokument/publiceringskontroll/regler/", edits),
        "dokument/kallor/": ("/dokument/kallor/", sources),
        "dokument/kallor/<slug:code>/": ("/dokument/kallor/rjh/", sources),
        "dokument/kallor/<slug:code>/nycklar/": ("/dokument/kallor/rjh/nycklar/", sources),
        "dokument/kallor/<slug:code>/<int:run>/": (world.delivery, sources),
        "dokument/adress/": ("/dokument/adress/?u=https://www.region.example/finns/inte.pdf", everybody(404)),
        "dokument/sakerhetsbrev/": ("/dokument/sakerhetsbrev/", everybody(200)),
        "dokument/sakerhetsbrev/val/": ("/dokument/sakerhetsbrev/val/", everybody(405)),
        "dokument/sakerhetsbrev/<month:month>/": ("/dokument/sakerhetsbrev/2024-01/", everybody(200)),
        "dokument/sakerhetsbrev/<month:month>/pdf/": ("/dokument/sakerhetsbrev/2024-01/pdf/", everybody(404)),
        "dokument/oppna.json": ("/dokument/oppna.json", everybody(200)),
        "dokument/oppna.schema.json": ("/dokument/oppna.schema.json", everybody(200)),
        "dokument/nytt.atom": ("/dokument/nytt.atom", everybody(200)),
        "dokument/inbaddad/": ("/dokument/inbaddad/", everybody(200)),
        "api/v1/": ("/api/v1/", everybody(404)),
        "api/v1/openapi.json": ("/api/v1/openapi.json", everybody(200)),
        "api/v1/documents/<source>/<number>/versions/": ("/api/v1/documents/rjh/PRI-3/versions/", everybody(405)),
        "sitemap.xml": ("/sitemap.xml", everybody(200)),
        "opensearch.xml": ("/opensearch.xml", everybody(200)),
        "dokument/forslag/": ("/dokument/forslag/?q=PRI-3", everybody(200)),
        "dokument/sokt-utan-traff/": ("/dokument/sokt-utan-traff/", edits),
        "dokument/sokningar/glom/": ("/dokument/sokningar/glom/", everybody(405)),
        "dokument/saknade/": ("/dokument/saknade/", only(STEWARDS, 200, nobody=404)),
        "dokument/<docno:number>/": ("/dokument/PRI-3/", sees_private),
        "dokument/skrivbord/": ("/dokument/skrivbord/", edits),
        "dokument/nytt/": ("/dokument/nytt/", edits),
        "dokument/<docno:number>/upphav/": ("/dokument/PRI-3/upphav/", works_on),
        "dokument/<docno:number>/andra/bild/": ("/dokument/PRI-3/andra/bild/", everybody(405)),
        "dokument/<docno:number>/andra/skriver/": ("/dokument/PRI-3/andra/skriver/", works_on),
        "dokument/<docno:number>/andra/": ("/dokument/PRI-3/andra/", works_on),
        "dokument/<docno:number>/fel/": ("/dokument/PRI-3/fel/", {**sees_private, "nobody": 302}),
        "dokument/<docno:number>/granska/": ("/dokument/PRI-3/granska/", works_on),
        # What is not approved leads back to the document.
        "dokument/<docno:number>/publicera/": ("/dokument/PRI-3/publicera/", {r: 302 if c == 200 else c for r, c in works_on.items()}),
        "dokument/<docno:number>/sida/<int:page>/": ("/dokument/PRI-3/sida/1/", sees_private),
        "dokument/<docno:number>/v/<int:version>/sida/<int:page>/": ("/dokument/PRI-3/v/1/sida/1/", sees_private),
        "dokument/<docno:number>/figur/<int:ordinal>/": ("/dokument/PRI-3/figur/1/", everybody(404)),
        "dokument/<docno:number>/v/<int:version>/figur/<int:ordinal>/": ("/dokument/PRI-3/v/1/figur/1/", everybody(404)),
        "dokument/<docno:number>/bild/<int:ordinal>/": ("/dokument/PRI-3/bild/1/", sees_private),
        "dokument/<docno:number>/jamfor/": ("/dokument/PRI-3/jamfor/", everybody(404)),
        "dokument/<docno:number>/jamfor/<int:older>/<int:newer>/": ("/dokument/PRI-3/jamfor/1/1/", sees_private),
        "dokument/<docno:number>/fil/": ("/dokument/PRI-3/fil/", sees_private),
        "dokument/<docno:number>/v/<int:version>/": ("/dokument/PRI-3/v/1/", sees_private),
        "dokument/<docno:number>/v/<int:version>/utskrift.css": ("/dokument/PRI-3/v/1/utskrift.css", sees_private),
        "dokument/<docno:number>/v/<int:version>/fil/": ("/dokument/PRI-3/v/1/fil/", sees_private),
        "dokument/lamna-over/": ("/dokument/lamna-over/", {**edits, "provider_admin": 200}),
        "dokument/synlighet/": ("/dokument/synlighet/?nr=PRI-3", works_on_many),
        "dokument/synlighet/vem/": ("/dokument/synlighet/vem/", edits),
        "dokument/<docno:number>/synlighet/": ("/dokument/PRI-3/synlighet/", works_on),
        "dokument/<docno:number>/synlighet/andra/": ("/dokument/PRI-3/synlighet/andra/", works_on),
        "dokument/<docno:number>/synlighet/historik/": ("/dokument/PRI-3/synlighet/historik/", works_on),
        "dokument/<docno:number>/synlighet/namngivna/": ("/dokument/PRI-3/synlighet/namngivna/", works_on),
        "dokument/<docno:number>/synlighet/vantar/": ("/dokument/PRI-3/synlighet/vantar/", everybody(405)),
        "avvikelser/": ("/avvikelser/", only(REPORTERS | {"lex_maria"}, 200)),
        "avvikelser/urval/": ("/avvikelser/urval/", everybody(405, nobody=302)),
        "avvikelser/ny/": ("/avvikelser/ny/", only(REPORTERS, 200)),
        "avvikelser/samordning/": ("/avvikelser/samordning/", only({"coordinator"}, 200)),
        "avvikelser/samordning/<caseno:number>/": (
            f"/avvikelser/samordning/{case.number}/", only({"coordinator"}, 200)),
        "avvikelser/ovning/": (
            "/avvikelser/ovning/", everybody(200, nobody=302, ended=404, homeless=404, other=404)),
        "avvikelser/enheten/": ("/avvikelser/enheten/", everybody(404, nobody=302)),
        "avvikelser/bilaga/<uuid:key>/": (f"/avvikelser/bilaga/{file.key}/", only(SEES_CASE, 200)),
        "avvikelser/<caseno:number>/": (f"/avvikelser/{case.number}/", only(SEES_CASE, 200)),
        "avvikelser/<caseno:number>/kvitto/": (f"/avvikelser/{case.number}/kvitto/", only({"reader"}, 200)),
        "avvikelser/<caseno:number>/utredning/": (f"/avvikelser/{case.number}/utredning/", handles),
        "avvikelser/<caseno:number>/utredning/<slug:kind>/": (f"/avvikelser/{case.number}/utredning/atgard/", handles),
        "avvikelser/<caseno:number>/utredning/<slug:kind>/<uuid:key>/": (
            f"/avvikelser/{case.number}/utredning/orsak/{world.cause}/",
            only(SEES_NOTE, 200),
        ),
        "avvikelser/<caseno:number>/utredning/som-pdf/": (f"/avvikelser/{case.number}/utredning/som-pdf/", handles),
        "avvikelser/<caseno:number>/utredning/dela/": (
            f"/avvikelser/{case.number}/utredning/dela/", everybody(405, nobody=405),
        ),
        "avvikelser/<caseno:number>/lex-maria/": (f"/avvikelser/{case.number}/lex-maria/", handles),
        "avvikelser/regler/": ("/avvikelser/regler/", only({"provider_admin"}, 200)),
        "avvikelser/berattelse/": ("/avvikelser/berattelse/?nyckel=0", everybody(404)),
        "avvikelser/<caseno:number>/utredning/lankar/": (
            f"/avvikelser/{case.number}/utredning/lankar/",
            everybody(405, nobody=405),
        ),
        "avvikelser/utredningar/": ("/avvikelser/utredningar/", everybody(200, nobody=302)),
        "avvikelser/<caseno:number>/utredning/deltagare/": (
            f"/avvikelser/{case.number}/utredning/deltagare/",
            everybody(405, nobody=405),
        ),
        "avvikelser/hanvisningar/": (
            "/avvikelser/hanvisningar/",
            only((SEES_CASE - {"reader"}) | {"stranger"}, 200),
        ),
        "avvikelser/patient/": (
            "/avvikelser/patient/", only((SEES_CASE - {"reader"}) | {"stranger"}, 200),
        ),
        "avvikelser/<caseno:number>/begaran/": (f"/avvikelser/{case.number}/begaran/", handles),
        "avvikelser/<caseno:number>/patient/": (f"/avvikelser/{case.number}/patient/", handles),
        "avvikelser/atgarder/": ("/avvikelser/atgarder/", everybody(200, nobody=302)),
        "avvikelser/atgarder/<uuid:key>/": (f"/avvikelser/atgarder/{world.cause}/", everybody(404, nobody=302)),
        "avvikelser/statistik/": (
            "/avvikelser/statistik/", only(SEES_CASE | REPORTERS | {"coordinator", "provider_admin"}, 200)),
        "avvikelser/statistik/definitioner/": (
            "/avvikelser/statistik/definitioner/", only(
                (SEES_CASE - {"reader"}) | {"stranger", "coordinator", "provider_admin"}, 200)),
        "avvikelser/statistik/uppfoljning/": ("/avvikelser/statistik/uppfoljning/", only({"follow_up"}, 200)),
        "avvikelser/statistik/fil/<slug:kind>/": (
            "/avvikelser/statistik/fil/csv/",
            only((SEES_CASE - {"reader"}) | {"stranger", "coordinator", "provider_admin"}, 200)),
        "avvikelser/kommunen/": ("/avvikelser/kommunen/", only({"mas", "mar"}, 200)),
        "avvikelser/kommunen/<caseno:number>/": (f"/avvikelser/kommunen/{case.number}/", only(set(), 200)),
        "avvikelser/kommunen/<caseno:number>/utredning/": (
            f"/avvikelser/kommunen/{case.number}/utredning/?del=1", only(set(), 200)),
        "avvikelser/statistik/ar/<int:year>/": (
            "/avvikelser/statistik/ar/2019/", everybody(404, nobody=302)),
        "avvikelser/statistik/rapporter/": (
            "/avvikelser/statistik/rapporter/", only({"follow_up", "coordinator"}, 200)),
        "avvikelser/statistik/rapporter/<day:day>/": (
            "/avvikelser/statistik/rapporter/2019-04-30/", everybody(404, nobody=302)),
        "avvikelser/underlag/": (
            "/avvikelser/underlag/", only({"provider_admin", "agreements", "mas", "mar"}, 200)),
        "avvikelser/underlag/avtal/<uuid:key>/": (
            f"/avvikelser/underlag/avtal/{world.cause}/", everybody(404, nobody=302)),
        "avvikelser/underlag/inlamnat/<uuid:key>/": (
            f"/avvikelser/underlag/inlamnat/{world.cause}/", everybody(404, nobody=302)),
        "avvikelser/underlag/<uuid:key>/": (f"/avvikelser/underlag/{world.cause}/", everybody(404, nobody=302)),
        "avvikelser/larande/": ("/avvikelser/larande/", only((SEES_CASE - {"reader"}) | {"stranger", "approver", "editor"}, 200)),
        "avvikelser/larande/<uuid:key>/": (f"/avvikelser/larande/{world.cause}/", everybody(404, nobody=302)),
        "avvikelser/<caseno:number>/larande/": (f"/avvikelser/{case.number}/larande/", handles),
        "avvikelser/lex-sarah/": ("/avvikelser/lex-sarah/", only({"sas"}, 200)),
        "avvikelser/lex-sarah/<uuid:key>/": (
            f"/avvikelser/lex-sarah/{world.cause}/", everybody(404, nobody=302)),
        "avvikelser/<caseno:number>/lex-sarah/": (
            f"/avvikelser/{case.number}/lex-sarah/", everybody(404, nobody=302)),
        "avvikelser/lex-maria/": ("/avvikelser/lex-maria/", only({"lex_maria"}, 200)),
        "avvikelser/<caseno:number>/skriv/": (f"/avvikelser/{case.number}/skriv/", everybody(405, nobody=302)),
        "avvikelser/<caseno:number>/<verb:verb>/": (f"/avvikelser/{case.number}/acknowledge/", everybody(405, nobody=302)),
        "konto/uppdrag/": ("/konto/uppdrag/", everybody(200, nobody=302)),
        "konto/var-verksamhet/": ("/konto/var-verksamhet/", everybody(404, nobody=302, provider_admin=200)),
        "konto/var-verksamhet/person/<uuid:key>/": (
            f"/konto/var-verksamhet/person/{world.assignments['sara'].key}/", only({"provider_admin"}, 200)),
        "konto/var-verksamhet/genomgang/": ("/konto/var-verksamhet/genomgang/", only({"provider_admin"}, 200)),
        "konto/var-verksamhet/villkor/": ("/konto/var-verksamhet/villkor/", only({"provider_admin"}, 200)),
        "konto/var-verksamhet/installningar/": ("/konto/var-verksamhet/installningar/", only({"provider_admin"}, 200)),
        "konto/var-verksamhet/enheter/": ("/konto/var-verksamhet/enheter/", only({"provider_admin"}, 200)),
        "konto/var-verksamhet/bjud-in/": ("/konto/var-verksamhet/bjud-in/", only({"provider_admin"}, 200)),
        "konto/var-verksamhet/bjud-in/flera/": ("/konto/var-verksamhet/bjud-in/flera/", only({"provider_admin"}, 200)),
        "konto/var-verksamhet/bjud-in/mall.csv": ("/konto/var-verksamhet/bjud-in/mall.csv", only({"provider_admin"}, 200)),
        "konto/var-verksamhet/bjud-in/<uuid:key>/": (
            "/konto/var-verksamhet/bjud-in/00000000-0000-4000-8000-000000000000/", everybody(404, nobody=302)),
        "konto/var-verksamhet/inbjudningar/": ("/konto/var-verksamhet/inbjudningar/", only({"provider_admin"}, 200)),
        "konto/be-om-tilltrade/": ("/konto/be-om-tilltrade/", everybody(200)),
        "konto/be-om-tilltrade/skickat/": ("/konto/be-om-tilltrade/skickat/", everybody(200)),
        "konto/be-om-tilltrade/bekrafta/": ("/konto/be-om-tilltrade/bekrafta/", everybody(200)),
        "konto/var-verksamhet/vill-in/<uuid:key>/": (
            "/konto/var-verksamhet/vill-in/00000000-0000-4000-8000-000000000000/", everybody(404, nobody=302)),
        "konto/avtal/": ("/konto/avtal/", only({"agreements"}, 200)),
        "konto/avtal/ny/": ("/konto/avtal/ny/", only({"agreements"}, 200)),
        "konto/avslutat/": ("/konto/avslutat/", everybody(404, nobody=302, ended=200)),
        "konto/avslutat/<uuid:key>/": (
            "/konto/avslutat/00000000-0000-4000-8000-000000000000/", everybody(404, nobody=302)),
        "konto/avtal/las-in/": ("/konto/avtal/las-in/", only({"agreements"}, 200)),
        "konto/avtal/las-in/mall.csv": ("/konto/avtal/las-in/mall.csv", only({"agreements"}, 200)),
        "konto/avtal/las-in/<uuid:key>/": (
            "/konto/avtal/las-in/00000000-0000-4000-8000-000000000000/", everybody(404, nobody=302)),
        "konto/avtal/<uuid:key>/": (f"/konto/avtal/{world.providers['bjorken'].key}/", only({"agreements"}, 200)),
        "konto/inbjudan/": ("/konto/inbjudan/", everybody(200)),
        "konto/inbjudan/klar/": ("/konto/inbjudan/klar/", everybody(302)),
        "konto/ersattare/<uuid:key>/": (
            "/konto/ersattare/00000000-0000-4000-8000-000000000000/", everybody(404, nobody=302)),
        "konto/profil/adress/": ("/konto/profil/adress/", everybody(200, nobody=302)),
        "konto/profil/": ("/konto/profil/", everybody(200, nobody=302)),
        "konto/notiser/": ("/konto/notiser/", everybody(200, nobody=302)),
        "konto/visa-som/": ("/konto/visa-som/", only(STEWARDS | {"approver", "admin"}, 200)),
        "konto/visa-som/avsluta/": ("/konto/visa-som/avsluta/", everybody(405, nobody=302)),
        "konto/utkast/<str:form_key>/lage/": (
            "/konto/utkast/deviation/lage/", everybody(404, nobody=302)),
        "konto/enhetsnyckel/": ("/konto/enhetsnyckel/", everybody(200, nobody=302)),
        "konto/utkast/<str:form_key>/": ("/konto/utkast/deviation/", everybody(405, nobody=302)),
        "konto/login/": ("/konto/login/", everybody(302, nobody=200)),
        "konto/logout/": ("/konto/logout/", everybody(200, nobody=302)),
        "konto/reauthenticate/": ("/konto/reauthenticate/", everybody(200, nobody=302)),
        "konto/password/change/": ("/konto/password/change/", everybody(200, nobody=302)),
        "konto/password/reset/": ("/konto/password/reset/", everybody(200)),
        "konto/password/reset/done/": ("/konto/password/reset/done/", everybody(200)),
        "konto/password/reset/key/done/": ("/konto/password/reset/key/done/", everybody(200)),
        r"konto/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (
            "/konto/password/reset/key/1-nyckel/", everybody(200)),
        r"konto/^confirm-email/(?P<key>[-:\w]+)/$": ("/konto/confirm-email/nyckel/", everybody(200)),
        "konto/2fa/": ("/konto/2fa/", everybody(200, nobody=302)),
        "konto/2fa/authenticate/": ("/konto/2fa/authenticate/", everybody(302)),
        "konto/2fa/reauthenticate/": ("/konto/2fa/reauthenticate/", everybody(302)),
        "konto/2fa/totp/activate/": ("/konto/2fa/totp/activate/", everybody(302)),
        # Nobody of the cast has a second step yet, so there is nothing to take away or to show.
        "konto/2fa/totp/deactivate/": ("/konto/2fa/totp/deactivate/", everybody(404, nobody=302)),
        "konto/2fa/recovery-codes/": ("/konto/2fa/recovery-codes/", everybody(404, nobody=302)),
        "konto/2fa/recovery-codes/generate/": ("/konto/2fa/recovery-codes/generate/", everybody(302)),
        "konto/2fa/recovery-codes/download/": ("/konto/2fa/recovery-codes/download/", everybody(404, nobody=302)),
        "lika-tillgang/": ("/lika-tillgang/", everybody(200)),
        "lika-tillgang/tabell.csv": ("/lika-tillgang/tabell.csv", everybody(200)),
        "lika-tillgang/frysa/<str:day>/": ("/lika-tillgang/frysa/2026-04-30/", everybody(404)),
        "saknas/": ("/saknas/", everybody(200)),
        "tillganglighet/": ("/tillganglighet/", everybody(200)),
        "allmanna-handlingar/": ("/allmanna-handlingar/", everybody(200)),
        "uppgifter/": ("/uppgifter/", everybody(200)),
        "sprak/": ("/sprak/", everybody(405)),
        "healthz": ("/healthz", everybody(200)),
        "readyz": ("/readyz", everybody(200)),
        "komponenter/": ("/komponenter/", everybody(200)),
        # Administration: nobody but its staff, and there by the portal's own acts for what carries weight.
        "admin/": ("/admin/", in_admin(200, 200)),
        "admin/login/": ("/admin/login/", everybody(403, nobody=302, admin=302, staff=302, private_staff=302)),
        "admin/logout/": ("/admin/logout/", in_admin(405, 405)),
        "admin/password_change/": ("/admin/password_change/", in_admin(200, 200)),
        "admin/password_change/done/": ("/admin/password_change/done/", in_admin(200, 200)),
        "admin/jsi18n/": ("/admin/jsi18n/", in_admin(200, 200)),
        "admin/autocomplete/": ("/admin/autocomplete/", in_admin(403, 403)),
        "admin/documents/document/<int:pk>/synlighet/": (
            f"/admin/documents/document/{documents['REG-2']}/synlighet/", in_admin(200, 404)),
        "admin/documents/document/synlighet/": (
            f"/admin/documents/document/synlighet/?ids={documents['REG-2']}", in_admin(200, 403, 302)),
    }  # fmt: skip
    rows |= {f"konto/{closed}": (f"/konto/{closed}", everybody(404)) for closed in CLOSED}
    return rows


# What Django admin manages. A model that is registered without a row here fails the suite; no case ever has one.
ADMIN_MODELS = {
    "accounts.user", "accounts.provider", "accounts.careunit", "accounts.agreement", "accounts.assignment",
    "accounts.auditevent", "accounts.auditseal", "accounts.retirement",
    "documents.document", "documents.documenttype", "documents.programmearea", "documents.documentevent",
    "documents.missingdocument", "documents.source", "documents.synonym",
    "deviations.legalreference", "deviations.plan",
    "procrastinate.procrastinatejob",
}  # fmt: skip
