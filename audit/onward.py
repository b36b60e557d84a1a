"""A datum that an app passes on, held against what it declared of its recipients. Pure module: no I/O.

A recipient is a person or company; a host is an observed destination. A host is a recipient's where the declaration
says so.
"""

from douane.audit.declaration import FIRST_PARTY, Declaration, Recipient
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.hosts import within
from douane.audit.ready import Ready, ready
from douane.audit.statements import id_order, judge_statements
from douane.audit.subsumption import vagueness

UNKNOWN_ENTITY = "unknown entity"


def owner(host: str, declaration: Declaration) -> str | None:
    """Whose a destination is: `we`, a recipient's name, or None where the declaration does not say."""
    name = host.lower()
    if any(within(name, pattern.lower()) for pattern in declaration.publisher.hosts):
        return FIRST_PARTY
    return next(
        (one.name for one in declaration.recipients if any(within(name, pattern.lower()) for pattern in one.hosts)),
        None,
    )


def judge_onward(category: str, host: str, declaration: Declaration | None) -> tuple[Verdict, ...]:
    """One verdict from each source on `category` leaving the app for a host: declaration, policy, connection.

    None at all where the host is the publisher's own: data that stay with the first party were judged when it
    received them. A host that no recipient has is an unknown third party.
    """
    if declaration is None:
        return (Verdict(Source.DECLARATION, Label.GAP, "no declaration found for the app"),)
    whose = owner(host, declaration)
    if whose == FIRST_PARTY:
        return ()
    known = ready(declaration)
    recipient = next((one for one in declaration.recipients if one.name == whose), None)
    entity = known.entities.resolve(whose or UNKNOWN_ENTITY)
    notices = ((Source.POLICY, declaration.policy), (Source.CONNECTION, declaration.connection))
    return (
        _by_recipients(category, recipient, known),
        *(
            judge_statements(source, notice.statements, category, None, known.entities, entity=entity)
            for source, notice in notices
            if notice is not None
        ),
    )


def _by_recipients(category: str, recipient: Recipient | None, known: Ready) -> Verdict:
    if recipient is None:
        reason = "the declaration names no recipient for this destination"
        return Verdict(Source.DECLARATION, Label.OMITTED, reason)
    purposes = [one for one in known.declaration.purposes if recipient.name in one.recipients]
    received = set(recipient.categories) or {key for one in purposes for key in one.to_app}
    used = tuple(sorted((one.id for one in purposes), key=id_order))
    if not received:
        reason = f"the declaration names {recipient.name} as a recipient without saying of what"
        return Verdict(Source.DECLARATION, Label.VAGUE, reason, 1.0, used)
    covering = [(score, one) for one in received if (score := vagueness(category, one)) is not None]
    if not covering:
        reason = f"the declaration does not name {category} as received by {recipient.name}"
        return Verdict(Source.DECLARATION, Label.OMITTED, reason, statements=used)
    score, one = min(covering)
    if not score:
        reason = f"the declaration names {one} as received by {recipient.name}"
        return Verdict(Source.DECLARATION, Label.CLEAR, reason, statements=used)
    reason = f"the declaration names only {one} as received by {recipient.name}"
    return Verdict(Source.DECLARATION, Label.VAGUE, reason, score, used)
