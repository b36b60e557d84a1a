"""A check as lines for people, in English or French."""

from collections.abc import Callable

from douane.audit.gate import Result
from douane.audit.rules.base import Text
from douane.reports import people, reviewed, safe
from douane.reports.checked import OUTCOMES, SEVERITIES, UNSEEN, Checked
from douane.reports.i18n import Lang, Words, form, french_spaces, lang_of

type _Say = Callable[..., str]

WIDE = 400

_HEAD = Text(
    "Check of {apps}: {n} message judged|Check of {apps}: {n} messages judged",
    "Contrôle ({apps}) : {n} message jugé|Contrôle ({apps}) : {n} messages jugés",
)
_SEEN = Text(
    "seen {n} time, {first} to {last}|seen {n} times, {first} to {last}", "constaté {n} fois, du {first} au {last}"
)
_SEEN_ONCE = Text("seen {n} time|seen {n} times", "constaté {n} fois")
_EVIDENCE = Text("evidence: {ids} (douane why ID)", "preuves : {ids} (douane why ID)")
_MEND = Text("to mend it: {remedy}", "pour corriger : {remedy}")
_WAIVED = Text("waived by {by} until {until}: {reason}", "dérogation de {by} jusqu’au {until} : {reason}")
_FINGERPRINT = Text("fingerprint", "empreinte")
_NOT_JUDGED = Text("Not judged: {why}", "Non jugé : {why}")
_GAPS = Text("{app}: not inspected in full: {gaps}", "{app} : non inspecté en entier : {gaps}")
_FAILING = Text("{n} finding fails the gate|{n} findings fail the gate", "{n} écart bloquant|{n} écarts bloquants")
_OPEN = Text("{n} open in all", "{n} ouvert en tout|{n} ouverts en tout")
_TOTAL = Text(
    "{failing} (--fail-on {fail_on}), {open}, {waived} waived: {outcome}.",
    "{failing} (--fail-on {fail_on}), {open}, {waived} sous dérogation : {outcome}.",
)
_NAMES = {
    "taxonomy": Text("taxonomy", "taxonomie"),
    "rules": Text("rules", "règles"),
}
_VERSIONS = Text("Judged by {versions}.", "Jugé par {versions}.")


def render(checked: Checked, *, lang: str = "en") -> str:
    """The whole check; nothing of it is more than one line long. Raises `LangError`."""
    lang = lang_of(lang)

    def say(text: Text, n: int | None = None, **values: object) -> str:
        told = form(text.of(lang), n, lang).format(n=n, **values)
        return french_spaces(told) if lang == "fr" else told

    total, words = sum(checked.exchanges.values()), Words(lang)
    out = [say(_HEAD, apps=", ".join(safe.plain(app) for app in checked.apps) or "—", n=total), ""]
    failing = {one.fingerprint for one in checked.failing}
    for one in checked.results:
        out += _told(one, checked, lang, say, is_failing=one.fingerprint in failing)
    for missing in checked.unjudged:
        out.append(say(_NOT_JUDGED, why=safe.plain(say_plain(missing.says, lang), WIDE)))
    for app, gaps in checked.gaps.items():
        listed = ", ".join(f"{code} × {count}" for code, count in gaps.items())
        if listed:
            out.append(say(_GAPS, app=safe.plain(app), gaps=listed))
    out += [
        "",
        say(
            _TOTAL,
            failing=say(_FAILING, len(checked.failing)),
            fail_on=",".join(checked.fail_on) or "never",
            open=say(_OPEN, len(checked.open)),
            waived=len(checked.results) - len(checked.open),
            outcome=OUTCOMES[checked.outcome].of(lang),
        ),
        say(
            _VERSIONS,
            versions=", ".join(
                f"{_NAMES[name].of(lang) if name in _NAMES else name} {words.date(version)}"
                for name, version in checked.versions.items()
            ),
        ),
        say(UNSEEN),
        *(() if checked.under is None else people.lines(checked.under, Words(lang))),
    ]
    return "\n".join(out) + "\n"


def _told(one: Result, checked: Checked, lang: Lang, say: _Say, *, is_failing: bool) -> list[str]:
    mark = "✗" if is_failing else "–" if one.fingerprint in checked.waived else "·"
    place = f"  {safe.plain(one.anchor.file, WIDE)}:{one.anchor.line}" if one.anchor is not None else ""
    lines = [
        f"{mark} {SEVERITIES[one.severity].of(lang)}  {one.rule.id}  {safe.plain(one.app)}{place}",
        f"    {safe.plain(say_plain(one.says, lang), WIDE)}",
    ]
    if one.first_at:
        lines.append(f"    {say(_SEEN, n=one.count, first=_at(one.first_at, lang), last=_at(one.last_at, lang))}")
    elif one.count > 1:
        lines.append(f"    {say(_SEEN_ONCE, n=one.count)}")
    if one.disclosures:
        lines.append(f"    {say(_EVIDENCE, ids=' '.join(str(number) for number in one.disclosures[:5]))}")
    waiver = checked.waived.get(one.fingerprint)
    if waiver is not None:
        by, reason = safe.plain(waiver.by), safe.plain(waiver.reason, WIDE)
        lines.append(f"    {say(_WAIVED, by=by, until=Words(lang).date(waiver.expires), reason=reason)}")
    else:
        lines.append(f"    {safe.plain(say(_MEND, remedy=say_plain(one.remedy, lang)), WIDE)}")
    if said := reviewed.mark(checked.reviews.get(one.fingerprint), Words(lang), safe.plain):
        lines.append(f"    {said[:1].upper()}{said[1:]}")
    lines += [f"    {say(_FINGERPRINT)} {one.fingerprint}", ""]
    return lines


def _at(at: str, lang: Lang) -> str:
    """A time of the ledger, the French way in French."""
    return Words(lang).minute(at) if lang == "fr" else at[:19]


def say_plain(text: Text, lang: str) -> str:
    """A sentence in its language, with French spaces where it is French."""
    return french_spaces(text.fr) if lang == "fr" else text.en
