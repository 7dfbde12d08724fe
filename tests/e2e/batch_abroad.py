"""Print files, copies and deliveries of the other countries' samples, whose certificates have one page, several, or not all as many: everybody's pages as issued
but for the mark's box, nobody's in two files, sheets that begin on a front, marks that say the sheet of the group; a page moved within a group is found.
Usage: batch_abroad.py TAXCERT SOURCE_DIR"""
import collections, csv, glob, json, os, re, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
MARK = re.compile(r"([0-9A-F]{6})(\d{6})(\d{6})(?:(\d\d)(\d\d))?([01])[0-9A-Z*]")
BOXES = {"us": (147, 3, 204, 16), "at": (39, 277, 96, 290), "uk": (53, 277, 104, 290)}  # mm: where the form's page is empty


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env={**os.environ, "TAXCERT_TEMPLATES": source + "/templates", "LC_ALL": "C"})
    assert done.returncode == code, (words, done)
    return done.stdout


def rows(path):
    return list(csv.DictReader(open(path, encoding="utf-8", newline="")))


def rasters(pdf, first, last):
    data, found = subprocess.run(["pdftoppm", "-gray", "-r", "50.8", "-f", str(first), "-l", str(last), pdf], capture_output=True, check=True).stdout, []
    while data:
        head, data = data.split(b"\n255\n", 1)
        width, height = map(int, head.split()[1:3])
        found.append([data[i * width:(i + 1) * width] for i in range(height)])
        data = data[width * height:]
    return found


def compare(here, issued, box, marked):
    """Two pages in half millimetres."""
    differ = [(x / 2, y / 2) for y, (a, b) in enumerate(zip(here, issued)) if a != b for x in range(len(a)) if a[x] != b[x]]
    assert len(here) == len(issued) and bool(differ) == marked, (len(differ), marked)
    for x, y in differ:
        assert box[0] <= x <= box[2] and box[1] <= y <= box[3], (x, y)
        assert issued[int(2 * y)][int(2 * x)] > 250, "something of the page is drawn over"


def pages_of(pdf):
    return int(re.search(r"Pages: +(\d+)", subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout)[1])


def read_mark(pdf, page, box):
    cut = [str(round(v * 200 / 25.4)) for v in (box[0], box[1], box[2] - box[0], box[3] - box[1])]
    subprocess.run(["pdftoppm", "-gray", "-r", "200", "-f", str(page), "-l", str(page), "-x", cut[0], "-y", cut[1], "-W", cut[2], "-H", cut[3], "-singlefile", pdf,
                    work + "/mark"], check=True)
    return subprocess.run(["dmtxread", "-N1", "-m4000", work + "/mark.pgm"], capture_output=True, text=True).stdout


def check_batch(run, folder, issued, duplex, box):
    """Each job by its table: the groups whole, each sheet's mark, the pages."""
    everybody = collections.Counter()
    looked = False
    for table in sorted(glob.glob(folder + "/??????.csv")):
        job, lines = os.path.basename(table)[:6], rows(table)
        pdf = table[:-4] + ".pdf"
        assert pages_of(pdf) == (2 if duplex else 1) * len(lines)
        sheet = 0
        while sheet < len(lines):
            id_ = lines[sheet]["certificate"]
            pages = issued[id_][1]
            group = -(-pages // 2) if duplex else pages
            everybody[id_] += 1
            for piece in range(group):
                row = lines[sheet + piece]
                mark = MARK.fullmatch(row["mark"])
                assert row["certificate"] == id_ and int(row["page"]) == (2 if duplex else 1) * (sheet + piece) + 1
                assert mark and (mark[1], int(mark[2]), int(mark[3]), mark[6]) == (job, sheet + piece + 1, len(lines), "01"[piece + 1 == group])
                assert (mark[4] is None) == (mark[5] is None) and (mark[4] is None and group == 1 or (int(mark[4]), int(mark[5])) == (piece + 1, group))
            if not looked or pages > 3:
                first = int(lines[sheet]["page"])
                here, there = rasters(pdf, first, first + (2 if duplex else 1) * group - 1), rasters(issued[id_][0], 1, pages)
                for i, page in enumerate(there):
                    compare(here[i], page, box, not duplex or i % 2 == 0)
                assert all(set(line) == {255} for page in here[pages:] for line in page)
                for piece in {0, group - 1}:
                    assert read_mark(pdf, first + (2 if duplex else 1) * piece, box) == lines[sheet + piece]["mark"], lines[sheet + piece]
                looked = True
            sheet += group
    assert set(everybody) == set(issued) and set(everybody.values()) == {1}


def exchange(pdf, one, other):
    """The contents of two pages, of a length."""
    data = open(pdf, "rb").read()
    found = [re.search(rb"/Contents\[\d+ 0 R (\d+) 0 R", m)[1] for m in re.findall(rb"<</Type/Page/.*?>>", data)]
    a, b = found[one], found[other]
    assert len(a) == len(b) and a != b
    open(pdf, "wb").write(data.replace(b" " + a + b" 0 R", b" X 0 R").replace(b" " + b + b" 0 R", b" " + a + b" 0 R").replace(b" X 0 R", b" " + b + b" 0 R"))


several = set()
for country in "us", "at", "ch", "nl", "uk":
    with tempfile.TemporaryDirectory() as work:
        sample = sorted(glob.glob(f"{source}/samples/{country}/*"))[-1]
        run, box = work + "/run", BOXES.get(country, (19, 277, 76, 290))
        taxcert("generate", "--allow-test-ids", sample + "/payroll.json", "-o", run)
        issued = {re.search(r"\+([^+]+)\.pdf$", p)[1]: (p, pages_of(p)) for p in glob.glob(run + "/certificates/*/*.pdf")}
        several |= {pages for _, pages in issued.values()}
        for duplex in False, True:
            folder = f"{work}/print-{duplex}"
            taxcert("batch", run, "-o", folder, "--size", "11", *(["--duplex", "--again"] if duplex else []))
            assert any(len(rows(p)) <= 11 for p in glob.glob(folder + "/??????.csv"))
            check_batch(run, folder, issued, duplex, box)
        copied = taxcert("copies", run, "-o", work + "/copies", "--list", work + "/list.csv")
        assert copied.startswith(f"{len(issued)} copies")
        r = rows(work + "/list.csv")[0]
        assert subprocess.run(["qpdf", "--password-file=-", "--check", f"{work}/copies/{r['file']}"], input=r["password"], text=True, capture_output=True).returncode == 0
        taxcert("verify", run, work + "/print-False", work + "/print-True", work + "/copies")
        told = taxcert("deliveries", run, "--csv", work + "/d.csv")
        assert f"issued {len(issued)} = printed {len(issued)} + sent 0 + copied only 0 + not yet 0" in told
        placed = {}
        for table in glob.glob(work + "/print-False/??????.csv"):
            for line in rows(table):
                placed.setdefault(line["certificate"], f"{line['job']} sheet {line['sheet']}")
        said = {d["certificate"]: d["detail"] for d in rows(work + "/d.csv") if d["event"] == "printed" and d["detail"][:6] in {p[:6] for p in placed.values()}}
        assert said == placed
        # the machine's log: a group whose last sheet was lost, whose it is
        table = max(glob.glob(work + "/print-False/??????.csv"), key=os.path.getsize)
        lines = rows(table)
        lost = next((i for i, line in enumerate(lines) if i and line["certificate"] == lines[i - 1]["certificate"]), 1)
        open(work + "/log", "w").writelines(line["mark"] + "\n" for i, line in enumerate(lines) if i != lost)
        found = taxcert("batch", run, "--check", work + "/log", code=1)
        assert re.search(rf"^missing.*sheet {lost + 1}\b.*{re.escape(lines[lost]['certificate'])}", found, re.M), found
        # a page moved within the group, which no mark and no list can say
        pages = issued[lines[0]["certificate"]][1]
        if pages > 1:
            exchange(table[:-4] + ".pdf", 0, 1)
            assert "batch-differs" in taxcert("verify", run, "--sample", "1", os.path.dirname(table), code=1)
        merged = taxcert("reprint", run, *list(issued)[:2], "--merged", "-o", work + "/merged.pdf")
        assert pages_of(work + "/merged.pdf") == sum(pages for _, pages in list(issued.values())[:2]), merged
assert {1, 2, 3} < several
print("batch_abroad: ok, certificates of", *sorted(several), "pages")
