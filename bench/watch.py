"""The publication watch over a large collection, against one pass over the same rows; and after one change, against the
page of a document.

`BENCH_WATCH_DOCUMENTS` says how many documents (100,000 unless told otherwise). All rules are asked of all of them, as
each night; the texts' links are noted before, as they are the first night. One pass reads the documents, their
versions, readings and events in batches of the same size, and does nothing with them.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import time

import psycopg

from bench.measure import QUICK, Figure, at_most
from tools.server import Portal

DOCUMENTS = int(os.environ.get("BENCH_WATCH_DOCUMENTS", "60" if QUICK else "100000"))
# One document in fifty applies to private providers and is not open to them; one in a hundred has named readers.
_FILL = """
SET session_replication_role = replica;
INSERT INTO documents_document (number, title, summary, keywords, type_id, area_id, owner_id, content_owner_id, contact,
    registry_number, state, applies_regional, applies_private, applies_municipal, visible_public, visible_regional,
    visible_private, visible_municipal, is_sensitive, pages_first, audience, shown, changed_at, created_at, indexed_by,
    opened_lately)
SELECT 'MAT-' || lpad(n::text, 6, '0'), 'Provtagning vid tillstånd ' || n, '', '{}', type.id, area.id, owner.id,
    keeper.id, '', '', 'active', true, true, false, n %% 50 <> 0, true, false, false, false, false,
    CASE WHEN n %% 50 <> 0 THEN ARRAY[0, 1] ELSE ARRAY[1] END, '{(,)}', now(), now(), 9, 0
FROM generate_series(1, %(count)s) n, (SELECT id FROM documents_documenttype WHERE code = 'RUT') type,
    (SELECT min(id) AS id FROM documents_programmearea) area,
    (SELECT id FROM accounts_provider WHERE kind = 'regional' LIMIT 1) owner,
    (SELECT id FROM accounts_user WHERE email = 'redaktor@region.example') keeper;
INSERT INTO documents_version (document_id, number, state, title, summary, keywords, applies_regional, applies_private,
    applies_municipal, body, change_summary, is_major, valid_from, published_at, created_at, approver_label,
    reviewer_label, joint_body, joint_reference, file, file_name, file_type, file_sha256, file_removed,
    original_file, original_sha256)
SELECT id, 1, 'published', title, '', '{}', true, true, false, 'Text.', '', false, current_date - 100,
    now() - interval '100 days', now(),
    '', '', '', '', '', '', '', '', '{}', '', '' FROM documents_document WHERE number LIKE 'MAT-%%';
INSERT INTO documents_reading (version_id, html, text, state, fault, warnings, found_late, reader)
SELECT v.id, '<p>' || repeat('Risken bedöms vid inskrivning, och åtgärder sätts in samma dag. ', 30)
    || '<a href="/dokument/MAT-000001/">mer</a></p>',
    repeat('Risken bedöms vid inskrivning, och åtgärder sätts in samma dag. ', 30), 'none', '', '{}', '{}', 9
FROM documents_version v JOIN documents_document d ON d.id = v.document_id WHERE d.number LIKE 'MAT-%%';
INSERT INTO documents_documentevent (document_id, document_number, verb, at, by_label, door, reason, before, after)
SELECT id, number, 'visibility_changed', now(), 'x', 'command', 'Så.', '{}', jsonb_build_object('visible_public',
    visible_public, 'visible_regional', true, 'visible_private', false, 'visible_municipal', false,
    'grants', '[]'::jsonb)
FROM documents_document WHERE number LIKE 'MAT-%%';
"""
_RUN = """
import json, resource, time
from django.db import connection
from documents.models import Document, ToWatch
from documents.watch import looking
from documents.watch.ruling import World
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
keys = list(looking._all_keys())
looking.look_at_all()
world, quarter = World(), 0
started = time.perf_counter()
for n, batch in enumerate(keys):
    looking.look_at(batch, world=world)
    if n == len(keys) // 4:
        quarter = peak()
all_rules, end = time.perf_counter() - started, peak()
started = time.perf_counter()
for batch in keys:
    with connection.cursor() as cursor:
        cursor.execute("SELECT d.id, d.number, d.title, d.audience, d.state, d.owner_id, d.area_id, d.type_id,"
            " v.id, v.state, v.valid_from, v.valid_to, v.available_from, v.available_to, r.state, r.warnings, r.text,"
            " r.html, r.leads_to, r.names, e.verb, e.after FROM documents_document d"
            " JOIN documents_version v ON v.document_id = d.id JOIN documents_reading r ON r.version_id = v.id"
            " JOIN documents_documentevent e ON e.document_id = d.id WHERE d.id = ANY(%s)", [batch])
        cursor.fetchall()
once = time.perf_counter() - started
changes = []
for document in Document.objects.filter(number__startswith="MAT-").order_by("-pk")[:20]:
    ToWatch.objects.create(document_id=document.pk)
    started = time.perf_counter()
    looking.look_at_changed()
    changes.append(time.perf_counter() - started)
print(json.dumps({"once": once, "all": all_rules, "quarter": quarter, "end": end, "change": sorted(changes)[10]}))
"""


def run() -> list[Figure]:
    portal = Portal.started("bench-watch", demo=True, people_alone=True, worker=False)
    with portal as begun:
        with (
            psycopg.connect(begun.cluster.url, autocommit=True) as connection,
            psycopg.ClientCursor(connection) as cursor,
        ):
            cursor.execute(_FILL, {"count": DOCUMENTS})
            cursor.execute("VACUUM ANALYZE")
        page = _page(begun.port)
        told = json.loads(begun.manage("shell", "-v0", "-c", _RUN).strip().splitlines()[-1])
    size = f"{DOCUMENTS} documents"
    return [
        at_most("watch", size, told["all"], "s", told["once"], most=3),
        at_most("watch", "memory", told["end"], "MiB", told["quarter"], most=1.2),
        at_most("watch", "after one change", 1000 * told["change"], "ms", 1000 * page, most=50),
    ]


def _page(port: int) -> float:
    """The median time of a document's page in seconds, asked one after the other."""
    times = []
    connection = http.client.HTTPConnection("localhost", port, timeout=20)
    for _n in range(5 if QUICK else 60):
        started = time.perf_counter()
        connection.request("GET", "/dokument/MAT-000001/")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        times.append(time.perf_counter() - started)
    return statistics.median(times)
