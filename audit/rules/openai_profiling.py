"""Behaviour and device data that an app asks for and did not disclose. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, META, call, datum, declares, history
from douane.audit.rules.reading import ARGUMENTS, covered, data, hit_of
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_TRACKING = (
    "user.behavior.browsing_history", "user.behavior.search_history", "user.behavior.media_consumption",
    "user.device.ip_address", "user.device.device_id", "user.device.cookie", "user.device.cookie_id", "user.telemetry",
)  # fmt: skip


def check(exchange: Exchange, history: History) -> Iterator[Hit]:
    """Such data in the arguments of a call, where the declaration does not name them."""
    if history.declaration is None:
        return
    declared = history.declaration.categories(Direction.TO_APP)
    for at, one in data(exchange, Direction.TO_APP, _TRACKING):
        if one.pointer.startswith(ARGUMENTS) and not covered(one.category, declared):
            yield hit_of(exchange, at, one)


RULE = Rule(
    id="openai/profiling",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Metadata that allow profiling", "Métadonnées permettant un profilage"),
    severity=Severity.WARNING,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Do not engage in surveillance, tracking, or behavioral profiling - including metadata collection such as "
    "timestamps, IP addresses, or query patterns - unless explicitly disclosed",
    says=Text(
        "{tool} received “{category}” at {pointer}, which allows profiling; no declaration of it was found.",
        "{tool} a reçu « {category} » à {pointer}, qui permet un profilage ; aucune déclaration n’en a été trouvée.",
    ),
    remedy=Text(
        "Take the argument out of the tool, or disclose it, say why it is needed, and give people control over it.",
        "Retirez cet argument de l’outil ; sinon annoncez-le, justifiez-le, et laissez-en la maîtrise aux personnes.",
    ),
    check=check,
)

_IP = datum("user.device.ip_address", f"{ARGS}/client_ip")
MATCHES = (
    Case("an IP address as an argument", history(call("find", _IP), declared=declares(("user.name",)))),
    Case("what was looked for before", history(
        call("find", datum("user.behavior.search_history", f"{ARGS}/recent")), declared=declares())),
)  # fmt: skip
MISSES = (
    Case("it is declared", history(call("find", _IP), declared=declares(("user.device",)))),
    Case("the network adds an address by itself", history(
        call("find", datum("user.device.ip_address", "/@http/header/x-forwarded-for")), declared=declares())),
    Case("ChatGPT adds the device by itself", history(
        call("find", datum("user.device", f"{META}/openai~1userAgent")), declared=declares())),
    Case("nothing was declared", history(call("find", _IP))),
)  # fmt: skip
