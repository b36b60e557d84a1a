"""Country codes: ISO 3166-1 alpha-2, and which of them lie in the European Economic Area. Pure module: no I/O."""

from typing import Final

from douane.audit import yamltext

_ALL = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
_UNION_AND_FRIENDS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"

CODES: Final = frozenset(_ALL.split())
"""Every code that ISO 3166-1 assigns (read in November 2026)."""

EEA: Final = frozenset(_UNION_AND_FRIENDS.split())
"""The Member States of the Union and Iceland, Liechtenstein and Norway."""

# French territories in which the Regulation applies (Art. 355(1) TFEU), Åland: parts of Member States with own codes.
_PARTS: Final = frozenset({"GP", "GF", "MQ", "YT", "RE", "MF", "AX"})

_OTHER_NAMES: Final = {
    "UK": "GB", "EL": "GR", "USA": "US", "GBR": "GB", "FRA": "FR", "DEU": "DE", "GER": "DE", "ESP": "ES", "ITA": "IT",
    "IRL": "IE", "NLD": "NL", "BEL": "BE", "CHE": "CH", "PRT": "PT", "FRANCE": "FR", "GERMANY": "DE", "IRELAND": "IE",
    "UNITED STATES": "US", "UNITED KINGDOM": "GB", "SWITZERLAND": "CH", "ALLEMAGNE": "DE", "ESPAGNE": "ES",
}  # fmt: skip


def is_country(code: str) -> bool:
    """Whether ISO 3166-1 assigns this alpha-2 code."""
    return code in CODES


def in_eea(code: str) -> bool:
    """Whether data sent there stay in the European Economic Area."""
    return code in EEA or code in _PARTS


def nearest(code: str) -> str | None:
    """The code that was most likely meant: other codes and names of a country, small letters; None for all else."""
    wanted = code.strip().upper()
    if wanted in CODES:
        return wanted
    return _OTHER_NAMES.get(wanted) or (
        _OTHER_NAMES[close] if (close := yamltext.nearest(wanted, _OTHER_NAMES)) else None
    )
