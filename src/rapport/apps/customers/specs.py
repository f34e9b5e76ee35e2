"""People, companies, employments, interactions, households and relations, declared."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.apps.customers import identities, interactions, kinds, lifecycle, models, people, relations
from rapport.registry.fields import FieldSpec
from rapport.registry.objects import ALL, NONE, Access, Board, ObjectSpec
from rapport.registry.types import TYPES


def _tags() -> FieldSpec:
    return FieldSpec(name="tags", type=TYPES["references"], label=_("tags"), target="tag")


person = ObjectSpec(
    model=models.Person, icon="user", navigation=20, title="name", subtitle=("job", "company"),
    columns=("name", "company", "emails", "phones", "lifecycle", "last_contact_at", "owner"),
    quick=("first_name", "last_name", "emails", "phones", "company"),
    form=(
        "salutation", "first_name", "last_name", "job", "company", "emails", "phones", "addresses", "handles",
        "lifecycle", "source", "birthday", "language", "zone", "tags", "preferences", "likes", "dislikes",
        "owner", "team",
    ),
    search=("name", "emails", "phones", "handles", "job", "addresses"), board=Board(field="lifecycle"),
    calendar="birthday", yearly=True, extra=(_tags(),), readonly=("name",), derived=("last_contact_at", "next_step_at"),
    matching={
        "first_name": "given", "last_name": "family", "company": "employer", "emails": "email", "phones": "phone",
        "handles": "handle", "addresses": "address", "birthday": "date",
    },
    prepare=people.prepare, ready={identities.READY: identities.prepare},
    effects=(identities.effects, lifecycle.effects),
)  # fmt: skip

company = ObjectSpec(
    model=models.Company, icon="building", navigation=30, subtitle=("industry",),
    columns=("name", "industry", "size", "lifecycle", "last_contact_at", "owner"),
    quick=("name", "domains", "industry"), search=("name", "domains", "phone", "website", "address"),
    board=Board(field="lifecycle"), extra=(_tags(),), derived=("last_contact_at", "next_step_at"),
    matching={"name": "organisation", "domains": "domain", "website": "domain", "phone": "phone", "address": "address"},
    prepare=people.prepare_company, effects=(lifecycle.effects,),
)  # fmt: skip

employment = ObjectSpec(
    model=models.Employment,
    icon="briefcase",
    title="role",
    subtitle=("person", "company"),
    parent="person",
    columns=("person", "company", "role", "started_on", "ended_on"),
    search=("role",),
    prepare=people.prepare_employment,
)

interaction = ObjectSpec(
    model=models.Interaction, icon="message", navigation=60, title="subject", subtitle=("kind", "at"), sort="-at",
    columns=("subject", "kind", "at", "people", "company", "owner"),
    form=(
        "kind", "subject", "at", "people", "company", "deal", "direction", "minutes", "outcome", "body", "owner",
        "team",
    ),
    quick=("kind", "subject", "people"), search=("subject", "body"), board=Board(field="kind"), calendar="at",
    extra=(FieldSpec(name="people", type=interactions.PARTICIPANTS, label=_("people"), target="person"),),
    prepare=interactions.prepare, effects=(interactions.effects,),
)  # fmt: skip

household = ObjectSpec(
    model=models.Household, icon="home", columns=("name", "members", "address", "owner"),
    form=("name", "members", "address", "phone", "description", "owner", "team"), quick=("name", "members", "address"),
    search=("name", "address"), sort="name",
    extra=(FieldSpec(name="members", type=TYPES["references"], label=_("members"), target="person"),),
)  # fmt: skip

relation_kind = ObjectSpec(
    model=models.RelationKind, key="relation_kind", plural="relation-kinds", icon="circles-relation", sort="position",
    columns=("name", "inverse", "chart", "retired"), quick=("name", "inverse", "chart"), search=("name", "inverse"),
    form=("name", "inverse", "chart", "instead", "position", "retired"), readonly=("code",),
    access=Access(create=NONE, read=ALL, edit=NONE, delete=NONE, export=ALL), prepare=kinds.prepare,
    effects=(kinds.effects,), merges=False,
)  # fmt: skip

relation = ObjectSpec(
    model=models.PersonRelation, icon="heart", title="name", parent="person", subtitle=("person", "other"),
    columns=("person", "kind", "name", "other"), form=("person", "kind", "other", "name", "inverse"),
    quick=("person", "kind", "other", "name", "inverse"), search=("name",),
    required_if={
        "name": {"field": "kind", "op": "is", "value": "other"},
        "inverse": {"field": "kind", "op": "is", "value": "other"},
    },
    prepare=relations.prepare,
)  # fmt: skip

SPECS = (person, company, employment, interaction, household, relation_kind, relation)
