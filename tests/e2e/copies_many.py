"""copies of many people with hard names: nobody's opens without a password or with the neighbour's, each has the issued page and attachment by its own; passwords of the alphabet,
all different, in the list alone; the file's bytes say nothing of anybody. Usage: copies_many.py TAXCERT SOURCE_DIR [PEOPLE=40]; 500 by hand take some minutes."""
import collections, csv, glob, json, os, re, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
people_count = int(sys.argv[3]) if len(sys.argv) > 3 else 40
synth = os.path.join(os.path.dirname(program), "tests/synth")
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
ENV = {**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": source + "/templates", "ASAN_OPTIONS": "detect_leaks=0"}
LAST = ["O'Brien-Žáček", "=1+1", "+49 30", "-Minus", "@Lohn", "van der Berg, jr.", "Müller \"Max\"", "D\u2019Angelo", "M\u0304ḥammad", "Öztürk;x", "al-\u02bfAmr\u012b", "Łęcka|Ż", "/etc/passwd",
        "../Oben", "a%00b", "C:\\Temp", "$HOME", "`id`", "x" * 45, "ẞtark", "e\u0301e\u0301", "Nguyễn Thị", "1e9", "NULL", "'; DROP TABLE--", "<b>fett</b>", "&amp;", "(Klammer)", "Þórð", "Ŋ"]


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=ENV)
    assert done.returncode == code, (words, done)
    return done


def rows(path):
    return list(csv.DictReader(open(path, encoding="utf-8", newline="")))


def out(*words, **more):
    return subprocess.run(words, capture_output=True, check=True, **more).stdout


with tempfile.TemporaryDirectory() as work:
    os.mkdir(work + "/in")
    subprocess.run([synth, str(people_count), "1", work + "/in"], check=True, stdout=subprocess.DEVNULL)
    people = json.load(open(work + "/in/employees.json"))
    for i, e in enumerate(people["employees"]):
        e["name"]["last"] = LAST[i % len(LAST)] + ("" if i < len(LAST) else f" {i}")
    json.dump(people, open(work + "/in/employees.json", "w"))
    run = work + "/run"
    subprocess.run([program, "generate", "--allow-test-ids", "-e", work + "/in/employees.json", work + "/in/payroll.json", "-o", run], capture_output=True, env=ENV)
    issued = {re.search(r"\+([^+]+)\.pdf$", p)[1]: p for p in glob.glob(run + "/certificates/*/*.pdf")}
    assert len(issued) > 0.9 * people_count, "names are held back by themselves at most"
    told = taxcert("copies", run, "-o", work + "/copies", "--list", work + "/list.csv", "--letters", work + "/letters.pdf")
    listed = rows(work + "/list.csv")
    assert {r["certificate"] for r in listed} == set(issued) and {r["file"] for r in listed} == set(os.listdir(work + "/copies")) and told.stdout.startswith(f"{len(issued)} copies")
    passwords = [r["password"] for r in listed]
    assert len(set(passwords)) == len(passwords) and all(re.fullmatch("[a-hjkmnp-z2-9]{12}", p) for p in passwords)
    # every sign of the alphabet about as often as any other: 12 signs of 31 each
    signs = collections.Counter("".join(passwords))
    assert len(signs) == 31 and max(signs.values()) < 3 * 12 * len(passwords) / 31, signs
    # a list that a spreadsheet opens runs nothing
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for r in listed for cell in r.values() if not re.fullmatch(r"[+-]?\d+", cell))
    names = {e["personnel_number"]: e for e in people["employees"]}
    opened = lambda file, password: subprocess.run(["qpdf", "--password-file=-", "--requires-password", file], input=password, text=True).returncode == 3
    for i, r in enumerate(listed):
        file, before = f"{work}/copies/{r['file']}", listed[i - 1]["password"]
        assert not opened(file, "") and not opened(file, before) and opened(file, r["password"]), r["certificate"]
        data, e = open(file, "rb").read(), names[r["personnel_number"]]
        secret = [e["name"]["last"], e["name"]["first"], e["tax_id"], e["address"]["street"], r["password"], r["certificate"], "pdfaid"]
        assert not any(s.encode() in data for s in secret if len(s) > 3), r["certificate"]
        assert e["tax_id"] not in r["file"] and not re.search(r"[^A-Za-z0-9._+-]", r["file"])
    for r in listed[::max(1, len(listed) // 12)]:
        file, mine = f"{work}/copies/{r['file']}", issued[r["certificate"]]
        assert out("pdftotext", "-layout", "-upw", r["password"], file, "-") == out("pdftotext", "-layout", mine, "-") != b""
        plain = work + "/plain.pdf"
        out("qpdf", "--password-file=-", "--decrypt", file, plain, input=r["password"].encode())
        attached = lambda path: out("qpdf", "--show-attachment=certificate.json", path)
        assert attached(plain) == attached(mine) and json.loads(attached(plain))
        for word in listed[0]["password"] if r is not listed[0] else "x", "":
            assert subprocess.run(["pdftotext", "-upw", word, file, "-"], capture_output=True).returncode != 0
    everywhere = told.stdout + told.stderr + open(run + "/events.log").read() + open(run + "/records.jsonl").read() + "".join(os.listdir(work) + os.listdir(run))
    assert not any(p in everywhere for p in passwords) and os.stat(work + "/list.csv").st_mode & 0o777 == 0o600
    letters = out("pdftotext", work + "/letters.pdf", "-").decode()
    assert all(p in letters for p in passwords)
    taxcert("verify", run, "--sample", "1", work + "/copies")
print(f"copies_many: ok, {len(listed)} copies")
