"""What is written in the judged files: texts of ours, so that what a right reading of each file is, is known.

A source is its blocks, in reading order. Most come from the demonstration's texts; those here hold what those lack:
merged cells, headers at both edges, nested lists, notes at the foot of a page, addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from portal.demo import files as demo

TEXTS = Path(__file__).resolve().parents[2] / "portal" / "demo" / "texts"
_LINK = re.compile(r"\[([^\]]+)\]\((https://[^)]+)\)|\^(\d+)\^")


@dataclass
class Run:
    """Words of a paragraph: plain, an address to follow (`href`), or the mark of a note."""

    text: str
    href: str = ""
    note: int = 0


@dataclass
class Cell:
    text: str
    across: int = 1
    down: int = 1
    head: bool = False


@dataclass
class Item:
    text: str
    items: list[Item] = field(default_factory=list)
    ordered: bool = False


@dataclass
class Block:
    """kind: heading (level 1 to 3), paragraph, list, table or callout."""

    kind: str
    runs: list[Run] = field(default_factory=list)
    level: int = 0
    ordered: bool = False
    items: list[Item] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass
class Source:
    number: str
    title: str
    blocks: list[Block]
    notes: list[str] = field(default_factory=list)


def runs(text: str) -> list[Run]:
    found, at = [], 0
    for match in _LINK.finditer(text):
        found.append(Run(text[at : match.start()]))
        found.append(Run(match[1], href=match[2]) if match[1] else Run("", note=int(match[3])))
        at = match.end()
    found.append(Run(text[at:]))
    return [run for run in found if run.text or run.note]


def heading(level: int, text: str) -> Block:
    return Block("heading", runs(text), level=level)


def paragraph(text: str) -> Block:
    return Block("paragraph", runs(text))


def callout(text: str) -> Block:
    return Block("callout", runs(text))


def bullets(*items: str | Item, ordered: bool = False) -> Block:
    return Block("list", items=[item if isinstance(item, Item) else Item(item) for item in items], ordered=ordered)


def table(head: str, *rows: str, first: bool = False) -> Block:
    """Rows as `a | b | c`. `>` goes on the cell to its left, `^` the cell above; `first`: the first column heads rows."""
    grid = [[cell.strip() for cell in row.split("|")] for row in (*head.split("\n"), *rows)]
    heads = len(head.split("\n"))
    made: list[list[Cell]] = []
    owner: dict[tuple[int, int], Cell] = {}
    for y, row in enumerate(grid):
        line: list[Cell] = []
        for x, text in enumerate(row):
            if text == ">":
                left = owner[y, x] = owner[y, x - 1]
                left.across += 1
            elif text == "^":
                above = owner[y, x] = owner[y - 1, x]
                if x == 0 or owner.get((y, x - 1)) is not above:
                    above.down += 1
            else:
                cell = owner[y, x] = Cell(text, head=y < heads or (first and x == 0))
                line.append(cell)
        made.append(line)
    return Block("table", rows=made)


def from_demo(number: str) -> Source:
    _, facts, body = (TEXTS / f"{number}.md").read_text().split("---\n", 2)
    title = re.search(r"^title: (.*)$", facts, re.MULTILINE)
    blocks = []
    for b in demo.blocks(body):
        if b.kind == "heading":
            blocks.append(heading(max(1, b.level - 1), b.text))
        elif b.kind == "list":
            blocks.append(bullets(*b.items, ordered=b.ordered))
        elif b.kind == "table":
            width = max(map(len, b.rows))
            rows = [" | ".join([*row, *[""] * (width - len(row))]) for row in b.rows]
            blocks.append(table(*rows))
        else:
            blocks.append(Block(b.kind, [Run(b.text)]))
    return Source(number, title[1] if title else number, blocks)


RISK = Source(
    "RUT-0501",
    "Bedömning av risk för trycksår",
    [
        heading(1, "Syfte"),
        paragraph(
            "Rutinen beskriver hur risken för trycksår bedöms vid inskrivning, vid förändrat tillstånd och minst en gång i "
            "veckan. Den gäller på sjukhus, på särskilt boende och i hemsjukvården, och ersätter de lokala anvisningarna."
        ),
        paragraph(
            "Bedömningen görs av sjuksköterska tillsammans med den som känner personen bäst. Poängen räknas samman och "
            "avgör vilka åtgärder som sätts in samma dag, oberoende av vilken vårdgivare som ansvarar."
        ),
        heading(1, "Skala för bedömning"),
        paragraph("Välj ett alternativ i varje rad och skriv poängen i journalen. Lägst summa betyder störst risk."),
        table(
            "Område | 1 poäng | 2 poäng | 3 poäng | 4 poäng",
            "Psykiskt tillstånd | Okontaktbar | Djupt förvirrad | Förvirrad ibland | Fullt orienterad",
            "Fysisk aktivitet | Sängliggande | Rullstol hela dagen | Går med stöd | Går utan hjälp",
            "Rörelseförmåga | Orörlig | Mycket begränsad | Något begränsad | Full",
            "Födointag | Dropp enbart | Halv portion | Tre fjärdedels portion | Normal portion",
            "Vätskeintag | Under 500 ml | 500 till 699 ml | 700 till 999 ml | Över 1000 ml",
            "Inkontinens | Urin och avföring | Urin, vanligtvis | Tillfällig | Nej",
            "Allmäntillstånd | Mycket dåligt | Dåligt | Ganska bra | Bra",
            first=True,
        ),
        heading(2, "Vad summan betyder"),
        table(
            "Summa | Risk | Åtgärd inom",
            "20 eller lägre | Ökad | 2 timmar",
            "21 till 24 | Måttlig | 24 timmar",
            "25 eller mer | Låg | Vid förändring",
        ),
        heading(1, "Åtgärder vid ökad risk"),
        bullets(
            "Byt läge minst varannan timme och anteckna klockslag och läge.",
            "Lägg tryckavlastande madrass samma dag. Saknas den, ring hjälpmedelsjouren.",
            "Inspektera huden vid varje omvårdnadstillfälle, särskilt över hälar, höfter och korsben.",
            "Kontakta dietist om personen äter mindre än halva portionen i två dygn.",
        ),
        callout("Viktigt: En rodnad som inte bleknar vid tryck är redan ett trycksår av kategori 1."),
        heading(2, "När personen flyttas"),
        paragraph(
            "Senaste summa och pågående åtgärder skrivs i överrapporteringen. Den mottagande enheten gör en egen bedömning "
            "inom två timmar efter ankomsten, också om den förra är från samma dag."
        ),
    ],
)

MEDICINES = Source(
    "RIK-0502",
    "Läkemedel vid akut oro hos äldre",
    [
        heading(1, "Bakgrund"),
        paragraph(
            "Oro hos äldre beror ofta på smärta, urinretention, infektion eller läkemedel.^1^ Behandla orsaken först. Läkemedel "
            "mot oro ges bara när omvårdnadsåtgärder inte har räckt, i lägsta dos och under kortast möjliga tid."
        ),
        paragraph(
            "Undvik läkemedel med antikolinerg effekt. Läkemedelsgenomgång ska göras inom en vecka, se "
            "[Kloka listan](https://lakemedel.region.example/kloka-listan) och regionens "
            "[handbok](https://handbok.region.example/oro)."
        ),
        heading(1, "Doser"),
        table(
            "Läkemedel | Dos | > | Att tänka på\n^ | Första | Högst per dygn | ^",
            "Oxazepam | 5 mg | 15 mg | Fallrisk de första dygnen",
            "Klometiazol | 300 mg | 600 mg | Ges till natten, inte vid andningssvikt",
            "Risperidon | 0,25 mg | 1 mg | Omprövas efter en vecka",
            "Haloperidol | 0,5 mg | 2 mg | Inte vid Parkinsons sjukdom",
        ),
        paragraph("Doserna gäller personer över 75 år. Vid njursvikt halveras första dosen.^2^"),
        heading(1, "Uppföljning"),
        bullets(
            "Skatta oron före dosen och en timme efter.",
            "Mät blodtryck liggande och stående dagen efter.",
            "Skriv in när behandlingen ska omprövas och av vem.",
            ordered=True,
        ),
        heading(2, "Kontakt"),
        table(
            "Fråga | Vem | Telefon",
            "Dosering | Läkemedelsjouren | 010-555 01 10",
            "Akut förvirring | Geriatrisk bakjour | 010-555 01 22",
            "Dosdispensering | Apoteket | 010-555 01 45",
        ),
    ],
    notes=[
        "Se även vårdprogrammet VPR-0009 om förvirringstillstånd hos äldre.",
        "Njursvikt räknas här från ett beräknat GFR under 30 ml per minut.",
    ],
)

STEPS = Source(
    "RUT-0503",
    "Överflyttning från sjukhus till kommunal hemsjukvård",
    [
        heading(1, "Före utskrivningen"),
        paragraph(
            "Den som skriver ut ansvarar för att mottagaren har allt som behövs innan personen åker hem. Planeringen börjar "
            "samma dag som personen skrivs in, inte när läkaren säger att hemgång är möjlig."
        ),
        bullets(
            Item(
                "Skicka inskrivningsmeddelande inom 24 timmar.",
                [Item("Ange beräknad utskrivningsdag."), Item("Ange om hjälpmedel behövs.")],
            ),
            Item("Kalla till planering när behovet är känt."),
            Item(
                "Gå igenom läkemedlen med personen.",
                [
                    Item("Läkemedelslistan ska vara aktuell."),
                    Item("Dospåsar räcker minst tre dygn."),
                    Item("Recept ska vara skickade."),
                ],
            ),
            ordered=True,
        ),
        heading(1, "Samma dag"),
        heading(2, "Sjukhuset"),
        bullets(
            "Utskrivningsmeddelande skickas före klockan 12.",
            "Epikris och läkemedelsberättelse lämnas till personen.",
            "Ring mottagande sjuksköterska om sår, kateter, syrgas eller smärtpump.",
        ),
        heading(2, "Kommunen"),
        bullets(
            "Bekräfta att meddelandet är läst.",
            "Gör första hembesöket inom fyra timmar.",
            "Rapportera avvikelser enligt RUT-0099, helst samma dag.",
        ),
        heading(2, "Vårdcentralen"),
        paragraph(
            "Fast läkarkontakt tar över det medicinska ansvaret vid hemkomsten. EKG-elektroderna och annan utrustning som följt "
            "med återlämnas till avdelningen inom en vecka."
        ),
        heading(1, "Om något brister"),
        paragraph(
            "Saknas läkemedel, underlag eller hjälpmedel ringer den som upptäcker det till utskrivande enhet direkt. En "
            "vårdskada eller en risk för vårdskada rapporteras alltid, av den som ser den, oavsett var den uppstod. Den som "
            "tar emot rapporten återkopplar inom 30 dagar."
        ),
        callout(
            "Observera: Personen ska aldrig skickas hem en fredag efter klockan 14 utan att mottagaren har sagt ja."
        ),
    ],
)

LONG_TABLE = Source(
    "RUT-0504",
    "Kontroller och intervall för medicintekniska produkter",
    [
        heading(1, "Omfattning"),
        paragraph(
            "Listan gäller produkter som lånas ut mellan vårdgivare. Den som har produkten i bruk svarar för daglig tillsyn, "
            "den som äger den för service."
        ),
        heading(1, "Produkter"),
        table(
            "Produkt | Daglig tillsyn | Service | Ansvarig",
            *[
                f"{name} | {daily} | {service} | {who}"
                for name, daily, service, who in [
                    ("Infusionspump", "Larm och batteri", "12 månader", "Medicinsk teknik"),
                    ("Sugapparat", "Undertryck och slang", "12 månader", "Medicinsk teknik"),
                    ("Syrgaskoncentrator", "Flöde och filter", "6 månader", "Leverantören"),
                    ("Blodtrycksmätare", "Manschett och visare", "24 månader", "Medicinsk teknik"),
                    ("Hjärtstartare", "Statuslampa", "12 månader", "Medicinsk teknik"),
                    ("Personlyft", "Bygel och nödsänkning", "12 månader", "Hjälpmedelscentralen"),
                    ("Lyftsele", "Sömmar och märkning", "6 månader", "Enheten"),
                    ("Vårdsäng", "Bromsar och grindar", "24 månader", "Hjälpmedelscentralen"),
                    ("Tryckavlastande madrass", "Tryck och överdrag", "12 månader", "Hjälpmedelscentralen"),
                    ("Nutritionspump", "Larm och dropptakt", "12 månader", "Leverantören"),
                    ("Inhalator", "Slang och filter", "24 månader", "Enheten"),
                    ("CRP-mätare", "Kontrollösning", "12 månader", "Laboratoriet"),
                    ("Blodsockermätare", "Kontrollösning", "Byts vart tredje år", "Laboratoriet"),
                    ("Ultraljud för urinblåsa", "Givare och gel", "12 månader", "Medicinsk teknik"),
                    ("EKG-apparat", "Kablar och papper", "24 månader", "Medicinsk teknik"),
                    ("Pulsoximeter", "Givare och larm", "24 månader", "Medicinsk teknik"),
                    ("Hostmaskin", "Tryck och mask", "12 månader", "Leverantören"),
                    ("CPAP", "Mask och filter", "24 månader", "Leverantören"),
                    ("Dialysmaskin för hemmet", "Egenkontroll enligt listan", "3 månader", "Njurmedicin"),
                    ("Smärtpump", "Larm och batteri", "12 månader", "Medicinsk teknik"),
                    ("Rullstol, eldriven", "Bromsar och batteri", "12 månader", "Hjälpmedelscentralen"),
                    ("Rollator", "Bromsar", "Vid behov", "Enheten"),
                    ("Duschstol", "Hjul och stomme", "24 månader", "Hjälpmedelscentralen"),
                    ("Trygghetslarm", "Provlarm en gång i månaden", "Byts vart femte år", "Kommunen"),
                    ("Autoklav", "Processdiagram", "12 månader", "Medicinsk teknik"),
                    ("Spoldesinfektor", "Temperatur och tid", "12 månader", "Fastighet"),
                ]
            ],
        ),
        heading(1, "När något är fel"),
        paragraph(
            "Märk produkten, ta den ur bruk och rapportera. En produkt som har skadat någon sparas orörd, också slangar och förpackning."
        ),
    ],
)

COLUMNS = Source(
    "RIK-0505",
    "Vaccination av personal och patienter inför vintern",
    [
        heading(1, "Vilka erbjuds vaccin"),
        paragraph(
            "Alla som är 65 år eller äldre, gravida efter vecka 12 och personer med hjärt-, lung- eller njursjukdom erbjuds "
            "vaccin mot influensa. Hushållskontakter till personer med nedsatt immunförsvar erbjuds också."
        ),
        paragraph(
            "Personal som arbetar patientnära bör vaccineras. Arbetsgivaren ordnar tid under arbetstid och bekostar dosen. "
            "Det gäller lika i regionens egen verksamhet, hos privata vårdgivare med avtal och i kommunerna."
        ),
        heading(1, "Beställning"),
        paragraph(
            "Vaccin beställs i två omgångar. Första beställningen görs senast den 15 september och omfattar högst hälften av "
            "förra säsongens förbrukning. Resten avropas när leveranserna är bekräftade av smittskyddsenheten."
        ),
        bullets(
            "Förvara vaccinet i kylskåp mellan 2 och 8 grader.",
            "Bryt aldrig kylkedjan, också korta avbrott ska dokumenteras.",
            "Kassera doser som har varit frysta.",
        ),
        heading(1, "Genomförande"),
        paragraph(
            "Fråga alltid om allergi, tidigare reaktioner och pågående feber. Adrenalin ska finnas framme. Den vaccinerade "
            "stannar kvar i 15 minuter efter injektionen, och längre om en tidigare reaktion har förekommit."
        ),
        heading(2, "Registrering"),
        paragraph(
            "Registrera dosen samma dag i vaccinationsregistret med satsnummer, dos, injektionsställe och ordinatör. "
            "Registreringen är underlag både för uppföljningen och för ersättningen till vårdgivaren."
        ),
        heading(2, "Biverkningar"),
        paragraph(
            "Allvarliga eller okända biverkningar anmäls till Läkemedelsverket. Misstänkt feldosering rapporteras dessutom som "
            "avvikelse till den enhet där dosen gavs, så att den som gav dosen kan utreda händelsen."
        ),
        paragraph(
            "Sammanställningen av rapporterna från hela länet presenteras för de lokala programområdena varje vår, tillsammans "
            "med täckningsgraden för varje vårdgivare och förslag till nästa säsong."
        ),
    ],
)

EXTRA = {source.number: source for source in (RISK, MEDICINES, STEPS, LONG_TABLE, COLUMNS)}


def source(number: str) -> Source:
    return EXTRA.get(number) or from_demo(number)
