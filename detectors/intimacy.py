"""Sexual orientation and sex life (GDPR Art. 9), a partner's gender on a dating profile included."""

from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import special
from douane.detectors.base import Match, Miss
from douane.detectors.clauses import clause
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.setting import Setting, setting
from douane.detectors.topics import ORIENTATION
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
_PROFILE = word_set(
    """
    bio about blurb headline accroche pitch presentation tagline profile profil description me moi intro annonce text
    texte summary
    """
)
"""Keys under which people write of themselves on a dating site."""
_ALONE = word_set(
    "bi pan ace gay straight hetero queer lesbian lesbienne homo demi trans bisexual bisexuel bisexuelle les"
)
_PARTNERS = word_set(
    """
    man woman men women guy guys girl girls lady ladies gentleman gentlemen gal gals bloke lad femme homme femmes hommes
    mec mecs nana nanas fille filles garcon garcons monsieur dame dames gent boyfriend girlfriend husband wife mari
    copain copine compagnon compagne
    """
)
_STOPS = word_set("for pour to de des du d avec with in who qui chez or ou")
_FOLLOWING = word_set(
    """
    who to for with and or between aged my in near around over under up qui pour avec entre et ou sur vers aimant doux
    douce serieux serieuse sincere libre celibataire drole gentil gentille sympa cultive from that whose having age agee
    ayant
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
        Match({"bio": "Looking for a kind woman"}, _ORIENTATION),
        Match({"about": "je cherche une jolie femme, sincère"}, _ORIENTATION, text="je cherche une jolie femme"),
        Match({"blurb": "pan, sober, climbs", "seeking": "x"}, _ORIENTATION, at="blurb", text="pan"),
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
        Miss({"bio": "Looking for a woman-led team"}, "a team"),
        Miss({"bio": "je cherche une femme de ménage"}, "a worker"),
        Miss({"blurb": "pan, knives, spoons", "price": 3}, "a pan"),
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
                for start, end in self._partners(one, about):
                    yield part(one, start, end, _ORIENTATION, 0.85, self.name, "whom a person looks for")
                if ORIENTATION in about.about and not _PROFILE.isdisjoint(one.words) and len(one.text) <= 600:
                    yield from self._listed(one)
                yield from special.said(one, _ORIENTATION, self.name, about)
                yield from special.said(one, _SEX_LIFE, self.name, about)

    def _partners(self, one: Seen, about: Setting) -> Iterable[tuple[int, int]]:
        """The clauses in which somebody looks for a kind of partner, adjectives between ("a kind woman")."""
        if "cue.seek" not in one.meanings or one.field.is_key or one.searching:
            return
        if _PROFILE.isdisjoint(one.words) and ORIENTATION not in about.about:
            return
        tokens = one.tokens
        for term in one.terms:
            if term.meaning != "cue.seek":
                continue
            for at in range(term.last + 1, min(len(tokens), term.last + 7)):
                word = tokens[at].word
                if word in _STOPS:
                    break
                if word in _PARTNERS:
                    after = one.text[tokens[at].end : tokens[at].end + 2].strip()
                    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
                    if not after or after[0] in ".,;!?()" or following in _FOLLOWING or not following:
                        yield clause(one.text, term.start, tokens[at].end)
                    break

    def _listed(self, one: Seen) -> Iterable[Finding]:
        """The items of a profile's list that are an orientation by themselves ("bi, vegan, climbs")."""
        at = 0
        for item in one.text.replace(";", ",").replace("|", ",").replace("·", ",").replace(".", ",").split(","):
            word = fold(item.strip())
            if word in _ALONE:
                start = at + len(item) - len(item.lstrip())
                yield part(one, start, start + len(item.strip()), _ORIENTATION, 0.85, self.name, "an item of a profile")
            at += len(item) + 1

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
