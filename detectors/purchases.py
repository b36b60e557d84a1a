"""What a person bought: items and merchants of past orders, receipts and account statements."""

import re
from collections.abc import Iterable, Sequence

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.gates import by_words
from douane.detectors.names import is_given, reads_as_name
from douane.detectors.records import records
from douane.detectors.scene import Scene, Seen
from douane.detectors.words import fold, key_words, word_set

_BOUGHT = "user.behavior.purchase_history"
_ORDERS = word_set(
    """
    orders purchases purchase transactions transaction achats achat commandes history historique
    receipts receipt tickets operations operation ops mouvements mouvement ecritures paiements payments releve
    statement statements debits depenses spending expenses txns txn tx bought past recent recents derniers
    dernieres last
    """
)
_BANK = word_set(
    "transactions transaction operations operation ops mouvements mouvement ecritures debits releve statement "
    "statements txns txn tx depenses spending payments paiements expenses"
)
_PAST = word_set(
    "history historique past previous purchases achats bought receipts derniers dernieres anciennes passees "
    "completed delivered"
)
_ITEM = word_set(
    """
    item items product produit produits products article articles merchant commercant marchand title name nom
    libelle lib
    label description designation enseigne payee counterparty store shop what desc detail narrative memo quoi intitule
    payee beneficiaire lines lignes contents contenu vendor bought
    """
)
_NOT_ITEM = word_set(
    """
    id ref sku price prix total amount montant date number count quantity status type code currency url image qty qte
    points rating tracking no num category categorie statut email phone tel address adresse resto restaurant
    driver client customer
    """
)
_DATES = word_set("date when le d on quand jour day ordered purchased at posted paid valeur")
_AMOUNTS = word_set(
    "amount montant mt total price prix px amt debit credit value cost sum somme paid out in balance solde"
)
_NOT_MERCHANT = re.compile(
    r"(?i)^\W*(?:vir\b|virt\b|virement|transfer\b|tfr\b|trf\b|salary|salaire|payroll|wages|paie\b|pension|retraite|"
    r"caf\b|cpam|interest|int[ée]r[êe]ts?|fees?\b|frais|cotisation|commission|opening|closing|"
    r"balance|solde|refund of tax|tax refund|rent\b|loyer|atm\b|cash\b|retrait|dab\b|withdrawal|deposit|versement|"
    r"remise|impots?|dgfip|hmrc|irs\b|loan|pr[êe]t|echeance|[ée]ch[ée]ance|credit interest|direct deposit|"
    r"standing order|faster payment|zelle|venmo|paypal transfer|from |to |de |dividend|dues|don\b|donation|tithe|"
    r"child benefit|universal credit|allocation)"
)
_TOOL = re.compile(
    r"(?i)order_?history|past_?order|my_?order|list_?order|recent_?order|orders$|mes_?(?:commandes|achats)|"
    r"historique|purchases?|achats|receipt|transactions?|statement|relev[ée]|operations|mouvements|d[ée]penses|"
    r"spending|last_?order|dernieres"
)
_SAID = re.compile(
    r"(?i)\b(?:you (?:bought|purchased|ordered)|(?:bought|purchased|ordered)(?: by you)?|vous avez (?:acheté|commandé)|"
    r"(?:last|past|previous|recent) (?:orders?|purchases?)|derniers? (?:achats?|commandes?)|dernières? commandes?|"
    r"achats? précédents?)\s?(?:on [\w /-]{4,14}|le [\d/.-]{6,10})?\s?[:\-–]?\s"
    r"(?:(?:a|an|the|une?|des|du|le|la|\d{1,2} ?x?) )?([^\n.;:(]{3,80})"
)
_IN_CART = word_set(
    "cart panier basket checkout lines lignes offers offres catalog catalogue products results recommendations "
    "suggestions wishlist favoris menu stock inventory"
)
_CARDED = re.compile(
    r"(?i)^(?:CB|PRLV|CARTE|PAIEMENT|ACHAT|POS|DEBIT|CARD|VISA|PURCHASE|DD|PAIEMENT CB|FACTURE CARTE)\b"
)


class Purchases:
    """The cart that is being ordered, and transfers and pay in a statement, are no purchases of the past."""

    name = "purchases"
    title = "Past purchases"
    MATCHES = (
        Match({"payments": [{"to": "Bass Pro Shops", "usd": 212}]}, _BOUGHT, "Bass Pro Shops", results=True),
        Match({"orders": [{"order_item": "garden hose", "order_total": 151}]}, _BOUGHT, results=True),
        Match({"transactions": [{"merchant": "Netflix", "amount": -14}]}, _BOUGHT, results=True),
        Match({"achats": [{"d": "2026-09-02", "lib": "Ventoline", "px": 3.9}]}, _BOUGHT, "Ventoline", results=True),
        Match(
            {"operations": [{"lib": "CB MONOPRIX", "mt": -64.1, "le": "2026-11-14"}]},
            _BOUGHT,
            "CB MONOPRIX",
            results=True,
        ),
        Match(
            {"list": [{"no": "1", "what": "Tent", "when": "2026-08-14"}], "ship_to": "x"}, _BOUGHT, "Tent", results=True
        ),
        Match({"commandes": [{"articles": ["thé vert", "miel"], "total": 9}]}, _BOUGHT, "miel", results=True),
        Match(
            {"csv": "Date,Description,Amount,Balance\n2026-11-02,ALDI 32,-8.20,14.1\n2026-11-03,BOOTS,-1.4,12.7"},
            _BOUGHT,
            "ALDI 32",
            results=True,
        ),
        Match({"text": "You bought: a walking stick on Monday"}, _BOUGHT, "walking stick on Monday", results=True),
        Match({"purchase_history": ["blue tent", "stove"]}, _BOUGHT, "stove"),
        Match({"cards": [{"net": "visa"}], "recent": ["Aldi", "Shell Hull"]}, _BOUGHT, "Shell Hull", results=True),
    )
    MISSES = (
        Miss({"cards": [{"net": "visa"}], "recent": ["Budget.xlsx"]}, "files", results=True),
        Miss({"items": [{"product": "Pad thai", "quantity": 2}]}, "the order that is being made"),
        Miss({"products": [{"product_name": "Calvin Klein belt", "price": 91}]}, "a catalogue", results=True),
        Miss({"orders": [{"order_id": "A-1", "order_total": 151}]}, "no item", results=True),
        Miss({"order": {"items": [{"name": "Pad thai"}]}}, "the order that is being made"),
        Miss({"operations": [{"lib": "VIR RECU MME PAYET", "mt": 300}]}, "a transfer", results=True),
        Miss({"transactions": [{"description": "SALARY ACME LTD", "amount": 2000}]}, "pay", results=True),
        Miss({"history": [{"title": "Page viewed", "url": "x"}]}, "no purchase", results=True),
        Miss({"cart": {"items": [{"name": "tea", "price": 3}]}}, "a cart", results=True),
        Miss({"events": [{"name": "Gala", "date": "2026-01-02"}]}, "an event", results=True),
        Miss({"text": "customers also bought this"}, "a hint to buy", results=True),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            if one.empty or one.field.is_key:
                continue
            asked = _BOUGHT in one.hints or _may_name(one.words)
            if asked and len(one.text) <= 120 and self._bought(one, scene):
                yield whole(one, _BOUGHT, 0.85, self.name, "key in a list of purchases", minor=False)
            elif (
                one.prose
                and not scene.to_app
                and (
                    "ought" in one.text
                    or "rdered" in one.text
                    or "chet" in one.text
                    or "ommand" in one.text
                    or "rder" in one.text
                    or "urchase" in one.text
                    or "chat" in one.text
                )
            ):
                for found in _SAID.finditer(one.text):
                    if not _OTHERS.search(one.text, max(0, found.start() - 30), found.start(1)):
                        yield part(
                            one, found.start(1), found.end(1), _BOUGHT, 0.65, self.name, "words before it", minor=False
                        )

    @staticmethod
    def _bought(one: Seen, scene: Scene) -> bool:
        words = set(one.words)
        if words & _NOT_ITEM and not words & {"merchant", "payee"}:
            return False
        listed = bool(words & _BOUGHT_LISTS and words & _RECENT)
        if one.words in _RECENTLY and not scene.to_app and _is_wallet(scene):
            return (
                any(char.isalpha() for char in one.text)
                and "." not in one.text[-5:-2]
                and not _NOT_MERCHANT.match(one.text.strip())
            )
        paid_to = (
            one.words in _PAID_TO
            and not scene.to_app
            and bool({word for key in one.field.keys[:-1] for word in key_words(key)} & _BANK)
        )
        if not (words & _ITEM or _BOUGHT in one.hints or listed or paid_to):
            return False
        text = one.text.strip()
        if not any(char.isalpha() for char in text) or _NOT_MERCHANT.match(text):
            return False
        if paid_to and ("@" in text or (reads_as_name(text) and is_given(text.split()[0]))):
            return False
        above = {word for key in one.field.keys[:-1] for word in key_words(key)}
        if above & {"cart", "panier", "basket", "wishlist", "catalog", "catalogue"}:
            return False
        if scene.to_app:
            own = {word for key in one.field.keys for word in key_words(key)}
            return (
                bool((above & _ORDERS or _BOUGHT in one.hints) and own & _PAST)
                or {"purchase", "purchased", "achat"} <= words
            )
        if listed:
            return True
        beside = {word for other in one.siblings[:30] for word in other.words}
        dated, paid = beside & _DATES, beside & _AMOUNTS
        if above & _BANK or above & _BOUGHT_LISTS:
            return True
        if above & _ORDERS:
            return bool(paid or (dated and _TOOL.search(scene.context.tool or "")))
        if not dated:
            return False
        if paid:
            statement = {fold(word) for word in beside} & {"balance", "solde", "debit", "credit"}
            return (
                bool(statement)
                or _TOOL.search(scene.context.tool or "") is not None
                or _negative(one.siblings)
                or _CARDED.match(text) is not None
            )
        shipped = any(
            _SHIPPED.intersection(key_words(other.field.key))
            for other in records(scene).members(one.field.keys[:-2])[:40]
        )
        return shipped or (
            _TOOL.search(scene.context.tool or "") is not None
            and bool(words & {"what", "item", "product", "article", "produit"})
        )


_BOUGHT_LISTS = word_set("orders purchases achats commandes receipts receipt")
_PAID_TO = frozenset(
    {("to",), ("a",), ("paid", "to"), ("chez",), ("where",), ("ou",), ("dest",), ("creditor",), ("contrepartie",)}
)
_RECENTLY = frozenset(
    (word,) for word in word_set("recent recents latest last derniers dernieres activity activite merchants marchands")
)
_may_name = by_words(_ITEM | _BOUGHT_LISTS, whole=_PAID_TO | _RECENTLY)
"""Whether a key may name what was bought, or where."""
_WALLET = word_set("cards card cartes carte wallet pan iban balance solde cardholder")


def _is_wallet(scene: Scene) -> bool:
    """Whether a list of words stands beside somebody's cards or accounts."""
    return any(
        _WALLET.intersection(key_words(other.field.key)) or _WALLET.intersection(key_words(key))
        for other in list(scene)[:80]
        for key in other.field.keys[-3:]
    )


_OTHERS = re.compile(r"(?i)\b(?:also|others?|people|clients ont|often|frequently|customers|autres)\b")
_RECENT = word_set("last past previous recent derniers dernieres history historique anciens anciennes")
_SHIPPED = word_set("ship shipped livre delivered livraison")


def _negative(members: Sequence[Seen]) -> bool:
    """Whether an amount beside an item is below zero, as in a statement."""
    return any(_AMOUNTS.intersection(other.words) and other.text.startswith(("-", "−")) for other in members[:30])


DETECTOR = Purchases()
