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
    acquereur hotes
    """
)
CHILD = word_set(
    """
    child children kid kids enfant enfants minor mineur mineurs pupil pupils eleve eleves baby bebe infant toddler
    daughter son fille fils teen camper
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
    laboratory labo laboratoire seller_store concessionnaire dealer dealers campsite campings gite gites marina port
    """
)
THING = word_set(
    """
    room rooms chambre chambres product products produit produits item items article articles file files fichier
    fichiers document documents folder folders tool tools repo repository repositories project projects
    projet branch commit song songs track tracks album albums movie movies film films book books livre livres car
    cars vehicle vehicles vehicule voiture plan plans package packages category categories tag tags model models
    flight flights train trains game games recipe recipes recette recettes course courses cours lesson template
    templates widget app apps application server client_info clientinfo serverinfo dataset table column report
    campaign theme variant sku cart panier invoice facture ticket order orders commande commandes team teams equipe
    channel channels group groups playlist artist artists artiste author authors auteur drug menu dish dishes plat
    plats service services offer offers offre offres job jobs position opening openings role roles skill skills
    policy promo tour tours resource resources resourcelink bag license build release version page pages post posts
    """
)
PROFESSIONAL = word_set(
    """
    doctor doctors medecin medecins docteur practitioner practitioners praticien praticiens driver drivers chauffeur
    agent agents realtor teacher teachers professeur enseignant instructor coach host hote nurse lawyer avocat
    avocats therapist therapeute provider providers expert experts dentist dentiste specialist specialists chef
    guide guides stylist courier livreur speaker speakers
    """
)
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
    price prix rating ratings note_moyenne stars etoiles currency devise sku upc ean gtin reviews avis opening hours
    horaires stock availability cuisine capacity menu brand marque amenities checkin checkout nightly photos
    thumbnail specialty speciality specialite isbn duration distance
    """
)
"""Words of keys that the record of a business or a product has."""

PLUMBING = word_set(
    """
    params arguments result structured structuredcontent content contents data payload input output items results
    records rows list values value body meta response json details info fields entries resource text
    """
)
"""Keys that say nothing of what they hold."""


@lru_cache(maxsize=8192)
def of_key(key: str, last: bool) -> Subject:
    """What one key says of the object it belongs to (`last`: of its value). The last telling word wins."""
    found = Subject.UNKNOWN
    words = key_words(key)
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
