"""What ChatGPT sends of its user in `_meta`, and in the HTTP headers that mirror it."""

from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene

_PSEUDO = "user.unique_id.pseudonymous"
_KEYS = {
    "openai/subject": _PSEUDO,
    "openai/session": _PSEUDO,
    "openai/organization": _PSEUDO,
    "openai/useragent": "user.device",
    "x-openai-session": _PSEUDO,
    "x-openai-subject": _PSEUDO,
    "x-openai-organization": _PSEUDO,
}
_WHERE = {
    "city": "user.location.imprecise",
    "region": "user.location.imprecise",
    "country": "user.location.imprecise",
    "timezone": "user.location.imprecise",
    "latitude": "user.location.precise",
    "longitude": "user.location.precise",
}
_LOCATION = "openai/userlocation"


class ChatGpt:
    """The language of the interface (`openai/locale`) and flags are settings, not data about the person."""

    name = "chatgpt"
    title = "ChatGPT's own fields about its user"
    MATCHES = (
        Match({"_meta": {"openai/subject": "v1/abcDEF123"}}, _PSEUDO),
        Match({"_meta": {"openai/session": "v1/abcDEF124"}}, _PSEUDO),
        Match({"_meta": {"openai/organization": "org-123"}}, _PSEUDO),
        Match({"_meta": {"openai/userAgent": "ChatGPT/1.2025"}}, "user.device"),
        Match({"_meta": {"openai/userLocation": {"city": "Leeds"}}}, "user.location.imprecise"),
        Match({"_meta": {"openai/userLocation": {"latitude": 53.8}}}, "user.location.precise"),
    )
    MISSES = (
        Miss({"_meta": {"openai/locale": "fr-FR"}}, "a setting of the interface"),
        Miss({"_meta": {"openai/widgetAccessible": True}}, "a flag"),
        Miss({"_meta": {"progressToken": 7}}, "a protocol constant"),
        Miss({"subject": "v1/abc"}, "a subject line"),
        Miss({"city": "Leeds"}, "not ChatGPT's"),
        Miss({"session": "morning"}, "not ChatGPT's"),
        Miss({"_meta": {"openai/outputTemplate": "ui://widget/list.html"}}, "a widget"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.fixed:
            keys = one.field.keys
            if not keys or one.empty or one.field.is_key:
                continue
            key = one.field.key.lower()
            category = _KEYS.get(key)
            if category is None and len(keys) > 1 and keys[-2].lower() == _LOCATION:
                category = _WHERE.get(key)
            if category is not None:
                yield whole(one, category, 0.99, self.name, "ChatGPT's own field", minor=False)


DETECTOR = ChatGpt()
