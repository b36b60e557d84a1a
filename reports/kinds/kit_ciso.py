"""The sheet for the CISO: what Douane is on a machine, what is in force, and what is left to do."""

from douane.reports.document import Cell, Column, Facts, Section, Table, Text, Tone
from douane.reports.kinds import perimeter
from douane.reports.kinds.in_force import InForce
from douane.reports.kinds.kit_facts import Known, dashed, facts


def ciso(known: Known) -> tuple[Section, ...]:
    """The sheet's sections."""
    said = known.said
    left = facts(
        (
            (said.phrase("ciso.owner"), said.blank("fill.name")),
            (said.phrase("ciso.backup"), said.blank("fill")),
            (said.phrase("ciso.review"), said.blank("fill.date")),
        )
    )
    chain = facts(((said.phrase("ciso.chain"), perimeter.sealed(known.material)),))
    return (
        Section("ciso-parts", said.phrase("ciso.parts"), (Text(known.lines("ciso.parts.lines"), bullets=True),)),
        Section("ciso-settings", said.phrase("ciso.table"), (_settings(known), chain)),
        Section("ciso-do", said.phrase("ciso.do"), (Text(known.lines("ciso.do.lines"), bullets=True),)),
        Section("ciso-limits", said.phrase("ciso.limits"), (Text(known.lines("limits"), bullets=True),)),
        Section("ciso-left", said.phrase("ciso.fills"), (left,)),
    )


def _settings(known: Known) -> Facts | Table:
    said, force = known.said, known.force
    if force is None:
        return facts(((said.phrase("ciso.table"), known.unread()),))
    is_open = known.open_codes()
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for key, cell, codes in _rows(known, force):
        looked = tuple(said.phrase(f"open.{code}") for code in codes if code in is_open)
        rows.append((said.phrase(key), dashed(cell), dashed(looked) or None))
        tones.append("notice" if looked else "plain")
    columns = (
        Column(said.phrase("ciso.what"), 1.3),
        Column(said.phrase("ciso.is"), 2),
        Column(said.phrase("ciso.open"), 2),
    )
    return Table(said.phrase("ciso.table"), columns, tuple(rows), tones=tuple(tones))


def _rows(known: Known, force: InForce) -> tuple[tuple[str, Cell, tuple[str, ...]], ...]:
    """Each setting: its name, what is in force, and the codes of what may be open about it."""
    said = known.said

    def yes(flag: bool) -> str:
        return said.phrase("yes" if flag else "no")

    def apps(n: int) -> str:
        return said.say("ciso.of", n, all=force.apps)

    listens = [said.phrase("fact.here" if force.here_only else "fact.network")]
    listens.append(said.phrase("fact.tls" if force.tls else "fact.plain"))
    anchors = [said.phrase("ciso.anchors.apart" if force.anchors_apart else "ciso.anchors.beside")]
    anchors += [said.phrase("ciso.anchors.syslog")] if force.syslog else []
    detects = said.say(
        "ciso.detect.is",
        text=said.phrase("ciso.detect.all") if force.everything else yes(force.free_text),
        langs=", ".join(force.languages),
        own=force.own_detectors,
        off=force.switched_off,
    )
    return (
        ("ciso.listens", ", ".join(listens), ("tls",)),
        ("ciso.cert", apps(force.certificates), ("certificate",)),
        ("ciso.key", known.key(), ("key",)),
        ("ciso.anchors", " ".join(anchors), ("anchors",)),
        ("ciso.durable", force.durability, ("power",)),
        ("ciso.fail", apps(force.passing), ("pass",)),
        ("ciso.egress", apps(force.egress), ("egress",)),
        ("ciso.forward", yes(force.forward), ()),
        ("ciso.roles", known.roles(), ("roles",)),
        ("ciso.profile", known.profile(), ("profile", "monitor")),
        ("ciso.keep", known.keep(), ("purge",)),
        ("ciso.detect", detects, ()),
        ("ciso.digest", force.sha256 or "—", ()),
    )
