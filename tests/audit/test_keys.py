"""A pointer that is written down holds no key that may be somebody's datum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import keys as keys_module
from douane.audit.jsontext import escape
from douane.audit.key_values import people_in
from douane.audit.keys import (
    HIDDEN,
    is_field_name,
    is_tool_name,
    safe_key,
    safe_pointer,
    safe_reached,
    safe_tool,
)
from douane.audit.message import Direction
from douane.audit.skeleton import skeleton
from douane.audit.words_of_names import vocabulary
from douane.inspector.seen import kept_uses
from douane.ledger.rows import tool_name


@pytest.mark.parametrize(
    "key",
    [
        "first_name",
        "firstName",
        "FIRST-NAME",
        "FirstName",
        "date de naissance",
        "Prénom",
        "adresse_2",
        "line1",
        "IBAN",
        "userID",
        "openai_user_location",
        "address.street",
        "max_results",
        "Numéro de sécurité sociale",
        "q",
        "createdAt",
        "is_read",
        "HTTPHeader",
        "email (work)",
        "API_KEY",
        "n°",
    ],
)
def test_a_name_of_a_field_is_known(key: str) -> None:
    assert is_field_name(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        " ",
        "ada@example.org",
        "Ada",
        "jean_dupont",
        "Jean Dupont",
        "0612345678",
        "12",
        "name_123",
        "user 1985",
        "Nice",
        "name" * 30,
        "email@",
        "sk-proj-abc",
        "diabetes",
        "max",
        "Mark",
        "will",
        "name_Ada",
        "名前",
        "a b",
        "name€",
        "j.d.",
        "v1/LzXLn6cJqI5",
        "client ١٢٣",
        "\ud800",
    ],
)
def test_anything_else_is_not(key: str) -> None:
    assert not is_field_name(key)


FIRST_NAMES = (
    "adam agnes aisha alan albert alex alexandre alice amina andrea andrew anna anne antoine arthur ben "
    "bernard bruno camille carla caroline cecile charles charlotte chloe chris christine claire claude clara "
    "daniel david denis diane dominique edward elena eli elise emma eric ethan eva fatima felix florence "
    "francois frank gabriel george gerard grace guillaume hannah hassan helene henri henry hugo ibrahim ines "
    "isabelle ivan jack jacques james jane jean jeanne jennifer jessica joan john jose joseph julia julie "
    "julien karim kate kevin laura laurent lea leo liam lily lina linda lisa louis louise luc lucas lucie lucy "
    "luke manon marc maria marie mark martin mary mathieu matthew max maya michael michel mia mohamed nathalie "
    "nicolas nina noah nora olivia oliver oscar pascal patrick paul peter philippe pierre rachel raphael rayan "
    "rebecca rene richard robert roger romain rosa rose ruth ryan samuel sandra sara sarah simon sofia sophie "
    "stephane steven susan sylvie theo thomas tom valerie victor vincent will william xavier yann yasmine yves "
    "zoe april may june august bill "
)


@pytest.mark.parametrize("name", FIRST_NAMES.split())
def test_no_given_name_alone_passes_for_a_field(name: str) -> None:
    assert [key for key in (name, name.title(), f"{name}{name}") if is_field_name(key)] == []


def test_the_vocabulary_is_lower_case_without_accents_and_holds_no_word_twice() -> None:
    known, accompanied = vocabulary()
    assert known & accompanied == set()
    for word in known | accompanied:
        assert word == word.lower()
        assert word.isascii()
        assert word.isalnum()


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", ""),
        ("/params/arguments/email", "/params/arguments/email"),
        ("/params/arguments/ada@example.org/email", "/params/arguments/{key}/email"),
        ("/params/_meta/openai~1userLocation/city", "/params/_meta/openai~1userLocation/city"),
        ("/params/arguments/guests/0/first_name", "/params/arguments/guests/0/first_name"),
        ("/params/arguments/guests/999", "/params/arguments/guests/999"),
        ("/params/arguments/codes/4821", "/params/arguments/codes/{key}"),
        ("/params/arguments/06", "/params/arguments/{key}"),
        ("/params/arguments/zip_Nice", "/params/arguments/{key}"),
        ("/params/arguments/qwfp", "/params/arguments/qwfp"),
        ("/@http/header/x-openai-subject", "/@http/header/x-openai-subject"),
        ("/@http/header/mcp-param-ada", "/@http/header/{key}"),
        ("/@http/query/ada%40example.org", "/@http/query/{key}"),
        ("/@http/path", "/@http/path"),
        ("/a~1ada", "/{key}"),
    ],
)
def test_a_pointer_keeps_the_keys_that_name_fields(pointer: str, expected: str) -> None:
    assert safe_pointer(pointer, frozenset({"qwfp"})) == expected


def test_the_keys_of_a_field_tell_indices_from_keys_made_of_figures() -> None:
    keys = ("params", "arguments", "codes", "4821")
    assert safe_pointer("/params/arguments/codes/12345/4821", keys=keys) == "/params/arguments/codes/12345/{key}"
    assert safe_pointer("/params/arguments/codes/1/2", keys=(*keys[:3], "2")) == "/params/arguments/codes/1/{key}"


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        ("", ""),
        ("base64 > json:/name/0", "base64 > json:/name/0"),
        ("csv:12/email", "csv:12/email"),
        ("csv:40000/Ada", "csv:40000/{key}"),
        ("json:/ada@example.org/name > query:/email", "json:/{key}/name > query:/email"),
        ("line:/voici la clé de Léo", "line:/{key}"),
        ("json:/a~2b", "json:/{key}"),
        ("url:/password > percent", "url:/password > percent"),
        ("json:/qwfp", "json:/qwfp"),
    ],
)
def test_a_decoding_path_keeps_its_steps_and_the_keys_that_name_fields(reached: str, expected: str) -> None:
    assert safe_reached(reached, frozenset({"qwfp"})) == expected


@given(st.lists(st.text(min_size=1), max_size=5))
def test_no_key_outside_the_vocabulary_is_written_down(keys: list[str]) -> None:
    pointer = "/params/arguments" + "".join("/" + escape(key) for key in keys)
    safe = safe_pointer(pointer, keys=("params", "arguments", *keys)).split("/")[3:]
    assert safe == [escape(key) if is_field_name(key) else HIDDEN for key in keys]
    assert [safe_key(key) for key in keys] == [key if is_field_name(key) else HIDDEN for key in keys]


@pytest.mark.parametrize("name", ["hubspot-search", "chercher_praticien", "bookFlight", "echo", "get_playlist"])
def test_a_tool_that_was_not_listed_keeps_a_name_made_of_words(name: str) -> None:
    assert safe_tool(name) == name


@pytest.mark.parametrize(
    "name", ["ada@example.org", "Ada Lovelace", "0612345678", "eyJhbGciOi", "search 75011 Paris", "lookup_0612345678"]
)
def test_a_tool_that_was_not_listed_hides_what_may_be_a_datum(name: str) -> None:
    assert safe_tool(name) == HIDDEN
    assert safe_tool(name, {name}) == name


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("lea.martin@example.org", False),
        ("+33 6 39 98 12 34", False),
        ("06.39.98.12.34", False),
        ("customer_8812231", False),
        ("123-45-6789", False),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", False),
        ("lea%40example.org", False),
        ("lea%2540example.org", False),
        ("lea=40example.org", False),
        ("lea&#64;example.org", False),
        ("lea\\u0040example.org", False),
        ("lea\uff20example.org", False),
        ("bGVhQGV4YW1wbGUub3Jn", False),
        ("lea_at_example_org", False),
        ("06%2039%2098%2012%2034", False),
        ("Léa Martin", False),
        ("L%C3%A9a%20Martin", False),
        ("L=C3=A9a Martin", False),
        ("Martin Dupont", False),
        ("lea_martin", False),
        ("LéaMartin", False),
        ("lea.martin-2", False),
        ("Léa", False),
        ("Marie-Claire de la Tour", False),
        ("user%5Bname%5D", True),
        ("Sprint Velocity", True),
        ("Martin", True),
        ("rose_color", True),
        ("marie", False),
        ("léa", False),
        ("jean", False),
        ("max_stops", True),
        ("maxRetries", True),
        ("iban_versement", True),
        ("max_martin", False),
        ("alpha", True),  # given names that properties are called by
        ("jeton", True),
        ("claude", True),
        ("max", True),
        ("rose", True),
        ("@type", True),
        ("Zustelldatum", True),
        ("adr_fact_ligne2", True),
        ("x-vendor-42", True),
        ("éàü", True),
    ],
)
def test_a_listed_name_stays_unless_it_is_a_persons_value(key: str, *, kept: bool) -> None:
    declared = frozenset({key})
    shown = escape(key) if kept else HIDDEN
    pointer = f"/params/arguments/{escape(key)}"
    assert safe_pointer(pointer, declared, keys=("params", "arguments", key)) == f"/params/arguments/{shown}"
    assert safe_key(key, declared) == (key if kept else HIDDEN)
    assert safe_reached(f"json:/{escape(key)}", declared) == f"json:/{shown}"
    (use,) = kept_uses("t", Direction.TO_APP, [f"/{escape(key)}"], declared)
    assert use.pointer == f"/{shown}"
    assert (HIDDEN in skeleton({"properties": {key: {}}})["properties"]) or kept


@pytest.mark.parametrize(
    ("keys", "people"),
    [
        (["lea", "hugo", "note"], {"lea", "hugo"}),
        (["lea", "hugo", "zorg"], {"lea", "hugo", "zorg"}),
        (["Léa Martin", "h.bernard%40example.org", "zorg"], {"Léa Martin", "h.bernard%40example.org", "zorg"}),
        (["lea", "velocity"], {"lea"}),
        (["lea", "thomas", "velocity", "sprint", "board", "epic"], {"lea", "thomas"}),
        (["first_name", "last_name"], set()),
    ],
)
def test_a_map_by_peoples_names_keeps_no_key_but_names_of_fields(keys: list[str], people: set[str]) -> None:
    schema = {"type": "object", "properties": {"owners": {"anyOf": [{"properties": {key: {} for key in keys}}]}}}
    assert people_in(schema) in (people, set())  # few names among other words are no map, and hidden one by one
    kept = skeleton(schema)["properties"]["owners"]["anyOf"][0]["properties"]
    assert {key for key in keys if key in kept} == set(keys) - people


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("récupérer_client", True),
        ("lookup_75011", True),
        ("KB0001234", True),
        ("get_a1b2c3d4e5f6", True),
        ("salesforce_query_00D5g000004XyZ", True),
        ("tools.v2/search", True),
        ("名前_検索", True),
        ("lookup_0612345678", False),
        ("call-06.12.34.56.78", False),
        ("ada@example.org", False),
        ("Ada Lovelace", False),
        ("crm-3fa85f64-5717-4562-b3fc-2c963f66afa6", False),
        ("q_ghp_16C7e42F292c6912E7710c838347Ae178B4a", False),
        ("find_9fA3kQ27xLp04ZtR81mWc5", False),
        ("x" * 129, False),
        ("", False),
    ],
)
def test_a_tools_name_stays_unless_it_may_be_a_persons_value(name: str, *, kept: bool) -> None:
    assert is_tool_name(name) is kept
    assert tool_name(name) == (name if kept else HIDDEN)


def test_a_pointer_in_which_nothing_is_hidden_is_known_again_and_one_that_holds_a_datum_is_not() -> None:
    plain, telling = "/params/arguments/city", "/params/arguments/jane.example@example.org/city"
    for _ in range(2):
        assert safe_pointer(plain) == plain
        assert safe_pointer(telling) == "/params/arguments/{key}/city"
        assert safe_pointer("/params/arguments/zzyxq", frozenset({"zzyxq"})) == "/params/arguments/zzyxq"
        assert safe_pointer("/params/arguments/zzyxq") == "/params/arguments/{key}"
        assert safe_pointer("/params/arguments/12", keys=("params", "arguments")) == "/params/arguments/12"
        assert safe_pointer("/params/arguments/12", keys=("params", "arguments", "12")) == "/params/arguments/{key}"
        deeper = safe_pointer("/params/arguments/notes", keys=("params", "arguments", "notes", "jane@example.org"))
        assert deeper == "/params/arguments/notes"
    held = str(keys_module._pointers)
    assert plain in held
    assert "example" not in held
