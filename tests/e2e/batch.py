"""batch: everybody in one place, pages as issued but for the mark's box, marks that dmtxread reads, sorting, duplex, sizes, read-back of the
machine's log, nobody twice, kill -9 at any moment, what was moved on purpose. Usage: batch.py TAXCERT SOURCE_DIR"""
import collections, csv, glob, gzip, json, os, random, re, shutil, signal, subprocess, sys, tempfile, time, unicodedata

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    assert done.returncode == code, (words, done)
    return done


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def jobs(folder):
    return {os.path.basename(p)[:-4]: rows(p[:-4] + ".csv") for p in glob.glob(folder + "/*.pdf") if "-cover" not in p}


def check_sum(mark):
    """ISO 7064, MOD 37-2: the sum of all signs by powers of two is 1."""
    return sum(SIGNS.index(c) * 2 ** (len(mark) - 1 - i) for i, c in enumerate(mark)) % 37 == 1


def raster(pdf, page, folder, name):
    subprocess.run(["pdftoppm", "-gray", "-r", "60", "-f", str(page), "-l", str(page), "-singlefile", pdf, f"{folder}/{name}"], check=True)
    with open(f"{folder}/{name}.pgm", "rb") as file:
        kind, size, most, data = file.read().split(b"\n", 3)
    width, height = map(int, size.split())
    return [data[i * width:(i + 1) * width] for i in range(height)]


def same_but(one, other, box):
    """Both pages in millimetres' box may differ: left, top, right, bottom."""
    k = 60 / 25.4
    differ = [(x, y) for y, (a, b) in enumerate(zip(one, other)) if a != b for x in range(len(a)) if a[x] != b[x]]
    assert differ, "there is no mark"
    for x, y in differ:
        assert box[0] * k - 2 <= x <= box[2] * k + 2 and box[1] * k - 2 <= y <= box[3] * k + 2, (x / k, y / k)


with tempfile.TemporaryDirectory() as work:
    people = json.load(open(bank + "/employees.json"))
    by_number = {e["personnel_number"]: e for e in people["employees"]}
    e = people["employees"]
    e[0]["delivery"], e[1]["delivery"], e[2]["delivery"] = "email", "portal", None
    e[3]["delivery"], e[3]["email"] = 7, ["a\nRCPT TO:<x>"]  # of the wrong kind: withholds nobody
    e[4]["email"] = "x" * 400 + "\n"
    e[5]["mailing_address"] = {"street": "Rue 1", "postcode": "01067", "city": "Paris", "country": "FR"}
    e[6].setdefault("mailing_address", None)
    e[6]["mailing_address"] = {"street": "Weg 1", "city": "Salzburg", "country": "AT"}
    e[7]["mailing_address"] = {"street": "Postfach 12", "postcode": "01067", "city": "Dresden", "country": "DE"}
    e[8]["mailing_address"] = {"street": "A 1", "postcode": "10115", "city": "Berlin", "country": "DE"}
    lost = {e[i]["personnel_number"] for i in (9, 10)}
    e[9]["mailing_address"] = {"street": "B 1", "city": "Berlin", "country": "DE"}
    e[10]["mailing_address"] = {"street": "B 1", "postcode": "1 067", "city": "Berlin", "country": "DE"}
    json.dump(people, open(work + "/employees.json", "w"))
    run = work + "/run"
    taxcert("generate", "--allow-test-ids", "--templates", source + "/templates", "-e", work + "/employees.json", bank + "/payroll.json", "-o", run)
    spare = shutil.copytree(run, work + "/spare")
    certificates = json.load(open(bank + "/payroll.json"))["certificates"]
    number_of = {c["id"]: c["personnel_number"] for c in certificates}
    channel = lambda c: by_number[c["personnel_number"]].get("delivery")

    # everybody is in one place; nothing of a person in the log but the id
    made = taxcert("batch", run, "-o", work + "/one", "--sort", "establishment,postcode,name").stdout
    counts = list(map(int, re.findall(r"(\d+) (?:certificates|inland|abroad|without|by another|printed|no longer)", made)))
    assert counts[0] == len(certificates) == sum(counts[1:]), made
    assert counts[4] == sum(channel(c) != "print" for c in certificates) and counts[5] == counts[6] == 0
    assert {r["personnel_number"] for r in rows(work + "/one/no-address.csv")} == lost
    assert counts[3] == sum(n in lost for n in number_of.values())
    found = jobs(work + "/one")
    placed = [r["certificate"] for rows_ in found.values() for r in rows_]
    assert sorted(placed) == sorted(c["id"] for c in certificates if channel(c) == "print" and c["personnel_number"] not in lost)
    foreign = [r for rows_ in found.values() for r in rows_ if r["country"].upper() != "DE"]
    inland = next(k for k, v in found.items() if v[0]["country"] == "DE")
    assert {r["job"] for r in foreign}.isdisjoint({inland}) and [r["country"] for r in foreign] == sorted(r["country"] for r in foreign)
    keys = [(r["establishment"], r["postcode"]) for r in found[inland]]
    assert keys == sorted(keys)
    postcodes = [r["postcode"] for r in found[inland] if r["establishment"] == keys[0][0]]
    assert postcodes == sorted(postcodes), "as text"
    log = open(run + "/events.log").read()
    for person in people["employees"]:
        assert person["name"]["last"] not in log and (not isinstance(person.get("email"), str) or person["email"] not in log)
    for name in os.listdir(work + "/one"):
        assert os.stat(f"{work}/one/{name}").st_mode & 0o777 == 0o600 and re.fullmatch(r"[0-9A-F]{6}(-cover)?\.(pdf|csv)|no-address\.csv", name), name

    # the pages, by poppler; the marks, by dmtxread and by arithmetic; the cover, by its text
    table = found[inland]
    for i, row in enumerate(table):
        assert row["mark"] == f"{inland}{i + 1:06}{len(table):06}1" + row["mark"][-1] and check_sum(row["mark"])
        assert number_of[row["certificate"]] == row["personnel_number"]
    issued = {c["id"]: glob.glob(f"{run}/certificates/*/*+{c['id']}.pdf")[0] for c in certificates}
    for i in (0, 7, len(table) - 1):
        here = raster(f"{work}/one/{inland}.pdf", i + 1, work, "here")
        same_but(here, raster(issued[table[i]["certificate"]], 1, work, "issued"), (20, 278, 70, 291))
        subprocess.run(["pdftoppm", "-gray", "-r", "200", "-f", str(i + 1), "-l", str(i + 1), "-singlefile", f"{work}/one/{inland}.pdf", work + "/mark"], check=True)
        read = subprocess.run(["dmtxread", "-N1", work + "/mark.pgm"], capture_output=True, text=True)
        assert read.stdout == table[i]["mark"], read
    # other readers: MuPDF, and pdf.js where extraction.py brought it, find on the page whoever the table has there
    last = lambda row: by_number[row["personnel_number"]]["name"]["last"]
    bare = lambda text: "".join(unicodedata.normalize("NFC", text).split())
    for i in (0, len(table) - 1) if shutil.which("mutool") else ():
        text = subprocess.run(["mutool", "draw", "-q", "-F", "txt", f"{work}/one/{inland}.pdf", str(i + 1)], capture_output=True, text=True, check=True).stdout
        assert bare(last(table[i])) in bare(text), text
    cache, node = os.path.join(os.path.dirname(program), "pdfjs"), shutil.which("nodejs") or shutil.which("node")
    if node and os.path.exists(cache + "/pdf.worker.js"):
        text = subprocess.run([node, source + "/tests/e2e/pdfjs.js", cache, f"{work}/one/{inland}.pdf"], capture_output=True, text=True, check=True).stdout
        assert bare(last(table[0])) in bare(json.loads(text)), text
    cover = subprocess.run(["pdftotext", "-layout", f"{work}/one/{inland}-cover.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert re.search(rf"Druckauftrag +{inland}\n", cover), cover[:800]
    assert True and re.search(rf"Blätter +{len(table)}\n", cover), cover
    listed = re.findall(r"^ *(\d+) +(\S+) +DE", cover, re.M)
    assert listed == [(str(i + 1), r["postcode"]) for i, r in enumerate(table)]
    for pdf in glob.glob(work + "/one/*.pdf"):
        assert subprocess.run(["qpdf", "--check", pdf], capture_output=True).returncode == 0
    plain = subprocess.run(["qpdf", "--qdf", f"{work}/one/{inland}.pdf", "-"], capture_output=True).stdout
    assert not re.search(rb"StructParents|pdfaid|certificate\.json|/Metadata|/Info|/AF|/Names", plain)

    # nobody twice unless somebody says so; then the same bytes. Another run's folder is not taken.
    stopped = taxcert("batch", run, "-o", work + "/two", code=2).stderr
    assert "[printed-before]" in stopped and not os.path.exists(work + "/two")
    taxcert("batch", run, "-o", work + "/two", "--again", "--sort", "establishment,postcode,name")
    assert subprocess.run(["diff", "-r", work + "/one", work + "/two"]).returncode == 0
    assert "[folder]" in taxcert("batch", run, "-o", work + "/two", "--again", "--sort", "name", code=2).stderr
    rest = taxcert("batch", run, "-o", work + "/rest", "--rest").stdout
    assert f"{len(placed)} printed before" in rest and os.listdir(work + "/rest") == ["no-address.csv"]

    # sizes and both sides
    taxcert("batch", run, "-o", work + "/sized", "--again", "--size", "7", "--duplex", "--mark-at", "80,3.5", "--mark-kind", "digits")
    sized = jobs(work + "/sized")
    assert sorted(len(v) for v in sized.values())[-1] == 7 and sum(map(len, sized.values())) == len(placed)
    for job, table_ in sized.items():
        info = subprocess.run(["pdfinfo", f"{work}/sized/{job}.pdf"], capture_output=True, text=True, check=True).stdout
        assert int(re.search(r"Pages: +(\d+)", info)[1]) == 2 * len(table_)
        assert [int(r["page"]) for r in table_] == [2 * i + 1 for i in range(len(table_))]
        info = subprocess.run(["pdfinfo", f"{work}/sized/{job}-cover.pdf"], capture_output=True, text=True, check=True).stdout
        assert int(re.search(r"Pages: +(\d+)", info)[1]) % 2 == 0
    back = raster(f"{work}/sized/{job}.pdf", 2, work, "back")
    assert all(set(line) == {255} for line in back)
    same_but(raster(f"{work}/sized/{job}.pdf", 1, work, "front"), raster(issued[table_[0]["certificate"]], 1, work, "issued"), (80, 3.5, 120, 8))
    for place in ("25,50", "0,95", "200,280", "20", "-1,2", "20,36"):
        assert "[mark-place]" in taxcert("batch", run, "-o", work + "/no", "--again", "--mark-at", place, code=2).stderr

    # the machine's log
    marks = [r["mark"] for r in table]
    other = next(iter(sized.values()))[0]["mark"]

    def machine(lines, *words, code=1):
        with open(work + "/machine.log", "w") as file:
            file.writelines(f"2026-01-30T10:00:00 {line} ok\n" for line in lines)
        return taxcert("batch", run, "--check", work + "/machine.log", *words, code=code).stdout.splitlines()[:-1]

    assert machine(marks, code=0) == []
    swapped = machine(marks[:3] + [marks[4], marks[3]] + marks[5:])
    assert [re.search(r"sheet (\d+)", l)[1] for l in swapped if l.startswith("swapped")] == ["4", "5"] and len(swapped) == 2
    assert table[3]["certificate"] in swapped[0]
    missing = machine(marks[:10] + marks[18:])
    assert [int(re.search(r"sheet (\d+)", l)[1]) for l in missing] == list(range(11, 19)) and all(l.startswith("missing") for l in missing)
    assert all(table[i + 10]["certificate"] in l for i, l in enumerate(missing))
    twice = machine(marks[:6] + [marks[2]] + marks[6:])
    assert len(twice) == 1 and twice[0].startswith("twice") and table[2]["certificate"] in twice[0]
    foreign_ = machine(marks[:5] + [other] + marks[5:])
    assert len(foreign_) == 1 and foreign_[0].startswith("foreign") and next(iter(sized.values()))[0]["certificate"] in foreign_[0]
    wrong = machine(marks[:5] + [marks[5][:8] + ("1" if marks[5][8] != "1" else "2") + marks[5][9:]] + marks[6:])
    assert [l.split(":")[0].split(",")[0] for l in wrong] == ["unreadable", "missing"], wrong
    assert "[job]" in taxcert("batch", run, "--check", work + "/machine.log", "--job", "FFFFFF", code=2).stderr
    # Another file than the machine's log proves nothing, and nobody's sheet is missing for it: the batch's own files, also as a spreadsheet saves them,
    # workbooks, packed and random bytes. Texts in any encoding are logs, with the signs that readers of codes put around marks.
    before, listed = open(run + "/events.log").read(), open(f"{work}/one/{inland}.csv", encoding="utf-8").read()
    noise = bytes(range(256)) * 40
    for data in (listed.encode(), ("\ufeff" + listed.replace(",", ";")).encode(), listed.replace(",", "\t").encode("cp1252", "replace"), listed.split("\n")[0].replace(",", '";"').encode() + b"\r\n",
                 open(f"{work}/one/{inland}.pdf", "rb").read(), open(run + "/summary.xlsx", "rb").read(), open(run + "/ledger.db", "rb").read(), gzip.compress(listed.encode()), noise, marks[0].encode("cp500") + b"\x15"):
        open(work + "/none.log", "wb").write(data)
        for words in ((), ("--job", inland)):
            assert "[no-log]" in taxcert("batch", run, "--check", work + "/none.log", *words, code=3).stderr, data[:40]
    assert open(run + "/events.log").read() == before
    for front, behind in (("", ""), ("\x02", "\x03"), ("]d2", "\x1d"), ("\x04", "\x1e"), ("Gerät Ä ".encode("cp1252").decode("latin-1"), " é"), ("\0\0", "\x1a"), (listed.split("\n")[0] + ",state\n", ",ok,x" + 8 * ",")):
        open(work + "/other.log", "wb").write((front + "\n".join(marks) + behind + "\n").encode("latin-1"))
        taxcert("batch", run, "--check", work + "/other.log", code=1 if "sha256" in front else 0)
    open(work + "/other.log", "w").write("001 NO READ\n" * len(marks))  # with --job: a machine that read nothing
    assert "missing" in taxcert("batch", run, "--check", work + "/other.log", "--job", inland, code=1).stdout

    # what was moved on purpose is found: by batch, and by verify
    taxcert("verify", run, work + "/one", work + "/two", work + "/sized")
    moved = shutil.copytree(work + "/one", work + "/moved")
    lines = open(f"{moved}/{inland}.csv").readlines()
    open(f"{moved}/{inland}.csv", "w").writelines(lines[:2] + lines[3:4] + lines[2:3] + lines[4:])
    assert "batch-differs" in taxcert("verify", run, moved, code=1).stdout
    shutil.copy(f"{work}/one/{inland}.csv", moved)
    data = bytearray(open(f"{moved}/{inland}.pdf", "rb").read())
    first, second = (re.search(rb"/Contents\[\d+ 0 R (\d+) 0 R", m) for m in re.findall(rb"<</Type/Page/.*?>>", bytes(data))[:2])
    assert len(first[1]) == len(second[1])
    swap = bytes(data).replace(b" " + first[1] + b" 0 R", b" X 0 R").replace(b" " + second[1] + b" 0 R", b" " + first[1] + b" 0 R").replace(b" X 0 R", b" " + second[1] + b" 0 R")
    open(f"{moved}/{inland}.pdf", "wb").write(swap)
    assert "batch-differs" in taxcert("verify", run, moved, code=1).stdout
    a, b = issued[table[0]["certificate"]], issued[table[1]["certificate"]]
    broken = shutil.copytree(spare, work + "/broken")
    inside = lambda p: p.replace(run, broken)
    shutil.copy(a, inside(b))
    assert "[changed]" in taxcert("batch", broken, "-o", work + "/none", code=4).stderr and not os.path.exists(work + "/none") and not os.path.exists(work + "/none.partial")

    # killed at any moment: nothing half under the final name, the same command gives the reference bytes
    random.seed(1)
    killed = 0
    for i in range(5):
        target = f"{work}/killed-{i}"
        fresh = shutil.copytree(spare, f"{work}/fresh-{i}")
        done = subprocess.Popen([program, "batch", fresh, "-o", target, "--sort", "establishment,postcode,name"], stdout=subprocess.DEVNULL)
        time.sleep(random.random() * 0.3)
        done.send_signal(signal.SIGKILL)
        killed += done.wait() != 0
        if os.path.exists(target):
            assert subprocess.run(["diff", "-r", "-x", ".taxcert-delivery", target, work + "/one"]).returncode == 0
        for folder in glob.glob(target + "*"):
            assert os.stat(folder).st_mode & 0o077 == 0
        logged = '"event":"printed"' in open(fresh + "/events.log").read()
        taxcert("batch", fresh, "-o", target, "--sort", "establishment,postcode,name", *(["--again"] if logged else []))
        assert subprocess.run(["diff", "-r", "-x", ".taxcert-delivery", target, work + "/one"]).returncode == 0 and not os.path.exists(target + ".partial")
        taxcert("verify", "--sample", "4", fresh)
    assert killed

    # where there is no room: exit 4, nothing under the final name, no event
    limited = subprocess.run(["sh", "-c", f"ulimit -f 600; exec {program} batch {spare} -o {work}/full"], capture_output=True, text=True)
    assert limited.returncode == 4 and not os.path.exists(work + "/full") and not os.path.exists(work + "/full.partial"), limited
    assert '"event":"printed"' not in open(spare + "/events.log").read()
    # covers in the form's language or not at all: where its words cannot be read, nothing goes out in English without a word
    worded = shutil.copytree(source + "/templates", work + "/worded", symlinks=True)
    with open(worded + "/messages.de.json", "a") as words:
        words.write("}")
    for command in (["batch"], ["summary", "--deliveries"]):
        said = taxcert(*command, spare, "--lang", "en", "--templates", worded, "-o", work + "/worded-out", code=2).stderr
        assert "messages.de.json" in said and not os.path.exists(work + "/worded-out"), said
    few = subprocess.run(["sh", "-c", f"ulimit -n 32; exec {program} batch {spare} -o {work}/few"], capture_output=True, text=True)
    assert few.returncode == 0, few
print("batch: ok")
