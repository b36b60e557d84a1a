"""Words of medicine known by how they end: medicines by their stems, conditions and operations by their endings.

Stems are those of the WHO's international nonproprietary names; endings are common to English and French.
"""

from functools import lru_cache

from douane.detectors.words import word_set

_SHORTEST = 7

_MEDICINE = word_set(
    """
    sartan prazole statine statin dipine oxetine triptan gliptin gliptine gliflozin gliflozine glutide xaban gatran
    parin parine cillin cilline mycin mycine cycline floxacin floxacine azepam zolam setron tinib ciclib rafenib zumab
    ximab limumab cizumab mumab lizumab buvir navir tegravir ciclovir cyclovir afungin conazole bendazole nidazole
    profene fenac coxib olone asone sonide terol pirone vastatin thiazide glitazone formin formine barbital triptyline
    pramine quetiapine lanzapine peridone piprazole thyroxine dronate dronique lukast platine platin rubicin rubicine
    taxel poetin grastim estradiol olol alol pril oprost caine bactam fungine tidine azosin adrine azepine
    """
)
_CONDITION = word_set(
    """
    ectomy ectomie plasty plastie oscopy oscopie algia neuropathy myopathy nephropathy neuropathie myopathie
    nephropathie retinopathy retinopathie cardiomyopathy cardiomyopathie encephalopathy encephalopathie arthropathie
    plegia plegie paresis paresie emia anemie glycemia glycemie cytemia penia penie cytosis cytose fibrosis fibrose
    thrombosis thrombose sclerosis sclerose stenosis stenose arthritis arthrite arthrosis arthrose dermatitis
    dermatite hepatitis hepatite nephritis nephrite colitis colite gastritis gastrite bronchitis bronchite tendinitis
    tendinite bursitis myelitis myelite encephalitis neuritis nevrite keratitis keratite rhinitis rhinite sinusite
    phlebitis phlebite pancreatitis pancreatite carditis cardite cystitis thyroiditis thyroidite uveitis uveite
    mastitis carcinoma carcinome sarcoma sarcome lymphoma lymphome melanoma melanome blastoma blastome myeloma adenoma
    adenome angioma angiome fibroma hematoma hematome glaucoma oedema oedeme lithiasis lithiase ptysis rrhagia rrhagie
    rrhea rrhee aturia aturie inuria inurie megaly megalie pnea pnoea pnee phagia phagie trophy dystrophie kinesia
    kinesie phasia phasie lexia lexie praxia praxie somnia somnie
    """
)
_COMMON = word_set(
    """
    academia bohemia alchemia sympathie empathie telepathie atrophy catastrophie nostalgia nostalgie curie furie
    penurie centurie decurie seigneurie injurie ikea chelsea guinea anaphase aphagie euphagia hypnose centrepoint
    vermicine medicine cuisine officine magasine april avril mandarine cocaine ukraine lorraine touraine semaine
    domaine fontaine moccasin trophy apprentice peril puerile aquitaine urbaine humaine romaine marocaine africaine
    americaine mexicaine dominicaine republicaine capitaine vingtaine quinzaine douzaine trentaine cinquantaine
    soixantaine riveraine contemporaine souveraine prochaine lointaine certaine centaine porcelaine samaritaine
    mitaine metropolitaine puritaine hautaine plantain armoricaine jamaicaine centrafricaine cubaine chaine entraine
    protocol consol remedicine platine galatine proplatine gelatine palatine epicaine napolitaine aliphatine
    cotedazure tramontaine mondaine parascolaire sunalol musicology uremia
    """
)
_ENDS = (_MEDICINE | _CONDITION, frozenset(len(one) for one in _MEDICINE | _CONDITION))
_TAILS = frozenset(one[-4:] for one in _MEDICINE | _CONDITION)
"""The last four letters of the endings, none of which is shorter: what most words are told by."""


@lru_cache(maxsize=16384)
def is_medical(word: str) -> bool:
    """Whether a folded word has the ending of a medicine, a condition or an operation."""
    if word[-4:] not in _TAILS and (word[-1:] != "s" or word[-5:-1] not in _TAILS):
        return False
    size = len(word)
    if size < _SHORTEST or size > 28 or word in _COMMON:
        return False
    endings, sizes = _ENDS
    for length in sizes:
        if size >= length + 2 and word[size - length :] in endings:
            return True
    return size >= _SHORTEST + 1 and word[-1] == "s" and word[:-1] not in _COMMON and _singular(word[:-1])


def _singular(word: str) -> bool:
    endings, sizes = _ENDS
    size = len(word)
    return any(size >= length + 2 and word[size - length :] in endings for length in sizes)
