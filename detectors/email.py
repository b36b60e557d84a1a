"""E-mail addresses (RFC 5321 local part and domain, as people write them)."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part
from douane.detectors.phone_forms import ORGANISED
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import NOBODY
from douane.detectors.words import word_set

_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:[^\W\d_]{2,24}|xn--[A-Za-z0-9-]{2,30})(?![\w@-])")
_LOCAL = frozenset(".!$'*+^`{}~-_")
"""What a local part may hold besides letters and figures; what divides an address from its surroundings (`/`, `=`, `&`,
`?`, `|`) is left out though RFC 5321 allows it."""
_LONGEST = 64
_SERVICES = word_set(
    "support help helpdesk hotline helpline enquiries inquiries infoline press presse service services"
)
_ORGANISED = ORGANISED - word_set("office bureau poste campus")
_PERSONAL = word_set("customer client user member patient guest owner applicant my mon ma personal perso personnel")
_LOGIN = re.compile(
    r"(?i)(?<![a-z])(?:https?|wss?|ssh|s?ftps?|git|svn|rsync|postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|smtps?|"
    r"imaps?|ldaps?|mqtts?|jdbc|vnc|rdp|smb|telnet|socks[45]?)(?:\+\w{2,8})?://[^\s/@]{0,80}$"
)
"""What stands before the user of a machine in an address of it."""
_SHELL = re.compile(r"\b(?:ssh|scp|sftp|rsync|mosh)(?: -\w+(?: \w+)?){0,4} {1,3}$")
_FILES = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".js", ".css", ".avif", ".ico", ".service", ".socket", ".timer",
    ".target",
)  # fmt: skip
_SHARED = word_set(
    """
    info infos contact contacts support sales hello bonjour noreply no-reply donotreply do-not-reply ne-pas-repondre
    nepasrepondre admin webmaster postmaster abuse help helpdesk service services servicecommercial serviceclient
    service-client relationclient accueil reservation reservations booking bookings billing privacy dpo rgpd gdpr press
    presse newsletter security office mailer-daemon marketing reception frontdesk secretariat mairie cabinet agence
    jobs careers recrutement rh hr orders order commande commandes returns claims enquiries inquiries team equipe desk
    care customercare customerservice customer.service notifications notification notify alerts alert updates invoices
    invoice facturation compta comptabilite accounts boutique shop ventes feedback media legal juridique root ops
    devops it partners partenaires events welcome hi mail direction administration
    """
)
_NOBODY = ("no", "donotreply", "do-not", "ne", "mailer", "postmaster", "abuse")
_MESSAGE_KEYS = word_set("msgid messageid messageids inreplyto references thread uid uids etag ical icaluid eventid")
_MESSAGE_ID = re.compile(r"(?i)(?:message-id|in-reply-to|references)\s{0,2}[:=]\s{0,2}[\"']?<?$")
_COPY = re.compile(r":(?:/|~|\.|[\w./-]{1,80}\.git\b)")
"""What stands behind a machine's name where files of it are meant, as `scp` and `git` write them."""
_SPELLED = re.compile(
    r"(?i)(?<![\w.])[\w-]{1,32}(?: ?(?:[._-]|\bpoint\b|\bdot\b|\btiret\b) ?[\w-]{1,32}){0,4} ?(?:\barobase\b|"
    r"[(\[{]at[)\]}]|\bat\b) ?[\w-]{1,32}(?: ?(?:\.|\bpoint\b|\bdot\b|[(\[{]dot[)\]}]) ?[\w-]{2,24}){1,4}"
)
_DOT = re.compile(r"(?i)\.| point |[ (\[{]dot[ )\]}]")
_SPELLING = re.compile(r"(?i)\barobase?\b|[(\[{]at[)\]}]|\bat\b.{1,40}\bdot\b")


class Email:
    """An address of a role (`support@`) belongs to nobody in particular: it counts only under an e-mail's key."""

    name = "email"
    title = "E-mail addresses"
    MATCHES = (
        Match({"to": "ana.lopez@example.org"}, "user.contact.email"),
        Match({"note": "écrire à zoé.martin@example.org svp"}, "user.contact.email", text="zoé.martin@example.org"),
        Match(
            {"guest": {"contact": "Bob <bob+trip@mail.example.co.uk>"}},
            "user.contact.email",
            "bob+trip@mail.example.co.uk",
        ),
        Match({"note": "jane [at] example [dot] com"}, "user.contact.email", text="jane [at] example [dot] com"),
        Match({"reach": "jane(at)example.com"}, "user.contact.email"),
        Match(
            {"note": "c'est jean point dupont arobase example point fr"},
            "user.contact.email",
            "jean point dupont arobase example point fr",
        ),
        Match({"note": "reach me: ana.lopez (at) example.org"}, "user.contact.email", "ana.lopez (at) example.org"),
        Match({"uri": "crm://people/ana.lopez@example.org"}, "user.contact.email", text="ana.lopez@example.org"),
        Match({"uri": "crm://people/ana.lopez%40example.org"}, "user.contact.email", text="ana.lopez%40example.org"),
        Match({"page": "https://x.example/u/ana@example.org/edit"}, "user.contact.email", text="ana@example.org"),
        Match({"line": "patient/jean.dupont@example.org"}, "user.contact.email", text="jean.dupont@example.org"),
        Match({"line": "|Ana|ana@example.org|"}, "user.contact.email", text="ana@example.org"),
        Match({"reporter": {"email": "ana@example.org"}}, "user.contact.email", at="reporter/email", results=True),
        Match({"q": "mails from k_oduya@example.net"}, "user.contact.email", text="k_oduya@example.net"),
    )
    MISSES = (
        Miss({"email": "n/a"}, "no address"),
        Miss({"handle": "@ana_lopez"}, "a handle is no address"),
        Miss({"package": "lodash@4.17.21"}, "a package and its version"),
        Miss({"remote": "git@github.com:octo/app.git"}, "the user of a Git remote"),
        Miss({"text": "write to support@example.org"}, "the address of a role"),
        Miss({"icon": "logo@2x.png"}, "a file name"),
        Miss({"msgid": "<CAF8xk2vQ@mail.example.org>"}, "a message's id"),
        Miss({"raw": "Message-ID: <CAF8xk2vQ@mail.example.org>"}, "a message's id"),
        Miss({"text": "meet at noon, dot the i"}, "no address"),
        Miss({"text": "rendez-vous au point info, l'arobase est un signe"}, "no address"),
        Miss({"remote": "ssh://deploy@web1.example.org/app"}, "the user of a machine"),
        Miss({"dsn": "https://key:word@errors.example.org/4"}, "the user of a machine", "user.contact.email"),
        Miss({"run": "ssh deploy@web1.example.org uptime"}, "the user of a machine"),
        Miss({"run": "scp a.txt deploy@web1.example.org:/srv"}, "the user of a machine"),
        Miss({"page": "https://registry.example.org/@scope/pkg"}, "a package of a scope"),
        Miss({"page": "https://blog.example.org/@ana.lopez/story"}, "a handle"),
        Miss({"unit": "backup@daily.timer"}, "a unit of the system"),
        Miss({"support_email": "help.me@example.org"}, "a company's", results=True),
        Miss({"store_email": "le.mans@example.org"}, "a shop's", results=True),
        Miss({"expr": "user@@host.example"}, "two signs"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            text = one.text
            if "@" not in text and "%40" not in text:
                if (one.prose or "(at)" in text) and _may_spell(text) and _SPELLING.search(text[:20_000]):
                    for found in _SPELLED.finditer(text):
                        if _DOT.search(found.group()):
                            yield part(
                                one, found.start(), found.end(), "user.contact.email", 0.92, self.name, "spelled out"
                            )
                continue
            if _MESSAGE_KEYS.intersection(one.words) or one.words == ("message", "id"):
                continue
            for start, end in _addresses(text):
                address = text[start:end].replace("%40", "@").replace("%2B", "+").replace("%2b", "+")
                local, _, domain = address.rpartition("@")
                if domain.lower().endswith(_FILES) or _is_machine(text, start, end, local):
                    continue
                if _MESSAGE_ID.search(text, max(0, start - 24), start):
                    continue
                alone = len(address) >= len(text.strip()) - 2
                shared = local.lower() in _SHARED
                sent = one.to_app and alone and not local.lower().startswith(_NOBODY)
                if shared and not (sent or one.hinted("user.contact.email")):
                    continue
                if shared and one.about in NOBODY:
                    continue
                if alone and not one.to_app and _is_firms(one):
                    continue
                yield part(
                    one,
                    start,
                    end,
                    "user.contact.email",
                    0.97,
                    self.name,
                    "address",
                    normalised=address.lower(),
                )


def _may_spell(text: str) -> bool:
    """A quick look: false where no address is spelled out in the text."""
    lowered = text[:20_000].lower()
    return "arobas" in lowered or "(at" in lowered or "[at" in lowered or " dot " in lowered or "\ndot " in lowered


def _addresses(text: str) -> Iterable[tuple[int, int]]:
    """Where addresses stand in a text."""
    for sign in ("@", "%40"):
        at = text.find(sign)
        while at >= 0:
            after = at + len(sign)
            found = _DOMAIN.match(text, after)
            if found is not None:
                start = _start(text, at)
                if start < at:
                    yield start, found.end()
            at = text.find(sign, after)


def _start(text: str, at: int) -> int:
    """Where the local part before a sign starts; `at` where there is none."""
    low = max(0, at - _LONGEST)
    start = at
    while start > low:
        char = text[start - 1]
        if char.isalnum() or char in _LOCAL:
            start -= 1
        elif char in "bB" and text[start - 3 : start - 1] == "%2":
            start -= 3
        else:
            break
    before = text[start - 1 : start]
    if before in {"@", "\\"} or (start == low > 0 and (before.isalnum() or before in _LOCAL)):
        return at
    if start > 2 and text[start - 3 : start] == "%40":
        return at
    if before == "%" and _ESCAPED.match(text, start):
        if text[start : start + 2].upper() == "2B":
            start -= 1
        else:
            start += 2
    while start < at and text[start] in "'`.*{}!$^~":
        start += 1
    return start


_ESCAPED = re.compile(r"[0-9A-Fa-f]{2}")


def _is_machine(text: str, start: int, end: int, local: str) -> bool:
    """Whether an address is that of a login on a machine (`ssh://`, `user:password@host`, `host:/path`)."""
    if text[end : end + 1] == ":" and (local == "git" or _COPY.match(text, end)):
        return True
    if text[start - 1 : start] in {"/", ":"} and _LOGIN.search(text, max(0, start - 100), start):
        return True
    return text[start - 1 : start] == " " and _SHELL.search(text, max(0, start - 40), start) is not None


def _is_firms(one: Seen) -> bool:
    """Whether the only address of a field is a shop's or a service's, by its key."""
    if not _PERSONAL.isdisjoint(one.words):
        return False
    return not _SERVICES.isdisjoint(one.words) or (not _ORGANISED.isdisjoint(one.words) and not one.of_person)


DETECTOR = Email()
