"""A duplicate is the issued certificate with a mark, the same on any day, made only from a run that is what it was.
Usage: duplicate.py TAXCERT SOURCE_DIR"""
import glob
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

program, source = sys.argv[1:3]
bank, templates = os.path.join(source, "samples/bank"), os.path.join(source, "templates")
captions = json.load(open(os.path.join(templates, "de/lohnsteuerbescheinigung/2025/captions.de.json")))["captions"]
ISSUED = json.load(open(os.path.join(bank, "payroll.json")))["issue_date"].replace("-", "")


def taxcert(*arguments, **more):
    return subprocess.run([program, *arguments], capture_output=True, text=True, **more)


def generate(out, *arguments):
    made = taxcert("generate", "--allow-test-ids", "--templates", templates, "-o", out, *arguments)
    assert made.returncode in (0, 1), made.stderr
    return made.stderr


def duplicate(run, handle, out, fonts=templates):
    return taxcert("reprint", "--force", "--duplicate", "--reason", "lost", "--templates", fonts, run, handle, "-o", out)


def certificate(run, name):
    return glob.glob(os.path.join(run, "certificates", "*", f"*-{name}.pdf"))[0]


def read(path):
    return open(path, "rb").read()


def text(pdf):
    """Without blanks: poppler puts every letter of a rising text on a line of its own."""
    said = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout
    return re.sub(r"\s", "", said)


def plain(attachment, marks):
    """What is attached without its marks, which must be these: none on an issued original."""
    if not marks:
        assert b'"marks"' not in attachment
        return attachment
    text = json.dumps(marks, separators=(",", ":")).encode()
    assert attachment.count(b'"year":2025,"marks":' + text + b',"fields"') == 1, attachment[:200]
    return attachment.replace(b',"marks":' + text, b"", 1)


def title(pdf):
    return re.search(r"^Title: +(.*)$", subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout, re.M)[1]


def attached(pdf):
    return subprocess.run(["qpdf", "--show-attachment=certificate.json", pdf], capture_output=True, check=True).stdout


def dates(pdf):
    plain = subprocess.run(["qpdf", "--qdf", "--object-streams=disable", pdf, "-"], capture_output=True, check=True).stdout
    return set(re.findall(rb"D:(\d{8})|<xmp:\w+Date>([^<]*)<", plain))


with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
    run, drafts, out, again = (os.path.join(folder, name) for name in ("run", "drafts", "out.pdf", "again.pdf"))
    people = ["-e", os.path.join(bank, "employees.json"), os.path.join(bank, "payroll.json")]
    generate(run, *people)
    generate(drafts, "--draft", *people)

    # Foreign letters, six feature rows, amounts below zero, voluntary rows.
    names = {"100001": "LB25-100001-1", "100006": "LB25-100006-1", **{name: name for name in ("LB25-100028-1", "LB25-100032-1", "LB25-100046-1")}}
    for place, marks in (run, captions["duplicate"]), (drafts, captions["draft"] + captions["duplicate"]):
        for handle, name in names.items():
            issued = glob.glob(os.path.join(place, "certificates", "*", f"*+{name}.pdf"))[0]
            for path in out, again:
                made = duplicate(place, handle, path)
                assert made.returncode == 0 and made.stderr == "", made.stderr
            assert read(out) == read(again) != read(issued), name
            unmarked = text(certificate(run, os.path.basename(issued).split("-2025-")[1][:-4]))
            assert text(out) == marks + unmarked, name
            kinds = ["duplicate"] if place is run else ["draft", "duplicate"]
            assert plain(attached(out), kinds) == plain(attached(issued), kinds[:-1]), name
            assert title(out) == " \u2013 ".join([captions["title"], *(captions[kind] for kind in kinds)]), name
            assert dates(out) == dates(issued) and {d for pair in dates(out) for d in pair if len(d) == 8} == {ISSUED.encode()}
        events = [e for e in map(json.loads, open(os.path.join(place, "events.log"))) if e["event"] != "draft-input"]
        assert [e["event"] for e in events] == ["generated"] + ["duplicated"] * 2 * len(names)
        assert {e["certificate"] for e in events[1:]} == set(names.values()) and {e["reason"] for e in events[1:]} == {"lost"}
        assert taxcert("verify", place).returncode == 0

    # Its own name where none is given, beside the original's.
    here = os.path.join(folder, "here")
    os.mkdir(here)
    for more in [], ["--duplicate", "--templates", templates]:
        assert taxcert("reprint", "--force", *more, run, "100001", cwd=here).returncode == 0
    name = "lohnsteuerbescheinigung-2025-100001+LB25-100001-1"
    assert sorted(os.listdir(here)) == [name + ".duplicate.pdf", name + ".pdf"]
    assert taxcert("reprint", "--force", "--duplicate", "--templates", templates, run, "100001", "-o", "-", errors="replace").stdout[:5] == "%PDF-"

    # Other fonts: the values are the ledger's all the same, and it is said.
    fonts = os.path.join(folder, "other")
    shutil.copytree(os.path.join(templates, "fonts"), os.path.join(fonts, "fonts"))
    shutil.copy(os.path.join(templates, "fonts/taxcert-sans-regular.otf"), os.path.join(fonts, "fonts/taxcert-sans-bold.otf"))
    made = duplicate(run, "100001", again, fonts)
    assert made.returncode == 0 and "[duplicate-differs]" in made.stderr, made.stderr
    duplicate(run, "100001", out)
    assert read(again) != read(out) and text(again) == text(out) and attached(again) == attached(out)
    assert duplicate(run, "100001", again, os.path.join(folder, "nowhere")).returncode in (2, 4)

    # Nothing is made of what the run did not issue, or is not as it was.
    rejects = os.path.join(folder, "rejects")
    withheld = re.findall(r"^error: (\S+) ", generate(rejects, os.path.join(source, "samples/rejects/payroll.json")), re.M)
    refused = duplicate(rejects, withheld[-1], os.path.join(folder, "none.pdf"))
    assert refused.returncode == 3 and "[held]" in refused.stderr, refused.stderr
    assert duplicate(run, "999999", os.path.join(folder, "none.pdf")).returncode == 1

    def spoiled(rule, spoil, fonts=templates):
        copy = os.path.join(folder, "copy")
        shutil.copytree(run, copy)
        spoil(copy)
        refused = duplicate(copy, "100001", os.path.join(folder, "none.pdf"), fonts)
        assert refused.returncode == 4 and f"[{rule}]" in refused.stderr, (rule, refused.stderr)
        assert read(os.path.join(copy, "events.log")).count(b"\n") == read(os.path.join(run, "events.log")).count(b"\n")
        shutil.rmtree(copy)

    def replace(path, old, new):
        data = read(path)
        assert data.count(old) >= 1
        open(path, "wb").write(data.replace(old, new))

    def change_byte(path):
        data = bytearray(read(path))
        data[len(data) // 2] ^= 1
        open(path, "wb").write(data)

    def change_ledger(copy, statement):
        with sqlite3.connect(os.path.join(copy, "ledger.db")) as ledger:
            assert ledger.execute(statement).rowcount == 1

    value = json.loads(attached(out))["fields"]["3"]
    richer = f"""UPDATE certificate SET record = replace(record, '"3":"{value}"', '"3":"1{value}"') WHERE personnel_number = '100001'"""
    spoiled("changed", lambda c: change_byte(certificate(c, "100001+LB25-100001-1")))
    spoiled("file-changed", lambda c: replace(os.path.join(c, "form/captions.de.json"), captions["duplicate"].encode(), b"ORIGINAL"))
    spoiled("file-changed", lambda c: change_ledger(c, richer))
    spoiled("file-changed", lambda c: change_ledger(c, richer), fonts)
    spoiled("file-changed", lambda c: change_ledger(c, "UPDATE run SET value = 'yes' WHERE key = 'draft'"))
    spoiled("event-chain", lambda c: replace(os.path.join(c, "events.log"), b'"event":"generated"', b'"event":"Generated"'))

    # The list of hashes has no part in what is given out: the log says which one the run was closed with, and verify that this is another.
    def given(run, *more):
        made = taxcert("reprint", "--force", *more, run, "100001", "-o", again, "--templates", templates)
        assert made.returncode == 0, made.stderr
        return read(again), re.search("^seal ([0-9a-f]{64})$", made.stdout, re.M).group(1)

    copy = os.path.join(folder, "copy")
    shutil.copytree(run, copy)
    replace(os.path.join(copy, "SHA256SUMS"), b"  ledger.db", b"  ledger-db")
    for more in ([], ["--duplicate"]):
        data, seal = given(copy, *more)
        assert data == given(run, *more)[0]
        lines = read(os.path.join(copy, "events.log")).splitlines(True)
        closed = json.loads(lines[0])["sums"]
        head = hashlib.sha256(lines[-1]).hexdigest()
        assert seal == hashlib.sha256(f"taxcert seal 1\nSHA256SUMS {closed}\nevents {len(lines)} {head}\n".encode()).hexdigest()
    told = taxcert("verify", "--sample", "0", copy)
    assert told.returncode == 1 and "[sums-changed]" in told.stdout, told.stdout
    shutil.rmtree(copy)
    assert not os.path.exists(os.path.join(folder, "none.pdf"))
print("duplicates: ok")
