"""National and tax numbers by their form and check digits (`python-stdnum`).

A form that few other numbers have counts alone; any other needs a word or a key that names it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum.be import nn as be_nn
from stdnum.bg import egn as bg_egn
from stdnum.br import cpf as br_cpf
from stdnum.ca import sin as ca_sin
from stdnum.ch import ssn as ch_ssn
from stdnum.cl import rut as cl_rut
from stdnum.cz import rc as cz_rc
from stdnum.de import idnr as de_idnr
from stdnum.dk import cpr as dk_cpr
from stdnum.ee import ik as ee_ik
from stdnum.es import dni as es_dni
from stdnum.es import nie as es_nie
from stdnum.fi import hetu as fi_hetu
from stdnum.fr import nif as fr_nif
from stdnum.fr import nir as fr_nir
from stdnum.gb import nhs as gb_nhs
from stdnum.gb import utr as gb_utr
from stdnum.gr import amka as gr_amka
from stdnum.hr import oib as hr_oib
from stdnum.ie import pps as ie_pps
from stdnum.in_ import aadhaar as in_aadhaar
from stdnum.it import codicefiscale as it_cf
from stdnum.lt import asmens as lt_asmens
from stdnum.mx import curp as mx_curp
from stdnum.nl import bsn as nl_bsn
from stdnum.no import fodselsnummer as no_fnr
from stdnum.pl import pesel as pl_pesel
from stdnum.pt import cc as pt_cc
from stdnum.pt import nif as pt_nif
from stdnum.ro import cnp as ro_cnp
from stdnum.se import personnummer as se_pnr
from stdnum.tr import tckimlik as tr_tck
from stdnum.us import itin as us_itin
from stdnum.us import ssn as us_ssn

from douane.detectors.document_shapes import is_dvla
from douane.detectors.words import word_set

NATIONAL = "user.government_id.national_identification_number"
NIR = NATIONAL + ".nir"
TAX = "user.government_id.tax_id"
LICENCE = "user.government_id.drivers_license_number"
HEALTH = "user.health_and_medical.insurance_beneficiary_id"


@dataclass(frozen=True, slots=True)
class Shape:
    """An identifier as it is written. One of `words`, where there are any, must stand in the value or its key."""

    category: str
    form: str
    valid: Callable[[str], bool]
    score: float
    words: frozenset[str] = frozenset()


def _by(module: object) -> Callable[[str], bool]:
    """A module of `stdnum` as a yes-or-no question."""
    is_valid: Callable[[str], object] = module.is_valid  # type: ignore[attr-defined]
    return lambda text: bool(is_valid(text.upper()))


def _nino(text: str) -> bool:
    compact = text.replace(" ", "").upper()
    return (
        compact[0] not in "DFIQUV"
        and compact[1] not in "DFIQUVO"
        and compact[:2] not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
    )


def _dated(text: str) -> bool:
    """Whether a Danish number begins with a date; its old check digit is no longer kept."""
    return 1 <= int(text[:2]) <= 31 and 1 <= int(text[2:4]) <= 12


ALONE = (
    Shape(NIR, r"[12378] ?\d{2} ?(?:0[1-9]|[1-9]\d) ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3} ?\d{2}", _by(fr_nir), 0.97),
    Shape(NATIONAL, r"\d{3}-\d{2}-\d{4}", _by(us_ssn), 0.85),
    Shape(TAX, r"9\d{2}-\d{2}-\d{4}", _by(us_itin), 0.85),
    Shape(NATIONAL, r"[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d]", _nino, 0.85),
    Shape(NATIONAL, r"\d{8}[- ]?[A-Za-z]", _by(es_dni), 0.85),
    Shape(NATIONAL, r"[XYZxyz][- ]?\d{7}[- ]?[A-Za-z]", _by(es_nie), 0.9),
    Shape(TAX, r"[A-Za-z]{6}\d{2}[A-EHLMPR-Ta-ehlmpr-t]\d{2}[A-Za-z]\d{3}[A-Za-z]", _by(it_cf), 0.97),
    Shape(NATIONAL, r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", _by(be_nn), 0.95),
    Shape(NATIONAL, r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}", _by(ch_ssn), 0.95),
    Shape(NATIONAL, r"(?:\d{2})?\d{6}[-+]\d{4}", _by(se_pnr), 0.85),
    Shape(NATIONAL, r"\d{6}[-+A]\d{3}[0-9A-Y]", _by(fi_hetu), 0.9),
    Shape(NATIONAL, r"\d{6}/\d{4}", _by(cz_rc), 0.85),
    Shape(NATIONAL, r"\d{8} ?\d ?[A-Z]{2}\d", _by(pt_cc), 0.9),
    Shape(NATIONAL, r"\d{3}\.\d{3}\.\d{3}-\d{2}", _by(br_cpf), 0.9),
    Shape(NATIONAL, r"\d{1,2}\.\d{3}\.\d{3}-[\dkK]", _by(cl_rut), 0.9),
    Shape(NATIONAL, r"[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d", _by(mx_curp), 0.95),
    Shape(LICENCE, r"[A-Z9]{5}\d{6}[A-Z9]{2}[A-Z0-9][A-Z0-9]{2}", is_dvla, 0.85),
)
NAMED = (
    Shape(
        NIR,
        r"[12378] ?\d{2} ?\d{2} ?(?:\d{2}|2[ABab]) ?\d{3} ?\d{3}",
        lambda _text: True,
        0.85,
        word_set("secu nir nss ss vitale securite"),
    ),
    Shape(NATIONAL, r"\d{9}", _by(us_ssn), 0.8, word_set("ssn social")),
    Shape(NATIONAL, r"\d{11}", _by(pl_pesel), 0.85, word_set("pesel polish pl pologne")),
    Shape(NATIONAL, r"\d{3}[ .]?\d{3}[ .]?\d{3}", _by(nl_bsn), 0.8, word_set("bsn burgerservicenummer")),
    Shape(NATIONAL, r"\d{11}", _by(be_nn), 0.85, word_set("niss insz national rijksregisternummer")),
    Shape(NATIONAL, r"\d{3}[ -]?\d{3}[ -]?\d{3}", _by(ca_sin), 0.8, word_set("sin insurance nas sociale")),
    Shape(NATIONAL, r"\d{6}-?\d{4}", lambda text: dk_cpr.is_valid(text) or _dated(text), 0.85, word_set("cpr")),
    Shape(NATIONAL, r"\d{6} ?\d{5}", _by(no_fnr), 0.85, word_set("fodselsnummer personnummer fnr")),
    Shape(NATIONAL, r"\d{13}", _by(ro_cnp), 0.85, word_set("cnp")),
    Shape(NATIONAL, r"\d{10}", _by(bg_egn), 0.85, word_set("egn")),
    Shape(NATIONAL, r"\d{11}", _by(hr_oib), 0.85, word_set("oib")),
    Shape(NATIONAL, r"\d{11}", _by(ee_ik), 0.85, word_set("isikukood")),
    Shape(NATIONAL, r"\d{11}", _by(lt_asmens), 0.85, word_set("asmens kodas")),
    Shape(NATIONAL, r"\d{11}", _by(gr_amka), 0.85, word_set("amka")),
    Shape(NATIONAL, r"\d{11}", _by(tr_tck), 0.85, word_set("kimlik tckn tc")),
    Shape(NATIONAL, r"\d{7}[A-Wa-w][AHWTXahwtx]?", _by(ie_pps), 0.85, word_set("pps ppsn")),
    Shape(NATIONAL, r"\d{4}[ -]?\d{4}[ -]?\d{4}", _by(in_aadhaar), 0.85, word_set("aadhaar aadhar uid")),
    Shape(
        TAX,
        r"\d{2} ?\d{3} ?\d{3} ?\d{3}",
        _by(de_idnr),
        0.85,
        word_set("steuer steuerid steueridentifikationsnummer idnr tax tin"),
    ),
    Shape(TAX, r"\d{9}", _by(pt_nif), 0.8, word_set("nif contribuinte")),
    Shape(TAX, r"\d{5} ?\d{5}", _by(gb_utr), 0.8, word_set("utr taxpayer")),
    Shape(
        TAX, r"[0-3]\d ?\d{2} ?\d{3} ?\d{3} ?\d{3}", _by(fr_nif), 0.9, word_set("fiscal fiscale spi impot impots tax")
    ),
    Shape(NATIONAL, r"\d{3}[ -]?\d{3}[ -]?\d{4}", _by(gb_nhs), 0.85, word_set("nhs")),
)
NAMES = frozenset().union(*(shape.words for shape in NAMED))
"""The words of which a value or its key must have one before `NAMED` is tried."""
ID_WORDS = NAMES | word_set(
    """
    iban bic swift rib bban nino ssn itin ein ni nhs utr nir nss siren siret tva vat nif nie dni cif cip curp rfc clabe
    cpf cnpj rg run dui nit cuit cuil cedula documento identidad pasaporte passaporto passaporte reisepass paspoort
    pass personalausweis ausweis ausweisnummer passnummer steuer steuernummer steuerid steueridentifikationsnummer
    steuerliche identifikationsnummer idnr versicherungsnummer sozialversicherungsnummer rentenversicherungsnummer
    krankenversichertennummer kontonummer bankleitzahl blz kennzeichen fuhrerschein fuehrerschein fuhrerscheinnummer
    handynummer telefonnummer telefon kundennummer codice fiscale partita iva tessera sanitaria carta identita patente
    targa numero nummer rijbewijs kenteken burgerservicenummer sofinummer rijksregisternummer rijksregister insz niss
    ahv ahvnr avs oasi ozp personnummer samordningsnummer fodselsnummer henkilotunnus hetu kennitala cpr cprnummer
    pesel nip regon dowod osobisty paszport prawo jazdy rodne cislo rc obcansky prukaz egn cnp oib jmbg emso matricola
    matricula permiso conducir licencia carnet seguridad social contribuinte cartao cidadao utente aadhaar aadhar pan
    voterid abha tckn tfn abn acn ird medicare mykad nric hkid sin nas amka afm ppsn pps eircode isikukood
    asmens kodas imei imsi iccid meid vin vrm dvla evb nie crm rpps adeli finess cni spi ine
    """
)
"""Abbreviations and foreign words for identifiers, folded: what stands as a word in capitals is none of them a name."""
_EDGES = (r"(?<![\w.+-])(?:", r")(?![\w-]|[.,/]\d)")
ALONE_PATTERN = re.compile("|".join(f"(?P<s{at}>{shape.form})" for at, shape in enumerate(ALONE)).join(_EDGES))
"""All of `ALONE` in one pass; the last group's number says which."""
NAMED_PATTERNS = tuple(re.compile(shape.form.join(_EDGES)) for shape in NAMED)
_ALONE_WHOLE = tuple(re.compile(shape.form) for shape in ALONE)


def alone(text: str) -> Shape | None:
    """The form that a text as a whole has, its check digits right, among those that count alone."""
    for shape, pattern in zip(ALONE, _ALONE_WHOLE, strict=True):
        if pattern.fullmatch(text) and shape.valid(text):
            return shape
    return None


def is_pesel(text: str) -> bool:
    """Whether a text is a Polish PESEL."""
    return len(text) == 11 and pl_pesel.is_valid(text)


def is_bsn(text: str) -> bool:
    """Whether a text passes the check of a Dutch BSN."""
    return len(text) == 9 and nl_bsn.is_valid(text)
