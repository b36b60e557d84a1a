"""What changed between two declarations is said in words, in both languages, and nothing else is."""

from dataclasses import replace

import pytest
from declarations import declarations
from hypothesis import HealthCheck, given, settings

from douane.audit.declaration import (
    Declaration,
    DeclaredField,
    DeclaredTool,
    Notice,
    Organisation,
    Party,
    Platform,
    Purpose,
    Recipient,
    Roles,
    Says,
    Statement,
    Transfer,
)
from douane.audit.declaration_diff import Kind, changes
from douane.audit.message import Direction

NAME = Statement("policy/1", Says.COLLECTS, "we", ("user.name",), "We keep names.")
PURPOSE = Purpose(
    "purpose/1", "Find", "essential.service", ("user.name",), (), legal_basis="Contract", retention="P12M"
)
QUERY = DeclaredField("tool/find/fields/query", "/query", ("user.name",))
BASE = Declaration(
    "crm", ("user.name",), (), title="Carnet", publisher=Party("Carnet", country="FR"),
    policy=Notice("https://a.example", "0" * 64, "2026-11-02", "en", (NAME,)), purposes=(PURPOSE,),
    recipients=(Recipient("Cloud", "FR"),), transfers=(Transfer("US", "SCCs", recipient="Cloud"),),
    tools=(DeclaredTool("find", "1" * 64, (QUERY,)),),
)  # fmt: skip


def words(new: Declaration, lang: str = "en") -> list[str]:
    return [one.says.of(lang) for one in changes(BASE, new)]


@pytest.mark.parametrize(
    ("new", "english", "french"),
    [
        (
            replace(BASE, to_app=()),
            "Category to the app: “Name” (user.name) is no longer declared.",
            "Catégorie vers l’application : « Nom » (user.name) n’est plus déclarée.",
        ),
        (
            replace(BASE, title="Notebook"),
            "The app: title: from Carnet to Notebook.",
            "L’application : nom de l’application : Carnet → Notebook.",
        ),
        (
            replace(BASE, publisher=Party("Carnet", country="US")),
            "The publisher: country: from FR to US.",
            "L’éditeur : pays : FR → US.",
        ),
        (
            replace(BASE, organisation=Organisation(dpo=Party("Camille"))),
            "The data protection officer is now named.",
            "Le délégué à la protection des données : désormais indiqué.",
        ),
        (
            replace(BASE, platform=Platform(plan="Enterprise")),
            "The platform: plan: from not said to Enterprise.",
            "La plateforme : offre : non indiqué → Enterprise.",
        ),
        (
            replace(BASE, purposes=(replace(PURPOSE, retention="P24M"),)),
            "Purpose “Find”: retention: from P12M to P24M.",
            "Finalité « Find » : durée de conservation : P12M → P24M.",
        ),
        (
            replace(BASE, purposes=(replace(PURPOSE, legal_basis="Legitimate interests"),)),
            "Purpose “Find”: legal basis: from Contract to Legitimate interests.",
            "Finalité « Find » : base légale : Contrat → Intérêts légitimes.",
        ),
        (
            replace(BASE, purposes=(replace(PURPOSE, to_app=()),)),
            "Purpose “Find”: categories to the app: from “Name” (user.name) to not said.",
            "Finalité « Find » : catégories vers l’application : « Nom » (user.name) → non indiqué.",
        ),
        (
            replace(BASE, purposes=(replace(PURPOSE, optional=True),)),
            "Purpose “Find”: may be refused: from not said to yes.",
            "Finalité « Find » : facultatif : non indiqué → oui.",
        ),
        (
            replace(BASE, purposes=(replace(PURPOSE, roles=Roles(publisher="processor")),)),
            "Purpose “Find”: role of the publisher: from not said to processor.",
            "Finalité « Find » : rôle de l’éditeur : non indiqué → processor.",
        ),
        (replace(BASE, purposes=()), "Purpose “Find” is gone.", "Finalité « Find » a été retiré."),
        (
            replace(BASE, recipients=(Recipient("Cloud", "US"),)),
            "Recipient “Cloud”: country: from FR to US.",
            "Destinataire « Cloud » : pays : FR → US.",
        ),
        (
            replace(BASE, transfers=(Transfer("US", "BCRs", recipient="Cloud"),)),
            "Transfer “US: Cloud”: mechanism: from SCCs to BCRs.",
            "Transfert « US: Cloud » : mécanisme : SCCs → BCRs.",
        ),
        (
            replace(BASE, policy=replace(BASE.policy, sha256="2" * 64)),  # type: ignore[type-var]
            "The privacy policy: the text is another one.",
            "La politique de confidentialité : le texte a changé.",
        ),
        (
            replace(BASE, policy=replace(BASE.policy, statements=())),  # type: ignore[type-var]
            "The privacy policy no longer says: “we” collects “Name” (user.name).",
            "La politique de confidentialité ne dit plus : « nous », collecte de « Nom » (user.name).",
        ),
        (
            replace(BASE, policy=replace(BASE.policy, statements=(replace(NAME, quote="Names are kept."),))),  # type: ignore[type-var]
            "The privacy policy says in other words: “we” collects “Name” (user.name).",
            "La politique de confidentialité dit en d’autres termes : « nous », collecte de « Nom » (user.name).",
        ),
        (
            replace(BASE, policy=replace(BASE.policy, controls=("You can delete your data.",))),  # type: ignore[type-var]
            "The privacy policy: the controls offered to people are others (0 before, 1 now).",
            "La politique de confidentialité : les moyens d’action offerts ont changé (0 avant, 1 désormais).",
        ),
        (
            replace(BASE, tools=(replace(BASE.tools[0], input_sha256="3" * 64),)),
            "Tool “find”: schema: from 111111111111… to 333333333333….",
            "Outil « find » : schéma : 111111111111… → 333333333333….",
        ),
        (
            replace(BASE, tools=(replace(BASE.tools[0], fields=()),)),
            "Tool “find”, argument “/query” is gone.",
            "Outil « find », argument « /query » a été retiré.",
        ),
        (
            replace(BASE, tools=(replace(BASE.tools[0], fields=(replace(QUERY, required=True),)),)),
            "Tool “find”, argument /query: required: from not said to yes.",
            "Outil « find », argument /query : obligatoire : non indiqué → oui.",
        ),
        (replace(BASE, tools=()), "Tool “find” is gone.", "Outil « find » a été retiré."),
    ],
)
def test_a_change_is_one_sentence_in_each_language(new: Declaration, english: str, french: str) -> None:
    assert words(new) == [english]
    assert words(new, "fr") == [french]


def test_a_text_that_is_gone_takes_its_statements_with_it() -> None:
    assert words(replace(BASE, policy=None)) == [
        "The privacy policy is gone.",
        "The privacy policy no longer says: “we” collects “Name” (user.name).",
    ]


def test_another_file_with_the_same_words_changes_nothing() -> None:
    assert words(replace(BASE, sha256="4" * 64, source="other.yaml", lines={"app": 7})) == []


def test_statements_in_another_order_change_nothing() -> None:
    other = Statement("policy/2", Says.DOES_NOT_COLLECT, "anyone", ("user.location",), "x", (Direction.TO_APP,))
    first, second = (replace(BASE, policy=Notice(statements=both)) for both in ((NAME, other), (other, NAME)))
    assert changes(first, second) == ()


SLOW = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(declarations())
def test_nothing_changed_between_a_declaration_and_itself(declaration: Declaration) -> None:
    assert changes(declaration, declaration) == ()


@SLOW
@given(declarations(), declarations())
def test_what_came_one_way_went_the_other(old: Declaration, new: Declaration) -> None:
    there, back = changes(old, new), changes(new, old)
    for kind, other in ((Kind.ADDED, Kind.REMOVED), (Kind.CHANGED, Kind.CHANGED), (Kind.REMOVED, Kind.ADDED)):
        assert sum(one.kind is kind for one in there) == sum(one.kind is other for one in back)
