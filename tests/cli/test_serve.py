"""Who may open the page, in which role, and that a refusal is told in the ledger's chain."""

from contextlib import closing
from pathlib import Path

import pytest
from paged import Place, fill
from typer.testing import CliRunner

from douane.cli.config_people import Role
from douane.cli.detection import configured
from douane.cli.looking import system_user
from douane.cli.main import app
from douane.cli.page_options import CannotServe, NotAllowed, PageOptions, checked, viewer_of
from douane.ledger.access import accesses
from douane.ledger.query import open_ledger
from douane.reports.page.settings import Viewer

USER = system_user()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    made = Place(tmp_path_factory.mktemp("serve"))
    fill(made)
    return made


def options(*roles: Role, **said: object) -> PageOptions:
    config = configured(None).model_copy(update={"roles": roles})
    return PageOptions.model_validate({"config": config, **said})


JON = Role(who=USER, role="developer", apps=("crm", "trips"))


@pytest.mark.parametrize(
    ("roles", "said", "viewer"),
    [
        ((), {}, Viewer(USER, "admin")),
        ((), {"role": "dpo", "who": "mara"}, Viewer(f"mara (system user {USER})", "dpo")),
        ((), {"role": "developer", "apps": ("crm",)}, Viewer(USER, "developer", apps=("crm",))),
        ((JON,), {}, Viewer(USER, "developer", apps=("crm", "trips"))),
        ((JON,), {"apps": ("crm",)}, Viewer(USER, "developer", apps=("crm",))),
        ((Role(who=USER, role="dpo"),), {"reason": "review"}, Viewer(USER, "dpo", "review")),
        (
            (Role(who=USER, role="admin"),),
            {"role": "developer", "apps": ("x",)},
            Viewer(USER, "developer", apps=("x",)),
        ),
    ],
)
def test_the_role_is_the_configured_one_or_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roles: tuple[Role, ...], said: dict[str, object], viewer: Viewer
) -> None:
    monkeypatch.chdir(tmp_path)
    assert viewer_of(options(*roles, **said)) == viewer


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ((Role(who="somebody-else", role="admin"),), {}),
        ((JON,), {"role": "admin"}),
        ((JON,), {"role": "dpo"}),
        ((JON,), {"apps": ("rendezvous",)}),
        ((JON,), {"who": "mara", "apps": ("rendezvous",)}),
        (
            (JON, Role(who="mara", role="admin")),
            {"who": "mara", "role": "admin"},
        ),  # a name gives no more than the user's
    ],
)
def test_nobody_gets_more_than_their_role(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, roles: tuple[Role, ...], said: dict[str, object]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotAllowed):
        viewer_of(options(*roles, **said))


def test_a_refusal_is_told_in_the_chain(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.folder)
    (place.folder / "strict.yaml").write_text("storage: {folder: data}\nroles:\n  - {who: nobody-here, role: admin}\n")
    ran = CliRunner().invoke(app, ["serve", "--port", "0", "-c", "strict.yaml"], prog_name="douane", env=place.environ)
    assert (ran.exit_code, "may not look" in ran.stderr) == (2, True)
    with closing(open_ledger(place.path)) as db:
        assert [(one.who, one.role, one.what) for one in accesses(db)] == [(USER, "", "refused: page")]


def test_without_the_key_nothing_is_served_unless_it_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place.folder)
    env = {**place.environ, "DOUANE_KEY_FILE": str(place.folder / "no-key")}
    ran = CliRunner().invoke(app, ["serve", "--port", "0"], prog_name="douane", env=env)
    assert (ran.exit_code, "--unrecorded" in ran.stderr, "Open once" in ran.stderr) == (3, True, False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.53"])
def test_this_machine_needs_no_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.chdir(tmp_path)
    checked(options(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.example.org", ""])
def test_anything_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CannotServe):
        checked(options(host=host))
