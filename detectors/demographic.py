"""Gender, nationality, marital status and languages of a person, by key and in plain words."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import fold, word_set

_GENDER = "user.demographic.gender"
_NATION = "user.demographic.nationality"
_MARITAL = "user.demographic.marital_status"
_GENDERS = word_set(
    """
    m f mr mrs ms miss mx m. mr. mrs. ms. mme mlle mme. mlle. monsieur madame mademoiselle male female man woman
    homme femme masculin feminin h non-binary nonbinary non binaire other autre x he/him she/her they/them il/lui
    elle il iel he she they boy girl garcon fille trans transgender sir dr
    """
)
_STATUS = word_set(
    """
    single married divorced widowed widow widower separated engaged celibataire marie mariee divorce divorcee veuf
    veuve pacse pacsee concubinage separe separee in a relationship civil partnership union libre
    """
)
_DEMONYMS = word_set(
    """
    afghan afghane albanian albanais albanaise algerian algérien algérienne american américain américaine angolan
    argentine argentinian argentin arménien arménienne armenian australian australien australienne austrian
    autrichien autrichienne bangladeshi belgian belge bolivian bosnian brazilian brésilien brésilienne british
    britannique bulgarian bulgare burkinabé cambodian cameroonian camerounais camerounaise canadian canadien
    canadienne chilean chilien chilienne chinese chinois chinoise colombian colombien colombienne comorien
    comorienne congolese congolais congolaise croatian croate cuban cubain cubaine czech tchèque danish danois
    danoise dutch néerlandais néerlandaise ecuadorian egyptian égyptien égyptienne english anglais anglaise eritrean
    estonian ethiopian éthiopien éthiopienne filipino filipina finnish finlandais finlandaise french français
    française gabonais gabonaise georgian géorgien géorgienne german allemand allemande ghanaian ghanéen greek grec
    grecque guinéen guinéenne haitian haïtien haïtienne honduran hungarian hongrois hongroise icelandic indian
    indien indienne indonesian iranian iranien iranienne iraqi irakien irakienne irish irlandais irlandaise israeli
    israélien israélienne italian italien italienne ivorian ivoirien ivoirienne jamaican japanese japonais japonaise
    jordanian kenyan korean coréen coréenne kosovar kuwaiti latvian lebanese libanais libanaise libyan lithuanian
    luxembourgeois malagasy malgache malaysian malian malien malienne maltese mauritanian mauricien mexican mexicain
    mexicaine moldovan moldave moroccan marocain marocaine nepalese nigerian nigérian nigériane nigérien norwegian
    norvégien norvégienne pakistani pakistanais pakistanaise palestinian palestinien palestinienne peruvian péruvien
    polish polonais polonaise portuguese portugais portugaise romanian roumain roumaine russian russe rwandan
    rwandais saudi saoudien scottish senegalese sénégalais sénégalaise serbian serbe singaporean slovak slovaque
    slovenian somali south-african sud-africain spanish espagnol espagnole sri-lankan sudanese soudanais swedish
    suédois suédoise swiss suisse syrian syrien syrienne taiwanese thai thaïlandais togolais togolaise tunisian
    tunisien tunisienne turkish turc turque ugandan ukrainian ukrainien ukrainienne uruguayan venezuelan vénézuélien
    vietnamese vietnamien vietnamienne welsh zimbabwean
    """
)
_ANY = "|".join(sorted({re.escape(word) for word in _DEMONYMS}, key=len, reverse=True))
_FOLDED = frozenset(fold(form) for word in _DEMONYMS for form in (word, word + "s"))
_SAID = re.compile(
    rf"(?i)\b(?:je suis|i am|i'm|we are|nous sommes|de nationalité|nationality|nationalité|is a|"
    rf"citoyen(?:ne)?|passeport|ressortissant(?:e)?)\s(?:an? |de nationalité |"
    rf":\s?)?({_ANY})s?\b(?! (?:food|restaurant|cuisine|teacher|class))"
)
_CITIZEN = re.compile(rf"(?i)\b({_ANY}) (?:citizen|national|passport|nationality|ressortissant)s?\b")
_LETTERS = re.compile(r"^[^\W\d_][^\d_@/<>{{}}]{1,40}$")
_NATION_CODE = re.compile(r"^[A-Z]{2,3}$")


class Demographic:
    """`title` and `genre` are often something else: the value must be one of the words that people use."""

    name = "demographic"
    title = "Gender, nationality, marital status"
    MATCHES = (
        Match({"civilite": "MME"}, _GENDER),
        Match({"gender": "female"}, _GENDER),
        Match({"guest": {"title": "Mrs"}}, _GENDER),
        Match({"pronouns": "they/them"}, _GENDER),
        Match({"nationality": "Belge"}, _NATION),
        Match({"passenger": {"nationality": "FR"}}, _NATION),
        Match({"question": "je suis marocain, titre de séjour expiré"}, _NATION, text="marocain"),
        Match({"q": "visa for a Kenyan citizen"}, _NATION, text="Kenyan"),
        Match({"situation_familiale": "mariée"}, _MARITAL),
    )
    MISSES = (
        Miss({"genre": "jazz"}, "a kind of music"),
        Miss({"title": "Summer sale"}, "a title"),
        Miss({"orientation": "landscape"}, "a page's"),
        Miss({"cuisine": "Italian"}, "a kitchen"),
        Miss({"q": "french restaurant"}, "a kitchen"),
        Miss({"text": "Mme Martin est arrivée"}, "a civility inside a sentence"),
        Miss({"language": "French"}, "a language"),
        Miss({"sex": "unspecified"}, "not said"),
        Miss({"nationality_required": True}, "a switch"),
        Miss({"product": {"gender": "women"}}, "a section of a shop"),
        Miss({"text": "i am looking for polish remover"}, "nail polish"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            if one.empty or one.field.is_key:
                continue
            if one.hints:
                found = self._keyed(one)
                if found is not None:
                    yield found
                    continue
            if one.prose and any(token.word in _FOLDED for token in one.tokens):
                for pattern in (_SAID, _CITIZEN):
                    for hit in pattern.finditer(one.text):
                        yield part(one, hit.start(1), hit.end(1), _NATION, 0.8, self.name, "words around it")

    def _keyed(self, one: Seen) -> Finding | None:
        text = fold(one.text.strip())
        if one.about in {Subject.THING, Subject.PLACE}:
            return None
        if _GENDER in one.hints and text in _GENDERS:
            if one.words[-1:] in {("title",), ("titre",)} and text in {"other", "autre", "x"}:
                return None
            return whole(one, _GENDER, 0.93, self.name, "key and value")
        if _NATION in one.hints and (_NATION_CODE.match(one.text.strip()) or _LETTERS.match(one.text.strip())):
            return whole(one, _NATION, 0.93, self.name, "key")
        if _MARITAL in one.hints and text.split(" ")[0] in _STATUS:
            return whole(one, _MARITAL, 0.93, self.name, "key and value")
        return None


DETECTOR = Demographic()
