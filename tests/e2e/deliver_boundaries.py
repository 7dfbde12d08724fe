"""batch, copies and send killed at the boundaries between system calls that reach the disk (strace kills there), then the same command again: the reference bytes,
nobody's mail twice, nothing readable for others at any moment; and canaries: no name, address, password or owner password in a log, a process list, a file name or a
temporary file. With a further argument all boundaries are tried. Usage: deliver_boundaries.py TAXCERT SOURCE_DIR [all]"""
import collections, csv, glob, json, os, re, shutil, subprocess, sys, tempfile, threading, time

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from mailserver import Server, certificates

quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
bank = os.path.join(source, "samples/bank")
every = len(sys.argv) > 3
CALLS = "fsync,fdatasync,syncfs,rename,renameat,renameat2,mkdir,unlink,unlinkat,rmdir"
ENV = {**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": source + "/templates", "ASAN_OPTIONS": "detect_leaks=0"}  # which needs ptrace itself
CANARIES = ["Kanarienvogel", "Zeisigstrasse", "kanari", "kolibri.example", "geheim-4711"]


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=ENV)
    assert done.returncode == code or code is None, (words, done)
    return done


def traced(words, *options):
    return subprocess.run(["strace", "-f", "-qq", "-o", work + "/trace", *options, program, *words], capture_output=True, text=True, env=ENV, umask=0)


def boundaries(words):
    """The calls that it makes, in their order, each with its number among those of its name."""
    traced(words, "-e", "trace=" + CALLS)
    counts, places = collections.Counter(), []
    for m in re.finditer(r"^\d+ +(\w+)\(", open(work + "/trace").read(), re.M):
        counts[m[1]] += 1
        places.append((m[1], counts[m[1]]))
    return places


def chosen(places):
    """The last ones are about giving the folder its name; a call is not made where its killer comes."""
    return places if every else places[:-6][::max(1, len(places) // 3)] + places[-6:]


def killed(words, call, number):
    done = traced(words, "-e", "trace=" + CALLS, "-e", f"inject={call}:signal=KILL:when={number}")
    return done.returncode in (-9, 137)


def private(*folders):
    for folder in folders:
        for path in [folder, *(os.path.join(at, name) for at, subs, names in os.walk(folder) for name in subs + names)]:
            assert os.lstat(path).st_mode & 0o077 == 0, path


def tree(folder):
    return {os.path.relpath(p, folder): open(p, "rb").read() for p in glob.glob(folder + "/**", recursive=True) if os.path.isfile(p)}


def logged(run, *kinds):
    return tuple(sum(f'"event":"{kind}"' in line for line in open(run + "/events.log")) for kind in kinds)


def processes(stop, seen):
    while not stop.is_set():
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                seen.add(open(path, "rb").read().decode("latin-1"))
            except OSError:
                pass
        time.sleep(0.02)


with tempfile.TemporaryDirectory() as work:
    certificates(work)
    payroll, people = json.load(open(bank + "/payroll.json")), json.load(open(bank + "/employees.json"))
    numbers = collections.Counter(c["personnel_number"] for c in payroll["certificates"])
    payroll["certificates"] = [c for c in payroll["certificates"] if numbers[c["personnel_number"]] == 1][:6]
    payroll.pop("declarations")
    of = [c["personnel_number"] for c in payroll["certificates"]]
    people["employees"] = [e for e in people["employees"] if e["personnel_number"] in of]
    for e in people["employees"]:
        i = of.index(e["personnel_number"])
        e["name"]["last"] = f"Kanarienvogel{'abcdef'[i]}"
        e["address"].update(street=f"Zeisigstrasse {i}")
        e.pop("mailing_address", None)
        e.update(delivery="email" if i % 2 else "print", email=f"kanari{i}@kolibri.example")
    json.dump(payroll, open(work + "/payroll.json", "w"))
    json.dump(people, open(work + "/employees.json", "w"))
    taxcert("generate", "--allow-test-ids", "-e", work + "/employees.json", work + "/payroll.json", "-o", work + "/run")
    fresh = lambda name: shutil.copytree(work + "/run", f"{work}/{name}")
    have = shutil.which("strace") is not None
    stop, seen = threading.Event(), set()
    watch = threading.Thread(target=processes, args=(stop, seen), daemon=True)
    watch.start()

    # ---- references, and canaries in what they leave
    told = []
    run = fresh("reference")
    told.append(taxcert("batch", run, "-o", work + "/print"))
    told.append(taxcert("copies", run, "-o", work + "/copies", "--list", work + "/list.csv", "--letters", work + "/letters.pdf"))
    server = Server(work, login=True)
    json.dump({"format": "taxcert/mail/1", "server": f"smtp://localhost:{server.port}/x.example", "ca": work + "/ca.pem", "from": "lohn@bank.example", "subject": "s",
               "text": "t\n", "file": "Bescheinigung.pdf", "per_minute": 100000, "user": "lohn", "password": "geheim-4711"}, open(work + "/mail.json", "w"))
    os.chmod(work + "/mail.json", 0o600)
    mail = ["--mail", work + "/mail.json", "--copies"]
    told.append(taxcert("send", run, *mail, work + "/copies"))
    assert len(server.taken) == 3
    passwords = [r["password"] for r in csv.DictReader(open(work + "/list.csv"))]
    reference = tree(work + "/print")
    logs = open(run + "/events.log").read() + "".join(t.stdout + t.stderr for t in told)
    assert all(c not in logs for c in CANARIES + passwords)
    told = taxcert("deliveries", run)
    assert all(c not in told.stdout + told.stderr for c in CANARIES[1:] + passwords), "deliveries tells names, and nothing else"
    names = "\n".join(os.path.join(at, n) for at, subs, files in os.walk(work) for n in subs + files)
    assert all(c not in names for c in CANARIES + passwords)
    secret = {work + "/list.csv", work + "/letters.pdf", work + "/mail.json", work + "/employees.json", work + "/payroll.json"}
    for at, subs, files in os.walk(work):
        for path in (os.path.join(at, n) for n in files):
            data = open(path, "rb").read() if path not in secret else b""
            assert all(p.encode() not in data for p in passwords + ["geheim-4711"]), path
    private(work + "/print", work + "/copies", work + "/list.csv", work + "/letters.pdf")

    # those that fail or only look: what they say, what they leave
    before = {p: open(p, "rb").read() for p in secret if os.path.exists(p)}
    ids = [r["certificate"] for r in csv.DictReader(open(work + "/list.csv"))]
    open(work + "/given.txt", "w").writelines(f"{i},Kanarienvogel-Kennwort\n" for i in ids)  # the same for all: refused
    moved = open(work + "/list.csv").read().split("\n")
    open(work + "/moved.csv", "w").write("\n".join([moved[0], moved[2], moved[1], *moved[3:]]))
    secret |= {work + "/given.txt", work + "/moved.csv", work + "/bad.json"}
    json.dump({**json.load(open(work + "/mail.json")), "server": "smtp://localhost:1/x.example"}, open(work + "/bad.json", "w"))
    os.chmod(work + "/bad.json", 0o600)
    out = ["-o", work + "/fails"]
    for code, words in ((2, ["copies", run, *out, "--list", work + "/list.csv", "--letters", work + "/letters.pdf"]), (3, ["copies", run, *out, "--passwords", work + "/given.txt"]),
                        (2, ["copies", run, *out, "--list", work + "/new.csv", "--letters", work + "/letters.pdf"]), (2, ["batch", run, *out]), (2, ["deliveries", run, "--csv", work + "/list.csv"]),
                        (1, ["verify", "--sample", "0", run, work + "/copies", work + "/moved.csv"]), (0, ["verify", "--sample", "0", run, work + "/copies", work + "/list.csv"]),
                        (2, ["send", run, "--resolve", ids[0] + "=again"]), (4, ["send", fresh("unsent"), "--mail", work + "/bad.json", "--copies", work + "/copies"])):
        if words[0] == "send" and code == 4:
            open(words[1] + "/events.log", "w").writelines(line for line in open(run + "/events.log") if '"event":"offered"' not in line and '"event":"accepted"' not in line)
        done = taxcert(*words, code=code)
        assert all(c not in done.stdout + done.stderr for c in CANARIES + passwords), words
    assert all(open(p, "rb").read() == data for p, data in before.items()) and not glob.glob(work + "/fails*") and not os.path.exists(work + "/new.csv")
    assert not any(c in open(f"{work}/{r}/events.log").read() for r in ("reference", "unsent") for c in CANARIES + passwords)
    for at, subs, files in os.walk(work):
        for path in (os.path.join(at, n) for n in files):
            assert path in secret or not any(p.encode() in open(path, "rb").read() for p in passwords + ["Kennwort"]), path

    # ---- killed at the boundaries
    count = finished = 0
    if have:
        words = lambda name: ["batch", f"{work}/{name}", "-o", f"{work}/out-{name}"]
        fresh("b")
        for call, number in chosen(boundaries(words("b"))):
            name = f"b-{call}-{number}"
            run = fresh(name)
            count += killed(words(name), call, number)
            private(*glob.glob(f"{work}/out-{name}*"))
            if os.path.exists(f"{work}/out-{name}"):
                assert {k: v for k, v in tree(f"{work}/out-{name}").items() if "taxcert" not in k} == reference, (call, number)
            taxcert(*words(name))
            assert {k: v for k, v in tree(f"{work}/out-{name}").items() if not k.startswith(".taxcert")} == reference, (call, number)
            assert not os.path.exists(f"{work}/out-{name}.partial") and logged(run, "begun", "printed") == (1, 1), (call, number)
            taxcert("verify", run, f"{work}/out-{name}")
            shutil.rmtree(run)
        words = lambda name: ["copies", f"{work}/{name}", "-o", f"{work}/out-{name}", "--list", f"{work}/{name}.csv", "--letters", f"{work}/{name}.pdf"]
        fresh("c")
        for call, number in chosen(boundaries(words("c"))):
            name = f"c-{call}-{number}"
            run = fresh(name)
            count += killed(words(name), call, number)
            private(*glob.glob(f"{work}/out-{name}*"), *glob.glob(f"{work}/{name}.*"))
            assert not glob.glob(work + "/.taxcert*"), "a file of secrets under another name"
            # a folder that is there is whole, and each of its copies has its password: it stays, and the same command says what the log lacks
            kept = tree(f"{work}/out-{name}")
            taxcert(*words(name))
            made = tree(f"{work}/out-{name}")
            assert {k: v for k, v in kept.items() if "taxcert" not in k} in ({}, made) and not os.path.exists(f"{work}/out-{name}.partial")
            assert logged(run, "begun", "copied") in ((1, 1), (2, 1)) and (not kept or logged(run, "begun")[0] == 1), (call, number)
            finished += bool(kept)
            listed = {r["file"]: r["password"] for r in csv.DictReader(open(f"{work}/{name}.csv"))}
            assert listed.keys() == made.keys() and os.path.exists(f"{work}/{name}.pdf")
            for file, password in listed.items():
                assert subprocess.run(["qpdf", "--password-file=-", "--is-encrypted", f"{work}/out-{name}/{file}"], input=password, text=True).returncode == 0
            taxcert("verify", run, f"{work}/out-{name}")
            private(f"{work}/out-{name}")
            shutil.rmtree(run)
        assert finished >= 1, "none was killed behind the rename"
        run = fresh("s")
        shutil.copy(work + "/reference/events.log", run)
        log = [line for line in open(work + "/reference/events.log") if '"event":"offered"' not in line and '"event":"accepted"' not in line]
        open(run + "/events.log", "w").writelines(log)
        words = lambda name: ["send", f"{work}/{name}", *mail, work + "/copies"]
        base = shutil.copytree(run, work + "/s0")
        for call, number in chosen(boundaries(words("s"))):
            name = f"s-{call}-{number}"
            run = shutil.copytree(base, f"{work}/{name}")
            server.taken.clear()
            count += killed(words(name), call, number)
            done = taxcert(*words(name), code=None)
            assert done.returncode in (0, 5), done
            times = collections.Counter(to for to, _ in server.taken)
            assert all(n == 1 for n in times.values()), (call, number, times)
            unknown = set(re.findall(r"\+(\S+): unknown", done.stdout))
            assert len(times) + len(unknown) >= 3, (call, number, times, unknown)
            taxcert("verify", run)
            shutil.rmtree(run)
        assert count, "nothing was killed"
    server.close()
    stop.set()
    watch.join()
    assert not any(c in line for line in seen for c in CANARIES + passwords), "in a process list"
print(f"deliver_boundaries: ok, {count} killed")
