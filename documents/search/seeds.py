"""Words that mean the same in care, to begin with; from then on they are the administrators'.

Loaded after a migration into an empty list, so that what has been taken away stays away.
"""

from __future__ import annotations

from documents.models import Synonym

# One a line: = both ways, > who looks for the first also finds the second, which is wider or only usual.
SYNONYMS = """
adl = aktiviteter i dagliga livet
asih = avancerad sjukvård i hemmet
avk = antikoagulation
bvc = barnavårdscentral
bvc = barnhälsovård
crp = snabbsänka
cvk = central venkateter
dekubitus = trycksår
liggsår = trycksår
dos = dosdispensering
dvt = djup ventrombos
blodpropp > trombos
ekg = elektrokardiogram
fallolycka > fallskada
fotsår > sår
gcs = glasgow coma scale
hb = hemoglobin
hjärtinfarkt = myokardinfarkt
hjärtsvikt = hjärtinsufficiens
hlr = hjärt- och lungräddning
hsl = hälso- och sjukvårdslagen
högt blodtryck = hypertoni
ibs = irritabel tarm
iva = intensivvårdsavdelning
kad = urinkateter
kad = kateter à demeure
kol = kroniskt obstruktiv lungsjukdom
lag om stöd och service = lss
lungröntgen = thoraxröntgen
lvm = lagen om vård av missbrukare
lpt = lagen om psykiatrisk tvångsvård
mas = medicinskt ansvarig sjuksköterska
mar = medicinskt ansvarig för rehabilitering
mrsa = meticillinresistenta stafylokocker
mvc = mödravårdscentral
mvc = barnmorskemottagning
medicin = läkemedel
fall > falltillbud
blodtryck = bt
npö = nationell patientöversikt
nutrition = näring
nutrition > kost
peg = gastrostomi
pvk = perifer venkateter
psl = patientsäkerhetslagen
rls = restless legs
sbar = situation bakgrund aktuellt rekommendation
sip = samordnad individuell plan
sjukresa = sjuktransport
stickskada > blodsmitta
stroke = slaganfall
svf = standardiserat vårdförlopp
sätta kateter > kateterisering
tia = transitorisk ischemisk attack
trygghetslarm > larm
uvi = urinvägsinfektion
urinblåsekateter = urinkateter
uska = undersköterska
ssk = sjuksköterska
vas = smärtskattning
vri = vårdrelaterad infektion
vab > vård av barn
blodförtunnande = antikoagulantia
värktablett > analgetika
smärtstillande = analgetika
vätskedrivande = diuretika
lugnande = sedativa
febernedsättande > paracetamol
kräkning = emesis
diarré > magsjuka
vinterkräksjuka = calicivirus
vinterkräksjuka = norovirus
rullator > gånghjälpmedel
bältros = herpes zoster
blodförgiftning = sepsis
kissa > urin
bajsa > avföring
självmord = suicid
mediciner = läkemedel
dödsfall = avliden
tillsyn > övervakning
avvikelse = avvikelserapport
remittera > remiss
hemgång = utskrivning
anhörig = närstående
brukare > patient
oxygen = syrgas
tbc = tuberkulos
mrt = magnetkamera
magnetröntgen = magnetkamera
dt = datortomografi
ct = datortomografi
skiktröntgen = datortomografi
rik = ren intermittent kateterisering
ul = ultraljud
ukg = ekokardiografi
hjärtultraljud = ekokardiografi
öli = övre luftvägsinfektion
gbs = streptokocker grupp b
sti = sexuellt överförd infektion
könssjukdom = sexuellt överförd infektion
npf = neuropsykiatrisk funktionsnedsättning
fk = försäkringskassan
ivo = inspektionen för vård och omsorg
sol = socialtjänstlagen
pdl = patientdatalagen
pl = patientlagen
osl = offentlighets- och sekretesslagen
vårdcentral = hälsocentral
äldreboende = särskilt boende
säbo = särskilt boende
hemtjänst > hemsjukvård
ssih = specialiserad sjukvård i hemmet
palliativ = livets slutskede
sond = enteral nutrition
dropp = infusion
spruta > injektion
bryta benet > fraktur
benbrott = fraktur
halsfluss = tonsillit
öroninflammation = otit
lunginflammation = pneumoni
hjärnblödning > stroke
gulsot = ikterus
blåskatarr = cystit
hjärnskakning = commotio
åderbråck = varicer
sockersjuka = diabetes
socker > glukos
blodsocker = glukos
förstoppning = obstipation
andnöd = dyspné
utslag > exantem
klåda = pruritus
svullnad = ödem
"""


def load() -> None:
    """Write them, if there are none."""
    if Synonym.objects.exists():
        return
    rows = []
    for line in SYNONYMS.split("\n"):
        for sign in ("=", ">"):
            term, found, means = line.partition(f" {sign} ")
            if found:
                rows.append(Synonym(term=term, means=means, both_ways=sign == "="))
    Synonym.objects.bulk_create(rows, ignore_conflicts=True)
