"""config.yaml: the default one, what may be written in it, and what is refused with which words."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from configuring import accepted, load, refused
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from douane.audit.declaration import Declaration
from douane.audit.yamltext import Errors
from douane.cli.config import Config, declarations, load_config
from douane.cli.config_keys import App, Settings
from douane.cli.config_people import Role, profile_of
from douane.cli.plan import inspector_settings

ROOT = Path(__file__).parents[2]
CANARY = "Zoltan-Quixley-7781"


@pytest.fixture(autouse=True)
def _no_key_file_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOUANE_KEY_FILE", raising=False)


def apps(*written: str) -> str:
    return "apps:\n" + "".join(f"  - {{{one}}}\n" for one in written)


ONE = "name: a, upstream: 'http://127.0.0.1:3000/mcp'"
TWO = "name: b, upstream: 'http://127.0.0.1:3001/mcp'"


def test_the_default_file_says_what_holds_without_a_file() -> None:
    read = load_config(ROOT / "config.yaml")
    assert isinstance(read, Config)
    settled = {"folder", "ledger", "spool", "key_file"}
    bare = Config()
    kept = {"storage": settled, "trust": {"anchor_folder"}}
    assert read.model_dump(exclude=kept) == bare.model_dump(exclude=kept)
    assert (read.storage.folder, read.storage.ledger.name) == (bare.storage.folder, bare.storage.ledger.name)
    assert read.storage.spool.name == bare.storage.spool.name


def test_the_default_file_ships_in_the_package() -> None:
    assert (ROOT / "cli" / "data" / "config.yaml").read_bytes() == (ROOT / "config.yaml").read_bytes()


def test_the_examples_in_the_default_file_can_be_switched_on(tmp_path: Path) -> None:
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("apps: []\n")
    example, _, tail = rest.partition("\n# Where Douane listens.")
    example = re.sub(r"^# ?", "", example, flags=re.MULTILINE)
    tail = re.sub(r"^  # (\w+: )", r"  \1", tail, flags=re.MULTILINE)
    for name in (
        "crm.declaration.yaml",
        "crm.tools.json",
        "crm.approved.json",
        "openai-ca.pem",
        "inner-ca.pem",
        "cert.pem",
        "key.pem",
    ):
        (tmp_path / name).touch()
    (tmp_path / "my-detectors").mkdir(mode=0o700)
    (tmp_path / "my-detectors" / "one.py").write_text("DETECTOR = None\n", encoding="utf-8")
    (tmp_path / "my-detectors" / "one.py").chmod(0o600)
    text = (head + example + tail).replace("http://127.0.0.1:3000/mcp    #", "https://127.0.0.1:3000/mcp    #")
    config = accepted(tmp_path, text)
    unset = [key for key in App.model_fields if getattr(config.apps[0], key) in (None, ())]
    assert unset == []
    assert config.listen.tls_key == tmp_path / "key.pem"
    assert config.forward.app == "crm"


def every_key(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        inner: Any = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from every_key(inner, f"{prefix}{name}.")
        elif name == "apps":
            yield from every_key(App, "apps[].")
        else:
            yield prefix + name


@pytest.mark.parametrize("key", list(every_key()))
def test_every_key_is_documented_with_its_default_and_stands_in_the_default_file(key: str) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{re.escape(key)}` \| (.+?) \| .+ \|$", page, re.MULTILINE)
    if "." not in key:
        assert row == ("`[]`" if Settings.model_fields[key].default == () else row)
        assert re.search(rf"^(# )?{key}: ", (ROOT / "config.yaml").read_text(encoding="utf-8"), re.MULTILINE)
        return
    section, _, name = key.partition("[].") if "[]." in key else key.partition(".")
    info = (App if section == "apps" else type(getattr(Config(), section))).model_fields[name]
    default = info.default
    if info.is_required():
        assert row == "required"
    elif isinstance(default, bool):
        assert row == f"`{str(default).lower()}`"
    elif isinstance(default, tuple):
        assert row == f"`[{', '.join(default)}]`"
    elif isinstance(default, int | float | str):
        assert row == f"`{default}`"
    file = (ROOT / "config.yaml").read_text(encoding="utf-8")
    _, found, below = file.partition(f"\n{section}:")
    assert found
    body = below.split("\n\n# Where Douane listens")[0] if section == "apps" else re.split(r"\n\w", below)[0]
    assert re.search(rf"^[# ]+-? ?{name}: ", body, re.MULTILINE), f"{key} is not in config.yaml"


def test_the_page_and_the_default_file_hold_no_other_key() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w\[\]]+(?:\.\w+)?)` \|", page, re.MULTILINE) == list(every_key())


def test_every_key_is_described_for_its_remedy() -> None:
    def silent(model: type[BaseModel]) -> list[str]:
        return [name for name, info in model.model_fields.items() if not (info.description or "").endswith(".")]

    values = [getattr(Config(), name) for name in Settings.model_fields if name != "apps"]
    sections = [Role, *(type(one) for one in values if isinstance(one, BaseModel))]
    assert [one for model in (Settings, App, *sections) for one in silent(model)] == []


def test_an_empty_file_and_empty_sections_are_the_default(tmp_path: Path) -> None:
    assert (
        accepted(tmp_path, "") == accepted(tmp_path, "apps:\nlisten:\nstorage:\n") == load_config(ROOT / "config.yaml")
    )


def test_apps_without_a_port_get_the_next_that_nobody_uses(tmp_path: Path) -> None:
    text = apps(
        ONE,
        "name: c, upstream: 'http://127.0.0.1:8702/mcp'",
        "name: d, upstream: 'http://example.org:8703/', port: 8701",
        "name: e, upstream: 'https://example.org/', egress_port: 8704",
        "name: f, upstream: 'https://example.org/x', port: 0",
    )
    assert [app.port for app in accepted(tmp_path, text).apps] == [8700, 8703, 8701, 8705, 0]


def test_apps_with_names_or_a_prefix_share_the_first_port(tmp_path: Path) -> None:
    text = apps(
        f"{ONE}, host_names: [A.example.org]", f"{TWO}, path_prefix: /b/", "name: c, upstream: 'https://c.example.org'"
    )
    config = accepted(tmp_path, text)
    assert [(app.port, app.host_names, app.path_prefix) for app in config.apps] == [
        (8700, ("a.example.org",), None),
        (8700, (), "/b"),
        (8701, (), None),
    ]


def test_a_first_port_of_zero_leaves_every_port_to_the_system(tmp_path: Path) -> None:
    assert [app.port for app in accepted(tmp_path, apps(ONE, TWO) + "listen: {first_port: 0}\n").apps] == [0, 0]


def test_relative_paths_count_from_the_file_and_the_storage_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    text = apps(f"{ONE}, declaration: a.yaml") + "storage: {folder: data, spool: /var/spool.db, key_file: ~/k}\n"
    config = accepted(tmp_path, text)
    assert config.apps[0].declaration == tmp_path / "a.yaml"
    assert config.storage.folder == tmp_path / "data"
    assert config.storage.ledger == tmp_path / "data" / "douane.db"
    assert config.storage.spool == Path("/var/spool.db")
    assert config.storage.key_file == Path("~/k").expanduser()


def test_the_environment_names_the_key_where_the_file_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOUANE_KEY_FILE", "/keys/douane.key")
    assert accepted(tmp_path, "").storage.key_file == Path("/keys/douane.key")


def test_equal_settings_have_equal_digests(tmp_path: Path) -> None:
    one = accepted(tmp_path, "log: {format: json}\n")
    assert one.digest() == accepted(tmp_path, "# a comment\nlog:\n  format: 'json'\n").digest()
    assert one.digest() != accepted(tmp_path, "").digest()


@pytest.mark.parametrize(
    ("host", "profile"),
    [
        ("127.0.0.1", "dev"),
        ("127.4.5.6", "dev"),
        ("::1", "dev"),
        ("localhost", "dev"),
        ("0.0.0.0", "audit"),
        ("::", "audit"),
        ("192.0.2.7", "audit"),
        ("douane.example.org", "audit"),
    ],
)
def test_the_profile_follows_from_who_can_connect_unless_it_is_written(host: str, profile: str) -> None:
    assert profile_of(None, host) == profile
    assert profile_of("monitor", host) == "monitor"


def test_the_inspector_is_told_the_profile_in_force(tmp_path: Path) -> None:
    told = inspector_settings(accepted(tmp_path, "listen: {host: 0.0.0.0}\nreason: a drill\n"))
    assert (told.profile, told.reason) == ("audit", "a drill")
    assert inspector_settings(accepted(tmp_path, "")).profile == "dev"


def test_roles_name_who_may_look(tmp_path: Path) -> None:
    text = "roles:\n  - {who: mara, role: dpo}\n  - {who: jon, role: developer, apps: [crm]}\n"
    config = accepted(tmp_path, text)
    assert config.roles == (Role(who="mara", role="dpo"), Role(who="jon", role="developer", apps=("crm",)))
    assert config.profile_in_force == "dev"


def test_urls_stay_out_of_what_is_printed_of_a_configuration(tmp_path: Path) -> None:
    config = accepted(tmp_path, apps(f"name: a, upstream: 'https://example.org/{CANARY}'"))
    assert CANARY not in repr(config)


EDGE = "Write it as http://127.0.0.1:3000/mcp."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app: []\n", ["1:1: unknown key 'app'. Did you mean 'apps'?"]),
        ("profile: monitor\n", [
            "1:10: profile: `reason` is missing beside it. Add `reason:` with why people are watched: every report "
            "prints it."
        ]),
        ("roles: [{who: mara, role: dpo, apps: [crm]}, {who: jon, role: developer}, {who: mara, role: admin}]\n", [
            "1:27: roles[0].role: only a developer has `apps`. A dpo and an admin look at every app.",
            "1:63: roles[1].role: a developer needs `apps`. A dpo and an admin look at every app.",
            "1:81: roles[2].who: roles[0] is of the same person. Give each person one role.",
        ]),
        (apps("name: a, upsteam: x"), [
            "2:5: apps[0]: the key 'upstream' is missing. Expected: the app's MCP URL with its path, such as "
            "http://127.0.0.1:3000/mcp.",
            "2:15: apps[0]: unknown key 'upsteam'. Did you mean 'upstream'?",
        ]),
        (apps(f"{ONE}, hostnames: [a]"), ["2:54: apps[0]: unknown key 'hostnames'. Did you mean 'host_names'?"]),
        ("storage: {retention: 3}\n", [
            "1:11: storage: unknown key 'retention'. The keys here are: durability, folder, keep_uninspected_minutes, "
            "key_file, key_in_folder, key_store, ledger, spool, spool_limit_mib."
        ]),
        ("storage: {keep_uninspected_minutes: 16}\n", [
            "1:37: storage.keep_uninspected_minutes: must be at most 15.0. Expected: minutes after which an "
            "uninspected message is destroyed, at most 15."
        ]),
        ("storage: {durability: disk}\n", [
            "1:23: storage.durability: must be 'process' or 'power'. Expected: process (survives kill -9) or power "
            "(survives a power cut; slower)."
        ]),
        ("storage: {folder: ''}\n", [
            "1:19: storage.folder: is not a file name. Write a path; a relative one counts from the folder of this "
            "file."
        ]),
        ("listen: {first_port: http}\n", [
            "1:22: listen.first_port: must be a whole number. Expected: the first port for apps that name none, 0 "
            "for any free ones."
        ]),
        ("listen: {first_port: 70000}\n", [
            "1:22: listen.first_port: must be at most 65535. Expected: the first port for apps that name none, 0 for "
            "any free ones."
        ]),
        ("listen: {tls_key: k.pem}\n", [
            "1:19: listen.tls_key: `tls_certificate` is missing beside it. Add `tls_certificate`.",
            "1:19: listen.tls_key: there is no such file. A relative path counts from the folder of this file.",
        ]),
        ("listen: 8700\n", ["1:9: listen: must be a mapping (`key: value`). Expected: where Douane listens."]),
        ("detection: {languages: []}\n", [
            "1:24: detection.languages: is too short or empty. Expected: a list of the languages of free text: fr, en."
        ]),
        ("detection: {thresholds: {user.nmae: 0.5}}\n", [
            "1:37: detection.thresholds.user.nmae: not a category of the taxonomy. Did you mean user.name?"
        ]),
        ("detection: {presidio: maybe}\n", [
            "1:23: detection.presidio: must be true or false. Expected: true or false: whether free text is read with "
            "Presidio."
        ]),
        ("detection: {free_text: all}\n", [
            "1:24: detection.free_text: must be 'persons' or 'everything'. Expected: persons (what free text says "
            "of somebody) or everything (every name, place, organisation, date, title, number and site in it)."
        ]),
        ("detection: {presidio: false, free_text: everything}\n", [
            "1:41: detection.free_text: reads with a model, and `presidio` is false. Set `presidio: true`, or leave "
            "`free_text` out."
        ]),
        (apps("name: 'a b', upstream: 'http://example.org'"), [
            "2:12: apps[0].name: is not written as it must be. Expected: the app's name in reports: letters, "
            "figures, `.`, `_` and `-`."
        ]),
        (apps("name: 3, upstream: 'http://example.org'"), [
            "2:12: apps[0].name: must be text (put figures in quotes). Expected: the app's name in reports: letters, "
            "figures, `.`, `_` and `-`."
        ]),
        (apps(ONE, ONE.replace("name: a", "name: A") + ", port: 9000"), [
            "3:12: apps[1].name: apps[0] has this name already. Give each app a name of its own."
        ]),
        (apps(f"{ONE}, port: 8701", f"{TWO}, port: 8701"), [
            "3:60: apps[1].port: port 8701 is taken by another app. Give each app a port of its own, or `host_names` "
            "or a `path_prefix` to both."
        ]),
        (apps(f"{ONE}, path_prefix: /a", f"{TWO}, path_prefix: /a/b"), [
            "3:5: apps[1].port: cannot be told apart from another app on port 8700. Give them different "
            "`host_names`, or a `path_prefix` that does not lie in the other's."
        ]),
        (apps(f"{ONE}, host_names: [x.example.org, y.example.org]", f"{TWO}, host_names: [Y.example.org]"), [
            "3:5: apps[1].port: cannot be told apart from another app on port 8700. Give them different "
            "`host_names`, or a `path_prefix` that does not lie in the other's."
        ]),
        (apps(f"{ONE}, egress_port: 8800", f"{TWO}, port: 8800"), [
            "2:67: apps[0].egress_port: port 8800 is taken by another listener. Give it a port of its own."
        ]),
        (apps(f"{ONE}, port: 8790") + "forward: {enabled: true}\n", [
            "3:1: forward.port: port 8790 is taken by another listener. Give it a port of its own."
        ]),
        (apps(f"{ONE}, path_prefix: a"), [
            "2:67: apps[0].path_prefix: is not a plain path. Begin with / and keep to letters, figures and dashes: "
            "/crm."
        ]),
        (apps(f"{ONE}, host_names: ['https://x.example.org']"), [
            "2:67: apps[0].host_names[0]: is not written as it must be. Expected: a list of host names, such as "
            "crm.example.org."
        ]),
        (apps("name: a, upstream: 'localhost:3000'"), [
            f"2:25: apps[0].upstream: must begin with http:// or https://. {EDGE}"
        ]),
        (apps("name: a, upstream: 'ws://example.org'"), [
            f"2:25: apps[0].upstream: must begin with http:// or https://. {EDGE}"
        ]),
        (apps("name: a, upstream: 'http://u:p@example.org/'"), [
            "2:25: apps[0].upstream: must not hold a user name or password. Remove what stands before the @: Douane "
            "passes on the credentials that the client sends."
        ]),
        (apps("name: a, upstream: 'http://example.org/?k=v'"), [
            "2:25: apps[0].upstream: must not have a query or a fragment. Put them into the URL that you give to "
            "ChatGPT: Douane passes them on."
        ]),
        (apps("name: a, upstream: 'http://example.org/a/%2E./b'"), [
            "2:25: apps[0].upstream: must not have . or .. in its path. Write the path out."
        ]),
        (apps("name: a, upstream: 'http://example.org:99999/'"), [f"2:25: apps[0].upstream: is not a URL. {EDGE}"]),
        (apps("name: a, upstream: 'http:///mcp'"), [f"2:25: apps[0].upstream: is not a URL. {EDGE}"]),
        (apps("name: a, upstream: 'http://exa mple.org/'"), [f"2:25: apps[0].upstream: is not a URL. {EDGE}"]),
        (apps("name: a, upstream: 'http://exämple.org/'"), [
            "2:25: apps[0].upstream: must be ASCII. Write the host name in punycode and escape the path (%C3%A9)."
        ]),
        (apps("name: a, upstream: 'http://localhost:8701/', port: 8701"), [
            "2:25: apps[0].upstream: Douane itself listens on port 8701: a loop. Name the port on which the app itself "
            "listens, or move Douane to another `port`."
        ]),
        (apps(f"{ONE}, port: 8701", "name: b, upstream: 'http://[::1]:8701/'"), [
            "3:25: apps[1].upstream: Douane itself listens on port 8701: a loop. Name the port on which the app itself "
            "listens, or move Douane to another `port`."
        ]),
        (apps("name: a, upstream: 'https://x.example.org/mcp', public_url: 'https://X.example.org:443/mcp'"), [
            "2:25: apps[0].upstream: leads to `public_url`, and so back to Douane: a loop. Name the app by its inner "
            "address here; `public_url` is the address that leads to Douane."
        ]),
        (apps("name: a, upstream: 'https://x.example.org/mcp', host_names: [x.example.org]"), [
            "2:25: apps[0].upstream: is one of `host_names`, and so leads back to Douane: a loop. Name the app by its "
            "inner address here; `host_names` are names that lead to Douane."
        ]),
        (apps(f"{ONE}, public_url: 'http://x.example.org/'"), [
            "2:66: apps[0].public_url: must begin with https://. ChatGPT connects to https only (http is taken for "
            "localhost)."
        ]),
        (apps(f"{ONE}, oauth: public_url"), [
            "2:61: apps[0].oauth: `public_url` is missing. Add `public_url:` with the URL that ChatGPT is given."
        ]),
        (apps(f"{ONE}, require_chatgpt_certificate: true"), [
            "2:83: apps[0].require_chatgpt_certificate: Douane does not listen with TLS. Add `tls_certificate` and "
            "`tls_key` under `listen:`: a client shows a certificate over TLS only.",
            "2:83: apps[0].require_chatgpt_certificate: `chatgpt_ca` is missing. Add `chatgpt_ca:` with the file of "
            "the authorities that vouch for it.",
        ]),
        (apps(f"{ONE}, egress_hosts: [api.example.org]"), [
            "2:68: apps[0].egress_hosts: `egress_port` is missing. Add `egress_port:`, the port of the app's forward "
            "proxy."
        ]),
        (apps(f"{ONE}, egress_port: 0, egress_hosts: ['*', '*.org', '*.example.org:443', 'a*b']"), [
            "2:85: apps[0].egress_hosts[0]: would open every host. Name the hosts: api.example.org, or *.example.org.",
            "2:90: apps[0].egress_hosts[1]: would open every host. Name the hosts: api.example.org, or *.example.org.",
            "2:120: apps[0].egress_hosts[3]: is not written as it must be. Expected: a list of hosts that the app may "
            "reach through it, such as api.example.org.",
        ]),
        (apps(f"{ONE}, declaration: no.yaml, tools: no.json"), [
            "2:67: apps[0].declaration: there is no such file. A relative path counts from the folder of this file.",
            "2:83: apps[0].tools: there is no such file. A relative path counts from the folder of this file.",
        ]),
        (apps(f"{ONE}, upstream_ca: config.yaml"), [
            "2:67: apps[0].upstream_ca: the upstream is not https. Remove it, or use https."
        ]),
        ("forward: {enabled: true}\n", [
            "1:20: forward.enabled: there is nothing to open. Add an app, or `hosts` and `app`."
        ]),
        ("forward: {hosts: [x.example.org]}\n", [
            "1:18: forward.hosts: no app to count these hosts for. Add `app:` with an app's name."
        ]),
        (apps(ONE) + "forward: {app: b}\n", [
            "3:16: forward.app: there is no app of this name. Write the `name` of one of the apps."
        ]),
        ("apps: [\n", ["2:1: a value is missing, or a bracket is not closed. Write the value, or `]` or `}`."]),
        ("apps: []\nlisten: {}\napps: []\n", ["3:1: the key 'apps' stands here twice. Keep one of the two."]),
    ],
)  # fmt: skip
def test_a_fault_says_where_what_and_what_to_do(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert refused(tmp_path, text) == [f"config.yaml:{line}" for line in expected]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("path_prefix: /a", "path_prefix: /ab"),
        ("host_names: [x.example.org]", "host_names: [y.example.org]"),
        ("host_names: [x.example.org], path_prefix: /a", "host_names: [x.example.org], path_prefix: /b"),
        ("port: 0", "port: 0"),
    ],
)
def test_apps_that_can_be_told_apart_may_share_a_port(tmp_path: Path, one: str, other: str) -> None:
    assert len(accepted(tmp_path, apps(f"{ONE}, {one}", f"{TWO}, {other}")).apps) == 2


SECRETS = [
    f"{CANARY}: 1\n",
    f"apps: {CANARY}\n",
    f"apps: [{CANARY}]\n",
    apps(f"{ONE}, {CANARY}: 1"),
    apps(f"name: '{CANARY} x', upstream: '{CANARY}'"),
    apps(f"name: a, upstream: 'http://{CANARY}:{CANARY}@example.org/'"),
    apps(f"name: a, upstream: 'http://example.org/?{CANARY}'"),
    apps(f"name: a, upstream: 'http://example.org:{CANARY}/'"),
    apps(f"{ONE}, port: {CANARY}, host_names: ['{CANARY} '], path_prefix: '{CANARY}', public_url: '{CANARY}'"),
    apps(f"{ONE}, oauth: {CANARY}, on_log_failure: {CANARY}, fetch_tools: {CANARY}"),
    apps(f"{ONE}, declaration: {CANARY}, tools: {CANARY}, chatgpt_ca: {CANARY}"),
    apps(f"{ONE}, egress_port: 1, egress_hosts: ['{CANARY}*']"),
    apps(f"name: {CANARY}, upstream: 'http://example.org'", f"name: {CANARY}, upstream: 'http://example.org'"),
    f"listen: {{host: '{CANARY}!', first_port: {CANARY}}}\n",
    f"forward: {{app: {CANARY}, hosts: [{CANARY}]}}\n",
    f"storage: {{durability: {CANARY}, spool_limit_mib: {CANARY}}}\n",
    f"detection: {{languages: [{CANARY}], minimum_score: {CANARY}, thresholds: {{{CANARY}: {CANARY}}}}}\n",
    f"log: {{format: {CANARY}}}\n",
    f"log: '{CANARY}\n",
    f"log: *{CANARY}\n",
]


@pytest.mark.parametrize("number", range(len(SECRETS)))
def test_no_fault_repeats_a_value(tmp_path: Path, number: int) -> None:
    it = load(tmp_path, SECRETS[number])
    assert isinstance(it, Errors)
    assert "Zoltan" not in str(it) + repr(it)
    assert "zoltan" not in str(it) + repr(it)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"# caf\xe9\n")
    found = [str(load_config(path)) for path in (tmp_path / "no.yaml", tmp_path, tmp_path / "latin.yaml")]
    assert found == [
        f"{tmp_path}/no.yaml: there is no such file. Check the path, or copy the default config.yaml there.",
        f"{tmp_path}: this is a folder. Name the file in it.",
        f"{tmp_path}/latin.yaml: this is not UTF-8 text. Save it as UTF-8.",
    ]


@pytest.mark.parametrize(
    ("url", "name", "port"),
    [
        ("http://127.0.0.1:3000/mcp", "app-3000", 8700),
        (" http://localhost:8700/mcp ", "app-8700", 8701),
        ("http://[::1]/mcp", "app-80", 8700),
        ("https://crm.example.org/mcp", "crm.example.org", 8700),
        ("https://203.0.113.9", "app-443", 8700),
    ],
)
def test_one_url_is_a_configuration(url: str, name: str, port: int) -> None:
    config = Config.for_upstream(url)
    assert isinstance(config, Config)
    assert [(app.name, app.upstream, app.port) for app in config.apps] == [(name, url.strip(), port)]
    assert config.storage.ledger.is_absolute()


def test_one_url_takes_the_rest_from_a_base(tmp_path: Path) -> None:
    base = accepted(tmp_path, apps(TWO) + "listen: {first_port: 9000}\n")
    config = Config.for_upstream("http://127.0.0.1:3000/mcp", base=base)
    assert isinstance(config, Config)
    assert [(app.name, app.port) for app in config.apps] == [("app-3000", 9000)]
    assert config.storage == base.storage


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", f"must begin with http:// or https://. {EDGE}"),
        ("127.0.0.1:3000", f"must begin with http:// or https://. {EDGE}"),
        ("http://[::1", f"is not a URL. {EDGE}"),
    ],
)
def test_a_url_that_cannot_be_an_app_is_refused_in_words(url: str, expected: str) -> None:
    assert str(Config.for_upstream(url)) == f"command line: the upstream URL: {expected}"


@given(
    st.one_of(
        st.text(max_size=40), st.text(max_size=30).map("http://".__add__), st.text(max_size=30).map("https://[".__add__)
    )
)
def test_no_url_makes_the_reader_raise(url: str) -> None:
    it = Config.for_upstream(url)
    assert isinstance(it, Errors) or len(it.apps) == 1


NAMES = st.sampled_from(
    [key.partition(".")[0].removesuffix("[]") for key in every_key()] + ["name", "upstream", "port", "x"]
)
DATA = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.sampled_from(["a", "", "http://a.example.org"]),
    ),
    lambda inner: st.one_of(st.dictionaries(NAMES, inner, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=15,
)


@given(DATA)
def test_no_shape_of_data_makes_the_reader_raise(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    it = load(tmp_path_factory.getbasetemp(), json.dumps(data))
    assert isinstance(it, Config) or all(fault.line >= 1 for fault in it.faults)


def test_each_app_has_its_declaration(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("douane_declaration: 1\napp: a\nto_app: [user.name]\n", encoding="utf-8")
    found = declarations(accepted(tmp_path, apps(f"{ONE}, declaration: a.yaml", TWO)))
    assert isinstance(found, dict)
    assert {name: (one.app, one.to_app) for name, one in found.items()} == {"a": ("a", ("user.name",))}
    assert isinstance(found["a"], Declaration)


def test_every_fault_of_every_declaration_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("douane_declaration: 1\napp: b\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("douane_declaration: 1\napp: b\nto_ap: []\n", encoding="utf-8")
    found = declarations(accepted(tmp_path, apps(f"{ONE}, declaration: a.yaml", f"{TWO}, declaration: b.yaml")))
    assert str(found).split("\n") == [
        f"{tmp_path}/a.yaml:2:6: app: the declaration is for another app. Write `app: a`, or name the file of the "
        "right app in the configuration.",
        f"{tmp_path}/b.yaml:3:1: unknown key 'to_ap'. Did you mean 'to_app'?",
    ]
