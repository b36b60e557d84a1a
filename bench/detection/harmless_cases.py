"""Generated records without a person's data: catalogues, venues, logs, works, places, codes; the same for a seed.

Every string in them is harmless: brands and streets named after people, shops' phones and addresses, authors and
figures of public life among results, and values that look like identifiers, phones, dates of birth or secrets.
"""

import hashlib
import random
import string
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

type Chance = random.Random
type Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A call's arguments or an answer's structured content; `kind` names the sort of record."""

    given: Record
    kind: str
    answer: bool
    french: bool


_STREETS = ("rue Victor Hugo", "avenue Jean Jaurès", "boulevard Marie Curie", "place Charles de Gaulle",
            "rue Louis Pasteur", "quai Anatole France")  # fmt: skip
_ROADS = ("Martin Luther King Blvd", "Washington Street", "Franklin Road", "Queen Victoria Street", "Lincoln Avenue")
_HOTELS = ("Hotel Saint George", "The Wellington", "Park Inn", "Hôtel Lutèce", "Villa Garibaldi", "Grand Hotel Verdi")
_EATING = ("Chez Marcel", "Trattoria da Luigi", "Joe's Diner", "Le Petit Nicolas", "Mama Rosa", "Bombay Halal Grill")
_BRANDS = ("Paul Smith", "Hugo Boss", "Calvin Klein", "Dr. Martens", "Agnès B.", "Tommy Hilfiger", "Ben & Jerry's")
_GOODS = (
    "running shoes",
    "linen shirt",
    "desk lamp",
    "kosher salt",
    "wool blanket",
    "insulated bottle",
    "rosary beads",
)
_BIENS = ("chaussures de course", "chemise en lin", "lampe de bureau", "fauteuil de jardin", "couverture en laine")
_TOWNS = ("Lisbon", "Leeds", "Porto", "Nantes", "Turin", "Ghent", "Kyoto", "Austin", "Lyon", "Santa Cruz")
_BOOKS = ("The Diabetes Code", "Pride and Prejudice", "Le Petit Prince", "The Gay Science", "Born a Crime")
_AUTHORS = ("Jane Austen", "Victor Hugo", "Haruki Murakami", "Toni Morrison", "Antoine de Saint-Exupéry")
_FIGURES = ("Nelson Mandela speeches", "paintings by Frida Kahlo", "Beyoncé tour dates", "films de Jacques Tati",
            "biographie de Simone Veil", "Albert Einstein quotes", "Serena Williams titles")  # fmt: skip
_COURSES = ("Church architecture of the Middle Ages", "Introduction to pregnancy yoga", "History of trade unions",
            "Judaism, Christianity, Islam: an overview", "Les syndicats en France au XIXe siècle")  # fmt: skip
_FILES = ("report-final-v3.pdf", "jean_moulin_biography.docx", "invoice_2026_031.pdf", "IMG_20260214_101500.jpg",
          "budget.xlsx", "martin.luther.king.mp4", "backup-2026-01-02.tar.gz")  # fmt: skip
_TASKS = ("Fix the login page on small screens", "Order paper for the printer", "Préparer la démo de jeudi",
          "Upgrade the database to 17", "Relire le contrat du fournisseur", "Add a dark theme")  # fmt: skip
_NEWS = ("Central bank holds rates as inflation cools", "La grève des transports se poursuit mardi",
         "Diabetes cases are rising in cities, a study finds", "New mosque opens after ten years of work",
         "Le vaccin contre la grippe arrive en pharmacie")  # fmt: skip
_HELP = ("Returns are accepted within 30 days.", "La livraison est offerte dès 50 €.",
         "Open Monday to Friday, 9 to 18.", "Wheelchair access through the north door.",
         "Le musée est fermé le mardi.")  # fmt: skip


def _digits(chance: Chance, size: int) -> str:
    return "".join(chance.choices(string.digits, k=size))


def _hex(chance: Chance, size: int) -> str:
    return hashlib.sha512(chance.randbytes(16)).hexdigest()[:size]


def _uuid(chance: Chance) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _day(chance: Chance) -> str:
    return f"202{chance.randrange(4, 8)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"


def _time(chance: Chance) -> str:
    return f"{_day(chance)}T{chance.randrange(24):02}:{chance.randrange(60):02}:00Z"


def _price(chance: Chance) -> str:
    return chance.choice(("€{}.90", "${}.00", "{},50 €", "{} EUR", "£{}.25")).format(chance.randrange(3, 900))


def _order(chance: Chance) -> Record:
    return {
        "order_number": f"{chance.choice(('ORD', 'CMD', 'SO'))}-{_digits(chance, 8)}",
        "sku": f"{chance.choice(('TSH', 'LMP', 'BK'))}-{_digits(chance, 5)}-{chance.choice('SMLX')}",
        "status": chance.choice(("shipped", "en préparation", "delivered", "on hold")),
        "carrier": chance.choice(("UPS", "Colissimo", "DHL", "Royal Mail")),
        "trackingNumber": f"1Z{_digits(chance, 16)}",
        "total": _price(chance),
        "placed_at": _time(chance),
        "invoice": f"INV-2026-{_digits(chance, 6)}",
    }


def _product(chance: Chance) -> Record:
    french = chance.random() < 0.5
    return {
        "products": [
            {
                "name": chance.choice(_BIENS if french else _GOODS),
                "brand": chance.choice(_BRANDS),
                "price": _price(chance),
                "ean": _digits(chance, 13),
                "asin": f"B0{_hex(chance, 8).upper()}",
                "color": chance.choice(("navy", "noir", "#1f4e79", "ecru")),
                "size": chance.choice(("M", "42", "10.5 UK", "90 x 190 cm")),
            }
            for _ in range(2)
        ]
    }


def _venue(chance: Chance) -> Record:
    french = chance.random() < 0.5
    return {
        chance.choice(("hotels", "restaurants", "stores", "venues")): [
            {
                "name": chance.choice(_HOTELS + _EATING),
                "address": f"{chance.randrange(1, 200)} {chance.choice(_STREETS if french else _ROADS)}",
                "city": chance.choice(_TOWNS),
                "postal_code": _digits(chance, 5),
                "phone": f"+33 1 99 00 {_digits(chance, 2)} {_digits(chance, 2)}",
                "website": "https://www.example.org/contact",
                "rating": f"{chance.randrange(30, 50) / 10}",
                "opening_hours": chance.choice(("Mo-Sa 12:00-22:00", "tous les jours sauf le lundi", "24/7")),
            }
            for _ in range(2)
        ]
    }


def _release(chance: Chance) -> Record:
    return {
        "repo": chance.choice(("acme/web", "ferris/parser", "lovelace/notes")),
        "branch": chance.choice(("main", "release/2.4", "feature/maria-db")),
        "commit": _hex(chance, 40),
        "version": f"v{chance.randrange(1, 9)}.{chance.randrange(30)}.{chance.randrange(9)}",
        "checksum": f"sha256:{_hex(chance, 64)}",
        "file": chance.choice(_FILES),
        "build_id": _uuid(chance),
        "message": chance.choice(("Bump lodash to 4.17.21", "Revert the change of 2026-01-04", "Fix typo in README")),
    }


def _book(chance: Chance) -> Record:
    return {
        "books": [
            {
                "title": chance.choice(_BOOKS),
                "author": chance.choice(_AUTHORS),
                "isbn": f"978{_digits(chance, 10)}",
                "publisher": chance.choice(("Penguin", "Gallimard", "O'Reilly")),
                "published": _day(chance),
                "price": _price(chance),
            }
            for _ in range(2)
        ]
    }


def _search(chance: Chance) -> Record:
    return {
        chance.choice(("q", "query", "search", "recherche")): chance.choice(_FIGURES + _GOODS + _BIENS + _BOOKS),
        "sort": chance.choice(("relevance", "price_asc", "date")),
        "page_token": _hex(chance, 24),
        "lang": chance.choice(("en", "fr")),
    }


def _flight(chance: Chance) -> Record:
    return {
        "flights": [
            {
                "flight": f"{chance.choice(('AF', 'BA', 'TP', 'LH'))}{_digits(chance, 4)}",
                "from": chance.choice(("CDG", "LHR", "LIS", "JFK")),
                "to": chance.choice(("NCE", "ORY", "BRU", "SFO")),
                "airport": chance.choice(("Charles de Gaulle", "John F. Kennedy", "Humberto Delgado", "Saint-Exupéry")),
                "departure": _time(chance),
                "fare": _price(chance),
                "aircraft": chance.choice(("A320neo", "B737-800", "E190")),
            }
        ]
    }


def _log(chance: Chance) -> Record:
    return {
        "logs": [
            {
                "ts": f"1{_digits(chance, 9)}.{_digits(chance, 6)}",
                "level": chance.choice(("INFO", "WARN", "ERROR")),
                "trace_id": _hex(chance, 32),
                "message": chance.choice(
                    (
                        "GET /v1/items 200 in 12 ms",
                        "retrying in 5 s",
                        "cache miss for key items:42",
                        "job 8841 finished",
                    )
                ),
                "host": chance.choice(("web-03", "worker-12", "db-primary")),
            }
            for _ in range(2)
        ]
    }


def _event(chance: Chance) -> Record:
    return {
        "events": [
            {
                "event_name": chance.choice((*_COURSES, "Jazz at the Marie Curie hall", "Marathon de Nantes")),
                "venue": chance.choice(
                    ("Salle Pleyel", "Théâtre Sarah-Bernhardt", "Saint Mary's Church", "Stade Gerland")
                ),
                "starts_at": _time(chance),
                "town": chance.choice(_TOWNS),
                "ticket": f"T-{_digits(chance, 7)}",
                "from_price": _price(chance),
            }
            for _ in range(2)
        ]
    }


def _task(chance: Chance) -> Record:
    return {
        "title": chance.choice(_TASKS),
        "project": chance.choice(("Website", "Site vitrine", "Warehouse", "Q3 planning")),
        "due": _day(chance),
        "labels": [chance.choice(("bug", "urgent", "finance", "santé au travail")), "v2"],
        "external_ref": _uuid(chance),
    }


def _article(chance: Chance) -> Record:
    return {
        "results": [
            {
                "headline": chance.choice(_NEWS),
                "summary": chance.choice(_HELP + _COURSES),
                "url": f"https://news.example.org/{_day(chance)}/{_digits(chance, 6)}",
                "source": chance.choice(("Example Times", "La Gazette", "Daily Sample")),
                "published_at": _time(chance),
            }
            for _ in range(2)
        ]
    }


def _weather(chance: Chance) -> Record:
    return {
        "forecast": [
            {"day": _day(chance), "sky": chance.choice(("sunny", "averses", "light rain")), "wind": "12 km/h NE"}
            for _ in range(3)
        ],
        "station": chance.choice(("Heathrow", "Mont Aigoual", "Lisboa Geofísico")),
        "units": "metric",
    }


def _table(chance: Chance) -> Record:
    rows = "\n".join(
        f"{_digits(chance, 6)},{chance.choice(_GOODS)},{chance.randrange(99)},{_day(chance)}" for _ in range(4)
    )
    return {
        "report": f"sku,product,stock,updated\n{rows}\n",
        "format": "csv",
        "file_name": chance.choice(_FILES),
        "generated": _time(chance),
    }


def _finance(chance: Chance) -> Record:
    return {
        "quotes": [
            {
                "symbol": chance.choice(("BRK.B", "MC.PA", "AAPL", "SAN.PA")),
                "company": chance.choice(("Johnson & Johnson", "L'Oréal", "Wells Fargo", "Charles Schwab")),
                "last": f"{chance.randrange(20, 900)}.{_digits(chance, 2)}",
                "isin": f"US{_digits(chance, 10)}",
                "as_of": _time(chance),
                "change": f"-0.{_digits(chance, 2)} %",
            }
            for _ in range(2)
        ]
    }


def _recipe(chance: Chance) -> Record:
    return {
        "recipes": [
            {
                "name": chance.choice(("Halal lamb tagine", "Gluten-free brownies", "Tarte Tatin", "Caesar salad")),
                "diet": chance.choice(("vegetarian", "sans gluten", "kosher", "low carb")),
                "time": chance.choice(("45 min", "1 h 20", "PT30M")),
                "ingredients": ["2 eggs", "200 g de farine", "1 pinch of salt"],
                "difficulty": chance.choice(("easy", "moyen")),
            }
        ]
    }


def _call(chance: Chance) -> Record:
    return {
        "destination": chance.choice(_TOWNS),
        "check_in": _day(chance),
        "currency": chance.choice(("EUR", "USD", "GBP")),
        "room_type": chance.choice(("Deluxe room", "chambre double", "Suite Joséphine")),
        "max_price": _price(chance),
        "timezone": chance.choice(("Europe/Paris", "America/New_York")),
        "request_id": _uuid(chance),
    }


def _faq(chance: Chance) -> Record:
    return {
        "content_md": chance.choice(_HELP),
        "section": chance.choice(("Shipping", "Accessibilité", "Opening hours")),
        "hotline": "+1 800 555 0100",
        "support_email": chance.choice(("support@example.org", "contact@example.com", "noreply@example.org")),
        "revision": _hex(chance, 12),
    }


_RECORDS: tuple[tuple[str, Callable[[Chance], Record], bool], ...] = (
    ("order", _order, True), ("order", _order, False), ("products", _product, True), ("venues", _venue, True),
    ("release", _release, False), ("release", _release, True), ("books", _book, True), ("search", _search, False),
    ("flights", _flight, True), ("logs", _log, True), ("events", _event, True), ("task", _task, False),
    ("articles", _article, True), ("weather", _weather, True), ("table", _table, True), ("table", _table, False),
    ("quotes", _finance, True), ("recipes", _recipe, True), ("booking search", _call, False), ("help page", _faq, True),
)  # fmt: skip


def cases(seed: int = 13, each: int = 14) -> Iterator[Case]:
    """`each` records of every sort, half of them from French-speaking users."""
    chance = random.Random(seed)
    for kind, make, answer in _RECORDS:
        for at in range(each):
            yield Case(make(chance), kind, answer, at % 2 == 1)
