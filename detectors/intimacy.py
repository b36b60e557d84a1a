"""Sexual orientation and sex life (GDPR Art. 9), a partner's gender on a dating profile included."""

from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import special
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.setting import setting
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
        Match({"pseudo": "zed", "age": 30, "cherche": "un homme"}, _ORIENTATION, at="cherche"),
        Match({"preferences": {"genderPreference": "women"}}, _ORIENTATION),
        Match({"about_me": "cherche un homme sérieux"}, _ORIENTATION),
        Match({"bio": "trans woman, she/her"}, _ORIENTATION, text="trans woman"),
        Match({"message": "j'ai fait mon coming out à ma mère"}, _ORIENTATION),
        Match({"interests": "BDSM, polyamory"}, _SEX_LIFE, text="BDSM"),
    )
    MISSES = (
        Miss({"orientation": "landscape"}, "a page's"),
        Miss({"interested_in": "hiking"}, "a hobby"),
        Miss({"section": "women"}, "a section of a shop"),
        Miss({"q": "history of gay rights"}, "history"),
        Miss({"results": [{"name": "Gay Village Hostel", "rating": 4}]}, "a hostel", results=True),
        Miss({"q": "Pride and Prejudice"}, "a novel"),
        Miss({"instructions": "go straight on"}, "a direction"),
        Miss({"recherche": "chaussures femmes"}, "a shop"),
        Miss({"looking_for": "used bike"}, "a thing"),
        Miss({"frequency": "bi-weekly"}, "a rhythm"),
        Miss({"note": "trans-siberian trip"}, "a railway"),
        Miss({"events": [{"title": "Gay Pride Parade", "venue": "City Hall"}]}, "an event", results=True),
        Miss({"message": "Virgin Atlantic flight"}, "an airline"),
        Miss({"note": "deposit for the escort vehicle"}, "a car"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        about = setting(scene)
        for one in about.candidates:
            if not one.is_text or one.empty:
                continue
            if self._sought(one) or special.hinted_answer(one, _ORIENTATION, about):
                yield whole(one, _ORIENTATION, 0.9, self.name, "key and value")
            elif special.asked(one, _ORIENTATION, about) and special.answered(one, _ORIENTATION):
                yield whole(one, _ORIENTATION, 0.8, self.name, "description")
            elif len(one.text) >= 3:
                yield from special.said(one, _ORIENTATION, self.name, about)
                yield from special.said(one, _SEX_LIFE, self.name, about)

    @staticmethod
    def _sought(one: Seen) -> bool:
        """Whether the key asks for an orientation and the value is one that people give."""
        if _ORIENTATION not in one.hints or one.field.is_key:
            return False
        if special.sureness(one.field.key, _ORIENTATION) == 2 and special.answered(one, _ORIENTATION):
            return True
        words = [fold(word) for word in one.text.replace(",", " ").split()]
        return bool(words) and len(words) <= 6 and any(word in _VALUES for word in words)


DETECTOR = Intimacy()
