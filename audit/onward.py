"""A datum that an app passes on, held against what it declared of its recipients. Pure module: no I/O.

A recipient is a person or company; a host is an observed destination. A host is a recipient's where the declaration
says so.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from douane.audit import taxonomy
from douane.audit.declaration import FIRST_PARTY, Declaration, Recipient
from douane.audit.exchange import Disclosure, Exchange, Label, Source, Verdict
from douane.audit.history import History, Observation, Seen
from douane.audit.hosts import belongs, local
from douane.audit.ready import UNDETERMINED, Ready, nearest, ready
from douane.audit.statements import id_order, judge_statements
from douane.audit.subsumption import vagueness
from douane.audit.verdicts import headline, heavier, read_at

UNKNOWN_ENTITY = "unknown entity"
LINK: Final = re.compile(r"(\S+) #([0-9]{1,18})")
"""The detail of an observation of a datum that ChatGPT had given: its category and its disclosure's id."""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A category that ChatGPT gave an app and that left for a host, judged by where ChatGPT had put it.

    Of data that are judged differently by their places, it is those of the heaviest label. `disclosures` are the ids of
    the disclosures to the app, `times` how often one of them was sent; `first_at` and `last_at` are when, as the ledger
    writes it.
    """

    category: str
    host: str
    verdicts: tuple[Verdict, ...]
    disclosures: tuple[int, ...]
    times: int
    first_at: str
    last_at: str

    @property
    def label(self) -> Label:
        """The heaviest of its labels."""
        return headline(self.verdicts)


def passed_on(history: History) -> Iterator[PassedOn]:
    """What an app was seen to pass on, by category and host; nothing that went to the publisher's own hosts."""
    found: dict[tuple[str, str], list[tuple[int, Observation]]] = {}
    for seen in history.seen(Seen.EGRESS):
        link = LINK.fullmatch(seen.detail)
        if link is not None:
            found.setdefault((link.group(1), seen.name), []).append((int(link.group(2)), seen))
    given = history.data(frozenset(number for each in found.values() for number, _ in each))
    for (category, host), each in sorted(found.items()):
        judged: dict[Label, tuple[tuple[Verdict, ...], list[tuple[int, Observation]]]] = {}
        for number, seen in each:
            also = _by_place(category, given.get(number), history.declaration)
            verdicts = judge_onward(category, host, history.declaration, also)
            if verdicts:
                judged.setdefault(headline(verdicts), (verdicts, []))[1].append((number, seen))
        if not judged:
            continue
        heaviest, *others = judged
        for label in others:
            heaviest = heavier(heaviest, label)
        verdicts, at_fault = judged[heaviest]
        yield PassedOn(
            category,
            host,
            verdicts,
            tuple(sorted({number for number, _ in at_fault})),
            sum(seen.count for _, seen in at_fault),
            min(seen.first_at for _, seen in at_fault),
            max(seen.last_at for _, seen in at_fault),
        )


def _by_place(
    category: str, given: tuple[Exchange, Disclosure] | None, declared: Declaration | None
) -> tuple[str, ...]:
    """What a category is by the place where ChatGPT had put the datum."""
    if given is None:
        return ()
    one, datum = given
    return read_at(
        category, datum.pointer, one.direction, declared, method=one.method, tool=one.tool, reached=datum.reached
    )


def owner(host: str, declaration: Declaration) -> str | None:
    """Whose a destination is: `we`, a recipient's name, or None where the declaration does not say."""
    if belongs(host, declaration.publisher.hosts):
        return FIRST_PARTY
    return next((one.name for one in declaration.recipients if belongs(host, one.hosts)), None)


def judge_onward(
    category: str, host: str, declaration: Declaration | None, also: Collection[str] = ()
) -> tuple[Verdict, ...]:
    """One verdict from each source on `category` leaving the app for a host: declaration, policy, connection.

    `also` are the categories that the datum is by its place (`readings`, `verdicts.read_at`), as for other verdicts.

    None at all where the host is the publisher's own, or that of the organisation that uses the app: data that stay
    with the first party were judged when it received them, and the organisation's are its own. None either where it is
    this machine or its private network and no recipient was declared to be there.
    A host that no recipient has is an unknown third party.
    """
    if declaration is None:
        return (Verdict(Source.DECLARATION, Label.GAP, "no declaration found for the app"),)
    whose = owner(host, declaration)
    if whose == FIRST_PARTY or (whose is None and (local(host) or belongs(host, declaration.organisation.party.hosts))):
        return ()
    known = ready(declaration)
    recipient = next((one for one in declaration.recipients if one.name == whose), None)
    entity = known.entities.resolve(whose or UNKNOWN_ENTITY)
    own = _said(category, recipient, entity, known)
    read = [_said(one, recipient, entity, known) for one in also]
    return tuple(nearest(verdict, [others[at] for others in read]) for at, verdict in enumerate(own))


def _said(category: str, recipient: Recipient | None, entity: str, known: Ready) -> tuple[Verdict, ...]:
    notices = ((Source.POLICY, known.declaration.policy), (Source.CONNECTION, known.declaration.connection))
    return (
        _by_recipients(category, recipient, known),
        *(
            Verdict(source, Label.GAP, UNDETERMINED)
            if taxonomy.is_within(category, "unknown")
            else judge_statements(source, notice.statements, category, None, known.entities, entity=entity)
            for source, notice in notices
            if notice is not None
        ),
    )


def _by_recipients(category: str, recipient: Recipient | None, known: Ready) -> Verdict:
    if recipient is None:
        reason = "the declaration names no recipient for this destination"
        return Verdict(Source.DECLARATION, Label.OMITTED, reason)
    if taxonomy.is_within(category, "unknown"):
        return Verdict(Source.DECLARATION, Label.GAP, UNDETERMINED)
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
