"""What people wrote and said: bodies of mails, personal messages, diaries, transcripts."""

import re
from collections.abc import Iterable
from functools import lru_cache

from douane.audit.finding import Finding
from douane.detectors import correspondence as letters
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.gates import by_words
from douane.detectors.records import records
from douane.detectors.scene import Scene, Seen
from douane.detectors.words import key_words, word_set

_PRIVATE = "user.content.private"
_CHAT = "user.content.conversation"
_MAIL_HEAD = re.compile(
    r"\A\s{0,4}(?:(?:From|To|Cc|Bcc|Date|Subject|De|À|A|Objet|Sent|Envoyé|Reçu|Pour|Copie|"
    r"Reply-To)\s?:[^\n]{0,400}\n){2,8}\s{0,4}\n?"
)
_ROLES = re.compile(
    r"(?im)^\s{0,4}(?:\*\*)?(?:user|assistant|human|ai|moi|me|agent|client|customer|utilisateur|bot|"
    r"conseiller)(?:\*\*)?\s?:"
)
_NOT_BODY = frozenset({"issue", "bug", "ticket", "product", "template", "commit", "pr", "review", "job", "listing"})


class Content:
    """A subject line is left alone; so are tickets, newsletters and what an app says of itself."""

    name = "content"
    title = "Private messages, diaries, transcripts"
    MATCHES = (
        Match({"to": "a@example.org", "subject": "Hi", "body": "Dinner at mine on Friday?"}, _PRIVATE, at="body"),
        Match(
            {"text": "From: Ana <a@example.org>\nTo: b@example.org\n\nSee you on Monday."},
            _PRIVATE,
            text="See you on Monday.",
        ),
        Match({"journal_entry": "Today I told her."}, _PRIVATE),
        Match({"chat_history": "user: hello\nassistant: hi"}, _CHAT),
        Match(
            {
                "messages": [
                    {"role": "user", "content": "Which train is next?"},
                    {"role": "assistant", "content": "The one at noon."},
                ]
            },
            _CHAT,
            at="messages/content",
        ),
        Match({"rcpt": ["a@example.org"], "hdr": "Sat", "txt": "Hi both, I can take them there."}, _PRIVATE, at="txt"),
        Match({"a": "b@example.org", "objet": "Bruit", "corps": "Monsieur, mon voisin crie."}, _PRIVATE, at="corps"),
        Match(
            {"messages": [{"from": "B <b@example.org>", "to": "c@example.org", "snippet": "Sorry about your dad."}]},
            _PRIVATE,
            "Sorry about your dad.",
            results=True,
        ),
        Match(
            {"msgs": [{"u": "gabe", "m": "i broke up with him, don't tell her"}]}, _PRIVATE, at="msgs/m", results=True
        ),
        Match(
            {"sms": {"to": "+33600000000", "texte": "Tu me manques, je suis désolée pour hier"}},
            _PRIVATE,
            at="sms/texte",
        ),
        Match({"voicemail": {"transcript": "Hi love, it's mum, call me about dad please"}}, _PRIVATE, results=True),
        Match({"diary": [{"day": "Mon", "text": "I cried all night and told nobody."}]}, _PRIVATE, at="diary/text"),
        Match(
            {"salon": "famille", "fil": [{"qui": "Awa", "quoi": "maman sort de sa chimio"}]},
            _PRIVATE,
            at="fil/quoi",
            results=True,
        ),
    )
    MISSES = (
        Miss({"messages": [{"role": "user", "content": "Which shops are open?"}]}, "one message", _CHAT),
        Miss(
            {"members": [{"role": "user", "content": "Reads the wiki"}, {"role": "admin", "content": "Writes it"}]},
            "roles of members",
            _CHAT,
        ),
        Miss(
            {"channel": "Family", "messages": [{"from": "Shop", "text": "Kids boots -20%, ask mum"}]},
            "sales",
            results=True,
        ),
        Miss({"issue_body": "Crash on login"}, "an issue"),
        Miss({"body": "ok"}, "no mail around it"),
        Miss({"subject": "Important", "to": "a@example.org"}, "a subject line"),
        Miss({"transcript_id": "t-123"}, "an id"),
        Miss({"text": "My order is late, where is it?"}, "no one's letter"),
        Miss({"messages": [{"text": "Build 8812 passed in 4m12s", "u": "ci"}]}, "a program's", results=True),
        Miss({"product": {"text": "I love this bag, made for you"}}, "an advertisement", results=True),
        Miss({"email": "a@example.org", "notes": "window seat please"}, "a wish"),
        Miss({"to": "2026-01-01", "from": "2025-01-01", "text": "sales by month"}, "a period"),
        Miss({"title": "Love letters", "description": "A novel about love and loss"}, "a book", results=True),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        turns = _turns(scene)
        for one in scene.texts:
            if one.empty or one.field.is_key or len(one.text) < 8:
                continue
            text = one.text
            if turns and one.words in _SAID and not turns.isdisjoint((one.field.keys[:-1], one.field.keys[:-2])):
                yield whole(one, _CHAT, 0.85, self.name, "turns by role", minor=False)
                continue
            head = _MAIL_HEAD.match(text) if "@" in text[:800] and text[:400].count(":") >= 2 else None
            if head is not None and text[head.end() :].strip():
                yield part(
                    one, head.end(), len(text.rstrip()), _PRIVATE, 0.9, self.name, "below a mail's head", minor=False
                )
            elif (_PRIVATE in one.hints or _may_be_body(one.words)) and self._is_body(one, scene):
                yield whole(one, _PRIVATE, 0.9, self.name, "key beside a mail's head", minor=False)
            elif one.prose and len(text) >= 16 and _may_be_message(one.words) and self._is_message(one, scene):
                yield whole(one, _PRIVATE, 0.75, self.name, "a personal message", minor=False)
            elif _CHAT in one.hints and len(text) >= 20 and "id" not in one.words:
                yield whole(one, _CHAT, 0.85, self.name, "key", minor=False)
            elif text.count("\n") >= 2 and len(_ROLES.findall(text[:4000])) >= 3:
                yield whole(one, _CHAT, 0.7, self.name, "turns of a conversation", minor=False)

    @staticmethod
    def _is_body(one: Seen, scene: Scene) -> bool:
        words = set(one.words)
        if words & _NOT_BODY:
            return False
        if _PRIVATE in one.hints and one.words not in {("body",), ("corps",)}:
            return True
        if not one.prose or not letters.BODIES & words or letters.SUBJECTS & words:
            return False
        heads = scene.levels.get(one.field.keys[:-1], set())
        if len(heads & (letters.HEADS | letters.TO)) >= 2 and heads & (letters.TO | letters.FROM):
            return any(letters.is_address_list(other) for other in _level(scene, one)) or bool(
                {"recipient", "recipients", "destinataire", "destinataires", "subject", "objet"} & heads
            )
        if {"recipient", "recipients", "destinataire", "destinataires"} & heads or (
            "to" in heads and "from" not in heads
        ):
            return letters.MAILERS.search(_place(scene, one)) is not None or any(
                letters.is_address_list(other) for other in _level(scene, one)
            )
        return False

    @staticmethod
    def _is_message(one: Seen, scene: Scene) -> bool:
        """Whether a text in a chat, a diary or a mailbox is a personal one."""
        words = set(one.words)
        above = {word for key in one.field.keys[-4:-1] for word in key_words(key)}
        body = bool(words & letters.BODIES)
        if not body and not words & letters.DIARIES:
            return False
        spoken_to, written_for, mailed = _kinds(_place(scene, one))
        if spoken_to or "voicemail" in above:
            return letters.is_spoken(one.text) or letters.is_personal(one.text)
        diary = bool((above | words) & (letters.DIARIES - {"note", "notes", "md", "entry", "entries"}))
        if diary or written_for:
            return letters.has_first(one.text) and (letters.is_personal(one.text) or len(one.text) >= 40)
        heads = scene.levels.get(one.field.keys[:-1], set())
        spoken = above & letters.CHATS and bool(heads & (letters.FROM | letters.TO))
        if spoken and one.words[:1] in _PREVIEWS and letters.is_spoken(one.text):
            return _FEELS.search(one.text) is not None or letters.is_personal(one.text)
        if body and (spoken or mailed) and letters.is_homely(one.text):
            circle = letters.CLOSE_CIRCLES
            if any(
                other.is_text and len(other.text) <= 40 and other.words[-1:] in _CHANNELS and circle.search(other.text)
                for other in _channel(scene, one)
            ):
                return True
        if body and letters.is_letter(one.text):
            return True
        if spoken or (body and mailed):
            return letters.is_personal(one.text)
        return False


_may_be_body = by_words(letters.BODIES, never=_NOT_BODY)
_may_be_message = by_words(letters.BODIES | letters.DIARIES, never=letters.SUBJECTS | _NOT_BODY)
_CHANNELS = frozenset(
    (word,)
    for word in word_set(
        """
        channel canal salon room group groupe thread conversation chat circle cercle title titre subject with avec to
        recipient destinataire space espace name nom
        """
    )
)


def _channel(scene: Scene, one: Seen) -> Iterable[Seen]:
    """The fields beside a message, and beside the list that it stands in."""
    known = records(scene)
    yield from one.siblings[:20]
    yield from known.members(one.field.keys[:-2])[:20]


_ROLE = frozenset({("role",), ("speaker",), ("author",)})
_PERSON = frozenset({"user", "human", "utilisateur"})
_MODEL = frozenset({"assistant", "ai", "chatgpt", "model"})
_SAID = frozenset({("content",), ("text",), ("parts",), ("message",)})
_PROTOCOL = (("result", "messages"), ("params", "messages"))
"""Where the protocol itself has messages by role: a prompt's, a sampling request's."""


def _turns(scene: Scene) -> frozenset[tuple[str, ...]]:
    """The lists in which both a person and a model speak."""
    roles: dict[tuple[str, ...], set[str]] = {}
    for one in scene.texts:
        if one.words in _ROLE and len(one.text) <= 12 and one.field.keys[:2] not in _PROTOCOL:
            roles.setdefault(one.field.keys[:-1], set()).add(one.text.lower())
    return frozenset(path for path, said in roles.items() if said & _PERSON and said & _MODEL)


_PREVIEWS = frozenset({("preview",), ("apercu",), ("snippet",), ("extrait",)})
_FEELS = re.compile(
    r"(?i)\b(?:sorry|d[ée]sol[ée]e?|broke|broken|ill|sick|fever|malade|gastro|grippe|fi[èe]vre|hospital|h[ôo]pital|"
    r"collarbone|sprained|surgery|op[ée]r[ée]e?|cass[ée]e?)\b"
)
_HEAD_OBJECTS = ("from", "de", "sender", "to", "a", "expediteur", "destinataire", "recipient", "author", "headers")


def _level(scene: Scene, one: Seen) -> Iterable[Seen]:
    """The fields beside one, and in the lists and the heads of a mail beside it."""
    known = records(scene)
    path = one.field.keys[:-1]
    yield from known.members(path)[:60]
    for name in _HEAD_OBJECTS:
        yield from known.members((*path, name))[:4]


@lru_cache(maxsize=4096)
def _kinds(place: str) -> tuple[bool, bool, bool]:
    """Whether app, tool and keys say that messages are spoken, written for oneself, or sent."""
    return (
        letters.VOICE.search(place) is not None,
        letters.DIARY_APPS.search(place) is not None,
        letters.MAILERS.search(place) is not None,
    )


def _place(scene: Scene, one: Seen) -> str:
    """The app, the tool and the keys around a field, to be searched."""
    return " ".join((scene.context.app, scene.context.tool or "", *one.field.keys[-4:]))


DETECTOR = Content()
