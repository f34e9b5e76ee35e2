"""Zoho CRM: lines of quotes, cases, tasks, meetings, calls, mails, notes, attachments. Sources: see `zoho`."""

from __future__ import annotations

from rapport.apps.migration.shapes import FILES, Col, Late, Ref, Table

ID = "Record Id|id"
CREATED = "Created Time|Created_Time"
OWNER = "Owner.email|Owner.id|Owner.name|Owner"
ACCOUNT = Ref(names="Account Name.id|Account_Name.id|Account ID", to={"account": "company"})
ACCOUNT_NAME = Ref(names="Account Name|Account_Name|Account_Name.name", to={"": "company"}, by="name", make=True)
CONTACT = Ref(names="Contact Name.id|Contact_Name.id|Who_Id.id|Who Id", to={"contact": "people"})
TAGS = Ref(names="Tag|Tag.name", to={"": "tags"}, by="name", make=True)
_RELATED = "Related To.id|What_Id.id|What Id|Related To ID"
_ABOUT = (
    CONTACT, Ref(names=_RELATED, to={"account": "company", "deal": "deal"}),
    Ref(names="Contact Name|Who_Id.name", to={"": "people"}, by="name"),
)  # fmt: skip

_lines = Table(
    kind="deal product", object="dealline", files=("deals products", "products x deals", "deal products"), id=ID,
    currency="Currency",
    fields={
        "description": "Product Name|Product_Name|Products.name|Product.name",
        "quantity": "Quantity", "price": "Unit Price|Unit_Price|List Price|List_Price",
        "discount": Col("Discount (%)|Discount_Percent", read="number"),
    },
    refs=(
        Ref(names="Deals.id|Deal.id|Deal ID|Deal Name.id", to={"deal": "deal"}),
        Ref(names="Products.id|Product.id|Product ID|Product Name.id", to={"product": "product"}),
    ),
    constants={"description": "–"}, custom=False,
)  # fmt: skip

_cases = Table(
    kind="case", object="ticket", files=("cases",), id=f"{ID}|Case Id", created=CREATED,
    owner=f"{OWNER}|Case Owner.id|Case Owner", needs=("Case Number|Case_Number|Case Origin|Case_Origin|Subject",),
    fields={
        "subject": "Subject",
        "description": "Description",
        "solution": "Solution",
        "status": Col(
            "Status", values={"new": "new", "on hold": "waiting", "escalated": "open", "closed": "solved"},
            other="open",
        ),
        "priority": Col("Priority", values={"low": "low", "medium": "normal", "high": "high"}, other="normal"),
        "kind": Col(
            "Type", values={"problem": "problem", "feature request": "request", "question": "question"},
            other="question",
        ),
        "channel": Col(
            "Case Origin|Case_Origin", values={"email": "mail", "phone": "phone", "web": "web", "chat": "chat",
                                               "twitter": "social", "facebook": "social"}, other="other",
        ),
    },
    refs=(Ref(names="Related To.id|Related_To.id|Contact Name.id", to={"contact": "person"}), ACCOUNT, ACCOUNT_NAME),
    constants={"subject": "–"},
    late=Late(
        key="status", among=frozenset(("solved",)), fields=("solution",), at="Modified Time|Modified_Time",
        fill={"solved": {"solution": "–"}}, first="open",
    ),
)  # fmt: skip

_tasks = Table(
    kind="task", object="task", files=("tasks",), id=f"{ID}|Task Id", created=CREATED,
    owner=f"{OWNER}|Task Owner.id|Task Owner", needs=("Due Date|Due_Date",),
    fields={
        "subject": "Subject",
        "description": "Description",
        "due_at": "Due Date|Due_Date",
        "priority": Col(
            "Priority", values={"lowest": "low", "low": "low", "normal": "normal", "high": "high", "highest": "high"},
            other="normal",
        ),
        "status": Col("Status", values={"completed": "done", "in progress": "doing"}, other="open"),
    },
    refs=(
        Ref(names="Contact Name.id|Who_Id.id", to={"contact": "person"}),
        Ref(names=_RELATED, to={"account": "company", "deal": "deal", "case": "ticket"}),
    ),
    constants={"subject": "–"}, custom=False,
    late=Late(key="status", among=frozenset(("done",)), at="Closed Time|Closed_Time|Due Date|Due_Date", first="open"),
)  # fmt: skip

_events = Table(
    kind="event", object="interaction", files=("events", "meetings"), id=f"{ID}|Event Id", created=CREATED,
    owner=f"{OWNER}|Host.id|Host|Event Owner", needs=("From|Start_DateTime|Start DateTime",),
    fields={
        "subject": "Title|Event_Title|Subject",
        "body": "Description",
        "at": "From|Start_DateTime|Start DateTime",
    },
    refs=(*_ABOUT, Ref(names="Participants.Email|Participants.participant", to={"": "people"}, by="email")),
    constants={"kind": "meeting"}, custom=False,
)  # fmt: skip

_calls = Table(
    kind="call", object="interaction", files=("calls",), id=f"{ID}|Call Id", created=CREATED,
    owner=f"{OWNER}|Call Owner.id|Call Owner", needs=("Call Type|Call_Type|Call Start Time|Call_Start_Time",),
    fields={
        "subject": "Subject",
        "body": "Description|Call Agenda|Call_Agenda",
        "at": "Call Start Time|Call_Start_Time",
        "direction": Col(
            "Call Type|Call_Type", values={"inbound": "in", "missed": "in", "outbound": "out"}, other="",
        ),
        "minutes": (
            Col("Call Duration (in seconds)|Call_Duration_in_seconds", read="seconds"),
            Col("Call Duration (in minutes)|Call Duration|Call_Duration", read="clock"),
        ),
        "outcome": Col(
            "Call Result|Call_Result",
            values={"interested": "interested", "not interested": "not_interested",
                    "no response/busy": "no_answer", "requested more info": "follow_up",
                    "requested call back": "follow_up"}, other="",
        ),
    },
    refs=_ABOUT, constants={"kind": "call"}, custom=False,
)  # fmt: skip

_mails = Table(
    kind="email", object="interaction", files=("emails",), id=f"{ID}|message_id|Message Id",
    created="Sent Time|sent_time|time", owner=OWNER, needs=("Subject|subject",),
    fields={
        "subject": "Subject|subject", "body": Col("Content|content|summary", read="html"),
        "at": "Sent Time|sent_time|time",
        "direction": Col("Direction|sent", values={"received": "in", "false": "in"}, other="out"),
    },
    refs=(
        Ref(names="Parent ID|Parent_Id.id", to={"contact": "people", "account": "company", "deal": "deal"}),
        Ref(names="To|to.email", to={"": "people"}, by="email"),
        Ref(names="From|from.email", to={"": "people"}, by="email"),
    ),
    constants={"kind": "mail"}, custom=False,
)  # fmt: skip

_notes = Table(
    kind="note", object="interaction", files=("notes",), id=f"{ID}|Note Id", created=CREATED,
    owner=f"{OWNER}|Note Owner.id|Note Owner", needs=("Note Content|Note_Content",),
    fields={
        "subject": "Note Title|Note_Title", "body": Col("Note Content|Note_Content", read="html"), "at": CREATED,
    },
    refs=(
        Ref(
            names="Parent ID.id|Parent ID|Parent_Id.id",
            to={"contact": "people", "account": "company", "deal": "deal"},
        ),
    ),
    constants={"kind": "note"}, custom=False,
)  # fmt: skip

_attachments = Table(
    kind="attachment", role=FILES, files=("attachments",), id=ID, needs=("File Name|File_Name",),
    fields={"id": ID, "name": "File Name|File_Name", "stored": "Attachment Id|Attachment_Id"},
    path=("attachments/{id}", "attachments/{stored}", "attachments/{name}", "{id}_{name}"),
    refs=(
        Ref(
            names="Parent ID.id|Parent ID|Parent_Id.id",
            to=dict.fromkeys(
                ("deal", "account", "contact", "lead", "case", "task", "event", "call", "note", "product"), ""
            ),
        ),
    ),
)  # fmt: skip

TABLES = (_lines, _cases, _tasks, _events, _calls, _mails, _notes, _attachments)
"""In the order in which they are brought over."""
