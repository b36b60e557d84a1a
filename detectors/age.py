"""Ages of persons: by key, by the look of a terse record, and as people say them."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.generalities import is_anybodys_age
from douane.detectors.hints import of_key
from douane.detectors.names import NAME, NAME_IN_FULL, has_given
from douane.detectors.records import Records, records
from douane.detectors.scene import Scene, Seen
from douane.detectors.starts import Starts
from douane.detectors.subject import NOBODY, PLUMBING, Subject
from douane.detectors.words import fold, word_set

_AGE = "user.demographic.age_range"
_TENS_EN = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES_EN = "one|two|three|four|five|six|seven|eight|nine"
_WORD_EN = (
    rf"(?:(?:{_TENS_EN})(?:[- ](?:{_ONES_EN}))?|{_ONES_EN}|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    rf"seventeen|eighteen|nineteen)"
)
_WORD_FR = (
    r"(?:(?:vingt|trente|quarante|cinquante|soixante|quatre-vingts?|septante|nonante)(?:[- ](?:et[- "
    r"])?[a-z]{2,6}(?:-[a-z]{3,5})?)?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|"
    r"onze|douze|treize|quatorze|quinze|seize|dix-(?:sept|huit|neuf))"
)
_UNIT = r"(?:years?|yrs?|ans|months?|mois|semaines|weeks?)"
_SAID = re.compile(
    rf"(?i)(?<![\w.,:/€$£-])(\d{{1,3}}(?:[ -]?(?:years?|yrs?|months?|weeks?)[ -]old\b|[ -]?(?:yo|y/o|y\.o\.?)\b|[ "
    rf"]?(?:ans|mois)\b(?! (?:d['e’ ]|de |of |avec|ferme|plus tard|après|avant|sans|renouvel|maxi|mini|que|en |à |"
    rf"au |pour |et demi de)))|"
    rf"{_WORD_EN}[- ](?:years?|months?)[- ]old\b)"
)
_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_BEFORE = Starts(
    rf"(?i)\b(?:aged?|âgée?s? de|ages?:?|âge ?:?|i am|i['’]m|im|j['’]ai|he is|he['’]s|she is|she['’]s|il a|elle a|"
    rf"who is|qui a|turning|turned|turn|just turned|we are|is now|"
    rf"is only|am now|am only|m now|m only|est âgée? de|a eu|ont|he was|she was|"
    rf"(?:my|his|her|their|the) age (?:as|is|was)|(?:at|by) the age of(?! (?:1[68]|21)\b)|"
    rf"wife|husband|partner|son|daughter|mother|mom|mum|father|dad|femme|mari|fils|fille|mère|père|sœur|frère|"
    rf"brother|sister|boy|girl|kid)"
    rf",?\s(\d{{1,3}})(?=\s?(?:years? old|yrs?|yo|[.,;!?)\n]|and\b|et\b|with\b|in (?:{_MONTH})|$)|$)(?! ?%|[.,:]\d|"
    rf" and (?:up|over|above|older)| et plus)"
)
_KIN_IS = Starts(
    r"(?i)\b(?:wife|husband|partner|son|daughter|mother|mom|mum|father|dad|sister|brother|boy|girl|kid|child|baby|"
    r"toddler|twins|femme|mari|fils|fille|mère|père|sœur|frère|enfant|bébé|conjointe?|grandma|grandpa|nan|niece|nephew|"
    r"aunt|uncle|cousin|grand(?:mother|father|son|daughter|ma|pa)|grand-(?:mère|père))"
    r"(?: [A-Z][\w'-]{1,20})? (?:is|are|has turned|turned|turns|will be|a|en a|aura|est âgée? de) (?:now |only |"
    r"already )?(\d{1,3})"
    r"(?=[.,;!?)\n]|$| (?:and|et|with|in|now|this|so|but|years?|ans)\b)"
)
_KIN_NAMED = Starts(
    rf"(?i:\b(?:my|our|his|her|their|mon|ma|notre|son|sa|leur) [\w'’-]{{2,14}}(?:-in-law)?),? {NAME},? \(?(\d{{2,3}})"
    r"(?=[.,;!?)\n]|$| (?:ans|and|et|who|qui|has|is|a|est)\b)"
)
_APPOSED = re.compile(rf"(?<![\w'’-])({NAME_IN_FULL}), (\d{{2,3}})(?=, (?!\d)|,? (?:of|from|and|was|is|has|who)\b)")
_BANDS = frozenset({"18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "35-49", "50-64", "18-25", "26-35", "36-45"})
_ANS_SAID = Starts(
    rf"(?i)\b(?:j['’]ai|il a|elle a|âgée? de|ont|aurai|a|ai|as|avez|qui a|fête ses|mes|ses) ((?:\d{{1,3}}|"
    rf"{_WORD_FR}) (?:ans|mois))\b(?! d['e’ ]| de | ferme|plus tard)"
)
_FEAST = Starts(r"(?i)\b(?:les|ses|mes|leurs|nos|vos|des) (\d{1,3} ans)(?= (?:de|du|d['’])\b)")
_FEASTED = re.compile(
    r"(?i)\b(?:f[êe]t\w{1,4}|anniv\w{0,9}|c[ée]l[ée]br\w{1,4}|surprise|souffl\w{1,4}|pour)\b[^.\n]{0,20}$"
)
_SPELLED_OUT = Starts(
    rf"(?i)\b(?:i am|i['’]m|he is|she is|he['’]s|she['’]s|aged|turned|turning|turns|"
    rf"(?:wife|husband|partner|mother|father|mum|dad|son|daughter|brother|sister|boyfriend|"
    rf"girlfriend) is) (?:now |only |just )?"
    rf"((?!one\b){_WORD_EN})(?=\s?(?:years? old|[.,;!?)\n]|and\b|$))"
)
_ET_ANS = Starts(r"(?i)(?<![\w.,:/€$£-])(\d{1,2})(?:,? \d{1,2}){0,4} (?:et|&|ou) \d{1,2} ans\b")
_CARRIED = Starts(
    r"(?i)\b(?:i am|i['’]m|aged?|j['’]ai)\b[^.;\n]{1,24}\b(?:he|she|my \w{3,12}|mon \w{3,12}|ma \w{3,12}) (?:is|"
    r"['’]s|en a|a) (\d{1,2})(?=[.,;!?)\n]|$)"
)
_DECADE = re.compile(
    r"(?i)\b(?:(?:in|into) (?:my|his|her|their|our) ((?:early |mid[- ]?|late )?(?:teens|twenties|thirties|forties|"
    r"fifties|sixties|seventies|eighties|nineties|\d0['’]?s))|"
    r"((?:une |la )?(?:vingtaine|trentaine|quarantaine|cinquantaine|soixantaine)(?: d['’]années)?)(?= (?:passée|"
    r"bien|sonnée)|[.,;!\n]|$)|"
    r"\b((?:sexagénaire|septuagénaire|octogénaire|nonagénaire|quadragénaire|quinquagénaire|trentenaire|quadra|"
    r"quinqua|centenaire))\b)"
)
_CODE = re.compile(r"(?<![\w/-])(?:([FMHfmh])[ /]?(\d{2})|(\d{2})[ /]?([FMfmHh]))(?![\w/-])")
_WHOLE = re.compile(
    rf"(?i)^\s*(?:\d{{1,3}}(?:[.,]5)?(?:\s?(?:{_UNIT}|yo|y/o|y|a|an)(?:[ -]old)?)?(?: et demi)?|"
    rf"\d{{1,3}}\s?[-–àa]\s?\d{{1,3}}(?: ?ans| years?)?|\d{{2}}\s?\+|(?:under|over|plus de|moins de|<|>) "
    rf"?\d{{1,3}}(?: ans)?|"
    rf"\d0['’]?s|(?:early|mid|late)[ -]\w{{4,10}}|{_WORD_EN}|{_WORD_FR}(?: ans)?|adult|senior|adulte|teen|teenager|"
    rf"ado)\s*$"
)
_ALONE = re.compile(r"(?:^|[,|·•/] ?)(\d{2})(?=[ ]?(?:[,|·•/]|$))")
_PROFILE = word_set("bio about profile profil presentation propos mot intro aboutme headline tagline")
_NOT_AGE = word_set(
    """
    max min maximum minimum limit limite rating restriction required verified cache gate from to over under account
    domain building bien logement maison file header control policy legal plus allowed verification anciennete seniority
    tenure filter ok confirmed consent mentions fleet average moyen moyenne mean recommended conseille conseillee median
    mediane median avg typical target cible audience statistics stats population
    """
)
_TENURE = word_set("anciennete seniority tenure experience duration duree warranty garantie term delai")
_SHORT_KEYS = word_set("a ag age ans an yo yr")
_MONTH_KEYS = word_set("months mois")
_EXPERIENCE = re.compile(
    r"(?i)\b(?:enceinte|pregnant|grossesse|QSP|traitement|depuis|pendant|for|il y a|dans|in|within|sous|over|every|"
    r"tous les|durée|après|after|pour|plus de|moins de|d['’]ici|environ|under|(?:puni|condamn)\w* (?:à|de)|"
    r"engagement de|pr[êe]t sur|sur|during|warranty|garantie|ancienneté|aged|vieilli|delai|délai|whisky|rhum|"
    r"mortgage|crédit|bail|fridge|chaudière|boiler|roof|véhicule|contrat|peine)\s?:?\s?(?:\w{1,12} )?$"
)
_OBJECT = re.compile(
    r"(?i)[ -]?(?:\w{1,12} )?(?:whisk|rum\b|rhum|wine|vin\b|cheddar|parmesan|boiler|fridge|car\b|cars\b|roof|"
    r"building|house|home\b|flat\b|company|startup|firm|laptop|phone|machine|sofa|vehicle|guarantee|warranty|"
    r"garantie|mortgage|loan|contract|bug|ticket|account|tree|oak|dog\b|cat\b|puppy|kitten|labrador|horse|mare|"
    r"chien|chat\b)"
)
_AGED_THING = re.compile(
    r"(?i)\b(?:company|firm|business|house|home|building|roof|car|van|boiler|fridge|club|school|tradition|brand|"
    r"team|phone|laptop|account|startup|it|this|that|tree|dog|cat|puppy|kitten|horse|entreprise|société|maison|voiture|"
    r"immeuble|chaudière|marque|appartement|véhicule|chien|chienne|chat|chatte|cheval|toit) (?:is|are|was|a|est) "
    r"(?:now |almost |about |over |only |plus de |presque )?$"
)
_WORDS = word_set(
    "ans mois old yo aged age ages agee agees years year yrs yr m am im ai i is s a wife husband turning turned "
    "months y o"
)
_ANSWERS = PLUMBING | {"answer", "reponse", "raw", "val", "selected"}


class Age:
    """A number is an age by its key in a person's record, or by the words around it."""

    name = "age"
    title = "Ages"
    MATCHES = (
        Match({"kids": [{"nm": "Oona", "yrs": 3}]}, _AGE, at="kids/yrs", minor=True),
        Match({"texte": "on fête les 70 ans de Josiane"}, _AGE, text="70 ans"),
        Match({"text": "I am thirty-eight and still scared."}, _AGE, text="thirty-eight"),
        Match({"patient": {"age": 34}}, _AGE, at="patient/age"),
        Match({"text": "je voyage avec ma mère, 82 ans"}, _AGE, text="82 ans"),
        Match({"bio": "climber, 29, tea lover"}, _AGE, text="29"),
        Match({"child": {"age": 6}}, _AGE, at="child/age", minor=True),
        Match({"runner": {"name": "Nkechi Lind", "age_on_day": 46}}, _AGE, at="runner/age_on_day"),
        Match({"ageEleve": 12}, _AGE, minor=True),
        Match({"age": "34 ans"}, _AGE),
        Match({"kid": "Wilma", "months": 26}, _AGE, at="months"),
        Match({"profiles": [{"p": "Julie", "a": 38, "g": "F"}]}, _AGE, "38", results=True),
        Match({"description": "I am 41, he is 38. We want a house."}, _AGE, text="38"),
        Match({"text": "I live at Flat 9 in Southampton and I am 33."}, _AGE, text="33"),
        Match({"texte": "garder Elikia (3 ans) et Marceau (8 mois)"}, _AGE, text="8 mois"),
        Match({"q": "la garde de notre fils Naël, 6 ans"}, _AGE, text="6 ans"),
        Match({"note": "patient is a 71yo smoker"}, _AGE, text="71yo"),
        Match({"text": "I'm in my late forties and unfit"}, _AGE, text="late forties"),
        Match({"age_range": "25-34"}, _AGE),
        Match({"text": "My daughter is 7 and she reads"}, _AGE, text="7"),
        Match({"note": "for my 3-year-old who hates carrots"}, _AGE, text="3-year-old"),
        Match({"texte": "j'ai trente-deux ans"}, _AGE, text="trente-deux ans"),
        Match({"post": "me (F32) and my husband (M35)"}, _AGE, text="32"),
        Match({"text": "my uncle, Piotr Nowak, 71, needs care"}, _AGE, text="71"),
        Match({"text": "The claimant, Deborah Lind, 51, slipped on the stairs"}, _AGE, text="51"),
        Match({"text": "he gave his age as 26."}, _AGE, text="26"),
        Match({"text": "she had it removed at the age of 42."}, _AGE, text="42"),
        Match({"r1": "35-44", "r2": "satisfait"}, _AGE, at="r1"),
    )
    MISSES = (
        Miss({"segment1": "25-34"}, "a campaign's"),
        Miss({"median_age": 34.2}, "of a place", results=True),
        Miss({"whisky": {"age": 12, "price": 40}}, "a bottle's"),
        Miss({"product": {"age": 12, "price": 4}}, "a product's"),
        Miss({"text": "10 ans de garantie"}, "a warranty"),
        Miss({"text": "a budget of 120, order 29"}, "no age"),
        Miss({"max_age": 3600}, "a cache's"),
        Miss({"page": "29"}, "a page"),
        Miss({"anciennete": "7 ans 2 mois"}, "time in the firm"),
        Miss({"min_age": 18}, "a limit"),
        Miss({"text": "prêt sur 25 ans"}, "a loan's term"),
        Miss({"text": "six mois avec sursis"}, "a sentence"),
        Miss({"text": "we have lived here for 12 years"}, "a stay"),
        Miss({"text": "a 12 year old whisky"}, "a bottle"),
        Miss({"text": "dès 3 ans, jeu de société"}, "a game's", results=True),
        Miss({"months": 12}, "a length"),
        Miss({"text": "for ages 3 and up"}, "a game's", results=True),
        Miss({"text": "our company is 25 years old"}, "a firm's"),
        Miss({"text": "I'm 100% sure"}, "no age"),
        Miss({"a": 38}, "nobody beside it"),
        Miss({"text": "see Anna Hill, 12, 14 and 19 on the map"}, "numbers of a list"),
        Miss({"text": "you may vote at the age of 18."}, "a limit"),
        Miss({"storage": "F16", "bay": "M32 bolts"}, "a code"),
        Miss({"text": "I am 5 minutes away"}, "minutes"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        known = records(scene)
        for one in scene:
            if isinstance(one.field.value, bool) or one.field.is_key or one.empty:
                continue
            if _AGE in one.hints or (one.has_digit and _AGE in _hints(one)):
                if not _NOT_AGE.intersection(one.words):
                    if self._is_age(one):
                        yield from self._with_child(one, 0.85)
                    elif one.prose:
                        yield from self._said(scene, one, known)
            elif len(one.text) == 5 and one.text in _BANDS and one.to_app and _is_answer(one):
                yield whole(one, _AGE, 0.7, self.name, "an answer of a survey")
            elif one.has_digit and len(one.text) <= 3 and self._is_terse(one, known):
                yield from self._with_child(one, 0.75)
            elif one.prose and not _TENURE.intersection(one.words):
                yield from self._said(scene, one, known)

    def _with_child(self, one: Seen, score: float) -> Iterable[Finding]:
        yield whole(one, _AGE, score, self.name, "key")
        if one.about is Subject.CHILD:
            yield whole(one, "user.childrens", score, self.name, "a child's record")

    @staticmethod
    def _is_age(one: Seen) -> bool:
        if one.about in NOBODY:
            return False
        text = one.text.strip()
        if isinstance(one.field.value, int | float):
            try:
                return 0 <= float(text) <= 120
            except ValueError:
                return False
        if len(text) > 24 or _WHOLE.match(text) is None:
            return False
        digits = text.split()[0].rstrip("ansyo+")
        return not digits.isdecimal() or int(digits) <= 120

    @staticmethod
    def _is_terse(one: Seen, known: Records) -> bool:
        """Whether a small number under `a` or `months` is an age: somebody's record beside it."""
        if not one.text.isdecimal():
            return False
        if _MONTH_KEYS.issuperset(one.words):
            return int(one.text) <= (215 if one.about is Subject.CHILD else 48) and any(
                other is not one and other.about is Subject.CHILD for other in one.siblings[:40]
            )
        if len(one.words) == 2 and one.words[1].isdigit() and known.is_form(one):
            return 16 <= int(one.text) <= 99 and any(
                other.text.strip().lower() in {"homme", "femme", "male", "female", "man", "woman", "f", "m", "h"}
                for other in one.siblings[:40]
            )
        if not _SHORT_KEYS.issuperset(one.words):
            return False
        record = known.of(one)
        return record.person > 0 and not record.business and 1 <= int(one.text) <= 110

    def _said(self, scene: Scene, one: Seen, known: Records) -> Iterable[Finding]:
        text = one.text
        words = one.vocabulary
        bio = len(text) <= 300 and not _PROFILE.isdisjoint(one.words)
        if not one.has_digit and words.isdisjoint(_SPELLED):
            return
        if one.has_digit and not words.isdisjoint(_WHOSE):
            for found in _KIN_NAMED.finditer(text, one.places):
                if 0 < int(found[1]) <= 110:
                    yield part(one, found.start(1), found.end(1), _AGE, 0.75, self.name, "after a relative's name")
        if one.has_digit and "," in text and (scene.to_app or one.of_person):
            for found in _APPOSED.finditer(text):
                if 14 <= int(found[2]) <= 105 and has_given(found[1]):
                    yield part(one, found.start(2), found.end(2), _AGE, 0.75, self.name, "after a name")
        if bio or not words.isdisjoint(_WORDS):
            yield from self._counted(scene, one, known)
        if not words.isdisjoint(_DECADES) or "0s" in text or "0's" in text:
            for found in _DECADE.finditer(text):
                group = next(at for at in (1, 2, 3) if found.group(at))
                if scene.to_app or one.of_person:
                    yield part(one, found.start(group), found.end(group), _AGE, 0.7, self.name, "words around it")
        if one.has_digit and (one.prose and len(text) <= 4000):
            yield from self._coded(one)
        if bio and (hints.PROSE in one.hints or known.of(one).person) and one.about not in NOBODY:
            for found in _ALONE.finditer(text):
                if 18 <= int(found.group(1)) <= 99:
                    yield part(one, found.start(1), found.end(1), _AGE, 0.7, self.name, "a number in a profile")

    def _counted(self, scene: Scene, one: Seen, known: Records) -> Iterable[Finding]:
        text = one.text
        if one.searching and not _SOMEBODY.search(text):
            return
        for found in _SAID.finditer(text):
            said_old = found[1].lower().endswith(("old", "yo", "y/o"))
            low = max(0, found.start() - 24)
            if (
                (not said_old and _EXPERIENCE.search(text, low, found.start()))
                or _AGED_THING.search(text, max(0, low - 16), found.start())
                or _OBJECT.match(text, found.end())
            ):
                continue
            if not scene.to_app and not known.of(one).person and not _told(one, text, found.start()):
                continue
            if _MONTHS_SAID.search(found[1]) and not _INFANT.search(text, max(0, found.start() - 40), found.start()):
                continue
            number = re.match(r"\d{1,3}", found[1])
            if number is None or 0 < int(number.group()) <= 110:
                yield part(one, found.start(1), found.end(1), _AGE, 0.75, self.name, "words around it")
        french = "ans" in text or "mois" in text
        patterns = (_BEFORE, _KIN_IS, _CARRIED, _ET_ANS) if french else (_BEFORE, _KIN_IS, _CARRIED)
        for pattern in patterns if one.has_digit else ():
            for found in pattern.finditer(text, one.places):
                if " the age of" in found.group().lower() and is_anybodys_age(text, found.start()):
                    continue
                if 0 < int(found[1]) <= 110 and (scene.to_app or _told(one, text, found.start(1)) or one.prose):
                    yield part(one, found.start(1), found.end(1), _AGE, 0.75, self.name, "words around it")
        if not one.vocabulary.isdisjoint(_SPELLED):
            for found in _SPELLED_OUT.finditer(text, one.places):
                yield part(one, found.start(1), found.end(1), _AGE, 0.7, self.name, "words around it")
        for found in _FEAST.finditer(text, one.places) if french and one.has_digit else ():
            if _FEASTED.search(text, max(0, found.start() - 40), found.start()):
                yield part(one, found.start(1), found.end(1), _AGE, 0.7, self.name, "words around it")
        for found in _ANS_SAID.finditer(text, one.places) if french else ():
            if not found[1][0].isdigit() or scene.to_app or _told(one, text, found.start(1)):
                yield part(one, found.start(1), found.end(1), _AGE, 0.75, self.name, "words around it")

    def _coded(self, one: Seen) -> Iterable[Finding]:
        """A sex and an age in one code (`F32`, `34M`), among persons only."""
        for found in _CODE.finditer(one.text):
            around = one.text[max(0, found.start() - 24) : found.end() + 24]
            bracketed = one.text[found.start() - 1 : found.start()] in {"(", "["} if found.start() else False
            if not (_PERSON_NEAR.search(around) and (bracketed or found.start() == 0)):
                continue
            group = 2 if found.group(2) else 3
            if 14 <= int(found.group(group)) <= 99:
                yield part(one, found.start(group), found.end(group), _AGE, 0.7, self.name, "a code of sex and age")


_WHOSE = word_set("my our his her their mon ma notre son sa leur")
_ASKED = word_set("r q a rep reponse answer question champ field value x f item reponses")


def _is_answer(one: Seen) -> bool:
    """Whether a key is a numbered answer of a survey."""
    return len(one.words) == 2 and one.words[1].isdigit() and one.words[0] in _ASKED


_DECADES = word_set(
    """
    teens twenties thirties forties fifties sixties seventies eighties nineties vingtaine trentaine quarantaine
    cinquantaine soixantaine sexagenaire septuagenaire octogenaire nonagenaire quadragenaire quinquagenaire trentenaire
    quadra quinqua centenaire
    """
)
_SPELLED = _DECADES | word_set(
    f"ans mois old {_TENS_EN} {_ONES_EN} ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen".replace("|", " ")
)
_SOMEBODY = re.compile(
    r"(?i)\b(?:i|i'm|my|our|me|he|she|we|je|mon|ma|mes|notre|nos|nous|fils|fille|son|daughter|baby|bébé|enfants?|"
    r"kids?|child|mère|père|husband|wife|mari|femme|patiente?|man|woman|homme|mec|meuf|nana|gars|guy|girl|boy|"
    r"étudiante?|student|retraitée?|retired|retiree|widow|couple|célibataire|single)\b|\bj['’]"
)
_PERSON_NEAR = re.compile(
    r"(?i)\b(?:i|me|my|we|he|she|patiente?|here|partner|husband|wife|friend|sister|brother|mom|dad|bf|gf|je|moi|"
    r"mon|ma|salut|hello|hi|ex|cherche|seeking)\b"
)
_TOLD = re.compile(
    r"(?i)\b(?:i|my|he|she|his|her|patiente?|mr|mrs|ms|mme|monsieur|madame|son|fille|fils|daughter|je|il|elle|mère|"
    r"père|agée?|âgée?|aged|age|âge|client\w*|conducteur|driver|victim\w*|candidat\w*|prénom|nom|name|homme|femme|"
    r"man|woman|garçon|fillette|boy|girl|male|female|bébé|baby|enfant|child)\b"
)
_NAMED = re.compile(r"[A-ZÀ-Ý][\w'’-]{0,24}\.?,? \(?$")


_MONTHS_SAID = re.compile(r"(?i)mois|month|week|semaine")
_INFANT = re.compile(
    r"(?:(?i:\b(?:bébé|baby|babies|infant|nourrisson|toddler|fils|fille|son|daughter|enfants?|child|kids?|twins|"
    r"jumeaux|jumelles|âgée?s?|aged|petite?|boy|girl|is|a|he|she|il a|elle a|et de|et|and)\b)|"
    r"[A-ZÀ-Ý][\w'’-]{1,24},?) ?\(?$"
)


def _told(one: Seen, text: str, start: int) -> bool:
    """Whether an app's answer speaks of somebody: a person's record, or one named before the age."""
    if one.of_person or start == 0:
        return True
    return any(said.search(text, max(0, start - 80), start) for said in (_TOLD, _NAMED))


_ROLES = frozenset({"role.prose", "role.thing", "role.search"})


def _hints(one: Seen) -> frozenset[str]:
    """What the key says; for one that says nothing (`value`, `answer`), what the key above says."""
    if not _ROLES.issuperset(one.hints) or not _ANSWERS.issuperset(one.words) or len(one.field.keys) < 2 or one.prose:
        return one.hints
    for key in reversed(one.field.keys[:-1]):
        if not _ANSWERS.issuperset(fold(word) for word in key.split("_")):
            return of_key(key)
    return one.hints


DETECTOR = Age()
