"""veraPDF finds nothing against PDF/A-3a and PDF/UA-1 in any kind of certificate: issued, draft, duplicate of both, correction,
several pensions, and in letters;
of the forms of other years an eighth of the bank and the form itself; qpdf neither; the values attached are valid by the published schema and equal to the printed ones. Usage: verapdf.py TAXCERT SOURCE_DIR"""
import csv
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import jsonschema

program, source = sys.argv[1:3]
JAR = "greenfield-apps-1.26.2.jar"
cache = os.path.join(os.path.dirname(program), "verapdf")
if not os.path.exists(os.path.join(cache, JAR)):
    subprocess.run(["mvn", "-q", "-B", "dependency:copy", "-Dartifact=org.verapdf.apps:greenfield-apps:1.26.2",
                    f"-DoutputDirectory={cache}"], check=True)


def verapdf(profile, files):
    """All files in one run of Java, whose best compiler would take longer than it saves. A home of its own: at its first start it writes its settings there,
    and two at once spoilt each other's."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Duser.home=" + home, "-cp", os.path.join(cache, JAR),
                               "org.verapdf.apps.GreenfieldCliWrapper", "-f", profile, "--format", "text", "-v", *files], capture_output=True, text=True)
    said = done.stdout
    failed = [line for line in said.splitlines() if not line.startswith("PASS ")]
    assert not failed, failed[:20]
    assert said.count("PASS ") == len(files), (said.count("PASS "), len(files), done.returncode, done.stderr[-2000:])


YEARS = [year for year in sorted(os.listdir(os.path.join(source, "templates/de/lohnsteuerbescheinigung"))) if year != "2025"]


def run(folder, name, *more, year=""):
    bank = os.path.join(source, "samples", year, "bank")
    subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), "-e",
                    os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json"),
                    "-o", os.path.join(folder, name), *more], check=True, capture_output=True)
    return sorted(glob.glob(os.path.join(folder, name, "certificates/*/*.pdf")))


def duplicate(folder, name, pdf):
    identity = pdf[:-4].split("+")[1]
    out = os.path.join(folder, f"{name}-{identity}.pdf")
    subprocess.run([program, "reprint", "--duplicate", "--templates", os.path.join(source, "templates"), os.path.join(folder, name), identity,
                    "-o", out], check=True)
    return out


def corrected(folder, name):
    """The sample's correction and late certificate, and marked copies of both."""
    second = name + "-corrected"
    subprocess.run([program, "correct", "--allow-test-ids", "--templates", os.path.join(source, "templates"), os.path.join(folder, name),
                    os.path.join(source, "samples/bank/corrections.json"), "-o", os.path.join(folder, second)], check=True, capture_output=True)
    made = sorted(glob.glob(os.path.join(folder, second, "certificates/*/*.pdf")))
    letters = sorted(glob.glob(os.path.join(folder, second, "letters/*/*.pdf")))
    assert letters, "the sample cancels a certificate"
    return made + letters + [duplicate(folder, second, pdf) for pdf in made]


def pensions(folder):
    """A pensioner with a second pension and internal information: the free rows."""
    payroll = json.load(open(os.path.join(source, "samples/bank/payroll.json")))
    lines = {name: kind["adds_to"] for name, kind in payroll["wage_types"].items()}
    one = next(c for c in payroll["certificates"] if "8" in c.get("values", {}) or any("8" in lines[e["wage_type"]] for e in c.get("entries", [])))
    one.update(further_pensions=[{"8": "100.00", "29": "1200.00", "30": 2015, "31": {"first": 2, "last": 12}}], internal=[{"text": "Kantine", "amount": "9.50"}])
    payroll.update(certificates=[one], declarations=[])
    json.dump(payroll, open(os.path.join(folder, "pensions.json"), "w"))
    out = os.path.join(folder, "pensions")
    subprocess.run([program, "generate", "--allow-test-ids", "--templates", os.path.join(source, "templates"), "-e",
                    os.path.join(source, "samples/bank/employees.json"), os.path.join(folder, "pensions.json"), "-o", out], check=True, capture_output=True)
    return glob.glob(os.path.join(out, "certificates/*/*.pdf"))


def preview(folder, *mark, year="2025"):
    out = os.path.join(folder, "-".join(("preview", year, *mark)) + ".pdf")
    subprocess.run([program, "template", "preview", "--templates", os.path.join(source, "templates"), "de/lohnsteuerbescheinigung", year,
                    "-o", out, *mark], check=True)
    return out


def abroad(folder):
    """Of every other country's form: some of its sample, a duplicate, its corrections and letters, and the empty form."""
    made = []
    for form in glob.glob(os.path.join(source, "templates/*/*/*/template.json")):
        country, name, year = form.split("/")[-4:-1]
        if country == "de":
            continue
        sample, out = os.path.join(source, "samples", country, year), os.path.join(folder, f"{country}-{year}")
        words = ["--allow-test-ids", "--templates", os.path.join(source, "templates")]
        subprocess.run([program, "generate", *words, os.path.join(sample, "payroll.json"), "-o", out], check=True, capture_output=True)
        subprocess.run([program, "correct", *words, out, os.path.join(sample, "corrections.json"), "-o", out + "-corrected"], check=True, capture_output=True)
        issued = sorted(glob.glob(out + "/certificates/*/*.pdf"))
        subprocess.run([program, "template", "preview", *words[1:], f"{country}/{name}", year, "-o", out + ".pdf"], check=True)
        changed = {c["id"] for c in json.load(open(os.path.join(sample, "corrections.json")))["certificates"]}
        valid = next(p for p in issued if not any(p.endswith(f"+{i}.pdf") for i in changed))
        made += issued[::5] + [duplicate(folder, f"{country}-{year}", valid), out + ".pdf"] + glob.glob(out + "-corrected/*/*/*.pdf")
    return made


def decrypted(folder, of):
    """Encrypted copies, opened by their passwords: PDF/UA still, and no PDF/A, which they do not say to be."""
    subprocess.run([program, "copies", os.path.join(folder, of), "-o", os.path.join(folder, "closed"), "--list", os.path.join(folder, "list.csv")], check=True, capture_output=True)
    made = []
    with open(os.path.join(folder, "list.csv"), encoding="utf-8", newline="") as listed:
        for row in list(csv.DictReader(listed)):
            made.append(os.path.join(folder, "open-" + row["file"]))
            subprocess.run(["qpdf", "--password-file=-", "--decrypt", os.path.join(folder, "closed", row["file"]), made[-1]], input=row["password"], text=True, check=True)
    return made


def check(pdf):
    subprocess.run(["qpdf", "--check", pdf], check=True, stdout=subprocess.DEVNULL)


def attached(pdf):
    return subprocess.run(["qpdf", "--show-attachment=certificate.json", pdf], capture_output=True, check=True).stdout


def shown(value):
    """How the form prints an amount's whole part, or the value as it is."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d\d", value):
        return f"{int(value.lstrip('-').split('.')[0]):,}".replace(",", ".")
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return f"{value[8:]}.{value[5:7]}."
    return str(value).replace(".", ",") if re.fullmatch(r"\d+\.\d+", str(value)) else str(value)


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
    issued, drafts = run(folder, "run"), run(folder, "drafts", "--draft")
    assert len(issued) == len(drafts) == 64
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        copies = list(pool.map(lambda pdf: duplicate(folder, "run", pdf), issued[::6]))
        copies += pool.map(lambda pdf: duplicate(folder, "drafts", pdf), drafts[::12])
        all_ = issued + drafts[::8] + copies + corrected(folder, "run") + [preview(folder), preview(folder, "--mark", "correction"), preview(folder, "--mark", "letter")]
        all_ += pensions(folder)
        for year in YEARS:
            all_ += run(folder, year, year=year)[::8] + [preview(folder, year=year)]
        all_ += abroad(folder)
        opened = decrypted(folder, "run-corrected")
        assert len(opened) > 2, "a correction, a late one and a letter"
        list(pool.map(lambda profile: verapdf(profile, all_ + (opened if profile == "ua1" else [])), ("3a", "ua1")))
        list(pool.map(check, all_))
    schema = json.loads(subprocess.run([program, "template", "schema", "--templates", os.path.join(source, "templates"),
                                        "de/lohnsteuerbescheinigung", "2025"], capture_output=True, check=True).stdout)
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/certificate", "$defs": schema["$defs"]})
    for i, (pdf, draft) in enumerate(zip(issued, drafts)):
        raw = attached(pdf)
        data = json.loads(raw)
        validator.validate(data)
        marked = json.loads(attached(draft)) if i % 4 == 0 else {**data, "marks": ["draft"]}
        assert marked.pop("marks") == ["draft"] and marked == data and "marks" not in data
        text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
        last = max(data["deduction_features"], key=lambda row: (row["valid_from"] <= data["fields"]["to"], row["valid_from"]))
        last = {field: value for field, value in last.items() if field != "valid_from"}
        for row in [data["fields"], last, *data["voluntary"]]:
            for field, value in row.items():
                if isinstance(value, str) and field not in ("country",) and not (field in ("4", "5", "6") and value == "0.00"):
                    assert shown(value) in text, (pdf, field)
print("verapdf: no failures in", len(all_), "files; attachments valid")
