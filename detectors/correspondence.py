"""What makes a text a message between people, and a personal one: the heads around it and what it speaks of."""

import re

from douane.detectors.scene import Seen
from douane.detectors.words import word_set

TO = word_set(
    """
    to cc bcc rcpt rcpts recipient recipients dest destinataire destinataires dst adressee addressee receiver mailto a
    pour toaddresses receipient
    """
)
FROM = word_set("from sender de expediteur exp author fromaddress sentby u user who auteur by emetteur qui pseudo nick")
HEADS = word_set(
    """
    to cc bcc rcpt rcpts recipient recipients dest destinataire destinataires subject from sender objet expediteur mail
    sujet hdr header headers reply replyto thread threadid inreplyto recu received sent envoye msgid messageid
    attachments     pj snippet labels folder mailbox inbox sched track
    """
)
SUBJECTS = word_set(
    """
    subject subj objet sujet hdr title titre header label labels id ids ref status type url link lang locale ts date
    time     name nom email mail phone tel uri path file filename mime model tool folder thread channel canal topic
    signature tone     kind format prompt query q code token bot app system
    """
)
BODIES = word_set(
    """
    body corps text texte txt message messages msg msgs content contenu html snippet preview extrait apercu plain m mot
    reply reponse draft brouillon letter lettre courrier note transcript transcription write_up md markdown extract
    quoi dit said what line ligne
    """
)
CHATS = word_set(
    """
    msgs messages chat chats thread threads conversation conversations dm dms sms texts whatsapp imessage inbox replies
    messagerie discussion discussions mails emails courriels fil echanges voicemail voicemails history historique salon
    """
)
MAILERS = re.compile(
    r"(?i)mail|courriel|inbox|compose|reply|repondre|réponse|send_message|envoyer|sms|messag|chat|dm\b|thread|"
    r"letter|lettre|voicemail|messagerie|whisper|texto|imessage|huddle|outlook|whatsapp|telegram"
)
DIARIES = word_set(
    "journal diary entry entries entree carnet note notes md humeur mood reflection confession gratitude dream reve"
)
DIARY_APPS = re.compile(r"(?i)diar|journal|mood|humeur|carnet|reflect|therap|gratitude|intime|mindful")
VOICE = re.compile(r"(?i)voicemail|voice_?mail|repondeur|répondeur|messagerie_vocale|call_transcript|transcri")
AUTOMATIC = re.compile(
    r"(?i)\b(?:unsubscribe|se désabonner|désinscri|do not reply|no-?reply|ne pas répondre|automated message|"
    r"message automatique|newsletter|"
    r"your (?:order|delivery|invoice|receipt|parcel|package|verification|subscription)|votre (?:commande|livraison|"
    r"facture|colis|code|"
    r"abonnement)|terms of service|"
    r"build \d+|deployed|pipeline|ticket #|pull request|merged|release \d|exception|stack ?trace|traceback)\b"
)
_INTIMATE = re.compile(
    r"(?i)\b(?:love you|miss(?:ed|ing)? you|i love|i miss|in love|i hate|hate (?:him|her|you|it when)|"
    r"break(?:ing)? up|broke up|broken up|split up|divorc\w+|cheat(?:ed|ing)|affair|pregnan\w+|"
    r"miscarr\w+|funeral|memorial|died|passed away|cancer|chemo\w*|depress\w+|anxious|anxiety|panic|therap(?:y|"
    r"ist)|suicid\w+|overdose|relapse\w*|rehab|drunk|hungover|crying|cried|lonely|ashamed|"
    r"scared|afraid|heartbroken|sorry (?:about|for|i|to)|forgive|apolog\w+|secret|don['’]t tell|do not tell|not "
    r"tell|between us|promise me|quit my job|fired|in debt|owe \w+|lend me|"
    r"proud of you|thinking of you|hugs?|kiss(?:es)?|xoxo|xx+|darling|sweetheart|honey|babe|mum|mom|dad|grandma|"
    r"nana|my (?:sister|brother|husband|wife|ex|boyfriend|girlfriend|partner|son|daughter|kids?|parents?)|"
    r"test results|scan results|biopsy|migraine|hospital|surgery|feeling|felt|upset|angry|furious|argument|fight|"
    r"fought|jealous|crush|dating|married|wedding|engaged|coming out|came out|gay|lesbian|trans|"
    r"je t['’]aime|t['’]aime|tu me manques|me manques?|bisous?|bises?|je t['’]embrasse|embrasse|mon amour|ma "
    r"chérie|mon chéri|mon coeur|mon cœur|chéri|rompu|rupture|quitt(?:é|er)|divorc\w+|enceinte|"
    r"fausse couche|enterrement|obsèques|décédé\w*|mort|cancer|chimio\w*|dépress\w+|déprim\w+|angoiss\w+|anxi\w+|"
    r"pleur\w+|honte|seule?|peur|désolée?|pardon\w*|excuse\w*|secret|ne le dis|dis rien|entre nous|"
    r"promets|viré\w*|licenci\w+|dettes?|prêt(?:er|e)[- ]moi|fière? de toi|pense à toi|maman|papa|mamie|papi|ma "
    r"(?:sœur|soeur|femme|mère|copine|fille)|mon (?:frère|mari|père|copain|fils|ex)|mes parents|"
    r"hôpital|opération|résultats|migraine|ressens|sens mal|énervée?|colère|dispute\w*|engueul\w+|jaloux|jalouse|"
    r"amoureu\w+|mariage|se marie|fianç\w+|coming out|homo|lesbienne|coucou|gros bisous|t['’]inquiète)\b|:\(|❤"
    r"|💔|😢|😭|😘"
)
_SECOND = re.compile(r"(?i)\b(?:you|your|u|ur|tu|toi|te|ton|ta|tes|vous|votre|vos)\b|\bt['’]")
_FIRST = re.compile(
    r"(?i)\b(?:i|i['’]m|i['’]ve|i['’]ll|my|me|we|our|je|moi|mon|ma|mes|nous|notre|on)\b|\bj['’]|\bm['’]"
)
_GREETING = re.compile(
    r"(?i)\A\W{0,3}(?:hi|hey|hello|dear|good (?:morning|evening)|yo|salut|coucou|bonjour|bonsoir|cher|chère|chers|"
    r"chères|madame|monsieur|hé|mon|ma|my)\b"
)
_CLOSING = re.compile(
    r"(?i)\b(?:regards|sincerely|cheers|love|best|thanks|yours|take care|cordialement|bises|bisous|bien à (?:toi|"
    r"vous)|salutations|amicalement|à bientôt|merci|je t['’]embrasse)\b[^\n]{0,40}(?:\n[^\n]{0,60}){0,3}\s*\Z"
)
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}")


def is_personal(text: str) -> bool:
    """Whether a short text is what people tell each other of their feelings, families, health and quarrels."""
    head = text[:2000]
    if AUTOMATIC.search(head):
        return False
    return _INTIMATE.search(head) is not None and (_FIRST.search(head) is not None or _SECOND.search(head) is not None)


_TEST = re.compile(
    r"(?i)\b(?:tests? (?:came|come) back|diagnos\w{1,5}|parkinson|dementia|alzheimer|tumou?r|"
    r"lymphom\w|leuc[ée]mie|scl[ée]rose|r[ée]sultats sont)\b"
)


def is_letter(text: str) -> bool:
    """Whether a text is a personal letter: greeted by a name, of some length, and about what touches the writer."""
    if len(text) < 120 or not _LETTER_HEAD.match(text):
        return False
    return is_personal(text) or (has_first(text) and _TEST.search(text[:2000]) is not None)


_LETTER_HEAD = re.compile(
    r"\A\s{0,4}(?i:dear|my dear|hi|hey|hello|ch[eè]re?s?|mon cher|ma ch[eè]re|salut|coucou|bonjour) "
    r"(?!team|all|everyone|sir|madam|customer|client|l[’']équipe|à tous|à toutes)[^\W\d_][\w'’ -]{1,24},?\s{0,3}\n"
)


def is_spoken(text: str) -> bool:
    """Whether a text speaks as one person to another: a greeting or a closing, and a first or second person."""
    head = text[:2000]
    if AUTOMATIC.search(head):
        return False
    persons = (_FIRST.search(head) is not None) + (_SECOND.search(head) is not None)
    return persons > 0 and (
        persons == 2 or _GREETING.search(head) is not None or _CLOSING.search(text[-160:]) is not None
    )


CLOSE_CIRCLES = re.compile(
    r"(?i)famil|\bfam\b|tribu|parents?|cousin|siblings|friend|amis?\b|potes|copain|copine|copains|girls|les filles|"
    r"lads|coloc|flat(?:mates)?\b|housemate|roomie|couple|\bmum\b|\bmom\b|\bdad\b|maman|papa|love|ch[ée]rie?|\bnous\b|home\b"
)
"""Names of channels in which relatives and friends talk."""
_HOMELY = re.compile(
    r"(?i)\b(?:grand-?(?:ma|pa|dad|mother|father)|nan|nana|granny|gran|auntie|uncle|aunt|cousin\w?|tonton|tata|tatie|"
    r"mamie|papi|m[ée]m[ée]|p[ée]p[ée]|mom|mum|dad|maman|papa|hospital|h[ôo]pital|hosto|chimio|chemo|chez (?:nous|"
    r"moi|lui|elle|mon|ma|mes|toi|vous)|les petits|mec|meuf|jules|boyfriend|girlfriend|baby|b[ée]b[ée]|kids|"
    r"enfants|malade|sick|ill|"
    r"surgery|op[ée]r\w{1,3}|a[ïi]d|pri[èe]re|mosqu[ée]e|messe|church|mass|synagogue|temple|shabbat|ramadan|"
    r"[ée]glise|diwali|funeral|wedding|mariage|bapt[êe]me|crev[ée]e?|knackered|thunes?|balles|broke|rent|loyer)\b"
)


_SALES = re.compile(r"(?i)\d ?%|\b(?:deals?|promos?|soldes|sale|offers?|offres?|discount|r[ée]duction|code promo)\b")


def is_homely(text: str) -> bool:
    """Whether a line among relatives or friends speaks of home, family, health, faith or money."""
    head = text[:2000]
    return AUTOMATIC.search(head) is None and _SALES.search(head) is None and _HOMELY.search(head) is not None


def has_first(text: str) -> bool:
    """Whether a text says I or we."""
    return _FIRST.search(text[:2000]) is not None


def is_address_list(one: Seen) -> bool:
    """Whether a field holds e-mail addresses and little else."""
    return one.is_text and "@" in one.text and len(one.text) <= 400 and ADDRESS.search(one.text) is not None
