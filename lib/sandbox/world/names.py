"""Words the invented company is made of: people, places of work, files. Nobody real is meant."""


def _words(text: str, divider: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(divider))


COMPANY = "Halden & Pryce Instruments"
DOMAIN = "haldenpryce.example"
SECOND_COMPANY = "Corvane Biologics"
SECOND_DOMAIN = "corvane.example"

# (name, domain) of the companies that external collaborators work for.
PARTNERS = (
    ("Ostrava Optics", "ostrava-optics.example"),
    ("Bright & Mbeki Legal", "brightmbeki.example"),
    ("Studio Kvist", "studiokvist.example"),
    ("Tamarind Logistics", "tamarind-logistics.example"),
)
# Domains that only incidents use: free mail and a competitor.
STRANGE_DOMAINS = ("freemail.example", "quickpost.example", "rival-metrology.example")

FIRST = _words(
    "Adaeze Agnieszka Ahmed Aiko Alejandra Amara Anders Anika Antoine Arjun Astrid Beatriz Bilal "
    "Björn Caitlin Carlos Chiamaka Chloé Daniel Daria Deepika Dmitri Eleni Elif Emeka Emil Esther "
    "Fatima Felix Femi Florian Freya Gabriela George Giulia Grace Haruto Hassan Helena Hiroshi "
    "Ibrahim Ines Ingrid Isabel Jamal Jana Javier Jing José Julia Kai Karthik Katarzyna Kenji "
    "Kwame Lakshmi Lars Layla Leila Liam Lucía Magnus Maeve Malik Marcus Marta Mei Miguel Mina "
    "Nadia Naomi Nikolai Noor Oisín Olga Omar Paolo Priya Rachel Rafael Ravi Rosa Samira Sanjay "
    "Saoirse Sofia Søren Tanvi Tariq Thandiwe Tomás Valentina Wei Yara Yuki Zainab Zoltán"
)
LAST = _words(
    "Abara Adeyemi Ahlgren Almeida Andersson Aoki Baker Banerjee Bauer Bekele Bianchi Boateng "
    "Brennan Cardoso Castillo Chandra Chen Cohen Costa Dahl D'Angelo Delgado Diallo Dubois Eriksen "
    "Farouk Fernández Fischer Fujita Garcia Gupta Haddad Hansen Hoffmann Horváth Ibarra Ito Iyer "
    "Jansen Johansson Kamau Kaplan Kaur Kim Kovács Kowalski Krause Lambert Larsen Lehmann Levi Li "
    "Lindqvist Lopes MacLeod Mahmoud Martin Mbeki Mehta Meyer Mori Moreau Murphy Nakamura Nair "
    "Ndiaye Nguyen Novák Nowak O'Brien Okafor Oliveira Osei Owusu Papadopoulos Park Patel Pereira "
    "Petrov Popescu Qureshi Rahman Ramírez Rao Reyes Ricci Rossi Saito Salazar Santos Sato Schmidt "
    "Shah Silva Singh Suzuki Takahashi Tanaka Tran Varga Vasquez Weber Wójcik Yamamoto Yilmaz Zhang"
)

# (department, share of people, titles, teams)
DEPARTMENTS = (
    (
        "Engineering",
        26,
        ("Mechanical Engineer", "Firmware Engineer", "Test Engineer", "Principal Engineer"),
        ("Firmware", "Mechanics", "Test Lab", "Metrology", "Tooling"),
    ),
    (
        "Sales",
        18,
        ("Account Executive", "Sales Engineer", "Regional Manager"),
        ("EMEA", "Americas", "Asia Pacific", "Channel"),
    ),
    (
        "Research",
        12,
        ("Research Scientist", "Optical Physicist", "Data Scientist"),
        ("Optics", "Materials", "Publications"),
    ),
    (
        "Operations",
        12,
        ("Supply Planner", "Production Manager", "Quality Engineer"),
        ("Supply", "Quality", "Plant"),
    ),
    (
        "Marketing",
        10,
        ("Product Marketer", "Designer", "Event Manager"),
        ("Brand", "Events", "Web"),
    ),
    (
        "Finance",
        9,
        ("Controller", "Financial Analyst", "Accounts Payable Specialist"),
        ("Controlling", "Payables", "Audit"),
    ),
    (
        "Legal",
        5,
        ("Counsel", "Contract Manager", "Paralegal"),
        ("Contracts", "Patents"),
    ),
    (
        "People",
        8,
        ("Recruiter", "People Partner", "Payroll Specialist"),
        ("Hiring", "Payroll", "Learning"),
    ),
)

PROJECTS = _words(
    "Albatross Amber Anvil Aurora Basalt Beacon Bluebird Borealis Cedar Chinook Cobalt Comet "
    "Condor  Corundum Delta Dune Ember Falcon Fjord Gannet Garnet Glacier Halcyon Harrier Heron "
    "Horizon  Indigo Iris Jasper Juniper Kestrel Lantern Larch Linden Lodestar Magpie Marlin "
    "Meridian  Mistral Nimbus Obsidian Onyx Orchid Osprey Petrel Pinnacle Polaris Quartz Quill "
    "Rowan Sable Saffron  Sextant Sirocco Skylark Solstice Sparrow Tamarack Tempest Thistle Topaz "
    "Umber Vesper Willow Zephyr"
)
SUBFOLDERS = ("Planning", "Deliverables", "Budget and contracts")

# (extension, smallest and largest usual size in bytes, share)
EXTENSIONS = (
    ("docx", 18_000, 900_000, 40),
    ("pdf", 40_000, 9_000_000, 52),
    ("xlsx", 12_000, 2_500_000, 40),
    ("pptx", 300_000, 28_000_000, 26),
    ("png", 30_000, 4_000_000, 18),
    ("jpg", 90_000, 7_000_000, 14),
    ("csv", 2_000, 14_000_000, 14),
    ("txt", 300, 40_000, 7),
    ("zip", 100_000, 180_000_000, 8),
    ("dwg", 400_000, 42_000_000, 9),
    ("mp4", 8_000_000, 700_000_000, 5),
    ("boxnote", 900, 30_000, 9),
    ("json", 500, 300_000, 4),
    ("msg", 20_000, 900_000, 6),
    ("md", 500, 30_000, 4),
)
SUBJECTS = {
    "Engineering": _words(
        "Test report|Tolerance study|Firmware release notes|Assembly drawing|Bill of materials|"
        "Design review|Calibration log|Fixture layout|Failure analysis|Sprint plan",
        "|",
    ),
    "Sales": _words(
        "Quote|Proposal|Pipeline|Account plan|Price list|Customer visit notes|Order confirmation|"
        "Forecast|Reference deck|Tender response",
        "|",
    ),
    "Research": _words(
        "Lab notebook|Measurement series|Draft paper|Beam alignment|Grant application|Poster|"
        "Raw data|Literature review|Simulation results|Sample register",
        "|",
    ),
    "Operations": _words(
        "Delivery schedule|Stock count|Inspection sheet|Supplier audit|Shift plan|Packing list|"
        "Nonconformity report|Capacity plan|Maintenance log|Freight invoice",
        "|",
    ),
    "Marketing": _words(
        "Campaign brief|Trade fair plan|Product sheet|Photo selection|Press release|Web copy|"
        "Brand guide|Customer story|Newsletter|Video cut",
        "|",
    ),
    "Finance": _words(
        "Month-end close|Budget|Invoice batch|Cost centre report|Cash forecast|Audit request|"
        "Expense summary|Payment run|Tax workpaper|Board pack",
        "|",
    ),
    "Legal": _words(
        "Master agreement|NDA|Patent draft|Contract review|Opinion|Amendment|Disclosure|"
        "Licence terms|Claim chart|Data processing agreement",
        "|",
    ),
    "People": _words(
        "Offer letter|Interview notes|Payroll run|Training plan|Handbook|Onboarding list|"
        "Review form|Salary bands|Org chart|Leave calendar",
        "|",
    ),
}
QUALIFIERS = _words(
    "v2|final|FINAL (2)|draft|signed|for review|Q1|Q2|Q3|Q4|Berlin|Tokyo|EMEA|rev B|rev C|2nd pass|"
    "Osprey|Halcyon|K-120|K-240|MX7|internal|customer copy|with comments",
    "|",
)
OTHER_NAMES = (
    "契約書",
    "四半期報告",
    "Übersicht Maße",
    "договор поставки",
    "παρουσίαση",
    "प्रशिक्षण योजना",
    "회의록",
)
# Names that break careless code. They are data here and must stay data everywhere.
HOSTILE = (
    'Quote "final" (don\'t edit).docx',
    "<script>alert(1)</script>.html",
    "<img src=x onerror=alert(document.domain)>.png",
    '=HYPERLINK("http://198.51.100.9/","open").csv',
    "+1+cmd|' /C calc'!A0.xlsx",
    "-2+3 readings.csv",
    "@SUM(1+1)*cmd.xlsx",
    "party \U0001f389\U0001f469\u200d\U0001f680 plan.pptx",
    "\u202egpj.tropeR ylretrauQ.exe",
    "تقرير الربع الثالث.pdf",
    "דוח שנתי.docx",
    "'; DROP TABLE events; --.sql",
    "{{7*7}} ${jndi:ldap://x} %s %n.txt",
    "back`tick` [link](javascript:alert(1)) **bold**.md",
    " leading and trailing .txt ",
    "tab\tinside.txt",
    "Zalgo t\u0321\u0353e\u0322x\u0334t\u0337.txt",
    "A very long name " + "that goes on and on " * 11 + "end.pdf",
    "NULL",
    "0",
)
BROWSERS = _words(
    "Chrome on Windows|Chrome on macOS|Safari on macOS|Edge on Windows|Firefox on Linux|"
    "Box Drive for Windows|Box Drive for Mac|Box for iPhone|Box for Android",
    "|",
)
SERVICES = (
    ("Box Web Application", "271"),
    ("Box Drive", "58631"),
    ("Box for Office", "11205"),
    ("Box for iPhone", "6113"),
    ("Box for Android", "6114"),
    ("Slack", "90211"),
    ("Salesforce", "70331"),
)
ARCHIVE_APP = ("Archive Connector", "1489021")
BACKUP_APP = ("Backup Sync", "1502277")
