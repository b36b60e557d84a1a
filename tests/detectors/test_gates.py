"""Questions about keys, and that every message is judged as if each detector had looked at every field."""

from douane.detectors.gates import by_words


def test_a_key_is_told_by_one_of_its_words_by_all_or_by_the_whole() -> None:
    may = by_words({"card"}, whole=[("paid", "to")], within=[{"id", "number"}], last={"ref"}, never={"post"})
    assert may(("my", "card"))
    assert may(("paid", "to"))
    assert not may(("paid",))
    assert may(("id", "number"))
    assert not may(("id", "of"))
    assert may(("order", "ref"))
    assert not may(("ref", "order"))
    assert not may(("post", "card"))


def test_numbers_and_keys_without_words_count_where_that_is_asked() -> None:
    assert by_words({"a"}, numbered=True)(("q", "1"))
    assert not by_words({"a"})(("q", "1"))
    assert by_words({"a"}, empty=True)(())
    assert not by_words({"a"}, within=[{"b"}])(())
