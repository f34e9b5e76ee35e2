"""Names, towns and phone numbers by country, for invented people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """What a demo record of a country is made of. `phone` and `mobile` take a running number of four digits."""

    code: str
    name: str
    language: str
    zone: str
    currency: str
    weight: int
    legal: tuple[str, ...]
    women: tuple[str, ...]
    men: tuple[str, ...]
    surnames: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    """Town and postcode; `#` stands for a digit."""
    streets: tuple[str, ...]
    """`{n}` is the house number."""
    phone: str
    mobile: str


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COUNTRIES = (
    Country(
        "DE", "Germany", "de", "Europe/Berlin", "EUR", 26, ("GmbH", "GmbH & Co. KG", "AG", ""),
        _words("Anna Lena Julia Katharina Sabine Petra Miriam Hannah Greta Svenja Claudia Franziska Nele Birgit Aylin"),
        _words("Jonas Felix Lukas Stefan Matthias Thomas Henrik Moritz Jan Tobias Uwe Emre Paul Sebastian Dirk"),
        _words(
            "Brandt Vogel Krüger Lindemann Hartwig Seidel Wiegand Petersen Bergmann Kaya Reuter Ackermann Thiele "
            "Jansen Falk Drechsler Sommer Overbeck Lorenz Kirchner Mertens Yilmaz Hagen Nolte Wendt Hoffmann"
        ),
        (("Hamburg", "20###"), ("Berlin", "10###"), ("Köln", "50###"), ("München", "80###"), ("Leipzig", "04###"),
         ("Bremen", "28###"), ("Stuttgart", "70###"), ("Dresden", "01###"), ("Kiel", "24###")),
        ("Hafenstraße {n}", "Lindenallee {n}", "Am Speicher {n}", "Bahnhofstraße {n}", "Mühlenweg {n}",
         "Gartenstraße {n}"),
        "+49 40 5550 {n}", "+49 171 555 {n}",
    ),
    Country(
        "NL", "Netherlands", "nl", "Europe/Amsterdam", "EUR", 16, ("B.V.", "B.V.", "N.V.", ""),
        _words("Sanne Femke Lotte Anouk Maaike Noor Eline Roos Iris Fleur Esmee Marloes"),
        _words("Daan Bram Sem Thijs Jeroen Pieter Ruben Koen Maarten Joost Niels Sander"),
        ("de Vries", "Bakker", "van Dijk", "Visser", "Smit", "Mulder", "de Boer", "Dekker", "van Leeuwen", "Brouwer",
         "Hoekstra", "Postma", "van den Berg", "Kuipers", "Schouten", "Okafor", "Verhoeven", "Zandstra"),
        (("Rotterdam", "30## AB"), ("Amsterdam", "10## DK"), ("Utrecht", "35## HE"), ("Eindhoven", "56## BZ"),
         ("Groningen", "97## CT")),
        ("Havenkade {n}", "Prinsengracht {n}", "Stationsweg {n}", "Molenstraat {n}", "Kerkplein {n}"),
        "+31 10 555 {n}", "+31 6 5550 {n}",
    ),
    Country(
        "GB", "United Kingdom", "en", "Europe/London", "GBP", 14, ("Ltd", "Ltd", "plc", "LLP", ""),
        _words("Emily Charlotte Priya Olivia Harriet Zara Megan Imogen Niamh Beth Alisha Ruth"),
        _words("Oliver James Harry Callum Rhys Amir Daniel George Ewan Marcus Toby Kwame"),
        _words(
            "Whitfield Hargreaves Patel Ashworth Bennett Okonkwo Fletcher Sinclair Redfern Khan Marsh Thornton "
            "Pritchard Lowe Galloway Stone Barlow Mehta Winterbourne Doyle"
        ),
        (("London", "EC2A #NX"), ("Manchester", "M1 #AE"), ("Bristol", "BS1 #TR"), ("Leeds", "LS1 #DF"),
         ("Edinburgh", "EH3 #QG"), ("Cardiff", "CF10 #BH")),
        ("{n} Quay Street", "{n} Mill Lane", "{n} Albion Road", "{n} Station Approach", "{n} Foundry Yard"),
        "+44 20 7946 {n}", "+44 7700 90{n}",
    ),
    Country(
        "FR", "France", "fr", "Europe/Paris", "EUR", 10, ("SAS", "SARL", "SA", ""),
        _words("Camille Élodie Manon Chloé Inès Margaux Aurélie Sophie Léa Nadia"),
        _words("Julien Antoine Mathieu Hugo Baptiste Karim Étienne Nicolas Théo Olivier"),
        _words("Lefèvre Moreau Girard Faure Roussel Chevalier Marchand Benali Perrin Gauthier Lacroix Colin Renaud"),
        (("Paris", "750##"), ("Lyon", "690##"), ("Lille", "590##"), ("Nantes", "440##"), ("Bordeaux", "330##")),
        ("{n} rue du Port", "{n} avenue de la Gare", "{n} quai des Tanneurs", "{n} rue des Lilas"),
        "+33 1 99 00 {n}", "+33 6 39 98 {n}",
    ),
    Country(
        "SE", "Sweden", "sv", "Europe/Stockholm", "SEK", 8, ("AB", "AB", ""),
        _words("Astrid Elsa Linnea Maja Freja Karin Ebba Sigrid Amina"),
        _words("Erik Oskar Nils Gustav Anders Viktor Johan Elias Mikael"),
        _words("Lindqvist Sandberg Åkesson Nyström Holmgren Ekdahl Sjöberg Lundin Hedlund Forsberg Öberg"),
        (("Stockholm", "11# ##"), ("Göteborg", "41# ##"), ("Malmö", "21# ##"), ("Uppsala", "75# ##")),
        ("Hamngatan {n}", "Storgatan {n}", "Kvarnvägen {n}", "Björkallén {n}"),
        "+46 8 555 {n}", "+46 70 555 {n}",
    ),
    Country(
        "ES", "Spain", "es", "Europe/Madrid", "EUR", 8, ("S.L.", "S.L.", "S.A.", ""),
        _words("Lucía Carmen Marta Elena Paula Nuria Irene Sofía Rocío"),
        _words("Javier Álvaro Diego Pablo Sergio Iker Raúl Andrés Hugo"),
        _words("Ortega Navarro Romero Iglesias Castaño Fuentes Vidal Herrero Prieto Lozano Aguirre Molina"),
        (("Madrid", "280##"), ("Barcelona", "080##"), ("Valencia", "460##"), ("Bilbao", "480##"), ("Sevilla", "410##")),
        ("Calle del Puerto {n}", "Avenida de la Estación {n}", "Calle Mayor {n}", "Paseo del Río {n}"),
        "+34 91 555 {n}", "+34 6 5555 {n}",
    ),
    Country(
        "PL", "Poland", "pl", "Europe/Warsaw", "PLN", 6, ("Sp. z o.o.", "Sp. z o.o.", "S.A."),
        _words("Agnieszka Zofia Magdalena Kinga Ewa Hanna Justyna"),
        _words("Piotr Krzysztof Marek Jakub Tomasz Wojciech Adam"),
        _words("Wójcik Zieliński Nowicki Sikora Duda Pawlak Malinowski Gajda Wrona Kubiak"),
        (("Gdynia", "81-###"), ("Warszawa", "00-###"), ("Kraków", "30-###"), ("Wrocław", "50-###")),
        ("ul. Portowa {n}", "ul. Lipowa {n}", "ul. Dworcowa {n}", "al. Młyńska {n}"),
        "+48 22 555 {n}", "+48 60 555 {n}",
    ),
    Country(
        "DK", "Denmark", "da", "Europe/Copenhagen", "DKK", 5, ("ApS", "A/S", ""),
        _words("Freja Ida Mette Signe Camilla Lærke Nanna"),
        _words("Mads Rasmus Søren Frederik Kasper Lars Anton"),
        _words("Holm Mikkelsen Lund Dahl Bjerre Overgaard Kjær Winther Skov"),
        (("København", "21##"), ("Aarhus", "80##"), ("Odense", "50##"), ("Esbjerg", "67##")),
        ("Havnegade {n}", "Møllevej {n}", "Nørregade {n}", "Strandvejen {n}"),
        "+45 33 55 {n}", "+45 20 55 {n}",
    ),
    Country(
        "US", "United States", "en", "America/New_York", "USD", 7, ("Inc.", "LLC", "Corp.", ""),
        _words("Madison Grace Naomi Hailey Jasmine Claire Tessa Monica"),
        _words("Ethan Logan Marcus Tyler Andre Caleb Jordan Owen"),
        _words("Whitaker Delgado Prescott Nguyen Caldwell Osborne Freeman Ramirez Holloway Kim Sutherland"),
        (("Boston", "021##"), ("Chicago", "606##"), ("Portland", "972##"), ("Austin", "787##"), ("Denver", "802##")),
        ("{n} Harbor Blvd", "{n} Mill Street", "{n} Commerce Way", "{n} Maple Avenue"),
        "+1 617 555 {n}", "+1 312 555 {n}",
    ),
)  # fmt: skip
