"""Beliefs (GDPR Art. 9): religious, philosophical, political, trade unions; stated, or implied by a rite or a gift."""

from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import special
from douane.detectors.base import Match, Miss
from douane.detectors.scene import Scene

_RELIGION = "user.demographic.religious_belief"
_PHILOSOPHY = "user.demographic.philosophical_belief"
_POLITICS = "user.demographic.political_opinion"
_UNION = "user.demographic.trade_union"


class Belief:
    """A kosher meal asked for is a belief; a kosher restaurant in a list of results is not."""

    name = "belief"
    title = "Religion, politics, trade unions"
    MATCHES = (
        Match({"religion": "Buddhist"}, _RELIGION),
        Match({"diet": "halal"}, _RELIGION),
        Match({"requests": "messe de Pâques à proximité"}, _RELIGION),
        Match({"q": "mosquée près de chez moi"}, _RELIGION),
        Match({"label": "mosque donation"}, _RELIGION),
        Match({"label": "adhésion PS"}, _POLITICS),
        Match({"remark_text": "registered Democrat"}, _POLITICS),
        Match({"user_request": "je milite chez les Verts"}, _POLITICS),
        Match({"commentaire": "déplacement pour une réunion syndicale"}, _UNION),
        Match({"label": "union dues"}, _UNION),
    )
    MISSES = (
        Miss({"q": "cours d'histoire des cathédrales"}, "a course"),
        Miss({"results": [{"name": "Kosher Deli", "cuisine": "kosher", "rating": 4}]}, "a restaurant", results=True),
        Miss({"religion": "n/a"}, "not said"),
        Miss({"text": "I read half of a book about gothic cathedrals."}, "a book"),
        Miss({"label": "rent"}, "rent"),
        Miss({"dons": "Restos du cœur 50"}, "a charity"),
        Miss({"q": "European Union history"}, "a union of states"),
        Miss({"hotelName": "Church Street Hotel"}, "a street"),
        Miss({"party_size": 4}, "a table"),
        Miss({"requests": "party of four near the window"}, "a table"),
        Miss({"q": "books on the history of the labour party"}, "a book"),
        Miss({"text": "un article sur l'histoire du syndicalisme"}, "an article"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for category in (_RELIGION, _PHILOSOPHY, _POLITICS, _UNION):
            yield from special.find(scene, category, self.name)


DETECTOR = Belief()
