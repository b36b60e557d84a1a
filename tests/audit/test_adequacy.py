"""Which exports the declared roles make, and what each rests on."""

from typing import Any

import pytest

from douane.audit.adequacy import Basis, Standing, as_of, exports, standing
from douane.audit.countries import CODES
from douane.audit.declaration import Declaration, Organisation, Party, Purpose, Recipient, Roles, Transfer

EMAIL = "user.contact.email"
ORGANISATION = Organisation(Party("Example Org", country="FR"))


def declared(roles: Roles, country: str = "", **others: Any) -> Declaration:
    purpose = Purpose("purpose/1", "mail", to_app=(EMAIL,), roles=roles, recipients=("Mailer",))
    return Declaration(
        "crm", (EMAIL,), (), **{"publisher": Party("Example CRM", country=country), "purposes": (purpose,), **others}
    )


def found(declaration: Declaration) -> list[tuple[str, str, Basis]]:
    return [(one.exporter, one.importer, one.basis) for one in exports(declaration)]


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("FR", Standing.EEA),
        ("NO", Standing.EEA),
        ("GP", Standing.EEA),
        ("CH", Standing.ADEQUATE),
        ("BR", Standing.ADEQUATE),
        ("CA", Standing.IN_PART),
        ("US", Standing.IF_CERTIFIED),
        ("IN", Standing.NONE),
        ("", Standing.UNKNOWN),
    ],
)
def test_the_list_says_what_is_known_of_a_country(country: str, expected: Standing) -> None:
    assert standing(country) is expected


def test_the_list_is_dated_and_names_countries() -> None:
    assert as_of() == "2026-11-22"
    assert {code for code in CODES if standing(code) in (Standing.ADEQUATE, Standing.IN_PART)} <= CODES


@pytest.mark.parametrize(
    ("roles", "organisation", "publisher", "expected"),
    [
        # the organisation answers for the purpose and has the publisher work for it
        (Roles("controller", "processor"), ORGANISATION, "US", Basis.IF_CERTIFIED),
        (Roles("controller", "controller"), ORGANISATION, "IN", Basis.MISSING),
        (Roles("controller", "processor"), ORGANISATION, "", Basis.UNKNOWN),
        (Roles("controller", "processor"), ORGANISATION, "DE", Basis.NOT_NEEDED),
        (Roles("joint", "joint"), ORGANISATION, "CA", Basis.IN_PART),
        (Roles("controller", "processor"), Organisation(representative=Party("R")), "JP", Basis.ADEQUACY),
        # the person gives the data directly, or nobody said who answers for what
        (Roles("", "controller"), ORGANISATION, "US", None),
        (Roles("controller", ""), ORGANISATION, "US", None),
        (Roles(), ORGANISATION, "US", None),
        (Roles("controller", "processor"), Organisation(Party(country="US")), "IN", None),
        (Roles("controller", "processor"), Organisation(), "IN", None),
    ],
)
def test_only_declared_roles_make_the_organisation_an_exporter(
    roles: Roles, organisation: Organisation, publisher: str, expected: Basis | None
) -> None:
    made = found(declared(roles, publisher, organisation=organisation))
    assert made == ([] if expected is None else [("organisation", "Example CRM", expected)])


@pytest.mark.parametrize(
    ("roles", "publisher", "country", "transfers", "expected"),
    [
        (Roles("", "controller"), "FR", "US", (), Basis.IF_CERTIFIED),
        (Roles("", "controller"), "FR", "US", (Transfer("US", "SCCs"),), Basis.MECHANISM),
        (Roles("", "controller"), "FR", "US", (Transfer("US", "SCCs", recipient="Mailer"),), Basis.MECHANISM),
        (Roles("", "controller"), "FR", "US", (Transfer("US", "SCCs", recipient="Another"),), Basis.IF_CERTIFIED),
        (Roles("", "controller"), "FR", "US", (Transfer("US", "Adequacy Decision"),), Basis.IF_CERTIFIED),
        (Roles("", "controller"), "FR", "IN", (Transfer("IN", "Adequacy Decision"),), Basis.AT_ODDS),
        (Roles("", "controller"), "FR", "IN", (Transfer("IN"),), Basis.MISSING),
        (Roles("", "controller"), "FR", "IN", (Transfer("CN", "SCCs"),), Basis.MISSING),
        (Roles("", "controller"), "FR", "DE", (), Basis.NOT_NEEDED),
        (Roles("", "controller"), "US", "IN", (), None),
        (Roles(), "FR", "IN", (), None),
    ],
)
def test_a_publisher_in_the_union_exports_to_the_recipients_of_the_purpose(
    roles: Roles, publisher: str, country: str, transfers: tuple[Transfer, ...], expected: Basis | None
) -> None:
    recipients = (Recipient("Mailer", country), Recipient("Not of this purpose", "IN"))
    made = found(declared(roles, publisher, recipients=recipients, transfers=transfers))
    assert made == ([] if expected is None else [("publisher", "Mailer", expected)])


def test_what_an_export_rests_on_is_said_in_both_languages() -> None:
    one = exports(declared(Roles("controller", "processor"), "US", organisation=ORGANISATION))[0]
    assert "adequacy only if certified" in one.says("en")
    assert "adéquation seulement si le destinataire est certifié" in one.says("fr")
    assert "/".join(reversed(as_of().split("-"))) in one.says("fr")


@pytest.mark.parametrize("publisher", ["Example Org", "  EXAMPLE  org "])
def test_one_entity_exports_nothing_to_itself(publisher: str) -> None:
    same = Party(publisher, country="GB")
    made = declared(Roles("controller", "controller"), organisation=ORGANISATION, publisher=same)
    assert found(made) == [("organisation", publisher, Basis.ITSELF)]
    assert exports(made)[0].says("fr").endswith("sont une même entité : pas de transfert")


def test_a_publisher_named_among_its_own_recipients_is_no_importer() -> None:
    recipients = (Recipient("Exämple crm", "GB"), Recipient("Mailer", "GB"))
    purpose = Purpose(
        "purpose/1", "mail", to_app=(EMAIL,), roles=Roles("", "controller"), recipients=("Exämple crm", "Mailer")
    )
    made = declared(Roles(), "FR", recipients=recipients, purposes=(purpose,))
    assert found(made) == [("publisher", "Exämple crm", Basis.ITSELF), ("publisher", "Mailer", Basis.ADEQUACY)]


def test_a_mechanism_is_named_in_the_language_of_the_document() -> None:
    made = declared(
        Roles("", "controller"), "FR", recipients=(Recipient("Mailer", "US"),), transfers=(Transfer("US", "SCCs"),)
    )
    assert "SCCs" not in exports(made)[0].says("fr")
    assert "clauses contractuelles types" in exports(made)[0].says("fr").lower()
