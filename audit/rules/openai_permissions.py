"""Camera and microphone that a widget asks for without a word in the declaration. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.history import History, Seen
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, saw
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_HOLDS = {"camera": ("user.content.self_image", "user.biometric"), "microphone": ("user.biometric.voice",)}


def check_app(history: History) -> Iterator[Hit]:
    """Permissions for what no declared category stands for; the position has a rule of its own."""
    if history.declaration is None:
        return
    declared = history.declaration.categories(Direction.TO_APP)
    for seen in history.seen(Seen.PERMISSION):
        wanted = _HOLDS.get(seen.name)
        if wanted and not any(taxonomy.is_within(a, b) or taxonomy.is_within(b, a) for a in wanted for b in declared):
            facts = (("what", seen.name), ("widget", seen.detail or "ui://"))
            yield Hit(seen.tool or "", f"widget permission {seen.name}", facts=facts)


RULE = Rule(
    id="openai/permissions",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Permission that nothing declares", "Autorisation que rien n’annonce"),
    severity=Severity.WARNING,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Users must be informed of all requested permissions, and those requests must be limited to what is "
    "necessary",
    says=Text(
        "The widget {widget} asks for {what}; no declared category was found for what it records.",
        "Le widget {widget} demande {what} ; aucune catégorie déclarée ne correspond à ce qui est enregistré.",
    ),
    remedy=Text(
        "Leave the permission out, or declare what is recorded and for which purpose.",
        "Retirez cette autorisation, ou déclarez ce qui est enregistré et pour quelle finalité.",
    ),
    check_app=check_app,
)

_CAMERA = saw(Seen.PERMISSION, "camera", "ui://scan")
MATCHES = (
    Case("the camera, and no image is declared", history(seen=[_CAMERA], declared=declares(("user.name",)))),
    Case("the microphone", history(seen=[saw(Seen.PERMISSION, "microphone")], declared=declares())),
)
MISSES = (
    Case("images are declared", history(seen=[_CAMERA], declared=declares(("user.content.self_image",)))),
    Case("writing to the clipboard records nothing", history(
        seen=[saw(Seen.PERMISSION, "clipboardWrite")], declared=declares())),
    Case("nothing was declared", history(seen=[_CAMERA])),
)  # fmt: skip
