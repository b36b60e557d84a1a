"""Findings on the page: filtered and turned over, reviewed, waived, and nothing written where nothing may be."""

import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from paged import START, Place, Served
from playwright.sync_api import Page, expect
from running import until
from starlette.testclient import TestClient

from douane.audit.context import ToolSchema
from douane.audit.message import Direction
from douane.audit.waivers import Waivers, parse_waivers
from douane.ledger.access import accesses
from douane.ledger.query import open_ledger
from douane.ledger.reviews import Review, State, in_force
from douane.ledger.sealing import Sealer
from douane.ledger.verify import verify
from douane.ledger.waivers import recorded
from douane.reports.page.door import Door
from douane.reports.page.jobs import Jobs
from douane.reports.page.settings import Hands, Viewer
from douane.reports.page.standing import Findings, Standing
from douane.reports.people import Under

type Entered = Callable[..., tuple[TestClient, Door]]
type Browse = Callable[..., Page]

LATER = (datetime.now(UTC).date() + timedelta(days=60)).isoformat()
TOOLS = 40


@pytest.fixture
def many(tmp_path: Path) -> Place:
    """A ledger with more findings than a page holds: tools without hints."""
    made = Place(tmp_path)
    with made.open() as ledger, ledger.batch():
        ledger.add_run(at=START, version="0.1.0", config_sha256="c0" * 32, profile="dev")
        for app in ("crm", "trips"):
            ledger.add_app(app, at=START, upstream_host=f"{app}.example.org")
            for number in range(TOOLS // 2):
                ledger.add_tool(app, ToolSchema(f"tool_{number:02}", {"type": "object"}), at=START, annotations={})
            made.message(ledger, app, Direction.TO_APP, "tool_00")
    return made


def into(place: Place, **more: Any) -> dict[str, Any]:
    """Settings under which the page may write to this place's ledger."""
    return {
        "into": place,
        "recorded": True,
        "hands": Hands(place.master, Sealer(place.master)),
        "viewer": Viewer("mara", "dpo"),
        "waivers": place.folder / "douane-waivers.yaml",
        **more,
    }


def chosen(client: TestClient, query: str = "") -> list[str]:
    """The fingerprints on a page."""
    return re.findall(r'name="f" value="([0-9a-f]{32})"', client.get(f"/findings{query}").text)


def act(client: TestClient, do: str, fingerprints: list[str], **more: Any) -> Any:
    """Send the form for some findings."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/findings").text)
    assert csrf is not None
    return client.post("/findings", data={"csrf": csrf[1], "do": do, "f": fingerprints, **more})


def reviews(place: Place) -> dict[str, Review]:
    with closing(open_ledger(place.path)) as db:
        return dict(in_force(db))


def test_findings_turn_over_and_none_is_shown_twice_or_left_out(enter: Entered, many: Place) -> None:
    client, _ = enter(**into(many))
    seen: list[str] = []
    address = "/findings"
    while address:
        text = client.get(address).text
        seen += re.findall(r'id="t-([0-9a-f]{32})"', text)
        found = re.search(r'href="(/findings\?[^"]+)" rel="next"', text)
        address = found[1].replace("&amp;", "&") if found else ""
    counted = re.search(r"(\d+) findings</p>", client.get("/findings").text)
    assert counted is not None
    assert len(seen) == len(set(seen)) == int(counted[1])
    assert len(seen) > 100


@pytest.mark.parametrize("group", ["", "app", "rule", "severity"])
def test_filters_leave_what_fits_however_it_is_grouped(enter: Entered, many: Place, group: str) -> None:
    client, _ = enter(**into(many))
    text = client.get("/findings", params={"app": "trips", "tool": "tool_03", "group": group}).text
    shown = re.findall(r'<span class="who"><bdi>([^<]*)</bdi> · <bdi>([^<]*)</bdi></span>', text)
    assert set(shown) == {("trips", "tool_03")}
    assert "No finding fits" in client.get("/findings", params={"app": "trips", "state": "confirmed"}).text


def test_an_unused_filter_agrees_with_what_it_filters_in_french(enter: Entered, many: Place) -> None:
    client, _ = enter(into=many, lang="fr")
    unused = re.findall(r'<select id="by-(\w+)"[^>]*><option value="">([^<]*)<', client.get("/findings").text)
    assert unused == [
        ("app", "toutes"),
        ("rule", "toutes"),
        ("severity", "toutes"),
        ("state", "tous"),
        ("tool", "tous"),
        ("group", "sans regroupement"),
    ]


@pytest.mark.parametrize(("lang", "one", "two"), [("fr", "confirmé", "confirmés"), ("en", "confirmed", "confirmed")])
def test_the_word_for_a_state_agrees_with_its_count(enter: Entered, many: Place, lang: str, one: str, two: str) -> None:
    client, _ = enter(**into(many), lang=lang)
    first, second = chosen(client)[:2]
    for choice, word in ((first, one), (second, two)):
        assert act(client, "confirmed", [choice]).status_code == 200
        assert f'<a href="/findings?state=confirmed">{word}</a>' in client.get("/findings").text


@pytest.mark.promise("page-reviews")
def test_a_review_is_told_in_the_chain_with_who_and_why(enter: Entered, many: Place) -> None:
    client, _ = enter(**into(many))
    two = chosen(client)[:2]
    answer = act(client, "false-alarm", two, note="an invented tool")
    assert answer.status_code == 200
    assert "2 findings called false alarms" in answer.text
    assert "reviews and waivers as they stand now" in answer.text  # the findings themselves are as old as they say
    told = reviews(many)
    assert {(one.state, one.who, one.role, one.note) for one in told.values()} == {
        (State.FALSE_ALARM, "mara", "dpo", "an invented tool")
    }
    assert set(told) == set(two)
    assert {one.rule for one in told.values()} == {"openai/annotations"}
    assert sorted(chosen(client, "?state=false-alarm")) == sorted(two)
    assert act(client, "unreviewed", two).status_code == 200
    assert reviews(many) == {}
    assert verify(many.path, sealer=Sealer(many.master), children=0).word == "INTACT"


def test_a_page_that_is_out_of_date_changes_no_review_without_saying_so(enter: Entered, many: Place) -> None:
    client, _ = enter(**into(many))
    text = client.get("/findings").text
    seen = re.findall(r'name="seen" value="([^"]+)"', text)
    one, other = chosen(client)[:2]
    assert act(client, "confirmed", [one], seen=seen).status_code == 200
    late = act(client, "false-alarm", [one, other], seen=seen)
    assert (late.status_code, "Somebody reviewed 1 of the chosen findings" in late.text) == (409, True)
    assert {key: found.state for key, found in reviews(many).items()} == {one: State.CONFIRMED}
    now = re.findall(r'name="seen" value="([^"]+)"', late.text)
    assert act(client, "false-alarm", [one], seen=now).status_code == 200
    assert reviews(many)[one].state is State.FALSE_ALARM


@pytest.mark.parametrize("group", ["", "rule"])
def test_headings_go_down_one_level_at_a_time(enter: Entered, many: Place, group: str) -> None:
    client, _ = enter(**into(many))
    levels = [int(one) for one in re.findall(r"<h(\d)", client.get("/findings", params={"group": group}).text)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_answer_to_a_form_keeps_the_filter_and_follows_no_other_address(enter: Entered, many: Place) -> None:
    client, _ = enter(**into(many))
    one = chosen(client, "?app=trips")[:1]
    for back in ("app=trips&group=rule", "https://evil.example.org/?app=trips&group=rule&did=waive"):
        answer = act(client, "confirmed", one, back=back)
        assert (answer.url.host, answer.url.path) == ("127.0.0.1", "/findings")
        assert answer.url.params["did"] == "confirmed"
        assert answer.url.params["group"] == "rule"


@pytest.mark.parametrize(
    ("do", "more", "says"),
    [
        ("confirmed", {"f": []}, "Choose a finding"),
        ("confirmed", {"f": ["0" * 32]}, "Choose a finding"),
        ("erase", {}, "Say what to do"),
        ("waive", {"by": "Ada Exemple", "expires": LATER}, "needs a reason"),
        ("waive", {"reason": "agreed", "by": "Ada Exemple", "expires": "31/01/2027"}, "needs a reason"),
        ("waive", {"reason": "agreed", "by": "Ada Exemple", "expires": "2020-01-01"}, "over already"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    enter: Entered, many: Place, do: str, more: dict[str, Any], says: str
) -> None:
    client, _ = enter(**into(many))
    given = {key: value for key, value in more.items() if key != "f"}
    answer = act(client, do, more.get("f", chosen(client)[:1]), **given)
    assert answer.status_code == 409
    assert says in answer.text
    assert reviews(many) == {}
    assert not (many.folder / "douane-waivers.yaml").exists()
    if more.get("by"):
        assert 'value="Ada Exemple"' in answer.text  # what was typed is not lost


@pytest.mark.promise("page-waives")
def test_a_waiver_goes_into_the_file_as_it_stands_and_is_told_in_the_ledger(enter: Entered, many: Place) -> None:
    client, _ = enter(**into(many))
    first, second, third = chosen(client)[:3]
    file = many.folder / "douane-waivers.yaml"
    answer = act(client, "waive", [first], reason='agreed with "the" team', by="Ada Exemple", expires=LATER)
    assert "1 finding waived" in answer.text
    file.write_text(file.read_text() + "# ours, kept\n")
    file.chmod(0o640)
    assert (
        "2 findings waived"
        in act(client, "waive", [second, third, first], reason="the same", by="Ada Exemple", expires=LATER).text
    )
    text = file.read_text()
    read = parse_waivers(text, file.name)
    assert isinstance(read, Waivers)
    assert [(one.fingerprint, one.reason, one.by, one.expires) for one in read.waivers] == [
        (first, 'agreed with "the" team', "Ada Exemple", LATER),
        *((one.fingerprint, "the same", "Ada Exemple", LATER) for one in read.waivers[1:]),
    ]
    assert {one.fingerprint for one in read.waivers[1:]} == {second, third}
    assert "# ours, kept" in text
    assert file.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in many.folder.iterdir() if one.name.startswith(".")] == []
    with closing(open_ledger(many.path)) as db:
        assert {(key, one.event.value) for key, one in recorded(db).items()} == {
            (key, "accepted") for key in (first, second, third)
        }
    assert sorted(chosen(client, "?state=waived")) == sorted([first, second, third])
    assert (
        "has a waiver of each of these already"
        in act(client, "waive", [first], reason="again", by="Ada Exemple", expires=LATER).text
    )


@pytest.mark.parametrize(
    "text", ["douane_waivers: 1\nwaivers: []\n", "douane_waivers: 1\nwaivers:\n  - fingerprint: x\n", "\x00", "a: b\n"]
)
def test_a_file_that_cannot_be_added_to_stays_as_it_is(enter: Entered, many: Place, text: str) -> None:
    client, _ = enter(**into(many))
    file = many.folder / "douane-waivers.yaml"
    file.write_text(text)
    answer = act(client, "waive", chosen(client)[:1], reason="agreed", by="Ada Exemple", expires=LATER)
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.text
    assert file.read_text() == text


def test_without_a_file_the_page_gives_the_text_to_paste(enter: Entered, many: Place) -> None:
    client, _ = enter(**into(many, waivers=None))
    (one,) = chosen(client)[:1]
    answer = act(client, "waive", [one], reason="agreed <b>", by="Ada Exemple", expires=LATER)
    found = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", answer.text, re.DOTALL)
    assert found is not None
    assert "<b>" not in found[1]
    text = found[1].replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'")
    read = parse_waivers(text, "pasted")
    assert isinstance(read, Waivers)
    assert [(one.fingerprint, one.reason) for one in read.waivers] == [(one, "agreed <b>")]


@pytest.mark.promise("page-roles")
def test_a_developer_sees_their_own_apps_and_reviews_nothing(enter: Entered, many: Place) -> None:
    client, _ = enter(**into(many, viewer=Viewer("jon", "developer", "", ("crm",))))
    text = client.get("/findings").text
    assert 'value="trips"' not in text
    assert "crm" in text
    assert 'name="f"' not in text
    csrf = re.search(r'name="csrf" value="([^"]+)"', text)
    assert csrf is not None
    others, _ = enter(**into(many))
    fingerprints = chosen(others)[:1]
    assert client.post("/findings", data={"csrf": csrf[1], "do": "confirmed", "f": fingerprints}).status_code == 403
    assert reviews(many) == {}


def test_nothing_is_written_to_a_copy(enter: Entered, many: Place) -> None:
    client, _ = enter(**into(many, recorded=False, hands=None))
    answer = act(client, "confirmed", chosen(client)[:1])
    assert answer.status_code == 409
    assert "nothing is written" in answer.text
    assert reviews(many) == {}


def test_small_counts_are_hidden_where_the_profile_asks_for_it(enter: Entered, place: Place) -> None:
    exact, _ = enter(**into(place))
    hidden, _ = enter(**into(place, under=Under("audit")))
    assert "≥ 5 times" not in exact.get("/findings").text
    text = hidden.get("/findings").text
    assert "≥ 5 times" in text
    assert re.search(r"\b[1-9][0-9]* times?\b", text.replace("≥ 5 times", "").replace("&lt; 5 times", "")) is None


def test_hostile_names_do_nothing(enter: Entered, hostile: Place) -> None:
    client, _ = enter(**into(hostile))
    text = client.get("/findings?group=app").text
    assert "<script>alert" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text)


def test_a_ledger_too_long_for_one_answer_is_judged_beside_and_says_how_far(
    many: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("douane.reports.page.standing.SMALL", 0)
    jobs = Jobs()
    kept = Findings(many.path, jobs, first=0.0)
    with closing(open_ledger(many.path)) as db:
        begun = kept.now(db)
        assert (begun.results, begun.renews) == (None, True)
        done: list[Standing] = []
        until(lambda: done.append(kept.now(db)) or done[-1].results is not None, 60, "the findings")
        assert len(done[-1].results or ()) > 100
        assert not kept.now(db).renews
    jobs.close()


def test_in_a_browser_enter_in_a_field_reviews_nothing(browse: Browse, served: Served) -> None:
    page = browse("/findings")
    before = reviews(served.place)
    page.locator(".finding input").first.check()
    page.fill("#reason", "agreed with the team")
    for field in ("#reason", "#note", "#by"):
        page.locator(field).press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Say what to do with the chosen findings.")
        expect(page.locator("#reason")).to_have_value("agreed with the team")
        expect(page.locator(".finding input").first).to_be_checked()
    assert reviews(served.place) == before


def test_in_a_browser_a_finding_is_filtered_for_reviewed_and_waived(browse: Browse, served: Served) -> None:
    page = browse("/findings")
    page.select_option("#by-app", "rendezvous")
    page.select_option("#by-group", "rule")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**/findings?*app=rendezvous*")
    rows = page.locator(".finding")
    expect(rows.first).to_be_visible()
    assert set(page.locator(".finding .who").evaluate_all("all => all.map(one => one.innerText.split(' ')[0])")) == {
        "rendezvous"
    }
    first = rows.first.locator("input").get_attribute("value")
    rows.first.locator("input").check()
    page.fill("#note", "seen in the log")
    page.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_role("status").first).to_have_text("1 finding confirmed.")
    assert "app=rendezvous" in page.url
    expect(rows.first.locator(".state-confirmed")).to_contain_text("confirmed by")
    assert reviews(served.place)[str(first)].note == "seen in the log"
    rows.nth(1).locator("input").check()
    page.fill("#reason", "agreed with the team")
    page.fill("#expires", LATER)
    page.get_by_role("button", name="Waive").click()
    expect(page.get_by_role("status").first).to_contain_text("1 finding waived")
    assert (served.place.folder / "douane-waivers.yaml").exists()
    rows.nth(1).locator("summary").click()
    expect(rows.nth(1).locator("dl")).to_contain_text("agreed with the team")
    with closing(open_ledger(served.place.path)) as db:
        assert "page" in {one.what for one in accesses(db)}
