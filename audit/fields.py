"""A message to its fields: every place that can hold a datum, opened. Pure module: no I/O."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Field:
    """One value, and how it was reached.

    `pointer` is the RFC 6901 pointer of the string, number or boolean in the message that holds it (`/@http/header/
    user-agent`, `/@http/query/city`, `/@http/path` for what crossed beside the body). `reached` is the decoding path
    from there (`json:/a/b`, `base64`, `csv:2/email`, joined by ` > `), empty for the value itself. `text` is the
    printed value, `value` the value. `keys` are the object keys from the root down to it, decoded ones included;
    `key` the nearest. `is_key` is true when the datum is itself a dictionary key. `group` is equal for the members of
    one object: siblings. `place` is the id of its row in `audit.places`.
    """

    pointer: str
    value: str | int | float | bool = field(repr=False)
    text: str = field(repr=False)
    key: str
    keys: tuple[str, ...]
    place: str
    group: int
    reached: str = ""
    is_key: bool = False
