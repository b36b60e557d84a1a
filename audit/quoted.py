"""The words of the texts that rules stand for, in the language of who reads them. Pure module: no I/O.

The GDPR is as official in French as in English: a French report quotes the French text. OpenAI's rules and the
specification of MCP exist in English only, and are quoted so.
"""

from typing import Final

_FRENCH: Final = {
    "shall be carried out only under the control of official authority or when the processing is authorised by Union "
    "or Member State law": "ne peut être effectué que sous le contrôle de l’autorité publique, ou si le traitement est "
    "autorisé par le droit de l’Union ou par le droit d’un État membre",
    "when combined with unique identifiers and other information received by the servers, may be used to create "
    "profiles of the natural persons and identify them": "lorsqu’elles sont combinées aux identifiants uniques et à "
    "d’autres informations reçues par les serveurs, peuvent servir à créer des profils de personnes physiques et à "
    "identifier ces personnes",
    "Processing shall be lawful only if and to the extent that at least one of the following applies": "Le traitement "
    "n’est licite que si, et dans la mesure où, au moins une des conditions suivantes est remplie",
    "Children merit specific protection with regard to their personal data": "Les enfants méritent une protection "
    "spécifique en ce qui concerne leurs données à caractère personnel",
    "collected for specified, explicit and legitimate purposes": "collectées pour des finalités déterminées, "
    "explicites et légitimes",
    "the recipients or categories of recipients of the personal data, if any": "les destinataires ou les catégories de "
    "destinataires des données à caractère personnel, s’ils existent",
    "in a concise, transparent, intelligible and easily accessible form, using clear and plain language": "d’une façon "
    "concise, transparente, compréhensible et aisément accessible, en des termes clairs et simples",
    "the period for which the personal data will be stored, or if that is not possible, the criteria used to determine "
    "that period": "la durée de conservation des données à caractère personnel ou, lorsque ce n’est pas possible, les "
    "critères utilisés pour déterminer cette durée",
    "Paragraph 1 shall not apply if one of the following applies": "Le paragraphe 1 ne s’applique pas si l’une des "
    "conditions suivantes est remplie",
    "Any transfer of personal data ... to a third country ... shall take place only if ... the conditions laid down in "
    "this Chapter are complied with": "Un transfert, vers un pays tiers ..., de données à caractère personnel ... ne "
    "peut avoir lieu que si ... les conditions définies dans le présent chapitre sont respectées",
    "where applicable, the fact that the controller intends to transfer personal data to a third country": "le cas "
    "échéant, le fait que le responsable du traitement a l’intention d’effectuer un transfert de données à caractère "
    "personnel vers un pays tiers",
    "adequate, relevant and limited to what is necessary in relation to the purposes for which they are "
    "processed": "adéquates, pertinentes et limitées à ce qui est nécessaire au regard des finalités pour lesquelles "
    "elles sont traitées",
}
"""Regulation (EU) 2016/679 as the Official Journal has it in French, by the English words of the same passage."""


def quoted(wording: str, lang: str) -> str:
    """The words of a rule's text in `lang` (a language tag), in English where the text has no other version."""
    return _FRENCH.get(wording, wording) if lang.lower().startswith("fr") else wording
