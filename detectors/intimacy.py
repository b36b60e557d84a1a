"""Sexual orientation and sex life (GDPR Art. 9), a partner's gender on a dating profile included."""

from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import special
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene
from douane.detectors.words import fold, word_set

_ORIENTATION = "user.demographic.sexual_orientation"
_SEX_LIFE = "user.demographic.sex_life"
_VALUES = word_set(
    """
    men women man woman male female both everyone hommes femmes homme femme les deux straight gay lesbian bisexual
    bi hetero heterosexual homosexual pansexual asexual queer heterosexuel heterosexuelle homosexuel homosexuelle
    bisexuel bisexuelle lesbienne guys girls nonbinary
    """
)


class Intimacy:
    """`orientation` may be a page's and `interested_in` a hobby: the value must be one that people give."""

    name = "intimacy"
    title = "Sexual orientation and sex life"
    MATCHES = (
        Match({"interested_in": "women"}, _ORIENTATION),
        Match({"orientation": "gay"}, _ORIENTATION),
        Match({"bio": "lesbian, 29, dog mum"}, _ORIENTATION, text="lesbian"),
        Match({"requests": "gay-friendly place for my husband and me"}, _ORIENTATION),
        Match({"user_request": "my wife and I (two mums) need a venue"}, _ORIENTATION),
    )
    MISSES = (
        Miss({"orientation": "landscape"}, "a page's"),
        Miss({"interested_in": "hiking"}, "a hobby"),
        Miss({"section": "women"}, "a section of a shop"),
        Miss({"q": "history of gay rights"}, "history"),
        Miss({"results": [{"name": "Gay Village Hostel", "rating": 4}]}, "a hostel", results=True),
        Miss({"q": "Pride and Prejudice"}, "a novel"),
        Miss({"instructions": "go straight on"}, "a direction"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.telling:
            if not one.is_text or one.empty:
                continue
            if _ORIENTATION in one.hints:
                words = [fold(word) for word in one.text.replace(",", " ").split()]
                if words and len(words) <= 6 and any(word in _VALUES for word in words):
                    yield whole(one, _ORIENTATION, 0.9, self.name, "key and value")
                    continue
            if len(one.text) >= 3:
                yield from special.said(one, _ORIENTATION, self.name)
                yield from special.said(one, _SEX_LIFE, self.name)


DETECTOR = Intimacy()
