"""Declarations of every shape, for property tests."""

from hypothesis import strategies as st

from douane.audit import countries, fides, taxonomy
from douane.audit.declaration import (
    Declaration,
    DeclaredField,
    DeclaredTool,
    Notice,
    Organisation,
    Party,
    Platform,
    Provenance,
    Purpose,
    Recipient,
    Roles,
    Says,
    Statement,
    Transfer,
)
from douane.audit.fides import Kind
from douane.audit.message import Direction

CATEGORIES = [one.key for one in taxonomy.categories()]
BOTH = (Direction.TO_APP, Direction.TO_CHATGPT)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(str.strip)
names = texts.filter(bool)
several = st.lists(st.sampled_from(CATEGORIES), max_size=4)
once = several.map(lambda keys: tuple(dict.fromkeys(keys)))
in_order = several.map(lambda keys: tuple(sorted(set(keys))))
codes = st.sampled_from(["", "FR", "US", "DE", *sorted(countries.CODES)[:5]])
days = st.sampled_from(["", "2026-11-02", "2026-11-02T09:30:00Z"])
digests = st.sampled_from(["", "0" * 64, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
urls = st.sampled_from(["", "https://carnet.example/privacy", "http://a.example/é?x=1#y"])
langs = st.sampled_from(["", "fr", "en-GB"])
hosts = st.lists(st.sampled_from(["a.example", "*.b.example", "localhost"]), max_size=2).map(tuple)
role = st.sampled_from(["", "controller", "processor", "joint"])
maybe = st.sampled_from([None, True, False])
durations = st.sampled_from(["", "P12M", "P1Y6M", "P30D", "PT0S", "P2W", "P1DT12H"])
pointers = st.lists(st.sampled_from(["a", "email", "*", "~0", "~1", "é", "1", "x y", "%"]), min_size=1, max_size=3).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)


def word(kind: Kind) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *(one.key for one in fides.words(kind))])


provenances = st.builds(
    Provenance,
    source=st.sampled_from(["", "schema", "manifest", "policy", "connection", "human"]),
    quote=texts,
    by=texts,
    at=days,
    url=urls,
)
parties = st.builds(Party, name=texts, legal_name=texts, address=texts, country=codes, contact=texts, hosts=hosts)
carried = st.dictionaries(
    st.sampled_from(["features", "third_parties", "flexible_legal_basis_for_processing", "egress"]),
    st.none(),
    max_size=4,
).map(
    lambda keys: tuple(
        (
            key,
            {
                "features": '["match devices"]',
                "third_parties": '"partners"',
                "flexible_legal_basis_for_processing": "false",
                "egress": '["other_system"]',
            }[key],
        )
        for key in sorted(keys)
    )
)


def statements(what: str) -> st.SearchStrategy[tuple[Statement, ...]]:
    one = st.tuples(
        st.sampled_from(list(Says)),
        st.one_of(st.sampled_from(["we", "anyone", "advertiser"]), names),
        once.filter(bool),
        texts,
        st.sampled_from([BOTH, BOTH[:1], BOTH[1:]]),
    )
    return st.lists(one, max_size=3).map(
        lambda rows: tuple(Statement(f"{what}/{number}", *row) for number, row in enumerate(rows, 1))
    )


def controls(what: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(texts.filter(bool), max_size=2).map(tuple) if what == "policy" else st.just(())


def notices(what: str) -> st.SearchStrategy[Notice | None]:
    return st.one_of(st.none(), st.builds(Notice, urls, digests, days, langs, statements(what), controls(what)))


@st.composite
def fields(draw: st.DrawFn, above: str) -> tuple[DeclaredField, ...]:
    found = draw(st.lists(pointers, max_size=2, unique=True))
    return tuple(
        DeclaredField(above + at, at, draw(once), draw(maybe), draw(st.one_of(st.none(), provenances))) for at in found
    )


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    recipients = tuple(
        Recipient(
            f"{name} Ltd", draw(codes), draw(role), draw(hosts), draw(once), draw(st.one_of(st.none(), provenances))
        )
        for name in draw(st.lists(names, max_size=3, unique=True))
    )
    known = [one.name for one in recipients]
    some = st.lists(st.sampled_from(known), max_size=2, unique=True).map(tuple) if known else st.just(())
    purposes = tuple(
        Purpose(
            id=f"purpose/{number}",
            name=draw(texts),
            data_use=draw(word(Kind.USE)),
            to_app=draw(in_order),
            to_chatgpt=draw(in_order),
            subjects=tuple(dict.fromkeys(one for one in draw(st.lists(word(Kind.SUBJECT), max_size=2)) if one)),
            legal_basis=draw(word(Kind.BASIS)),
            special_basis=draw(word(Kind.SPECIAL)),
            retention=draw(durations),
            roles=Roles(draw(role), draw(role), draw(role)),
            recipients=draw(some),
            register_ref=draw(texts),
            shared=draw(maybe),
            ephemeral=draw(maybe),
            optional=draw(maybe),
            provenance=tuple(draw(st.lists(provenances, max_size=2))),
            carried=draw(carried),
        )
        for number in range(1, 1 + draw(st.integers(0, 3)))
    )
    transfers = st.builds(
        Transfer,
        country=codes.filter(bool),
        mechanism=word(Kind.MECHANISM),
        reference=texts,
        date=days,
        recipient=st.sampled_from(["", *known]),
        provenance=st.one_of(st.none(), provenances),
    )
    return Declaration(
        app=draw(st.sampled_from(["crm", "a.b-c_1", "X"])),
        to_app=tuple(sorted({*draw(in_order), *(key for one in purposes for key in one.to_app)})),
        to_chatgpt=tuple(sorted({*draw(in_order), *(key for one in purposes for key in one.to_chatgpt)})),
        recipients=recipients,
        sha256=draw(digests),
        source=draw(st.sampled_from(["", "crm.yaml"])),
        taxonomy=taxonomy.VERSION,
        title=draw(texts),
        publisher=draw(parties),
        organisation=Organisation(
            draw(parties), draw(st.one_of(st.none(), parties)), draw(st.one_of(st.none(), parties))
        ),
        platform=Platform(draw(texts), draw(texts), draw(texts), draw(texts), draw(texts), draw(texts), draw(days)),
        policy=draw(notices("policy")),
        connection=draw(notices("connection")),
        purposes=purposes,
        tools=tuple(
            DeclaredTool(name, draw(digests), draw(fields(f"tool/{name}/fields")), draw(fields(f"tool/{name}/output")))
            for name in draw(st.lists(names, max_size=2, unique=True))
        ),
        transfers=tuple(draw(st.lists(transfers, max_size=2))),
        provenance=tuple(draw(st.lists(provenances, max_size=2))),
    )
