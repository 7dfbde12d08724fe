"""copies and deliveries: nobody's copy opens without its password or with another one's, it holds the issued page and attachment and claims no
PDF/A; passwords stand in the list alone; whose turn it is, is in the logs, over a correction too. Usage: copies.py TAXCERT SOURCE_DIR"""
import collections, csv, glob, hashlib, json, os, re, shutil, subprocess, sys, tempfile, zipfile
import xml.etree.ElementTree as xml

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from builds import release  # noqa: E402

quick, encrypted = release(program, source), []  # the first copies are encrypted with sanitizers
bank = os.path.join(source, "samples/bank")


def taxcert(*words, code=0, env=None):
    by = quick if words[0] == "copies" and code == 0 and encrypted else program
    encrypted.extend(words[:1] if words[0] == "copies" and code == 0 else [])
    done = subprocess.run([by, *words], capture_output=True, text=True, env=env)
    assert done.returncode == code, (words, done)
    return done


def rows(path):
    return list(csv.DictReader(open(path, encoding="utf-8", newline="")))


def opens(pdf, password):
    open(work + "/pw", "w").write(password)
    done = subprocess.run(["qpdf", f"--password-file={work}/pw", "--check", pdf], capture_output=True, text=True)
    assert "invalid password" in done.stderr or done.returncode == 0, done
    return done.returncode == 0


def numbers(text):
    """The closing line of deliveries."""
    line = re.search(r"issued (\d+) = printed (\d+) \+ sent (\d+) \+ copied only (\d+) \+ not yet (\d+); unknown (\d+), refused (\d+), only the old one went out (\d+)", text)
    found = list(map(int, line.groups()))
    assert found[0] == sum(found[1:5]), line
    return found


def sheet(book, name):
    """Texts of a sheet's cells, row by row, "" where there is none."""
    ns = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(book) as z:
        titles = [s.get("name") for s in xml.fromstring(z.read("xl/workbook.xml")).iter(ns + "sheet")]
        shared = ["".join(t.text or "" for t in s.iter(ns + "t")) for s in xml.fromstring(z.read("xl/sharedStrings.xml")).iter(ns + "si")] if "xl/sharedStrings.xml" in z.namelist() else []
        root = xml.fromstring(z.read(f"xl/worksheets/sheet{titles.index(name) + 1}.xml"))
    found = []
    for row in root.iter(ns + "row"):
        cells = {}
        for c in row.iter(ns + "c"):
            text = "".join(t.text or "" for t in c.iter(ns + "t")) if c.get("t") == "inlineStr" else c.findtext(ns + "v") or ""
            column = sum((ord(x) - 64) * 26 ** i for i, x in enumerate(reversed(re.match("[A-Z]+", c.get("r"))[0])))
            cells[column - 1] = shared[int(text)] if c.get("t") == "s" else text
        found.append([cells.get(i, "") for i in range(max(cells, default=-1) + 1)])
    return found


with tempfile.TemporaryDirectory() as work:
    run = work + "/run"
    payroll = json.load(open(bank + "/payroll.json"))
    taxcert("generate", "--allow-test-ids", "--templates", source + "/templates", "-e", bank + "/employees.json", bank + "/payroll.json", "-o", run)
    issued = {c["id"]: glob.glob(f"{run}/certificates/*/*+{c['id']}.pdf")[0] for c in payroll["certificates"]}
    assert "[list]" in taxcert("copies", run, "-o", work + "/copies", code=2).stderr
    assert "[list]" in taxcert("copies", run, "-o", work + "/copies", "--list", work + "/copies/list.csv", code=2).stderr
    assert "[inside-run]" in taxcert("copies", run, "-o", work + "/copies", "--list", run + "/list.csv", code=2).stderr
    assert numbers(taxcert("deliveries", run).stdout) == [len(issued), 0, 0, 0, len(issued), 0, 0, 0]
    for place in (work + "/copies/l.pdf", run + "/l.pdf", work + "/list.csv"):
        assert taxcert("copies", run, "-o", work + "/copies", "--list", work + "/list.csv", "--letters", place, code=2) and not os.path.exists(work + "/copies")
    told = taxcert("copies", run, "-o", work + "/copies", "--list", work + "/list.csv", "--letters", work + "/letters.pdf", "--templates", source + "/templates")
    assert told.stdout.startswith(f"{len(issued)} copies")
    listed = rows(work + "/list.csv")
    assert {r["certificate"] for r in listed} == set(issued) and os.stat(work + "/list.csv").st_mode & 0o777 == 0o600
    passwords = [r["password"] for r in listed]
    assert len(set(passwords)) == len(passwords) and all(re.fullmatch("[a-hjkmnp-z2-9]{12}", p) for p in passwords)
    assert sorted(os.listdir(work + "/copies")) == sorted(i + ".pdf" for i in issued)
    for name in os.listdir(work + "/copies"):
        assert os.stat(f"{work}/copies/{name}").st_mode & 0o777 == 0o600

    # the letters with the passwords: each on the page of its person's address, which stands in the window; inland by postcode, then abroad
    assert os.stat(work + "/letters.pdf").st_mode & 0o777 == 0o600
    pages = subprocess.run(["pdftotext", "-layout", work + "/letters.pdf", "-"], capture_output=True, text=True, check=True).stdout.split("\f")[:-1]
    by_id = {r["certificate"]: r for r in listed}
    of_page = [re.search(r"^Bescheinigung +(\S+)$", page, re.M)[1] for page in pages]
    assert sorted(of_page) == sorted(by_id)
    people = {e["personnel_number"]: e for e in json.load(open(bank + "/employees.json"))["employees"]}
    order = []
    for page, id_ in zip(pages, of_page):
        person = people[by_id[id_]["personnel_number"]]
        address = person.get("mailing_address") or person["address"]
        assert re.search(rf"^Passwort +{by_id[id_]['password']}$", page, re.M) and re.search(rf"^Datei +{id_}.pdf$", page, re.M)
        assert person["name"]["last"] in page and address["street"] in page and f"{address.get('postcode', '')} {address['city']}".strip() in page
        assert sum(r["password"] in page for r in listed) == 1
        order.append((address["country"] != "DE", address["country"] if address["country"] != "DE" else "", address.get("postcode", "")))
    assert order == sorted(order)
    boxes = subprocess.run(["pdftotext", "-bbox", "-l", "1", work + "/letters.pdf", "-"], capture_output=True, text=True, check=True).stdout
    words = [(*map(lambda v: float(v) * 25.4 / 72, w[:4]), w[4]) for w in re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', boxes)]
    assert all(20 <= w[0] and w[2] <= 105 and 40 <= w[1] and w[3] <= 92 for w in words if 30 < w[1] < 105), "nothing but the address field in the window"

    # the copy: closed, the issued page, the issued attachment, no PDF/A, still PDF/UA, nothing of the person in clear
    for i in (0, len(listed) // 2):
        r, other = listed[i], listed[i + 1]
        pdf = f"{work}/copies/{r['file']}"
        assert not opens(pdf, "") and not opens(pdf, other["password"]) and opens(pdf, r["password"])
        text = lambda path, *words: subprocess.run(["pdftotext", *words, path, "-"], capture_output=True).stdout
        assert text(pdf, "-upw", r["password"]) == text(issued[r["certificate"]]) != b""
        assert subprocess.run(["mutool", "draw", "-q", "-F", "txt", pdf], capture_output=True).returncode != 0
        drawn = subprocess.run(["mutool", "draw", "-q", "-F", "txt", "-p", r["password"], pdf], capture_output=True)
        assert drawn.returncode == 0 and r["certificate"].split("-")[1].encode() in drawn.stdout
        open(work + "/pw", "w").write(r["password"])
        subprocess.run(["qpdf", f"--password-file={work}/pw", "--decrypt", pdf, work + "/plain.pdf"], check=True)
        attached = lambda path: subprocess.run(["qpdf", "--show-attachment=certificate.json", path], capture_output=True, check=True).stdout
        assert attached(work + "/plain.pdf") == attached(issued[r["certificate"]])
        qdf = subprocess.run(["qpdf", "--qdf", "--object-streams=disable", work + "/plain.pdf", "-"], capture_output=True).stdout
        assert b"<pdfaid:" not in qdf and b"<pdfuaid:part>1<" in qdf
        shown = subprocess.run(["qpdf", f"--password-file={work}/pw", "--show-encryption", pdf], capture_output=True, text=True).stdout
        assert "R = 6" in shown and "AESv3" in shown and "not allowed" not in shown, shown
        raw = open(pdf, "rb").read()
        person = next(c for c in payroll["certificates"] if c["id"] == r["certificate"])
        assert r["name"].split(",")[0].encode() not in raw and b"taxcert/certificate" not in raw

    # passwords stand in the list alone
    everywhere = told.stdout + told.stderr + "".join(os.listdir(work) + os.listdir(work + "/copies"))
    for path in [run + "/events.log", run + "/records.jsonl", run + "/summary.csv"]:
        everywhere += open(path).read()
    assert not any(p in everywhere for p in passwords)
    employees = json.load(open(bank + "/employees.json"))["employees"]
    log = open(run + "/events.log").read()
    assert not any(e["name"]["last"] in log or (e.get("email") or "@") in log for e in employees)

    # passwords that are given: all or nothing, each fault by its line, never with a value
    some = [r["personnel_number"] for r in listed]
    lines = dict((n, f"Kennwort-ü{n}") for n in some)

    def given(lines, **how):
        open(work + "/given.csv", "w").writelines(f"{k},{v}\n" for k, v in lines.items())
        return taxcert("copies", run, "-o", work + "/given", "--passwords", work + "/given.csv", **how)

    first = some[0]
    for wrong in ("short", "x" * 33, "pass\u00a0word1", "with\x01control"):
        told = given({**lines, first: wrong}, code=3).stderr
        assert "[password]" in told and wrong not in told, told
    assert "line" in given({**lines, "nobody": "abcdefghij"}, code=3).stderr
    assert "no password" in given({k: v for k, v in lines.items() if k != first}, code=3).stderr
    assert "same password" in given({**lines, first: lines[some[5]]}, code=3).stderr
    assert not os.path.exists(work + "/given") and not os.path.exists(work + "/given.partial")
    given({**lines, first: "Kennwort-u\u0308-zerlegt"})
    pdf = f"{work}/given/{listed[0]['certificate']}.pdf"
    assert opens(pdf, "Kennwort-\u00fc-zerlegt") and not opens(pdf, "Kennwort-u\u0308-zerlegt")
    assert "[folder]" in given(lines, code=2).stderr

    # an issued file that was changed stops everything
    broken = shutil.copytree(run, work + "/broken")
    with open(glob.glob(broken + "/certificates/*/*.pdf")[0], "r+b") as file:
        file.seek(3000)
        file.write(b"?")
    assert "[changed]" in taxcert("copies", broken, "-o", work + "/no", "--list", work + "/no.csv", code=4).stderr
    assert not os.path.exists(work + "/no") and not os.path.exists(work + "/no.csv")

    # a folder of copies is proved; two exchanged are found
    taxcert("verify", run, work + "/copies")
    exchanged = shutil.copytree(work + "/copies", work + "/exchanged")
    one, other = (f"{exchanged}/{r['file']}" for r in listed[:2])
    os.rename(one, one + "x"), os.rename(other, one), os.rename(one + "x", other)
    assert "2 of" in taxcert("verify", run, exchanged, code=1).stdout

    # who got what
    assert numbers(taxcert("deliveries", run).stdout) == [len(issued), 0, 0, len(issued), 0, 0, 0, 0]
    taxcert("batch", run, "-o", work + "/print", "--templates", source + "/templates")
    told = taxcert("deliveries", run, "--csv", work + "/deliveries.csv").stdout
    assert numbers(told)[:2] == [len(issued)] * 2
    table = rows(work + "/deliveries.csv")
    placed = {r["certificate"]: f"{r['job']} sheet {r['sheet']}" for p in glob.glob(work + "/print/??????.csv") for r in rows(p)}
    for r in table:
        assert r["state"] == "printed" and (r["event"] != "printed" or r["detail"] == placed[r["certificate"]]) and r["version"] == "."
    assert sorted((r["certificate"], r["event"]) for r in table) == sorted((i, w) for i in issued for w in ("copied", "copied", "printed"))
    numbers(taxcert("deliveries", run, "--state", "not yet").stdout)

    # a correction: what is new has not gone out, the old one had
    second = work + "/second"
    taxcert("correct", "--allow-test-ids", "--templates", source + "/templates", run, bank + "/corrections.json", "-o", second)
    changes = json.load(open(bank + "/corrections.json"))
    new = [c["id"] for c in changes["certificates"]]
    corrected = [i for i in new if i in issued]
    found = numbers(taxcert("deliveries", second, "--csv", work + "/second.csv").stdout)
    assert found[4] == len(new) and found[7] == len(corrected), found
    void = {c["certificate"] for c in changes.get("cancellations", [])}
    assert f"cancelled ones that went out {len(void)}" in taxcert("deliveries", second, "--state", "cancelled, went out").stdout and void
    for r in rows(work + "/second.csv"):
        assert (r["state"] == "cancelled, went out") == (r["certificate"] in void)
        assert (r["state"] == "only the old one") == (r["certificate"] in corrected)
    old = taxcert("deliveries", second, "--state", "only the old one").stdout
    assert all("+" + i in old for i in corrected) and "the version of ../run" in old
    assert f"letters about cancellations {len(void)}, of these not yet {len(void)}" in taxcert("deliveries", second).stdout

    # the letter goes the same ways as the corrected certificate; whoever got the old one is on a list
    made = taxcert("batch", second, "-o", work + "/print2", "--templates", source + "/templates").stdout
    assert f"\n{len(new) + len(void)} certificates" in made and f"{len(void)} of these are letters" in made, made
    printed = rows(glob.glob(work + "/print2/??????.csv")[0])
    assert sorted(r["certificate"] for r in printed) == sorted(new + [v + "+letter" for v in void])
    assert sorted(r["certificate"] for r in rows(work + "/print2/had-old.csv")) == sorted(corrected + [v + "+letter" for v in void])
    letter = glob.glob(second + "/letters/*/*.pdf")[0]
    place = next(r for r in printed if r["certificate"].endswith("+letter"))
    page = subprocess.run(["pdftotext", "-f", place["page"], "-l", place["page"], glob.glob(work + "/print2/??????.pdf")[0], "-"], capture_output=True).stdout
    assert subprocess.run(["pdftotext", letter, "-"], capture_output=True).stdout.strip(b"\f\n") in page and hashlib.sha256(open(letter, "rb").read()).hexdigest() == place["sha256"]
    told = taxcert("copies", second, "-o", work + "/copies2", "--list", work + "/list2.csv").stdout
    assert f"{len(void)} of these are letters" in told and f"{len(corrected) + len(void)} are for people who had received" in told, told
    r = next(r for r in rows(work + "/list2.csv") if r["certificate"].endswith("+letter"))
    pdf = f"{work}/copies2/{r['file']}"
    assert not opens(pdf, "") and subprocess.run(["pdftotext", "-upw", r["password"], pdf, "-"], capture_output=True).stdout.strip(b"\f\n") in page
    taxcert("verify", "--sample", "4", second, work + "/print2", work + "/copies2")
    old = taxcert("deliveries", second, "--old", "--csv", work + "/old.csv").stdout
    assert {r["certificate"] for r in rows(work + "/old.csv")} == {*corrected, *void, *(v + "+letter" for v in void)}
    assert f"letters about cancellations {len(void)}, of these not yet 0" in old

    # the workbook tells the same where it is asked to, else it stays what it was
    for folder, out in ((run, "1"), (second, "2")):
        book = lambda *words: taxcert("summary", folder, "-o", work + f"/book{out}.xlsx", "--templates", source + "/templates", *words)
        book()
        assert open(work + f"/book{out}.xlsx", "rb").read() == open(folder + "/summary.xlsx", "rb").read()
        book("--deliveries")
        first = open(work + f"/book{out}.xlsx", "rb").read()
        book("--deliveries")
        assert open(work + f"/book{out}.xlsx", "rb").read() == first != open(folder + "/summary.xlsx", "rb").read()
        cells = sheet(work + f"/book{out}.xlsx", "Versand")
        table = taxcert("deliveries", folder, "--csv", work + "/same.csv") and rows(work + "/same.csv")
        assert [(c[1], c[6]) for c in cells[1:]] == [(r["certificate"], r["time"]) for r in table]
        classes = collections.Counter(c[11] for c in cells[1:])
        issued_ = numbers(taxcert("deliveries", folder).stdout)
        assert [classes[str(i)] for i in (1, 2, 3, 4)] == issued_[1:5] and sum(issued_[1:5]) == len(issued) + (len(new) - len(corrected) - len(void)) * (out == "2")
        check = next(c for c in sheet(work + f"/book{out}.xlsx", "Übersicht") if c and c[0].startswith("gedruckt + versandt"))
        assert check[1] == check[2] == str(issued_[0]) and check[3] == "stimmt", check
    again = taxcert("batch", run, "-o", work + "/print3", "--again", "--templates", source + "/templates").stdout
    gone = len(corrected) + len(changes.get("cancellations", []))
    assert f"{gone} no longer valid" in again
    found = numbers(taxcert("deliveries", second).stdout)
    assert found[4] == found[7] == 0, found
    for folder in run, second:
        taxcert("verify", "--sample", "4", folder)

    # an earlier run that is not there is told: of what it issued nobody can tell whether it went out, and that is said of each; the sum holds
    def told_of(folder, *words):
        done = taxcert("deliveries", folder, "--csv", work + "/absent.csv", *words)
        return done, numbers(done.stdout), {r["certificate"]: r["state"] for r in rows(work + "/absent.csv")}

    _, there, with_it = told_of(second)
    os.rename(run, run + "-away")
    told, found, states = told_of(second)
    of_first = set(issued) - set(new) - void
    assert "1 earlier runs" in told.stderr and "[run-absent]" in told.stderr and f"of {len(of_first)} certificates" in told.stderr, told.stderr
    assert {i for i, s in states.items() if s == "run absent"} == of_first and found[0] == there[0] and found[4] == len(of_first) and found[7] == 0, (found, there)
    assert all(states[i] == with_it[i] for i in new), "this run's own are known"
    assert set(told_of(second, "--state", "run absent")[2]) == of_first and not told_of(second, "--state", "not yet")[2]
    taxcert("summary", second, "-o", work + "/absent.xlsx", "--templates", source + "/templates", "--deliveries")
    cells = sheet(work + "/absent.xlsx", "Versand")
    assert sum(c[4] == "Lauf fehlt" and c[11] == "4" for c in cells[1:]) == len(of_first)
    os.rename(run + "-away", run)
    assert told_of(second)[1:] == (there, with_it)
print("copies and deliveries: ok")
