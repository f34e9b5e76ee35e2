"""What invented companies are called, and who works there."""

from __future__ import annotations

PREFIXES = """
Meridian Fjord Atlas Quarry Lumen Kite Nimbus Solstice Parallel Bluebird Civic Ember Harbour Juniper Alder Cobalt
Northgate Ridgeway Silverline Tidal Verdant Westfield Cedar Beacon Summit Orchard Falcon Granite Ivory Larch
Marlow Aurora Pinnacle Rowan Saffron Tern Umber Vantage Willow Zephyr Anchor Brightwater Clover Driftwood Elm
Foxglove Halcyon Indigo Kingfisher Linden Magnolia Nettle Osprey Pebble Redwood Sandpiper Thistle Wren
""".split()  # noqa: SIM905

SUFFIXES = {
    "retail": ("Outfitters", "Market", "Home", "Stores"),
    "manufacturing": ("Robotics", "Works", "Castings", "Instruments"),
    "software": ("Labs", "Software", "Data", "Systems"),
    "finance": ("Capital", "Insurance", "Savings"),
    "health": ("Health", "Dental", "Clinics", "Pharma"),
    "education": ("Academy", "Learning"),
    "logistics": ("Freight", "Logistics", "Couriers", "Shipping"),
    "construction": ("Construction", "Properties", "Timber"),
    "hospitality": ("Hotels", "Kitchens", "Travel"),
    "energy": ("Energy", "Water", "Solar"),
    "media": ("Press", "Media", "Studios"),
    "services": ("Consulting", "Partners", "Facilities"),
    "public": ("City Services", "Ports Authority"),
    "other": ("Foods", "Farms", "Group"),
}
WEIGHTS = {
    "logistics": 16, "manufacturing": 13, "retail": 11, "hospitality": 8, "health": 8, "construction": 8, "energy": 7,
    "services": 7, "software": 6, "other": 6, "media": 3, "finance": 3, "education": 2, "public": 2,
}  # fmt: skip
SIZES = (("1", 2), ("2-10", 16), ("11-50", 34), ("51-200", 28), ("201-1000", 15), ("1001+", 5))

JOBS = (
    ("Managing director", 8), ("Head of operations", 10), ("Operations manager", 12), ("Fleet manager", 9),
    ("Head of purchasing", 6), ("Purchasing manager", 9), ("Warehouse manager", 8), ("IT manager", 8),
    ("Head of IT", 4), ("Finance director", 4), ("Controller", 5), ("Office manager", 6), ("Project manager", 8),
    ("Site manager", 8), ("Quality manager", 4), ("Customer service lead", 4), ("Sales director", 4),
    ("Marketing manager", 4), ("Legal counsel", 2), ("Assistant to the board", 4),
)  # fmt: skip

ABOUT = (
    "Runs {n} vehicles across {sites} sites. Came to us through a recommendation.",
    "{sites} locations, about {n} people in the field. Central purchasing in {town}.",
    "Family-owned, third generation. Decisions are quick once {town} agrees.",
    "Growing by two sites a year; wants one system for all of them.",
    "Long tender processes, then loyal for years.",
    "Still plans with spreadsheets; {n} assets to keep track of.",
)
PREFERENCES = (
    "Calls in the morning, never on Fridays.", "Prefers e-mail; answers the same day.", "Please write, don't call.",
    "Best reached on the mobile after 16:00.", "Likes to meet in person once a quarter.",
)  # fmt: skip
LIKES = (
    "Sailing and anything about ships.", "Good coffee, football, early meetings.",
    "Trail running; asks for clear figures.",
    "Cycling holidays with the family.", "Short offers on one page.", "Live demos rather than slides.",
)  # fmt: skip
DISLIKES = (
    "Long slide decks.",
    "Calls without an appointment.",
    "Being passed from one to the next.",
    "Surprises on invoices.",
)

TAGS = (
    "Newsletter",
    "Reference",
    "Key account",
    "Trade fair",
    "Decision maker",
    "Champion",
    "Pilot",
    "Partner",
    "Payment late",
)
