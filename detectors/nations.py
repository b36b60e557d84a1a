"""Countries and the adjectives of nationality, in English and French, folded; and ISO 3166 codes."""

from functools import cache

from douane.detectors.words import fold

_DEMONYMS = """
afghan afghane albanian albanais albanaise algerian algérien algérienne american américain américaine andorran angolan
angolais angolaise argentine argentinian argentin arménien arménienne armenian australian australien australienne
austrian autrichien autrichienne azerbaijani azéri azérie azerbaïdjanais azerbaïdjanaise bahraini bangladeshi
bangladais bangladaise barbadian belarusian biélorusse belgian belge beninese béninois béninoise bolivian bolivien
bolivienne bosnian bosnien bosnienne bosniaque botswanan brazilian brésilien brésilienne british britannique bulgarian
bulgare burkinabé burkinabe burmese birman birmane burundian burundais burundaise cambodian cambodgien cambodgienne
cameroonian camerounais camerounaise canadian canadien canadienne cap-verdien cap-verdienne centrafricain
centrafricaine chadian tchadien tchadienne chilean chilien chilienne chinese chinois chinoise colombian colombien
colombienne comorian comorien comorienne congolese congolais congolaise croatian croate cuban cubain cubaine cypriot
chypriote czech tchèque danish danois danoise djiboutian djiboutien djiboutienne dominican dominicain dominicaine
dutch néerlandais néerlandaise hollandais hollandaise ecuadorian équatorien équatorienne egyptian égyptien égyptienne
emirati émirati english anglais anglaise eritrean érythréen érythréenne estonian estonien estonienne ethiopian
éthiopien éthiopienne fijian fidjien filipino filipina philippin philippine finnish finlandais finlandaise french
français française gabonese gabonais gabonaise gambian gambien gambienne georgian géorgien géorgienne german allemand
allemande ghanaian ghanéen ghanéenne greek grec grecque guatemalan guatémaltèque guinean guinéen guinéenne guyanese
haitian haïtien haïtienne honduran hondurien hungarian hongrois hongroise icelandic islandais islandaise indian indien
indienne indonesian indonésien indonésienne iranian iranien iranienne iraqi irakien irakienne irish irlandais
irlandaise israeli israélien israélienne italian italien italienne ivorian ivoirien ivoirienne jamaican jamaïcain
jamaïcaine japanese japonais japonaise jordanian jordanien jordanienne kazakh kazakhe kenyan kényan kényane korean
coréen coréenne kosovar kosovare kuwaiti koweïtien kyrgyz kirghize laotian laotien latvian letton lettone lebanese
libanais libanaise liberian libérien libérienne libyan libyen libyenne lithuanian lituanien lituanienne luxembourgish
luxembourgeois luxembourgeoise macedonian macédonien malagasy malgache malawian malaysian malaisien malaisienne malian
malien malienne maltese maltais maltaise mauritanian mauritanien mauritanienne mauritian mauricien mauricienne mexican
mexicain mexicaine moldovan moldave monégasque mongolian mongol montenegrin monténégrin moroccan marocain marocaine
mozambican mozambicain namibian namibien nepalese nepali népalais népalaise nicaraguan nigerian nigérian nigériane
nigerien nigérien nigérienne norwegian norvégien norvégienne omani pakistani pakistanais pakistanaise palestinian
palestinien palestinienne panamanian panaméen paraguayan paraguayen peruvian péruvien péruvienne polish polonais
polonaise portuguese portugais portugaise qatari qatarien romanian roumain roumaine russian russe rwandan rwandais
rwandaise salvadoran salvadorien saudi saoudien saoudienne scottish écossais écossaise senegalese sénégalais
sénégalaise serbian serbe singaporean singapourien slovak slovaque slovenian slovène somali somalien somalienne
south-african south-korean sud-africain sud-africaine sud-coréen spanish espagnol espagnole sri-lankan sri-lankais
sri-lankaise sudanese soudanais soudanaise swedish suédois suédoise swiss suisse syrian syrien syrienne taiwanese
taïwanais taïwanaise tajik tadjike tanzanian tanzanien tanzanienne thai thaïlandais thaïlandaise togolese togolais
togolaise trinidadian tunisian tunisien tunisienne turkish turc turque turkmen ugandan ougandais ougandaise ukrainian
ukrainien ukrainienne uruguayan uruguayen uzbek ouzbek ouzbèke venezuelan vénézuélien vénézuélienne vietnamese
vietnamien vietnamienne welsh gallois galloise yemeni yéménite zambian zambien zimbabwean zimbabwéen zimbabwéenne
"""
_COUNTRIES = """
afghanistan,albania,albanie,algeria,algérie,andorra,andorre,angola,argentina,argentine,armenia,arménie,australia,
australie,austria,autriche,azerbaijan,azerbaïdjan,bahrain,bangladesh,belarus,biélorussie,belgium,belgique,benin,
bénin,bolivia,bolivie,bosnia,bosnie,botswana,brazil,brésil,bulgaria,bulgarie,burkina faso,burundi,cambodia,cambodge,
cameroon,cameroun,canada,cape verde,cap-vert,chad,tchad,chile,chili,china,chine,colombia,colombie,comoros,comores,
congo,costa rica,côte d'ivoire,ivory coast,croatia,croatie,cuba,cyprus,chypre,czechia,czech republic,tchéquie,
république tchèque,denmark,danemark,djibouti,dominican republic,ecuador,équateur,egypt,égypte,el salvador,england,
angleterre,eritrea,estonia,estonie,ethiopia,éthiopie,finland,finlande,france,gabon,gambia,gambie,georgia,géorgie,
germany,allemagne,ghana,greece,grèce,guatemala,guinea,guinée,guyana,haiti,haïti,honduras,hungary,hongrie,iceland,
islande,india,inde,indonesia,indonésie,iran,iraq,irak,ireland,irlande,israel,israël,italy,italie,jamaica,jamaïque,
japan,japon,jordan,jordanie,kazakhstan,kenya,korea,corée,south korea,corée du sud,kosovo,kuwait,koweït,laos,latvia,
lettonie,lebanon,liban,liberia,libya,libye,lithuania,lituanie,luxembourg,madagascar,malaysia,malaisie,mali,malta,
malte,mauritania,mauritanie,mauritius,maurice,mexico,mexique,moldova,moldavie,monaco,mongolia,montenegro,morocco,
maroc,mozambique,myanmar,birmanie,namibia,nepal,népal,netherlands,the netherlands,pays-bas,new zealand,
nouvelle-zélande,nicaragua,niger,nigeria,nigéria,norway,norvège,oman,pakistan,palestine,panama,paraguay,peru,pérou,
philippines,poland,pologne,portugal,qatar,romania,roumanie,russia,russie,rwanda,saudi arabia,arabie saoudite,
scotland,écosse,senegal,sénégal,serbia,serbie,singapore,singapour,slovakia,slovaquie,slovenia,slovénie,somalia,
somalie,south africa,afrique du sud,spain,espagne,sri lanka,sudan,soudan,sweden,suède,switzerland,suisse,syria,
syrie,taiwan,taïwan,tanzania,tanzanie,thailand,thaïlande,togo,tunisia,tunisie,turkey,turquie,türkiye,uganda,ouganda,
ukraine,united arab emirates,uae,émirats arabes unis,united kingdom,royaume-uni,uk,great britain,united states,
united states of america,états-unis,usa,uruguay,uzbekistan,ouzbékistan,venezuela,vietnam,viêt nam,wales,
pays de galles,yemen,yémen,zambia,zambie,zimbabwe
"""
NEVER_ALONE = frozenset(
    {"polish", "thai", "turkmen", "mongol", "malien", "english", "french", "philippine", "argentine"}
)
"""Adjectives that mean something else often enough to need the word nationality beside them."""


@cache
def demonyms() -> frozenset[str]:
    """Adjectives of nationality, folded, plurals included."""
    return frozenset(fold(form) for word in _DEMONYMS.split() for form in (word, word + "s", word.replace("-", " ")))


@cache
def countries() -> frozenset[str]:
    """Names of countries, folded."""
    return frozenset(fold(name.strip()) for name in _COUNTRIES.replace("\n", " ").split(","))


@cache
def pattern() -> str:
    """The adjectives as an alternation, longest first."""
    words = set(_DEMONYMS.split()) | {word.replace("-", " ") for word in _DEMONYMS.split() if "-" in word}
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def is_nation(text: str) -> bool:
    """Whether a whole value is a country, a country's code or an adjective of nationality, or a list of these."""
    parts = [
        fold(part.strip()) for part in text.replace("/", ",").replace(" et ", ",").replace(" and ", ",").split(",")
    ]
    return all(
        part in demonyms() or part in countries() or (len(part) in {2, 3} and part.isalpha() and text.isupper())
        for part in parts
    )
