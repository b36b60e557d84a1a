"""What people wrote, bought, watched or said: private messages, purchases, browsing, transcripts."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.words import key_words, word_set

_PRIVATE = "user.content.private"
_BOUGHT = "user.behavior.purchase_history"
_CHAT = "user.content.conversation"
_MAIL_HEAD = re.compile(
    r"\A\s{0,4}(?:(?:From|To|Cc|Bcc|Date|Subject|De|À|A|Objet|Sent|Envoyé)\s?:[^\n]{0,400}\n){2,8}\s{0,4}\n?"
)
_ORDERS = word_set(
    """
    orders order purchases purchase transactions transaction achats achat commandes commande history historique
    receipts receipt tickets_de_caisse operations mouvements lignes paiements payments
    """
)
_ITEM = word_set(
    """
    item items product produit produits article articles merchant commercant title name nom libelle label
    description designation enseigne payee counterparty store shop
    """
)
_NOT_ITEM = word_set(
    """
    id ref sku price prix total amount montant date number count quantity status type code currency url image
    """
)
_MAIL_KEYS = word_set(
    """
    to cc bcc recipient recipients subject from sender destinataire destinataires objet expediteur mail_id
    """
)
_BODY_KEYS = word_set("body corps text texte message content contenu html")


class Content:
    """The cart that is being ordered is no history; a subject line is left alone."""

    name = "content"
    title = "Private messages, purchases, transcripts"
    MATCHES = (
        Match({"to": "a@example.org", "subject": "Hi", "body": "Dinner at mine on Friday?"}, _PRIVATE, at="body"),
        Match(
            {"text": "From: Ana <a@example.org>\nTo: b@example.org\n\nSee you on Monday."},
            _PRIVATE,
            text="See you on Monday.",
        ),
        Match({"journal_entry": "Today I told her."}, _PRIVATE),
        Match({"orders": [{"order_item": "garden hose", "order_total": 151}]}, _BOUGHT, results=True),
        Match({"transactions": [{"merchant": "Netflix", "amount": -14}]}, _BOUGHT, results=True),
        Match({"chat_history": "user: hello\nassistant: hi"}, _CHAT),
    )
    MISSES = (
        Miss({"items": [{"product": "Pad thai", "quantity": 2}]}, "the order that is being made"),
        Miss({"issue_body": "Crash on login"}, "an issue"),
        Miss({"body": "ok"}, "no mail around it"),
        Miss({"subject": "Important", "to": "a@example.org"}, "a subject line"),
        Miss({"products": [{"product_name": "Calvin Klein belt", "price": 91}]}, "a catalogue", results=True),
        Miss({"orders": [{"order_id": "A-1", "order_total": 151}]}, "no item", results=True),
        Miss({"transcript_id": "t-123"}, "an id"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            if one.empty or one.field.is_key:
                continue
            text = one.text
            head = _MAIL_HEAD.match(text) if text[:400].count(":") >= 2 and "@" in text[:800] else None
            if head is not None and text[head.end() :].strip():
                yield part(
                    one, head.end(), len(text.rstrip()), _PRIVATE, 0.9, self.name, "below a mail's head", minor=False
                )
            elif self._is_mail_body(one, scene):
                yield whole(one, _PRIVATE, 0.9, self.name, "key beside a mail's head", minor=False)
            elif _CHAT in one.hints and len(text) >= 20 and "id" not in one.words:
                yield whole(one, _CHAT, 0.85, self.name, "key", minor=False)
            elif self._bought(one, scene):
                yield whole(one, _BOUGHT, 0.85, self.name, "key in a list of purchases", minor=False)

    @staticmethod
    def _is_mail_body(one: Seen, scene: Scene) -> bool:
        if len(one.text) < 8 or "issue" in one.words:
            return False
        if _PRIVATE in one.hints and one.words not in {("body",), ("corps",)}:
            return True
        if not _BODY_KEYS.intersection(one.words):
            return False
        heads = scene.levels.get(one.field.keys[:-1], set())
        return len(heads & _MAIL_KEYS) >= 2 or bool({"to", "recipient", "recipients", "destinataire"} & heads)

    @staticmethod
    def _bought(one: Seen, scene: Scene) -> bool:
        words = set(one.words)
        if words & _NOT_ITEM or len(one.text) > 120 or not any(char.isalpha() for char in one.text):
            return False
        if not (words & _ITEM or _BOUGHT in one.hints):
            return False
        past = any(_ORDERS.intersection(key_words(key)) for key in one.field.keys[:-1])
        if scene.to_app:
            return (
                past
                and {"history", "historique", "past", "previous", "purchases", "achats"}
                & {word for key in one.field.keys for word in key_words(key)}
                != set()
            ) or {"purchase", "purchased", "achat"} <= words
        return past


DETECTOR = Content()
