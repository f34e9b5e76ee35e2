"""HubSpot: exports of its record lists (CSV, XLSX), and answers of its CRM API (JSON with `results`).

Where the columns are from:

- labels of exports and internal names: HubSpot knowledge base, "HubSpot's default contact / company / deal / ticket /
  product / line item / task / call / meeting / note / email properties" (knowledge.hubspot.com/properties), "Export
  records" (knowledge.hubspot.com/import-and-export/export-records), which tells that exports have `Record ID` and, on
  request, columns `Associated …` with ids.
- JSON: developers.hubspot.com, "CRM API: objects, associations, pipelines, owners, properties"; the open connector
  airbytehq/airbyte, `source-hubspot/schemas/{contacts,companies,deals,deal_pipelines,engagements_*,tickets,owners}`.
- default stages of deals and tickets: knowledge.hubspot.com, "Set up and manage object pipelines".
"""

from __future__ import annotations

from rapport.apps.migration.shapes import LABELS, STAGES, USERS, Col, Late, Ref, Table, Vendor
from rapport.apps.migration.vendors import hubspot_activities
from rapport.apps.migration.vendors.hubspot_activities import COMPANY, CREATED, ID, OWNER, PEOPLE

_LIFECYCLE = {
    "subscriber": "subscriber",
    "lead": "lead",
    "marketing qualified lead": "lead",
    "marketingqualifiedlead": "lead",
    "sales qualified lead": "qualified",
    "salesqualifiedlead": "qualified",
    "opportunity": "qualified",
    "customer": "customer",
    "evangelist": "customer",
}

_users = Table(
    kind="owner",
    role=USERS,
    files=("owners", "users"),
    id="id",
    needs=("email|User email",),
    fields={
        "id": "id|userId",
        "email": "email|User email|Email",
        "name": "Name|User name",
        "first": "firstName|First name",
        "last": "lastName|Last name",
    },
)

_labels = Table(
    kind="property",
    role=LABELS,
    files=("properties",),
    id="name",
    needs=("fieldType|Internal name",),
    fields={
        "key": "name|Internal name",
        "label": "label|Name",
        "values": "options.value",
        "options": "options.label",
    },
)

_pipelines = Table(
    kind="pipeline",
    role=STAGES,
    files=("pipelines", "deal pipelines", "deals pipelines"),
    id="id|stageId",
    nested="stages",
    needs=("parent.label",),
    fields={
        "id": "id|stageId",
        "name": "label",
        "position": "displayOrder",
        "probability": "metadata.probability",
        "closed": "metadata.isClosed",
        "pipeline": "parent.id|parent.pipelineId",
        "pipeline_name": "parent.label",
    },
)

_companies = Table(
    kind="company",
    object="company",
    files=("companies", "company"),
    id=ID,
    created=CREATED,
    owner=OWNER,
    fields={
        "name": (Col("Company name|name"), Col("Company Domain Name|domain")),
        "domains": Col("Company Domain Name|domain", read="host"),
        "website": "Website URL|website",
        "phone": "Phone Number|phone",
        "address.street": "Street Address|address",
        "address.extra": "Street Address 2|address2",
        "address.city": "City|city",
        "address.region": "State/Region|state",
        "address.postcode": "Postal Code|zip",
        "address.country": "Country/Region|country",
        "size": Col("Number of Employees|numberofemployees", read="size"),
        "lifecycle": Col("Lifecycle Stage|lifecyclestage", values=_LIFECYCLE, other="lead"),
        "description": "Description|description|About us",
    },
    refs=(Ref(names="Parent Company ID|hs_parent_company_id|Associated Parent Company IDs", to={"company": "parent"}),),
    keep=("Number of Employees", "numberofemployees"),
    constants={"name": "–"},
)

_contacts = Table(
    kind="contact",
    object="person",
    files=("contacts", "contact"),
    id=f"{ID}|vid",
    created=CREATED,
    owner=OWNER,
    fields={
        "first_name": "First Name|firstname",
        "last_name": "Last Name|lastname",
        "salutation": "Salutation|salutation",
        "job": "Job Title|jobtitle",
        "emails": "Email|email",
        "emails:work": "Work email|work_email",
        "emails:other": "Additional email addresses|hs_additional_emails",
        "phones": "Phone Number|phone",
        "phones:mobile": "Mobile Phone Number|mobilephone",
        "addresses.street": "Street Address|address",
        "addresses.city": "City|city",
        "addresses.region": "State/Region|state",
        "addresses.postcode": "Postal Code|zip",
        "addresses.country": "Country/Region|country",
        "birthday": "Date of Birth|date_of_birth",
        "language": Col("Preferred language|hs_language", read="language"),
        "lifecycle": Col("Lifecycle Stage|lifecyclestage", values=_LIFECYCLE, other="lead"),
    },
    refs=(
        COMPANY,
        Ref(
            names="Associated Company|Primary Associated Company|Company Name|company",
            to={"": "company"},
            by="name",
            make=True,
        ),
    ),
)

_products = Table(
    kind="product",
    object="product",
    files=("products",),
    id=ID,
    created=CREATED,
    needs=("SKU|hs_sku|Unit price|price",),
    fields={
        "name": "Name|name|Product name",
        "code": "SKU|hs_sku",
        "description": Col("Product description|Description|description", read="html"),
        "cost": "Unit cost|hs_cost_of_goods_sold",
    },
    currency="Currency|hs_price_currency",
    constants={"name": "–"},
    also=("price",),
)

_prices = Table(
    kind="price",
    object="price",
    id=ID,
    created=CREATED,
    filled="Unit price|price",
    fields={"amount": "Unit price|price"},
    currency="Currency|hs_price_currency",
    refs=(Ref(names=ID, to={"product": "product"}),),
    custom=False,
)

_deals = Table(
    kind="deal",
    object="deal",
    files=("deals", "deal"),
    id=ID,
    created=CREATED,
    owner=OWNER,
    pipeline="Pipeline|pipeline",
    stage="Deal Stage|dealstage",
    won="Is Closed Won|hs_is_closed_won",
    closed="Is Deal Closed?|hs_is_closed",
    probability="Deal probability|hs_deal_stage_probability",
    currency="Currency|deal_currency_code",
    fields={
        "name": "Deal Name|dealname",
        "amount": "Amount|amount",
        "close_on": "Close Date|closedate",
        "description": Col("Deal Description|description", read="html"),
        "lost_note": "Closed Lost Reason|closed_lost_reason",
    },
    refs=(
        COMPANY,
        Ref(names="Associated Contact IDs|associations.contacts.results.id", to={"contact": "person"}),
        PEOPLE,
        Ref(names="Associated Company", to={"": "company"}, by="name"),
    ),
    constants={"name": "–"},
    late=Late(
        key="stage",
        among=frozenset(("won", "lost")),
        fields=("lost_note",),
        at="Close Date|closedate",
        fill={"lost": {"lost_reason": "other", "lost_note": "–"}},
    ),
)

_leads = Table(
    kind="lead",
    object="lead",
    files=("leads",),
    id=ID,
    created=CREATED,
    owner=OWNER,
    needs=("Lead Name|hs_lead_name",),
    fields={
        "subject": "Lead Name|hs_lead_name",
        "status": Col(
            "Lead Stage|hs_pipeline_stage|hs_lead_status",
            values={
                "new": "new",
                "new-stage-id": "new",
                "attempting": "working",
                "attempting-stage-id": "working",
                "connected": "working",
                "connected-stage-id": "working",
                "qualified": "qualified",
                "qualified-stage-id": "qualified",
                "disqualified": "disqualified",
                "unqualified-stage-id": "disqualified",
            },
            other="new",
        ),
        "reason_note": "Disqualification reason|hs_lead_disqualification_reason",
    },
    refs=(
        Ref(
            names="Associated Contact IDs|Associated Contact IDs (Primary)|associations.contacts.results.id",
            to={"contact": "person"},
        ),
        COMPANY,
        Ref(names="Lead Source|hs_lead_source", to={"": "source"}, by="name", make=True),
    ),
    late=Late(
        key="status",
        among=frozenset(("disqualified",)),
        fields=("reason_note",),
        fill={"disqualified": {"reason": "other", "reason_note": "–"}},
    ),
)

_lines = Table(
    kind="line item",
    object="dealline",
    files=("line items", "line-items", "line_items"),
    id=ID,
    created=CREATED,
    currency="Currency|hs_line_item_currency_code",
    fields={
        "description": "Name|name|Line item name",
        "quantity": "Quantity|quantity",
        "price": "Unit price|price",
        "discount": "Unit discount percentage|hs_discount_percentage|Discount %",
        "tax_rate": "Tax rate|hs_tax_rate",
        "position": "hs_position_on_quote",
    },
    refs=(
        Ref(names="Associated Deal IDs|associations.deals.results.id", to={"deal": "deal"}),
        Ref(names="Product ID|hs_product_id", to={"product": "product"}),
    ),
    constants={"description": "–"},
    custom=False,
)

_tickets = Table(
    kind="ticket",
    object="ticket",
    files=("tickets", "ticket"),
    id=f"{ID}|Ticket ID|hs_ticket_id",
    created=CREATED,
    owner=OWNER,
    fields={
        "subject": "Ticket name|subject",
        "description": Col("Ticket description|content", read="html"),
        "priority": Col(
            "Priority|hs_ticket_priority",
            values={"low": "low", "medium": "normal", "high": "high", "urgent": "urgent"},
            other="normal",
        ),
        "status": Col(
            "Ticket status|hs_pipeline_stage",
            values={
                "1": "new",
                "2": "waiting",
                "3": "open",
                "4": "solved",
                "new": "new",
                "waiting on contact": "waiting",
                "waiting on us": "open",
                "closed": "solved",
                "resolved": "solved",
                "solved": "solved",
            },
            other="open",
        ),
        "channel": Col(
            "Source|source_type",
            values={"email": "mail", "chat": "chat", "form": "web", "phone": "phone", "web": "web"},
            other="other",
        ),
        "kind": Col(
            "Category|hs_ticket_category",
            values={
                "product_issue": "problem",
                "product issue": "problem",
                "feature_request": "request",
                "feature request": "request",
            },
            other="question",
        ),
        "solution": Col("Resolution|hs_resolution", read="html"),
    },
    refs=(
        Ref(names="Associated Contact IDs|associations.contacts.results.id", to={"contact": "person"}),
        COMPANY,
        Ref(names="Pipeline", to={"": "queue"}, by="name", make=True),
    ),
    constants={"subject": "–"},
    late=Late(
        key="status",
        among=frozenset(("solved",)),
        fields=("solution",),
        at="Close date|closed_date|closedate",
        fill={"solved": {"solution": "–"}},
        first="open",
    ),
)

VENDOR = Vendor(
    key="hubspot",
    label="HubSpot",
    prefixes=("properties.", "properties_"),
    # Counted, scored or stamped by HubSpot, ids of its inside, and names that stand beside the ids of associations.
    leave=(
        *("hs?*", "associations*", "associated*", "primaryassociated*", "archived*", "updatedat", "createdat", "url"),
        *("lastmodifieddate", "lastactivitydate", "lastcontacted", "lastengagement*", "lastbooked*", "lasttouch*"),
        *("numberoftimescontacted", "numberofsalesactivities", "numberofassociated*", "numassociated*", "numnotes"),
        *("numcontacted*", "numconversion*", "numuniqueconversion*", "numberofpageviews", "numberofsessions"),
        *("numberofformsubmissions", "numberofuniqueforms*", "numberofchild*", "numberofopen*", "numberofactive*"),
        *("notes?*", "daysto*", "recentconversion*", "recentdeal*", "recentsales*", "firstconversion*", "firstdeal*"),
        *("firstpageseen", "firstreferringsite", "firsttouch*", "firstcontactcreatedate", "lastpageseen"),
        *("lastreferringsite", "timefirstseen", "timelastseen", "timeoffirst*", "timeoflast*", "totalrevenue"),
        *("createdbyuserid", "updatedbyuserid", "objectid", "recordsource*", "originaltraffic*", "originalsource*"),
        *("latesttraffic*", "latestsource*", "currentlyinworkflow", "ipcity", "ipcountry*", "ipstate*", "iptimezone"),
        *("emailsdelivered", "emailsopened", "emailsclicked", "emailsbounced", "weightedamount*", "closedamount*"),
        *("amountincompanycurrency", "amountinhomecurrency", "becamea*date", "averagepageviews", "eventrevenue"),
    ),
    stages=(
        ("appointmentscheduled", "Appointment Scheduled", 20),
        ("qualifiedtobuy", "Qualified To Buy", 40),
        ("presentationscheduled", "Presentation Scheduled", 60),
        ("decisionmakerboughtin", "Decision Maker Bought-In", 80),
        ("contractsent", "Contract Sent", 90),
        ("closedwon", "Closed Won", 100),
        ("closedlost", "Closed Lost", 0),
    ),
    tables=(
        *(_users, _labels, _pipelines, _companies, _contacts, _products, _prices, _deals, _leads, _lines, _tickets),
        *hubspot_activities.TABLES,
    ),
)
