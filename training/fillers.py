# ruff: noqa: E501 - word lists
"""What the slots of the frames are filled with, by language: everything that is not a person's name."""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fillers:
    """Word lists, patterns for named things (with slots of their own), and the ways of writing dates and sums."""

    civilities: tuple[str, ...]
    hour_marks: tuple[str, ...]
    months: tuple[str, ...]
    days: tuple[str, ...]
    currency: tuple[str, ...]
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    patterns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def date(self, rng: random.Random) -> str:
        """A day in one of the usual ways of writing it."""
        day, month, year = rng.randint(1, 28), rng.choice(self.months), rng.randint(1940, 2031)
        return rng.choice(
            (
                f"{day} {month}",
                f"{day} {month} {year}",
                f"{year}-{rng.randint(1, 12):02d}-{day:02d}",
                f"{day:02d}/{rng.randint(1, 12):02d}/{year}",
                rng.choice(self.days),
                f"{rng.choice(self.days)} {day} {month}",
                month,
                month.title(),
            )
        )

    def money(self, rng: random.Random) -> str:
        """A sum with its currency."""
        return rng.choice(self.currency).format(
            rng.choice((rng.randint(1, 900), f"{rng.randint(1, 90)}.{rng.randint(10, 99)}"))
        )


def _split(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.replace("\n", " ").split("|") if one.strip())


EN = Fillers(
    civilities=("Mr", "Mr.", "Mrs", "Mrs.", "Ms", "Ms.", "Miss", "Dr", "Dr.", "Prof.", "Professor", "Sir", "Mx"),
    hour_marks=(":", ".", ":"),
    months=_split(
        "January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Aug|Sept|Oct|Dec"
    ),
    days=_split("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|tomorrow|next week|tonight|this weekend"),
    currency=("${}", "£{}", "{} EUR", "€{}", "{} USD", "{} dollars"),
    words={
        "relation": _split(
            "wife|husband|son|daughter|mother|father|mum|dad|brother|sister|partner|boyfriend|girlfriend|boss|colleague|"
            "neighbour|grandmother|uncle|aunt|cousin|niece|nephew|flatmate|landlord|best friend|fiancé|ex|baby|twin|nan"
        ),
        "room": _split(
            "Deluxe room|King suite|Junior suite|Standard double|Twin room with balcony|Family room|Queen room, sea view|"
            "Superior king|Studio apartment|Penthouse|Garden bungalow|Bunk bed in dorm|Executive double|Premium Twin|"
            "Royal Suite|Victoria Suite|Economy single|Classic room|Accessible room|Honeymoon suite|Loft|Prince suite"
        ),
        "dish": _split(
            "Caesar salad|Margherita pizza|Eggs Benedict|Beef Wellington|Chicken Kiev|Peach Melba|Pavlova|Earl Grey tea|"
            "Bloody Mary|Shirley Temple|Tom Collins|Arnold Palmer|Eton mess|Reuben sandwich|Cobb salad|Victoria sponge|"
            "General Tso's chicken|Bakewell tart|Po' boy|pad thai|Jack cheese nachos|Croque Madame|Chateaubriand|"
            "Fettuccine Alfredo|Chicken Marsala|Battenberg cake|Sloppy Joe|Johnny cakes|Tarte Tatin|Oysters Rockefeller|"
            "lamb biryani|Angus burger|Dijon mustard|Monterey Jack|Lady Grey|Basil pesto|Rosemary focaccia|Olive bread"
        ),
        "model": _split(
            "iPhone 17 Pro|Galaxy S25|ThinkPad X1|MacBook Air|Model 3|Golf GTI|Clio|Corolla|Civic|Stan Smith|Air Jordan|"
            "Chuck Taylor|Kelly bag|Birkin|Les Paul|Stratocaster|Alexa|Siri|Cortana|Roomba|Kindle|Quest 3|Bravia|"
            "Jimny|Giulia|Charlotte lamp|Billy bookcase|Malm bed|Poäng armchair|Ektorp sofa|Barcelona chair|Galileo|"
            "Claude|Gemini|Copilot|Watson|Jasper|Jenkins|Maven|Ruby|Julia|Ada|Python|Django|Jira|Mercedes|Louis|Oscar"
        ),
        "kindof": _split(
            "shoes|sneakers|jacket|perfume|guitar|sofa|desk|lamp|watch|razor|shampoo|sunglasses|handbag|jeans|dress|"
            "trainers|headphones|bike|mattress|cookware set|knife|espresso machine|sweater|polo shirt|boots|whisky|pen"
        ),
        "thing": _split(
            "report|invoice|quarterly review|budget|roadmap|meeting notes|contract|backup|draft|slides|ticket|refund|"
            "delivery|passport|subscription|password|dashboard|backlog|newsletter|survey|release|migration|onboarding"
        ),
        "hi": _split("Hi|Hello|Hey|Dear|Good morning|Morning|hiya|yo|Hi there"),
        "bye": _split(
            "Best|Regards|Kind regards|Cheers|Thanks|Love|xx|Best wishes|Yours sincerely|Talk soon|Take care"
        ),
        "role": _split(
            "nurse|accountant|plumber|manager|intern|designer|teacher|tenant|patient|guest|client|candidate|driver|guide|"
            "speaker|buyer|seller|supervisor|engineer|recruiter|passenger|student|volunteer|receptionist|coach|witness"
        ),
        "genre": _split(
            "novel|album|film|song|podcast|biography|painting|play|series|documentary|musical|comic|exhibition"
        ),
        "ill": _split(
            "asthma|a peanut allergy|diabetes|Crohn's disease|Parkinson's|Alzheimer's|Down syndrome|a broken leg|Hodgkin "
            "lymphoma|migraines|Lyme disease|Tourette's|anxiety|Hashimoto's thyroiditis|Addison's|a wheelchair|insulin"
        ),
        "status": _split(
            "Pending|Confirmed|Shipped|Paid|Cancelled|Active|In progress|Refunded|Open|Closed|Draft|Delivered|Unknown|"
            "On hold|Returned|Archived|Success|Failed|Guest|Admin|Owner|Member|Trial|Basic|Gold|Platinum|Premium|Economy"
        ),
        "suffix": _split(
            "Alley|Avenue|Branch|Bridge|Brook|Bypass|Canyon|Cape|Causeway|Center|Circle|Cliff|Club|Common|Corner|Cove|Creek|"
            "Crest|Crossing|Curve|Dale|Dam|Divide|Drive|Estate|Expressway|Extension|Fall|Ferry|Field|Flat|Ford|Forest|Forge|"
            "Fork|Freeway|Garden|Gateway|Glen|Green|Harbor|Haven|Heights|Highway|Hollow|Inlet|Isle|Junction|Key|Knoll|Lake|"
            "Landing|Light|Loaf|Lock|Lodge|Loop|Mall|Manor|Meadow|Mews|Mill|Mission|Motorway|Mount|Neck|Oval|Overpass|Park|"
            "Pass|Path|Pike|Pine|Place|Plain|Plaza|Point|Port|Ports|Prairie|Radial|Ramp|Ranch|Rapid|Rest|Ridge|River|Route|"
            "Shoal|Shore|Skyway|Spring|Spur|Station|Stravenue|Stream|Summit|Trace|Track|Trail|Trafficway|Tunnel|Turnpike|"
            "Underpass|Union|Valley|Via|View|Views|Village|Ville|Vista|Walk|Walks|Wall|Way|Well|Wells"
        ),
        "ending": _split(
            "berg|burgh|bury|chester|fort|furt|haven|land|mouth|port|shire|side|stad|ton|town|view|ville|borough|ford|field"
        ),
        "drug": _split(
            "Tylenol|Advil|Lipitor|Zoloft|Prozac|Xanax|Ritalin|Humira|Metformin|Lantus|Amoxicillin|Zantac|Benadryl|"
            "Ozempic|Synthroid|Nexium|Plavix|Valium|Ativan|Lexapro|Ibuprofen|Warfarin|Lisinopril|Prednisone|Zyrtec"
        ),
        "fiction": _split(
            "Sherlock|Dracula|Hamlet|Frankenstein|Matilda|Emma|Jane Eyre|Oliver Twist|Harry Potter|Mulan"
        ),
    },
    patterns={
        "city": _split(
            "London|Paris|New York|Berlin|Leeds|Manchester|Boston|Chicago|Austin|Dublin|Toronto|Sydney|Lagos|Nairobi|"
            "Mumbai|Delhi|Tokyo|Seoul|Madrid|Lisbon|Rome|Milan|Vienna|Prague|Geneva|Lyon|Bordeaux|Santa Monica|San "
            "Francisco|San José|St. Louis|Washington|Houston|Dallas|Jackson|Charlotte|Sydney|Victoria|Florence|Lincoln|"
            "Brooklyn|Camden|Soho|Kensington|NYC|LA|Port {given}|Lake {family}|New {family}|{family}ville|{family} Park|"
            "East {given}|North {family}|West {family}|{family}town|South {given}|{family}bury|{family}shire|Fort {family}|"
            "{given}borough|{family}{ending}|{given}{ending}|North {given}{ending}|New {given}{ending}|"
            "Saint-{given}|St {given}|Mount {family}|{family} County|{family} Beach|{family}stad|{family}mouth"
        ),
        "country": _split(
            "France|Germany|Spain|Italy|Portugal|the UK|the United States|USA|Canada|Brazil|Mexico|Japan|China|India|Kenya|"
            "Nigeria|Senegal|Morocco|Algeria|Tunisia|Egypt|Turkey|Iran|Jordan|Georgia|Chad|Israel|Lebanon|Poland|Ukraine|"
            "Romania|Greece|Ireland|Scotland|Wales|England|Norway|Sweden|Finland|Denmark|Iceland|Vietnam|Thailand|Korea|"
            "Australia|New Zealand|South Africa|Ghana|Belgium|Switzerland|Austria|Argentina|Chile|Peru|Colombia|Cuba"
        ),
        "street": _split(
            "{family} Street|{family} Road|{family} Avenue|{given} Street|{given} {family} Boulevard|{family} Lane|"
            "{family} Drive|{family} Close|{family} Square|{family} Court|{city} Road|St {given}'s Street|King Street|"
            "High Street|Church Lane|Elm Street|Baker Street|Martin Luther King Jr. Blvd|Queen's Road|Victoria Road|"
            "{family} Way|{family} Crescent|{family} Terrace|Rue {given} {family}|calle {given} {family}|{family}straße|{family}katu|"
            "{family}vej|{family}gade|{family}gatan|{family}vägen|{family}weg|{family}laan|{family}straat|{city}weg|{city}katu|"
            "Via {given} {family}|Via {family}|Rua {given} {family}|Avenida {family}|Calle {family}|ul. {family}|{family}ova|"
            "{family} utca|{family} út|{family} Caddesi|Jl. {family}|{family} Marg|Piazza {family}|Plaza {family}|{city}gatan|"
            "{given}strasse|{given}s vei|{family}stien|{family}tie|Kleine {family}straat|Strada {family}|{family} Mews|"
            "{family} {suffix}|{given} {suffix}|{family} {suffix}|{given} {family} {suffix}|"
            "{family} Gardens|{family} Hill|{family} Grove|{family} Row|{given} Close|{family} Parade|{family} Rise"
        ),
        "place": _split(
            "{family} Park|{given} {family} Airport|{family} Station|{family} Bridge|Lake {family}|Mount {family}|"
            "{family} Stadium|St {given}'s Square|{family} Tower|{family} Island|Cape {family}|{family} Beach|Victoria "
            "Station|Charles de Gaulle airport|JFK airport|Central Park|Hyde Park|{family} Gardens|Port {given}|Camp {family}|"
            "{family} Arena|{given} {family} Memorial Bridge|Terminal {family}|Gate {family}|{family} Valley|{family} Falls"
        ),
        "org": _split(
            "{family} & Sons|{family} Inc|{family} Ltd|{family} LLC|{family} & {family}|{family} Consulting|{family} Group|"
            "{family}, {family} and {family}|{family} Foundation|{given} {family} Foundation|{family} University|"
            "University of {city}|St {given}'s Hospital|{family} Memorial Hospital|{given} {family} High School|{family} "
            "College|Bank of {city}|{city} City Council|{city} United|{family} Labs|{family} Logistics|{family} Partners|"
            "Amazon|Google|Microsoft|Apple|Meta|Netflix|Spotify|OpenAI|Uber|Airbnb|Booking.com|Tesla|Ford|Ferrari|Lidl|"
            "Wells Fargo|JP Morgan|Goldman Sachs|Morgan Stanley|Johnson & Johnson|Procter & Gamble|McDonald's|Wendy's|"
            "Ralph Lauren|Calvin Klein|Louis Vuitton|Hugo Boss|Tommy Hilfiger|Philip Morris|Ben & Jerry's|Jack Daniel's|"
            "Sainsbury's|Marks & Spencer|John Lewis|Harley-Davidson|Charles Schwab|Ernst & Young|Baker McKenzie|Lloyds|"
            "NHS|BBC|NASA|UNICEF|the Red Cross|FIFA|Ryanair|Lufthansa|Delta|United|Acme Corp|Globex|Initech|Contoso|"
            "Northwind|Blue Yonder|Stripe|Slack|Notion|Salesforce|HubSpot|Trello|Zoom|DHL|FedEx|UPS|IKEA|Nike|Adidas|"
            "{brandword}|{brandword}|{brandword}|{brandword}|{brandword} Inc|{brandword} {brandword}|{brandword} Bank|"
            "{brandword} Group|{brandword}.com|{brandword} Airlines|{brandword} Studios|St {given} Parish|Church of St {given}|{family} Brothers|{family} Plumbing|{family} Dental Care|{family} Law|"
            "{family} Robotics|{family} Media|{family} Holdings|{family} Trust|{family} Institute|Clinic {given} {family}"
        ),
        "shop": _split(
            "{given}'s|{given}'s Kitchen|{given}'s Diner|Chez {given}|{family}'s|{family}'s Bakery|{given}'s Bar & Grill|"
            "Hotel {given}|Hotel {family}|The {family} Hotel|{family} House|Café {given}|The {family} Arms|Trattoria {given}|"
            "{family} Guitars|{family} Garage|{family} Motors|{family} Books|{given} & Co|{given} {family} Salon|Casa {given}|"
            "Uncle {given}'s|Mama {given}|Villa {given}|The Golden Lion|Blue Lagoon|The Ritz|Hilton|Marriott|Ibis|The Crown|"
            "{family} Pharmacy|{family} Fitness|Riad {given}|Auberge {given}|{given} {family} Gallery|Bistro {given}|"
            "Pizzeria da {given}|Osteria {family}|{given}'s Barbershop|{family} Bros Burgers|Madame {given}|Don {given}"
        ),
        "title": _split(
            "The {family} Identity|{given}'s Choice|The Diary of {given} {family}|Saving {given}|{given} and the Wolf|"
            "Becoming {given}|The Legend of {given}|{family} v. {family}|Dear {given}|A Night with {given} {family}|"
            "The Book of {given}|{given} & {given}|Doctor {family}|The {family} Chronicles|Being {given} {family}|"
            "Pride and Prejudice|The Great Gatsby|Harry Potter and the Goblet of Fire|Anna Karenina|Jane Eyre|Emma|"
            "Romeo and Juliet|Bridget Jones's Diary|The Picture of Dorian Gray|Moby-Dick|Madame Bovary|Steve Jobs|"
            "Forrest Gump|Thelma & Louise|Billy Elliot|Erin Brockovich|Stuart Little|Charlie and the Chocolate Factory"
        ),
        "product": _split(
            "{model}|{model} {num}|{kindof}|{kindof} set|new {kindof}|{model} {kindof}|used {model}|{kindof}, size {num}|two {kindof}|"
            "{family} {kindof}|{model}|{family} {model}|{given} {kindof}|{model} {kindof}|the {given} {kindof}|"
            "{family} 3000|{given} 2.0|{family} Pro|{given} dining table|{given} rug|{family} gin|Old {family} bourbon|"
            "{family}'s cough syrup|{family} IPA|{given} duvet cover"
        ),
        "event": _split(
            "{family} Cup|{given} {family} Prize|{family} Award|Hurricane {given}|Storm {given}|St {given}'s Day|"
            "{family} Conference|Operation {given}|Project {given}|the {family} Act|{family} Theorem|{family}'s law|"
            "{family} Open|{given} Festival|Valentine's Day|Saint Patrick's Day|Nobel Prize|Black Friday|Christmas|Easter"
        ),
    },
)

FR = Fillers(
    civilities=(
        "M.",
        "M",
        "Mme",
        "Mme.",
        "Mlle",
        "Monsieur",
        "Madame",
        "Mademoiselle",
        "Dr",
        "Docteur",
        "Pr",
        "Maître",
        "Me",
        "Mr",
    ),
    hour_marks=("h", ":", " h "),
    months=_split(
        "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|janv.|févr.|sept.|déc."
    ),
    days=_split("lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain|ce soir|la semaine prochaine|ce week-end"),
    currency=("{} €", "{}€", "{} euros", "{} CHF", "{} EUR"),
    words={
        "relation": _split(
            "femme|fille|mère|sœur|grand-mère|tante|cousine|copine|compagne|voisine|collègue|nièce|patronne|maman|"
            "belle-mère|colocataire|petite-fille|ex-femme|fiancée|belle-sœur"
        ),
        "relationm": _split(
            "mari|fils|père|frère|grand-père|oncle|cousin|copain|compagnon|voisin|collègue|neveu|patron|papa|beau-père|"
            "colocataire|petit-fils|ex|fiancé|bébé|meilleur ami|beau-frère|papy|gendre|parrain"
        ),
        "room": _split(
            "Chambre Deluxe|Suite Junior|Chambre double standard|Chambre familiale|Suite Royale|Studio avec balcon|Lit en "
            "dortoir|Chambre supérieure vue mer|Suite Joséphine|Bungalow jardin|Suite Prestige|Chambre Confort|Mansarde|"
            "Chambre simple|Suite nuptiale|Duplex|Suite Napoléon|Chambre twin|Suite Marie-Antoinette|Appartement T2"
        ),
        "dish": _split(
            "croque-monsieur|croque-madame|tarte Tatin|pêche Melba|poire Belle-Hélène|crêpe Suzette|salade César|Paris-Brest|"
            "saint-honoré|madeleines|parmentier de canard|béchamel|pizza Margherita|pizza Regina|omelette mère Poulard|"
            "tournedos Rossini|charlotte aux fraises|quiche lorraine|chantilly|jésus de Lyon|baba au rhum|escalope Milanaise|"
            "sole meunière|langouste Thermidor|galette complète|thé Earl Grey|bœuf Stroganoff|carpaccio|Mont-Blanc|Kir royal|"
            "Saint-Jacques poêlées|Saint-Nectaire|Saint-Émilion|Crémant|reine-claude|bergamote|basilic|romarin|clémentine"
        ),
        "model": _split(
            "iPhone 17|Galaxy S25|ThinkPad X1|Clio|Mégane|Twingo|Zoé|Peugeot 208|Stan Smith|sac Kelly|Birkin|Kindle|Alexa|"
            "Siri|fauteuil Poäng|bibliothèque Billy|canapé Ektorp|Roomba|Vespa|Mercedes|Juliet|Louis Ghost|Moulinex|Thermomix|"
            "Claude|Gemini|Copilot|Ruby|Julia|Ada|Python|Django|Jira|Logan|Duster|Mégane|Espace|Picasso|Captur|Xsara"
        ),
        "kindof": _split(
            "baskets|manteau|parfum|guitare|canapé|lampe|montre|rasoir|shampooing|lunettes|sac à main|robe|casque|vélo|"
            "matelas|casserole|couteau|cafetière|pull|polo|bottes|whisky|stylo|cocotte|table basse|tapis|trottinette"
        ),
        "thing": _split(
            "rapport|devis|bilan|compte rendu|contrat|brouillon|dossier|remboursement|colis|passeport|abonnement|mot de "
            "passe|tableau de bord|planning|ticket|budget|ordre du jour|inventaire|virement|bail|attestation|relevé"
        ),
        "hi": _split("Bonjour|Salut|Coucou|Chère|Cher|Bonsoir|Hello|Re|Bonjour à tous|slt|bjr|Hey"),
        "bye": _split(
            "Cordialement|Bien à vous|Amicalement|Bises|Merci|À bientôt|Bien cordialement|Bisous|A+|Respectueusement"
        ),
        "role": _split(
            "infirmière|comptable|plombier|gérant|stagiaire|graphiste|professeure|locataire|patient|client|candidate|"
            "chauffeur|guide|intervenante|acheteur|vendeur|responsable|ingénieure|recruteur|passager|étudiant|bénévole|témoin"
        ),
        "genre": _split(
            "roman|album|film|livre|podcast|tableau|spectacle|documentaire|morceau|essai|disque|recueil|manga"
        ),
        "ill": _split(
            "asthme|une allergie aux arachides|diabète|la maladie de Crohn|Parkinson|Alzheimer|une jambe cassée|migraines|"
            "la maladie de Lyme|un lymphome de Hodgkin|la trisomie|endométriose|Hashimoto|un fauteuil roulant|insuline"
        ),
        "status": _split(
            "En attente|Confirmé|Expédié|Payé|Annulé|Actif|En cours|Remboursé|Ouvert|Fermé|Brouillon|Livré|Inconnu|Archivé|"
            "Retourné|Réussi|Échec|Invité|Admin|Propriétaire|Membre|Essai|Essentiel|Or|Premium|Particulier|Professionnel"
        ),
        "drug": _split(
            "Levothyrox|Lexomil|Spasfon|Kardégic|Dafalgan|Efferalgan|Xanax|Seroplex|Lasilix|Zyrtec|Stilnox|Imovane|"
            "Metformine|Lantus|Amoxicilline|Augmentin|Inexium|Smecta|Ibuprofène|Prozac|Nurofen|Gaviscon|Tahor|Plavix|Ritaline"
        ),
        "ending": _split("ville|court|bourg|mont|ac|y|port|dan|nec|boeuf"),
        "suffix": _split("Nord|Sud|Est|Ouest"),
        "fiction": _split(
            "Astérix|Tintin|Cosette|Jean Valjean|Candide|Cendrillon|Harry Potter|Maigret|Arsène Lupin|Emma"
        ),
    },
    patterns={
        "city": _split(
            "Paris|Lyon|Marseille|Lille|Toulouse|Nantes|Rennes|Brest|Quimper|Bordeaux|Strasbourg|Nice|Dijon|Nancy|Angers|"
            "Le Havre|Le Mans|La Rochelle|Aix-en-Provence|Clermont-Ferrand|Saint-Étienne|Saint-Malo|Montreuil|Vitré|Gap|"
            "Genève|Lausanne|Bruxelles|Liège|Namur|Québec|Montréal|Dakar|Abidjan|Alger|Oran|Tunis|Casablanca|Londres|"
            "Saint-{given}|Sainte-{given}|{family}-sur-Mer|{family}-les-Bains|Villeneuve-{family}|Port-{given}|Le {family}|"
            "{family}{ending}|{family}-sur-{given}|{family}|Sainte {family}|Saint {given}|{family} {suffix}|"
            "La {family}|Saint-{given}-de-{family}|{family}-en-Bresse|Mont-{given}|{family}-la-Forêt|{family}ville|Bourg-{family}"
        ),
        "country": _split(
            "France|Allemagne|Espagne|Italie|Portugal|Royaume-Uni|États-Unis|Canada|Brésil|Mexique|Japon|Chine|Inde|Kenya|"
            "Sénégal|Maroc|Algérie|Tunisie|Égypte|Turquie|Iran|Jordanie|Géorgie|Tchad|Israël|Liban|Pologne|Ukraine|Roumanie|"
            "Grèce|Irlande|Écosse|Norvège|Suède|Finlande|Danemark|Islande|Vietnam|Cameroun|Congo|Mali|Côte d'Ivoire|Bénin|"
            "Belgique|Suisse|Autriche|Argentine|Bretagne|Normandie|Alsace|Provence|Corse|Guadeloupe|Martinique|La Réunion"
        ),
        "street": _split(
            "rue {given} {family}|avenue {given} {family}|boulevard {family}|rue {family}|place {given}-{family}|rue du "
            "Général {family}|avenue du Maréchal {family}|rue Saint-{given}|quai {given} {family}|impasse {family}|allée "
            "{given}|chemin de {family}|rue Victor Hugo|avenue Jean Jaurès|rue Pasteur|place Charles de Gaulle|cours "
            "{family}|rue Jean Moulin|bd {family}|av. {given} {family}|rue Sainte-{given}|square {given} {family}|rue de la "
            "République|rue des Lilas|rue de Verdun|rue Docteur {family}|passage {family}|{family} Street|route de {city}"
        ),
        "place": _split(
            "gare Saint-{given}|aéroport {given} {family}|parc {family}|stade {given} {family}|Stade Roland-Garros|pont "
            "{family}|lac {family}|métro {family}|tour {family}|place {family}|aéroport Charles de Gaulle|jardin {given} "
            "{family}|port {given}|cap {family}|plage de {family}|col de {family}|mont {family}|gymnase {given} {family}|gare "
            "de {city}|salle {given} {family}|piscine {given} {family}|halle {given} {family}|parc des Princes|Terminal {family}"
        ),
        "org": _split(
            "cabinet {family}|{family} SA|{family} SARL|{family} et Fils|{family} & Associés|groupe {family}|Fondation {family}|"
            "fondation {given} {family}|université {given} {family}|lycée {given} {family}|collège {family}|école {given} "
            "{family}|hôpital {given} {family}|Hôpital Georges Pompidou|clinique Saint-{given}|CHU de {city}|mairie de "
            "{city}|université de {city}|institut {family}|SAS {family}|Transports {family}|Éditions {family}|Maison {family}|"
            "{brandword}|{brandword}|{brandword}|{brandword}|{brandword} SA|groupe {brandword}|{brandword} France|banque {brandword}|"
            "SNCF|La Poste|Orange|EDF|Carrefour|Leclerc|Auchan|Renault|Peugeot|Citroën|Michelin|BNP Paribas|Société Générale|"
            "Crédit Agricole|Caisse d'Épargne|Air France|Fnac|Darty|Leroy Merlin|Decathlon|Boulanger|Yves Rocher|Louis Vuitton|"
            "Jean-Paul Gaultier|Christian Dior|Paul|Nicolas|Picard|Ladurée|Fauchon|Bonne Maman|Marie|Monoprix|Doctolib|Blablacar|"
            "Croix-Rouge|Secours populaire|CGT|CFDT|URSSAF|CAF|Pôle emploi|France Travail|Assurance maladie|Google|Amazon|"
            "Microsoft|OpenAI|Airbnb|Ikea|Paroisse Saint-{given}|Notaires {family} et {family}|Menuiserie {family}|SCI {family}|"
            "Ambulances {family}|Taxi {given}|pharmacie {family}|crèche {given} {family}|laboratoire {family}|AS {city}|GAEC {family}"
        ),
        "shop": _split(
            "Chez {given}|chez {family}|Boulangerie {family}|Garage {family}|Hôtel {given}|Hôtel {family}|Le {family}|La Table "
            "de {given}|Brasserie {family}|Café {given}|Pizzeria {given}|Auberge {family}|Au Bon {family}|Villa {given}|Les "
            "Jardins de {given}|Librairie {family}|Coiffure {given}|Boucherie {family}|Domaine {family}|Château {family}|Gîte "
            "de {given}|Riad {given}|Le Bistrot de {given}|Mercure|Ibis|Novotel|Le Petit Nice|La Coupole|Restaurant {given} "
            "{family}|Fleurs de {given}|Optique {family}|L'Atelier de {given}|La Mère {family}|Salon {given}|Camping {family}"
        ),
        "title": _split(
            "Le Journal de {given}|Les Aventures de {given}|{given} et les autres|Le Secret de {given} {family}|L'Affaire "
            "{family}|Madame {family}|Monsieur {family}|Bonjour {given}|Le Mystère {family}|La Vie de {given} {family}|Les "
            "Misérables|Madame Bovary|Thérèse Raquin|Le Petit Prince|Eugénie Grandet|Le Père Goriot|Cyrano de Bergerac|"
            "Amélie Poulain|Martine à la plage|Le Petit Nicolas|Germinal|Bel-Ami|Carmen|Phèdre|Lucien de Rubempré|"
            "{given} s'en va|Moi, {given} {family}|Chère {given}|La Méthode {family}|Le Dîner de {given}"
        ),
        "product": _split(
            "{model}|{model} {num}|{kindof}|{kindof} neuf|{kindof} {model}|{model} d'occasion|{kindof}, taille {num}|deux {kindof}|lot de {kindof}|"
            "{kindof} {family}|{model}|{kindof} {model}|{kindof} {given}|le modèle {given}|la gamme {family}|parure {given}|"
            "table {given}|tapis {given}|champagne {family}|bière {family}|{family} 3000|whisky {family}|confiture {given}|"
            "rosier {given} {family}|version {given}|parfum {given}|fromage {family}|{kindof} {family}|{family} Élite|{kindof} {given} {family}"
        ),
        "event": _split(
            "prix {family}|prix {given}-{family}|coupe {family}|tempête {given}|la Saint-{given}|ouragan {given}|loi {family}|"
            "théorème de {family}|trophée {family}|projet {given}|opération {given}|festival {given}|plan {family}|Noël|Pâques|"
            "Toussaint|fête de la Saint-Jean|Trophée Jules-Verne|prix Goncourt|prix Nobel|loi Veil|prix Renaudot"
        ),
    },
)
