"""Whose a place is: somebody's home, or the premises of a business, an office or a venue.

The words before an address in a text, and the keys and values around it in a record.
"""

import re
from collections.abc import Collection

from douane.detectors.words import fold, key_words, tokens, word_set

PREMISES = word_set(
    """
    hotel hotels inn motel hostel lodge resort auberge gite riad camping campsite bnb chalet restaurant restaurants
    resto brasserie bistro bistrot cafe cafeteria coffee bar pub tavern pizzeria trattoria creperie traiteur caterer
    boulangerie bakery patisserie boucherie butcher epicerie grocery grocer supermarket supermarche hypermarche
    tabac librairie bookshop bookstore shop store stores boutique magasin showroom outlet mall kiosk kiosque
    pharmacie pharmacy chemist clinic clinique hospital hopital chu chr chru surgery practice dental dentist dentiste
    cabinet laboratoire labo laboratory imagerie radiologie ehpad maternite maternity polyclinique urgences infirmerie
    veterinaire veterinary vet vets garage motors carrosserie concession concessionnaire dealership dealer station
    gare airport aeroport terminal depot warehouse entrepot plateforme hub agence agency branch office offices bureau
    bureaux headquarters siege hq bank banque etude notaire notary solicitors solicitor chambers avocat avocats
    lawyer tribunal courthouse mairie townhall prefecture consulate consulat embassy ambassade library bibliotheque
    mediatheque museum musee gallery galerie theatre theater cinema opera stadium stade arena zenith gym gymnase
    fitness dojo club piscine spa salon coiffeur hairdresser barber school ecole college lycee university universite
    campus creche nursery preschool kindergarten church eglise cathedrale cathedral chapel mosque mosquee synagogue
    temple parish paroisse parking relais locker lockers consigne poste syndic association asso fondation foundation
    charity company entreprise societe sarl sas sasu eurl sci snc scop ltd limited llc llp inc corp plc gmbh srl bv
    repairs plumbing plomberie builders secretariat accueil reception coworking venue salle marina vineyard
    factory usine atelier workshop meeting reunion rendez concert event evenement festival expo exhibition
    conference supplier fournisseur vendor seller vendeur escrow clerc huissier agent notaires guichet dechetterie
    laverie pressing cleaners franchise comptoir caisse cpam caf urssaf centre center institute institut
    property listing showrooms filiale succursale antenne
    """
)
"""Words that name the premises of a business, an office or a venue, in English and French."""

HOME = word_set(
    """
    home house live lives living lived reside resides residing residence residential resident domicile domiciled
    domicilie domiciliee domicilies habite habitent habitons habitant habitais demeure demeurant demeurent residant
    loge logee loges logement mine moved move moving relocated deliver delivered delivery livrer livre livraison livrez
    ship shipped shipping send envoyer envoyez expedier billing facturation foyer maison chez appartement flat
    tenant locataire neighbour neighbor voisin voisine consignee destinataire recipient addressed mailing
    correspondance permanent adresse address dropoff drop mon ma my notre our perso personnelle
    emmenage emmenageons emmenagez emmenagent emmenager demenage demenageons demenager demenagement installe
    """
)
"""Words before an address that make it somebody's."""

_FIRM_KEYS = word_set(
    """
    siret siren raison raisonsociale sociale enseigne opening horaires hours ouverture rating ratings stars etoiles
    reviews website amenities cuisine cuisines menu rules chef capacity capacite booking specialties equipements
    employer employeur company societe entreprise organisation organization denomination retailer site resto relais
    dojo retrait mairie prefecture office guichet agence etablissement venue shop store boutique magasin cabinet
    clinique clinic hotel restaurant garage pharmacie pharmacy ecole school lieu rendezvous meeting seller vendeur
    fournisseur supplier vendor host hote embassy consulate branch depot warehouse hub terminal gym salle salon club
    bien biens immeuble partenaires dealer concessionnaire station gare airport
    """
)
_HOME_KEYS = word_set(
    """
    home domicile residence residential shipping ship delivery deliver livraison livre livrer billing bill facturation
    habitation foyer logement mailing correspondance permanent personal personnelle perso consignee destinataire
    recipient my mon dropoff consignataire addressee moving moved move movein moveout demenagement emmenagement
    relocating relocation
    """
)
_SELVES = word_set("moi nous lui elle eux toi soi vous mes mon ma notre nos les m mme monsieur madame mr")
_SENTENCE = re.compile(r"[.!?;](?=\s)|\n")
_TITLE_DOT = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|M|Me|Mme|St|Ste)\.$")


def said_before(text: str, start: int) -> str:
    """What the words before an address, back to the start of its sentence, make of it: "home", "premises" or "".

    The nearest telling word wins; at most 90 characters are read.
    """
    low = max(0, start - 90)
    for found in _SENTENCE.finditer(text, low, start):
        if not _TITLE_DOT.search(text, max(low, found.start() - 4), found.start() + 1):
            low = found.end()
    before = tokens(text[low:start])
    for at in range(len(before) - 1, -1, -1):
        token = before[at]
        if token.word == "chez" and text[low + token.start] == "C":
            # A restaurant's name, unless it is one's own place.
            after = before[at + 1].word if at + 1 < len(before) else ""
            return "home" if after in _SELVES else "premises"
        if token.word in PREMISES:
            return "premises"
        if token.word in HOME:
            return "home"
    return ""


def names_premises(text: str, words: Collection[str] | None = None) -> bool:
    """Whether a value, whose words may be known, is the name of a business or a venue."""
    if len(text) > 80:
        return False
    known = [token.word for token in tokens(text)] if words is None else words
    return not PREMISES.isdisjoint(known) or _SIGN.match(text.lstrip()) is not None


_SIGN = re.compile(
    r"(?:(?:Chez|Au|Aux|À la|A la) |À l['’] ?|L['’](?=[A-ZÀ-Þ]))[^\W\d_]|(?:La|Le|Les|The) (?:Table|Petite?s?|"
    r"Grande?s?|"
    r"Bon(?:ne)?s?|Vieux|Vieille|Comptoir|Maison|Jardin|Coin|Four|Fournil|P[ée]trin|Moulin|Cave|Cantine|Cuisine|Guinguette|"
    r"Relais|Caf[ée]|Kitchen|Corner|Garden|House|Old|Little|Royal|Red|Black|White|Golden|Blue|Green|Crown|Mill|Barn|"
    r"Fournée|Ferme|Fontaine|Terrasse|Marmite|Cr[êe]pe\w{0,4}|Folie|Baraque|P'tite?)s?\b"
)
"""How French and English signs begin: a business named after somebody has an article or `Chez` before the name."""


def key_says(key: str) -> str:
    """What a key makes of the address under it: "home", "premises" or ""."""
    words = set(key_words(key))
    if words & _HOME_KEYS:
        return "home"
    if words & _FIRM_KEYS or any(fold(word) in PREMISES for word in words):
        return "premises"
    return ""
