"""Pipedrive: its data export (CSV, XLSX, one file a kind), and answers of its API (JSON with `data`, versions 1 and 2).

Where the columns are from:

- labels of exports: support.pipedrive.com, "Exporting data from Pipedrive" and "Import fields"; an export has the
  fields that a list shows, with an `ID` first; the sheets of the whole export write them as `Deal - Title`.
- JSON: developers.pipedrive.com/docs/api/v1 (Deals, Persons, Organizations, Leads, Activities, Notes, Products, Files,
  Pipelines, Stages, Users, *Fields), and v2 where it differs; the open connector airbytehq/airbyte,
  `source-pipedrive/schemas/{deals,persons,organizations,activities,notes,products,deal_products,files,stages}`.
- custom fields are keys of forty characters; their names are in the answers of `dealFields`, `personFields` and so on.
- default stages: support.pipedrive.com, "Pipeline stages".
"""

from __future__ import annotations

from rapport.apps.migration.shapes import FILES, LABELS, STAGES, USERS, Col, Late, Ref, Table, Vendor

_CREATED = "add_time|Created|Add time"
_OWNER = "owner_id.email|owner_id.name|user_id.email|owner_id.value|owner_id.id|owner_id|user_id|Owner|owner_name"
_PERSON = Ref(names="person_id.value|person_id|Contact person ID|Person ID", to={"person": "person"})
_ORG = Ref(names="org_id.value|org_id|organization_id|Organization ID", to={"organization": "company"})
_ORG_NAME = Ref(names="Organization|org_name|Organization - Name", to={"": "company"}, by="name", make=True)
_PERSON_NAME = Ref(names="Contact person|person_name|Person|Person - Name", to={"": "person"}, by="name")

_users = Table(
    kind="user", role=USERS, files=("users",), id="id", needs=("email",),
    fields={"id": "id|ID", "email": "email|Email", "name": "name|Name"},
)  # fmt: skip
_labels = Table(
    kind="field", role=LABELS, id="key", needs=("field_type",),
    files=("dealfields", "personfields", "organizationfields", "productfields", "activityfields", "fields"),
    fields={"key": "key", "label": "name", "values": "options.id", "options": "options.label"},
)  # fmt: skip
_pipelines = Table(
    kind="pipeline", role=STAGES, files=("pipelines",), id="id", needs=("url_title|order_nr|deal_probability",),
    fields={"pipeline": "id", "pipeline_name": "name"},
)  # fmt: skip
_stages = Table(
    kind="stage", role=STAGES, files=("stages",), id="id", needs=("pipeline_id",),
    fields={
        "id": "id", "name": "name", "position": "order_nr", "probability": "deal_probability",
        "pipeline": "pipeline_id", "pipeline_name": "pipeline_name",
    },
)  # fmt: skip

_organizations = Table(
    kind="organization", object="company", files=("organizations", "organization"), id="ID|id", created=_CREATED,
    owner=_OWNER,
    fields={
        "name": "Name|name|Organization - Name",
        "website": "website|Website",
        "domains": Col("website|Website", read="host"),
        "phone": "phone|Phone",
        "address.street": "address_route|Street/road name of Address|address.route|Address|address.value|address",
        "address.extra": "address_subpremise|Apartment/suite no of Address",
        "address.city": "address_locality|City/town/village/locality of Address|address.locality",
        "address.region": "address_admin_area_level_1|State/county of Address|address.admin_area_level_1",
        "address.postcode": "address_postal_code|ZIP/Postal code of Address|address.postal_code",
        "address.country": "address_country|Country of Address|address.country",
        "size": Col("employee_count|Number of employees", read="size"),
    },
    refs=(Ref(names="label|Labels|Label", to={"": "tags"}, by="name", make=True),),
    keep=("employee_count", "Number of employees"), constants={"name": "–"},
)  # fmt: skip

_persons = Table(
    kind="person", object="person", files=("people", "persons", "person"), id="ID|id", created=_CREATED, owner=_OWNER,
    fields={
        "first_name": (Col("first_name|First name"), Col("name|Name|Person - Name", read="first")),
        "last_name": (Col("last_name|Last name"), Col("name|Name|Person - Name", read="last")),
        "emails": "email.value|emails.value|Email|Person - Email",
        "emails:work": "Email - Work",
        "emails:home": "Email - Home",
        "emails:other": "Email - Other",
        "phones": "phone.value|phones.value|Phone|Person - Phone",
        "phones:work": "Phone - Work",
        "phones:home": "Phone - Home",
        "phones:mobile": "Phone - Mobile",
        "phones:other": "Phone - Other",
        "job": "job_title|Job title",
        "birthday": "birthday|Birthday",
        "addresses.street": "postal_address|Postal address|Postal address (details)|postal_address.value",
    },
    refs=(
        _ORG, _ORG_NAME, Ref(names="label|Labels|Label", to={"": "tags"}, by="name", make=True),
    ),
    leave=("emaillabel", "emailprimary", "emailslabel", "emailsprimary", "phonelabel", "phoneprimary", "phoneslabel",
           "phonesprimary", "im*"),
)  # fmt: skip

_products = Table(
    kind="product", object="product", files=("products", "product"), id="ID|id", created=_CREATED,
    needs=("code|Product code|prices|prices.price|unit|Unit",),
    fields={
        "name": "Name|name", "code": "Product code|code", "unit": "Unit|unit",
        "description": Col("Description|description", read="html"), "tax_rate": "Tax|tax",
        "category": "Category|category",
    },
    constants={"name": "–"}, leave=("prices*", "product*", "selectable", "firstchar", "ownerid*", "owner"),
)  # fmt: skip

_prices = Table(
    kind="price", object="price", files=("products", "product"), nested="prices", id="id", filled="price",
    fields={"amount": "price"}, currency="currency", custom=False,
    refs=(Ref(names="product_id", to={"product": "product"}),),
)  # fmt: skip

_deals = Table(
    kind="deal", object="deal", files=("deals", "deal"), id="ID|id", created=f"{_CREATED}|Deal created", owner=_OWNER,
    pipeline="pipeline_id|Pipeline|Deal - Pipeline", stage="stage_id|Stage|Deal - Stage",
    won="status|Status|Deal - Status", probability="", currency="currency|Currency of Value|Currency|Value currency",
    fields={
        "name": "Title|title|Deal - Title",
        "amount": "Value|value|Deal - Value",
        "close_on": "Expected close date|expected_close_date",
        "probability": Col("Probability|probability|Deal probability", read="number"),
        "lost_note": "Lost reason|lost_reason",
    },
    refs=(
        _ORG, _ORG_NAME, _PERSON, _PERSON_NAME,
        Ref(names="label|Labels|Label", to={"": "tags"}, by="name", make=True),
    ),
    constants={"name": "–"},
    late=Late(
        key="stage", among=frozenset(("won", "lost")), fields=("lost_note", "probability"),
        at="won_time|Won time|lost_time|Lost time|close_time|Deal closed on",
        fill={"lost": {"lost_reason": "other", "lost_note": "–"}},
    ),
)  # fmt: skip

_leads = Table(
    kind="lead", object="lead", files=("leads", "lead"), id="ID|id", created=_CREATED, owner=_OWNER,
    needs=("Title|title",), currency="value.currency|Lead value currency|Currency of Lead value",
    fields={
        "subject": "Title|title",
        "amount": "value.amount|Lead value",
        "status": Col("is_archived|Archived", values={"true": "disqualified", "1": "disqualified"}, other=""),
    },
    refs=(
        _PERSON, _ORG, _ORG_NAME,
        Ref(names="source_name|Source|Lead source", to={"": "source"}, by="name", make=True),
    ),
    late=Late(
        key="status", among=frozenset(("disqualified",)), at="archive_time|update_time|Lead archived on",
        fill={"disqualified": {"reason": "other", "reason_note": "–"}},
    ),
)  # fmt: skip

_lines = Table(
    kind="deal product", object="dealline", files=("deal products", "deal_products", "dealproducts"), id="id|ID",
    created=_CREATED, currency="currency|Currency",
    fields={
        "description": "name|Product name|Product",
        "quantity": "quantity|Quantity",
        "price": "item_price|Price|Unit price",
        "discount": Col("discount_percentage|discount|Discount", read="number"),
        "tax_rate": "tax|Tax",
        "position": "order_nr",
    },
    refs=(
        Ref(names="deal_id|Deal ID", to={"deal": "deal"}),
        Ref(names="product_id|Product ID", to={"product": "product"}),
        Ref(names="Product|Product name", to={"": "product"}, by="name"),
    ),
    constants={"description": "–"}, custom=False,
)  # fmt: skip

_DONE = frozenset(("true", "1", "yes", "done"))
# What was done with customers is a contact; what is still to do, and tasks and deadlines, are tasks.
_contacts = Table(
    kind="done activity", object="interaction", files=(), id="ID|id", created=_CREATED, owner=_OWNER,
    where={
        "type|Type": frozenset(("call", "meeting", "email", "lunch", "demo")), "done|Done|Status": _DONE,
    },
    fields={
        "kind": Col(
            "type|Type", values={"call": "call", "meeting": "meeting", "email": "mail", "lunch": "meeting",
                                 "demo": "presentation"},
        ),
        "subject": "Subject|subject",
        "body": (Col("note|Note|public_description", read="html"),),
        "at": "marked_as_done_time|Marked as done time|due_date+due_time|Due date+Due time",
        "minutes": Col("duration|Duration", read="clock"),
    },
    refs=(
        Ref(names="person_id.value|person_id|Contact person ID", to={"person": "people"}),
        Ref(names="participants.person_id", to={"person": "people"}), _ORG,
        Ref(names="deal_id|Deal ID", to={"deal": "deal"}),
        Ref(names="Contact person|person_name", to={"": "people"}, by="name"),
        Ref(names="Organization|org_name", to={"": "company"}, by="name"),
        Ref(names="Deal|deal_title", to={"": "deal"}, by="name"),
    ),
    custom=False,
)  # fmt: skip
_activities = Table(
    kind="activity", object="task", files=("activities", "activity"), id="ID|id", created=_CREATED, owner=_OWNER,
    needs=("Subject|subject",), also=("done activity",), after="done activity",
    fields={
        "subject": "Subject|subject",
        "description": Col("note|Note", read="html"),
        "due_at": "due_date+due_time|Due date+Due time",
        "status": Col("done|Done|Status", values=dict.fromkeys(_DONE, "done"), other="open"),
        "priority": Col("priority|Priority", values={"low": "low", "medium": "normal", "high": "high"}, other="normal"),
    },
    refs=(
        _PERSON, _ORG, Ref(names="deal_id|Deal ID", to={"deal": "deal"}), _PERSON_NAME,
        Ref(names="Organization|org_name", to={"": "company"}, by="name"),
        Ref(names="Deal|deal_title", to={"": "deal"}, by="name"),
    ),
    constants={"subject": "–"}, custom=False,
    late=Late(
        key="status", among=frozenset(("done",)), at="marked_as_done_time|Marked as done time|due_date|Due date",
        first="open",
    ),
)  # fmt: skip

_notes = Table(
    kind="note", object="interaction", files=("notes", "note"), id="ID|id", created=_CREATED, owner="user_id|User",
    needs=("content|Content",),
    fields={"body": Col("Content|content", read="html"), "at": _CREATED},
    refs=(
        Ref(names="person_id|Person ID", to={"person": "people"}), _ORG,
        Ref(names="deal_id|Deal ID", to={"deal": "deal"}),
        Ref(names="Person", to={"": "people"}, by="name"), Ref(names="Organization", to={"": "company"}, by="name"),
        Ref(names="Deal", to={"": "deal"}, by="name"),
    ),
    constants={"kind": "note"}, custom=False,
)  # fmt: skip

_files = Table(
    kind="file", role=FILES, files=("files",), id="id", needs=("file_name",),
    fields={"id": "id", "name": "name|file_name", "stored": "file_name"},
    path=("files/{id}", "files/{stored}", "files/{name}", "{stored}"),
    refs=(
        Ref(names="deal_id", to={"deal": ""}), Ref(names="person_id", to={"person": ""}),
        Ref(names="org_id", to={"organization": ""}), Ref(names="product_id", to={"product": ""}),
        Ref(names="activity_id", to={"activity": "", "done activity": ""}),
        Ref(names="lead_id", to={"lead": ""}),
    ),
)  # fmt: skip

VENDOR = Vendor(
    key="pipedrive",
    label="Pipedrive",
    own=("custom_fields.*", "?" * 40),
    prefixes=("custom_fields.", "Deal - ", "Person - ", "Organization - ", "Activity - ", "Product - ", "Lead - "),
    # Names beside ids, counts and stamps.
    leave=(
        *("creatoruserid*", "userid*", "ownerid*", "personid*", "orgid*", "ownername", "orgname", "personname"),
        *("cc*", "*count", "*activities", "totalactivities", "doneactivities", "activitiestodo", "lastactivity*"),
        *("nextactivity*", "updatetime", "updated", "active*", "deleted", "isdeleted", "stagechangetime"),
        *("stageorder*", "visibleto", "formatted*", "weighted*", "rottentime", "*hidden", "firstwontime"),
        *("firstchar", "pictureid*", "companyid", "closetime", "localwondate", "locallostdate", "localclosedate"),
        *("channel*", "origin*", "id", "lastincomingmailtime", "lastoutgoingmailtime", "emailmessages*", "files*"),
        *("followers*", "primaryemail", "lastemailreceived", "lastemailsent", "undone*", "labelids*", "wonbyuser"),
        *("arr", "mrr", "acv", "stageid", "pipelineid", "address?*", "postaladdress?*", "relatedopendeals*"),
        *("relatedclosed*", "*formattedaddress", "wontime", "losttime", "dealcreated", "dealclosedon"),
        *("marketingstatus", "doubleoptin", "issynced*"),
    ),
    stages=(
        ("qualified", "Qualified", 20), ("contactmade", "Contact Made", 40), ("demoscheduled", "Demo Scheduled", 60),
        ("proposalmade", "Proposal Made", 80), ("negotiationsstarted", "Negotiations Started", 90),
    ),
    tables=(
        _users, _labels, _pipelines, _stages, _organizations, _persons, _products, _prices, _deals, _leads, _lines,
        _activities, _contacts, _notes, _files,
    ),
)  # fmt: skip
