"""Beliefs (GDPR Art. 9): religious, philosophical, political, trade unions; stated, or implied by a rite or a gift."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import special
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.setting import Setting, said_by_key, setting
from douane.detectors.weight import OTHERS
from douane.detectors.words import key_words, word_set

_RELIGION = "user.demographic.religious_belief"
_PHILOSOPHY = "user.demographic.philosophical_belief"
_POLITICS = "user.demographic.political_opinion"
_UNION = "user.demographic.trade_union"
_RITES = word_set("halal kosher casher cacher ramadan shabbat sabbath zabiha")


_CHAPTERS = word_set("local chapter lodge")
_LOCAL = re.compile(r"(?i)\b(?:local|lodge|chapter|district council) (?:no\.? ?)?\d{1,5}\b")


class Belief:
    """A kosher meal asked for is a belief; a kosher restaurant in a list of results is not."""

    name = "belief"
    title = "Religion, politics, trade unions"
    MATCHES = (
        Match({"religion": "Buddhist"}, _RELIGION),
        Match({"diet": "halal"}, _RELIGION),
        Match({"requests": "messe de Pâques à proximité"}, _RELIGION),
        Match({"q": "mosquée près de chez moi"}, _RELIGION),
        Match({"label": "mosque donation"}, _RELIGION),
        Match({"label": "adhésion PS"}, _POLITICS),
        Match({"remark_text": "registered Democrat"}, _POLITICS),
        Match({"user_request": "je milite chez les Verts"}, _POLITICS),
        Match({"commentaire": "déplacement pour une réunion syndicale"}, _UNION),
        Match({"label": "union dues"}, _UNION),
        Match({"mealPreference": "kosher"}, _RELIGION),
        Match({"passengers": [{"name": "Roe/Ann", "ssr": ["MOML"]}]}, _RELIGION, at="passengers/ssr", results=True),
        Match({"libelle": "zakat al-fitr"}, _RELIGION),
        Match({"leave_reason": "Eid al-Adha"}, _RELIGION),
        Match({"tithe": "$40 monthly"}, _RELIGION),
        Match({"comment": "nous respectons le shabbat"}, _RELIGION),
        Match({"note": "je suis franc-maçon"}, _PHILOSOPHY),
        Match({"voter": "Ann Lee", "party": "D"}, _POLITICS, at="party"),
        Match({"intention_de_vote": "blanc"}, _POLITICS),
        Match({"commentaire": "adhérente LFI depuis 2019"}, _POLITICS),
        Match({"message": "I am canvassing for the Greens on Saturday"}, _POLITICS),
        Match({"union": "Teamsters Local 705"}, _UNION),
        Match({"note": "adhérente FO"}, _UNION),
        Match({"unionMember": True}, _UNION),
        Match({"reason": "shop steward training"}, _UNION),
        Match({"member": {"first_name": "Una", "parish": "St Brigid's"}}, _RELIGION, at="member/parish"),
        Match({"bio": "raised Baptist, now agnostic"}, _RELIGION, text="raised Baptist"),
        Match({"donor": "Ann Roe", "gifts": [{"label": "Easter offering"}]}, _RELIGION, at="gifts/label", results=True),
        Match({"label": "cotisation section PS Lyon"}, _POLITICS),
        Match({"r3": "athée"}, _RELIGION),
        Match({"no_pork": True}, _RELIGION),
        Match({"note": "Unite branch rep since 2021"}, _UNION),
        Match({"local": "Teachers Local 1199"}, _UNION),
    )
    MISSES = (
        Miss({"note": "first aid kit needed, I need financial aid too"}, "help, no feast"),
        Miss({"note": "kosher salt 1kg and the history of the Jewish quarter of Prague"}, "a salt, a quarter"),
        Miss({"gift_aid": True, "first_aid": True}, "help"),
        Miss({"q": "cours d'histoire des cathédrales"}, "a course"),
        Miss({"results": [{"name": "Kosher Deli", "cuisine": "kosher", "rating": 4}]}, "a restaurant", results=True),
        Miss({"religion": "n/a"}, "not said"),
        Miss({"text": "I read half of a book about gothic cathedrals."}, "a book"),
        Miss({"label": "rent"}, "rent"),
        Miss({"dons": "Restos du cœur 50"}, "a charity"),
        Miss({"q": "European Union history"}, "a union of states"),
        Miss({"hotelName": "Church Street Hotel"}, "a street"),
        Miss({"party_size": 4}, "a table"),
        Miss({"requests": "party of four near the window"}, "a table"),
        Miss({"q": "books on the history of the labour party"}, "a book"),
        Miss({"text": "un article sur l'histoire du syndicalisme"}, "an article"),
        Miss({"party": "birthday"}, "a feast"),
        Miss({"theme": {"primary": "green"}}, "a colour"),
        Miss({"note": "conservative estimate of three days"}, "an estimate"),
        Miss({"note": "a liberal amount of olive oil"}, "an amount"),
        Miss({"account": "credit union savings"}, "a bank"),
        Miss({"sql": "select a union select b"}, "a query"),
        Miss({"note": "réunion du syndicat de copropriété"}, "co-owners"),
        Miss({"event": "Messe de Francfort 2026"}, "a fair"),
        Miss({"instructions": "turn left at the church"}, "a way"),
        Miss({"subject": "cours de voile pour mes enfants"}, "sailing"),
        Miss({"dishes": [{"name": "Tajine", "halal": True}]}, "a dish's", results=True),
        Miss({"text": "Paris has 40 mosques and 30 synagogues."}, "a city's", results=True),
        Miss({"text": "Le syndicat CGT appelle à la grève le 12 mars."}, "news", results=True),
        Miss({"vote": "up"}, "a thumb"),
        Miss({"note": "Meet at the mosque parking"}, "a place to meet"),
        Miss({"instructions": "the house behind the church, blue door"}, "a way"),
        Miss({"tour": "Faith and Ritual: the Jewish collections"}, "a guided tour"),
        Miss({"commentaire": "carte jeune", "passager": "Li"}, "a fare for the young"),
        Miss({"parish": "St Brigid's", "county": "Galway"}, "a place"),
        Miss({"texte": "Les dons aux partis politiques ouvrent droit à une réduction."}, "a law", results=True),
        Miss({"options": [{"libelle": "Parti socialiste", "pct": 17}]}, "a poll", results=True),
        Miss({"text": "Jeudi : omelette pour les régimes sans porc."}, "a school's menu", results=True),
        Miss({"decisions": [{"resume": "Discrimination syndicale : charge de la preuve."}]}, "case law", results=True),
        Miss({"title": "My books", "content": "Quran: A Historical Introduction"}, "a list to read"),
        Miss({"lieu": "Bourse du travail, salle 2"}, "a place"),
        Miss({"candidates": [{"name": "Ann Roe", "party": "Democratic"}]}, "who stands for an office", results=True),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        about = setting(scene)
        for one in about.candidates:
            for category in (_RELIGION, _PHILOSOPHY, _POLITICS, _UNION):
                yield from special.of_field(one, category, self.name, about)
            if (
                one.to_app
                and one.prose
                and (_UNION in about.about or (one.words and one.words[-1] in _CHAPTERS))
                and _LOCAL.search(one.text, 0, 80)
            ):
                yield whole(one, _UNION, 0.75, self.name, "a union's local")
            if self._attends(one, about):
                yield whole(one, _RELIGION, 0.8, self.name, "where a person worships")
            if (
                one.field.value is True
                and one.to_app
                and (not _RITES.isdisjoint(one.words) or _RELIGION in said_by_key(one.field.key))
                and special.record(one) not in OTHERS
            ):
                yield whole(one, _RELIGION, 0.8, self.name, "key")

        for category in about.about & _GIVEN_TO:
            for one in scene.texts:
                if self._gift(one):
                    yield whole(one, category, 0.75, self.name, "a gift by the app's kind")

    @staticmethod
    def _gift(one: Seen) -> bool:
        """Whether the field says what a gift or a due was for."""
        if one.words not in _LABELS or len(one.field.keys) < 2 or not one.prose or len(one.text) > 80:
            return False
        return not _GIFTS.isdisjoint(key_words(one.field.keys[-2])) and one.field.keys[-1] == one.field.key

    @staticmethod
    def _attends(one: Seen, about: Setting) -> bool:
        """Whether the field names the place of worship in a person's record."""
        if not one.is_text or one.empty or not one.words or one.words[-1] not in _WORSHIP or len(one.text) > 60:
            return False
        if one.words[0] in {"civil", "birth", "near", "nearest"} or one.has_digit or not about.of_person(one):
            beside = about.record(one)
            if one.words[-1:] != one.words or beside.isdisjoint(_NAMES):
                return False
        return about.record(one).isdisjoint(_POSTAL)


_GIVEN_TO = frozenset({_RELIGION, _POLITICS, _UNION})
_LABELS = frozenset(
    {("label",), ("lib",), ("libelle",), ("for",), ("purpose",), ("fund",), ("fonds",), ("memo",), ("motif",)}
)
_GIFTS = word_set(
    "gift gifts don dons donation donations offering offerings offrande offrandes dues tithes quetes denier zakat "
    "cotisations contributions pledges"
)
_WORSHIP = word_set("parish paroisse church eglise mosque mosquee synagogue congregation gurdwara shul masjid diocese")
_NAMES = word_set("firstname lastname surname prenom first last givenname bapteme baptism godfather godmother parrain")
_POSTAL = word_set("street rue city ville town postcode zip cp county state address adresse country pays lat lon lng")


DETECTOR = Belief()
