"""Gender, nationality and marital status of a person, by key and in plain words."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.nations import NEVER_ALONE, countries, demonyms, is_nation, pattern
from douane.detectors.records import Records, records
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import NOBODY
from douane.detectors.words import fold, word_set

_GENDER = "user.demographic.gender"
_NATION = "user.demographic.nationality"
_MARITAL = "user.demographic.marital_status"
_GENDERS = word_set(
    """
    m f w d mr mrs ms miss mx m. mr. mrs. ms. mme mlle mme. mlle. mm. monsieur madame mademoiselle male female man woman
    homme femme masculin feminin h nb non-binary nonbinary nonbinaire non-binaire binaire other autre x he/him she/her
    they/them he/they she/they il/lui elle iel he she they boy girl garcon fille trans transgender transgenre sir dr
    mann frau herr hr mannlich weiblich divers hombre mujer masculino femenino uomo donna vrouw sr sra senor senora
    mstr master miss. genderqueer genderfluid agender agenre cisgender male. female. masc fem u
    """
)
_GENDER_PHRASES = frozenset(
    {
        "non binary",
        "non binaire",
        "trans woman",
        "trans man",
        "femme trans",
        "homme trans",
        "she / her",
        "he / him",
        "they / them",
        "elle / elle",
        "il / lui",
        "iel / iel",
        "elle/elle",
        "iel/iel",
        "elle/she",
        "gender fluid",
        "trans female",
        "trans male",
        "prefer to self-describe",
        "cis woman",
        "cis man",
        "personne non binaire",
        "homme transgenre",
        "femme transgenre",
    }
)
_SECTIONS = word_set(
    "product produit category categorie department rayon size taille collection fit style clothing shoe shoes"
)
_BEINGS = word_set("pet dog cat animal chien chat horse cheval breed race puppy kitten")
_GENDER_NUMBERS = frozenset({"1", "2"})
_STATUS = word_set(
    """
    single married divorced widowed widow widower separated engaged celibataire marie mariee divorce divorcee veuf
    veuve pacse pacsee pacs concubinage concubin concubine separe separee partnered cohabiting cohabitation unmarried
    remarried remarie remariee fiance fiancee spouse domestic civil union vie couple it complicated relationship
    """
)
_WHO_SAID = re.compile(
    r"(?i)\b(?:(?:i am|i['’]m|je suis|she is|he is|she['’]s|he['’]s|being|en tant que?|as|for|pour|patiente? ?:?|"
    r"client\w* ?:?)"
    r" (?:an? |une? |the )?(?:(?!trans\b|cis\b|non\b)[\w'’-]{2,14} ){0,2}?((?:trans |cis |transgender )(?:woman|"
    r"man|female|male|femme|homme)|(?:femme|homme) trans(?:genre)?|non[- ]bina(?:ry|ire)|genderfluid|genderqueer))"
    r"(?! ?(?:of|de ménage|d['’]affaires|in charge|who|hours|au foyer|politique|clothing|shoes|jacket|wear|['’]s))\b"
)
_SEX_SAID = re.compile(
    r"(?i)\b(?:(?:i am|i['’]m) (?:an? )?(?:\w{2,12} )?(man|woman|male|female|guy|girl|bloke|lady)|"
    r"je suis (?:une? )(?:\w{2,12} )?(homme|femme|mec|meuf|garçon|fille|nana))\b"
    r"(?! (?:of|de ménage|d['’]affaires|in charge|who|au foyer|politique|['’]s|de (?:parole|terrain|gauche|droite)))"
)
_AGED = re.compile(
    r"(?i)\b(?:\d{1,3}[- ]?(?:years?|yrs?)?[- ]?(?:old|yo|y/o)? ?,? ((?:trans |cis )?(?:woman|man|female|male)|"
    r"non-binary(?: person)?)\b(?!['’]?s?\s(?:shoe|size|cloth))|"
    r"((?:trans )?(?:woman|man|female|male|femme|homme|fille|garçon|boy|girl)),? \(?(?:de |aged |âgée? de |age |"
    r",)?\s?\d{1,3}\b ?(?:ans|years|yo|y/o|[,;.)]|$)|\b((?:femme|homme|fille|garçon|woman|man|male|female),? (?:de|"
    r"aged|âgée? de|age) \d{1,3})\b)"
)
_TRANS = re.compile(
    r"(?i)\b(trans (?:woman|man|femme|homme|masc|fem|guy|girl)|(?:femme|homme|personne|fille|garçon|mec|meuf|nana|"
    r"gars) "
    r"trans(?:genre)?|non[- ]bina(?:ry|ire)|enby|genderfluid|genderqueer|transgenre|mtf|ftm)\b"
)
_PRONOUNS = re.compile(
    r"(?i)(?<![\w/])((?:she|he|they|elle|il|iel)\s?/\s?(?:her|him|them|they|she|he|elle|lui|il|iel|ael)(?:s)?)\b"
)
_BRACKETED = re.compile(
    r"(?i)[(,]\s?(female|male|femme|homme|f|m|h|non-binary|féminin|masculin)\s?[,;)]\s?(?:(?:born|née?|dob|aged?|"
    r"\d{2}|âgée?)|(?=\s|$))"
)
_LABELLED = re.compile(
    r"(?im)\b(?:sexe?|gender|genre|civilité)\*{0,2}\s?[:=]\s?\*{0,2}\s?(female|male|femme|homme|féminin|masculin|"
    r"non[- ]bina(?:ry|ire)|woman|man|mme|m\.|monsieur|madame|[fmhx])\b"
)
_GENDER_WORDS = word_set(
    """
    woman man female male femme homme trans nonbinary binary binaire enby genderfluid genderqueer transgenre mtf ftm
    lady gentleman her him them lui elle iel sex sexe gender genre civilite fille garcon boy girl feminin masculin f m h
    """
)
_ANY = pattern()
_SAID = re.compile(
    rf"(?i)\b(?:je suis|i am|i['’]m|we are|we['’]re|nous sommes|(?:he|she|il|elle) (?:is|est)|(?:he|she)['’]s|"
    rf"c['’]est|is a|is an|(?:my|mon|ma|notre|our) (?:\w+ ){{1,2}}(?:is|est)|d['’]origine|of) (?:an? |une? )?(?:de "
    rf"nationalité )?({_ANY})s?\b"
    rf"(?! (?:food|restaurant|cuisine|teacher|class|lesson|speaker|movie|film|wine|version|team|language|"
    rf"literature|history|origin|descent|ancestry|parents|roots|community|origine|de c[œo]ur))"
)
_STATED = re.compile(
    rf"(?i)\b(?:de nationalité|nationality|nationalité|nationalités|citizenship|citoyenneté|nat\.?)\*{{0,2}}(?: "
    rf"(?:is|est)|\s?[:=])?\*{{0,2}} ?:?\s?({_ANY})s?\b"
)
_STATED_COUNTRY = re.compile(
    r"(?i)\b(?:nationality|nationalité|citizenship|citoyenneté|(?:citizen|national|passport holder) of|"
    r"citoyen(?:ne)? (?:du|de la|de l['’]|des|de)|ressortissante? (?:du|de la|de l['’]|des|"
    r"de))\*{0,2}\s?[:=]?\*{0,2} ?(?:the )?([A-ZÉÎ][\wéèôîç'’-]{2,20}(?: [A-Z][\w-]{2,20}){0,2})"
)
_HOLDS = re.compile(
    rf"(?i)\b(?:(?:an? |my |le |mon |un |son |her |his |with |on )?({_ANY}) (?:citizens?|nationals?|passports?|"
    rf"passport holders?|nationality|ressortissante?s?|expat(?:riate)?s?|resident permit)|"
    rf"(?:passeport|citoyen(?:ne)?s?|ressortissante?s?|passport|nationalité|expatriée?s?|citizens?|nationals?) "
    rf"({_ANY})s?)\b"
)
_BINATIONAL = re.compile(
    rf"(?i)\b((?:franco|anglo|italo|hispano|germano|belgo|helvético|américano|luso|turco|algéro|maroco|tuniso|indo|"
    rf"sino|nippo|russo)-(?:{_ANY}))\b"
)
_LISTED = re.compile(rf"(?i)(?:^|[,;|·•(/] ?|\d ans,? |years? old,? )({_ANY})(?=\s?(?:[,;|·•)./]|$))")
_SELF_KEYS = word_set("bio about aboutme propos presentation profil profile headline blurb tagline intro")
_NATIVE = re.compile(rf"(?i)(?:^|[,;|·•(/.] ?)({_ANY}) (?=(?:de|du|à|from|in|living|based|vivant|installée?|expat)\b)")
_ABOUT = re.compile(
    r"(?i)\b(?:i am|i['’]m|je suis|my name|je m['’]appelle|ans\b|years? old|née?\b|born|he is|she is|patiente?|"
    r"applicant|candidate?|mariée?|married)\b"
)
_MARRIED = re.compile(
    r"(?i)\b(?:(?:i am|i['’]m|we are|we['’]re|je suis|il est|elle est|he is|she is|he['’]s|she['’]s|nous sommes|"
    r"récemment|recently|just|currently|actuellement)"
    r" (?:now |currently |recently |newly |en instance de |toujours |still |happily )?)(single|married|divorced|"
    r"widowed|separated|engaged|célibataires?|mariée?s?|divorcée?s?|veuf|veuve|pacsée?s?|séparée?s?|en concubinage|"
    r"a widow(?:er)?|a single (?:mum|mom|dad|parent|mother|father)|divorce)\b(?! (?:from reality|with code|au sort))"
)
_MARITAL_LABEL = re.compile(
    r"(?i)\b(?:marital status|situation (?:familiale|matrimoniale)|état civil|statut "
    r"marital)\*{0,2}\s?[:=]\s?\*{0,2}\s?([\w'’é-]{4,14})\b"
)
_MARITAL_WORDS = word_set(
    """
    single married divorced widowed separated engaged celibataire celibataires marie mariee maries mariees divorce
    divorcee divorces veuf veuve pacse pacsee pacses separe separee separes concubinage widow widower marital
    matrimoniale familiale civil
    """
)
_NOT_NATIONS = word_set(
    """
    cuisine cuisines language languages langue langues lang tag tags genre topic dish plat category menu food locale
    course subject matiere cours theme wine title titre name nom country pays currency spoken parlees parle team equipe
    """
)
_LETTERS = re.compile(r"^[^\W\d_][^\d_@/<>{}]{1,60}$|^[A-Z]{2,3}(?:[ ,/]+[A-Z]{2,3})*$")


class Demographic:
    """`title` and `genre` are often something else: the value must be one of the words that people use."""

    name = "demographic"
    title = "Gender, nationality, marital status"
    MATCHES = (
        Match({"civilite": "MME"}, _GENDER),
        Match({"gender": "female"}, _GENDER),
        Match({"guest": {"title": "Mrs"}}, _GENDER),
        Match({"pronouns": "they/them"}, _GENDER),
        Match({"runner": {"gender": "W"}}, _GENDER),
        Match({"voyageurs": [{"civ": "M.", "nom": "Le Goff"}]}, _GENDER, "M."),
        Match({"voters": [{"n": "Julie Diaz", "age": 58, "g": "F"}]}, _GENDER, "F", results=True),
        Match({"patient": {"sexe": 2}}, _GENDER, at="patient/sexe"),
        Match({"aboutMe": "29, trans woman, climber"}, _GENDER, text="trans woman"),
        Match({"text": "**Patient:** Gwen Prosser (female, born 09/11/1967)"}, _GENDER, text="female", results=True),
        Match({"bio": "Zoé, she/her, potter"}, _GENDER, text="she/her"),
        Match({"text": "Je suis une femme de 45 ans"}, _GENDER, text="femme"),
        Match({"nationality": "Belge"}, _NATION),
        Match({"passenger": {"nationality": "FR"}}, _NATION),
        Match({"applicant": {"nat": "ARM", "prenom": "Armen"}}, _NATION, at="applicant/nat"),
        Match({"question": "je suis marocain, titre de séjour expiré"}, _NATION, text="marocain"),
        Match({"q": "visa for a Kenyan citizen"}, _NATION, text="Kenyan"),
        Match({"facts": "I am Jo Abernathy, 33 years old, Canadian."}, _NATION, text="Canadian"),
        Match({"text": "travelling on a Brazilian passport"}, _NATION, text="Brazilian"),
        Match({"texte": "ressortissante malienne, en France depuis 2019"}, _NATION, text="malienne"),
        Match({"infos": ["27 ans", "permis B", "iranienne"]}, _NATION, "iranienne", results=True),
        Match({"text": "Nationalité : ukrainienne"}, _NATION, text="ukrainienne"),
        Match({"situation_familiale": "mariée"}, _MARITAL),
        Match({"relationship_status": "in a relationship"}, _MARITAL),
        Match({"note": "je suis divorcée, deux enfants"}, _MARITAL, text="divorcée"),
    )
    MISSES = (
        Miss({"seeking": ["non-binary people"]}, "who is sought", category=_GENDER),
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
        Miss({"pet": {"sex": "F"}}, "an animal's"),
        Miss({"text": "running shoes for a man size 44"}, "a section of a shop"),
        Miss({"tags": ["Italian", "vegan"]}, "kinds of food", results=True),
        Miss({"text": "The Old Man and the Sea"}, "a title"),
        Miss({"g": "F"}, "nobody beside it"),
        Miss({"nat": True}, "a switch"),
        Miss({"text": "we offer Spanish, Thai, French classes"}, "languages", results=True),
        Miss({"text": "single room, engaged tone"}, "no status"),
        Miss({"grade": "F", "name": "Julie Diaz"}, "a mark"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        known = records(scene)
        for one in scene:
            if one.field.is_key or (one.empty and not (one.text in {"X", "x"} and _GENDER in one.hints)):
                continue
            if not one.is_text:
                if _GENDER in one.hints and one.text in _GENDER_NUMBERS and one.of_person and "title" not in one.words:
                    yield whole(one, _GENDER, 0.8, self.name, "key and code")
                continue
            if not _KEYED.isdisjoint(one.hints):
                found = self._keyed(one, known)
                if found is not None:
                    yield found
                    continue
            if len(one.text) <= 20 and not one.has_digit:
                found = self._bare(one, known)
                if found is not None:
                    yield found
                    continue
            if one.prose:
                yield from self._said(scene, one)

    def _keyed(self, one: Seen, known: Records) -> Finding | None:
        stripped = one.text.strip()
        text = fold(stripped)
        words = set(one.words)
        if one.about in NOBODY and not known.of(one).person:
            return None
        if _GENDER in one.hints and (text in _GENDERS or text in _GENDER_PHRASES):
            if one.words[-1:] in {("title",), ("titre",), ("prefix",)} and text in {
                "other",
                "autre",
                "x",
                "f",
                "m",
                "h",
                "w",
                "d",
                "u",
            }:
                return None
            if _SECTIONS & words or (
                known.of(one).person < 2 and _BEINGS & {word for other in one.siblings[:40] for word in other.words}
            ):
                return None
            if any(_BEINGS.intersection(fold(key).split("_")) for key in one.field.keys[:-1]):
                return None
            return whole(one, _GENDER, 0.93, self.name, "key and value")
        if _NATION in one.hints and _LETTERS.match(stripped):
            if words & {"nat", "natio", "nation", "citizen"} and not is_nation(stripped):
                return None
            return whole(one, _NATION, 0.93, self.name, "key")
        if _MARITAL in one.hints and text.replace("(e)", "").replace("-", " ").split(" ")[0] in _STATUS | {
            "in",
            "en",
            "a",
        }:
            return whole(one, _MARITAL, 0.93, self.name, "key and value")
        return None

    def _bare(self, one: Seen, known: Records) -> Finding | None:
        """A word that says it by itself, under a key that does not."""
        text = fold(one.text.strip())
        if (
            len(one.field.key) <= 2
            and one.words[:1] in {("g",), ("s",), ("sx",)}
            and text in {"m", "f", "h", "w", "x", "male", "female"}
        ):
            if known.of(one).person and not known.of(one).business:
                return whole(one, _GENDER, 0.8, self.name, "code in a person's record")
            return None
        if len(one.words) == 2 and one.words[1].isdigit() and known.is_form(one):
            if text in _FORM_SEXES:
                return whole(one, _GENDER, 0.75, self.name, "an answer in a form")
            if text in demonyms():
                return whole(one, _NATION, 0.75, self.name, "an answer in a form")
        if text in demonyms() and not _NOT_NATIONS.intersection(one.words):
            lists_person = any(
                _YEARS.search(other.text) for other in one.siblings[:12] if other is not one and other.has_digit
            )
            if lists_person and len({other.field.key for other in one.siblings[:12]}) == 1:
                return whole(one, _NATION, 0.75, self.name, "beside an age")
        return None

    def _said(self, scene: Scene, one: Seen) -> Iterable[Finding]:
        text = one.text
        words = one.vocabulary
        if not words.isdisjoint(_GENDER_WORDS) or ("/" in text and not words.isdisjoint(_PRONOUN_WORDS)):
            yield from self._gender(scene, one)
        if (
            not demonyms().isdisjoint(words)
            or "ationali" in text
            or "itizen" in text
            or "essortissant" in text
            or "itoyen" in text
        ):
            yield from self._nation(one)
        if not words.isdisjoint(_MARITAL_WORDS) and not one.searching:
            for pattern_ in (_MARRIED, _MARITAL_LABEL):
                for hit in pattern_.finditer(text):
                    if fold(hit[1].split()[-1]) not in {"m", "non"}:
                        yield part(one, hit.start(1), hit.end(1), _MARITAL, 0.75, self.name, "words around it")

    def _gender(self, scene: Scene, one: Seen) -> Iterable[Finding]:
        text = one.text
        if (one.about in NOBODY and not scene.to_app) or not _SOUGHT.isdisjoint(one.words):
            return
        spans: list[tuple[int, int]] = [found.span(1) for found in _LABELLED.finditer(text)]
        if "/" in text:
            spans += [found.span(1) for found in _PRONOUNS.finditer(text)]
        spans += [found.span(1) for found in _BRACKETED.finditer(text)]
        if one.searching and _SELF_OF_AGE.search(text):
            spans += [found.span(1) for found in _TRANS.finditer(text)]
        if not one.searching:
            spans += [found.span(1) for found in _TRANS.finditer(text) if scene.to_app or one.of_person]
            for found in _SEX_SAID.finditer(text):
                spans.append(found.span(1 if found.group(1) else 2))
            for found in _WHO_SAID.finditer(text):
                if fold(found.group().split()[0]) not in {"for", "pour", "as"} or _SELF.search(text):
                    spans.append(found.span(1))
            for found in _AGED.finditer(text):
                group = next(at for at in (1, 2, 3) if found.group(at))
                if _OF_KIN.search(text, max(0, found.start(group) - 8), found.start(group)):
                    continue
                spans.append(found.span(group))
        for start, end in spans:
            yield part(one, start, end, _GENDER, 0.75, self.name, "words around it")

    def _nation(self, one: Seen) -> Iterable[Finding]:
        text = one.text
        for pattern_ in (_STATED, _HOLDS, _BINATIONAL, _SAID):
            if pattern_ is _SAID and one.searching and not _SELF.search(text):
                continue
            for hit in pattern_.finditer(text):
                group = 1 if hit.group(1) else 2
                if pattern_ is _SAID and _is_other(hit.group(), hit.group(group)):
                    continue
                yield part(one, hit.start(group), hit.end(group), _NATION, 0.8, self.name, "words around it")
        for hit in _STATED_COUNTRY.finditer(text):
            if fold(hit[1]) in countries():
                yield part(one, hit.start(1), hit.end(1), _NATION, 0.8, self.name, "words before it")
        if not _SELF_KEYS.isdisjoint(one.words) and len(text) <= 300 and one.about not in NOBODY:
            for hit in _NATIVE.finditer(text):
                yield part(one, hit.start(1), hit.end(1), _NATION, 0.7, self.name, "in a profile")
        if _ABOUT.search(text):
            for hit in _LISTED.finditer(text):
                if fold(hit[1]) not in NEVER_ALONE and _ABOUT.search(text, max(0, hit.start() - 70), hit.start(1)):
                    yield part(
                        one, hit.start(1), hit.end(1), _NATION, 0.7, self.name, "in what somebody says of themselves"
                    )


_KEYED = frozenset({_GENDER, _NATION, _MARITAL})
_PRONOUN_WORDS = word_set("he she they elle il iel")
_SOUGHT = word_set("seeking interested looking cherche recherche wants into attiree attire")
_OF_KIN = re.compile(r"(?i)\b(?:my|our|his|her|their|mon|ma|notre|son|sa|leur|petite?) $")
_FORM_SEXES = word_set("homme femme male female man woman masculin feminin nonbinary non-binary non-binaire")
_YEARS = re.compile(r"(?i)^\s*\d{2} ?(?:ans|years?|yo|yrs?)")
_SELF_OF_AGE = re.compile(r"(?i)\b\d{2} ?(?:ans|years?|yo|y/o)\b")
_SELF = re.compile(r"(?i)\b(?:i|i'm|my|me|we|je|j|mon|ma|mes|nous|notre)\b")
_PERSONS = re.compile(r"(?i)\b(?:i|we|he|she|i['’]m|je|nous|il|elle|my|mon|ma)\b")


def _is_other(sentence: str, word: str) -> bool:
    """Whether a sentence that has an adjective of nationality is not about a person's."""
    if fold(word) in NEVER_ALONE and fold(word) == "polish" and word[0].islower():
        return True
    return not _PERSONS.search(sentence)


DETECTOR = Demographic()
