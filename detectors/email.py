"""E-mail addresses (RFC 5321 local part and domain, as people write them)."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part
from douane.detectors.scene import Scene
from douane.detectors.subject import Subject
from douane.detectors.words import word_set

_ADDRESS = re.compile(
    r"(?<![\w.+%/@-])[\w.!#$&'*+=?^`{|}~-]{1,64}(?:@|%40)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@-])"
)
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
_SPELLED = re.compile(
    r"(?i)(?<![\w.])[\w-]{1,32}(?: ?(?:[._-]|\bpoint\b|\bdot\b|\btiret\b) ?[\w-]{1,32}){0,4} ?(?:\barobase\b|"
    r"\(at\)|\[at\]|\bat\b) ?[\w-]{1,32}(?: ?(?:\.|\bpoint\b|\bdot\b|\(dot\)|\[dot\]) ?[\w-]{2,24}){1,4}"
)
_SPELLING = re.compile(r"(?i)\barobase?\b|[(\[]at[)\]]|\bat\b.{1,40}\bdot\b")


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
        Match(
            {"note": "c'est jean point dupont arobase example point fr"},
            "user.contact.email",
            "jean point dupont arobase example point fr",
        ),
        Match({"note": "reach me: ana.lopez (at) example.org"}, "user.contact.email", "ana.lopez (at) example.org"),
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
        Miss({"expr": "user@@host.example"}, "two signs"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            text = one.text
            if "@" not in text and "%40" not in text:
                if one.prose and _SPELLING.search(text[:20_000]):
                    for found in _SPELLED.finditer(text):
                        if " dot " in found.group() or "." in found.group() or " point " in found.group():
                            yield part(
                                one, found.start(), found.end(), "user.contact.email", 0.92, self.name, "spelled out"
                            )
                continue
            if _MESSAGE_KEYS.intersection(one.words) or one.words == ("message", "id"):
                continue
            for found in _ADDRESS.finditer(text):
                start = found.start() + len(found.group()) - len(found.group().lstrip("'`.*"))
                address = text[start : found.end()].replace("%40", "@")
                local, _, domain = address.rpartition("@")
                if not local or domain.lower().endswith(
                    (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".js", ".css")
                ):
                    continue
                if _MESSAGE_ID.search(text, max(0, start - 24), start):
                    continue
                if local == "git" and text[found.end() : found.end() + 1] == ":":
                    continue
                sent = one.to_app and len(address) >= len(text.strip()) - 2 and not local.lower().startswith(_NOBODY)
                if local.lower() in _SHARED and not (sent or one.hinted("user.contact.email")):
                    continue
                place = one.about in {Subject.PLACE, Subject.THING} and local.lower() in _SHARED
                if place:
                    continue
                yield part(
                    one,
                    start,
                    found.end(),
                    "user.contact.email",
                    0.97,
                    self.name,
                    "address",
                    normalised=address.lower(),
                )


DETECTOR = Email()
