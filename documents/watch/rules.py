"""The rules of the publication watch, one function each. A rule asks its scope with SQL and yields what it finds.

Its name and what it looks for stand above it, as they are shown; docs/watch.md tells how another is made.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from documents.links.asking import NIGHTS
from documents.watch import words
from documents.watch.ruling import Found, Scope, rule

# Codes of `documents.reading.findings` by which a file cannot be read by all: its words, its tables, aloud.
UNREADABLE = ("no_text", "scanned_pages", "garbled_letters", "restricted_pdf", "untagged_pdf", "tables_left_out")
# Titles that would do for any document; with a number or a date after it they say no more.
_EMPTY_WORDS = [
    "ny", "rutin", "riktlinje", "vårdprogram", "dokument", "blankett", "checklista", "instruktion", "pm", "bilaga",
    "formulär", "mall", "namnlös", "utan", "untitled", "document", "microsoft", "test", "kopia",
]  # fmt: skip
_EMPTY_TITLE = (
    r"^\s*(ny\s+)?(rutin|riktlinje|vårdprogram|dokument|blankett|checklista|instruktion|pm|bilaga|formulär|mall|"
    r"namnlös|utan titel|untitled|document|microsoft word( - .*)?|test|kopia( av.*)?)(\s+för.{0,2})?[\s0-9._()-]*$"
)


# 1 ----------------------------------------------------------------------------------------------------------------
@rule(
    1,
    _("Applies to those who cannot see it"),
    _("A document applies to a kind of provider, or to its own owner, and some of them cannot read it."),
    words.left_out,
    level=4,
    mend="open",
)
def left_out(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, jsonb_build_object(
            'kinds', jsonb_agg(DISTINCT p.kind ORDER BY p.kind), 'providers', count(*),
            'own', bool_and(o.kind <> 'regional' AND p.id = o.id)) AS evidence
        FROM APPLYING JOIN PROVIDERS ON TOLD_TO AND NOT READABLE WHERE DOUBTFUL GROUP BY d.id
    """)


@rule(
    1,
    _("Soon out of sight"),
    _("A named reader's last day is near, and no other rule lets it read the document after that."),
    words.grant_ends,
    level=3,
    mend="readers",
)
def grant_ends(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, g.until::text AS key, g.until + 1 AS on_day, jsonb_build_object(
            'names', jsonb_agg(DISTINCT p.name), 'nobody', CASE WHEN bool_or(NOT EXISTS (
                SELECT 1 FROM documents_visibilitygrant l JOIN accounts_provider q ON q.id = l.provider_id
                WHERE l.document_id = d.id AND q.kind = p.kind AND (l.until IS NULL OR l.until > g.until)))
            THEN jsonb_agg(DISTINCT p.kind) ELSE '[]' END) AS evidence
        FROM APPLYING JOIN documents_visibilitygrant g ON g.document_id = d.id
            AND g.until BETWEEN %(today)s AND %(ahead)s
        JOIN (SELECT a.id, a.kind, a.name FROM accounts_provider a JOIN unnest(%(providers)s::bigint[]) AS let(id)
              USING (id)) p ON p.id = g.provider_id
        WHERE NOT OPEN_TO AND NOT EXISTS (
            SELECT 1 FROM documents_visibilitygrant l WHERE l.document_id = d.id AND l.provider_id = p.id
            AND l.unit_id IS NULL AND (l.until IS NULL OR l.until > g.until))
        GROUP BY d.id, g.until
    """)


# 2 ----------------------------------------------------------------------------------------------------------------
@rule(
    2,
    _("Not as in its source"),
    _(
        "The source has approved what is not shown here, has a newer version or has revoked it; or its "
        "readers or its text were held back when it came in, and nobody has answered."
    ),
    words.behind_source,
    level=3,
    mend="source",
)
def behind_source(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT s.document_id AS document, told.what AS key, jsonb_build_object(
            'what', told.what, 'number', s.number, 'here', s.version, 'there', s.facts->>'version',
            'source', so.name, 'code', so.code) AS evidence
        FROM unnest(%(ids)s::bigint[]) AS looked(document_id)
        JOIN documents_sourcedocument s ON s.document_id = looked.document_id
        JOIN documents_source so ON so.id = s.source_id AND so.is_active
        JOIN documents_document d ON d.id = s.document_id
        LEFT JOIN documents_version v ON v.document_id = d.id AND v.state = 'published'
        LEFT JOIN documents_reading r ON r.version_id = v.id
        LEFT JOIN LATERAL (
            SELECT i.numbers FROM documents_intake i WHERE i.source_id = so.id
            AND (i.state = 'asks' OR (i.state = 'done' AND i.is_dry)) AND NOT EXISTS (
                SELECT 1 FROM documents_intake n WHERE n.source_id = so.id AND n.id > i.id
                AND n.state = 'done' AND NOT n.is_dry)
            ORDER BY i.id DESC LIMIT 1
        ) waiting ON true
        CROSS JOIN LATERAL (VALUES
            ('held_back', d.state = 'active' AND s.waits = 'held_back'),
            ('wider', d.state = 'active' AND s.waits = 'wider'),
            ('unclear', d.state = 'active' AND s.waits = 'unclear'),
            ('text', d.state = 'active' AND r.found_late <> '{}' AND v.approver_id IS NULL),
            ('absent', s.facts->>'state' = 'published' AND (v.id IS NULL OR d.state <> 'active')),
            ('older', d.state = 'active' AND v.id IS NOT NULL AND s.facts->>'state' = 'published'
                AND s.facts->>'version' <> s.version),
            ('revoked', d.state = 'active' AND s.facts->>'state' = 'revoked'),
            ('waiting', d.state = 'active' AND (waiting.numbers->'changed' ? s.number
                OR waiting.numbers->'revoked' ? s.number OR waiting.numbers->'absent' ? s.number))
        ) AS told(what, is_so) WHERE told.is_so
    """)


@rule(
    2,
    _("A delivery waits"),
    _("A delivery was looked through, or asks, and nobody has said yes: what is new in the source is not here."),
    words.delivery_waits,
    level=3,
    mend="deliveries",
    of_sources=True,
)
def delivery_waits(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT so.id AS source, jsonb_build_object('source', so.name, 'code', so.code, 'day', i.begun_at::date,
            'new', jsonb_array_length(coalesce(i.numbers->'new', '[]'))) AS evidence
        FROM documents_source so JOIN LATERAL (
            SELECT * FROM documents_intake i WHERE i.source_id = so.id ORDER BY i.id DESC LIMIT 1) i ON true
        WHERE so.is_active AND (i.state = 'asks' OR (i.state = 'done' AND i.is_dry))
        AND (i.numbers->'new' <> '[]' OR i.numbers->'changed' <> '[]' OR i.numbers->'revoked' <> '[]'
            OR i.numbers->'absent' <> '[]')
    """)


# 3 ----------------------------------------------------------------------------------------------------------------
@rule(
    3,
    _("Readers that nobody has explained"),
    _("Its readers are others than its type's default, or than when they were last decided, and no reason is told."),
    words.unexplained,
    level=3,
    mend="default",
)
def unexplained(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, jsonb_build_object('moved', last.flags <> now.flags OR last.named <> now.named)
            AS evidence
        FROM APPLYING JOIN documents_documenttype t ON t.id = d.type_id
        CROSS JOIN LATERAL (
            SELECT ARRAY[d.visible_public, d.visible_regional, d.visible_private, d.visible_municipal] AS flags,
            ARRAY(SELECT g.provider_id::text || ':' || coalesce(g.unit_id::text, '') FROM documents_visibilitygrant g
                WHERE g.document_id = d.id AND (g.until IS NULL OR g.until >= %(today)s) ORDER BY 1) AS named
        ) now
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN o.kind <> 'regional' THEN ARRAY[false, false, false, false]
                WHEN d.applies_regional AND d.applies_private AND d.applies_municipal AND NOT d.is_sensitive THEN
                    ARRAY[t.default_public, t.default_regional, t.default_private, t.default_municipal]
                ELSE ARRAY[false, t.default_public OR t.default_regional OR t.default_private OR t.default_municipal,
                    false, false] END AS flags,
            CASE WHEN o.kind <> 'regional' THEN ARRAY[o.id::text || ':'] ELSE '{}'::text[] END AS named
        ) usual
        JOIN LATERAL (
            SELECT e.verb, ARRAY[coalesce((told->>'visible_public')::boolean, false),
                coalesce((told->>'visible_regional')::boolean, false),
                coalesce((told->>'visible_private')::boolean, false),
                coalesce((told->>'visible_municipal')::boolean, false)] AS flags,
            ARRAY(SELECT (g->>'provider') || ':' || coalesce(g->>'unit', '')
                FROM jsonb_array_elements(coalesce(told->'grants', '[]')) g
                WHERE g->>'until' IS NULL OR (g->>'until')::date >= %(today)s ORDER BY 1) AS named
            FROM (SELECT verb, CASE verb WHEN 'created' THEN after->'visibility' ELSE after END AS told
                  FROM documents_documentevent WHERE document_id = d.id AND verb IN ('created', 'visibility_changed')
                  ORDER BY id DESC LIMIT 1) e
        ) last ON true
        WHERE (last.flags <> now.flags OR last.named <> now.named
            OR (last.verb = 'created' AND (now.flags <> usual.flags OR now.named <> usual.named)))
        AND NOT EXISTS (SELECT 1 FROM documents_sourcedocument s WHERE s.document_id = d.id
            AND s.rights <> '{}' AND last.flags = now.flags AND last.named = now.named)
    """)


# 4 ----------------------------------------------------------------------------------------------------------------
@rule(
    4,
    _("Commercially sensitive and open"),
    _("It is marked as commercially sensitive and open to others than the region, without an approver's yes to that."),
    words.sensitive_open,
    level=4,
    mend="close",
)
def sensitive_open(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, jsonb_build_object('public', d.visible_public, 'private', d.visible_private,
            'municipal', d.visible_municipal, 'named', named.n) AS evidence
        FROM ACTIVE CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM documents_visibilitygrant g JOIN accounts_provider p ON p.id = g.provider_id
            WHERE g.document_id = d.id AND p.kind <> 'regional' AND g.provider_id <> d.owner_id
            AND (g.until IS NULL OR g.until >= %(today)s)) named
        WHERE d.is_sensitive AND (d.visible_public OR d.visible_private OR d.visible_municipal OR named.n > 0)
        AND coalesce((SELECT c.state FROM documents_visibilityproposal c WHERE c.document_id = d.id
            ORDER BY c.id DESC LIMIT 1), '') <> 'confirmed'
    """)


@rule(
    4,
    _("A named reader without access"),
    _(
        "A named reader's agreement has ended, or its unit has closed, and it would read the document "
        "again if it came back; or the agreement ends soon."
    ),
    words.outlived,
    level=2,
    mend="unname",
)
def outlived_grant(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, g.provider_id || ':' || coalesce(g.unit_id::text, '') AS key,
            CASE WHEN let.id IS NOT NULL AND coalesce(u.is_active, true) THEN ends.on_day + 1 END AS on_day,
            jsonb_build_object('provider', p.name, 'unit', u.name, 'closed', NOT coalesce(u.is_active, true),
                'nobody', CASE WHEN let.id IS NOT NULL AND NOT (OPEN_TO) AND NOT EXISTS (
                    SELECT 1 FROM documents_visibilitygrant l JOIN accounts_provider q ON q.id = l.provider_id
                    JOIN unnest(%(providers)s::bigint[]) AS other(id) ON other.id = q.id
                    WHERE l.document_id = d.id AND q.kind = p.kind AND q.id <> p.id
                    AND (l.until IS NULL OR l.until > ends.on_day)) THEN p.kind ELSE '' END) AS evidence
        FROM ACTIVE JOIN documents_visibilitygrant g ON g.document_id = d.id
            AND (g.until IS NULL OR g.until >= %(today)s)
        JOIN accounts_provider p ON p.id = g.provider_id LEFT JOIN accounts_careunit u ON u.id = g.unit_id
        LEFT JOIN (SELECT p.id FROM accounts_provider p WHERE p.kind = 'other' AND p.is_active
            UNION SELECT unnest(%(providers)s::bigint[])) let ON let.id = p.id
        LEFT JOIN LATERAL (
            SELECT max(coalesce(a.valid_to, 'infinity')) AS on_day FROM accounts_agreement a
            WHERE a.provider_id = p.id AND p.kind = 'private') ends ON true
        WHERE NOT coalesce(u.is_active, true) OR (let.id IS NULL AND coalesce(ends.on_day, '-infinity') < %(today)s)
            OR (let.id IS NOT NULL AND ends.on_day BETWEEN %(today)s AND %(ahead)s
                AND (g.until IS NULL OR g.until > ends.on_day))
    """)


# 5 ----------------------------------------------------------------------------------------------------------------
@rule(
    5,
    _("Expired and still shown"),
    _("Its last day has passed, or comes soon, and no version that applies longer is on its way."),
    words.expired,
    level=3,
    mend="write",
)
def expired(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, jsonb_build_object('day', v.valid_to, 'unfinished', w.number) AS evidence,
            CASE WHEN v.valid_to >= %(today)s THEN v.valid_to + 1 END AS on_day
        FROM SHOWN LEFT JOIN documents_version w ON w.document_id = d.id
            AND w.state IN ('draft', 'consultation', 'in_review', 'approved')
        WHERE v.valid_to <= %(ahead)s AND NOT EXISTS (
            SELECT 1 FROM documents_version n WHERE n.document_id = d.id AND n.number > v.number
            AND n.state = 'published' AND (n.valid_to IS NULL OR n.valid_to > v.valid_to))
    """)


@rule(
    5,
    _("Not looked through in time"),
    _("The day by which somebody should have looked through what applies has passed."),
    words.review_late,
    level=2,
    mend="review",
)
def review_late(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, jsonb_build_object('day', due.day) AS evidence
        FROM APPLYING JOIN documents_documenttype t ON t.id = d.type_id CROSS JOIN LATERAL (
            SELECT (coalesce(d.content_holds_on, v.valid_from)
                    + make_interval(months => t.revision_months))::date AS day
        ) due WHERE coalesce(d.content_holds_on, v.valid_from) + 28 * t.revision_months < %(today)s  -- quick
        AND due.day < %(today)s
    """)


@rule(
    5,
    _("Approved and not published"),
    _("A version was approved some time ago, and nobody has published it."),
    words.unpublished,
    level=3,
    mend="publish",
)
def unpublished(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, w.number::text AS key, jsonb_build_object('version', w.number, 'day', w.approved_at)
            AS evidence
        FROM ACTIVE JOIN documents_version w ON w.document_id = d.id AND w.state = 'approved'
        WHERE w.approved_at <= %(unpublished_before)s
    """)


@rule(
    5,
    _("Its owner has left"),
    _("The person who answers for its content no longer works on documents there."),
    words.owner_gone,
    level=2,
    mend="hand_over",
)
def owner_gone(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document FROM ACTIVE WHERE d.content_owner_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM unnest(%(workers)s::bigint[], %(works_at)s::bigint[]) AS w(person, provider)
            WHERE w.person = d.content_owner_id AND w.provider = d.owner_id)
    """)


# 6 ----------------------------------------------------------------------------------------------------------------
@rule(
    6,
    _("Cannot be read"),
    _("Its file is broken, scanned, without text or closed to aids, or a table of it is shown as a picture only."),
    words.unreadable,
    level=2,
    mend="upload",
)
def unreadable(scope: Scope) -> Iterator[Found]:
    return scope.find(
        """
        SELECT d.id AS document, jsonb_build_object(
            'fault', CASE WHEN r.state = 'failed' THEN coalesce(nullif(r.fault, ''), 'damaged') ELSE '' END,
            'codes', to_jsonb(ARRAY(SELECT code FROM unnest(r.warnings) AS code WHERE code = ANY(%(unreadable)s)))
        ) AS evidence FROM APPLYING
        WHERE r.state = 'failed' OR (v.body = '' AND r.warnings && %(unreadable)s::varchar[])
            -- Nearly every text has a word among its first signs, and need not be looked through.
            OR (coalesce(r.state, 'none') IN ('none', 'read') AND left(coalesce(r.text, ''), 60) !~ '[[:alnum:]]'
                AND coalesce(r.text, '') !~ '[[:alnum:]]')
    """,
        unreadable=list(UNREADABLE),
    )


@rule(
    6,
    _("Not described"),
    _("It lacks an area or an owner, or its title would do for any document."),
    words.undescribed,
    level=1,
    mend="facts",
)
def undescribed(scope: Scope) -> Iterator[Found]:
    return scope.find(
        """
        SELECT d.id AS document, jsonb_build_object('area', d.area_id IS NULL,
            'owner', d.content_owner_id IS NULL AND d.owner_unit_id IS NULL, 'title', said.nothing) AS evidence
        FROM APPLYING CROSS JOIN LATERAL (
            SELECT (split_part(lower(ltrim(d.title)), ' ', 1) = ANY(%(empty_words)s) AND d.title ~* %(empty)s)
                OR lower(d.title) = lower(d.number) AS nothing) said
        WHERE d.area_id IS NULL OR (d.content_owner_id IS NULL AND d.owner_unit_id IS NULL) OR said.nothing
    """,
        empty=_EMPTY_TITLE,
        empty_words=_EMPTY_WORDS,
    )


# 7 ----------------------------------------------------------------------------------------------------------------
@rule(
    7,
    _("Dead end"),
    _("It links to a document that some of its readers cannot see, that is revoked, or that is not there."),
    words.dead_end,
    level=2,
    mend="link",
)
def dead_end(scope: Scope) -> Iterator[Found]:
    # SECURITY: of a document that its editors may not see they are told what they would be of one that never was.
    return scope.find(
        """
        WITH links AS MATERIALIZED (
            SELECT d.id AS document_id, link.number, bool_or(link.is_link) AS is_link
            FROM APPLYING CROSS JOIN LATERAL (
                SELECT unnest(r.leads_to) AS number, true AS is_link UNION ALL SELECT unnest(r.names), false) link
            GROUP BY d.id, link.number
        ), targets AS MATERIALIZED (
            SELECT number, coalesce(
                (SELECT id FROM documents_document WHERE number = told.number),
                (SELECT min(document_id) FROM documents_sourcedocument WHERE lower(number) = lower(told.number)),
                (SELECT min(document_id) FROM documents_formernumber WHERE lower(number) = lower(told.number))) AS id
            FROM (SELECT DISTINCT number FROM links) told
        ), doubtful AS MATERIALIZED (
            SELECT targets.number, targets.id FROM targets LEFT JOIN documents_document t ON t.id = targets.id
            WHERE t.id IS NULL OR NOT t.visible_public OR t.state <> 'active' OR NOT t.shown @> %(now)s::timestamptz
        )
        SELECT d.id AS document, link.number AS key, jsonb_build_object('number', coalesce(t.number, link.number),
            'own', t.owner_id = d.owner_id, 'groups', to_jsonb(without.groups), 'what', CASE
                WHEN t.id IS NULL THEN 'gone' WHEN t.state <> 'active' THEN 'revoked'
                WHEN NOT t.shown @> %(now)s::timestamptz THEN 'unpublished' ELSE 'hidden' END) AS evidence
        FROM doubtful JOIN links link USING (number) JOIN documents_document d ON d.id = link.document_id
        JOIN accounts_provider o ON o.id = d.owner_id
        LEFT JOIN documents_document t ON t.id = doubtful.id AND (t.owner_id = d.owner_id
            OR (t.audience && OWNERS_TOKENS AND t.shown @> %(now)s::timestamptz AND t.state <> 'archived'))
        CROSS JOIN LATERAL (SELECT CASE WHEN t.visible_public THEN '{}' ELSE ARRAY(
            SELECT 'public' WHERE d.visible_public
            UNION SELECT DISTINCT p.kind FROM PROVIDERS WHERE READABLE AND NOT THERE_READABLE
        ) END AS groups) without
        WHERE t.id IS DISTINCT FROM d.id AND (
            (t.id IS NULL AND link.is_link) OR t.state <> 'active' OR NOT t.shown @> %(now)s::timestamptz
            OR (t.id IS NOT NULL AND without.groups <> '{}'))
    """
    )


@rule(
    7,
    _("Dead address"),
    _("It links to an address of another site that has been gone for some nights."),
    words.dead_address,
    level=2,
    mend="write",
)
def dead_address(scope: Scope) -> Iterator[Found]:
    return scope.find(
        """
        SELECT d.id AS document, left(gone.url, 200) AS key, jsonb_build_object('url', gone.url, 'status', gone.status)
            AS evidence
        FROM APPLYING CROSS JOIN unnest(r.addresses) AS address(url)
        JOIN documents_outsideaddress gone ON gone.url = address.url AND gone.gone_nights >= %(nights)s
        WHERE r.addresses && (SELECT array_agg(url) FROM documents_outsideaddress WHERE gone_nights >= %(nights)s)
    """,
        nights=NIGHTS,
    )


# 8 ----------------------------------------------------------------------------------------------------------------
@rule(
    8,
    _("Somebody tried"),
    _(
        "People of a kind of provider opened it or searched for it and may not see it, at least three times on two "
        "days of the last month; or somebody has asked for it as missing. They are counted by kind, never by name."
    ),
    words.tried,
    level=3,
    mend="open",
)
def tried(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT d.id AS document, jsonb_build_object('kinds', jsonb_agg(DISTINCT made.kind), 'times', sum(made.times),
            'missing', bool_or(made.is_missing)) AS evidence
        FROM APPLYING JOIN (
            SELECT document_id, kind, sum(times) AS times, NULL::bigint AS provider_id, false AS is_missing FROM (
                SELECT document_id, provider_kind AS kind, day, times FROM documents_documenttried
                WHERE document_id = ANY(%(applying)s) AND day > %(today)s - 30
                UNION ALL SELECT h.document_id, f.provider_kind, f.day, f.count FROM documents_failedsearch f
                JOIN documents_failedsearch_hidden h ON h.failedsearch_id = f.id
                WHERE h.document_id = ANY(%(applying)s) AND f.day > %(today)s - 30) attempts
            GROUP BY document_id, kind HAVING sum(times) >= 3 AND count(DISTINCT day) >= 2
            UNION ALL SELECT h.document_id, asker.kind, 1, m.provider_id, true FROM documents_missingdocument m
            JOIN documents_missingdocument_hidden h ON h.missingdocument_id = m.id
            JOIN accounts_provider asker ON asker.id = m.provider_id
            WHERE h.document_id = ANY(%(applying)s) AND m.answered_at IS NULL
        ) made ON made.document_id = d.id
        WHERE EXISTS (SELECT 1 FROM PROVIDERS WHERE p.kind = made.kind AND p.id = coalesce(made.provider_id, p.id)
            AND NOT READABLE)
        GROUP BY d.id
    """)


# 9 ----------------------------------------------------------------------------------------------------------------
@rule(
    9,
    _("A silent source"),
    _("A source has not delivered within its days."),
    words.silent_source,
    level=3,
    mend="deliveries",
    of_sources=True,
)
def silent_source(scope: Scope) -> Iterator[Found]:
    return scope.find("""
        SELECT so.id AS source, jsonb_build_object('source', so.name, 'code', so.code,
            'days', so.delivers_every_days, 'last', last.at::date) AS evidence
        FROM documents_source so LEFT JOIN LATERAL (
            SELECT max(i.ended_at) AS at FROM documents_intake i
            WHERE i.source_id = so.id AND i.state = 'done' AND NOT i.is_dry) last ON true
        WHERE so.is_active AND so.delivers_every_days IS NOT NULL AND so.confirmed_at IS NOT NULL
        AND coalesce(last.at, so.confirmed_at) < %(now)s - make_interval(days => so.delivers_every_days)
    """)
