"""HubSpot: tasks, calls, meetings, mails, notes and files. Sources of the columns: see `hubspot`."""

from __future__ import annotations

from rapport.apps.migration.shapes import BODIES, FILES, Col, Late, Ref, Table

ID = "Record ID|id|hs_object_id"
CREATED = "Create Date|createdate|hs_createdate|createdAt|Activity date|hs_timestamp"
PEOPLE = Ref(
    names="Associated Contact IDs|associations.contacts.results.id|Associated Contact IDs (Primary)",
    to={"contact": "people"},
)
COMPANY = Ref(
    names="Associated Company IDs (Primary)|Primary Associated Company ID|Associated Company IDs|associatedcompanyid|"
    "associations.companies.results.id",
    to={"company": "company"},
)
DEAL = Ref(names="Associated Deal IDs|associations.deals.results.id", to={"deal": "deal"})
OWNER = (
    "Contact owner|Company owner|Deal owner|Ticket owner|Lead owner|Owner|hubspot_owner_id|Assigned to|"
    "Activity assigned to"
)
ACTIVITY = (
    PEOPLE,
    COMPANY,
    DEAL,
    Ref(names="Associated Contact", to={"": "people"}, by="email"),
)
_tasks = Table(
    kind="task",
    object="task",
    files=("tasks", "task"),
    id=ID,
    created=CREATED,
    owner=OWNER,
    needs=("Task Title|Task name|hs_task_subject|Task Status|hs_task_status",),
    fields={
        "subject": "Task Title|Task name|hs_task_subject|Title",
        "description": Col("Task Notes|Notes|hs_task_body|Task body", read="html"),
        "due_at": "Due Date|hs_timestamp",
        "priority": Col(
            "Priority|hs_task_priority|Task Priority",
            values={"low": "low", "medium": "normal", "high": "high"},
            other="normal",
        ),
        "status": Col(
            "Task Status|hs_task_status|Status",
            values={
                "completed": "done",
                "in_progress": "doing",
                "in progress": "doing",
                "not_started": "open",
                "not started": "open",
                "waiting": "open",
                "deferred": "open",
            },
            other="open",
        ),
    },
    refs=(
        Ref(names="Associated Contact IDs|associations.contacts.results.id", to={"contact": "person"}),
        COMPANY,
        DEAL,
        Ref(names="Associated Ticket IDs|associations.tickets.results.id", to={"ticket": "ticket"}),
    ),
    constants={"subject": "–"},
    late=Late(key="status", among=frozenset(("done",)), at="Completed at|hs_task_completion_date", first="open"),
)

_calls = Table(
    kind="call",
    object="interaction",
    files=("calls", "call"),
    id=ID,
    created=CREATED,
    owner=OWNER,
    needs=("Call title|hs_call_title|hs_call_body|Call notes|Call duration",),
    fields={
        "subject": "Call title|hs_call_title",
        "body": Col("Call notes|hs_call_body", read="html"),
        "at": "Activity date|hs_timestamp",
        "direction": Col("Call direction|hs_call_direction", values={"inbound": "in", "outbound": "out"}, other=""),
        "minutes": Col("Call duration (milliseconds)|Call duration|hs_call_duration", read="minutes"),
        "outcome": Col(
            "Call outcome|hs_call_disposition",
            values={
                "connected": "reached",
                "left voicemail": "voicemail",
                "left live message": "voicemail",
                "no answer": "no_answer",
                "busy": "no_answer",
                "wrong number": "no_answer",
                "f240bbac-87c9-4f6e-bf70-924b57d47db7": "reached",
                "b2cf5968-551e-4856-9783-52b3da59a7d0": "voicemail",
                "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "voicemail",
                "73a0d17f-1163-4015-bdd5-ec830791da20": "no_answer",
                "9d9162e7-6cf3-4944-bf63-4dff82258764": "no_answer",
                "17b47fee-58de-441e-a44c-c6300d46f273": "no_answer",
            },
            other="",
        ),
    },
    refs=ACTIVITY,
    constants={"kind": "call"},
    custom=False,
)

_meetings = Table(
    kind="meeting",
    object="interaction",
    files=("meetings", "meeting"),
    id=ID,
    created=CREATED,
    owner=OWNER,
    needs=("Meeting name|Meeting title|hs_meeting_title|hs_meeting_body|Meeting start time",),
    fields={
        "subject": "Meeting name|Meeting title|hs_meeting_title",
        "body": (
            Col("Meeting description|hs_meeting_body", read="html"),
            Col("Internal meeting notes|hs_internal_meeting_notes", read="html"),
        ),
        "at": "Meeting start time|hs_meeting_start_time|Activity date|hs_timestamp",
        "outcome": Col(
            "Meeting outcome|hs_meeting_outcome",
            values={
                "completed": "reached",
                "no show": "no_answer",
                "no_show": "no_answer",
                "canceled": "cancelled",
                "cancelled": "cancelled",
            },
            other="",
        ),
    },
    refs=ACTIVITY,
    constants={"kind": "meeting"},
    custom=False,
)

_emails = Table(
    kind="email",
    object="interaction",
    files=("emails", "email"),
    id=ID,
    created=CREATED,
    owner=OWNER,
    needs=("Email subject|hs_email_subject|Email body|hs_email_text|hs_email_html",),
    fields={
        "subject": "Email subject|hs_email_subject",
        "body": (Col("hs_email_text"), Col("Email body|hs_email_html", read="html")),
        "at": "Activity date|Email send date|hs_timestamp",
        "direction": Col(
            "Email direction|hs_email_direction",
            values={
                "incoming_email": "in",
                "incoming": "in",
                "email": "out",
                "outgoing": "out",
                "forwarded_email": "out",
            },
            other="out",
        ),
    },
    refs=ACTIVITY,
    constants={"kind": "mail"},
    custom=False,
    also=("email file",),
)

_notes = Table(
    kind="note",
    object="interaction",
    files=("notes", "note"),
    id=ID,
    created=CREATED,
    owner=OWNER,
    needs=("Note body|hs_note_body|Body",),
    fields={"body": Col("Note body|hs_note_body|Body", read="html"), "at": "Activity date|hs_timestamp"},
    refs=ACTIVITY,
    constants={"kind": "note"},
    custom=False,
    also=("note file",),
)

_files = Table(
    kind="file",
    role=BODIES,
    files=("files",),
    id="id",
    needs=("extension|path|url",),
    fields={"id": "id", "name": "name", "ending": "extension"},
    path=("files/{name}", "files/{id}", "{id}-{name}"),
)
_note_files, _email_files = (
    Table(
        kind=f"{kind} file",
        role=FILES,
        id=ID,
        body="Attached file IDs|hs_attachment_ids",
        refs=(Ref(names=ID, to={kind: ""}),),
    )
    for kind in ("note", "email")
)

TABLES = (_tasks, _calls, _meetings, _emails, _notes, _files, _note_files, _email_files)
"""In the order in which they are brought over."""
