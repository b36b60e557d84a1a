# ruff: noqa: E501 - word lists
"""Given and family names of many locales, from faker and mimesis (MIT) and a few lists of this project's own.

A name is a word list per locale so that full names come out coherent ("Anouk Le Goff", not "Anouk Nakamura", most of
the time). Names are split by a hash into those that the generator trains on and those held out for measuring.
"""

import hashlib
import importlib
import json
import pkgutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import faker.providers.person
import mimesis

OWN = {
    "breton": (
        "Gwenaël Gwenaëlle Maëlys Maïwenn Erwan Ronan Loïc Loeiz Nolwenn Rozenn Soazig Yann Yannick Yaël Tugdual Corentin "
        "Goulven Hervé Enora Azenor Katell Bleuenn Tanguy Malo Brieuc Ewen Riwal Gaël Armel Aziliz Bleuzen Morgane Ronane",
        "Le Goff|Le Bihan|Le Gall|Kerguelen|Quéméneur|Guivarc'h|Cadiou|Le Roux|Kermarrec|Abgrall|L'Helgoualc'h|Tanguy|"
        "Morvan|Le Floc'h|Riou|Kervella|Le Dantec|Prigent|Salaün|Jaouen|Le Corre|Bozec|Kerbrat|Quéré|Lannuzel|Le Guen",
    ),
    "maghreb": (
        "Yassine Mehdi Karim Samir Nadia Fatiha Khadija Rachid Abdelkader Malika Leïla Soraya Amine Ilyes Hakim Farid "
        "Naïma Zohra Djamila Mourad Nassim Lyès Kamel Tarik Houria Samia Inès Aïcha Bilal Ayoub Sofiane Hicham Wafa",
        "Benali|Bouazza|Hamidi|Cherif|Belkacem|Ait Ahmed|El Amrani|Benchekroun|Boudiaf|Mansouri|Haddad|Slimani|Zerhouni|"
        "Bensaïd|Ould Kaci|Tahiri|El Fassi|Ben Youssef|Amrouche|Meziane|Khelifi|Brahimi|Guerrouj|Lahlou|Rahmouni",
    ),
    "west-africa": (
        "Aminata Mamadou Ousmane Fatoumata Ibrahima Moussa Awa Koffi Kouamé Adjoua Kwame Ama Chidi Ngozi Chinedu "
        "Oluwaseun Yewande Adebayo Temitope Funmilayo Sékou Djibril Binta Oumar Cheikh Aïssatou Modou Rokhaya Akissi",
        "Diallo|Traoré|Coulibaly|Keïta|N'Diaye|Ndiaye|Diop|Sow|Ba|Camara|Touré|Kouassi|Yao|Konaté|Ouattara|N'Guessan|"
        "Okafor|Adeyemi|Okonkwo|Balogun|Eze|Mensah|Owusu|Asante|Boateng|Sangaré|Cissé|Fofana|Gueye|Mbaye|Sarr|Sène",
    ),
    "central-africa": (
        "Célestin Espérance Innocent Prudence Dieudonné Divine Merveille Junior Blaise Honorine Jolie Patience Grâce",
        "Mbemba|Ilunga|Kabongo|Tshisekedi|Mukendi|Lumumba|Ngoma|Makiese|Eto'o|Mbappé|Nkunku|Essono|Biyong|Nzinga|Mobutu",
    ),
    "asia": (
        "Minh Linh Thảo Huong Wei Xiaoling Jia Hao Mei Ling Yuki Haruto Sakura Ji-woo Min-jun Seo-yeon Priya Arjun "
        "Lakshmi Rohan Ananya Deepika Sanjay Siti Budi Dewi Nurul Thi Khanh Duc Trang Bao Quynh Hiroshi Kenji Aiko",
        "Nguyen|Tran|Pham|Vo|Dang|Chen|Wang|Zhang|Liu|Huang|Kim|Park|Lee|Choi|Tanaka|Suzuki|Nakamura|Patel|Singh|Sharma|"
        "Iyer|Reddy|Chatterjee|Kaur|Gupta|Wijaya|Santoso|Rahman|Begum|Nguyễn|Trần|Lê|Sok|Chea|Bui|Hoang|Kapoor|Bose",
    ),
    "slavic": (
        "Oksana Dmytro Olha Andriy Ivan Kateryna Piotr Małgorzata Zbigniew Agnieszka Wojciech Jiří Milena Dragan Goran "
        "Snežana Zoran Jovana Bogdan Ljubica Svetlana Nikolai Anastasia Sergei Yulia Vadim Kseniya Mirela Radu Ioana",
        "Kowalczyk|Wiśniewski|Wójcik|Shevchenko|Bondarenko|Kovalenko|Petrov|Ivanova|Smirnov|Volkova|Novák|Dvořák|Horvat|"
        "Jovanović|Petrović|Nikolić|Popescu|Ionescu|Dumitru|Stoica|Kuznetsov|Morozova|Zelenko|Lewandowski|Babić",
    ),
    "hispanic": (
        "María José Juan Carlos Guadalupe Ximena Joaquín Íñigo Begoña Itziar Nuria Montserrat Álvaro Rocío Paco Pepe "
        "Beatriz Thiago João Inês Conceição Tiago Rafaela Luiz Marisol Esperanza Consuelo Ignacio Lupita Chucho Nieves",
        "García Márquez|Fernández|de la Cruz|Muñoz|Ibáñez|Etxeberria|Aguirre|Castellanos|dos Santos|da Silva|Gonçalves|"
        "Figueiredo|Quispe|Huamán|Zapata|del Valle|Peñaloza|Ordóñez|Vélez|Restrepo|Carvalho|Pereira|de Souza|Nóbrega",
    ),
    "jewish": (
        "Shlomo Rivka Avi Moshe Yael Noam Shira Eitan Chaya Dovid Esther Menachem Tamar Ilan Ariel Tzipora",
        "Cohen|Lévy|Goldberg|Azoulay|Benhamou|Katz|Rosenthal|Mizrahi|Peretz|Abitbol|Zylberstein|Friedman|Shapiro|Toledano",
    ),
    "turkish-persian": (
        "Mehmet Ayşe Fatma Emre Zeynep Elif Burak Hüseyin Özlem Çağlar Reza Shirin Farhad Maryam Behrouz Nasrin Kaveh "
        "Parisa Dariush Laleh Rojda Azad Baran Dilan Zilan",
        "Yılmaz|Demir|Şahin|Çelik|Öztürk|Aydın|Karimi|Hosseini|Ahmadi|Tehrani|Rostami|Moradi|Kılıç|Arslan|Güneş|Tabrizi",
    ),
    "modern-fr": (
        "Léo Jade Raphaël Louise Gabriel Ambre Arthur Alma Maël Rose Noah Anna Jules Alba Adam Romy Lucas Mia Louis Lou "
        "Éden Iris Sacha Agathe Nino Lina Tom Léna Timéo Zoé Ethan Nina Naël Juliette Aaron Julia Côme Margaux Hugo Eva "
        "Nathan Capucine Mathis Apolline Théo Charlie Enzo Lola Kylian Manon Titouan Clémence Lilou Clara Axel Camille "
        "Jean-Pierre Marie-Claude Anne-Sophie Jean-Baptiste Marie-Thérèse Pierre-Yves Jean-Luc Marie-Hélène Jean-Marc "
        "Gérard Monique Ginette Raymond Huguette Yvette Josiane Bernadette Lucette Marcel Odette Fernand Simone Régis",
        "Martin|Bernard|Dubois|Petit|Moreau|Lefèvre|Leroy|Girard|Bonnet|Dupuis|Fontaine|Chevalier|Mercier|Boyer|Blanc|"
        "Garnier|Faure|Rousseau|Lemaire|Berger|Boulanger|Poirier|Charpentier|Legrand|Lesage|Marchand|Lacroix|Delacroix|"
        "de Villiers|d'Ormesson|de La Tour|Saint-Martin|Dupont-Aignan|Lefebvre-Roux|Le Pape|Roy|Roi|Langlois|Picard",
    ),
    "modern-en": (
        "Liam Noah Oliver Mason Ethan Logan Aiden Jackson Harper Mila Layla Chloe Zoe Riley Avery Hazel Violet Aurora "
        "Stella Willow Jaxon Kai Axel Ezra Finn Nova Wren Sage River Rowan Blake Quinn Skyler Jayden Kayleigh Brayden "
        "Shaniqua DeShawn LaToya Tyrone Jamal Siobhán Niamh Saoirse Aoife Cian Oisín Eoin Alasdair Hamish Rhys Cerys "
        "Bob Mike Liz Beth Kate Nick Tom Jim Joe Sam Ben Dan Dave Steve Chris Matt Andy Tony Jen Meg Becky Katie Lizzie",
        "Smith|Johnson|O'Brien|O'Neill|McDonald|MacLeod|Fitzgerald|Washington|Jefferson|Baker|Cook|Carter|Hunter|Fisher|"
        "Mason|Taylor|Young|King|Bishop|Knight|Page|Rose|May|Price|West|North|Field|Brooks|Rivers|Stone|Wood|Hill|Banks|"
        "Van Dyke|Vanderbilt|Featherstonehaugh|Cholmondeley|St. John|Smith-Jones|Lloyd-Webber|Abernathy|Kowalski|Nowak",
    ),
}
_LATIN = ("LATIN", "HYPHEN", "APOSTROPHE", "RIGHT SINGLE", "SPACE", "FULL STOP", "COMBINING")


@dataclass
class Locale:
    """The names of one locale."""

    given: set[str] = field(default_factory=set)
    family: set[str] = field(default_factory=set)


def _strings(provider: type, *attributes: str) -> Iterator[str]:
    for attribute in attributes:
        values = vars(provider).get(attribute)
        if isinstance(values, property) or values is None:
            continue
        yield from (value for value in values if isinstance(value, str))


def _flat(values: object) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        for value in values.values():
            yield from _flat(value)
    elif isinstance(values, list):
        for value in values:
            yield from _flat(value)


def locales() -> dict[str, Locale]:
    """Names by locale, in a fixed order."""
    found: dict[str, Locale] = {}
    for info in sorted(pkgutil.iter_modules(faker.providers.person.__path__), key=lambda info: info.name):
        if not info.ispkg:
            continue
        provider = importlib.import_module(f"faker.providers.person.{info.name}").Provider
        kinds = ("", "_male", "_female", "_nonbinary", "_est", "_rus")
        locale = found.setdefault(f"faker-{info.name}", Locale())
        locale.given.update(_strings(provider, *(f"first_names{kind}" for kind in kinds)))
        locale.given.update(_strings(provider, *(f"first_romanized_names{kind}" for kind in kinds)))
        locale.family.update(_strings(provider, *(f"last_names{kind}" for kind in kinds)))
        locale.family.update(_strings(provider, "last_romanized_names"))
    for folder in sorted((Path(mimesis.__file__).parent / "datasets").iterdir()):
        path = folder / "person.json"
        if path.exists():
            data = json.loads(path.read_text(encoding="utf-8"))
            locale = found.setdefault(f"mimesis-{folder.name}", Locale())
            locale.given.update(_flat(data.get("names")))
            locale.family.update(_flat(data.get("surnames")))
    for name, (given, family) in OWN.items():
        found[f"own-{name}"] = Locale(set(given.split()), set(family.split("|")))
    return {
        name: Locale(
            {one for one in map(_clean, locale.given) if one}, {one for one in map(_clean, locale.family) if one}
        )
        for name, locale in found.items()
    }


def _clean(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip(" .,")
    return name if 2 <= len(name) <= 30 and not any(char.isdigit() for char in name) else ""


def is_latin(name: str) -> bool:
    """Whether all of it is in the Latin script."""
    return all(unicodedata.name(char, "").startswith(_LATIN) for char in name)


def held_out(name: str) -> bool:
    """Whether the generator keeps this name for measuring."""
    return hashlib.sha256(name.casefold().encode()).digest()[0] % 10 == 0


def places() -> tuple[list[str], list[str]]:
    """Towns (with states and provinces) and countries of mimesis, in Latin script."""
    towns: set[str] = set()
    countries: set[str] = set()
    for folder in sorted((Path(mimesis.__file__).parent / "datasets").iterdir()):
        path = folder / "address.json"
        if path.exists():
            data = json.loads(path.read_text(encoding="utf-8"))
            for part in ("city", "state"):
                towns.update(
                    one
                    for one in _flat(data.get(part, []))
                    if is_latin(one) and 2 < len(one) < 30 and not one.replace("-", "").isupper()
                )
            country = data.get("country", {})
            current = country.get("current_locale") if isinstance(country, dict) else None
            if isinstance(current, str) and is_latin(current):
                countries.add(current)
            if isinstance(country, dict):
                countries.update(one for one in _flat(country.get("name", [])) if is_latin(one))
    return sorted(towns), sorted(countries)
