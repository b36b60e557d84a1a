"""The page stands alone, and everyone can read it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest

from douane.reports import html
from douane.reports.i18n import LANGS
from douane.reports.model import Summary

GOLDEN = ("empty", "one", "demo", "many", "gaps_only", "hostile")
STYLE = files("douane.reports").joinpath("templates/report.css").read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Every tag with its attributes, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.found if name == tag)


@pytest.fixture(scope="module", params=GOLDEN)
def tags(request: pytest.FixtureRequest, summaries: dict[str, Summary]) -> Tags:
    return Tags(html.render(summaries[request.param], lang="fr"))


@pytest.mark.promise("still-page")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", GOLDEN)
def test_a_page_loads_nothing_and_runs_nothing(summaries: dict[str, Summary], name: str, lang: str) -> None:
    text = html.render(summaries[name], lang=lang)
    tags = Tags(text)
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & {tag for tag, _ in tags.found}
    assert not [key for _, attributes in tags.found for key in attributes if key.startswith("on") or key == "src"]
    assert [one["href"] for one in tags.of("a") if not (one["href"] or "").startswith("#")] == []
    assert not re.search(r"url\(|@import|javascript:", text)
    policies = [one["content"] for one in tags.of("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_names_its_language(summaries: dict[str, Summary], lang: str) -> None:
    assert next(Tags(html.render(summaries["one"], lang=lang)).of("html")) == {"lang": lang}


def test_landmarks_stand_once(tags: Tags) -> None:
    names = [tag for tag, _ in tags.found]
    assert [names.count(tag) for tag in ("header", "nav", "main", "footer", "h1")] == [1] * 5
    assert "title" in names[: names.index("body")]


def test_headings_go_down_one_level_at_a_time(tags: Tags) -> None:
    levels = [int(tag[1]) for tag, _ in tags.found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_has_its_target(tags: Tags) -> None:
    ids = [str(attributes["id"]) for _, attributes in tags.found if "id" in attributes]
    named = {str(a["aria-labelledby"]) for _, a in tags.found if "aria-labelledby" in a}
    linked = {str(a["href"])[1:] for a in tags.of("a")}
    assert len(ids) == len(set(ids))
    assert named | linked <= set(ids)


def test_every_table_has_a_caption_and_scopes(tags: Tags) -> None:
    names = [tag for tag, _ in tags.found]
    assert names.count("table") == names.count("caption")
    assert {one.get("scope") for one in tags.of("th")} <= {"col", "row"}


def test_every_cell_says_its_column_where_columns_are_stacked(tags: Tags) -> None:
    assert all(one.get("data-label") for one in tags.of("td"))


def test_pictures_are_silent_and_told_in_words(summaries: dict[str, Summary]) -> None:
    text = html.render(summaries["demo"])
    assert all(one.get("aria-hidden") == "true" for one in Tags(text).of("svg"))
    assert "Picture of 2,603 disclosures, told in figures in the tables app by app below." in text


@pytest.mark.parametrize(("name", "kinds"), [("one", {"flow wide", "flow narrow"}), ("many", {"matrix"})])
def test_the_picture_fits_the_number_of_apps(summaries: dict[str, Summary], name: str, kinds: set[str]) -> None:
    drawn = {str(one.get("class")) for one in Tags(html.render(summaries[name])).of("svg")}
    assert {kind for kind in drawn if not kind.startswith("icon") and kind not in {"arrow", "None"}} == kinds


def test_the_picture_draws_every_flow_once_a_part(summaries: dict[str, Summary]) -> None:
    s = summaries["many"]
    shapes = list(Tags(html.render(s)).of("polygon"))
    assert len(shapes) == len(s.flows)


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def schemes() -> list[dict[str, str]]:
    return [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))
        for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    ]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "prohibited", "omitted", "vague", "clear", "gap"])
def test_every_ink_stands_out_from_the_paper(scheme: int, ink: str) -> None:
    colours = schemes()[scheme]
    light, dark = sorted((luminance(colours["paper"]), luminance(colours[ink])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
