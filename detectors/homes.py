"""Whether an address written in a text is somebody's home: by the words before it, the key and the record."""

import re
from bisect import bisect_right
from operator import itemgetter

from douane.detectors import hints
from douane.detectors.blocks import is_under_label
from douane.detectors.names import UPPER, has_given, is_common, is_given
from douane.detectors.premises import PREMISES, key_says, said_before
from douane.detectors.records import Records
from douane.detectors.scene import Scene, Seen
from douane.detectors.streets import has_street
from douane.detectors.subject import AT_WORK, Subject
from douane.detectors.words import tokens, word_set

_LIVES = re.compile(
    r"(?i)\b(?:i(?:'m| am)? liv(?:e|ing)|we(?:'re| are)? liv(?:e|ing)|(?:my|our|his|her|their|home|current|new|"
    r"postal|mailing) address|"
    r"deliver(?:y|ed)?(?: it| them| this)? to|ship(?:ped)?(?: it| them| this)? to|send (?:it|them|this) to|moved? "
    r"to|lives? at|living at|resid(?:es?|ing)|"
    r"j[e'’] ?(?:habite|loge|réside|demeure)|nous (?:habitons|logeons)|(?:il|elle|on) habite|mon adresse|notre "
    r"adresse|livre[rz]? (?:au|à|chez)|domicili[ée]e?s?|"
    r"demeurant|résidant|adresse ?:|address ?:|chez (?:moi|nous)|my (?:house|flat|place|home|apartment)|à mon "
    r"domicile)\b"
)
_CIVIL = re.compile(
    rf"(?:\b(?:Mr|Mrs|Ms|Miss|Mx|Mme|Mlle|M\.|Monsieur|Madame)\.? {UPPER}|\b(?:[Pp]atiente?|[Cc]liente?|[Tt]enant|"
    rf"[Ll]ocataire|[Pp]ayee|"
    rf"[Aa]pplicant|[Cc]ustomer|[Nn]ame|[Nn]om|[Bb]uyer|né[e]? le|born)\b|@)"
)
_SEARCHED = word_set(
    "near around nearby where search q query find autour proche quartier area from to destination origin depart"
)
_PUBLIC = frozenset({Subject.PLACE, Subject.THING, Subject.PROFESSIONAL})


class Homes:
    """What a text, its key and its record say of the addresses written in it."""

    def __init__(self, scene: Scene, one: Seen, known: Records) -> None:
        text = one.text
        self._scene, self._one, self._known = scene, one, known
        self._said_by_key = ""
        self._whose: Subject | None = None
        self.lives = _LIVES.search(text) is not None
        """Whether the text says of somebody that they live or receive something somewhere."""
        self.short = len(text) <= 120
        if self.short:
            self._said_by_key = key_says(one.field.key)
        self.own = self._said_by_key == "home"
        """Whether the key says that the value is somebody's home."""
        self.possible = self._said_by_key != "premises" and (self.lives or not one.searching)
        """Whether an address there may be somebody's."""
        self.passed = (
            self.possible and self.short and not self.lives and not self.own and not _SEARCHED.isdisjoint(one.words)
        )
        """Whether the key says that a place is looked for or passed through."""

    def holds(self, start: int, end: int) -> bool:
        """Whether the address there is somebody's."""
        text = self._one.text
        said = said_before(text, start)
        if said == "premises" or starts_with_premises(text[start:end]):
            return False
        if self._one.field.opened and self._is_businesss(self._one.field.outer(*self._one.original(start, end))[0]):
            return False
        if said == "home" or self.own or is_under_label(text, start):
            return True
        if self._whose is None:
            self._whose = self._of_text()
        if self._whose in _PUBLIC:
            return False
        return self._whose is not Subject.UNKNOWN or self._scene.to_app or _after_person(text, start)

    def _is_businesss(self, start: int) -> bool:
        """Whether the line in which an address begins has a label of its own and stands in a business's record."""
        lines = self._scene.kept(_lines).get(self._one.field.pointer, [])
        at = bisect_right(lines, start, key=itemgetter(0)) - 1
        return at >= 0 and start < lines[at][1] and self._known.whose(lines[at][2]) in AT_WORK

    def _of_text(self) -> Subject:
        """Whose an address without a word before it is."""
        one = self._one
        if len(one.text) > 200 or hints.PROSE in one.hints:
            return Subject.PERSON if one.to_app and one.about is not Subject.PROFESSIONAL else Subject.UNKNOWN
        return self._known.whose(one)


def _lines(scene: Scene) -> dict[str, list[tuple[int, int, Seen]]]:
    """The addresses on lines with a label, and where they stand in the texts at their pointers."""
    found: dict[str, list[tuple[int, int, Seen]]] = {}
    for one in scene.texts:
        if one.field.excerpt and one.hinted("user.contact.address"):
            found.setdefault(one.field.pointer, []).append((*one.field.outer(0, len(one.field.text)), one))
    for lines in found.values():
        lines.sort(key=itemgetter(0))
    return found


def _after_person(text: str, start: int) -> bool:
    """Whether a person is named before an address in an app's answer."""
    if _CIVIL.search(text, max(0, start - 120), start):
        return True
    name = _NAME_BEFORE.search(text, max(0, start - 50), start)
    if name is None:
        return False
    parts = name[1].split()
    # A shop named after somebody has its own word first ("Bouillon Victorine", "Le Petit Marcel").
    return (is_given(parts[0]) or (parts[0].isupper() and has_given(name[1]))) and not any(map(is_common, parts))


_NAME_BEFORE = re.compile(rf"({UPPER}[\w'’-]{{1,24}}(?: {UPPER}[\w'’.-]{{0,24}}){{1,3}})[,: ]{{1,3}}$")


def starts_with_premises(text: str) -> bool:
    """Whether a business or a venue is named before the first comma or figure of an address."""
    if not text or text[0].isdigit():
        return False
    head = tokens(text[:60].split(",", 1)[0])
    street = next((at for at, token in enumerate(head) if has_street((token,))), 0)
    # A street called after what stands in it ("Station Road", "Church Lane") is nobody's premises.
    return any(token.word in PREMISES for at, token in enumerate(head) if not 0 <= at < street <= at + 2)
