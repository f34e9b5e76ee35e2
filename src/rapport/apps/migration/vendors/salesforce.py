"""Salesforce: Data Loader and the weekly data export (CSV by API names), reports (CSV, XLSX by labels), REST queries.

Where the columns are from:

- API names of objects and fields: developer.salesforce.com, "Object Reference for the Salesforce Platform": Account,
  Contact, Lead, Opportunity, OpportunityStage, OpportunityLineItem, OpportunityContactRole, Product2, Pricebook2,
  PricebookEntry, Task, Event, EmailMessage, Case, CaseComment, Note, ContentNote, Attachment, ContentVersion,
  ContentDocumentLink and User.
- files of the data export (one CSV an object, bytes in folders `Attachments` and `ContentVersion` by id):
  help.salesforce.com, "Export Backup Data from Salesforce".
- labels in reports: help.salesforce.com, "Standard Fields" of accounts, contacts, leads, opportunities, cases and
  activities; report exports have ids of 15 characters, the API ones of 18, of which the first 15 are the same.
- default stages: help.salesforce.com, "Opportunity Fields" and the picklist of a new organisation.
"""

from __future__ import annotations

from rapport.apps.migration.shapes import LISTS, STAGES, USERS, Col, Late, Ref, Table, Vendor
from rapport.apps.migration.vendors import salesforce_activities
from rapport.apps.migration.vendors.salesforce_activities import CREATED, OWNER

_SOURCE = Ref(names="LeadSource|Lead Source", to={"": "source"}, by="name", make=True)

_users = Table(
    kind="user", role=USERS, files=("user",), id="Id|User ID", needs=("Username|Email|User Email",),
    fields={
        "id": "Id|User ID", "email": "Email|User Email|Username", "name": "Name|Full Name",
        "first": "FirstName|First Name", "last": "LastName|Last Name",
    },
)  # fmt: skip

_stages = Table(
    kind="stage", role=STAGES, files=("opportunitystage",), id="Id", needs=("MasterLabel",),
    fields={
        "id": "ApiName|MasterLabel", "name": "MasterLabel", "position": "SortOrder",
        "probability": "DefaultProbability", "closed": "IsClosed", "won": "IsWon",
    },
)  # fmt: skip

_accounts = Table(
    kind="account", object="company", files=("account",), id="Id|Account ID", created=CREATED, owner=OWNER,
    fields={
        "name": "Name|Account Name",
        "website": "Website",
        "domains": Col("Website", read="host"),
        "phone": "Phone|Account Phone",
        "address.street": "BillingStreet|Billing Street|BillingAddress.street",
        "address.city": "BillingCity|Billing City|BillingAddress.city",
        "address.region": "BillingState|Billing State/Province|BillingAddress.state",
        "address.postcode": "BillingPostalCode|Billing Zip/Postal Code|BillingAddress.postalCode",
        "address.country": "BillingCountry|Billing Country|BillingAddress.country",
        "size": Col("NumberOfEmployees|Employees", read="size"),
        "description": "Description|Account Description",
    },
    refs=(
        Ref(names="ParentId|Parent Account ID", to={"account": "parent"}),
        Ref(names="Parent Account", to={"": "parent"}, by="name"),
    ),
    keep=("NumberOfEmployees", "Employees"), constants={"name": "–"},
)  # fmt: skip

_contacts = Table(
    kind="contact", object="person", files=("contact",), id="Id|Contact ID", created=CREATED, owner=OWNER,
    fields={
        "salutation": "Salutation",
        "first_name": "FirstName|First Name",
        "last_name": "LastName|Last Name",
        "job": "Title",
        "emails": "Email",
        "phones:work": "Phone",
        "phones:mobile": "MobilePhone|Mobile|Mobile Phone",
        "phones:home": "HomePhone|Home Phone",
        "phones:other": "OtherPhone|Other Phone",
        "addresses.street": "MailingStreet|Mailing Street|MailingAddress.street",
        "addresses.city": "MailingCity|Mailing City|MailingAddress.city",
        "addresses.region": "MailingState|Mailing State/Province|MailingAddress.state",
        "addresses.postcode": "MailingPostalCode|Mailing Zip/Postal Code|MailingAddress.postalCode",
        "addresses.country": "MailingCountry|Mailing Country|MailingAddress.country",
        "birthday": "Birthdate",
    },
    refs=(
        Ref(names="AccountId|Account ID", to={"account": "company"}),
        Ref(names="Account Name|Account.Name", to={"": "company"}, by="name", make=True),
    ),
)  # fmt: skip

_products = Table(
    kind="product", object="product", files=("product2", "products"), id="Id|Product ID", created=CREATED,
    fields={
        "name": "Name|Product Name",
        "code": "ProductCode|Product Code",
        "description": "Description|Product Description",
        "category": "Family|Product Family",
        "unit": "QuantityUnitOfMeasure",
        "active": Col("IsActive|Active", values={"1": "yes", "0": "no"}),
    },
    constants={"name": "–"},
)  # fmt: skip

_price_books = Table(
    kind="price book", role=LISTS, files=("pricebook2",), id="Id", needs=("IsStandard",),
    fields={"id": "Id", "name": "Name"},
)  # fmt: skip

_prices = Table(
    kind="price", object="price", files=("pricebookentry",), id="Id", created=CREATED, filled="UnitPrice",
    needs=("UnitPrice",), fields={"amount": "UnitPrice"}, currency="CurrencyIsoCode", price_list="Pricebook2Id",
    where={"IsActive": frozenset(("true", "1", ""))}, refs=(Ref(names="Product2Id", to={"product": "product"}),),
    custom=False,
)  # fmt: skip

# The standard price of a line is the price of the entry, but lines name the product itself since API 30.
_deals = Table(
    kind="opportunity", object="deal", files=("opportunity", "opportunities"), id="Id|Opportunity ID",
    created=CREATED, owner=OWNER, stage="StageName|Stage", won="IsWon|Won", closed="IsClosed|Closed",
    probability="Probability|Probability (%)", currency="CurrencyIsoCode|Amount Currency|Opportunity Currency",
    fields={
        "name": "Name|Opportunity Name",
        "amount": "Amount",
        "close_on": "CloseDate|Close Date",
        "probability": Col("Probability|Probability (%)", read="number"),
        "description": "Description",
        "lost_note": "Loss_Reason__c|Loss Reason|Closed Lost Reason",
        "forecast": Col(
            "ForecastCategoryName|ForecastCategory|Forecast Category",
            values={
                "omitted": "omitted", "pipeline": "pipeline", "best case": "best", "bestcase": "best",
                "commit": "commit", "forecast": "commit",
            },
            other="",
        ),
    },
    refs=(
        Ref(names="AccountId|Account ID", to={"account": "company"}),
        Ref(names="Account Name|Account.Name", to={"": "company"}, by="name", make=True),
        Ref(names="ContactId|Primary Contact ID", to={"contact": "person"}),
    ),
    constants={"name": "–"},
    late=Late(
        key="stage", among=frozenset(("won", "lost")), fields=("lost_note", "probability"), at="CloseDate|Close Date",
        fill={"lost": {"lost_reason": "other", "lost_note": "–"}},
    ),
)  # fmt: skip

_roles = Table(
    kind="role", object="buying_group_member", files=("opportunitycontactrole",), id="Id",
    fields={
        "role": Col(
            "Role",
            values={
                "decision maker": "decides", "economic decision maker": "pays", "executive sponsor": "champion",
                "business user": "uses", "economic buyer": "pays", "influencer": "advises", "evaluator": "advises",
                "technical buyer": "advises",
            },
            other="advises",
        ),
        "note": "Role",
    },
    refs=(
        Ref(names="OpportunityId", to={"opportunity": "deal"}), Ref(names="ContactId", to={"contact": "person"}),
    ),
    custom=False,
)  # fmt: skip

_leads = Table(
    kind="lead", object="lead", files=("lead",), id="Id|Lead ID", created=CREATED, owner=OWNER,
    needs=("Company|Company / Account|Status|Lead Status",),
    fields={
        "first_name": "FirstName|First Name",
        "last_name": "LastName|Last Name",
        "job": "Title",
        "email": "Email",
        "phone": "Phone|MobilePhone|Mobile",
        "company_name": "Company|Company / Account",
        "country": "Country",
        "description": "Description",
        "status": (
            Col("IsConverted|Converted", values={"true": "converted", "1": "converted", "yes": "converted"}, other=""),
            Col(
                "Status|Lead Status",
                values={
                    "open - not contacted": "new", "new": "new", "working - contacted": "working",
                    "contacted": "working", "nurturing": "working", "working": "working", "qualified": "working",
                    "closed - converted": "converted", "converted": "converted",
                    "closed - not converted": "disqualified", "unqualified": "disqualified",
                },
                other="working",
            ),
        ),
        "reason_note": "Unqualified_Reason__c|Unqualified Reason",
    },
    refs=(
        _SOURCE,
        Ref(names="ConvertedContactId|Converted Contact ID", to={"contact": "person"}),
        Ref(names="ConvertedAccountId|Converted Account ID", to={"account": "company"}),
        Ref(names="ConvertedOpportunityId|Converted Opportunity ID", to={"opportunity": "deal"}),
    ),
    late=Late(
        key="status", among=frozenset(("converted", "disqualified")), fields=("reason_note",),
        at="ConvertedDate|Converted Date|LastModifiedDate|Last Modified",
        fill={"disqualified": {"reason": "other", "reason_note": "–"}}, first="working",
    ),
)  # fmt: skip

_lines = Table(
    kind="line", object="dealline", files=("opportunitylineitem", "opportunity products"),
    id="Id|Opportunity Product ID|Line Item ID", created=CREATED, currency="CurrencyIsoCode",
    fields={
        "description": "Description|Line Description|Name|Product Name|Opportunity Product Name",
        "quantity": "Quantity",
        "price": "UnitPrice|Sales Price",
        "discount": Col("Discount", read="number"),
        "position": "SortOrder",
    },
    refs=(
        Ref(names="OpportunityId|Opportunity ID", to={"opportunity": "deal"}),
        Ref(names="Product2Id|Product ID", to={"product": "product"}),
        Ref(names="Product Name", to={"": "product"}, by="name"),
    ),
    constants={"description": "–"}, custom=False,
)  # fmt: skip

VENDOR = Vendor(
    key="salesforce",
    label="Salesforce",
    prefixes=("attributes.",),
    own=("*__c", "*__pc"),
    leave=(
        *("isdeleted", "systemmodstamp", "lastmodified*", "lastactivity*", "lastviewed*", "lastreferenced*", "type"),
        *("createdby*", "url", "attributestype", "attributesurl", "photourl", "jigsaw*", "masterrecordid"),
        *("geocode*", "*geocodeaccuracy", "*latitude", "*longitude", "cleanstatus", "isemailbounced"),
        *("emailbounced*", "fiscal*", "forecastcategory", "hasopenactivity", "hasoverduetask"),
        *("hasopportunitylineitem", "pushcount", "expectedrev*", "lastamountchanged*", "lastclosedatechanged*"),
        *("laststagechange*", "isprioritizedrecord", "individualid", "pricebook2id", "recordtypeid", "owneralias"),
        *("ownerrole", "lastcurequestdate", "lastcuupdatedate", "isunread*", "contactemail", "contactphone"),
        *("contactmobile", "contactfax", "isclosed", "iswon", "age*", "stageduration"),
    ),
    stages=(
        ("prospecting", "Prospecting", 10), ("qualification", "Qualification", 10),
        ("needsanalysis", "Needs Analysis", 20), ("valueproposition", "Value Proposition", 50),
        ("iddecisionmakers", "Id. Decision Makers", 60), ("perceptionanalysis", "Perception Analysis", 70),
        ("proposalpricequote", "Proposal/Price Quote", 75), ("negotiationreview", "Negotiation/Review", 90),
        ("closedwon", "Closed Won", 100), ("closedlost", "Closed Lost", 0),
    ),
    id_length=15,
    tables=(
        _users, _stages, _accounts, _price_books, _contacts, _products, _prices, _deals, _roles, _leads, _lines,
        *salesforce_activities.TABLES,
    ),
)  # fmt: skip
