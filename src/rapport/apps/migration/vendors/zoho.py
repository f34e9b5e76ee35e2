"""Zoho CRM: its data backup and module exports (CSV, folders `Data` and `Attachments`), and its API (JSON with `data`).

Where the columns are from:

- labels and API names of the modules' fields: zoho.com/crm/developer/docs/api ("Modules API", "Fields metadata",
  "Insert records: field API names" of Leads, Accounts, Contacts, Deals, Products, Tasks, Events, Calls, Notes, Cases);
  help.zoho.com, "Standard fields" of each module.
- the backup (one CSV a module, `Record Id`, ids of related records in columns `….id`, `Attachments.csv` with
  `Parent ID` and `File Name`): zoho.com/crm/help, "Export data" and "Migrate data between Zoho CRM accounts".
- the connector schema of fivetran.com/docs/connectors/applications/zoho-crm for names that both have.
- default stages: help.zoho.com, "Managing deals: stage-probability mapping".
"""

from __future__ import annotations

from rapport.apps.migration.shapes import USERS, Col, Late, Ref, Table, Vendor
from rapport.apps.migration.vendors import zoho_activities
from rapport.apps.migration.vendors.zoho_activities import ACCOUNT, ACCOUNT_NAME, CREATED, ID, OWNER, TAGS

_SOURCE = Ref(names="Lead Source|Lead_Source", to={"": "source"}, by="name", make=True)

_users = Table(
    kind="user", role=USERS, files=("users",), id="Record Id|id|User Id", needs=("Email|email",),
    fields={
        "id": "Record Id|id|User Id", "email": "Email|email", "name": "Full Name|full_name|User Name",
        "first": "First Name|first_name", "last": "Last Name|last_name",
    },
)  # fmt: skip

_accounts = Table(
    kind="account", object="company", files=("accounts",), id=f"{ID}|Account Id", created=CREATED,
    owner=f"{OWNER}|Account Owner.id|Account Owner", needs=("Account Name|Account_Name",),
    fields={
        "name": "Account Name|Account_Name",
        "website": "Website",
        "domains": Col("Website", read="host"),
        "phone": "Phone",
        "address.street": "Billing Street|Billing_Street",
        "address.city": "Billing City|Billing_City",
        "address.region": "Billing State|Billing_State",
        "address.postcode": "Billing Code|Billing_Code",
        "address.country": "Billing Country|Billing_Country",
        "size": Col("Employees", read="size"),
        "description": "Description",
    },
    refs=(Ref(names="Parent Account.id|Parent_Account.id|Parent Account ID", to={"account": "parent"}), TAGS),
    keep=("Employees",), constants={"name": "–"},
)  # fmt: skip

_contacts = Table(
    kind="contact", object="person", files=("contacts",), id=f"{ID}|Contact Id", created=CREATED,
    owner=f"{OWNER}|Contact Owner.id|Contact Owner", needs=("Last Name|Last_Name",),
    fields={
        "salutation": "Salutation",
        "first_name": "First Name|First_Name",
        "last_name": "Last Name|Last_Name",
        "job": "Title",
        "emails": "Email",
        "emails:other": "Secondary Email|Secondary_Email",
        "phones": "Phone",
        "phones:mobile": "Mobile",
        "phones:home": "Home Phone|Home_Phone",
        "phones:other": "Other Phone|Other_Phone",
        "addresses.street": "Mailing Street|Mailing_Street",
        "addresses.city": "Mailing City|Mailing_City",
        "addresses.region": "Mailing State|Mailing_State",
        "addresses.postcode": "Mailing Zip|Mailing_Zip",
        "addresses.country": "Mailing Country|Mailing_Country",
        "birthday": "Date of Birth|Date_of_Birth",
    },
    refs=(ACCOUNT, ACCOUNT_NAME, TAGS),
)  # fmt: skip

_products = Table(
    kind="product", object="product", files=("products",), id=f"{ID}|Product Id", created=CREATED,
    needs=("Product Name|Product_Name",),
    fields={
        "name": "Product Name|Product_Name",
        "code": "Product Code|Product_Code",
        "description": "Description",
        "unit": "Usage Unit|Usage_Unit",
        "category": "Product Category|Product_Category",
        "active": "Product Active|Product_Active",
    },
    constants={"name": "–"}, also=("price",),
)  # fmt: skip

_prices = Table(
    kind="price", object="price", id=f"{ID}|Product Id", created=CREATED, filled="Unit Price|Unit_Price",
    fields={"amount": "Unit Price|Unit_Price"}, currency="Currency", custom=False,
    refs=(Ref(names=f"{ID}|Product Id", to={"product": "product"}),),
)  # fmt: skip

_deals = Table(
    kind="deal", object="deal", files=("deals", "potentials"), id=f"{ID}|Deal Id", created=CREATED,
    owner=f"{OWNER}|Deal Owner.id|Deal Owner|Potential Owner", pipeline="Pipeline", stage="Stage",
    probability="Probability (%)|Probability", currency="Currency",
    needs=("Deal Name|Deal_Name|Potential Name|Potential_Name",),
    fields={
        "name": "Deal Name|Deal_Name|Potential Name|Potential_Name",
        "amount": "Amount",
        "close_on": "Closing Date|Closing_Date",
        "probability": Col("Probability (%)|Probability", read="number"),
        "description": "Description",
        "lost_note": "Reason For Loss|Reason_For_Loss__s|Reason for Loss",
    },
    refs=(ACCOUNT, Ref(names="Contact Name.id|Contact_Name.id", to={"contact": "person"}), ACCOUNT_NAME, TAGS),
    constants={"name": "–"},
    late=Late(
        key="stage", among=frozenset(("won", "lost")), fields=("lost_note", "probability"),
        at="Closing Date|Closing_Date", fill={"lost": {"lost_reason": "other", "lost_note": "–"}},
    ),
)  # fmt: skip

_leads = Table(
    kind="lead", object="lead", files=("leads",), id=f"{ID}|Lead Id", created=CREATED,
    owner=f"{OWNER}|Lead Owner.id|Lead Owner", needs=("Lead Status|Lead_Status|Company",), currency="Currency",
    fields={
        "first_name": "First Name|First_Name",
        "last_name": "Last Name|Last_Name",
        "job": "Title|Designation",
        "email": "Email",
        "phone": "Phone|Mobile",
        "company_name": "Company",
        "country": "Country",
        "description": "Description",
        "status": (
            Col(
                "Converted__s|$converted|Is Converted|Converted", values={"true": "converted", "yes": "converted"},
                other="",
            ),
            Col(
                "Lead Status|Lead_Status",
                values={
                    "not contacted": "new", "attempted to contact": "working", "contact in future": "working",
                    "contacted": "working", "pre-qualified": "working", "pre qualified": "working",
                    "junk lead": "disqualified", "lost lead": "disqualified", "not qualified": "disqualified",
                    "-none-": "new",
                },
                other="working",
            ),
        ),
    },
    refs=(
        _SOURCE, TAGS,
        Ref(names="Converted Contact.id|Converted_Contact.id|$converted_detail.contact", to={"contact": "person"}),
        Ref(names="Converted Account.id|Converted_Account.id|$converted_detail.account", to={"account": "company"}),
        Ref(names="Converted Deal.id|Converted_Deal.id|$converted_detail.deal", to={"deal": "deal"}),
    ),
    keep=("Lead Status", "Lead_Status"),
    late=Late(
        key="status", among=frozenset(("converted", "disqualified")),
        at="Converted Date Time|Converted_Date_Time|$converted_detail.converted_time|Modified Time|Modified_Time",
        fill={"disqualified": {"reason": "other", "reason_note": "–"}}, first="working",
    ),
)  # fmt: skip

VENDOR = Vendor(
    key="zoho",
    label="Zoho CRM",
    own=("*__c",),
    # What begins with a dollar sign is state of the API; names stand beside ids.
    leave=(
        *("createdby*", "modifiedby*", "modifiedtime", "lastactivity*", "tag*", "*ownerid", "owner*", "*owneremail"),
        *("approval*", "review*", "inmerge", "currencysymbol", "fieldstates", "editable", "process*"),
        *("orchestration", "followers", "followed", "state", "canvasid", "sharing*", "stackholder", "iscallback*"),
        *("zia*", "pathfinder", "locked*", "changeloglasttime*", "enrichstatus*", "layout*", "recordimage"),
        *("recordstatus*", "unsubscribed*", "lastmodified*", "*modifiedbyid", "*accountid", "*accountname"),
        *("contactname*", "converted*", "accountname?*", "exchangerate", "expectedrevenue", "leadconversiontime"),
        *("salescycleduration", "overallsalesduration", "datacreated*", "datasource*", "firstvisit*", "visitorscore"),
        *("mostrecentvisit", "referrer", "usersource", "averagetimespent*", "numberofchats", "daysvisited"),
        *("fullname", "wizard*", "hasmore*"),
    ),
    stages=(
        ("qualification", "Qualification", 10), ("needsanalysis", "Needs Analysis", 20),
        ("valueproposition", "Value Proposition", 40), ("identifydecisionmakers", "Identify Decision Makers", 60),
        ("proposalpricequote", "Proposal/Price Quote", 75), ("negotiationreview", "Negotiation/Review", 90),
        ("closedwon", "Closed Won", 100), ("closedlost", "Closed Lost", 0),
        ("closedlosttocompetition", "Closed Lost to Competition", 0),
    ),
    tables=(_users, _accounts, _contacts, _products, _prices, _deals, _leads, *zoho_activities.TABLES),
)  # fmt: skip
