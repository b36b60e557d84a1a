# ruff: noqa: E501 - word lists
"""Addresses of many countries as people write them, from faker's address patterns (MIT) and some of this project's."""

import random
import re
from collections.abc import Sequence

import faker
import names

_LOCALES = {
    "en": (
        ("en_US", 30), ("en_GB", 16), ("en_CA", 10), ("en_AU", 10), ("en_NZ", 4), ("en_IE", 3), ("en_IN", 3), ("en_PH", 1),
        ("en_MS", 1), ("en_BD", 1), ("zu_ZA", 2), ("fr_FR", 3), ("fr_CA", 3), ("fr_CH", 2), ("de_DE", 3), ("de_AT", 2),
        ("de_CH", 2), ("nl_NL", 3), ("nl_BE", 2), ("da_DK", 3), ("sv_SE", 3), ("no_NO", 3), ("fi_FI", 3), ("it_IT", 3),
        ("es_ES", 3), ("es_MX", 2), ("es_AR", 1), ("es_CL", 1), ("es_CO", 1), ("pt_BR", 2), ("pt_PT", 2), ("pl_PL", 3),
        ("cs_CZ", 3), ("sk_SK", 2), ("sl_SI", 3), ("hr_HR", 3), ("hu_HU", 3), ("ro_RO", 2), ("id_ID", 1), ("vi_VN", 1),
        ("az_AZ", 1), ("ja_JP", 0), ("ru_RU", 0),
    ),
    "fr": (("fr_FR", 34), ("fr_CA", 10), ("fr_CH", 8), ("fr_DZ", 5), ("nl_BE", 3), ("de_CH", 2), ("en_GB", 3),
           ("en_US", 3), ("it_IT", 2), ("es_ES", 2), ("pt_PT", 2), ("de_DE", 2)),
}  # fmt: skip
_DRAWN = 900
"""Addresses of one locale that are made beforehand: its towns and streets come again in other pairs."""
_COUNTRIES = {
    "en_US": ("USA", "United States", "U.S.A."), "en_GB": ("UK", "United Kingdom", "England", "Scotland"),
    "en_CA": ("Canada",), "en_AU": ("Australia",), "en_NZ": ("New Zealand",), "en_IE": ("Ireland",),
    "en_IN": ("India",), "zu_ZA": ("South Africa",), "fr_FR": ("France",), "fr_CA": ("Canada", "Québec"),
    "fr_CH": ("Switzerland", "Suisse"), "de_DE": ("Germany", "Deutschland"), "de_AT": ("Austria",),
    "de_CH": ("Switzerland",), "nl_NL": ("Netherlands", "The Netherlands"), "nl_BE": ("Belgium",),
    "da_DK": ("Denmark",), "sv_SE": ("Sweden",), "no_NO": ("Norway",), "fi_FI": ("Finland",), "it_IT": ("Italy",),
    "es_ES": ("Spain",), "es_MX": ("Mexico",), "pt_BR": ("Brazil",), "pt_PT": ("Portugal",), "pl_PL": ("Poland",),
    "cs_CZ": ("Czech Republic",), "sk_SK": ("Slovakia",), "sl_SI": ("Slovenia",), "hr_HR": ("Croatia",),
    "hu_HU": ("Hungary",), "ro_RO": ("Romania",), "en_PH": ("Philippines",), "en_MS": ("Malaysia",),
}  # fmt: skip
_ROADS = (
    "Street", "St", "St.", "Road", "Rd", "Avenue", "Ave", "Ave.", "Lane", "Ln", "Drive", "Dr", "Dr.", "Court", "Ct", "Close",
    "Way", "Crescent", "Terrace", "Blvd", "Boulevard", "Place", "Pl", "Square", "Gardens", "Grove", "Hill", "Park", "Row",
    "Mews", "Trail", "Parkway", "Pkwy", "Circle", "Highway", "Hwy", "Walk", "Rise", "Parade", "Loop", "Pike", "Plaza", "Green",
)  # fmt: skip
_PLAIN = (
    "Maple", "Oak", "Main", "High", "Church", "Station", "Mill", "Elm", "Park", "Chestnut", "Cedar", "Pine", "Walnut",
    "Spring", "Victoria", "King", "Queen", "Bridge", "Hill", "Lake", "River", "Sunset", "Washington", "Lincoln", "North",
    "South", "Broad", "Green", "School", "Meadow", "Forest", "Highland", "Valley", "Orchard", "Manor", "Albert", "London",
    "York", "West", "East", "Center", "Market", "Bay", "Harbour", "Windsor", "Grange", "Poplar", "Willow", "Birch", "Holly",
)  # fmt: skip
_SUFFIXED = (
    "gatan", "vägen", "gade", "vej", "gata", "veien", "katu", "tie", "straße", "strasse", "weg", "laan", "straat", "gasse",
    "plein", "gracht", "ring", "allee", "platz", "kade", "dreef", "polku", "kuja", "stræde", "stigen", "bakken", "alléen",
)  # fmt: skip
_LED = (
    "Via", "Viale", "Corso", "Piazza", "Calle", "Avenida", "Av.", "Plaza", "Paseo", "C/", "Rua", "Travessa", "Largo", "ul.",
    "Ulica", "al.", "Strada", "Bulevardul", "Aleea", "Jalan", "Jl.", "Carrer", "Rue", "Avenue", "Boulevard", "Chemin", "Quai",
    "Route de", "Contrada", "Vicolo", "Rúa", "Calea", "Trg", "nám.", "Náměstí",
)  # fmt: skip
_TRAILED = (
    "utca",
    "út",
    "u.",
    "tér",
    "ulica",
    "cesta",
    "Caddesi",
    "Sokak",
    "Cd.",
    "Marg",
    "Road",
    "Nagar",
    "köz",
    "sor",
    "ulice",
)
_UNITS = (
    "Apt {n}", "Apt. {n}", "Apartment {n}", "Suite {n}", "Unit {n}", "Flat {n}", "#{n}", "Floor {n}", "Ste {n}", "Room {n}",
    "Apt {n}{l}", "Flat {l}", "Unit {n}{l}", "Level {n}", "Ste. {n}", "Lot {n}",
)  # fmt: skip


class Addresses:
    """Draws addresses: whole blocks, one line, a street with its number, a box."""

    def __init__(self, seed: int = 5) -> None:
        self._pools: dict[str, list[tuple[str, str]]] = {}
        self._weights: dict[str, tuple[list[str], list[int]]] = {}
        for lang, weighed in _LOCALES.items():
            self._weights[lang] = [one for one, _ in weighed], [weight for _, weight in weighed]
            for locale, weight in weighed:
                if not weight or locale in self._pools:
                    continue
                made = faker.Faker(locale)
                made.seed_instance(seed)
                self._pools[locale] = [(made.address(), made.street_address()) for _ in range(_DRAWN)]
        families = [one for locale in names.locales().values() for one in sorted(locale.family) if names.is_latin(one)]
        self._families = families
        self._towns, _ = names.places()

    def _street(self, rng: random.Random) -> str:
        """A street with its number in one of many orders."""
        number = str(rng.choice((rng.randint(1, 99), rng.randint(1, 999), rng.randint(1, 29999))))
        if rng.random() < 0.12:
            number += rng.choice(("a", "b", "A", "B", "-2", "/3", " bis", "C"))
        name = rng.choice(_PLAIN) if rng.random() < 0.45 else rng.choice(self._families)
        shape = rng.random()
        if shape < 0.55:
            if rng.random() < 0.15:
                name = f"{rng.randint(1, 120)}{rng.choice(('st', 'nd', 'rd', 'th'))}"
            elif rng.random() < 0.25:
                name = f"{rng.choice(_PLAIN)} {name}" if rng.random() < 0.5 else f"{rng.choice('NSEW')} {name}"
            return f"{number}{rng.choice((' ', ' ', ' ', ', '))}{name} {rng.choice(_ROADS)}"
        if shape < 0.72:
            street = f"{name}{rng.choice(_SUFFIXED)}" if rng.random() < 0.7 else f"{name} {rng.choice(_TRAILED)}"
        elif shape < 0.92:
            street = f"{rng.choice(_LED)} {name}" + (f" {rng.choice(self._families)}" if rng.random() < 0.3 else "")
        else:
            street = name
        return (
            f"{street}{rng.choice((' ', ' ', ', ', ' nr. ', ' no. '))}{number}"
            if rng.random() < 0.8
            else f"{number} {street}"
        )

    def _block(self, rng: random.Random) -> str:
        """An address put together from parts, its lines apart."""
        lines = [self._street(rng)]
        if rng.random() < 0.3:
            unit = rng.choice(_UNITS).format(n=rng.randint(1, 999), l=rng.choice("ABCDEF"))
            if rng.random() < 0.5:
                lines.append(unit)
            else:
                lines[0] = rng.choice((f"{unit}, {lines[0]}", f"{lines[0]}, {unit}", f"{lines[0]} {unit}"))
        town, code = rng.choice(self._towns), _code(rng)
        lines.append(rng.choice((f"{town} {code}", f"{code} {town}", f"{town}, {_state(rng)} {code}", town, f"{town}\n{code}",
                                 f"{town} {_state(rng)} {code}", f"{town}, {code}")))  # fmt: skip
        return "\n".join(lines)

    def box(self, rng: random.Random, lang: str) -> str:
        """A post box with its town."""
        word = rng.choice(
            ("PO Box", "P.O. Box", "P. O. Box", "Box", "Postfach")
            if lang == "en"
            else ("BP", "B.P.", "CP", "Boîte postale")
        )
        return f"{word} {rng.randint(1, 9999)}\n{rng.choice(self._towns)}{rng.choice((' ', ', ' + _state(rng) + ' '))}{_code(rng)}"

    def street(self, rng: random.Random, lang: str) -> str:
        """A street with its number, without a town."""
        if rng.random() < 0.5:
            return self._street(rng)
        locales, weights = self._weights[lang]
        return re.sub(r"\s*\n\s*", ", ", rng.choice(self._pools[rng.choices(locales, weights)[0]])[1]).strip()

    def full(self, rng: random.Random, lang: str) -> str:
        """A whole address in one line or several."""
        locales, weights = self._weights[lang]
        locale = rng.choices(locales, weights)[0]
        draw = rng.random()
        if draw < 0.06:
            block = self.box(rng, lang)
        elif draw < 0.4:
            block = self._block(rng)
        else:
            block = rng.choice(self._pools[locale])[0]
            if rng.random() < 0.3:
                lines = block.split("\n")
                lines[0] = self._street(rng)
                block = "\n".join(lines)
        if rng.random() < 0.25:
            lands: Sequence[str] = _COUNTRIES.get(
                locale, ("Kenya", "Peru", "Iceland", "Austria", "Cyprus", "Greece", "Uruguay")
            )
            block += "\n" + rng.choice(lands)
        joint = rng.choices((", ", "\n", " ", " - ", ",\n", "\n "), (50, 28, 12, 2, 6, 2))[0]
        return re.sub(r" ?\n ?", joint, re.sub(r",\s*\n", "\n", block)).strip()


def _state(rng: random.Random) -> str:
    return rng.choice(
        ("CA", "NY", "TX", "FL", "IL", "OH", "WA", "MA", "GA", "NC", "NSW", "VIC", "QLD", "ON", "BC", "QC", "WI", "MN")
    )


def _code(rng: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPRSTUWXY"
    digit, letter = (lambda: str(rng.randint(0, 9))), (lambda: rng.choice(letters))
    return rng.choice(
        (
            f"{rng.randint(501, 99950):05d}",
            f"{rng.randint(501, 99950):05d}",
            f"{rng.randint(501, 99950):05d}-{rng.randint(1, 9999):04d}",
            f"{letter()}{letter()}{rng.randint(1, 29)} {digit()}{letter()}{letter()}",
            f"{letter()}{rng.randint(1, 9)}{letter()} {digit()}{letter()}{digit()}",
            str(rng.randint(1000, 9899)),
            str(rng.randint(1000, 9899)),
            f"{rng.randint(10, 99)}-{rng.randint(100, 999)}",
            f"{rng.randint(100, 999)} {rng.randint(10, 99)}",
        )
    )
