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
    info contact support sales hello bonjour noreply no-reply donotreply do-not-reply ne-pas-repondre admin
    webmaster postmaster abuse help service servicecommercial accueil reservation reservations booking bookings
    billing privacy dpo press presse newsletter security office mailer-daemon marketing
    """
)


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
        Match({"q": "mails from k_oduya@example.net"}, "user.contact.email", text="k_oduya@example.net"),
    )
    MISSES = (
        Miss({"email": "n/a"}, "no address"),
        Miss({"handle": "@ana_lopez"}, "a handle is no address"),
        Miss({"package": "lodash@4.17.21"}, "a package and its version"),
        Miss({"remote": "git@github.com:octo/app.git"}, "the user of a Git remote"),
        Miss({"text": "write to support@example.org"}, "the address of a role"),
        Miss({"icon": "logo@2x.png"}, "a file name"),
        Miss({"expr": "user@@host.example"}, "two signs"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            text = one.text
            if "@" not in text and "%40" not in text:
                continue
            for found in _ADDRESS.finditer(text):
                start = found.start() + len(found.group()) - len(found.group().lstrip("'`.*"))
                address = text[start : found.end()].replace("%40", "@")
                local, _, domain = address.rpartition("@")
                if not local or domain.lower().endswith(
                    (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".js", ".css")
                ):
                    continue
                if local == "git" and text[found.end() : found.end() + 1] == ":":
                    continue
                if local.lower() in _SHARED and not one.hinted("user.contact.email"):
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
