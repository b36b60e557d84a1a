# ruff: noqa: E501 - word lists
"""Numbers, codes and web addresses in many notations, for text in which they must not be taken for addresses."""

import random
from collections.abc import Callable


def _filled(rng: random.Random, shape: str) -> str:
    """The shape with a digit for each `#` and a letter for each `?`."""
    return "".join(
        str(rng.randint(0, 9)) if char == "#" else rng.choice("ABCDEFGHKLMNPRSTUVWXYZ") if char == "?" else char
        for char in shape
    )


_PHONES = (
    "##########", "(###) ###-####", "###-###-####", "###.###.####", "+1 ### ### ####", "+1-###-###-####", "1-###-###-####",
    "+44 #### ######", "0#### ######", "07### ######", "+44 20 #### ####", "020 #### ####", "0# ## ## ## ##",
    "+33 # ## ## ## ##", "+49 ### #######", "0### / ######", "+61 # #### ####", "(0#) #### ####", "04## ### ###",
    "+91 ##### #####", "+27 ## ### ####", "+234 ### ### ####", "+81 ##-####-####", "+351 ### ### ###", "### ### ###",
    "(###) ###-#### x###", "###-###-#### ext. ####", "001-###-###-####x####", "## ## ## ##", "+46 ##-### ## ##",
)  # fmt: skip
_URLS = (
    "www.{}.com",
    "https://{}.org/about",
    "http://www.{}.co.uk",
    "{}.net",
    "https://www.{}.fr/contact",
    "{}.io",
    "{}.de",
)
_SITES = (
    "example",
    "northfield",
    "bluetab",
    "paperlane",
    "ourclub",
    "quietfork",
    "greenmile",
    "shopwell",
    "stonebridge",
    "mylab",
)


def _url(rng: random.Random) -> str:
    return rng.choice(_URLS).format(rng.choice(_SITES) + rng.choice(("", "", "-online", str(rng.randint(2, 99)))))


def _ip(rng: random.Random) -> str:
    if rng.random() < 0.2:
        return ":".join(f"{rng.randint(0, 65535):x}" for _ in range(8))
    return ".".join(str(rng.randint(1, 254)) for _ in range(4))


NUMBERS: dict[str, Callable[[random.Random], str]] = {
    "phone": lambda rng: _filled(rng, rng.choice(_PHONES)),
    "ssn": lambda rng: _filled(rng, rng.choice(("###-##-####", "#########", "### ## ####"))),
    "card": lambda rng: _filled(
        rng, rng.choice(("################", "#### #### #### ####", "####-####-####-####", "#### ###### #####"))
    ),
    "iban": lambda rng: _filled(
        rng, rng.choice(("??## #### #### #### ####", "??####################", "GB##????##############"))
    ),
    "zip": lambda rng: _filled(rng, rng.choice(("#####", "#####-####", "####", "??# #??", "?#? #?#", "??## #??"))),
    "url": _url,
    "ip": _ip,
}
"""What fills a slot, by its name."""
