"""Passwords that stand in one file alone are never replaced: neither by copies once more (a finished set's list, another run's, anything else's), nor by two at once, nor by
any other command's output; a list whose copies were killed is taken up again, at each boundary. verify knows the list by a hash that nobody can guess passwords by.
Usage: copies_lists.py TAXCERT SOURCE_DIR"""
import collections, csv, hashlib, json, os, re, shutil, subprocess, sys, tempfile, time

program, source = sys.argv[1:3]
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
bank = os.path.join(source, "samples/bank")
ENV = {**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": source + "/templates", "ASAN_OPTIONS": "detect_leaks=0"}
CALLS = "linkat,link,renameat2,rename,unlink,fsync,fdatasync"


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=ENV)
    assert done.returncode == code or code is None, (words, done)
    return done


def data(path):
    return open(path, "rb").read()


def rows(path):
    return list(csv.DictReader(open(path, encoding="utf-8", newline="")))


def opens(folder, list_):
    lines = rows(list_)
    assert sorted(r["file"] for r in lines) == sorted(f for f in os.listdir(folder) if f != ".taxcert-delivery") and lines
    return all(subprocess.run(["qpdf", "--password-file=-", "--requires-password", f"{folder}/{r['file']}"], input=r["password"], text=True).returncode == 3 for r in lines)


def make_run(name, first, count=3):
    payroll, people = json.load(open(bank + "/payroll.json")), json.load(open(bank + "/employees.json"))
    payroll.pop("declarations")
    times = collections.Counter(c["personnel_number"] for c in payroll["certificates"])
    payroll["certificates"] = [c for c in payroll["certificates"] if times[c["personnel_number"]] == 1][first:first + count]
    of = [c["personnel_number"] for c in payroll["certificates"]]
    people["employees"] = [e for e in people["employees"] if e["personnel_number"] in of]
    for what, content in (("payroll", payroll), ("employees", people)):
        json.dump(content, open(f"{work}/{name}-{what}.json", "w"))
    taxcert("generate", "--allow-test-ids", "-e", f"{work}/{name}-employees.json", f"{work}/{name}-payroll.json", "-o", f"{work}/{name}")
    return f"{work}/{name}"


def copies(run, out, list_, *more, code=0):
    return taxcert("copies", run, "-o", f"{work}/{out}", "--list", f"{work}/{list_}", *more, code=code)


def refused(rule, keep, *words):
    """Exit code 2, and every file of these is what it was."""
    before = [data(p) for p in keep]
    done = taxcert(*words, code=2)
    assert f"[{rule}]" in done.stderr and [data(p) for p in keep] == before, done
    return done.stderr


with tempfile.TemporaryDirectory() as work:
    run, other = make_run("run", 0), make_run("other", 3)
    pristine = shutil.copytree(other, work + "/pristine")
    made, letters = work + "/made.csv", work + "/made.pdf"
    copies(run, "made", "made.csv", "--letters", letters)
    first, log = data(made), open(run + "/events.log").read()
    assert opens(work + "/made", made)

    # a finished set's list and letters stay, with its copies there or gone; so does whatever else is there
    words = ["copies", run, "-o", work + "/else", "--list"]
    told = refused("list-exists", [made, letters], *words, made)
    assert re.search(r"passwords of the copies [0-9A-F]{6}\b", told), told
    refused("letters-exist", [made, letters], *words, work + "/new.csv", "--letters", letters)
    assert not os.path.exists(work + "/new.csv"), "refused before anything is made"
    os.rename(work + "/made", work + "/away")
    refused("list-exists", [made, letters], "copies", run, "-o", work + "/made", "--list", made, "--letters", letters)
    os.rename(work + "/away", work + "/made")
    refused("list-exists", [made], "copies", other, "-o", work + "/else", "--list", made)
    header, rest = first.split(b"\n", 1)
    for strange in b"", b"mine", header + b"\n", first[:-3], first.replace(b",", b";"), first + first[len(header) + 1:], header + b"\n" + b"\n".join(reversed(rest.split(b"\n"))):
        open(work + "/strange", "wb").write(strange)
        refused("list-exists", [work + "/strange"], *words, work + "/strange")
        refused("letters-exist", [work + "/strange"], *words, work + "/new.csv", "--letters", work + "/strange")
    os.symlink("made.csv", work + "/link")
    refused("list-exists", [made], *words, work + "/link")
    assert os.path.islink(work + "/link") and not os.path.exists(work + "/else") and not os.path.exists(work + "/else.partial")
    assert open(run + "/events.log").read() == log, "who was refused at once has said nothing"
    assert "[there]" in copies(run, "made", "made.csv", "--letters", letters).stderr and data(made) == first

    # no other command puts its output there, --force or not
    os.makedirs(work + "/forms")
    for command in (["deliveries", run, "--csv", made], ["summary", run, "-o", made], ["summary", run, "-o", work + "/b.xlsx", "--csv", made], ["reprint", run, rows(made)[0]["certificate"], "--force", "-o", made],
                    ["reprint", run, rows(made)[0]["certificate"], "-o", work + "/c.pdf", "--journal", made], ["file", run, "--force", "-o", made], ["template", "preview", "de/lohnsteuerbescheinigung", "2025", "-o", made],
                    ["preview", work + "/run-payroll.json", "-e", work + "/run-employees.json", "--allow-test-ids", "--only", rows(made)[0]["certificate"], "-o", made],
                    ["import", source + "/samples/import/months/mapping.json", source + "/samples/import/months/personen.csv", source + "/samples/import/months/lohnkonto.csv", "-o", made, "-e", work + "/e.json"]):
        done = taxcert(*command, code=None)
        assert done.returncode == 2 and data(made) == first, (command, done)
        assert "[list-exists]" in done.stderr, (command, done)

    # verify: the list as it was made; no line changed, moved or exchanged; not beside other copies; none is fine
    copies(run, "second", "second.csv")
    assert f"the passwords of the 3 copies" in taxcert("verify", "--sample", "1", run, work + "/made", made).stdout
    taxcert("verify", "--sample", "0", run, work + "/made", work + "/second", work + "/second.csv", made)
    assert "[list-differs]" in taxcert("verify", "--sample", "0", run, work + "/made", work + "/second.csv", code=1).stdout
    lines = first.decode().split("\n")
    one, two = (line.rstrip("\r").rsplit(",", 1) for line in lines[1:3])
    for wrong in ([lines[0], lines[2], lines[1], *lines[3:]], [lines[0], f"{one[0]},{two[1]}\r", f"{two[0]},{one[1]}\r", *lines[3:]], lines[:-2] + [""], [line.replace(one[1], "abcdefghjkmn") for line in lines]):
        open(work + "/wrong.csv", "w", newline="").write("\n".join(wrong))
        assert "[list-differs]" in taxcert("verify", "--sample", "0", run, work + "/made", work + "/wrong.csv", code=1).stdout
    assert "[list-differs]" in taxcert("verify", "--sample", "0", other, made, code=1).stdout and "[list]" in taxcert("verify", "--sample", "0", run, bank + "/payroll.json", code=1).stdout
    taxcert("verify", "--sample", "0", run, work + "/made")

    # what the log has of it: a slow hash, found by arithmetic of one's own; of given passwords nothing
    log = open(run + "/events.log").read()
    identity = re.search(r'"seal":|.', log) and subprocess.run(["sqlite3", f"file:{run}/ledger.db?immutable=1", "SELECT value FROM run WHERE key='identity'"], capture_output=True, text=True).stdout.strip() if shutil.which("sqlite3") else None
    plain = hashlib.sha256(first).digest()
    assert plain.hex() not in log and (not identity or hashlib.pbkdf2_hmac("sha256", plain, identity.encode(), 200000).hex() in log)
    open(work + "/birthdays.txt", "w").writelines(f"{r['certificate']},0{i}.02.1980\n" for i, r in enumerate(rows(made)))
    before = len(open(run + "/events.log").read())
    taxcert("copies", run, "-o", work + "/given", "--passwords", work + "/birthdays.txt", "--list", work + "/given.csv")
    events = [json.loads(line) for line in open(run + "/events.log").read()[before:].splitlines()]
    assert [e["event"] for e in events] == ["begun", "copied"] and not any("list=" in json.dumps(e) for e in events), "birthdays could be tried"
    assert "given" in taxcert("verify", "--sample", "0", run, work + "/given", work + "/given.csv", code=1).stdout
    taxcert("copies", run, "-o", work + "/given2", "--passwords", work + "/birthdays.txt", "--list", work + "/given.csv")
    open(work + "/birthdays2.txt", "w").write(open(work + "/birthdays.txt").read().replace("1980", "1981"))
    refused("list-exists", [work + "/given.csv"], "copies", run, "-o", work + "/given3", "--passwords", work + "/birthdays2.txt", "--list", work + "/given.csv")
    refused("list-exists", [made], "copies", run, "-o", work + "/given3", "--passwords", work + "/birthdays.txt", "--list", made)

    # two runs at once with one list: one has it, the other one is refused, whoever comes first
    for i in range(2):
        names = {f"{work}/at-{i}-{r}": r for r in ("run", "other")}
        going = {out: subprocess.Popen([program, "copies", f"{work}/{r}", "-o", out, "--list", f"{work}/at-{i}.csv"], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for out, r in names.items()}
        ends = {out: (p.communicate()[1], p.returncode) for out, p in going.items()}
        assert sorted(code for _, code in ends.values()) == [0, 2], ends
        for out, (told, code) in ends.items():
            assert (code == 0 and opens(out, f"{work}/at-{i}.csv")) or ("[list-exists]" in told and not os.path.exists(out)), ends

    # killed at each boundary, then again: the same folder, or another one; a list that was there is the one that is there
    killed = taken = 0
    if shutil.which("strace"):
        def command(name, out):
            return ["copies", f"{work}/{name}", "-o", f"{work}/{out}", "--list", f"{work}/{name}.csv", "--letters", f"{work}/{name}.pdf"]

        shutil.copytree(pristine, work + "/trace")
        subprocess.run(["strace", "-f", "-qq", "-o", work + "/calls", "-e", "trace=" + CALLS, program, *command("trace", "trace-out")], env=ENV, check=True, capture_output=True)
        counts, places = collections.Counter(), []
        for m in re.finditer(r"^\d+ +(\w+)\(", open(work + "/calls").read(), re.M):
            counts[m[1]] += 1
            places.append((m[1], counts[m[1]]))
        assert sum(call == "linkat" for call, _ in places) == 2, "list and letters get their names at once, and have none before"
        for again in "out", "elsewhere":
            for call, number in places[-7 if again == "out" else -4:]:
                name = f"k-{again}-{call}-{number}"
                shutil.copytree(pristine, f"{work}/{name}")
                done = subprocess.run(["strace", "-f", "-qq", "-o", work + "/calls", "-e", "trace=" + CALLS, "-e", f"inject={call}:signal=KILL:when={number}", program, *command(name, name + "-out")],
                                      env=ENV, capture_output=True)
                killed += done.returncode in (-9, 137)
                secret = f"{work}/{name}.csv"
                there = data(secret) if os.path.exists(secret) else None
                whole = os.path.exists(f"{work}/{name}-out")
                assert not whole or opens(f"{work}/{name}-out", secret)
                assert not [f for f in os.listdir(work) if f.startswith(".taxcert")], "a secret under a name that nobody knows"
                ended = '"event":"copied"' in open(f"{work}/{name}/events.log").read()
                done = taxcert(*command(name, f"{name}-{again}"), code=2 if ended and again == "elsewhere" else 0)
                assert there in (None, data(secret)), (name, "passwords are gone")
                taken += there is not None and not whole
                if done.returncode == 0:
                    assert opens(f"{work}/{name}-{again}", secret) and os.path.exists(f"{work}/{name}.pdf")
                    told = subprocess.run(["pdftotext", f"{work}/{name}.pdf", "-"], capture_output=True, text=True).stdout
                    assert all(r["password"] in told for r in rows(secret))
                    if call == "linkat":
                        taxcert("verify", "--sample", "0", f"{work}/{name}", f"{work}/{name}-{again}", secret)
                        refused("list-exists", [secret], *command(name, name + "-third"))
        assert killed and taken, (killed, taken)
print(f"copies_lists: ok, {killed} killed, {taken} lists taken up")
