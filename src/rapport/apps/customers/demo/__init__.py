"""Demo data of the domain: companies, people and what was said between us over a year."""

from rapport.apps.customers.demo.conversations import load_interactions
from rapport.apps.customers.demo.records import load_records
from rapport.apps.customers.demo.relations import load_relations
from rapport.registry.extensions import Demo

DEMOS = (
    Demo(name="customers", load=load_records, after=("tags",)),
    Demo(name="relations", load=load_relations, after=("customers",)),
    Demo(name="interactions", load=load_interactions, after=("customers", "deals")),
)
