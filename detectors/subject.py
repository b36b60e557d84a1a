"""Who or what an object in a message is about: a person, a child, a place of business or a thing.

Presence of a name, a phone or coordinates says little until it is known whose they are: a guest's or a hotel's.
"""

from enum import StrEnum
from functools import lru_cache

from douane.detectors.words import key_words, word_set


class Subject(StrEnum):
    """What an object describes, as far as its keys tell."""

    PERSON = "person"
    CHILD = "child"
    PLACE = "place"
    THING = "thing"
    PROFESSIONAL = "professional"
    UNKNOWN = "unknown"


SOMEBODY = frozenset({Subject.PERSON, Subject.CHILD})
NOBODY = frozenset({Subject.PLACE, Subject.THING})
AT_WORK = frozenset({Subject.PLACE, Subject.PROFESSIONAL})
NOT_PRIVATE = NOBODY | AT_WORK
"""Sets that are asked about for most fields: made once, as making one costs six times what asking it does."""
PERSON = word_set(
    """
    person people personne personnes user users utilisateur utilisateurs usager customer customers client clients
    guest guests passenger passengers passager passagers voyageur voyageurs traveler travelers traveller travellers
    patient patients contact contacts employee employees employe employes salarie salaries staff member members
    membre membres adherent recipient recipients destinataire destinataires beneficiary beneficiaries beneficiaire
    payee payer sender expediteur candidate candidates candidat candidats applicant applicants demandeur assure
    assures insured policyholder subscriber subscribers abonne owner owners proprietaire tenant tenants locataire
    landlord bailleur buyer acheteur seller vendeur resident residents attendee attendees participant participants
    invite invites invitee student students etudiant etudiants colleague colleagues collegue donor donateur holder
    titulaire contribuable taxpayer emergency urgence spouse conjoint husband wife mari femme partner partenaire
    parent parents mother father mere pere friend friends ami amis profile profil me my self mine borrower
    emprunteur claimant requester requestor reporter assignee signatory signataire cardholder customerinfo shipping
    billing delivery livraison facturation domicile home lead leads prospect prospects individual household occupant
    consignee addressee victim victime witness temoin manager supervisor referee voter worker workers individu
    particulier heir heritier caller appelant rider cavalier player joueur joueurs players debtor debiteur creditor
    crediteur remitter interlocuteur correspondant correspondent organizer organisateur allocataire conducteur
    licencie defunt deceased relative relatives proche proches adopter adoptant volunteer benevole diner convive
    acquereur hotes worker approver approvers approbateur visitor visitors visiteur visiteurs visiteuse filer
    dependent dependents dependant dependants nominee guarantor guarantors cosigner executor trustee guardian
    guardians carer carers caregiver aidant aidante kin declarant declarants declarante deponent petitioner plaintiff
    defendant complainant respondent accused suspect detainee inmate offender plaignant plaignante prevenu detenu
    requerant requerante legatee donee donneur donneuse donateurs donatrice donatrices donataire donataires pax
    runner runners coureur coureurs coureuse swimmer cyclist racer athlete athletes athlete competitor competitors
    entrant entrants contestant golfer skier diver climber hiker trainee trainees intern interns apprentice learner
    learners apprenti apprentie alternant stagiaire stagiaires graduate alumni hirer renter lessee lessor lodger
    flatmate roommate housemate colocataire colocataires coloc voisin voisine neighbor neighbour purchaser shopper
    bidder consignor signer signee undersigned submitter reviewer reviewers commenter committer contributor
    contributors follower followers bride groom fiance fiancee widow mentor mentee respondents interviewee referrer
    newhire teammate teammates coworker coworkers delegate supporter voters electeur electeurs electrice congregant
    parishioner paroissien paroissienne paroissiens militant militants militante adherents adherente cotisant
    householder homeowner homeowners leaseholder coapplicant registrant registrants enrollee enrollees annuitant
    pensioner survivor demandeuse souscripteur souscriptrice souscripteurs preneur preneuse garant garants garante
    caution cosignataire codemandeur coemprunteur emprunteurs emprunteuse assuree ayant accompagnant accompagnants
    accompagnante accompagnateur accompagnatrice accompagnateurs referent referente tuteur tutrice tuteurs curateur
    mandataire mandant interesse interessee conjointe epoux epouse concubin concubine defunte acheteuse acheteurs
    acquereurs vendeuse cedant cessionnaire bailleresse locataires occupants licencies licenciee societaire
    societaires benevoles signataires petitionnaire fideles catechumene postulant postulants postulante candidate
    collaborateur collaborateurs collaboratrice salariee collegue collegues expeditrice emetteur reservant convives
    invitee invites participante joueuse nageur nageuse cavaliere inscrit inscrits inscrite abonnee usagers
    allocataires patiente malade parrain marraine mariee maries temoins victime condamne residente residents
    passagere voyageuse conductrice conducteurs titulaires cotitulaire porteur detenteur detentrice proprietaires
    coproprietaire coproprietaires responsable requerants clientes cliente acquereuse bookedby assignees watchers
    watcher reporters senders payers payees buyers sellers landlords spouses partners occupier occupiers appellant
    beneficiaries sponsor sponsors nextofkin tenantname interessees personnes humain human humans dater daters
    membres moderateur moderator correspondants interlocutrice heirs heritiers heritiere usufruitier pt pts cust usr mbr
    adh benef organiser organisers organisatrice organisateurs whom maitre treasurer tresorier tresoriere grandmother
    grandfather grandparent grandparents grandmere grandpere mamie papi uncle aunt oncle tante brother sister brothers
    sisters frere soeur freres soeurs cousin cousine cousins marraine bridesmaid testator testateur
    executrix decedent deposant deposante flatmates housemates roommates teammates cotitulaires coproprietaires hikers
    climbers swimmers cyclists riders coequipier coequipiers coequipiere joueuses nageurs sportif sportive sportifs
    marcheur randonneur covoiture covoitures copassager jobseeker chomeur retraite retraitee
    reservant reservataire detentrices reclamant reclamante consommateur lodgers boarder
    subtenant homebuyer creditrice debitrice
    payeuse payeurs creancier creanciere donneurs receveur receveuse recommender
    """
)
CHILD = word_set(
    """
    child children kid kids enfant enfants minor mineur mineurs pupil pupils eleve eleves baby bebe infant toddler
    daughter son fille fils teen camper campers infants toddlers babies bebes newborn nouveau-ne nourrisson
    nourrissons
    daughters sons filles mineure mineures teens teenager ado ados schoolchild ecolier ecoliere ecoliers collegien
    collegiens collegienne lyceen lyceens lyceenne kiddo kiddos preschooler petitfils petitefille grandson
    granddaughter grandchild grandchildren filleul filleule jeune jeunes enf
    """
)
PLACE = word_set(
    """
    hotel hotels restaurant restaurants venue venues place places shop shops store stores boutique boutiques magasin
    magasins merchant merchants business businesses etablissement etablissements poi pois station stations gare
    gares airport airports aeroport property properties listing listings branch branches agence agences office
    offices clinic clinics clinique hospital hospitals hopital pharmacy pharmacies pharmacie school schools ecole
    ecoles museum museums musee theatre cinema museum church mosque gym gyms salon salons garage garages location
    locations destination destinations attraction attractions event events evenement evenements activity activities
    supplier suppliers fournisseur fournisseurs vendor vendors brand company companies organization organizations
    university universities stop stops lieu lieux warehouse depot charger chargers parking bar bars cafe cafes bank
    laboratory labo laboratoire relais mairie mairies dojo cabinet etude practice surgery eglise resto restos spa
    creche nursery kindergarten club clubs stade stadium piscine library bibliotheque gallery galerie org orgs
    seller_store concessionnaire dealer dealers campsite campings gite gites marina port
    """
)
PERFORMERS = word_set("actors acteurs actrices performers")
"""Of films in an answer; in a request whoever acts, in a file or a play at school as well."""
THING = PERFORMERS | word_set(
    """
    room rooms chambre chambres product products produit produits item items article articles file files fichier
    fichiers document documents folder folders tool tools repo repository repositories project projects
    projet branch commit song songs track tracks album albums movie movies film films book books livre livres car
    cars vehicle vehicles vehicule voiture plan plans package packages category categories tag tags model models
    flight flights train trains titres
    morceaux chansons game games recipe recipes recette recettes course courses cours lesson template
    templates widget app apps application server client_info clientinfo serverinfo dataset table column report
    cast casting
    campaign theme variant sku cart panier invoice facture ticket order orders commande commandes team teams equipe
    channel channels group groups playlist artist artists artiste author authors auteur drug menu dish dishes plat
    plats service services offer offers offre offres job jobs opening openings role roles skill skills
    policy promo tour tours pet pets animal animaux animals dog dogs cat cats chien chiens cheval chevaux horse horses
    puppy kitten chiot chaton breed race wine wines vin vins beer ship ships vessel vessels boat boats navire bateau
    bateaux fund funds ticker stock device devices appareil appareils resource
    resources resourcelink bag license build release version page pages post posts
    """
)
PROFESSIONAL = word_set(
    """
    doctor doctors medecin medecins docteur practitioner practitioners praticien praticiens driver drivers chauffeur
    agent agents realtor teacher teachers professeur enseignant instructor coach host hote nurse lawyer avocat
    avocats therapist therapeute provider providers expert experts dentist dentiste specialist specialists chef
    judge judges juge juges magistrat magistrats arbitre referees umpire vet veto veterinaire gp
    guide guides stylist courier livreur speaker speakers
    """
)
DRIVER = word_set("driver drivers chauffeur host hosts hote")
"""Roles that are a professional's in an answer, and a customer's or colleague's where the request names them."""
ADULT = word_set(
    """
    parent parents mother father mere pere mum mom dad maman papa guardian guardians tuteur tutrice tuteurs
    responsable
    payer payeur contact emergency urgence teacher nanny nounou carer requester booker claimant owner titulaire
    account
    famille family_contact sender recipient school ecole
    """
)
"""Words of keys that name a grown-up in a child's record."""
_WEAK_THING = word_set(
    """
    service services policy position role license ticket order orders commande plan team item document dossier
    report tour job branch port page delivery
    """
)

PERSON_SIBLINGS = frozenset(
    {
        "user.contact.email",
        "user.name.first",
        "user.name.last",
        "user.demographic.date_of_birth",
        "user.demographic.gender",
        "user.demographic.nationality",
        "user.demographic.marital_status",
        "user.government_id.national_identification_number",
        "user.government_id.passport_number",
        "user.financial.credit_card",
        "user.demographic.sexual_orientation",
        "user.demographic.religious_belief",
    }
)
"""Hints that only a person's record has."""

THING_SIBLINGS = word_set(
    """
    price prix rating ratings note_moyenne stars etoiles currency devise sku upc ean gtin reviews opening hours
    horaires stock availability cuisine capacity menu brand marque amenities checkin checkout nightly photos
    thumbnail specialty speciality specialite isbn duration distance
    """
)
"""Words of keys that the record of a business or a product has."""

_REVIEWED = word_set("avis nb nombre note notes clients total moyenne moyen")
BEASTS = word_set(
    """
    species espece breed microchip puce chien chienne chat chatte dog cat horse cheval animal pet robe pelage sterilise
    sterilisee neutered spayed castre
    """
)
"""Words of keys that an animal's record has."""
THREADS = word_set(
    "apercu extrait message messages objet sujet dernier derniere annonce texte txt lu lus vu reponses preview titre"
)
"""Words of keys that the threads of a mailbox have, which French calls as it calls sons (`fils`)."""

PLUMBING = word_set(
    """
    params arguments result structured structuredcontent content contents data payload input output items results
    records rows list values value body meta response json details info fields entries resource text
    """
)
"""Keys that say nothing of what they hold."""


@lru_cache(maxsize=8192)
def of_value(key: str) -> Subject:
    """What one key says of its value. The last telling word wins."""
    return _of_key(key, last=True)


@lru_cache(maxsize=8192)
def of_holder(key: str) -> Subject:
    """What one key says of the object or list under it. The last telling word wins."""
    return _of_key(key, last=False)


def _of_key(key: str, *, last: bool) -> Subject:
    found = Subject.UNKNOWN
    words = key_words(key)
    if "jeune" in words and "fille" in words:
        # A maiden name is a grown woman's.
        return Subject.PERSON
    for at, word in enumerate(words):
        if word in CHILD:
            found = Subject.CHILD
        elif word in PROFESSIONAL:
            found = Subject.PROFESSIONAL
        elif word in PERSON:
            found = Subject.PERSON
        elif word in PLACE:
            if not (found is Subject.PERSON and last):
                found = Subject.PLACE
        elif word in THING and not (word in _WEAK_THING and (found is Subject.PERSON or at < len(words) - 1)):
            found = Subject.THING
    return found


@lru_cache(maxsize=8192)
def of_path(path: tuple[str, ...]) -> tuple[bool, tuple[tuple[str, Subject], ...]]:
    """Whether a path leads to what names a program; and its telling keys, nearest first, with what each one says."""
    told = tuple((key, said) for key in reversed(path) if (said := of_holder(key)) != Subject.UNKNOWN)
    return any(key.endswith(_SOFTWARE) for key in path), told


_SOFTWARE = ("clientInfo", "serverInfo")
"""The protocol's own objects that name a program, whose `name` is nobody's."""


@lru_cache(maxsize=8192)
def tells_thing(words: tuple[str, ...]) -> bool:
    """Whether the words of a key are what the record of a business or a product has."""
    return not THING_SIBLINGS.isdisjoint(words) or ("avis" in words and _REVIEWED.issuperset(words))


@lru_cache(maxsize=8192)
def is_adults(words: tuple[str, ...]) -> bool:
    """Whether the words of a key name a grown-up in a child's record; a family name does not."""
    return not ADULT.isdisjoint(words) and words not in {("nom", "famille"), ("nom", "de", "famille")}


@lru_cache(maxsize=8192)
def is_beasts(key: str) -> bool:
    """Whether a key holds an animal or a list of them."""
    return not _ANIMALS.isdisjoint(key_words(key))


_ANIMALS = word_set(
    "animal animaux animals pet pets dog dogs cat cats chien chiens chat chats cheval chevaux horse horses"
)
