"""The words by which people introduce, call or sign with a name, in English and French."""

import re
from dataclasses import dataclass

from douane.detectors.names import NAME, NAME_IN_FULL, SHOUTED, UPPER, WORD, is_common, is_public, without_surname
from douane.detectors.starts import Starts
from douane.detectors.words import word_set


@dataclass(frozen=True, slots=True)
class Cue:
    """A pattern whose group `n` is a name. Its group `k`, where it has one, is the kinship that names it.

    It is tried only where one of `triggers` stands in the text. Its own words may be in any case, the name may not.
    """

    triggers: frozenset[str]
    score: float
    pattern: Starts

    @property
    def of_kin(self) -> bool:
        """Whether the name is given as a relative's."""
        return "k" in self.pattern.compiled.groupindex


def _cue(triggers: str, score: float, pattern: str) -> Cue:
    return Cue(word_set(triggers), score, Starts(pattern))


_PARTICLE_ = r"(?:de|du|van|von|van der|van den|della|di|el|al|ben|le|la)"
_KIN = (
    r"wife|husband|son|daughter|mother|father|mum|mom|dad|brother|sister|baby|child|kid|partner|"
    r"girlfriend|boyfriend|friend|colleague|boss|neighbou?r|cousin|nephew|niece|uncle|aunt|grandson|"
    r"granddaughter|grandmother|grandfather|grand-?dad|grandpa|grandma|gran|auntie|step-?(?:son|daughter|mum|dad)|"
    r"flatmate|housemate|roommate|fianc[ée]e?|ex"
)
_KIN_FR = (
    r"femme|mari|fils|fille|m[èe]re|p[èe]re|fr[èe]re|s(?:oe|œ)ur|b[ée]b[ée]|enfant|compagne|compagnon|"
    r"copain|copine|amie?|coll[èe]gue|voisine?|cousine?|neveu|ni[èe]ce|oncle|tante|[ée]poux|[ée]pouse|"
    r"petit-fils|petite-fille|patronne?"
)

CUES: tuple[Cue, ...] = (
    _cue(
        "hi hello dear hey good bonjour bonsoir salut coucou cher chere chers cheres hola hallo",
        0.9,
        rf"(?:^|[\n.!?]\s{{0,3}})(?i:hi|hello|dear|hey|good (?:morning|evening|afternoon)|bonjour|bonsoir|"
        rf"salut|coucou|ch[eè]re?s?|hola|hallo)\s(?P<n>{NAME})(?=\s?[,!\n.]|$)",
    ),
    _cue(
        "name named called m s appelle se nomme nommee prenomme prenommee nom under",
        0.8,
        rf"(?i:\b(?:my|his|her|their|full|the|last|first|a) name(?: is|'s)|\bname(?:d| is|:)|\bnamed|\bcalled|"
        rf"\bje m'appelle|\bs'appelle|\bse nomme|\bnommée?|\bpr[ée]nomm[ée]e?|\bau nom d[e']|"
        rf"\bunder(?: the name(?: of)?)?|\bnom\s?:|\bnom de|\bname)\s{{0,2}}(?P<n>{NAME})",
    ),
    _cue(
        "call calling ring text remind ask tell invite thank ping chase follow meeting lunch dinner coffee "
        "speak talk spoke married relancer rappeler appeler contacter prevenir joindre remercier inviter "
        "informer ecrire parler voir rdv rendez dejeuner diner marie mariee interphone sonnette sonner "
        "attention attn c file record dossier profile account compte signed signe behalf part entre",
        0.74,
        rf"(?i:\b(?:call|calling|ring|text|remind|ask|tell|invite|thank|ping|chase|follow up with|meeting with|"
        rf"lunch with|dinner with|coffee with|speak (?:to|with)|talk (?:to|with)|spoke (?:to|with)|married to|"
        rf"relancer|rappeler|appeler|contacter|pr[ée]venir|joindre|remercier|inviter|informer|[ée]crire [àa]|"
        rf"parler [àa]|voir avec|rdv avec|rendez-vous avec|d[ée]jeuner avec|d[îi]ner avec|mari[ée]e? (?:[àa]|"
        rf"avec)|interphone|sonnette|sonner chez|[àa] l['’]attention de|attn:?|c/o|file of|record (?:of|for)|"
        rf"dossier de|profile of|account of|compte de|signed by|sign[ée] par|on behalf of|de la part de|"
        rf"entre))\s(?P<n>{NAME})",
    ),
    _cue(
        "e email mail phone meet contact notify message visit pay reach from for with pour avec chez de by "
        "par and et to a",
        0.7,
        rf"(?i:\b(?:e-?mail|phone|meet|contact|notify|message|visit|pay|reach|from|for|with|pour|avec|chez|de|"
        rf"by|par|and|et|to|à))\s(?P<n>{NAME_IN_FULL})",
    ),
    _cue(
        "m mr mrs ms miss mme mlle monsieur madame mademoiselle",
        0.85,
        rf"(?:^|[\s(«\"])(?i:m\.|mr\.?|mrs\.?|ms\.?|miss|mme\.?|mlle\.?|monsieur|madame|"
        rf"mademoiselle)\s(?P<n>(?:{UPPER}\.?[  ]){{0,3}}(?:{NAME}|{SHOUTED}(?:[  ]{WORD}){{0,2}}))",
    ),
    _cue(
        "name nom prenom employee employe salarie patient patiente client cliente customer guest passenger passager "
        "tenant locataire buyer seller acheteur vendeur insured assure assuree souscripteur souscriptrice owner "
        "proprietaire holder titulaire applicant candidat candidate member membre adherent adherente beneficiary "
        """
        beneficiaire donor donateur donatrice donatrice student eleve etudiant recipient destinataire contact sender
        """
        "expediteur visitor visiteur witness temoin participant attendee voyageur voyageuse traveller traveler payee "
        "payer landlord bailleur borrower emprunteur emprunteuse driver conducteur user utilisateur usager joindre "
        "bonjour declarant requerant victime plaignant prepared signed from contact attn parent tuteur responsable",
        0.88,
        rf"(?:^|[\n|(;•-]\s?|\.\s)[*_#\s-]{{0,4}}(?i:full name|name|nom(?: et pr[ée]nom)?|pr[ée]nom|"
        rf"employee|employ[ée]e?|"
        rf"salari[ée]e?|patiente?|cliente?|customer|guest|passenger|passag[eè]re?|tenant|locataire|buyer|seller|"
        rf"acheteu(?:r|se)|vendeu(?:r|se)|insured|assur[ée]e?|souscript(?:eur|rice)|owner|"
        rf"propri[ée]taire|holder|titulaire|"
        rf"applicant|candidate?|member|membre|adh[ée]rente?|beneficiary|b[ée]n[ée]ficiaire|donor|"
        rf"donat(?:eur|rice)|student|"
        rf"[ée]l[èe]ve|[ée]tudiante?|recipient|destinataire|contact|sender|exp[ée]diteur|visitor|"
        rf"visiteu(?:r|se)|witness|"
        rf"t[ée]moin|participante?|attendee|voyageu(?:r|se)|travell?er|payee|payer|landlord|bailleur|borrower|"
        rf"emprunteu(?:r|se)|driver|conduct(?:eur|rice)|user|utilisateur|usager|d[ée]clarante?|"
        rf"requ[ée]rante?|victime|"
        rf"plaignante?|signed|attn|parent|tuteur|tutrice|responsable)\s?(?:\d{{1,2}}|"
        rf"n° ?\d)?\s?\*{{0,2}}\s?:\*{{0,2}}\s?"
        rf"(?P<n>(?:{UPPER}\.[  ]?){{0,3}}(?:{NAME}|{SHOUTED}[  ]{NAME}))",
    ),
    _cue(
        "my our his her their the",
        0.88,
        rf"(?i:\b(?:my|our|his|her|their|the)\s(?:little |older |younger |eldest |youngest |best |"
        rf"\d{{1,2}}[ -]year[ -]old )?(?P<k>{_KIN})(?:'s name is|,| is called| named|)\s)(?P<n>{NAME})",
    ),
    _cue(
        "mon ma mes notre nos son sa ses leur",
        0.88,
        rf"(?i:\b(?:mon|ma|mes|notre|nos|son|sa|ses|leur)\s(?:petite? |grande? |fut(?:ur|"
        rf"ure) )?(?P<k>{_KIN_FR})(?:,| s'appelle| est|)\s)(?P<n>{NAME})",
    ),
    _cue(
        "called rang phoned wrote emailed texted said asked is was lives works needs wants has a habite "
        "travaille souhaite veut doit est",
        0.75,
        rf"(?P<n>{NAME_IN_FULL})(?= (?i:called|rang|phoned|wrote|emailed|texted|said|asked|is (?:my|our|a)|was|"
        rf"lives|works|needs|wants|has|a appel[ée]|a [ée]crit|a demand[ée]|habite|travaille|souhaite|veut|doit|"
        rf"est (?:mon|ma|notre|n[ée]e?))\b)",
    ),
    _cue(
        "regards wishes cheers thanks thank sincerely yours love xoxo cordialement vous amicalement bises "
        "bisous merci bientot",
        0.85,
        rf"(?i:\b(?:regards|best wishes|cheers|thanks|thank you|sincerely|yours|love|xoxo|cordialement|"
        rf"bien à vous|amicalement|bises|bisous|merci|"
        rf"à bientôt)),?\s{{0,2}}\n\s{{0,3}}(?P<n>{NAME})\s{{0,3}}(?:\n|$)",
    ),
    _cue(
        "for pour with avec chez from au de to m s",
        0.72,
        rf"(?i:\b(?:for|pour|with|avec|chez|from|au nom de|to))\s"
        rf"(?P<n>(?:{UPPER}\.[- ]?){{1,2}}(?:{_PARTICLE_}[ ])?{UPPER}"
        rf"[^\W\d_]{{1,24}}(?:['’-]{UPPER}?[^\W\d_]{{1,24}})?)",
    ),
    _cue("famille family chez", 0.8, rf"(?i:\b(?:chez les|la famille|famille|the family))\s(?P<n>{NAME})"),
    _cue(
        "i this je moi c",
        0.75,
        rf"(?i:\b(?:i am|i'm|this is|je suis|moi c'est|c'est))\s(?P<n>{NAME_IN_FULL})",
    ),
    _cue(
        "born ne nee n dob age aged agee ans years",
        0.85,
        rf"(?<![\w])(?P<n>{NAME_IN_FULL}),? (?=(?:\(?(?i:born|n[ée]e?(?:\(e\))?|dob|age[d]?|âgée?|"
        rf"[0-9]{{1,2}} ans|[0-9]{{1,2}} years)))",
    ),
)

BEFORE_ADDRESS = re.compile(rf"(?P<n>{NAME_IN_FULL})\s?(?=[<(\[][^\s<>@]{{1,64}}@)")
"""A full name before an e-mail address in brackets."""

CHATTY = Starts(
    r"(?i)\b(?:mon fils|ma fille|son fils|sa fille|mon mari|ma femme|son mari|sa femme|mon frere|ma soeur|my son|my "
    r"daughter|my wife|my husband|my brother|my sister|her son|his son|mme|mr|mrs|with|avec|tell|told|"
    r"told|my name is|name is|i am|i'm|je m'appelle|under|called|au nom de|moi c'est|relancer|"
    r"rappeler|call|name)\s(?=(?P<n>[^\W\d_]{2,20}(?: [^\W\d_]{2,20})?))"
)
"""A name in lower case, as people type in chats; its group must be checked against known given names."""

BEFORE_PHONE = re.compile(
    r"(?:^|[\n.!?,;:(]\s?|\b[Cc]all |\b[Aa]ppele[rz] )(?P<n>[^\W\d_]{3,20}(?: [^\W\d_]{2,20})?)"
    r"[ ,:(]{1,3}(?=(?:\+|\b0)\d[\d .()-]{7,16})"
)
"""What stands before a phone number at the start of a clause; to be checked against known given names."""

LABELLED = re.compile(
    rf"(?:^|[\n|(;•-]\s?|[.,]\s)[*_#\s-]{{0,4}}"
    rf"(?P<r>[^\W\d_][^\W\d_ '’]{{1,16}}(?:[ '’][^\W\d_]{{1,14}}){{0,3}})\s?\*{{0,2}}\s?:"
    rf"\*{{0,2}}\s?(?P<n>(?:{UPPER}\.[ ]?){{0,3}}(?:{NAME}|{SHOUTED}[ ]{NAME}))"
)
"""A label (`Maître : Jean Sarr`), whose group `r` must name a person's role."""

LED = re.compile(
    rf"^(?P<n>{NAME})\s?[,(:–—-]?\s?(?=\+?\d[\d ().-]{{5,}}|\([^)]{{1,30}}\)\s?$|[+&] ?\d{{1,2}}\s?$|(?i:plus one$|"
    rf"et \d$))"
)
"""A whole value that begins with a name, before a number, a remark in brackets or a guest without a name."""

HOUSEHOLD = re.compile(
    rf"^(?:(?:[Tt]he|[Ll]a) )?(?P<n>{NAME}) (?i:family|household|party|twins|clan|kids|wedding|parents)$"
)
"""A whole value that is a family."""

VCARD = re.compile(
    r"(?m)^(?:item\d\.)?(?:FN(?:;[^:\n]{0,60})?:(?P<full>[^\n;]{2,80}?)|"
    r"N(?:;[^:\n]{0,60})?:(?P<last>[^\n;]{0,60});(?P<first>[^\n;]{0,60}?))(?=[;\r\n]|$)"
)
"""The names in an address book's card."""

CHATTED = word_set(
    """
    fils fille mari femme frere soeur son daughter wife husband brother sister mme mr mrs with avec tell told name am m
    appelle under called nom moi relancer rappeler call
    """
)
"""Words of which one stands in every text that `CHATTY` finds a name in."""
TRIGGERS = frozenset().union(CHATTED, *(cue.triggers for cue in CUES))

_TITLED = re.compile(
    rf"^(?i:(?:(?:my|our|his|her|mon|ma|mes|notre|nos|son|sa|leur) (?:\w{{2,10}} )?)?(?:"
    rf"sister|brother|s(?:oe|œ)ur|fr[èe]re|tata|tatie|tonton|tante|oncle|papi|papy|mamie|mamy|nana|nan|granny|"
    rf"son|daughter|mother|father|wife|husband|partner|friend|colleague|boss|neighbou?r|nephew|niece|grandson|"
    rf"granddaughter|girlfriend|boyfriend|fianc[ée]e?|flatmate|fils|fille|m[èe]re|p[èe]re|femme|mari|conjointe?|"
    rf"compagnon|compagne|amie?|copain|copine|coll[èe]gue|voisine?|neveu|ni[èe]ce|beau-(?:fr[èe]re|p[èe]re|fils)|"
    rf"belle-(?:s(?:oe|œ)ur|m[èe]re|fille)|petit-fils|petite-fille|"
    rf"grandma|grandpa|gran|auntie|aunty|aunt|uncle|cousine?|coach|maman|papa|mum|mom|dad)(?:-in-law)?|"
    rf"les|la famille|famille|"
    rf"the|family|indivision|succession|consorts|m\.? et mme|mr\.? (?:and|&) mrs\.?|[ée]poux|veuve|"
    rf"baby|grand-?dad|mimi|m[ée]m[ée]|p[ée]p[ée]|mamy|uncle|flatmate|roommate|coloc)\s(?P<n>{NAME})s?$"
)


def titled(text: str, *, person: bool) -> tuple[int, int] | None:
    """The name in a whole value such as "tata Jeanne", or "les Martin" where a `person` is meant."""
    if text.islower():
        return None
    found = _TITLED.match(text.strip())
    if found and text.strip().split()[0].lower() in {"les", "the"} and not person:
        return None
    if not found or any(map(is_common, without_surname(found["n"].split(), cued=True))) or is_public(found["n"]):
        return None
    shift = len(text) - len(text.lstrip())
    return found.start("n") + shift, found.end("n") + shift
