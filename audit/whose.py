"""Whether what is said of a field is said of an animal, a thing or the weather, or of a child. Pure module: no I/O.

A veterinarian's app asks for symptoms, an age and a weight that are no person's: only what its owner gives is. The
conditions beside a humidity are nobody's, and the age for which a toy is made is not the age of anybody. What stands in
the record of a child is that child's, whatever the field itself is called.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from douane.audit import announce, taxonomy

_ANIMAL: Final = """
animal pet dog cat horse puppy kitten rabbit bird hamster cattle livestock species breed microchip vet veterinary
veterinarian neutered spayed castrated
animaux animalerie chien chienne chatte cheval chevaux chiot chaton lapin oiseau bovin betail troupeau espece
veto veterinaire puce sterilise sterilisee castre pelage
"""
_PERSON: Final = """
owner keeper handler person people human user client customer guest contact caller employee rider guardian
proprietaire detenteur personne gens humain humaine utilisateur maitre maitresse salarie gardien cavalier demandeur
"""
_WEATHER: Final = "weather meteo humidity humidite wind forecast precipitation rainfall snowfall"
_CONDITION: Final = "user.health_and_medical.condition"
_BOUND: Final = """
min max mini maxi minimum maximum minimal maximal least most limit rating recommended suggested suitable advised
appropriate required legal conseille conseillee recommande recommandee requis requise indicatif partir legal
"""
_THING: Final = "toy film movie wine whisky building vehicle car tree jouet vin batiment vehicule voiture arbre"
_AGE: Final = "user.demographic.age_range"
_CHILDREN: Final = "user.childrens"
_GROWN: Final = """
parent guardian mother father mum mom dad teacher nanny carer contact account
tuteur tutrice mere pere responsable enseignant nourrice assistante
"""
_BODY: Final = ("user.health_and_medical", "user.biometric", "user.demographic")
_NAME: Final = "user.name"
"""Categories whose words fit an animal as well as a person; a name only where its own words say so."""


def nobodys(category: str, own: Iterable[str], around: Iterable[str]) -> bool:
    """Whether what a word announces of a field is an animal's or the weather's, and so no person's.

    `own` are the field's path and the words on it, `around` those of its siblings and of its tool. A word for a person
    in its own says that it is a person's, whatever is around.
    """
    named = taxonomy.is_within(category, _NAME)
    if not named and not any(taxonomy.is_within(category, one) for one in _BODY):
        return False
    animal, weather, person = _known()
    mine = _words(own)
    if not mine.isdisjoint(person):
        return False
    if category == _AGE and not mine.isdisjoint(_bounds()):
        return True
    others = _words(around)
    if category == _CONDITION and not others.isdisjoint(weather):
        return True
    return not mine.isdisjoint(animal) or (not named and not others.isdisjoint(animal))


@lru_cache(maxsize=4096)
def childs(key: str) -> bool:
    """Whether a key names a child, so that what stands under it is a child's: `enfants`, not `parent_of_child`."""
    split = announce.words(key)
    return _CHILDREN in announce.announced(split) and _words((key,)).isdisjoint(_grown())


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in announce.words(*texts) for word in text)


@cache
def _bounds() -> frozenset[str]:
    return _words((*_BOUND.split(), *_THING.split()))


@cache
def _grown() -> frozenset[str]:
    return _words(_GROWN.split())


@cache
def _known() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    return _words(_ANIMAL.split()), _words(_WEATHER.split()), _words(_PERSON.split())
