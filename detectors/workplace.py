"""Where a person works, and as what."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints, subject
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.identified import beside_person
from douane.detectors.names import NAME_IN_FULL, UPPER, has_given, looks_like_name, reads_as_name
from douane.detectors.occupations import heads, is_job, job_at
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import key_words, word_set

_WORK = "user.workplace"
_ORG = (
    rf"{UPPER}[\w&.'’-]{{1,30}}(?:(?: (?:&|and|et|de|du|des|la|les|of|the|"
    rf"d['’]))?[  ]{UPPER}[\w&.'’-]{{1,30}}){{0,4}}"
)
_AT = r"(?:at|for|with|chez les|chez|pour|à l['’]|à la|au|aux)"
_WORKS = re.compile(
    rf"\b(?i:(?:i|we|he|she|they|who|[^\W\d_]{{2,20}}) (?:work|works|worked|working) (?:at|for)|"
    rf"i(?:['’]m| am) (?:working|employed) "
    rf"(?:at|by|for)|(?:has|have|had|['’]ve|been) (?:worked|been working|working) (?:at|for)|employed (?:by|at|with)|"
    rf"employee (?:of|at)|(?:my|his|her|their|our) (?:current |former |new |old )?(?:employer|company|"
    rf"boss at)(?: is|,|:)?|"
    rf"(?:mon|ma|son|sa|notre) (?:ancien |nouvel |nouveau )?(?:employeur|bo[iî]te|entreprise|"
    rf"patron chez)(?: est|,|:)?|"
    rf"je (?:travaille|bosse|suis employ[ée]e?|suis en poste) (?:chez|à l['’]|à la|pour|au)|"
    rf"(?:travaille|bosse|travaillait|a travaillé|en poste) (?:chez|pour|à l['’]|à la|au)|"
    rf"salari[ée]e? (?:chez|de|du)|employ[ée]e? (?:chez|par|à|du)|"
    rf"(?:he|she|they|who|has|just) (?:moves|moved|is moving|moving) to|(?:i|he|she|who|has|just|"
    rf"have) (?:joins|joined|joining)|"
    rf"(?:rejoint|rejoins|quitte|a quitté|embauchée? (?:chez|par|à)))"
    rf"\s?(?:(?i:the|la|le|l['’]) ?)?({_ORG})"
)
_LABELLED = re.compile(
    rf"(?:^|\n)[*_ -]{{0,4}}(?i:work|travail|boulot|employeur|employer)\*{{0,2}}\s?:\*{{0,2}}\s?({_ORG})"
)
_EMPLOI = re.compile(
    r"(?:^|\n)[*_ -]{0,4}(?i:emploi|poste|fonction|job title|position|occupation|profession|m[ée]tier|title)\*{0,2}\s?:"
    r"\*{0,2}\s?([^\W\d_][\w'’/ -]{2,48})(?=\n|$|,|\.)"
)
_WORKING = word_set(
    """
    work works worked working employed employee employer company boss employeur boite entreprise patron travaille
    bosse travaillait travaille poste salarie salariee employe employee moves moved moving joins joined joining
    rejoint
    rejoins quitte embauche embauchee
    """
)
_HAVE_JOB = re.compile(
    r"(?i)(?:\b(?:i['’]?m|i am|i was|he['’]?s|he is|she['’]?s|she is|he was|she was|as|work(?:s|ed|ing)? as|"
    r"(?:wife|husband|partner|mother|father|mum|mom|dad|son|daughter|brother|sister|"
    r"friend)(?: [^\W\d_]{2,20})? (?:is|was)|"
    r"je suis|j['’]étais|suis|il est|elle est|il était|elle était|(?:mari|femme|conjointe?|compagne|"
    r"compagnon|père|mère|fils|fille|frère|s(?:œ|oe)ur)"
    r"(?: [^\W\d_]{2,20})?(?: est|,)|en tant que|comme|lui|elle|moi|actuellement|currently|ans|"
    r"profession ?:|m[ée]tier ?:|occupation ?:|job ?:))"
    r"[ ,]{1,2}(?:an? |un |une |le |la |currently |actuellement |aussi |also )?$"
)
_OF_NAME = re.compile(rf"(?:{NAME_IN_FULL})(?: \(|, |\n| - | – )$")
_BORN = re.compile(r"(?i)\bn[ée]e? .{4,60}, $")
_SPAN = re.compile(
    r"^\s*[-•*]?\s*(?:19|20)\d{2}\s?[-–—]\s?(?:(?:19|20)\d{2}|now|present|today|aujourd['’]hui|ce jour|"
    r"en cours)\s?[:,|]?\s*$"
)
_THEN_ORG = re.compile(rf"\s?(?:,|\||-|–|@|{_AT})\s?(?:(?i:the|la|le|l['’]) ?)?({_ORG})")
_NO_JOB = re.compile(
    r"(?i)\s?(?:[\d:]|(?:street|road|lane|avenue|close|square|row|hill|house|jobs?|wanted|recherch|needed)\b)"
)
_COMPANY_KEYS = word_set(
    """
    company organization organisation entreprise societe department employer employeur org chez at where
    enseigne firm boite
    """
)
_EMPLOYER_KEYS = word_set("employer employeur")
_JOB_KEYS = word_set(
    "occupation profession metier jobtitle job emploi fonction poste role title titre ttl position f r"
)
_HISTORY = word_set("exp experience experiences employment parcours history career carriere w2")
_ADVERT = word_set(
    """
    salarymin salarymax req requisition band offer offre vacancy vacancies posting postings jobid opening openings
    listing listings deadline contracttype applyurl
    """
)
_NOT_WORK = word_set(
    """
    id size status type phone email address url website domain count number siret siren ein code switchboard tel
    date no ref
    """
)
_SYSTEM_ROLES = word_set(
    """
    admin user owner member viewer editor guest assistant system tool bot contributor reader writer maintainer
    moderator participant organizer host primary secondary
    """
)
_TERSE_NAMES = word_set(
    "n nm name nom who qui id fullname full display label candidate candidat employee salarie person contact p"
)
_PROFILE = word_set("bio about profile profil presentation propos aboutme intro headline")


class Workplace:
    """A company counts beside somebody's name or address; alone it is a company. Advertised jobs are nobody's."""

    name = "workplace"
    title = "Employer and job of a person"
    MATCHES = (
        Match({"name": "Isabelle Ruiz", "email": "a@example.net", "company": "Lucas et Fils"}, _WORK, at="company"),
        Match({"name": "Gail Ross", "job_title": "Chartered accountant"}, _WORK, at="job_title"),
        Match({"text": "as a nurse at Riverside General I earn little"}, _WORK, text="Riverside General"),
        Match({"note": "je travaille chez Lucas Optique"}, _WORK, text="Lucas Optique"),
        Match({"text": "my partner Hugo is a paramedic on nights"}, _WORK, text="paramedic"),
        Match({"message": "Je suis sage-femme et je cherche une nounou"}, _WORK, text="sage-femme"),
        Match({"lettre": "Actuellement infirmière à l'hôpital Bellevue, je postule"}, _WORK, text="infirmière"),
        Match({"employeur": "Transports Delmas"}, _WORK),
        Match({"contacts": [{"n": "Ana Brito", "role": "Payroll lead"}]}, _WORK, at="contacts/role", results=True),
        Match({"text": "I have worked for Bramley Foods since 2020"}, _WORK, text="Bramley Foods"),
        Match({"text": "Ruth Amadi (site manager) wants Friday off"}, _WORK, text="site manager"),
        Match({"cv": "2018-2022 Electrician, Moss & Hale: rewires"}, _WORK, text="Moss & Hale"),
    )
    MISSES = (
        Miss({"income": [{"kind": "dividends", "payer": "Lloyd Plc"}]}, "no employer"),
        Miss({"company": "Taylor Guitars", "stage": "open"}, "a company in a deal"),
        Miss({"results": [{"title": "Nurse", "company": "City Care", "salary": "45000"}]}, "a job offer", results=True),
        Miss({"job_id": "job-1234"}, "a task"),
        Miss({"job": {"status": "running"}}, "a task"),
        Miss({"position": "12"}, "a rank"),
        Miss({"text": "We are looking for a nurse for our ward"}, "a job advert"),
        Miss({"messages": [{"role": "assistant", "text": "Done"}]}, "a chat role", category=_WORK),
        Miss({"members": [{"name": "Ana Brito", "role": "admin"}]}, "a right in a program", category=_WORK),
        Miss({"description": "Nous recrutons un cuisinier à Lyon"}, "a job advert"),
        Miss({"q": "plumber near me"}, "a search"),
        Miss({"text": "book a table at Bistro Lune"}, "a restaurant"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        known = heads()
        for one in scene.texts:
            if one.field.is_key or one.empty:
                continue
            score = self._keyed(one, scene)
            if score:
                yield whole(one, _WORK, score, self.name, "key beside a person's data")
            elif one.prose and not one.searching and (one.about not in _NOT_THEIRS or hints.PROSE in one.hints):
                yield from self._said(one, known)

    def _keyed(self, one: Seen, scene: Scene) -> float:
        text = one.text.strip()
        if not 2 <= len(text) <= 80 or not any(map(str.isalpha, text)) or "@" in text or "_" in text:
            return 0.0
        words = set(one.words)
        if words & _NOT_WORK:
            return 0.0
        above = set(key_words(one.field.keys[-2])) if len(one.field.keys) > 1 else set[str]()
        if above & _EMPLOYER_KEYS and words <= {"name", "nom"}:
            return 0.85
        if one.words in _PAYERS:
            capital = any(other.is_text and _CAPITAL.search(other.text[:60]) for other in one.siblings[:20])
            return 0.8 if above & _INCOMES and not capital else 0.0
        job = bool(words & _JOB_KEYS) and is_job(text) and text.lower() not in _SYSTEM_ROLES
        if _WORK not in one.hints and not job and not words & {"chez", "org"}:
            return 0.0
        if words & {"role", "title", "titre", "r", "f"} and not job:
            return 0.0
        beside = {word for other in one.siblings[:60] for word in other.words}
        if beside & _ADVERT or (one.about is Subject.PLACE and not words & _COMPANY_KEYS):
            return 0.0
        if "chez" in words or words == {"at"}:
            return 0.8 if beside & _JOB_KEYS else 0.0
        if beside_person(one) or _beside_name(one):
            return 0.85
        if (job or words & _COMPANY_KEYS) and one.about is not Subject.PLACE and _person_near(scene, one):
            return 0.75
        if one.of_person and (job or not words & _COMPANY_KEYS):
            return 0.85
        if above & _HISTORY and (job or words & _COMPANY_KEYS):
            return 0.8
        if words & _EMPLOYER_KEYS or (job and words & {"occupation", "profession", "metier", "jobtitle"}):
            return 0.8 if scene.to_app else 0.0
        return 0.0

    def _said(self, one: Seen, known: frozenset[str]) -> Iterable[Finding]:
        text, words = one.text, one.tokens
        working = False
        for at, token in enumerate(words):
            word = token.word
            if word in _WORKING:
                working = True
            if word not in known:
                continue
            span = job_at(words, at)
            if span is None:
                continue
            start, end = words[span[0]].start, words[span[1]].end
            if _NO_JOB.match(text, end) or not self._has_job(one, start):
                continue
            yield part(one, start, end, _WORK, 0.75, self.name, "said of a person")
            found = _THEN_ORG.match(text, end)
            if found:
                yield part(one, found.start(1), found.end(1), _WORK, 0.75, self.name, "words before it")
        if ":" in text and _FORM_LINE.search(text):
            for found in _LABELLED.finditer(text):
                if _HOME_LINE.search(text):
                    end = found.start(1) + len(_NUMBERED.split(found[1], maxsplit=1)[0])
                    yield part(one, found.start(1), end, _WORK, 0.75, self.name, "words before it")
            for found in _EMPLOI.finditer(text):
                if is_job(found[1]) and _PERSON_LINE.search(text):
                    yield part(one, found.start(1), found.end(1), _WORK, 0.75, self.name, "words before it")
        if working:
            for found in _WORKS.finditer(text):
                yield part(one, found.start(1), found.end(1), _WORK, 0.82, self.name, "words before it")

    @staticmethod
    def _has_job(one: Seen, start: int) -> bool:
        """Whether the words before a job give it to somebody."""
        before = one.text[max(0, start - 90) : start]
        line = before[before.rfind("\n") + 1 :]
        if _HAVE_JOB.search(before) or _OF_NAME.search(before) or _BORN.search(before) or _SPAN.match(line):
            return True
        return not _PROFILE.isdisjoint(one.words) and before.rstrip(" ")[-1:] in {"", ",", "•", "|", "."}


_NUMBERED = re.compile(r" (?:SIRET|SIREN|RCS|NAF|APE|TVA|EIN)\b")
_FORM_LINE = re.compile(
    r"(?i)(?:^|\n)[*_ -]{0,4}(?:work|travail|boulot|employ|emploi|poste|fonction|job|position|occupation|"
    r"profession|m[ée]tier|title)"
)
_HOME_LINE = re.compile(
    r"(?i)(?:^|\n)[*_ -]{0,4}(?:home|domicile|maison|nom|name|salari[ée]e?|employee|candidat)[^\n:]{0,12}:"
)
_PERSON_LINE = re.compile(
    r"(?i)(?:^|\n)[*_ -]{0,4}(?:nom|name|salari[ée]e?|employ[ée]e?|employee|candidate?|patiente?|full name|pr[ée]nom|"
    r"assur[ée]e?|cliente?|born|n[ée]e?)[^\n:]{0,12}:"
)


_NOT_THEIRS = frozenset({Subject.THING, Subject.PROFESSIONAL})


def _person_near(scene: Scene, one: Seen) -> bool:
    """Whether a person is named in an object within the one that the field stands in."""
    path = one.field.keys[:-1]
    size = len(path)
    above = one.field.pointer.rpartition("/")[0]
    for other in list(scene)[:80]:
        keys = other.field.keys
        if len(keys) != size + 2 or keys[:size] != path or _NAMED.isdisjoint(other.hints):
            continue
        if other.field.pointer.startswith(above) and subject.of_key(keys[-2], last=False) is not Subject.PROFESSIONAL:
            return True
    return False


_NAMED = frozenset({"user.name.first", "user.name.last", "user.name", "user.demographic.date_of_birth"})
_PAYERS = frozenset({("payer",), ("payeur",), ("paid", "by"), ("verse", "par"), ("debiteur",)})
_CAPITAL = re.compile(
    r"(?i)\b(?:dividend\w?|interest|int[ée]r[êe]ts?|rent\w{0,2}|loyers?|gains?|royalt\w+|foncier\w?|trust)\b"
)
_INCOMES = word_set("income incomes revenus revenu salaires salaire w2 wages pay earnings p60 p45 payslips")


def _beside_name(one: Seen) -> bool:
    """Whether a sibling is a person's name by its key and look."""
    for other in one.siblings[:60]:
        if other is one or not other.is_text or len(other.text) > 60 or not looks_like_name(other.text):
            continue
        known = other.hinted("user.name") or subject.of_key(other.field.key, last=True) is Subject.PERSON
        terse = not _TERSE_NAMES.isdisjoint(other.words) and has_given(other.text)
        if (known or terse) and reads_as_name(other.text):
            return True
    return False


DETECTOR = Workplace()
