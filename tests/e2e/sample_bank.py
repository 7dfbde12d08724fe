"""The year-end run on the sample bank with the real program, qpdf and pdftotext.

Expected amounts come from the input JSON, not from our own output. Usage: sample_bank.py TAXCERT SOURCE_DIR"""
import glob, json, os, re, sqlite3, subprocess, sys, tempfile
from decimal import Decimal

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")
people_file, payroll_file = (os.path.join(bank, n) for n in ("employees.json", "payroll.json"))
certificates = json.load(open(payroll_file))["certificates"]
wage_types = json.load(open(payroll_file))["wage_types"]
for certificate in certificates:  # the sums of the entries, worked out here independently
    sums = {}
    for entry in certificate.get("entries", []):
        for line in wage_types[entry["wage_type"]]["adds_to"]:
            sign = -1 if line.startswith("-") else 1
            sums[line.lstrip("-")] = sums.get(line.lstrip("-"), Decimal(0)) + sign * Decimal(entry["amount"])
    certificate.setdefault("values", {}).update({line: f"{total:.2f}" for line, total in sums.items()})


def generate(out, *more, jobs=2):
    return subprocess.run([program, "generate", "--jobs", str(jobs), "--allow-test-ids", "--templates", os.path.join(source, "templates"), "--employees", people_file,
                           payroll_file, *more, "-o", out], capture_output=True, text=True)


def cells(amount):
    whole, _, cents = amount.partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return sign + f"{int(whole):,}".replace(",", ".") + " " + cents.ljust(2, "0")


def lines_of(pdf):
    text = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout
    return text.splitlines()


with tempfile.TemporaryDirectory() as folder:
    first, second = os.path.join(folder, "a"), os.path.join(folder, "b")
    run = generate(first)
    withheld = set(re.findall(r"^error: (\S+) ", run.stderr, re.M))
    pdfs = {os.path.basename(path): path for path in glob.glob(os.path.join(first, "certificates", "*", "*"))}
    counts = [int(n) for n in re.search(r"certificates (\d+) = issued (\d+) \+ held back (\d+)", run.stdout).groups()]
    assert counts[0] == len(certificates) == counts[1] + counts[2], "everyone is accounted for"
    assert run.returncode == (1 if withheld else 0) and counts[1] == len(pdfs)
    assert not os.path.exists(first + ".partial")
    for line in "3", "4", "5", "6", "7":
        total = sum(Decimal(c["values"].get(line, "0")) for c in certificates)
        assert re.search(rf"^total of line {line} [^:\n]+: {total:.2f} EUR$", run.stdout, re.M), line
    ledger = sqlite3.connect(os.path.join(first, "ledger.db"))
    assert ledger.execute("SELECT count(*) FROM certificate WHERE state = 'issued'").fetchone() == (counts[1],)
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=first).returncode == 0

    for certificate in certificates:
        name = f"lohnsteuerbescheinigung-2025-{certificate['personnel_number']}+{certificate['id']}.pdf"
        if name not in pdfs:
            assert certificate["personnel_number"] in withheld, name
            continue
        path = pdfs[name]
        assert subprocess.run(["qpdf", "--check", path], capture_output=True).returncode == 0, name
        text, dashes = lines_of(path), 0
        for line in "3", "4", "5", "6", "8", "20":  # one-line captions: number, caption and both cells on one line
            amount = certificate["values"].get(line)
            row = [t for t in text if t.startswith(line + ". ")]
            assert len(row) == 1, (name, line)
            if line in ("4", "5", "6") and not Decimal(amount or "0"):  # nothing was withheld
                assert row[0].endswith(" ------- --"), (name, line)
                dashes += 2
            else:
                assert amount is None or row[0].endswith(" " + cells(amount)), (name, line)
        # A screen reader says "keine" for each of the dashes.
        plain = subprocess.run(["qpdf", "--qdf", "--object-streams=disable", path, "-"], capture_output=True).stdout
        assert plain.count(b"/ActualText (keine)") == dashes, name

    for folder_, _, files in os.walk(first):
        assert os.stat(folder_).st_mode & 0o777 == 0o700, folder_
        for file in files:
            assert os.stat(os.path.join(folder_, file)).st_mode & 0o777 == 0o600, file

    generate(second, jobs=4)
    same = subprocess.run(["diff", "-r", "-x", "events.log", first, second]).returncode == 0
    assert same, "same input, same bytes"
    again = generate(first)
    assert again.returncode == 0 and "finished already, nothing to do [finished]" in again.stderr, again.stderr
    again = generate(first, "--draft")
    assert again.returncode == 2 and "[folder]" in again.stderr, "a folder in use is refused"

    # A canary in a broken record comes out nowhere.
    payroll, people = json.load(open(payroll_file)), json.load(open(people_file))
    people["employees"][0]["name"]["last"] = "CANARY\u4e00"
    payroll["certificates"][3]["values"]["CANARY"] = "1.00"
    for place in 5, 6, 7:
        payroll["certificates"][place].update(CANARY_KEY="CANARY", x_CANARY="mine")
    payroll_file, people_file = os.path.join(folder, "p.json"), os.path.join(folder, "e.json")
    json.dump(payroll, open(payroll_file, "w")), json.dump(people, open(people_file, "w"))
    broken = generate(os.path.join(folder, "c"))
    assert broken.returncode == 1 and "CANARY" not in broken.stdout + broken.stderr
    assert broken.stderr.count("[unknown-key]") == 1 and "certificates/5 [unknown-key]" in broken.stderr
    assert "not read (occurrences: 3)" in broken.stderr
    assert "[text-character]" in broken.stderr and "[unknown-line]" in broken.stderr
print("sample bank: ok")
