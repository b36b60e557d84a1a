"""The faults of a file in French: what `yamltext` says, word for word or by its form. Pure module: no I/O."""

import json
import re
from functools import cache
from importlib.resources import files

from douane.audit.yamltext import Fault

_OTHER = "le contenu n’est pas celui qui est attendu ici"

_LISTS = ("must be (.+)", "Expected: (.*)")  # what pydantic or the model's own words list, the last after "or"
_OR = re.compile(r" or (?=\S+$)")


@cache
def _words() -> tuple[dict[str, str], tuple[tuple[re.Pattern[str], str], ...]]:
    data = json.loads(files("douane.audit").joinpath("data/faults_fr.json").read_text(encoding="utf-8"))
    return data["exact"], tuple((re.compile(rule), text) for rule, text in data["forms"].items())


def french(text: str) -> str:
    """A problem or a remedy of a fault in French, empty where there is no French for it."""
    exact, forms = _words()
    if text in exact:
        return exact[text]
    for rule, said in forms:
        match = rule.fullmatch(text)
        if match is not None:
            return _OR.sub(" ou ", match.expand(said)) if rule.pattern in _LISTS else match.expand(said)
    return ""


def told(fault: Fault, lang: str) -> str:
    """The fault in a line: in English as it is, in French with its place and, where there is one, its remedy."""
    if lang != "fr":
        return str(fault)
    file = f"{fault.file}:{fault.line}:{fault.column}" if fault.line else fault.file
    where = f"{fault.where} : " if fault.where else ""
    problem, remedy = french(fault.problem), french(fault.remedy)
    return f"{file} : {where}{problem or f'{_OTHER} ({fault.problem})'}. {remedy or fault.remedy}".rstrip()
