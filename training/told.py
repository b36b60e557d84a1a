# ruff: noqa: E501 - word lists
"""Dates, civilities and nationalities in a text by their look: labels that no corpus has, the same in all of them."""

import re

_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)|apr(?:il|\.)|may|june?|july?|aug(?:ust|\.)?|sept?(?:ember|\.)?|oct(?:ober|\.)?|"
    r"nov(?:ember|\.)?|dec(?:ember|\.)?|janvier|janv\.|février|févr\.|mars|avril|mai|juin|juillet|août|septembre|octobre|"
    r"novembre|décembre|déc\.)"
)
_YEAR = r"(?:1[5-9]|20)\d\d"
_DATE = re.compile(
    rf"(?i)\b(?:{_YEAR}-\d\d-\d\d(?:T[\d:.]+Z?)?|\d{{1,2}}[./]\d{{1,2}}[./](?:{_YEAR}|\d\d)|\d{{1,2}}-\d{{1,2}}-{_YEAR}"
    rf"|(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? {_YEAR})?"
    rf"|(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?\d{{1,2}}(?:st|nd|rd|th|er)?(?: of)? {_MONTH}(?:,? {_YEAR})?"
    rf"|{_MONTH},? {_YEAR}"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    rf"|(?:the )?\d{{1,2}}(?:st|nd|rd|th) of {_MONTH}(?:,? {_YEAR})?|(?:january|february|august|september|october|november|"
    r"december|janvier|février|avril|juillet|août|septembre|octobre|novembre|décembre)"
    r"|(?:early |late )?(?:this|last|next) (?:morning|afternoon|evening|night|week|month|year|spring|summer|autumn|winter)"
    r"|noon|midnight|half past \w{3,6}|midi|minuit"
    r"|tomorrow|yesterday|today|tonight|next week|last week|this weekend|demain|hier|ce soir"
    r"|\d{1,2}(?::\d\d){1,2}(?: ?[ap]\.?m\b\.?)?|\d{1,2} ?[ap]\.?m\b\.?|\d{1,2} ?h ?\d\d)(?![\w-])"
)
_BARE_YEAR = re.compile(rf"\b{_YEAR}s?\b")
_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Lady|Lord|Mme|Mlle|MM|Mmes|Monsieur|Madame|Mademoiselle|Docteur|"
    r"Docteure|Ma[iî]tre|Me|M|Pr)\b\.?(?= [A-ZÀ-Þ])"
)
_LONE_TITLE = re.compile(
    r"\b(?:Mr\b\.?|Mrs\b\.?|Ms\b\.?|Miss\b|Dr\.|Sir\b|Madam\b|Mx\b\.?|Prof\.|Monsieur\b|Madame\b|Mme\b|Mlle\b)"
)
_LETTERS_BEHIND = re.compile(r"(,? )(?:Jr|Sr|PhD|Ph\.D|MD|M\.D|DDS|DVM|Esq|MBA|RN|CPA|II|III|IV)\b\.?")
_YEAR_BEFORE = re.compile(r"(?i)\b(?:in|since|from|until|till|to|of|by|year|en|depuis|vers|an) $")
_PEOPLES = frozenset(
    """
    Afghan Albanian Algerian American Angolan Argentinian Argentine Armenian Australian Austrian Azerbaijani Bangladeshi Basque
    Belarusian Belgian Bolivian Bosnian Brazilian Breton British Bulgarian Burmese Cambodian Cameroonian Canadian Catalan Chilean Chinese
    Colombian Congolese Croatian Cuban Cypriot Czech Danish Dane Dominican Dutch Ecuadorian Egyptian English Eritrean Estonian
    Ethiopian Filipino Filipina Finnish Finn French Georgian German Ghanaian Greek Guatemalan Guinean Haitian Hungarian Icelandic
    Indian Indonesian Iranian Iraqi Irish Israeli Italian Ivorian Jamaican Japanese Jordanian Kazakh Kenyan Korean Kurdish Kuwaiti Laotian
    Latvian Lebanese Liberian Libyan Lithuanian Malagasy Malaysian Malian Maltese Mexican Moldovan Mongolian Moroccan
    Mozambican Namibian Nepalese Nepali Nicaraguan Nigerian Norwegian Omani Pakistani Palestinian Panamanian Paraguayan Persian
    Peruvian Polish Pole Portuguese Qatari Romanian Russian Rwandan Salvadoran Saudi Scottish Scot Senegalese Serbian Singaporean
    Slovak Slovene Slovenian Somali Spanish Spaniard Sudanese Swede Swedish Swiss Syrian Taiwanese Tanzanian Thai Tibetan Tunisian
    Turkish Turk Ugandan Ukrainian Uruguayan Uzbek Venezuelan Vietnamese Welsh Yemeni Zambian Zimbabwean African European Asian
    Arab Arabic Hispanic Latino Latina Caribbean Scandinavian Slavic Americans Canadians Germans Russians Italians Australians
    Mexicans Indians Africans Europeans Asians Poles Danes Swedes Scots Turks Kurds Arabs
    Catholic Protestant Christian Muslim Jewish Buddhist Hindu Sikh Anglican Orthodox Lutheran Methodist Baptist Mormon Quaker
    Catholics Protestants Christians Muslims Jews Buddhists Hindus Sikhs Atheist
    Democrat Republican Conservative Socialist Communist Democrats Republicans Conservatives Socialists Communists Liberal Liberals
    """.split()  # noqa: SIM905
)
_WORD = re.compile(r"[A-Z][a-z]{2,12}")
PEOPLES = tuple(sorted(_PEOPLES))

Spans = list[tuple[int, int, str]]


def told(text: str, spans: Spans) -> tuple[Spans, list[tuple[int, int]]]:
    """What a text says by its look beside its labels, and what may be such a thing and is left out of the loss."""
    found: Spans = []
    unknown: list[tuple[int, int]] = []

    def free(start: int, end: int) -> bool:
        return all(end <= at or to <= start for at, to, *_ in (*spans, *found))

    for one in _DATE.finditer(text):
        if free(*one.span()):
            found.append((*one.span(), "DATE_TIME"))
    for one in _BARE_YEAR.finditer(text):
        if not free(*one.span()):
            continue
        if _YEAR_BEFORE.search(text, max(0, one.start() - 12), one.start()):
            found.append((*one.span(), "DATE_TIME"))
        else:
            unknown.append(one.span())
    for one in _TITLE.finditer(text):
        if free(*one.span()) and any(one.end() + 1 == at and kind == "PERSON" for at, _, kind in spans):
            found.append((*one.span(), "TITLE"))
    for one in _LONE_TITLE.finditer(text):
        if free(*one.span()):
            found.append((*one.span(), "TITLE"))
    for one in _LETTERS_BEHIND.finditer(text):
        if free(*one.span()) and any(to == one.start() and kind == "PERSON" for _, to, kind in spans):
            found.append((one.start() + len(one[1]), one.end(), "TITLE"))
    for one in _WORD.finditer(text):
        if one.group() in _PEOPLES and free(*one.span()):
            found.append((*one.span(), "NRP"))
    return found, unknown
