"""Invented MCP-like text in English and French, with the names in it marked: made from frames and lists, by a seed.

A frame is a line of frames/*.txt with slots in braces (filled and labelled as below) and, now and then, a labelled name
in brackets: `[L:Nancy]`. A tenth of the frames and of the names is held out for measuring.
"""

import argparse
import hashlib
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import names
from addresses import Addresses
from corpora import Example
from fillers import EN, FR, Fillers
from numbers_said import NUMBERS
from told import PEOPLES, told

_SLOT = re.compile(r"\{(\w+)\}|\[([LO]):([^\]]+)\]")
_FOLDER = Path(__file__).parent / "frames"
PERSON, LOCATION, ORGANIZATION, ADDRESS = "PERSON", "LOCATION", "ORGANIZATION", "ADDRESS"
_STREET = "STREET"
"""A street, until what stands beside it says whether it is a part of an address."""
_LITERAL = {"L": LOCATION, "O": ORGANIZATION}
_OWN_WEIGHT = 14
_FRENCH = ("fr", "own-breton", "own-maghreb", "own-modern-fr", "own-west-africa")
_ENGLISH = ("en", "own-modern-en")
_OTHER_SCRIPTS = 0.02
_STARTS = (
    "N", "V", "Qu", "Z", "Kr", "Bl", "Tr", "M", "S", "D", "L", "P", "F", "Cl", "Ax", "Or", "El", "In", "Syn",
    "Str",
)  # fmt: skip
_MIDDLES = (
    "o", "e", "i", "a", "u", "ex", "an", "or", "il", "en", "es",
)  # fmt: skip
_ENDS = (
    "ix", "ora", "tab", "mont", "io", "ly", "ify", "sys", "tek", "via", "sint", "dyne", "co", "nova", "gen",
    "ia", "on", "um", "us", "ent", "aro", "eo", "flow", "ware", "works", "lab", "net", "pay", "soft", "ova",
    "is", "ence", "ium",
)  # fmt: skip


class Names:
    """Draws people's names; never a held-out one, or, for measuring, held-out ones alone."""

    def __init__(self, *, held_out: bool) -> None:
        self._pools: list[tuple[list[str], list[str]]] = []
        self._weights: dict[str, list[float]] = {"en": [], "fr": []}
        given_anywhere: list[str] = []
        family_anywhere: list[str] = []
        for name, locale in names.locales().items():
            given = sorted(one for one in locale.given if names.held_out(one) == held_out)
            family = sorted(one for one in locale.family if names.held_out(one) == held_out)
            if not given and not family:
                continue
            latin = bool(given or family) and all(map(names.is_latin, (given + family)[:20]))
            base = 1.0 if latin else _OTHER_SCRIPTS
            kind = name.split("-", 1)[1]
            for lang, near in (("en", _ENGLISH), ("fr", _FRENCH)):
                close = kind.split("_")[0].split("-")[0] in near or name in near
                own = name.startswith("own-")
                self._weights[lang].append(base * (22.0 if close and not own else _OWN_WEIGHT if own else 1.0))
            self._pools.append((given, family))
            if latin:
                given_anywhere += given[:400]
                family_anywhere += family[:400]
        self._any = (given_anywhere, family_anywhere)

    def _pool(self, rng: random.Random, lang: str) -> tuple[list[str], list[str]]:
        given, family = rng.choices(self._pools, self._weights[lang])[0]
        if rng.random() < 0.12:
            given, family = self._any
        return given or self._any[0], family or self._any[1]

    def given(self, rng: random.Random, lang: str) -> str:
        """A given name."""
        given, _ = self._pool(rng, lang)
        return rng.choice(given)

    def family(self, rng: random.Random, lang: str) -> str:
        """A family name."""
        _, family = self._pool(rng, lang)
        return rng.choice(family)

    def full(self, rng: random.Random, lang: str) -> str:
        """Given and family name in one of the orders and shapes people write."""
        givens, families = self._pool(rng, lang)
        given, family = rng.choice(givens), rng.choice(families)
        shape = rng.random()
        if shape < 0.68:
            return f"{given} {family}"
        if shape < 0.73:
            return f"{given} {rng.choice(givens)} {family}"
        if shape < 0.78:
            return f"{given} {family} {rng.choice(families)}"
        if shape < 0.81:
            return f"{given} {family}-{rng.choice(families)}"
        if shape < 0.86:
            return f"{given[0]}. {family}"
        if shape < 0.89:
            return f"{given} {family[0]}"
        if shape < 0.92:
            return f"{given} {rng.choice(givens)[0]}. {family}"
        if shape < 0.96:
            return f"{family.upper()} {given}" if rng.random() < 0.6 else f"{given} {family.upper()}"
        if shape < 0.98:
            return f"{family} {given}"
        particle = rng.choice(("de", "van", "von", "del", "al", "bin", "El", "de la", "Ben", "Le", "di"))
        return f"{given} {particle} {family}"

    def any(self, rng: random.Random, lang: str) -> str:
        """A full name, a given name or a family name."""
        draw = rng.random()
        return self.full(rng, lang) if draw < 0.5 else self.given(rng, lang) if draw < 0.85 else self.family(rng, lang)


class Generator:
    """Makes examples from the frames of both languages."""

    def __init__(self, seed: int, *, held_out: bool = False) -> None:
        self._rng = random.Random(seed)  # noqa: S311 - reproducible text, not a secret
        self._names = Names(held_out=held_out)
        self._addresses = Addresses()
        towns, _ = names.places()
        self._towns = towns
        self._frames = {lang: _frames(lang, held_out=held_out) for lang in ("en", "fr")}
        self._fillers = {"en": EN, "fr": FR}

    def example(self) -> Example:
        """One text; now and then two frames joined, or many as in a letter, or both languages in one text."""
        rng = self._rng
        lang = rng.choice(("en", "fr"))
        text, spans = self._fill(rng.choice(self._frames[lang]), lang)
        more_follows = 0.85 if rng.random() < 0.07 else 0.2
        while rng.random() < more_follows and len(text) < 800:
            other = lang if rng.random() < 0.85 else ("fr" if lang == "en" else "en")
            more, extra = self._fill(rng.choice(self._frames[other]), other)
            joint = rng.choice((" ", ". ", "\n", " - ", ", ", "; ", "\n\n"))
            spans += [
                (start + len(text) + len(joint), end + len(text) + len(joint), kind) for start, end, kind in extra
            ]
            text += joint + more
        spans = _joined(text, spans)
        seen, unknown = told(text, spans)
        spans = sorted(spans + seen)
        text = self._cased(text, spans)
        return Example(text, tuple(spans), tuple(unknown), 1.0, lang, "synthetic")

    def _fill(self, frame: str, lang: str) -> tuple[str, list[tuple[int, int, str]]]:
        text = ""
        spans: list[tuple[int, int, str]] = []
        last = 0
        for slot in _SLOT.finditer(frame):
            text += frame[last : slot.start()]
            for piece, kind in self._slot(slot[1], lang) if slot[1] else [(slot[3], _LITERAL[slot[2]])]:
                if kind == PERSON and spans and spans[-1][2] == PERSON and text[spans[-1][1] :] == " ":
                    spans[-1] = (spans[-1][0], len(text) + len(piece), kind)
                elif kind:
                    spans.append((len(text), len(text) + len(piece), kind))
                text += piece
            last = slot.end()
        return (text + frame[last:]).replace("\\n", "\n"), _escaped(text + frame[last:], spans)

    def _slot(self, slot: str, lang: str) -> list[tuple[str, str]]:
        rng, fillers = self._rng, self._fillers[lang]
        people: dict[str, Callable[[random.Random, str], str]] = {
            "full": self._names.full,
            "given": self._names.given,
            "family": self._names.family,
            "person": self._names.any,
        }
        if slot in people:
            return [(people[slot](rng, lang), PERSON)]
        if slot == "civ":
            return [(rng.choice(fillers.civilities) + " ", ""), (self._titled(lang), PERSON)]
        if slot in {"xgiven", "xfamily"}:
            return [(people[slot[1:]](rng, lang), "")]
        if slot == "handle":
            return [(self._handle(lang), "")]
        if slot in {"city", "country", "street", "place", "org", "shop"}:
            kind = ORGANIZATION if slot in {"org", "shop"} else _STREET if slot == "street" else LOCATION
            return [(self._named(slot, lang, fillers), kind)]
        if slot in {"title", "product", "event"}:
            return [(self._named(slot, lang, fillers), "")]
        if slot == "num":
            return [(str(rng.choice((rng.randint(1, 31), rng.randint(1, 9999)))), "")]
        if slot == "code":
            return [(_code(rng), "")]
        if slot == "date":
            return [(fillers.date(rng), "")]
        if slot == "time":
            return [(f"{rng.randint(0, 23)}{rng.choice(fillers.hour_marks)}{rng.randint(0, 59):02d}", "")]
        if slot == "money":
            return [(fillers.money(rng), "")]
        if slot == "address":
            return [(self._addresses.full(rng, lang), ADDRESS)]
        if slot == "letters":
            return [(rng.choice(("Jr.", "Sr.", "PhD", "MD", "III", "II", "DDS", "Esq.", "MBA", "Jr", "RN")), "")]
        if slot == "title1":
            return [(rng.choice(fillers.civilities), "")]
        if slot == "street1":
            return [(self._addresses.street(rng, lang), ADDRESS)]
        if slot == "nrp":
            return [(rng.choice(PEOPLES), "")]
        if slot in NUMBERS:
            return [(NUMBERS[slot](rng), "")]
        if slot == "email":
            given = _ascii(self._names.given(rng, lang))
            return [(f"{given}{rng.choice(('.', '_', ''))}{rng.randint(1, 99)}@example.org", "")]
        return [(rng.choice(fillers.words[slot]), "")]

    def _titled(self, lang: str) -> str:
        return self._names.family(self._rng, lang) if self._rng.random() < 0.65 else self._names.full(self._rng, lang)

    def _named(self, slot: str, lang: str, fillers: Fillers) -> str:
        """A place, company, title or product, often named after somebody."""
        rng = self._rng
        if slot == "city" and rng.random() < 0.55:
            return rng.choice(self._towns)
        pattern = rng.choice(fillers.patterns[slot])
        return _SLOT.sub(lambda found: self._part(found[1], lang, fillers), pattern)

    def _part(self, slot: str, lang: str, fillers: Fillers) -> str:
        rng = self._rng
        if slot == "full":
            return f"{self._names.given(rng, lang)} {self._names.family(rng, lang)}"
        if slot == "given":
            return self._names.given(rng, lang)
        if slot == "family":
            return self._names.family(rng, lang)
        if slot == "city":
            return rng.choice(self._towns)
        if slot == "num":
            return str(rng.randint(2, 99))
        if slot == "brandword":
            return _invented(rng)
        return rng.choice(fillers.words[slot])

    def _handle(self, lang: str) -> str:
        given = _ascii(self._names.given(self._rng, lang))
        family = _ascii(self._names.family(self._rng, lang))
        domain = self._rng.choice(("example.org", "mail.example", "example.com", "post.example.net"))
        return self._rng.choice(
            (
                f"{given}.{family}@{domain}",
                f"{given[0]}{family}@{domain}",
                f"@{given}{self._rng.randint(1, 99)}",
                f"{given}_{family}{self._rng.randint(1, 999)}",
                f"https://{domain}/{given}-{family}",
                f"{family}-{given}.{self._rng.choice(('pdf', 'docx', 'jpg', 'csv', 'png'))}",
                f"{self._rng.choice(('cv', 'IMG', 'scan', 'contract', 'facture'))}_{family.title()}.pdf",
            )
        )

    def _cased(self, text: str, spans: list[tuple[int, int, str]]) -> str:
        draw = self._rng.random()
        if draw < 0.16:
            return _mapped(text, str.lower)
        if draw < 0.22:
            return _mapped(text, str.upper)
        if draw < 0.30:
            change = str.lower if draw < 0.27 else str.upper
            for start, end, _ in spans:
                text = text[:start] + _mapped(text[start:end], change) + text[end:]
        return text


def _joined(text: str, spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Streets with a number beside them as addresses, with the town behind them; other streets as places."""
    made: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(spans):
        last = made[-1] if made else None
        if (
            last is not None
            and last[2] == ADDRESS
            and kind == LOCATION
            and not (rest := text[last[1] : start]).strip(" ,\n-")
        ):
            made[-1] = (last[0], end, ADDRESS)
            tail = re.match(r",? ?\n?\d{3,5}(?!\w)", text[end:])
            if tail is not None and "\n\n" not in rest:
                made[-1] = (last[0], end + tail.end(), ADDRESS)
            continue
        if kind == _STREET:
            before = re.search(r"(?<!\w)\d{1,4}(?: bis| ter)?,? ?$", text[:start])
            behind = re.match(r",? \d{1,4}(?!\w)", text[end:])
            kind = ADDRESS if before or behind else LOCATION
            start = before.start() if before else start
            if behind and not before:
                end += behind.end()
            if kind == ADDRESS:
                more = re.match(r",? (?i:apt|suite|unit|flat)\.? \d{1,4}|[,\n] ?\d{3,5} (?=[A-Z])", text[end:])
                end += more.end() if more else 0
                if text[end - 1] == " ":
                    end -= 1
            if last is not None and last[1] > start:
                start = last[1]
        made.append((start, end, kind))
    return made


def _frames(lang: str, *, held_out: bool) -> list[str]:
    frames: list[str] = []
    for path in sorted(_FOLDER.glob(f"{lang}*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        frames += lines * (2 if path.stem.endswith("-4") else 1)
    return [one for one in frames if (hashlib.sha256(one.encode()).digest()[0] % 10 == 0) == held_out]


def _escaped(text: str, spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The spans once every `\\n` of the frame is one character."""
    moved = []
    for start, end, kind in spans:
        before = text.count("\\n", 0, start)
        moved.append((start - before, end - before, kind))
    return moved


def _mapped(text: str, change: Callable[[str], str]) -> str:
    """The text in another case, of the same length."""
    return "".join(new if len(new := change(char)) == 1 else char for char in text)


def _invented(rng: random.Random) -> str:
    """A word that nobody bears as a name, such as companies take."""
    if rng.random() < 0.15:
        return "".join(rng.choice("ABCDEFGHIKLMNOPRSTV") for _ in range(rng.randint(2, 5)))
    word = rng.choice(_STARTS) + rng.choice(_MIDDLES) + rng.choice(_ENDS)
    return word[0].upper() + word[1:]


def _ascii(name: str) -> str:
    return "".join(char for char in name.lower() if char.isascii() and char.isalpha()) or "user"


def _code(rng: random.Random) -> str:
    letters = "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(rng.randint(2, 4)))
    number = rng.randint(10, 99999)
    return rng.choice((f"{letters}-{number}", f"{letters}{number}", f"#{number}"))


def main() -> None:
    """Write held-out examples as JSON Lines, for evaluate.py."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    generator = Generator(args.seed, held_out=True)
    with args.out.open("w", encoding="utf-8") as lines:
        for _ in range(args.count):
            one = generator.example()
            lines.write(json.dumps({"text": one.text, "spans": one.spans, "lang": one.lang}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
