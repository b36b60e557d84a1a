"""Identifiers of a device, its user agent, and identifiers that stand for a person without naming one."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject, of_key
from douane.detectors.words import word_set

_DEVICE = "user.device.device_id"
_PSEUDO = "user.unique_id.pseudonymous"
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._:/|{}=+-]{1,127}$")
_NOT = word_set(
    """
    type name label status count level tier brand model required enabled color colour expiry expires date points
    hash_algorithm version plan program programme holder
    """
)
_THINGS = word_set(
    """
    order ticket invoice request file trace span cart product item hotel room flight train event transfer message
    mail note document booking reservation transaction payment
    """
)


class Device:
    """Ids of orders, tickets, files and requests stand for things and are left alone."""

    name = "device-and-ids"
    title = "Device identifiers and pseudonymous ids"
    MATCHES = (
        Match({"device_fingerprint": "6d7e805da846a32c3bb81e3c29b62179"}, _DEVICE),
        Match({"imei": "490154203237518"}, _DEVICE),
        Match({"employee_id": "E47743"}, _PSEUDO),
        Match({"customerId": 918273}, _PSEUDO),
        Match({"carte_avantage": "27065379473834735"}, _PSEUDO),
        Match({"contrat": "5158377674"}, _PSEUDO),
        Match({"user": {"id": "u_8f2k1"}}, _PSEUDO),
    )
    MISSES = (
        Miss({"order_id": "A-4711"}, "an order"),
        Miss({"hotel_id": "HTL-716572"}, "a hotel"),
        Miss({"cart_id": "04110e35-d0e3-4b2b-9ca6-4c3330d867cd"}, "a cart"),
        Miss({"request_id": "c1a6423b-9f64-4eed-9c9d-927d84b871bb"}, "a request"),
        Miss({"file_id": "de3ce88b-e6b9-431a-b61f-6d903ad1fa33"}, "a file"),
        Miss({"contract": "CDI"}, "a kind of contract"),
        Miss({"contrat": "CDI"}, "a kind of contract"),
        Miss({"device_type": "phone"}, "a kind of device"),
        Miss({"client_id": "n/a"}, "none"),
        Miss({"loyalty_program": "gold"}, "a level"),
        Miss({"product": {"serial_number": "SN-1234"}}, "a product in a catalogue"),
        Miss({"case_number": "14/16128"}, "a case"),
        Miss({"id": "u_8f2k1"}, "an id of who knows what"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            if one.field.is_key or isinstance(one.field.value, bool | float):
                continue
            found = self._judge(one)
            if found is not None:
                yield found

    def _judge(self, one: Seen) -> Finding | None:
        device = _DEVICE in one.hints
        pseudo = _PSEUDO in one.hints or self._persons_id(one)
        if not (device or pseudo or "user.device" in one.hints):
            return None
        text = one.text.strip()
        words = one.words
        if one.empty or _NOT.intersection(words):
            return None
        if "agent" in words and ("user" in words or "useragent" in words):
            return whole(one, "user.device", 0.8, self.name, "key")
        if not _CODE.match(text) or not any(char.isdigit() for char in text):
            return None
        if device and not (one.about is Subject.THING and "serial" in words):
            if len(text) >= 8 and " " not in text:
                return whole(one, _DEVICE, 0.9, self.name, "key")
            return None
        if "user.device.cookie_id" in one.hints and len(text) >= 8:
            return whole(one, "user.device.cookie_id", 0.8, self.name, "key")
        if pseudo and len(text) >= 3 and text.count(" ") <= 5 and not _THINGS.intersection(words):
            return whole(one, _PSEUDO, 0.85, self.name, "key")
        return None

    @staticmethod
    def _persons_id(one: Seen) -> bool:
        """Whether the key is a bare `id` right under a person's key."""
        if one.words not in {("id",), ("uid",), ("ref",), ("number",)} or len(one.field.keys) < 2:
            return False
        return of_key(one.field.keys[-2], last=False) in {Subject.PERSON, Subject.CHILD}


DETECTOR = Device()
