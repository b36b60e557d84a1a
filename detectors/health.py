"""Health (GDPR Art. 4(15), 9): conditions, drugs, disability, pregnancy, allergies, measurements of a body."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints, special
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.measures import hurt, is_blood_group, is_pressure, measured
from douane.detectors.scene import Scene, Seen
from douane.detectors.setting import LAB_VALUES, Setting, is_chart, said_by_key, setting
from douane.detectors.subject import AT_WORK, NOBODY
from douane.detectors.topics import ANIMAL, MACHINE, MUSIC
from douane.detectors.words import key_words, word_set

_HEALTH = "user.health_and_medical"
_MEASURE = word_set(
    """
    heart rate heartrate bpm pulse frequence cardiaque glucose glycemie glycaemia systolic diastolic systolique
    diastolique sys dia hba1c spo2 saturation cholesterol ldl hdl triglycerides pressure tension temperature viral hrv
    creatinine ferritin ferritine tsh hemoglobin hemoglobine crp psa oxygen oxymetrie insulin insuline a1c pouls
    spo hba gad inr egfr dfg alat asat ggt plaquettes platelets leucocytes leukocytes haemoglobin
    dl mmol bgl mgdl dextro ketones ketone cetone
    weeks week semaines semaine pain douleur phq phq9 gad7 taux bolus cd4 gestational cycle blood sugar
    """
)
_PULSE = word_set("fc hr rhr hrv pouls")
_OF_PULSE = word_set("avg max min rest resting mean moy moyenne moyen repos peak average bpm mini maxi")
"""Short names of the heart rate, in records of training."""
_BARE_PULSE = frozenset({("fc",), ("hr",), ("resting",), ("repos",), ("pouls",), ("bpm",)})
_VITAL = frozenset(
    (word,)
    for word in word_set(
        """
        hr fc rr fr temp t ta bp pas pad sbp dbp spo sat sats o pulse pouls bpm glu bg bgl gly dextro temperature
        systole diastole sys dia resp respiration eva gcs news map
        """
    )
)
"""Short names of what is measured at a bed, under a key that says so."""
_SPORT = word_set(
    "reps sets km pace allure duration duree kcal calories sleep sommeil steps pas weight poids watts power athlete "
    "splits exercise exercice streak rpe distance workout session hrv vo2max load charge runner coureur"
)
_BLOOD = word_set("groupe group blood sang abo rh rhesus sanguin type bloodtype")
_PRESSURE = word_set("bp ta tension pa pressure")
_CLINICAL = frozenset({("cc",), ("hpi",), ("pmh",), ("dx",), ("sx",), ("ros",), ("atcd",), ("mdv",), ("hdm",)})
"""How doctors head the parts of a record."""
_MACHINES = word_set("symptom symptoms symptome symptomes diagnosis diagnostic treatment traitement pulse health sante")
_MACHINE_BESIDE = word_set(
    """
    firmware box modem router routeur mac wan imei ssid serial sn os build plate plaque immat immatriculation vin
    mileage kilometrage engine moteur model modele appliance appareil device server serveur plant plante crop culture
    variety variete tyre printer imprimante marque brand panne boiler chaudiere
    """
)
_YES_KEYS = frozenset(
    {("enceinte",), ("pregnant",), ("deaf",), ("blind",), ("blinds",), ("dys",), ("sen",), ("fauteuil",)}
)
_YES = re.compile(r"(?i)^(?:oui|yes|y|o|true|vrai|1|x|partial|partiel|.{0,40}\d.{0,40})")


def _of_machine(one: Seen) -> bool:
    return any(not _MACHINE_BESIDE.isdisjoint(other.words) for other in one.siblings if other is not one)


_FOOD = word_set(
    "nutrients nutrient nutrition nutriments nutriment nutritional nutritionnel product produit food aliment"
)
"""Keys above what is in a food, not in somebody's blood."""
_CIVILITIES = word_set("mme madame m mr monsieur mrs ms miss mlle dr docteur famille chez")


def _of_beast(one: Seen) -> bool:
    """Whether the text speaks of an animal; a family's name is none (`Mme Poulain`)."""
    return "cue.animal" in one.meanings and any(
        term.meaning == "cue.animal"
        and not (term.first > 0 and one.tokens[term.first - 1].word in _CIVILITIES and one.text[term.start].isupper())
        for term in one.terms
    )


_TUNE = word_set("song songs tempo playlist artist album tune")
_LOOSE_MEASURE = word_set("bpm pulse tension temperature saturation pressure")
_COMPLAINT = word_set(
    """
    problem problems probleme problemes complaint complaints issue issues concern concerns reason motif raison acte
    actes act procedure intervention operation exam examen examens test tests panel panels analyse analyses indication
    indications history historique soin soins condition conditions need needs besoin besoins tried essaye describe
    decrivez decrire gene genes item items designation prestation prestations rx refill meds findings finding
    conclusion impression observation observations note notes remarque remarques cause nature objet purpose goal
    objectif pourquoi
    """
)
_ADMINISTRATIVE = re.compile(
    r"(?i)^(?:annual|yearly|routine|first|new|follow|check|contr[oô]le|bilan annuel|suivi|premi[eè]re|visite|"
    r"consultation|renewal|certificat|other|autre|general|medical|appointment|rendez)[\w' -]{0,30}$"
)
_MEDICAL = frozenset({_HEALTH, "cue.medical", "cue.body"})
_TESTED = frozenset({_HEALTH, "cue.lab"})
_CODE = re.compile(r"^[A-Za-z]{0,5}[-_ ]?\d[\w -]{3,}$")


_NAMES = frozenset(
    {
        ("name",),
        ("nom",),
        ("label",),
        ("libelle",),
        ("substance",),
        ("value",),
        ("code", "label"),
        ("description",),
        ("title",),
    }
)


class Health:
    """A clinic's specialty, an article's title and a weight are no health data; `pregnant: false` is left alone."""

    name = "health"
    title = "Health, disability, pregnancy, medication"
    MATCHES = (
        Match({"requests": "wheelchair-accessible room"}, _HEALTH),
        Match({"patient": {"pregnant": True}}, _HEALTH),
        Match({"heart_rate": 104}, _HEALTH),
        Match({"reason": "séropositif, bilan annuel"}, _HEALTH, text="séropositif"),
        Match(
            {"user_request": "ma femme a un cancer du sein, quelles aides ?"},
            _HEALTH,
            text="ma femme a un cancer du sein",
        ),
        Match({"q": "exercises for my arthritis"}, _HEALTH),
        Match({"diagnosis": "lupus"}, _HEALTH),
        Match({"allergies": "arachides"}, _HEALTH),
        Match({"driver_note": "I am blind, please call"}, _HEALTH, text="I am blind"),
        Match({"instructions": "je suis cœliaque"}, _HEALTH),
        Match({"traitement_en_cours": "Kivexa, 1 comprimé le soir"}, _HEALTH),
        Match({"ssr": ["WCHR"]}, _HEALTH),
        Match({"meal_code": "DBML"}, _HEALTH),
        Match({"child_id": "B-201", "allergens": ["sesame"]}, _HEALTH, at="allergens"),
        Match({"hrAvg": 142}, _HEALTH),
        Match({"weeks_pregnant": 22}, _HEALTH),
        Match({"note": "je prends du Xarelto 20 mg le soir"}, _HEALTH),
        Match({"reason": "off sick since the cholecystectomy"}, _HEALTH),
        Match({"motif_absence": "gastro"}, _HEALTH),
        Match({"message": "He has chickenpox"}, _HEALTH),
        Match({"accommodation_request": "hearing loop, I am hard of hearing"}, _HEALTH, text="hearing loop"),
        Match({"patient": {"name": "Ann Roe", "meds": ["tiotropium"]}}, _HEALTH, at="patient/meds", results=True),
        Match(
            {"employee": {"name": "J. Roux", "absence": "arrêt maladie"}}, _HEALTH, at="employee/absence", results=True
        ),
        Match({"text": "can't come, twisted my ankle at football"}, _HEALTH, text="twisted my ankle at football"),
        Match({"patient": "Ann Roe", "outcome": "TB test negative"}, _HEALTH, at="outcome", results=True),
        Match({"holder": "Jo Roe", "group": "A+"}, _HEALTH, at="group", results=True),
        Match({"patient": "Jo Roe", "bp": "142/88"}, _HEALTH, at="bp"),
        Match({"patient": "Jo Roe", "blood_thinners": True}, _HEALTH, at="blood_thinners"),
        Match({"runner": "Ann", "resting": 49, "sleep_h": 7}, _HEALTH, at="resting", results=True),
        Match(
            {"threads": [{"from": "Noé", "preview": "stuck in bed with the flu"}]},
            _HEALTH,
            at="threads/preview",
            results=True,
        ),
        Match({"leaves": [{"who": "Ann Roe", "kind": "maternity"}]}, _HEALTH, at="leaves/kind", results=True),
        Match({"mg_dl": 187, "context": "before_breakfast"}, _HEALTH, at="mg_dl"),
        Match({"pt": "Roe, Ann", "vitals": {"hr": 88, "wt": 70}}, _HEALTH, at="vitals/hr", results=True),
        Match({"pupil": "Xi R.", "teacher_note": "dyslexia plan in place"}, _HEALTH, at="teacher_note"),
        Match({"note": "je suis reconnue travailleuse handicapée"}, _HEALTH),
        Match(
            {"patient": "Roe", "tests": [{"name": "CRP", "value": "12 mg/L"}]}, _HEALTH, at="tests/value", results=True
        ),
    )
    MISSES = (
        Miss({"q": "The Diabetes Code book"}, "a book"),
        Miss({"article": "Cancer screening explained"}, "an article"),
        Miss({"patient": {"pregnant": False}}, "no"),
        Miss({"specialty": "cardiologist"}, "a clinic's specialty"),
        Miss({"reason": "annual check-up"}, "says nothing of health"),
        Miss({"requests": "high floor, away from the bar"}, "a wish"),
        Miss({"allergies": "none"}, "none"),
        Miss({"weight_kg": 71}, "a weight"),
        Miss({"text": "I read a chapter on the history of aspirin."}, "history"),
        Miss({"status": "blind"}, "one word under a status"),
        Miss({"results": [{"name": "City Hospital", "rating": 4}]}, "a hospital", results=True),
        Miss({"cluster": {"health": "green"}}, "a machine's", category=_HEALTH + ".machine"),
        Miss({"product_name": "Migraine: a novel"}, "a product"),
        Miss({"q": "swimming stroke technique"}, "a way to swim"),
        Miss({"query": "tropical depression forecast"}, "weather"),
        Miss({"sign": "Cancer"}, "a sign of the zodiac"),
        Miss({"symptom": "engine stalls at idle"}, "a machine's"),
        Miss({"traitement": "en cours"}, "a request in process"),
        Miss({"pet": "Rex", "species": "dog", "problem": "needs insulin"}, "an animal's"),
        Miss({"bpm": 160, "song": "x"}, "a tempo"),
        Miss({"note": "not diabetic"}, "denied"),
        Miss({"poste": "infirmière en oncologie"}, "a job"),
        Miss({"venues": [{"name": "Bar", "wheelchair_accessible": True}]}, "a venue's", results=True),
        Miss({"menu": [{"dish": "Tajine", "allergens": ["milk"]}]}, "a dish's", results=True),
        Miss({"text": "Add 2 g/L of salt to the brine"}, "a recipe"),
        Miss({"text": "sodium 300 mg per serving"}, "a label"),
        Miss({"title": "My Autistic Son", "qty": 1}, "a book", category=_HEALTH),
        Miss({"q": "Living with Lupus paperback"}, "a book"),
        Miss({"text": "Do not take if you are pregnant."}, "a leaflet", results=True),
        Miss({"question": "What is the maximum dose of aspirin?"}, "a question of anybody's"),
        Miss({"text": "the left arm of the chair broke after a week"}, "a chair's"),
        Miss({"enceinte": "cuisine"}, "a loudspeaker"),
        Miss({"symptom": "drops every evening", "firmware": "1.2"}, "a router's"),
        Miss({"text": "Rex, neutered. Insulin twice a day."}, "a dog's", results=True),
        Miss({"job_title": "surveillant de centre pénitentiaire"}, "a job"),
        Miss({"groupe": "B", "eleve": "Jo Roe"}, "a group"),
        Miss({"text": "Ibuprofen is used for fever and arthritis."}, "a leaflet", results=True),
        Miss({"drug": "ibuprofen", "uses": ["fever", "arthritis"]}, "a leaflet", results=True),
        Miss({"hits": [{"snippet": "Employees who are pregnant may take 26 weeks."}]}, "a rule", results=True),
        Miss({"text": "Le contrat couvre les prothèses auditives et la psychothérapie."}, "a brochure", results=True),
        Miss({"acces": "Entrée fauteuils roulants rue Haute"}, "a venue's", results=True),
        Miss(
            {"q": "Puis-je toucher l'AAH ?", "a": "Versée aux personnes handicapées."}, "an answer to all", results=True
        ),
        Miss({"nutrients": [{"name": "Cholesterol", "value": 12}]}, "a food's", results=True),
        Miss({"readings": {"temp": 18.4, "hr": 60}}, "the weather's", results=True),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        about = setting(scene)
        if ANIMAL in about.about:
            return
        for one in about.candidates:
            found = self._keyed(one, about) or self._found(one, about) or self._named(one) or self._answered(one, about)
            if found is not None:
                yield found
            elif one.is_text and len(one.text) >= 3 and not _of_beast(one):
                yield from special.said(one, _HEALTH, self.name, about)
                span = hurt(one) if "cue.injury" in one.meanings else None
                if span is not None:
                    yield part(one, *span, _HEALTH, 0.8, self.name, "an injury to a part of the body")
        for one in scene.with_digits:
            span = measured(one, about) if one.prose else None
            if span is not None:
                yield part(one, *span, _HEALTH, 0.75, self.name, "measurement")

    def _named(self, one: Seen) -> Finding | None:
        """The name of an entry in a list of drugs, allergies or conditions."""
        keys = one.field.keys
        if len(keys) < 2 or not one.is_text or one.empty or one.words not in _NAMES or len(one.text) > 80:
            return None
        if _HEALTH in hints.of_key(keys[-2]) and special.record(one) not in NOBODY:
            return whole(one, _HEALTH, 0.8, self.name, "key of the list")
        return None

    def _found(self, one: Seen, about: Setting) -> Finding | None:
        """What a laboratory found, beside the name of the test."""
        if one.words not in LAB_VALUES or one.empty or one.field.is_key or len(one.text) > 40 or about.nobody:
            return None
        if _HEALTH not in about.about:
            return None
        if not any(
            other is not one and other.is_text and len(other.text) <= 60 and not other.meanings.isdisjoint(_TESTED)
            for other in one.siblings
        ):
            return None
        return whole(one, _HEALTH, 0.75, self.name, "beside the name of a test")

    @staticmethod
    def _briefly(one: Seen, about: Setting) -> bool:
        """Whether a short or common key holds what only a body has: a blood group, a blood pressure, a complaint."""
        if not one.is_text or one.field.is_key:
            return False
        if len(one.text) <= 12 and not _BLOOD.isdisjoint(one.words) and is_blood_group(one.text):
            return True
        if not _PRESSURE.isdisjoint(one.words) and is_pressure(one.text):
            return True
        return (
            one.words in _CLINICAL
            and _HEALTH in about.about
            and 4 <= len(one.text) <= 300
            and "@" not in one.text
            and not one.empty
        )

    def _answered(self, one: Seen, about: Setting) -> Finding | None:
        """An answer to a described question, a code of assistance, an allergen, a complaint in a medical form."""
        if self._briefly(one, about):
            return whole(one, _HEALTH, 0.85, self.name, "key and value")
        if special.asked(one, _HEALTH, about):
            return whole(one, _HEALTH, 0.8, self.name, "description")
        if special.hinted_answer(one, _HEALTH, about):
            return whole(one, _HEALTH, 0.75, self.name, "key and value")
        if not one.is_text or one.empty or one.field.is_key or len(one.text) > 160 or _HEALTH not in about.about:
            return None
        if _COMPLAINT.isdisjoint(one.words) and not self._asks_complaint(one, about):
            return None
        if special.record(one) in AT_WORK or _ADMINISTRATIVE.match(one.text.strip()):
            return None
        if one.meanings.isdisjoint(_MEDICAL):
            return None
        if {"cue.medical", "cue.body"}.issuperset(one.meanings & _MEDICAL) and not one.to_app and not one.of_person:
            return None
        return whole(one, _HEALTH, 0.7, self.name, "complaint in a medical form")

    @staticmethod
    def _asks_complaint(one: Seen, about: Setting) -> bool:
        return one.to_app and not _COMPLAINT.isdisjoint(about.described(one))

    def _keyed(self, one: Seen, about: Setting) -> Finding | None:
        if "id" in one.words or "number" in one.words or "numero" in one.words:
            return None
        value = one.field.value
        numeric = not isinstance(value, str) or one.text.strip().replace(".", "", 1).replace("/", "", 1).isdigit()
        if numeric and value is not True:
            return self._measure(one, about)
        if value is True and _HEALTH in said_by_key(one.field.key) and special.yes(one, about):
            return whole(one, _HEALTH, 0.85, self.name, "key")
        if not special.keyed(one, _HEALTH, about):
            return None
        if value is True:
            return whole(one, _HEALTH, 0.9, self.name, "key")
        text = one.text.strip()
        if not _MACHINES.isdisjoint(one.words) and _of_machine(one) and _HEALTH not in one.meanings:
            return None
        if one.words in _YES_KEYS and not _YES.match(text) and _HEALTH not in one.meanings:
            return None
        if (_CODE.match(text) and not one.prose) or text.startswith(("http", "/")):
            return None
        if not any(char.isalpha() for char in text):
            return None
        return whole(one, _HEALTH, 0.8, self.name, "key")

    def _measure(self, one: Seen, about: Setting) -> Finding | None:
        """A number under the key of a body's measurement."""
        if isinstance(one.field.value, bool) or one.empty or one.field.is_key:
            return None
        pulse = not _PULSE.isdisjoint(one.words) and (
            not _OF_PULSE.isdisjoint(one.words) or not {"rhr", "hrv", "pouls"}.isdisjoint(one.words)
        )
        if not pulse and one.words in _BARE_PULSE:
            pulse = any(not _SPORT.isdisjoint(other.words) for other in one.siblings if other is not one)
        if not pulse and len(one.field.keys) > 1 and one.words in _VITAL:
            pulse = is_chart(one.field.keys[-2])
        pulse = pulse or one.words == ("a", "1", "c")
        if not pulse and (_MEASURE.isdisjoint(one.words) or not one.hinted(_HEALTH)):
            return None
        if MUSIC in about.about or (MACHINE in about.about and not _LOOSE_MEASURE.isdisjoint(one.words)):
            return None
        if one.words == ("bpm",) and any("genre" in other.words for other in one.siblings):
            return None
        if any(not _TUNE.isdisjoint(other.words) for other in one.siblings):
            return None
        if about.nobody and any(not _FOOD.isdisjoint(key_words(key)) for key in one.field.keys[:-1]):
            return None
        if not pulse and special.record(one) in NOBODY:
            return None
        return whole(one, _HEALTH, 0.9, self.name, "key")


DETECTOR = Health()
