"""The page in a real browser: three widths, both themes, both languages, by keyboard, for assistive technology."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from paged import Served
from playwright.sync_api import Page, expect

from douane.reports.page.rendering import statics
from douane.reports.page.views import views

type Browse = Callable[..., Page]

PATHS = [
    path
    for view in views()
    for path in dict.fromkeys(f"{view.prefix}{way.path}" for way in view.ways if way.method == "GET")
    if "{number" not in path and path != "/live"
]
WIDTHS = (320, 800, 1400)


def places(tab: Page) -> list[str]:
    """The addresses to visit: those of the views, and an app and a tool that the page itself leads to."""
    tab.goto("/apps")
    apps = {link.inner_text(): link.get_attribute("href") or "" for link in tab.locator("tbody th a").all()}
    app = apps["rendezvous"]
    own = {"{app:int}": app.rpartition("/")[2]}
    found = [path.replace("{app:int}", own["{app:int}"]) or "/" for path in PATHS]
    return [f"{path}?name=prendre_rendez_vous" if path.endswith("/tool") else path for path in found]


def quiet(path: str) -> str:
    """A file's name for an address."""
    return "-".join(part for part in path.replace("?", "/").replace("=", "/").split("/") if part) or "now"


def grave(tab: Page, axe: str) -> list[str]:
    """What axe-core calls serious or critical, with where it is."""
    tab.evaluate(axe)
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} {[node['target'] for node in one['nodes']][:3]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.browser
@pytest.mark.promise("page-headers")
@pytest.mark.parametrize(("theme", "lang"), [("light", "en"), ("dark", "fr")])
def test_every_view_fits_every_window_and_breaches_nothing(
    browse: Browse, shots: Any, axe: str, theme: str, lang: str
) -> None:
    tab = browse(theme=theme)
    tab.goto(f"/?lang={lang}")
    too_wide, serious = {}, list[str]()
    for path in places(tab):
        tab.goto(path)
        expect(tab.locator("meta[http-equiv=refresh]")).to_have_count(0)  # until then it loads itself anew
        assert tab.locator("html").get_attribute("lang") == lang
        assert tab.locator("h1").count() == 1
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            if (needs := tab.evaluate("document.documentElement.scrollWidth")) > width:
                too_wide[path, width] = needs
            shots(tab, f"{quiet(path)}-{width}-{theme}-{lang}")
        serious += [f"{path}: {one}" for one in grave(tab, axe)]
    tab.goto("/?lang=en")
    assert (too_wide, serious) == ({}, [])


@pytest.mark.browser
def test_no_name_makes_an_apps_page_wider_than_a_telephone(chromium: Any, hostile: Any, enter: Any) -> None:
    client, _ = enter(into=hostile)
    style = next(one.content for name, one in statics().items() if name == "page.css").decode()
    tab = chromium.new_page(viewport={"width": 320, "height": 900})
    too_wide = {}
    for path in sorted(set(re.findall(r'href="(/apps/\d+)"', client.get("/apps").text))):
        text = re.sub(r"<script[^>]*></script>|<link[^>]*>", "", client.get(path).text)
        tab.set_content(text.replace("</head>", f"<style>{style}</style></head>"))
        if (needs := tab.evaluate("document.documentElement.scrollWidth")) > 320:
            too_wide[path] = needs
    tab.close()
    assert too_wide == {}


@pytest.mark.browser
def test_a_name_in_the_live_rows_stays_in_one_piece(browse: Browse) -> None:
    tab = browse("/", width=1400)
    height = "one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight)"
    lines = f"all => all.map(one => Math.round({height}))"
    assert set(tab.locator("#rows td:nth-child(2) a").evaluate_all(lines)) == {1}
    assert set(tab.locator("#rows td:nth-child(3) .what-crossed").evaluate_all(lines)) == {1}


@pytest.mark.browser
def test_the_door_is_accessible_too(chromium: Any, served: Served, axe: str) -> None:
    context = chromium.new_context()
    tab = context.new_page()
    answer = tab.goto(f"{served.base}/apps")
    assert answer is not None
    assert (answer.status, grave(tab, axe)) == (401, [])
    context.close()


@pytest.mark.browser
def test_times_are_in_the_readers_zone_with_utc_beside(browse: Browse) -> None:
    shown = {}
    for zone in ("Europe/Paris", "America/New_York"):
        time = browse("/apps/1", zone=zone).locator("dl time").first
        shown[zone] = (time.inner_text(), time.get_attribute("title"))
    assert shown == {
        "Europe/Paris": ("13 Nov 2026 10:02", "13\u00a0Nov\u00a02026 09:02:11 UTC"),
        "America/New_York": ("13 Nov 2026 04:02", "13\u00a0Nov\u00a02026 09:02:11 UTC"),
    }


@pytest.mark.browser
def test_without_scripts_the_page_says_all_it_knows(chromium: Any, served: Served, inside: Any) -> None:
    context = chromium.new_context(base_url=served.base, storage_state=inside, java_script_enabled=False)
    tab = context.new_page()
    tab.goto("/")
    first = tab.locator("#rows tr").first.inner_text()
    tab.get_by_role("link", name="Older").click()
    tab.wait_for_url("**before=*")
    assert tab.locator("#rows tr").first.inner_text() != first
    tab.goto("/apps/1")
    assert tab.locator("dl time").first.inner_text() == "13\u00a0Nov\u00a02026 09:02"
    context.close()


@pytest.mark.browser
def test_the_keyboard_reaches_the_content_and_shows_where_it_is(browse: Browse) -> None:
    tab = browse("/apps")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    focused = tab.evaluate("[document.querySelector('main').contains(document.activeElement),"
                           " getComputedStyle(document.activeElement).outlineStyle]")  # fmt: skip
    assert focused == [True, "solid"]


@pytest.mark.browser
def test_the_language_stays_until_it_is_changed(browse: Browse) -> None:
    tab = browse("/apps")
    tab.get_by_role("link", name="FR", exact=True).click()
    expect(tab.locator("h1")).to_have_text("Applications")
    tab.goto("/")
    expect(tab.locator("h1")).to_have_text("En direct")
    tab.get_by_role("link", name="EN", exact=True).click()
    expect(tab.locator("h1")).to_have_text("Now")


@pytest.mark.browser
def test_from_an_app_to_what_crossed_a_field(browse: Browse) -> None:
    tab = browse("/apps")
    tab.get_by_role("link", name="rendezvous").click()
    tab.locator("#tools ~ table, [aria-labelledby=tools] table").get_by_role("link", name="prendre_rendez_vous").click()
    field = tab.locator(".tree li", has=tab.locator("> .field code", has_text="motif"))
    expect(field.first).to_contain_text("not in the schema")
    field.get_by_role("link", name="Health condition").click()
    expect(tab.locator("#rows tr:not(.more-rows)").nth(5)).to_be_attached()
    assert all(
        "/params/arguments/motif" in row.inner_text().replace("\n", "") for row in tab.locator("#rows code").all()
    )


@pytest.mark.browser
def test_an_address_for_another_browser_opens_it(browse: Browse, chromium: Any) -> None:
    tab = browse("/")
    tab.get_by_role("button", name="Open in another browser").click()
    address = tab.locator("code").inner_text()
    context = chromium.new_context()
    other = context.new_page()
    other.goto(address)
    other.wait_for_url("**/")
    expect(other.locator("h1")).to_have_text("Now")
    other.get_by_role("button", name="Close session").click()
    expect(other.locator("main")).to_contain_text("session is closed")
    context.close()
