"""What the names of apps, tools and keys say that a message is about: health, a faith, a campaign, an animal."""

from functools import lru_cache

from douane.detectors.words import key_words, word_set

HEALTH = "user.health_and_medical"
RELIGION = "user.demographic.religious_belief"
POLITICS = "user.demographic.political_opinion"
UNION = "user.demographic.trade_union"
ORIGIN = "user.demographic.race_ethnicity"
ORIENTATION = "user.demographic.sexual_orientation"
OFFENCE = "user.criminal_history"
ANIMAL = "setting.animal"
OWN = "setting.own"
MACHINE = "setting.machine"
MUSIC = "setting.music"

_WORDS = {
    HEALTH: word_set(
        """
        clinic clinique clinics doctor doctors docteur medecin medecins docto medic medical medicale medicaux patient
        patients pharma pharmacy pharmacie officine hospital hopital hospitalier chu triage health sante therapy
        therapist therapeute psy psycho psychologist psychologue diagnosis diagnostic symptom symptoms symptome
        symptomes symptomchecker ordonnance prescription prescriptions rx mutuelle kine kinesitherapeute physio dental
        dentist dentaire dentiste nurse infirmier infirmiere intake labo analyses glucose diabete diabetes fertility
        pma ivf teleconsult teleconsultation consultation vaccin vaccine vaccination allergy allergies allergie rehab
        maternity maternite sage gp nhs ameli cpam surgery anamnese preop postop hospitalisation soins infirmerie
        ehpad medication medications medicament medicaments pill pillbox pilulier refill ehr emr dossiermedical
        optician opticien audiologist audioprothesiste orthopedic dermato cardio neuro oncology oncologie radiology
        radiologie midwife pregnancy grossesse bloodwork biology biologie wellbeing recovery sober sobriety
        remboursement decompte decomptes handicap mdph disability accessibility
        """
    ),
    RELIGION: word_set(
        """
        parish paroisse parishes paroissial church churches eglise mosque mosquee masjid synagogue diocese temple
        gurdwara cultuelle cultuel catechisme catechism catechesis kt prayer prayers priere prieres pastoral pastorale
        faith aumonerie chaplain chaplaincy ministry quran coran bible torah zakat tithe tithes denier congregation
        shul hajj omra pelerinage pilgrimage sacrement bapteme baptism rabbinat rabbinate
        """
    ),
    POLITICS: word_set(
        """
        canvass canvassing canvasser voter voters electeur electeurs electorate ballot militant militants militantisme
        petition petitions election elections electoral electorale precinct gotv campaign partis politique politics
        political civic sondage poll polling caucus turf procuration
        """
    ),
    UNION: word_set(
        """
        union unions syndicat syndicats syndical syndicale syndique syndiques adherents labor labour steward cse
        unison siptu cgt cfdt cftc unsa teamsters seiu uaw gmb usdaw ucu nasuwt aslef rmt afscme ibew ufcw unifor cupe
        """
    ),
    ORIENTATION: word_set(
        """
        dating date rencontr rencontre rencontres match matches matching swipe singles single celibataires celibataire
        matchmaking matchmaker flirt love lover amour amoureux speeddating crush likes liked profiles heart hearts
        relationship
        """
    ),
    OFFENCE: word_set(
        """
        court courts tribunal probation parole bail casier judiciaire criminal background screening conviction lawyer
        avocat avocats attorney legal defense defence penal penale penitentiaire police dbs vetting jail inmate
        inmates detention detenu
        """
    ),
    ANIMAL: word_set(
        """
        vet vets veterinary veterinaire veterinaires pet pets animal animals animaux paw paws pawprint species espece
        breed race_animal chien chiens dogs puppy kitten kennel cattery horse horses cheval chevaux
        equine livestock cattle herd bovins troupeau poney
        """
    ),
    OWN: word_set(
        """
        calendar calendars agenda agendas todo todos task tasks tache taches reminder reminders rappel rappels planner
        journal diary carnet mes mon my rdv rendez appointments appointment rendezvous schedule planning memo memos
        assistant inbox mood humeur
        """
    ),
    MUSIC: word_set("playlist playlists music musique song songs tune tunes radio dj spotify deezer"),
    MACHINE: word_set(
        """
        server servers serveur cluster node host deploy deployment service services api endpoint network reseau router
        modem sim telecom mobile broadband wifi firmware software bug bugs incident incidents monitoring uptime device
        devices engine vehicle vehicule car garage tyre tires printer machine appliance repo pod container
        """
    ),
}
BY_WORD: dict[str, tuple[str, ...]] = {}
for _name, _words in _WORDS.items():
    for _word in _words:
        BY_WORD[_word] = (*BY_WORD.get(_word, ()), _name)


@lru_cache(maxsize=4096)
def of_name(name: str) -> frozenset[str]:
    """What the name of an app or a tool says of its messages."""
    found: set[str] = set()
    for word in key_words(name):
        found.update(BY_WORD.get(word, ()))
        for stem, meaning in _STEMS.get(word[:_SHORTEST], ()):
            if len(word) > len(stem) and word.startswith(stem):
                found.add(meaning)
    return frozenset(found)


_SHORTEST = 4
_STEMS: dict[str, list[tuple[str, str]]] = {}
"""How the words begin of which apps' names are put together (`SyndicaLink`), by their first letters."""
for _meaning, _stems in (
    {
        HEALTH: "clini medic pharma docto sante health hopit hospit patient physio psych therap dental denti ortho "
        "onco cardio gyne mutu diabet gluco vaccin ordonn symptom allerg kine",
        RELIGION: "paroiss parish eglis church mosqu synagog dioces cathol islam halal kosher quran coran biblic pray",
        POLITICS: "politi electeur elector canvass milit petition partisan",
        UNION: "syndic union",
        ORIENTATION: "dating rencontr celib",
        OFFENCE: "penal justic avocat tribun judici lawyer probat",
        ANIMAL: "veteri toutou animal chien canin equin felin doggo pupp kitty",
    }
).items():
    for _stem in _stems.split():
        _STEMS.setdefault(_stem[:_SHORTEST], []).append((_stem, _meaning))
