"""Zendesk: its full export (JSON, one record a line), its CSV reports, answers of its API (`users`, `tickets`, …), and
contacts, leads and deals of Zendesk Sell (CSV).

Where the columns are from:

- JSON: developer.zendesk.com, "Ticketing API: users, organizations, groups, tickets, ticket comments, ticket fields,
  attachments"; support.zendesk.com, "Exporting data to a JSON, CSV, or XML file", which tells that the JSON export has
  one ticket, user or organisation a line; the open connector airbytehq/airbyte,
  `source-zendesk-support/schemas/{tickets,users,organizations,groups,ticket_comments,ticket_fields}`.
- labels of the CSV export of tickets: support.zendesk.com, "Exporting a view to a CSV file".
- Zendesk Sell: support.zendesk.com, "Exporting Sell data"; developer.zendesk.com, "Sales CRM API: contacts, leads,
  deals, stages, pipelines, notes, tasks, calls".
"""

from __future__ import annotations

from rapport.apps.migration.shapes import FILES, LABELS, STAGES, USERS, Col, Late, Ref, Table, Vendor

_ID = "id|ID|Id"
_CREATED = "created_at|Created at|Created|Requested|added_at"
_AGENTS = frozenset(("agent", "admin"))
_OWNER = "assignee_id|Assignee id|Assignee|owner_id|Owner|assignee.email|assignee.name|submitter.email"
_SELL_OWNER = "owner_id|Owner|owner|Owner Name"

_users = Table(
    kind="agent", role=USERS, files=(), id=_ID, where={"role|Role": _AGENTS},
    fields={"id": _ID, "email": "email|Email", "name": "name|Name"},
)  # fmt: skip
_fields = Table(
    kind="field", role=LABELS, files=("ticket fields", "ticket_fields", "user_fields", "organization_fields"), id=_ID,
    needs=("title",),
    fields={
        "key": "key|id", "label": "title", "values": "custom_field_options.value",
        "options": "custom_field_options.name",
    },
)  # fmt: skip
_pipeline_stages = Table(
    kind="stage", role=STAGES, files=("stages",), id=_ID, needs=("likelihood|pipeline_id",),
    fields={
        "id": _ID, "name": "name", "position": "position", "probability": "likelihood", "pipeline": "pipeline_id",
        "pipeline_name": "pipeline_name", "closed": "active_closed",
    },
)  # fmt: skip

_organizations = Table(
    kind="organization", object="company", files=("organizations", "organisations"), id=_ID, created=_CREATED,
    fields={
        "name": "name|Name",
        "domains": "domain_names|Domain names|Domains",
        "description": "details|Details|notes|Notes",
    },
    refs=(Ref(names="tags|Tags", to={"": "tags"}, by="name", make=True),),
    constants={"name": "–", "lifecycle": "customer"},
)  # fmt: skip

_people = Table(
    kind="user", object="person", files=("users", "user", "end users"), id=_ID, created=_CREATED, also=("agent",),
    needs=("email|Email|role|Role",), where={"role|Role": frozenset(("end-user", "end user", "enduser", ""))},
    fields={
        "first_name": Col("name|Name", read="first"),
        "last_name": Col("name|Name", read="last"),
        "emails": "email|Email",
        "phones": "phone|Phone",
        "language": Col("locale|Locale|Language", read="language"),
        "preferences": "details|notes",
        "zone": "iana_time_zone",
    },
    refs=(
        Ref(names="organization_id|Organization id", to={"organization": "company"}),
        Ref(names="Organization|organization.name", to={"": "company"}, by="name"),
        Ref(names="tags|Tags", to={"": "tags"}, by="name", make=True),
    ),
    constants={"lifecycle": "customer"},
)  # fmt: skip

_groups = Table(
    kind="group", object="queue", files=("groups", "group"), id=_ID, created=_CREATED, needs=("name",),
    fields={"name": "name|Name", "description": "description"}, constants={"name": "–"}, custom=False,
)  # fmt: skip

_tickets = Table(
    kind="ticket", object="ticket", files=("tickets", "ticket"), id=_ID, created=_CREATED, owner=_OWNER,
    needs=("subject|Subject",), also=("inline comment",),
    fields={
        "subject": "subject|Subject|raw_subject",
        "description": "description|Description",
        "status": Col(
            "status|Status|Ticket status",
            values={
                "new": "new", "open": "open", "pending": "waiting", "hold": "waiting", "on-hold": "waiting",
                "solved": "solved", "closed": "solved",
            },
            other="open",
        ),
        "priority": Col(
            "priority|Priority", values={"low": "low", "normal": "normal", "high": "high", "urgent": "urgent"},
            other="normal",
        ),
        "kind": Col(
            "type|Type|Ticket type",
            values={"question": "question", "problem": "problem", "incident": "problem", "task": "request"},
            other="question",
        ),
        "channel": Col(
            "via.channel|Via|Channel",
            values={
                "email": "mail", "mail": "mail", "web": "web", "web form": "web", "web_widget": "web", "voice": "phone",
                "phone": "phone", "phone call (incoming)": "phone", "chat": "chat", "native_messaging": "chat",
                "facebook": "social", "twitter": "social", "instagram_dm": "social", "whatsapp": "social",
            },
            other="other",
        ),
    },
    refs=(
        Ref(names="requester_id|Requester id|requester.id", to={"user": "person"}),
        Ref(names="Requester email|requester.email", to={"": "person"}, by="email"),
        Ref(names="organization_id|Organization id|organization.id", to={"organization": "company"}),
        Ref(names="Organization", to={"": "company"}, by="name"),
        Ref(names="group_id|group.id", to={"group": "queue"}),
        Ref(names="Group|Group name|group.name", to={"": "queue"}, by="name", make=True),
        Ref(names="tags|Tags", to={"": "tags"}, by="name", make=True),
    ),
    constants={"subject": "–"}, leave=("requester*", "assignee*", "submitter*", "collaborator*", "group*", "comments*"),
    late=Late(
        key="status", among=frozenset(("solved",)),
        at="solved_at|Solved at|metric_set.solved_at|updated_at|Updated at|Updated",
        fill={"solved": {"solution": "–"}}, first="open",
    ),
)  # fmt: skip

# A comment is the customer's where its author is one of the people; the first one is the description again.
_comment = Table(
    kind="comment", object="ticketentry", files=("ticket_comments", "comments", "ticket comments"), id=_ID,
    created=_CREATED, needs=("body|html_body|plain_body",), also=("comment file",),
    fields={
        "body": (Col("plain_body|body"), Col("html_body", read="html")),
        "kind": Col("public|Public", values={"false": "note", "no": "note"}, other="answer"),
    },
    refs=(
        Ref(names="ticket_id|Ticket id", to={"ticket": "ticket"}),
        Ref(names="author_id|author.id", to={"user": ""}, sets={"kind": "customer"}),
    ),
    custom=False,
)  # fmt: skip
_inline = Table(
    kind="inline comment", object="ticketentry", files=("tickets", "ticket"), nested="comments", id=_ID,
    created=_CREATED, needs=("parent.id",), fields=_comment.fields,
    refs=(Ref(names="parent.id", to={"ticket": "ticket"}), *_comment.refs[1:]), custom=False,
)  # fmt: skip
_attached = Table(
    kind="comment file", role=FILES, files=("ticket_comments", "comments", "ticket comments"), nested="attachments",
    id=_ID, needs=("file_name",), fields={"id": "id", "name": "file_name"},
    path=("attachments/{id}", "attachments/{id}/{name}", "attachments/{id}-{name}", "attachments/{name}"),
    refs=(Ref(names="parent.ticket_id", to={"ticket": ""}),),
)  # fmt: skip

_deals = Table(
    kind="deal", object="deal", files=("deals", "deal"), id=_ID, created=_CREATED, owner=_SELL_OWNER,
    pipeline="Pipeline|pipeline_id|Pipeline Name", stage="Stage|stage_id|Stage Name", currency="Currency|currency",
    needs=("value|Value|Deal Value|hot",),
    fields={
        "name": "Name|name|Deal Name",
        "amount": "Value|value|Deal Value",
        "close_on": "Estimated Close Date|estimated_close_date",
        "lost_note": "Loss Reason|loss_reason",
    },
    refs=(
        Ref(names="organization_id|Company ID", to={"sell contact": "company"}),
        Ref(names="contact_id|Primary Contact ID|Main Contact ID", to={"sell contact": "person"}),
        Ref(names="Company|Company Name|Organization Name", to={"": "company"}, by="name", make=True),
        Ref(names="tags|Tags", to={"": "tags"}, by="name", make=True),
    ),
    constants={"name": "–"},
    late=Late(
        key="stage", among=frozenset(("won", "lost")), fields=("lost_note",),
        at="last_stage_change_at|Stage Changed At",
        fill={"lost": {"lost_reason": "other", "lost_note": "–"}},
    ),
)  # fmt: skip
_sell_contacts = Table(
    kind="sell contact", object="person", files=("contacts",), id=_ID, created=_CREATED, owner=_SELL_OWNER,
    where={"is_organization|Is Organization": frozenset(("false", "no", "0", ""))},
    fields={
        "first_name": "First Name|first_name", "last_name": "Last Name|last_name", "job": "Title|title",
        "emails": "Email|email", "phones": "Phone|phone|Work phone", "phones:mobile": "Mobile|mobile",
        "addresses.street": "Address|address.line1", "addresses.city": "City|address.city",
        "addresses.postcode": "Zip/Post Code|address.postal_code", "addresses.country": "Country|address.country",
    },
    refs=(
        Ref(names="Company Name|Organization Name", to={"": "company"}, by="name", make=True),
        Ref(names="tags|Tags", to={"": "tags"}, by="name", make=True),
    ),
)  # fmt: skip

VENDOR = Vendor(
    key="zendesk",
    label="Zendesk",
    prefixes=("user_fields.", "organization_fields."),
    own=("user_fields.*", "organization_fields.*", "custom_fields.*"),
    pairs=("custom_fields",),
    leave=(
        *("url", "updatedat", "updated", "active", "alias", "chatonly", "customroleid", "defaultgroupid"),
        *("lastloginat", "moderator", "onlyprivatecomments", "permanentlydeleted", "photo*", "report*"),
        *("restrictedagent", "role*", "shared*", "signature", "suspended", "ticketrestriction", "timezone"),
        *("twofactor*", "verified", "external*", "localeid", "groupid", "sharedcomments", "sharedtickets"),
        *("allowattachment*", "allowchannelback", "brand*", "customstatusid", "dueat", "emailcc*", "followerids"),
        *("followup*", "forumtopicid", "fields*", "fromm*", "frommessaging*", "generatedtimestamp", "hasincidents"),
        *("ispublic", "problemid", "rawsubject", "recipient", "satisfactionrating*", "sharingagreementids"),
        *("ticketformid", "via*", "encodedid", "metric*", "organization*", "summation*", "resulttype", "supporttype"),
        *("deletedticketform*", "phonenumber*", "isactive", "resolutiontime", "creatorid", "contactid", "sourceid"),
        *("lossreasonid", "stageid", "assigneestationary"),
    ),
    won=("closedwon", "won", "gewonnen"),
    lost=("closedlost", "lost", "unqualified", "verloren"),
    stages=(
        ("incoming", "Incoming", 10), ("qualified", "Qualified", 20), ("quote", "Quote", 40),
        ("closure", "Closure", 70), ("won", "Won", 100), ("unqualified", "Unqualified", 0), ("lost", "Lost", 0),
    ),
    tables=(
        _users, _fields, _pipeline_stages, _organizations, _people, _groups, _sell_contacts, _deals, _tickets, _comment,
        _inline, _attached,
    ),
)  # fmt: skip
