"""What is found inside a text. Pure module: no I/O."""

from dataclasses import dataclass, field

from douane.audit.jsontext import Node
from douane.audit.sourcemap import Layer


@dataclass(slots=True)
class Part:
    """A text found inside another.

    `step` says how (`query:/name`, `base64`, `csv:2/email`); `key` names the datum, empty to keep the surrounding
    one. `row` is equal for parts that belong together. `excerpt` is true when the part stands in the surrounding text
    as it is. `tree` is set when the part is JSON: `text` is then the text that its spans count in. `again` is false
    for a part in which `key: value` text is not looked for once more. `copy` is true for the whole surrounding text
    with escapes undone. `name_layer` maps `key` back, where the key stands beside the value and in no other field.
    """

    step: str
    key: str
    text: str = field(repr=False)
    layer: Layer
    row: int = 0
    excerpt: bool = False
    tree: Node | None = field(default=None, repr=False)
    again: bool = True
    copy: bool = False
    name_layer: Layer | None = None


@dataclass(slots=True)
class Opened:
    """The parts of a text. `whole` is true when they are all that it holds, so that its own words add nothing.

    `binary` is the size in bytes of encoded content that is no text, when there is some; `limit` a `GAP_CODES` key
    when something was found and not opened.
    """

    parts: list[Part]
    whole: bool = False
    binary: int | None = None
    limit: str = ""


def step_key(key: str) -> str:
    """A key as it stands in a decoding path: ` > ` must stay the path's own."""
    return key.replace("~", "~0").replace("/", "~1").replace(">", "~2")
