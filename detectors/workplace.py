"""Where a person works, and as what."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints, subject
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.gates import by_words
from douane.detectors.identified import beside_person
from douane.detectors.names import NAME_IN_FULL, UPPER, has_given, looks_like_name, reads_as_name
from douane.detectors.occupations import EMPLOYERS, heads, is_job, job_at
from douane.detectors.records import records
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
    rf"(?:rejoint|rejoins|quitte|a quitté|embauchée? (?:chez|par|à))|"
    rf"(?:vien[ts]|arrive|venu|venue|anciens?|anciennes?|passée?|sorti|sortie|débauchée?|recrutée?|alternante?|stagiaire|"
    rf"stage|alternance|apprentie?|intérimaire|licenciée?|virée?|carrière|années|ans|mois|CDI|CDD) (?:de |par )?chez|"
    rf"(?:resigned from|fired (?:by|from)|laid off (?:by|from)|retired from|"
    rf"interned at|internship (?:at|with)|apprentice at|contracting (?:at|for)|freelanc\w{{2,3}} for|"
    rf"on secondment (?:at|to)|"
    rf"(?:my|his|her|their) (?:job|shift|role|position|contract|post) (?:at|with)))"
    rf"\s?(?:(?i:the|la|le|l['’]) ?)?({_ORG})"
)
_LABELLED = re.compile(
    rf"(?:^|\n)[*_ -]{{0,4}}(?i:work|travail|boulot|employeur|employer|employment|(?:current|last|previous|present) "
    rf"employer|employer name|place of work|workplace|company|organi[sz]ation|société|entreprise|"
    rf"(?:dernier|ancien) employeur|employeur actuel|lieu de travail|ORG)\*{{0,2}}\s?:\*{{0,2}}\s?({_ORG})"
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
    rejoins quitte embauche embauchee vient viens venu venue arrive ancien ancienne anciens anciennes passe passee
    sorti sortie debauche debauchee recrute recrutee alternant alternante stagiaire stage alternance apprenti apprentie
    interimaire licencie licenciee vire viree carriere annees ans cdi cdd quit quitting left leaving resigned fired
    laid retired interned internship apprentice contracting secondment job shift role position contract post
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
_CAREER = re.compile(
    r"(?m)^[ \t]{0,4}[-•*]?[ \t]?(?:(?:[^\W\d_]{3,9}\.? |\d{1,2}/)?(?:19|20)\d{2}\s?(?:[-–—/]|to|à|au)\s?"
    r"(?:(?:[^\W\d_]{3,9}\.? |\d{1,2}/)?(?:19|20)\d{2}|now|present|today|date|aujourd['’]hui|ce jour|en cours|"
    r"current|actuel\w{0,5}|pr[ée]sent)|(?:depuis|since) (?:19|20)\d{2})"
    r"[ \t]{0,4}[:,|–-]?[ \t]{1,4}(?P<a>[^\n,|–@(:]{2,60}?)[ \t]?(?:,|\||–| - |@|:)[ \t]?(?P<b>[^\n,|–@(:;.]{2,60})"
)
_CAREER_LAST = re.compile(
    r"(?m)^[ \t]{0,4}[-•*]?[ \t]?(?P<a>[^\n,|–@(:\d]{2,60}?)[ \t]?(?:,|\||–| - |@| at | chez )[ \t]?"
    r"(?P<b>[^\n,|–@(:;\d]{2,60}?)[ \t]?[,(|–-][ \t]?\(?(?:[^\W\d_]{3,9}\.? |\d{1,2}/)?(?:19|20)\d{2}[ \t]?"
    r"(?:[-–—/]|to\b|à\b|au\b)[ \t]?(?:(?:[^\W\d_]{3,9}\.? |\d{1,2}/)?(?:19|20)\d{2}|now|present|today|date|"
    r"aujourd['’]hui|ce jour|en cours|current|actuel|pr[ée]sent)"
)
_PAID_BY = re.compile(
    r"^\W{0,2}(?:(?:vir(?:ement)?|virt|bacs|bgc|ach|direct dep(?:osit)?|dd|credit|cr[ée]dit|fpi|sepa)\W{1,3}"
    r"(?:re[çc]u\W{1,3})?)?"
    r"(?:salary|salaries|salaire|salaires|wages?|payroll|paie|paye|traitement|payslip)\b[ \d.,:/€$£+*-]{0,24}"
    r"(?:(?:from|de|du|des|par|by) )?(?P<o>[^\W\d_][\w&.'’ -]{2,50}?)(?=\s{2}|\s?\d|"
    r"\s?(?:ref|réf)\b|[,;/(]|$)",
    re.IGNORECASE,
)
_NO_EMPLOYER = re.compile(
    r"(?i)\b(?:janv|janvier|january|jan|feb|f[ée]v\w{0,5}|mar|mars|march|avr\w{0,2}|apr\w{0,2}|mai|may|jui\w{1,5}|jun\w?|"
    r"jul\w?|ao[uû]t|aug\w{0,3}|sep\w{0,6}|oct\w{0,4}|nov\w{0,5}|d[ée]c\w{0,5}|payment|advance|account|monthly|"
    r"net|brut|gross|mensuel|credit|deposit|week|mois|month|range|expectations?|bonus|annual)\b"
)
_THEN_ORG = re.compile(rf"\s?(?:,|\||-|–|@|{_AT})\s?(?:(?i:the|la|le|l['’]) ?)?({_ORG})")
_NO_JOB = re.compile(
    r"(?i)\s?(?:[\d:]|(?:street|road|lane|avenue|close|square|row|hill|house|jobs?|wanted|recherch|needed)\b)"
)
_COMPANY_KEYS = word_set(
    """
    company organization organisation entreprise societe department employer employeur org chez at where
    enseigne firm boite co cie ste worksite jobsite lieutravail affectation
    """
)
_UNITS = word_set("service unit unite equipe team agence site affectation direction pole branche division atelier")
"""Keys under which a list of a firm's or an association's people says where each works."""
_PEOPLE = word_set(
    """
    membres members agents employees employes salaries staff adherents collaborateurs collaborators personnel
    effectif workers participants attendees colleagues collegues equipe team delegues delegates users contacts
    """
)
_CUSTOMER_FIRM = word_set("account compte client customer organisation crm")
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
        Match({"cv": "Clerk, Bell & Hay, 2014-2019"}, _WORK, text="Bell & Hay"),
        Match({"lines": [{"desc": "SALARY 2,000.10 MOSS CARE TRUST"}]}, _WORK, text="MOSS CARE TRUST", results=True),
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
            if one.prose and not scene.to_app and len(one.text) <= 120 and not one.vocabulary.isdisjoint(_PAY_WORDS):
                paid = _PAID_BY.match(one.text)
                beside = {word for other in one.siblings[:20] for word in other.words}
                if paid and (beside & _AMOUNTS or _CENTS.search(one.text)) and not _NO_EMPLOYER.search(paid["o"]):
                    yield part(one, *paid.span("o"), _WORK, 0.75, self.name, "pays a salary")
            score = self._keyed(one, scene) if _WORK in one.hints or _may_work(one.words) else 0.0
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
        if _WORK not in one.hints and not job and not words & _PLACES:
            return self._unit(one, words, text)
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
        if above & _NOW and (job or beside & _JOB_KEYS) and records(scene).at(one.field.keys[:-2]).person:
            return 0.8
        if one.of_person and (job or not words & _COMPANY_KEYS):
            return 0.85
        if above & _HISTORY and (job or words & _COMPANY_KEYS):
            return 0.8
        if words & _EMPLOYER_KEYS or (job and words & {"occupation", "profession", "metier", "jobtitle"}):
            return 0.8 if scene.to_app else 0.0
        return 0.0

    @staticmethod
    def _unit(one: Seen, words: set[str], text: str) -> float:
        """Whether a value is the unit a listed person works in, or the firm that a salesman's contact works for."""
        if one.has_digit or not any(map(str.isupper, text)):
            return 0.0
        if words & _CUSTOMER_FIRM and len(words) == 1:
            titled = any(
                other.words in {("title",), ("role",), ("fonction",), ("poste",)}
                and other.is_text
                and is_job(other.text)
                for other in one.siblings[:40]
            )
            return 0.75 if titled and " " in text and beside_person(one) else 0.0
        if len(words) != 1 or not words & _UNITS or len(one.field.keys) < 2:
            return 0.0
        if _PEOPLE.isdisjoint(key_words(one.field.keys[-2])):
            return 0.0
        return 0.75 if beside_person(one) or _beside_name(one) else 0.0

    def _said(self, one: Seen, known: frozenset[str]) -> Iterable[Finding]:
        text = one.text
        words = () if one.vocabulary.isdisjoint(known) else one.tokens
        for at, token in enumerate(words):
            if token[0] not in known:
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
        if one.has_digit and ("19" in text or "20" in text):
            yield from self._career(one)
        if ":" in text and _FORM_LINE.search(text):
            for found in _LABELLED.finditer(text):
                if _HOME_LINE.search(text) and not _FIRM_LINE.search(text):
                    end = found.start(1) + len(_NUMBERED.split(found[1], maxsplit=1)[0])
                    yield part(one, found.start(1), end, _WORK, 0.75, self.name, "words before it")
            for found in _EMPLOI.finditer(text):
                if is_job(found[1]) and _PERSON_LINE.search(text):
                    yield part(one, found.start(1), found.end(1), _WORK, 0.75, self.name, "words before it")
        if not one.vocabulary.isdisjoint(_WORKING) and not _ADVERTISED.search(text):
            for found in _WORKS.finditer(text):
                yield part(one, found.start(1), found.end(1), _WORK, 0.82, self.name, "words before it")
            for found in _LEFT.finditer(text) if one.to_app else ():
                if found[1].lower() in EMPLOYERS:
                    yield part(one, *found.span(1), _WORK, 0.75, self.name, "an employer that is left or joined")

    def _career(self, one: Seen) -> Iterable[Finding]:
        """The firm and the job of each dated line of a curriculum vitae, in either order."""
        if "\n" not in one.text and len(one.text) > 200:
            return
        for pattern in (_CAREER, _CAREER_LAST):
            for found in pattern.finditer(one.text):
                if is_job(found["a"]) or is_job(found["b"]):
                    for group in ("a", "b"):
                        yield part(one, *found.span(group), _WORK, 0.75, self.name, "a line of a career")

    @staticmethod
    def _has_job(one: Seen, start: int) -> bool:
        """Whether the words before a job give it to somebody."""
        before = one.text[max(0, start - 90) : start]
        line = before[before.rfind("\n") + 1 :]
        if _HAVE_JOB.search(before) or _OF_NAME.search(before) or _BORN.search(before) or _SPAN.match(line):
            return True
        return not _PROFILE.isdisjoint(one.words) and before.rstrip(" ")[-1:] in {"", ",", "•", "|", "."}


_NUMBERED = re.compile(r" (?:SIRET|SIREN|RCS|NAF|APE|TVA|EIN)\b")
_FIRM_LINE = re.compile(r"\b(?:VAT|TVA|RCS|EIN|Company (?:no|number|reg)|Registered office|Siège social)\b")
_FORM_LINE = re.compile(
    r"(?i)(?:^|\n)[*_ -]{0,4}(?:work|travail|boulot|employ|emploi|poste|fonction|job|position|occupation|"
    r"profession|m[ée]tier|title|company|organi[sz]ation|soci[ée]t[ée]|entreprise|lieu de travail|place of work|org:|"
    r"(?:current|last|previous|present|dernier|ancien) employ)"
)
_HOME_LINE = re.compile(
    r"(?i)(?:^|\n)[*_ -]{0,4}(?:home|domicile|maison|nom|name|full name|pr[ée]nom|salari[ée]e?|employ[ée]e?|employee|"
    r"candidate?|subject|sujet|applicant|claimant|demandeu\w{1,3}|patiente?|tenant|locataire|FN|N|dob|born|n[ée]e?|"
    r"date of birth|assur[ée]e?)[^\n:]{0,12}:"
)
_PERSON_LINE = re.compile(
    r"(?i)(?:^|\n)[*_ -]{0,4}(?:nom|name|salari[ée]e?|employ[ée]e?|employee|candidate?|patiente?|full name|pr[ée]nom|"
    r"assur[ée]e?|cliente?|born|n[ée]e?)[^\n:]{0,12}:"
)


_ADVERTISED = re.compile(
    r"(?i)\b(?:nous (?:recherchons|recrutons)|recrute\b|rejoignez|we(?:['’]re| are) (?:hiring|looking for)|join us|"
    r"vacanc|offre d['’]emploi|apply (?:now|today)|poste à pourvoir|now hiring)"
)
_LEFT = re.compile(
    r"(?i)\b(?:quit|quitting|left|leaving|joining|joined|work(?:s|ed|ing)?(?: at| for)|job at|interview at|chez|quitte|"
    r"quitt[ée]e?|rejoin[st]) (?:the |la |le )?([^\W\d_][\w&.-]{1,20})"
)
_NOW = word_set("current actuel actuelle now work travail job poste emploi present last previous dernier employment")
_AMOUNTS = word_set("amount montant mt amt credit total value balance solde sum somme in net usd eur gbp price")
_CENTS = re.compile(r"\d[.,]\d\d\b")
_PAY_WORDS = word_set("salary salaries salaire salaires wage wages payroll paie paye traitement payslip")
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
        if other.field.pointer.startswith(above) and subject.of_holder(keys[-2]) is not Subject.PROFESSIONAL:
            return True
    return False


_NAMED = frozenset({"user.name.first", "user.name.last", "user.name", "user.demographic.date_of_birth"})
_PAYERS = frozenset({("payer",), ("payeur",), ("paid", "by"), ("verse", "par"), ("debiteur",)})
_PLACES = word_set("chez org co cie ste worksite jobsite")
_may_work = by_words(
    _JOB_KEYS | _CUSTOMER_FIRM | _UNITS | _PLACES | {"name", "nom"}, whole=_PAYERS, never=_NOT_WORK, empty=True
)
_CAPITAL = re.compile(
    r"(?i)\b(?:dividend\w?|interest|int[ée]r[êe]ts?|rent\w{0,2}|loyers?|gains?|royalt\w+|foncier\w?|trust)\b"
)
_INCOMES = word_set("income incomes revenus revenu salaires salaire w2 wages pay earnings p60 p45 payslips")


def _beside_name(one: Seen) -> bool:
    """Whether a sibling is a person's name by its key and look."""
    for other in one.siblings[:60]:
        if other is one or not other.is_text or len(other.text) > 60 or not looks_like_name(other.text):
            continue
        known = other.hinted("user.name") or subject.of_value(other.field.key) is Subject.PERSON
        terse = not _TERSE_NAMES.isdisjoint(other.words) and has_given(other.text)
        if (known or terse) and reads_as_name(other.text):
            return True
    return False


DETECTOR = Workplace()
