"""What goes wrong in bulk delivery, scenario by scenario (numbers of the list that the commands were made by), and which test has it:
  batch   1 bench/deliver.py (5,001 and 100,000), batch.py (same bytes)   2 here, batch.py, deliver_boundaries.py   4 here, batch.py   5 batch.py, unit/test_deliver.c
          6 here, batch.py, batch_abroad.py   8 here, batch.py   10 here, batch.py   11 batch.py, limits.py, here
  copies  12 here, copies.py, copies_many.py (500 by hand)   14 here, copies.py   15 here, copies.py, verapdf.py   17 here, copies.py, deliver_boundaries.py   18 deliver_boundaries.py
  send    19 send_faults.py, unit/test_send.c (rate), bench/deliver.py (1,000)   20 send.py   22 mail_servers.py, send.py, send_faults.py   24 mail_servers.py (minutes), send.py
          25 send.py, send_faults.py   26 mail_servers.py, send.py, unit/test_send.c   27 mail_servers.py (mutt and others), send_faults.py (sizes)
  deliveries 29 here, copies.py, send_faults.py;   moved on purpose: deliver_shift.py;   other countries: batch_abroad.py
Each ends with verify, and with no issued file changed. Usage: deliver_scenarios.py TAXCERT SOURCE_DIR"""
import collections, csv, glob, hashlib, json, os, re, shutil, subprocess, sys, tempfile, threading

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from mailserver import Server, certificates  # noqa: E402

cache = os.path.join(os.path.dirname(program), "pdfjs")
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
bank = os.path.join(source, "samples/bank")
ENV = {**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": source + "/templates", "ASAN_OPTIONS": "detect_leaks=0"}
COUNT = 7


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=ENV)
    assert done.returncode == code or code is None, (words, done)
    return done


def out(*words, **more):
    return subprocess.run(words, capture_output=True, check=True, **more).stdout


def rows(path):
    return list(csv.DictReader(open(path, encoding="utf-8", newline="")))


def bare(text):
    return "".join(text.decode().split())


def hashes(run):
    return {p: hashlib.sha256(open(p, "rb").read()).hexdigest() for p in glob.glob(run + "/certificates/*/*.pdf")}


def make_run(name, delivery="print", count=COUNT, change=None, code=0):
    payroll, people = json.load(open(bank + "/payroll.json")), json.load(open(bank + "/employees.json"))
    payroll.pop("declarations")
    numbers = collections.Counter(c["personnel_number"] for c in payroll["certificates"])
    payroll["certificates"] = [c for c in payroll["certificates"] if numbers[c["personnel_number"]] == 1][:count]
    of = [c["personnel_number"] for c in payroll["certificates"]]
    people["employees"] = [e for e in people["employees"] if e["personnel_number"] in of]
    for e in people["employees"]:
        e.pop("mailing_address", None)
        e.update(delivery=delivery, email=f"p{of.index(e['personnel_number'])}@firma.example")
        e["address"] = {"street": "Weg 1", "postcode": f"{of.index(e['personnel_number']):02}067", "city": "Dresden", "country": "DE"}
    if change:
        change(people["employees"], of)
    for what, data in (("payroll", payroll), ("employees", people)):
        json.dump(data, open(f"{work}/{name}-{what}.json", "w"))
    taxcert("generate", "--allow-test-ids", "-e", f"{work}/{name}-employees.json", f"{work}/{name}-payroll.json", "-o", f"{work}/{name}", code=code)
    return f"{work}/{name}", [c["id"] for c in payroll["certificates"]]


def altered(run):
    """4: a byte of one issued file; another one's valid certificate in its place: batch refuses as a whole, and names the file."""
    for name, change in ("byte", None), ("other", None):
        broken = shutil.copytree(run, f"{work}/broken-{name}")
        one, other = sorted(glob.glob(broken + "/certificates/*/*.pdf"))[:2]
        if name == "byte":
            data = bytearray(open(one, "rb").read())
            data[-3000] ^= 1
            open(one, "wb").write(data)
        else:
            shutil.copy(other, one)
        done = taxcert("batch", broken, "-o", f"{work}/no-{name}", code=4)
        assert "[changed]" in done.stderr and os.path.basename(one) in done.stderr and not glob.glob(f"{work}/no-{name}*"), done.stderr
        assert not re.search('"event":"(begun|printed)"', open(broken + "/events.log").read())


def both_sides(run):
    """6: 1, 2, 3 letters and all: as many marks as the cover says, each on a front, no back has anything."""
    for size in 1, 2, 3, COUNT:
        folder = f"{work}/duplex-{size}"
        taxcert("batch", run, "-o", folder, "--duplex", "--size", str(size), *([] if size == 1 else ["--again"]))
        tables = sorted(glob.glob(folder + "/??????.csv"))
        assert len(tables) == -(-COUNT // size)
        for table in tables[:1]:
            pdf, lines = table[:-4] + ".pdf", rows(table)
            cover = out("pdftotext", "-layout", table[:-4] + "-cover.pdf", "-").decode()
            total = int(re.search(r"Blätter +(\d+)", cover)[1])
            out("pdftoppm", "-gray", "-r", "150", "-x", "0", "-y", "1600", "-W", "1240", "-H", "154", pdf, work + "/side")
            sides = sorted(glob.glob(work + "/side-*.pgm"))
            assert len(sides) == 2 * total == 2 * len(lines), (size, sides)
            for i, side in enumerate(sides):
                if i % 2:
                    assert set(open(side, "rb").read().split(b"\n255\n", 1)[1]) == {255}
                elif i < 6:
                    assert out("dmtxread", "-N1", side).decode() == lines[i // 2]["mark"]
                os.remove(side)
            bodies = [re.search(rb"/Contents", m) for m in re.findall(rb"<</Type/Page/.*?>>\n", open(pdf, "rb").read())]
            assert [body is not None for body in bodies] == [True, False] * total, "an empty back has no content stream"


def interrupted(run):
    """2: two jobs of which the log has one: nothing but the same command goes on, and says the other; --again is a new batch."""
    half = shutil.copytree(run, work + "/half")
    words = ["batch", half, "-o", work + "/half-print", "--size", "4"]
    taxcert(*words)
    lines = open(half + "/events.log").readlines()
    assert [json.loads(line)["event"] for line in lines[-3:]] == ["begun", "printed", "printed"]
    for kept in lines[:-1], lines[:-2]:
        open(half + "/events.log", "w").writelines(kept)
        for other in (["batch", half, "-o", work + "/else", "--rest"], ["batch", half, "-o", work + "/else", "--size", "3"]):
            assert "[interrupted]" in taxcert(*other, code=2).stderr and not os.path.exists(work + "/else")
        assert "[there]" in taxcert(*words).stderr
        ends = [json.loads(line) for line in open(half + "/events.log")][-3:]
        assert [(e["event"], e.get("job")) for e in ends] == [(e["event"], e.get("job")) for e in map(json.loads, lines[-3:])]
    assert "[there]" in taxcert(*words).stderr and len(open(half + "/events.log").readlines()) == len(lines), "all was said: nothing is said twice"
    assert "[printed-before]" in taxcert("batch", half, "-o", work + "/else", code=2).stderr
    shutil.rmtree(work + "/half-print")
    assert "[printed-before]" in taxcert(*words, code=2).stderr, "its sheets are somewhere"
    taxcert("verify", half, "--sample", "1")


ABROAD = {"AT": ["AT", "Österreich", "OESTERREICH", "Austria", "A", "AUT", "at"], "PL": ["PL", "Polen", "Poland", "polska"], "FR": ["France"], "GB": ["UK", "Großbritannien"],
          "US": ["U.S.A.", "Vereinigte Staaten"], "CH": ["Schweiz", "SUISSE"]}
HOME = ["DE", "DEUTSCHLAND", "Deutschland", "Germany", "GERMANY", "D", "de", "DEU", " Deutschland ", "Bundesrepublik Deutschland"]
NOWHERE = [{"postcode": None}, {"postcode": ""}, {"postcode": "1067"}, {"postcode": "D-01067"}, {"postcode": "01067 "}, {"country": "Germany", "postcode": "0106"}]
HELD = [{"country": "XX"}, {"country": "Narnia"}, {"country": ""}, {"country": None}, {"street": " "}, {"city": None}, {"postcode": 1067}]  # no certificate: what is wrong is told


def addresses():
    """8: home in any words by postcode as a text, abroad by country, whom no post reaches on a list: everybody in one place, over a correction too."""
    post = ["10115", "01067", "99998", "09111", "80331", "01068", "00999", "20095", "60311", "04109"]
    given = [{"country": word, "postcode": post[i]} for i, word in enumerate(HOME)] + [{"street": "Postfach 12", "postcode": "01069"}]
    given += [{"country": word, "postcode": "X 1", "city": "Anderswo"} for words in ABROAD.values() for word in words] + NOWHERE + HELD

    def change(people, of):
        for e in people:
            e["address"].update(given[of.index(e["personnel_number"])])
            e["address"] = {k: v for k, v in e["address"].items() if v is not None}

    run, ids = make_run("places", count=len(given), change=change, code=1)
    kind = dict(zip(ids, [f"{c}" for c in ["DE"] * (len(HOME) + 1) + [c for c, words in ABROAD.items() for _ in words] + ["lost"] * len(NOWHERE) + ["held"] * len(HELD)]))
    issued = [i for i in ids if kind[i] != "held"]
    assert sorted(re.search(r"\+([^+]+)\.pdf$", p)[1] for p in glob.glob(run + "/certificates/*/*.pdf")) == sorted(issued), "who is held back has no certificate"
    told = taxcert("batch", run, "-o", work + "/places-print", "--sort", "postcode").stdout
    line = list(map(int, re.search(r"(\d+) certificates: (\d+) inland, (\d+) abroad, (\d+) without", told).groups()))
    found = {p: rows(p) for p in glob.glob(work + "/places-print/??????.csv")}
    inland, abroad = sorted(found.values(), key=lambda table: table[0]["country"] != "DE")
    lost = rows(work + "/places-print/no-address.csv")
    assert [line[0], *line[1:]] == [len(issued), len(inland), len(abroad), len(lost)] and line[0] == sum(line[1:]), line
    for table, wanted in ((inland, {"DE"}), (abroad, set(ABROAD))):
        assert {r["country"] for r in table} == wanted and all(r["country"] == kind[r["certificate"]] for r in table)
        assert [r["country"] for r in table] == sorted(r["country"] for r in table)
    assert [r["postcode"] for r in inland] == sorted([*post[:len(HOME)], "01069"]) and inland[0]["postcode"] == "00999"
    assert {r["certificate"] for r in lost} == {i for i in ids if kind[i] == "lost"}
    # the page says a country in capitals in the address's last line, of those abroad alone
    for table, name in ((inland, False), (abroad, True)):
        pdf = next(p for p, t in found.items() if t is table)[:-4] + ".pdf"
        for page, r in zip(out("pdftotext", "-layout", pdf, "-").decode().split("\f"), table):
            field = [l.strip()[:40].split("  ")[0] for l in page.splitlines() if l.strip()]
            city = next(i for i, l in enumerate(field) if l.endswith(("Anderswo", "Dresden")))
            word = field[city + 1]
            assert (word in CAPITALS) == name and (not name or CAPITALS[word] == r["country"]), (r, field[:city + 2])
    taxcert("verify", run, "--sample", "1", work + "/places-print")
    # only the certificate that was corrected has an address: the new one is on the list, and is the only one
    changes = json.load(open(work + "/places-payroll.json"))
    changes["certificates"] = [c for c in changes["certificates"] if c["id"] == ids[0]]
    changes["certificates"][0]["values"] = {**changes["certificates"][0]["values"], "20": "12.00"}
    changes["certificates"][0]["correction"] = {"reason": "a test"}
    changes["issue_date"] = "2026-02-15"
    changes["employees"] = [e for e in json.load(open(work + "/places-employees.json"))["employees"] if e["personnel_number"] == changes["certificates"][0]["personnel_number"]]
    changes["employees"][0]["address"] = {"street": "Weg 1", "city": "Dresden", "country": "GERMANY"}
    json.dump(changes, open(work + "/places-changes.json", "w"))
    taxcert("correct", "--allow-test-ids", run, work + "/places-changes.json", "-o", work + "/places-2")
    told = taxcert("batch", work + "/places-2", "-o", work + "/places-print-2").stdout
    assert re.search(r"\b1 certificates: 0 inland, 0 abroad, 1 without", told) and [r["certificate"] for r in rows(work + "/places-print-2/no-address.csv")] == ids[:1], told


CAPITALS = {"ÖSTERREICH": "AT", "POLEN": "PL", "FRANKREICH": "FR", "VEREINIGTES KÖNIGREICH": "GB", "VEREINIGTE STAATEN": "US", "VEREINIGTE STAATEN VON AMERIKA": "US", "SCHWEIZ": "CH",
            "GROSSBRITANNIEN": "GB", "GROẞBRITANNIEN": "GB"}


def ways():
    """29: nobody forgotten: a way in capitals or with blanks is that way, one that nobody knows or that is missing is told by its number."""
    words = ["print", " Print", "PRINT ", "EMAIL", "post", None, ""]

    def change(people, of):
        for e in people:
            e["delivery"] = words[of.index(e["personnel_number"])]
            if e["delivery"] is None:
                del e["delivery"]

    run, ids = make_run("ways", change=change)
    told = taxcert("batch", run, "-o", work + "/ways-print").stdout
    assert "7 certificates: 3 inland" in told and "4 by another way" in told and "\n3 of them go out neither on paper nor by mail" in told, told
    assert {r["certificate"] for p in glob.glob(work + "/ways-print/??????.csv") for r in rows(p)} == set(ids[:3])
    left = taxcert("deliveries", run, "--state", "not yet").stdout
    assert all(("+" + i in left) == (i in ids[3:]) for i in ids), left


def readers(run, folder, ids):
    """10: each page of the print file as its issued one, in poppler, MuPDF, Ghostscript, pdf.js."""
    table = next(t for t in glob.glob(folder + "/??????.csv"))
    pdf, lines = table[:-4] + ".pdf", rows(table)
    issued = {re.search(r"\+([^+]+)\.pdf$", p)[1]: p for p in glob.glob(run + "/certificates/*/*.pdf")}
    each = {"poppler": lambda path, page: out("pdftotext", "-raw", "-f", str(page), "-l", str(page), path, "-")}
    if shutil.which("mutool"):
        each["MuPDF"] = lambda path, page: out("mutool", "draw", "-q", "-F", "txt", path, str(page))
    if shutil.which("gs"):
        each["Ghostscript"] = lambda path, page: out("gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=txtwrite", f"-dFirstPage={page}", f"-dLastPage={page}", "-sOutputFile=-", path)
    for name, read in each.items():
        for line in (lines[0], lines[-1]):
            here, there = bare(read(pdf, int(line["page"]))), bare(read(issued[line["certificate"]], 1))
            assert there and there in here, (name, line["sheet"])
    if os.path.exists(cache + "/pdf.worker.js") and shutil.which("node"):
        texts = ["".join(json.loads(t).split()) for t in out("node", source + "/tests/e2e/pdfjs.js", cache, pdf, issued[lines[0]["certificate"]]).decode().splitlines()]
        assert texts[1] and texts[1] in texts[0], "pdf.js"
    plain = out("qpdf", "--qdf", "--object-streams=disable", pdf, "-")
    assert not re.search(rb"StructParents|StructTreeRoot|pdfaid|certificate\.json|/Metadata|/Author|/AF\b|/Lang", plain)
    assert plain.count(b"/FontFile3") == len(set(re.findall(rb"/FontFile3 (\d+) 0 R", plain))) > 0, "each font's program once"


def closed(run, ids):
    """12, 14, 15, 17: nobody's copy opens with a neighbour's password or none in any reader; passwords from the kernel; owner's keys all different; two at once."""
    folder, list_ = work + "/copies", work + "/list.csv"
    if shutil.which("strace"):
        out("strace", "-f", "-qq", "-o", work + "/trace", "-e", "trace=getrandom,open,openat,prlimit64", program, "copies", run, "-o", folder, "--list", list_, env=ENV)
        trace = open(work + "/trace").read()
        taken = sum(int(m) for m in re.findall(r"getrandom\(.*?, (\d+), 0?[^)]*\) = \d+", trace))
        assert taken >= COUNT * 12 and "/dev/random" not in trace, "twelve signs for each from the kernel"
        assert re.search(r"RLIMIT_CORE, \{rlim_cur=0,", trace), "18: a crash leaves no passwords in a file"
    else:
        taxcert("copies", run, "-o", folder, "--list", list_)
    lines = rows(list_)
    assert len({r["password"] for r in lines}) == COUNT and all(re.fullmatch("[a-hjkmnp-z][a-hjkmnp-z2-9]{11}", r["password"]) for r in lines)
    opens = {"qpdf": lambda pdf, word: ["qpdf", "--password=" + word, "--check", pdf], "poppler": lambda pdf, word: ["pdftotext", "-upw", word, pdf, "-"]}
    if shutil.which("mutool"):
        opens["MuPDF"] = lambda pdf, word: ["mutool", "draw", "-q", "-F", "txt", "-p", word, pdf]
    if shutil.which("gs"):
        opens["Ghostscript"] = lambda pdf, word: ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=txtwrite", "-sOutputFile=-", "-sPDFPassword=" + word, pdf]
    if os.path.exists(cache + "/pdf.worker.js") and shutil.which("node"):
        opens["pdf.js"] = lambda pdf, word: ["env", "PDF_PASSWORD=" + word, "node", source + "/tests/e2e/pdfjs.js", cache, pdf]
    own, other = lines[0], lines[1]
    for name, command in opens.items():
        said = {word: subprocess.run(command(f"{folder}/{own['file']}", word), capture_output=True) for word in (own["password"], other["password"], "")}
        found = [own["name"].split(",")[0].encode() in s.stdout or name == "qpdf" and s.returncode == 0 for s in said.values()]
        assert found == [True, False, False], (name, found)
    keys = set()
    for line in lines:
        data = open(f"{folder}/{line['file']}", "rb").read()
        assert line["name"].split(",")[0].encode() not in data and line["certificate"].encode() not in data and b"<x:xmpmeta" not in data
        shown = out("qpdf", "--password-file=-", "--show-encryption", f"{folder}/{line['file']}", input=line["password"].encode()).decode()
        assert "not allowed" not in shown and "User password" in shown
        keys.add(out("qpdf", "--password-file=-", "--show-encryption-key", "--show-encryption", f"{folder}/{line['file']}", input=line["password"].encode()))
    assert len(keys) == COUNT
    # another run's folder is none of ours, and stays
    os.makedirs(work + "/foreign")
    open(work + "/foreign/mine.txt", "w").write("mine")
    assert "[folder]" in taxcert("copies", run, "-o", work + "/foreign", "--list", work + "/l2.csv", code=2).stderr and not os.path.exists(work + "/l2.csv")
    # two at once: each is whole or told that another is under way
    ends = {}
    both = [threading.Thread(target=lambda i=i: ends.update({i: taxcert("copies", run, "-o", f"{work}/at-{i}", "--list", f"{work}/at-{i}.csv", code=None)})) for i in range(2)]
    [t.start() for t in both], [t.join() for t in both]
    for i, done in ends.items():
        assert done.returncode == 0 or done.returncode == 4 and "[busy]" in done.stderr, done
        assert os.path.exists(f"{work}/at-{i}") == os.path.exists(f"{work}/at-{i}.csv") == (done.returncode == 0)
        if done.returncode == 0:
            taxcert("verify", run, "--sample", "1", f"{work}/at-{i}")
    return folder


def history():
    """29: printed, mail accepted, came back, printed again; corrected, the new one's mail unknown: one table in time order, and its sums."""
    run, ids = make_run("history", "email")
    first = ids[0]
    people = json.load(open(work + "/history-employees.json"))
    taxcert("copies", run, "-o", work + "/h-copies", "--list", work + "/h.csv")
    def mail(server, run, copies, code=0, limit=None):
        json.dump({"format": "taxcert/mail/1", "server": f"smtp://localhost:{server.port}/x.example", "ca": work + "/ca.pem", "from": "lohn@bank.example", "subject": "s",
                   "text": "t\n", "file": "B.pdf", "per_minute": 100000, "timeout": 2, "delays": [0]}, open(work + "/mail.json", "w"))
        taxcert("send", run, "--mail", work + "/mail.json", "--copies", copies, *(["--limit", str(limit)] if limit else []), code=code)
        server.close()
    mail(Server(work), run, work + "/h-copies", limit=2)
    taxcert("send", run, "--resolve", first + "=bounced")
    changes = json.load(open(work + "/history-payroll.json"))
    changes["certificates"] = [c for c in changes["certificates"] if c["id"] == first]
    changes["certificates"][0]["values"] = {**changes["certificates"][0]["values"], "20": "12.00"}
    changes["certificates"][0]["correction"] = {"reason": "a test"}
    changes["issue_date"], changes["employees"] = "2026-02-15", [e for e in people["employees"] if e["personnel_number"] == changes["certificates"][0]["personnel_number"]]
    json.dump(changes, open(work + "/changes.json", "w"))
    taxcert("correct", "--allow-test-ids", run, work + "/changes.json", "-o", work + "/history-2")
    second = work + "/history-2"
    taxcert("copies", second, "-o", work + "/h2-copies", "--list", work + "/h2.csv")
    mail(Server(work, fault=lambda step, argument, server: "drop" if step == "dot" else None), second, work + "/h2-copies", code=5)
    told = taxcert("deliveries", second, "--csv", work + "/d.csv").stdout
    line = list(map(int, re.search(r"issued (\d+) = printed (\d+) \+ sent (\d+) \+ copied only (\d+) \+ not yet (\d+); unknown (\d+)", told).groups()))
    assert line == [COUNT, 0, 1, COUNT - 1, 0, 1] and "delivered" not in told.lower(), line
    table = [r for r in rows(work + "/d.csv") if r["certificate"] == first]
    assert [(r["event"], r["version"]) for r in table] == [("copied", "../history"), ("offered", "../history"), ("accepted", "../history"), ("bounced", "../history"),
                                                           ("copied", "."), ("offered", "."), ("unknown", ".")], table
    assert [r["time"] for r in table] == sorted(r["time"] for r in table) and {r["state"] for r in table} == {"unknown"} and all(r["by"] for r in table)
    assert {r["certificate"] for r in rows(work + "/d.csv")} == set(ids)
    # each event has the bytes of the version that it happened to; of a run that is not there nothing is said
    sha = lambda folder: hashlib.sha256(open(glob.glob(f"{folder}/certificates/*/*+{first}*.pdf")[0], "rb").read()).hexdigest()
    assert [r["sha256"] for r in table] == [sha(run)] * 4 + [sha(second)] * 3 and sha(run) != sha(second), table
    assert all(len(r["sha256"]) == 64 for r in rows(work + "/d.csv"))
    only = taxcert("deliveries", second, "--state", "unknown", "--csv", work + "/u.csv")
    assert {r["certificate"] for r in rows(work + "/u.csv")} == {first}
    taxcert("verify", second, "--sample", "1", work + "/h2-copies")


with tempfile.TemporaryDirectory() as work:
    certificates(work)
    run, ids = make_run("run")
    before = hashes(run)
    altered(run)
    interrupted(run)
    both_sides(run)
    addresses()
    ways()
    readers(run, f"{work}/duplex-{COUNT}", ids)
    # 11: where nothing can be made
    assert taxcert("batch", run, "-o", "/proc/print", "--again", code=None).returncode in (2, 4)
    assert taxcert("copies", run, "-o", "/proc/copies", "--list", work + "/none.csv", code=None).returncode in (2, 4) and not os.path.exists(work + "/none.csv")
    copies = closed(run, ids)
    history()
    assert hashes(run) == before
    taxcert("verify", run, f"{work}/duplex-{COUNT}", f"{work}/duplex-2", copies)
print("deliver_scenarios: ok")
