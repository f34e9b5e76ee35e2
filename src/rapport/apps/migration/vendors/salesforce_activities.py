"""Salesforce: cases, tasks, events, mails, notes and files. Sources of the columns: see `salesforce`."""

from __future__ import annotations

from rapport.apps.migration.shapes import BODIES, FILES, Col, Late, Ref, Table

CREATED = "CreatedDate|Created Date|Create Date"
OWNER = (
    "OwnerId|Owner ID|Account Owner|Contact Owner|Lead Owner|Opportunity Owner|Case Owner|Assigned|Assigned To|"
    "Owner.Email"
)
_WHAT = {"account": "company", "opportunity": "deal"}
_YES = frozenset(("true", "1", "yes"))
# Ids tell of which object they are, so all kinds of records may stand in one column.
_ABOUT = (
    Ref(names="WhoId|Contact ID|Contact/Lead ID", to={"contact": "people"}),
    Ref(names="WhatId|Opportunity ID|Related To ID", to=_WHAT),
    Ref(names="AccountId|Account ID|Company / Account ID", to={"account": "company"}),
    Ref(names="Account Name|Company / Account", to={"": "company"}, by="name"),
)

_cases = Table(
    kind="case", object="ticket", files=("case",), id="Id|Case ID", created=f"{CREATED}|Date/Time Opened|Opened Date",
    owner=OWNER, needs=("CaseNumber|Case Number|SuppliedEmail|Subject",),
    fields={
        "subject": "Subject",
        "description": "Description",
        "status": Col(
            "Status", values={"new": "new", "working": "open", "escalated": "open", "on hold": "waiting",
                              "waiting on customer": "waiting", "closed": "solved"}, other="open",
        ),
        "priority": Col(
            "Priority", values={"low": "low", "medium": "normal", "high": "high", "critical": "urgent"}, other="normal",
        ),
        "kind": Col(
            "Type", values={"question": "question", "problem": "problem", "feature request": "request",
                            "complaint": "complaint"}, other="question",
        ),
        "channel": Col(
            "Origin|Case Origin", values={"email": "mail", "phone": "phone", "web": "web", "chat": "chat"},
            other="other",
        ),
    },
    refs=(
        Ref(names="ContactId|Contact ID", to={"contact": "person"}),
        Ref(names="AccountId|Account ID", to={"account": "company"}),
        Ref(names="Account Name", to={"": "company"}, by="name"),
    ),
    keep=("CaseNumber", "Case Number"), constants={"subject": "–"},
    late=Late(
        key="status", among=frozenset(("solved",)), at="ClosedDate|Closed Date|Date/Time Closed",
        fill={"solved": {"solution": "–"}}, first="open",
    ),
)  # fmt: skip

_comments = Table(
    kind="case comment", object="ticketentry", files=("casecomment",), id="Id", created=CREATED,
    fields={
        "body": Col("CommentBody", read="html"),
        "kind": Col("IsPublished", values={"true": "answer", "1": "answer"}, other="note"),
    },
    refs=(Ref(names="ParentId", to={"case": "ticket"}),), custom=False,
)  # fmt: skip

# Calls and mails that are done are contacts; everything else is a task.
_logged = Table(
    kind="logged task", object="interaction", files=(), id="Id|Activity ID", created=CREATED, owner=OWNER,
    where={
        "TaskSubtype|Task Subtype|Type": frozenset(("call", "email", "listemail")),
        "IsClosed|Status|Closed": frozenset((*_YES, "completed")),
    },
    fields={
        "kind": Col("TaskSubtype|Task Subtype|Type", values={"call": "call", "email": "mail", "listemail": "mail"}),
        "subject": "Subject",
        "body": Col("Description|Comments|Full Comments", read="html"),
        "at": "CompletedDateTime|ActivityDate|Date|Due Date",
        "minutes": Col("CallDurationInSeconds|Call Duration", read="seconds"),
        "direction": Col("CallType", values={"inbound": "in", "outbound": "out", "internal": ""}, other=""),
    },
    refs=_ABOUT, custom=False,
)  # fmt: skip

_tasks = Table(
    kind="task", object="task", files=("task",), id="Id|Activity ID", created=CREATED, owner=OWNER,
    needs=("Subject",), also=("logged task",), after="logged task",
    fields={
        "subject": "Subject",
        "description": Col("Description|Comments|Full Comments", read="html"),
        "due_at": "ActivityDate|Due Date|Date|Due Date Only",
        "priority": Col("Priority", values={"low": "low", "normal": "normal", "high": "high"}, other="normal"),
        "status": Col(
            "Status", values={"completed": "done", "in progress": "doing", "not started": "open",
                              "waiting on someone else": "open", "deferred": "open"}, other="open",
        ),
    },
    refs=(
        Ref(names="WhoId|Contact ID", to={"contact": "person"}),
        Ref(names="WhatId|Opportunity ID", to={**_WHAT, "case": "ticket"}),
        Ref(names="AccountId|Account ID", to={"account": "company"}),
    ),
    constants={"subject": "–"},
    late=Late(
        key="status", among=frozenset(("done",)), at="CompletedDateTime|ActivityDate|Due Date|Date", first="open",
    ),
    leave=("isclosed", "tasksubtype", "calltype", "calldurationinseconds", "is*", "who*", "what*", "recurrence*",
           "reminder*", "activitytype", "callobject", "calldisposition"),
)  # fmt: skip

_events = Table(
    kind="event", object="interaction", files=("event",), id="Id|Activity ID", created=CREATED, owner=OWNER,
    needs=("StartDateTime|ActivityDateTime|Start|Start Date Time",),
    fields={
        "subject": "Subject",
        "body": Col("Description|Full Comments", read="html"),
        "at": "StartDateTime|ActivityDateTime|Start|Start Date Time|ActivityDate",
        "minutes": Col("DurationInMinutes|Duration", read="number"),
    },
    refs=_ABOUT, constants={"kind": "meeting"}, custom=False,
)  # fmt: skip

_mails = Table(
    kind="email", object="interaction", files=("emailmessage",), id="Id", created=CREATED,
    fields={
        "subject": "Subject",
        "body": (Col("TextBody"), Col("HtmlBody", read="html")),
        "at": "MessageDate",
        "direction": Col("Incoming", values={"true": "in", "1": "in"}, other="out"),
    },
    refs=(
        Ref(names="RelatedToId", to=_WHAT), Ref(names="FromAddress", to={"": "people"}, by="email"),
        Ref(names="ToAddress", to={"": "people"}, by="email"),
    ),
    constants={"kind": "mail"}, custom=False,
)  # fmt: skip

_notes = Table(
    kind="note", object="interaction", files=("note",), id="Id", created=CREATED, owner="OwnerId",
    needs=("Body|TextPreview",),
    fields={"subject": "Title", "body": Col("Body|TextPreview", read="html"), "at": CREATED},
    refs=(Ref(names="ParentId", to={"contact": "people", **_WHAT}),), constants={"kind": "note"}, custom=False,
)  # fmt: skip

_HOMES = {
    "opportunity": "", "account": "", "contact": "", "case": "", "lead": "", "task": "", "logged task": "", "event": "",
    "email": "", "note": "", "product": "",
}  # fmt: skip
_attachments = Table(
    kind="attachment", role=FILES, files=("attachment",), id="Id", needs=("ParentId",),
    fields={"id": "Id", "name": "Name"}, path=("attachments/{id}", "attachments/{name}", "{id}"),
    refs=(Ref(names="ParentId", to=_HOMES),),
)  # fmt: skip
# Of the versions of a file, the data export has the last one unless all were asked for.
_versions = Table(
    kind="content version", role=BODIES, files=("contentversion",), id="ContentDocumentId",
    needs=("PathOnClient|Title",),
    fields={"id": "Id", "name": "Title", "ending": "FileExtension"},
    path=("contentversion/{id}", "contentversion/{name}", "{id}"),
)  # fmt: skip
_links = Table(
    kind="content link", role=FILES, files=("contentdocumentlink",), id="Id", needs=("LinkedEntityId",),
    body="ContentDocumentId", refs=(Ref(names="LinkedEntityId", to=_HOMES),),
)  # fmt: skip

TABLES = (
    _cases, _comments, _tasks, _logged, _events, _mails, _notes, _versions, _attachments, _links,
)  # fmt: skip
"""In the order in which they are brought over."""
