"""Where the sentences of a policy and the declaration around them cannot both be right. Pure module: no I/O."""

from collections.abc import Iterator
from dataclasses import dataclass

from douane.audit import entities
from douane.audit.declaration import FIRST_PARTY, Declaration, Notice, Purpose, Recipient, Says, Statement
from douane.audit.message import Direction
from douane.audit.readings import found_as
from douane.audit.subsumption import covers


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement (its id) on a category, and the part (its id) that says otherwise of the category `declared`."""

    statement: str
    category: str
    other: str
    declared: str = ""


def against_itself(notice: Notice, declaration: Declaration) -> Iterator[Claim]:
    """Where one sentence says that something is collected which another one of the same text denies.

    A denial of a part of what is collected is a narrowing, not a contradiction, and is left to verdicts.
    """
    known = entities.of(declaration)
    for denial in (one for one in notice.statements if one.says is Says.DOES_NOT_COLLECT):
        for claim in (one for one in notice.statements if one.says is Says.COLLECTS):
            same = known.resolve(claim.entity) == known.resolve(denial.entity)
            if not same or not {*claim.directions} & {*denial.directions}:
                continue
            for denied, _claimed in _within(claim.categories, denial.categories):
                yield Claim(denial.id, denied, claim.id)


def against_purposes(declaration: Declaration) -> Iterator[Claim]:
    """Where a sentence denies for the first party what a purpose declares."""
    known = entities.of(declaration)
    for denial in _denials(declaration):
        if known.resolve(denial.entity) != FIRST_PARTY:
            continue
        for purpose in declaration.purposes:
            for denied, declared in _within(_kept_by(purpose, denial.directions), denial.categories):
                yield Claim(denial.id, denied, purpose.id, declared)


def against_recipients(declaration: Declaration) -> Iterator[Claim]:
    """Where a sentence denies for third parties, or one of them, what a recipient is said to receive.

    A processor is no third party (GDPR Art. 4(10)): a sentence about third parties at large says nothing of it.
    """
    known = entities.of(declaration)
    for denial in _denials(declaration):
        entity = known.resolve(denial.entity)
        if entity == FIRST_PARTY:
            continue
        for number, recipient in enumerate(declaration.recipients, 1):
            if entity not in known.above(known.resolve(recipient.name)):
                continue
            for denied, declared in _within(_received(declaration, recipient), denial.categories):
                yield Claim(denial.id, denied, f"recipient/{number}", declared)


def unspoken(declaration: Declaration) -> Iterator[tuple[Direction, str]]:
    """The declared categories of which no sentence of the policy says that the first party collects them."""
    policy = declaration.policy
    if policy is None or not policy.statements:
        return
    known = entities.of(declaration)
    for direction in Direction:
        spoken = [
            key
            for one in policy.statements
            if one.says is Says.COLLECTS and known.resolve(one.entity) == FIRST_PARTY and direction in one.directions
            for key in one.categories
        ]
        for key in declaration.categories(direction):
            # a town that was found as a location is spoken of where the policy says town
            if key != "none" and not any(covers(one, key) or key in found_as(one) for one in spoken):
                yield direction, key


def _denials(declaration: Declaration) -> Iterator[Statement]:
    for notice in (declaration.policy, declaration.connection):
        for statement in () if notice is None else notice.statements:
            if statement.says is Says.DOES_NOT_COLLECT:
                yield statement


def _within(found: tuple[str, ...], denied: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for key in denied:
        for one in found:
            if covers(key, one):
                yield key, one


def _kept_by(purpose: Purpose, directions: tuple[Direction, ...]) -> tuple[str, ...]:
    to_app = purpose.to_app if Direction.TO_APP in directions else ()
    to_chatgpt = purpose.to_chatgpt if Direction.TO_CHATGPT in directions else ()
    return tuple(sorted({*to_app, *to_chatgpt}))


def _received(declaration: Declaration, recipient: Recipient) -> tuple[str, ...]:
    """What a recipient receives: as said, else all that the purposes that name it send to the app."""
    if recipient.categories:
        return recipient.categories
    named = (one for one in declaration.purposes if recipient.name in one.recipients)
    return tuple(sorted({key for one in named for key in one.to_app}))
