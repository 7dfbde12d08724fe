"""Generated runs and chains of corrections: any mutation of the sample bank, seeded, and what must hold whatever the input is.
Usage: runs.py [--release] TAXCERT SOURCE_DIR [RUNS=500] [CHAINS=40] [SEED=1] [WORKERS=2]

Of each run: no crash and no sanitizer report; check and generate tell the same; -j1 and -j3 give the same bytes; certificates of the input are
issued or withheld, one by one; employees are in it or without a certificate; `verify` proves it; `summary` gives the workbook's bytes;
the workbook is well-formed. Of each chain, after every correction, the same, and that the runs before are as they were.
A seed that fails is printed with its folder, which is kept. Most of the inputs must give a run, and most of the chains a correction: what is
refused as a whole proves little. Program and forms are copied first, so that a build or an edit beside disturbs nothing."""
import copy
import glob
import hashlib
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import xml.parsers.expat
import zipfile

release = sys.argv[1] == "--release" and sys.argv.pop(1) and True  # the release build beside, if there is one: more runs in the same time
program, source = sys.argv[1:3]
beside = os.path.join(os.path.dirname(program), "../release/taxcert")
program = beside if release and os.path.exists(beside) else program
RUNS, CHAINS, SEED, WORKERS = (int(sys.argv[i]) if len(sys.argv) > i else d for i, d in ((3, 500), (4, 40), (5, 1), (6, 2)))
BANK = {n: json.load(open(os.path.join(source, "samples/bank", n + ".json"))) for n in ("payroll", "employees", "corrections")}
ENV = dict(os.environ, LC_ALL="C.UTF-8")
LEAST = {"run": 0.5, "chain": 0.4}  # of the runs published, of the chains with a published correction


class Wrong(Exception):
    pass


def need(truth, *words):
    if not truth:
        raise Wrong(" ".join(str(w)[:600] for w in words))


def taxcert(*words, codes=(0, 1)):
    done = subprocess.run([program, *words], capture_output=True, env=ENV, timeout=120)
    told = done.stderr + done.stdout
    need(done.returncode >= 0 and b"Sanitizer" not in told and b"runtime error" not in told, words, done.returncode, told[-3000:])
    need(done.returncode in codes, words, done.returncode, told[-800:])
    return done


# ---- mutations

TEXTS = ["", " ", "0", "-0", "x" * 33, "x" * 3000, "\u0001", "\ufffe", "\u202e", "\u0110\u0323", "=1+1", "\"'<&>", "a\nb", "9999999999999.99", "-9999999999999.99",
         "1,5", "1e3", "00", "2025-02-30", "1899-01-01", "9999-12-31", "null", "[]", "../x", "LB25-100001-1", "lb25-100001-1", "100001", "\U0001f600", "M\u00fcller"]
NUMBERS = [0, -1, 1, 7, 13, 99, 2**31, 2**53 + 1, -2**63, 2**63, 10**20, 0.1, -0.0, 1e300, 0.07, 12.345]


def junk(r):
    return r.choice([r.choice(TEXTS), r.choice(NUMBERS), None, True, False, [], {}, [r.choice(TEXTS)] * r.choice((1, 3, 400)), {"a": {"b": [1]}}])


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, path + (key,))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def mutate(r, value):
    """One change somewhere below; the lists of records themselves stay lists."""
    path = r.choice([p for p in places(value) if p])
    parent, key = at(value, path[:-1]), path[-1]
    kind = r.randrange(7)
    if kind == 0:
        parent[key] = junk(r)
    elif kind == 1:
        del parent[key]
    elif kind == 2 and isinstance(parent, list):
        parent.insert(r.randrange(len(parent) + 1), copy.deepcopy(parent[key]))
    elif kind == 2:
        parent[r.choice(TEXTS) or "k"] = copy.deepcopy(parent[key])
    elif kind == 3:
        other = r.choice([p for p in places(value) if p])
        parent[key] = copy.deepcopy(at(value, other))
    elif kind == 4 and isinstance(parent[key], str) and parent[key]:
        i = r.randrange(len(parent[key]))
        parent[key] = parent[key][:i] + r.choice(["", "\u00df", "9", ".", " ", "-", parent[key][i] * 2]) + parent[key][i + 1:]
    elif kind == 5 and isinstance(parent, list):
        r.shuffle(parent)
    else:
        parent[key] = r.choice(TEXTS) if isinstance(parent[key], str) else junk(r)


def people_of(certificates):
    wanted = {c["personnel_number"] for c in certificates}
    return [copy.deepcopy(e) for e in BANK["employees"]["employees"] if e["personnel_number"] in wanted]


def first_input(r):
    certificates = r.sample(BANK["payroll"]["certificates"], r.randrange(1, 7))
    employees = people_of(certificates) + r.sample(BANK["employees"]["employees"], r.randrange(0, 3))
    value = copy.deepcopy({**{k: v for k, v in BANK["payroll"].items()}, "certificates": certificates, "employees": employees})
    for _ in range(r.choice((0, 1, 1, 2, 5))):
        mutate(r, r.choice([value["certificates"], value["employees"], value.get("declarations"), value] if r.random() < 0.15 else [value["certificates"], value["employees"]]) or [0, 0])
    for name in ("certificates", "employees"):
        if not isinstance(value.get(name), list):
            value[name] = []
    return value


def changes(r, before):
    """Corrections of what was there, late ones and cancellations, and then anything."""
    value = copy.deepcopy({**before, "certificates": [], "cancellations": []})
    for c in before["certificates"]:
        if not isinstance(c, dict) or r.random() < 0.4:
            continue
        if r.random() < 0.25:
            value["cancellations"].append({"certificate": c.get("id"), "reason": "void"})
            continue
        c = copy.deepcopy(c)
        c["correction"] = {"reason": r.choice(["wrong", "", "\u00fc"])}
        if r.random() < 0.3:
            c.pop("correction")
            c["id"] = f"L-{r.randrange(9)}"
        value["certificates"].append(c)
    for c in r.sample(BANK["payroll"]["certificates"], r.randrange(0, 2)):
        value["certificates"].append(copy.deepcopy(c))
        value["employees"] = value["employees"] + people_of([c])
    for _ in range(r.choice((0, 0, 1, 3))):
        mutate(r, r.choice([value["certificates"] or [0, 0], value["employees"] or [0, 0]]))
    return value


# ---- what must hold

def hashes(folder):
    return {os.path.relpath(os.path.join(d, f), folder): hashlib.sha256(open(os.path.join(d, f), "rb").read()).hexdigest()
            for d, _, files in os.walk(folder) for f in files if f != "events.log"}


def write(folder, name, value):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", errors="surrogatepass") as file:
        json.dump(value, file, ensure_ascii=len(name) % 2 == 0)
    return path


def lines(done):
    rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return [r for r in rows if "rule" in r], next(r for r in rows if "certificates" in r)


def hold(folder, run):
    """What holds of every run that was made."""
    need(b"NOT PROVED" not in taxcert("verify", "--sample", "2", run, codes=(0,)).stdout, "verify")
    again = os.path.join(folder, "again.xlsx")
    taxcert("summary", run, "-o", again, codes=(0,))
    book = os.path.join(run, "summary.xlsx")
    need(open(again, "rb").read() == open(book, "rb").read(), "summary is not the workbook")
    with zipfile.ZipFile(book) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                xml.parsers.expat.ParserCreate().Parse(parts.read(name), True)


def one_run(r, folder):
    value = first_input(r)
    path, run = write(folder, r.choice(("in.json", "inp.json")), value), os.path.join(folder, "run")
    checked = taxcert("check", "--json", "--allow-test-ids", path, codes=(0, 1, 2, 3))
    made = taxcert("generate", "--json", "--allow-test-ids", "-j1", path, "-o", run, codes=(0, 1, 2, 3))
    need(checked.returncode == made.returncode, "check and generate", checked.returncode, made.returncode, checked.stderr, made.stderr)
    if made.returncode > 1:
        need(not os.path.exists(run) and checked.stderr == made.stderr, "a fatal error leaves no run and is told alike", checked.stderr, made.stderr)
        return None, None
    need(checked.stdout == unsealed(made), "check tells otherwise than generate")
    findings, closing = lines(made)
    need(closing["certificates"] == closing["issued"] + closing["held"] == len(value["certificates"]), "everybody is accounted for", closing)
    other = os.path.join(folder, "other")
    taxcert("generate", "--allow-test-ids", "-j3", path, "-o", other)
    need(hashes(run) == hashes(other), "threads change bytes")
    hold(folder, run)
    shutil.rmtree(other)
    return run, value


def one_alone(r, folder):
    return one_run(r, folder)[0] is not None


def unsealed(made):
    """What was told but for the seal, which a check has none of."""
    return re.sub(rb',"seal":"[0-9a-f]{64}"', b"", made.stdout)


def one_chain(r, folder):
    run, value = one_run(r, folder)
    kept, published = [], False
    for step in range(r.randrange(1, 4)):
        if not run:
            return False
        kept.append((run, hashes(run)))
        path, after = write(folder, f"changes{step}.json", changes(r, value)), os.path.join(folder, f"run{step}")
        checked = taxcert("correct", "--json", "--allow-test-ids", run, path, codes=(0, 1, 2, 3))
        made = taxcert("correct", "--json", "--allow-test-ids", run, path, "-o", after, codes=(0, 1, 2, 3))
        need(checked.returncode == made.returncode and checked.stdout == unsealed(made), "correct with and without -o", checked.stdout, made.stdout, checked.stderr, made.stderr)
        for before, then in kept:
            need(hashes(before) == then, "a run before was changed")
        if made.returncode > 1:
            continue
        published = True
        closing = lines(made)[1]
        need(closing["certificates"] == closing["issued"] + closing["held"], "everybody is accounted for", closing)
        hold(folder, after)
        run = after
    return published


def trial(job):
    """Kind, whether something was published, and what is wrong or None."""
    kind, seed = job
    folder = tempfile.mkdtemp(prefix=f"runs-{kind}-{seed}-", dir=SHM)
    try:
        published = (one_chain if kind == "chain" else one_alone)(random.Random(f"{kind}{seed}"), folder)
    except Wrong as wrong:
        return kind, False, f"{kind} {seed}: {wrong} (kept: {folder})"
    except Exception as error:
        return kind, False, f"{kind} {seed}: {type(error).__name__}: {error} (kept: {folder})"
    shutil.rmtree(folder)
    return kind, published, None


def main():
    jobs = [("run", SEED + i) for i in range(RUNS)] + [("chain", SEED + i) for i in range(CHAINS)]
    with multiprocessing.Pool(WORKERS) as pool:
        results = list(pool.imap_unordered(trial, jobs, 4))
    wrong = [text for _, _, text in results if text]
    for kind, least in LEAST.items():
        made = [published for k, published, _ in results if k == kind]
        print(f"{kind}s: {len(made)}, of which published {sum(made)}")
        if sum(made) < least * len(made):
            wrong.append(f"too few {kind}s were published")
    for text in wrong[:20]:
        print(text)
    print(f"runs: {RUNS} runs and {CHAINS} chains, {len(wrong)} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    SHM = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=SHM) as state:
        for library in glob.glob(os.path.join(os.path.dirname(program), "libtaxcert.so.?")):
            shutil.copy(library, state)
        ENV["LD_LIBRARY_PATH"] = state
        program = shutil.copy(program, state)
        ENV["TAXCERT_TEMPLATES"] = shutil.copytree(os.path.join(source, "templates"), os.path.join(state, "templates"))
        sys.exit(main())
