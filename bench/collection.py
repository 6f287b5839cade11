"""A large collection for measuring: made in the database itself, of words drawn so that the n:th is 1/n as common.

Documents of 20 providers, some 250 words each from a vocabulary of 100,000, dates spread over ten years; one in ten is
hidden from the readers that are measured. Nothing of it is about anybody.
"""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Callable, Iterator

import psycopg

from bench.measure import QUICK

VOCABULARY, WORDS = (500, 20) if QUICK else (100_000, 250)
BATCH = 2_000
MADE_FOR = 3
_SYLLABLES = [
    "an",
    "ber",
    "dal",
    "el",
    "fors",
    "gren",
    "hed",
    "is",
    "jär",
    "ket",
    "lin",
    "mo",
    "näs",
    "or",
    "pil",
    "qua",
    "rö",
    "sta",
    "tun",
    "ul",
    "vik",
    "ydr",
    "ål",
    "äng",
    "ös",
]


def word(rank: int) -> str:
    """The word of a rank, the same each time; like a word, and none."""
    parts = []
    rank += len(_SYLLABLES)
    while rank:
        rank, n = divmod(rank, len(_SYLLABLES))
        parts.append(_SYLLABLES[n])
    return "".join(parts)


# By how common they are: in over a third of all documents, in some per cent, in a few.
COMMON, MIDDLING, RARE = word(40), word(700), word(40_000)


def fill(url: str, count: int) -> None:
    """Adds `count` documents to a portal's database that has reference data and the demonstration's providers."""
    draw = random.Random(17)
    indexed = _indexing(url)
    weights = list(itertools.accumulate(1 / (n + 1) for n in range(VOCABULARY)))
    vocabulary = [word(n) for n in range(VOCABULARY)]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_provider (name, kind, email, phone, shows_handler_names, is_active, created_at)"
            " SELECT 'Mätvård ' || n, 'private', '', '', true, true, now()"
            " FROM generate_series(1, 20) n ON CONFLICT DO NOTHING"
        )
        cursor.execute("SELECT id FROM accounts_provider WHERE name LIKE 'Mätvård %'")
        owners = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT id FROM documents_documenttype ORDER BY id")
        types = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT id FROM documents_programmearea ORDER BY id")
        areas = [row[0] for row in cursor.fetchall()]
        started = time.monotonic()
        for first in range(0, count, BATCH):
            rows = list(_rows(draw, vocabulary, weights, first, min(count, first + BATCH), owners, types, areas))
            cursor.execute(
                "CREATE TEMP TABLE made (id bigint, number text, title text, type_id bigint, area_id bigint,"
                " owner_id bigint, visible_public bool, visible_private bool, said text, day timestamptz,"
                " words tsvector, passage tsvector) ON COMMIT DROP"
            )
            with cursor.copy(
                "COPY made (id, number, title, type_id, area_id, owner_id, visible_public, visible_private, said, day,"
                " words, passage) FROM STDIN"
            ) as copy:
                for row in rows:
                    copy.write_row((*row, *indexed(*row[1:3], row[8])))
            cursor.execute(_PUT)
            connection.commit()
            done = first + len(rows)
            print(f"\r{done:>9,} of {count:,} documents, {time.monotonic() - started:.0f} s", end="", flush=True)
        print()
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")


def _indexing(url: str) -> Callable[[str, str, str], tuple[str, str]]:
    """What the portal's own indexing makes of a number, a title and a text: of the document, and of its passage."""
    import django  # noqa: PLC0415 (the settings are of the portal that is filled)

    os.environ |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_ENV": "development", "DATABASE_URL": url}
    django.setup()
    from documents.search.compounds import Lexicon  # noqa: PLC0415
    from documents.search.index import EDITION, Vector  # noqa: PLC0415

    lexicon = Lexicon()
    lexicon.split = lambda _word: ()  # type: ignore[assignment] (these words are made of syllables)
    assert EDITION == MADE_FOR, "the SQL below and MADE_FOR follow the edition"

    def indexed(number: str, title: str, said: str) -> tuple[str, str]:
        whole, passage = Vector(lexicon), Vector(lexicon, spells=False)
        whole.add(title, "A", "B")
        whole.add(number, "A", "A")
        whole.add("Avsnitt", "B", "C")
        whole.add(said, "D", "D")
        passage.add("Avsnitt", "B", "C")
        passage.add(said, "A", "D")
        return str(whole), str(passage)

    return indexed


def fill_cases(url: str, count: int, *, still_open: int, own: int | None = None) -> None:
    """Adds cases that the region's clinic reported, `still_open` of them open, the others closed. The first `own` (all
    unless told) are handled by the demonstration's private provider, the others by its municipality.
    """
    with psycopg.connect(url, autocommit=True) as connection, psycopg.ClientCursor(connection) as cursor:
        cursor.execute(_CASES, {"count": count, "open": still_open, "own": count if own is None else own})
        cursor.execute("VACUUM ANALYZE deviations_case, deviations_party")


def fill_investigation(url: str, number: str, *, of_each: int = 30) -> None:
    """Gives the concerned part of a case an investigation: so many causes, actions, steps and changes. Once."""
    with psycopg.connect(url, autocommit=True) as connection, psycopg.ClientCursor(connection) as cursor:
        cursor.execute(
            "SELECT 1 FROM deviations_investigation i JOIN deviations_party p ON p.id = i.party_id"
            " JOIN deviations_case c ON c.id = p.case_id WHERE c.number = %s",
            [number],
        )
        if cursor.fetchone() is None:
            cursor.execute(_INVESTIGATION, {"number": number, "each": of_each})


def _rows(draw, vocabulary, weights, first, last, owners, types, areas) -> Iterator[tuple]:  # type: ignore[no-untyped-def]
    for n in range(first, last):
        words = draw.choices(vocabulary, cum_weights=weights, k=WORDS + 6)
        hidden = draw.random() < 0.1
        day = f"2016-{1 + n % 12:02d}-15 08:00+00" if n % 10 == 0 else f"{2017 + n % 9}-{1 + n % 12:02d}-15 08:00+00"
        yield (
            1_000_000 + n, f"MAT-{n + 1:06d}", " ".join(words[:6]).capitalize(), draw.choice(types), draw.choice(areas),
            draw.choice(owners), not hidden and n % 3 == 0, not hidden, " ".join(words[6:]), day,
        )  # fmt: skip


_PUT = """
INSERT INTO documents_document (id, number, title, summary, keywords, type_id, area_id, owner_id, contact,
    registry_number, state, applies_regional, applies_private, applies_municipal, visible_public, visible_regional,
    visible_private, visible_municipal, is_sensitive, audience, created_at, changed_at, search, indexed_by,
    opened_lately, pages_first)
SELECT id, number, title, '', '{}', type_id, area_id, owner_id, '', '', 'active', true, id % 2 = 0, id % 3 = 0,
    visible_public, visible_private, visible_private, false, false, '{}', day, day, words, 3, 0, false FROM made;
INSERT INTO documents_version (id, document_id, number, state, title, summary, keywords, applies_regional,
    applies_private, applies_municipal, body, change_summary, is_major, valid_from, approved_at, approver_label,
    reviewer_label, joint_body, joint_reference, published_at, created_at, file, file_name, file_type, file_sha256,
    file_removed, original_file, original_sha256)
SELECT id, id, 1, 'published', title, '', '{}', true, id % 2 = 0, id % 3 = 0, said, '', false, day::date, day::date,
    'Mätaren', '', '', '', day, day, '', '', '', '', '{}', '', ''
FROM made;
INSERT INTO documents_reading (version_id, html, text, state, fault, warnings, found_late, reader)
SELECT id, '<h2 id="s-a">Avsnitt</h2><p>' || said || '</p>', said, 'none', '', '{}', '{}', 0 FROM made;
INSERT INTO documents_passage (version_id, ordinal, heading, anchor, text, words)
SELECT id, 0, 'Avsnitt', 's-a', said, passage FROM made;
"""

_CASES = """
CREATE TEMP TABLE made AS
SELECT n AS ordinal, 1000000 + n AS id, n <= %(open)s AS is_open, n <= %(own)s AS is_own,
    now() - n * interval '3 hours' AS moment,
    'AVV-26-' || translate(
        (SELECT string_agg(((n >> (3 * place)) & 7)::text, '') FROM generate_series(0, 5) place), '01234567',
        '23456789') AS number
FROM generate_series(1, %(count)s) n;
INSERT INTO deviations_case (id, number, token, title, event_kind, type_id, occurred_at, occurred_time_known,
    detected_time_known, place, description, consequence, immediate_action, suggestion, actual_harm, potential_harm,
    wants_feedback, shares_reporter_name, reporting_provider_id, reporting_unit_id, reporter_id, submitted_at,
    escalated_by_label, escalation_reason)
SELECT made.id, made.number, gen_random_uuid(), 'Händelse ' || ordinal, 'adverse_event',
    (SELECT min(id) FROM deviations_deviationtype), moment - interval '1 day', true, true, '', 'Vad som hände.', '', '',
    '', '', '', true, false, reporter.provider_id, reporter.unit_id, reporter.user_id, moment,
    '', ''
FROM made, (SELECT a.provider_id, a.unit_id, a.user_id FROM accounts_assignment a JOIN accounts_user u
    ON u.id = a.user_id WHERE u.email = 'lasare@region.example' ORDER BY a.id LIMIT 1) reporter;
INSERT INTO deviations_party (case_id, provider_id, unit_id, side, state, own_reference, received_at, answer_due)
SELECT c.id, c.reporting_provider_id, c.reporting_unit_id, 'reporting',
    CASE WHEN is_open THEN 'acknowledged' ELSE 'closed' END, '', moment, NULL
FROM made JOIN deviations_case c USING (id);
INSERT INTO deviations_party (case_id, provider_id, unit_id, side, state, own_reference, received_at, answer_due,
    acknowledge_due, handler_id)
SELECT made.id, handler.provider_id, NULL, 'concerned',
    CASE WHEN NOT is_open THEN 'closed' WHEN ordinal %% 4 = 0 THEN 'received' ELSE 'investigating' END, '', moment,
    (moment + interval '30 days')::date, (moment + interval '3 days')::date,
    CASE WHEN ordinal %% 4 <> 0 THEN handler.user_id END
FROM made JOIN (SELECT DISTINCT ON (u.email) a.provider_id, a.user_id, u.email = 'handlaggare@privat.example' AS is_own
    FROM accounts_assignment a JOIN accounts_user u ON u.id = a.user_id
    WHERE u.email IN ('handlaggare@privat.example', 'handlaggare@kommun.example') ORDER BY u.email, a.id) handler
    USING (is_own);
DROP TABLE made;
"""

# Both cases of the bench are answered, so that what is missing before they are closed is asked of both.
_INVESTIGATION = """
UPDATE deviations_case SET has_conditions = true, actual_harm = 'harm' WHERE number = %(number)s;
CREATE TEMP TABLE one AS
WITH made AS (
    INSERT INTO deviations_investigation (party_id, begun_at, severity, likelihood, basis, extent, commissioned_by,
        led_by, team, questions, went_well, similar_note, told, told_by, not_told_reason)
    SELECT p.id, now(), 3, 3, 'Grund.', '', '', '', '', '', '', '', '{}', '', ''
    FROM deviations_party p JOIN deviations_case c ON c.id = p.case_id
    WHERE c.number = %(number)s AND p.side = 'concerned' RETURNING id)
SELECT id FROM made;
INSERT INTO deviations_cause (key, investigation_id, written_by, written_at, category, text, is_contributing,
    no_action_reason)
SELECT gen_random_uuid(), one.id, 'Mätaren', now(), 'procedures', 'Orsak ' || n, false, ''
FROM one, generate_series(1, %(each)s) n;
INSERT INTO deviations_action (key, investigation_id, written_by, written_at, text, risk, kind, state, evidence,
    measure, effect, effect_note, due)
SELECT gen_random_uuid(), one.id, 'Mätaren', now(), 'Åtgärd ' || n, '', 'training', 'planned', '', '', '', '',
    current_date + n
FROM one, generate_series(1, %(each)s) n;
INSERT INTO deviations_action_causes (action_id, cause_id)
SELECT a.id, c.id FROM deviations_action a JOIN deviations_cause c USING (investigation_id)
WHERE a.investigation_id IN (SELECT id FROM one) AND substr(a.text, 8) = substr(c.text, 7);
INSERT INTO deviations_subevent (key, investigation_id, written_by, written_at, day, text, source)
SELECT gen_random_uuid(), one.id, 'Mätaren', now(), current_date, 'Händelse ' || n, ''
FROM one, generate_series(1, %(each)s) n;
DROP TABLE one;
"""
