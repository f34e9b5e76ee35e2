"""What is said in calls, mails, meetings and notes.

Slots: first and name of the person, company, product, amount, need, user, n (a number), day, reason.
"""

from __future__ import annotations

from typing import NamedTuple


class Script(NamedTuple):
    """One way in which a contact goes: kind, direction, subject, text, outcome, usual minutes."""

    kind: str
    direction: str
    subject: str
    body: str
    outcome: str = ""
    minutes: int = 0


NEEDS = (
    "one view of all sites", "fewer empty runs", "to stop keeping lists in spreadsheets",
    "reports by the fifth of the month",
    "proof of delivery on paper and phone", "to see which assets are idle", "maintenance planned ahead",
    "an audit trail for the insurer", "single sign-on for 200 users", "figures per depot",
)  # fmt: skip

FIRST = (
    Script(
        "call", "out", "Introduction",
        "{first} runs this at {company}. Wants {need}. Sends figures by {day}.",
        "interested", 14,
    ),
    Script(
        "mail", "in", "Question about {product}",
        "Hello,\n\nwe are looking for {need}. Could you call me on {day}?\n\nRegards\n{name}",
    ),
    Script(
        "call", "out", "Cold call",
        "Reached {first} between two meetings. Asked for a short description by mail.",
        "follow_up", 4,
    ),
    Script("call", "out", "Attempted call", "No answer; try again in the afternoon.", "no_answer", 0),
    Script("call", "out", "Left a message", "Asked {first} to call back about {product}.", "voicemail", 1),
    Script(
        "meeting", "out", "Met at the trade fair",
        "Spoke at the stand for a quarter of an hour. Uses a competitor until the end of the year.",
        "interested", 15,
    ),
    Script("material", "out", "Brochure: {product}", "Sent the brochure and the price overview."),
    Script("visit", "in", "Viewed pricing", "Looked at pricing and {product} for {n} minutes."),
    Script(
        "chat", "in", "Chat on the website",
        "Asked whether {product} works without a connection. Yes; sent the article.",
        "follow_up", 8,
    ),
    Script("message", "in", "Message", "Please send me an overview of what {product} costs for {n} users."),
)  # fmt: skip

NURTURE = (
    Script("mail", "out", "Newsletter: three ways to {need}", "Opened, read to the end."),
    Script("visit", "in", "Read a customer story", "Stayed {n} minutes on the story about depots."),
    Script("call", "out", "Checked in", "No budget this quarter. Call again after the summer.", "follow_up", 5),
    Script(
        "mail", "in", "Re: your offer",
        "Thanks, not now. Please ask again in the new year.\n\n{name}",
        "not_interested",
    ),
    Script("note", "", "Note", "{first} changed departments; still the right contact for {product}."),
    Script("material", "out", "White paper: planning without spreadsheets", "Requested on the website."),
    Script(
        "call", "in", "Asked for a reference",
        "Named two customers of the same size; {first} will ring them.",
        "interested", 9,
    ),
)  # fmt: skip

STAGES: dict[str, tuple[Script, ...]] = {
    "qualify": (
        Script(
            "call", "out", "What they need",
            "{company} needs {need}. Budget is there; decides with the head of operations.",
            "interested", 22,
        ),
        Script(
            "mail", "out", "Summary of our call",
            "Hello {first},\n\nas promised: what we understood, and the next two steps. You "
            "need {need}.\n\nBest\n{user}",
        ),
        Script(
            "note", "", "Qualified",
            "About {n} users. Current contract ends in the spring. Competitor is in the race.",
        ),
    ),
    "discover": (
        Script(
            "meeting", "out", "Workshop on site",
            "Went through the day of a dispatcher. Main point: {need}.",
            "interested", 95,
        ),
        Script(
            "presentation", "out", "Demo of {product}",
            "Four people took part. Questions about import and rights. {first} wants a trial with real data.",
            "interested", 50,
        ),
        Script(
            "mail", "in", "Re: demo",
            "Thanks for today. Could we see how {need} works with our own data?\n\n{name}",
        ),
        Script(
            "call", "in", "Questions after the demo",
            "Asked about hosting, backups and notice periods. All answered.",
            "reached", 18,
        ),
    ),
    "propose": (
        Script(
            "mail", "out", "Offer: {product}",
            "Hello {first},\n\nhere is our offer over {amount}. It holds for 30 days.\n\nBest\n{user}",
        ),
        Script("material", "out", "Offer and terms", "Sent the offer over {amount} with terms and the security paper."),
        Script(
            "call", "out", "Went through the offer",
            "Price is fine; legal looks at the terms until {day}.",
            "follow_up", 16,
        ),
        Script(
            "mail", "in", "Re: Offer: {product}",
            "Could you split the invoice between two sites? If so I can sign this month.\n\n{name}",
        ),
    ),
    "negotiate": (
        Script("call", "in", "Price", "Purchasing asks for 8 %. Offered 5 % against two years.", "follow_up", 25),
        Script(
            "meeting", "out", "Terms with legal",
            "Two clauses changed. {first} gets the new version on {day}.",
            "reached", 40,
        ),
        Script(
            "mail", "out", "Revised offer",
            "Hello {first},\n\nthe revised offer over {amount} is attached, with the two "
            "clauses changed.\n\nBest\n{user}",
        ),
    ),
    "won": (
        Script(
            "mail", "in", "Order: {product}",
            "We accept the offer over {amount}. Please send the confirmation to our office.\n\n{name}",
        ),
        Script(
            "call", "out", "Thanks, and what comes next",
            "Agreed the kick-off for {day}. {first} names the project lead.",
            "reached", 12,
        ),
    ),
    "lost": (
        Script(
            "call", "out", "Decision",
            "They decided against us: {reason}. Asked to stay in touch.",
            "not_interested", 9,
        ),
        Script("note", "", "Why we lost", "{reason}. Worth another try in a year."),
    ),
}  # fmt: skip

SERVICE = (
    Script(
        "call", "in", "Question about reports",
        "{first} could not find the monthly report. Showed where it is.",
        "reached", 7,
    ),
    Script(
        "mail", "in", "Login does not work",
        "Hello,\n\ntwo of our colleagues cannot sign in since this morning. Can you look?\n\n{name}",
    ),
    Script(
        "mail", "out", "Re: Login does not work",
        "Hello {first},\n\nthe invitations had expired; we sent new ones. Please tell us if it "
        "happens again.\n\nBest\n{user}",
    ),
    Script(
        "meeting", "out", "Quarterly review",
        "Use is up by {n} %. Wish: {need}. Open point: export for the tax adviser.",
        "reached", 60,
    ),
    Script(
        "call", "out", "Check-in",
        "All runs well. {first} would speak to a prospect as a reference.",
        "reached", 11,
    ),
    Script("mail", "in", "Invoice", "The invoice shows the old address. Please send it again.\n\n{name}"),
    Script(
        "mail", "out", "Re: Invoice",
        "Hello {first},\n\nthe corrected invoice is attached; the address is changed for the future.\n\nBest\n{user}",
    ),
    Script("chat", "in", "How to add a site", "Explained in chat, sent the article.", "reached", 6),
    Script(
        "call", "in", "Complaint: slow on Monday",
        "Reports took minutes on Monday morning. Passed on; promised an answer by {day}.",
        "follow_up", 13,
    ),
    Script("presentation", "out", "Training for new users", "{n} people took part; recording sent.", "reached", 55),
    Script("note", "", "Note", "Plans two more sites next year; talk about {product} then."),
)  # fmt: skip
