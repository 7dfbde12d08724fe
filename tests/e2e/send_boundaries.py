"""send killed, or told to end, while the server keeps it waiting at each step: before the message's data nobody is marked, and the next start sends to everybody; from
its first byte on whoever it was for is unknown, alone. A connection that ends or refuses by itself before the data offers nothing either. Usage: send_boundaries.py TAXCERT SOURCE_DIR"""
import collections, concurrent.futures, json, os, re, shutil, signal, subprocess, sys, tempfile, threading

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from mailserver import Server, certificates  # noqa: E402

quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
bank = os.path.join(source, "samples/bank")
ENV = {**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": source + "/templates"}
COUNT = 3
BEFORE, AFTER = ["connect", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"], ["body", "dot"]


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=ENV)
    assert done.returncode == code or code is None, (words, done)
    return done


def command(run, port):
    config = {"format": "taxcert/mail/1", "server": f"smtp://localhost:{port}/x.example", "ca": work + "/ca.pem", "from": "lohn@bank.example", "subject": "s", "text": "t\n",
              "file": "B.pdf", "per_minute": 100000, "user": "lohn", "password": "geheim-4711", "timeout": 20, "delays": [0]}
    json.dump(config, open(run + ".json", "w"))
    os.chmod(run + ".json", 0o600)
    return ["send", run, "--mail", run + ".json", "--copies", work + "/copies"]


def marks(run):
    return [(e["event"], e.get("certificate")) for e in map(json.loads, open(run + "/events.log")) if e["event"] in ("offered", "accepted", "refused", "unknown", "not-sent")]


with tempfile.TemporaryDirectory() as work:
    certificates(work)
    payroll, people = json.load(open(bank + "/payroll.json")), json.load(open(bank + "/employees.json"))
    payroll.pop("declarations")
    times = collections.Counter(c["personnel_number"] for c in payroll["certificates"])
    payroll["certificates"] = [c for c in payroll["certificates"] if times[c["personnel_number"]] == 1][:COUNT]
    ids, of = [c["id"] for c in payroll["certificates"]], [c["personnel_number"] for c in payroll["certificates"]]
    people["employees"] = [e for e in people["employees"] if e["personnel_number"] in of]
    for e in people["employees"]:
        e.update(delivery="email", email=f"p{of.index(e['personnel_number'])}@firma.example")
    for what, data in (("payroll", payroll), ("employees", people)):
        json.dump(data, open(f"{work}/{what}.json", "w"))
    taxcert("generate", "--allow-test-ids", "-e", work + "/employees.json", work + "/payroll.json", "-o", work + "/run")
    taxcert("copies", work + "/run", "-o", work + "/copies", "--list", work + "/list.csv")

    for step in BEFORE + AFTER:
        for ending in signal.SIGKILL, signal.SIGTERM:
            # the first steps come once; of the others the second person's
            who = 1 if step in ("MAIL", "RCPT", "DATA", "body", "dot") else 0
            run, reached, release = shutil.copytree(work + "/run", f"{work}/{step}-{ending}"), threading.Event(), threading.Event()

            def wait(at, argument, server):
                if at == step and server.sent == who and argument != 0 and not reached.is_set():  # body: some of it has come
                    reached.set()
                    release.wait(20)
                    return "drop"

            server = Server(work, fault=wait, login=True)
            process = subprocess.Popen([program, *command(run, server.port)], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            assert reached.wait(20), step
            before = marks(run)
            process.send_signal(ending)
            process.communicate()
            release.set()
            server.close()
            assert process.returncode == (-9 if ending == signal.SIGKILL else 4), (step, process.returncode)
            done = [(kind, ids[i]) for i in range(who) for kind in ("offered", "accepted")]
            assert before == marks(run) == done + [("offered", ids[who])] * (step in AFTER), (step, marks(run))
            taken = [to for to, _ in server.taken]
            then = Server(work, login=True)
            told = taxcert(*command(run, then.port), code=5 if step in AFTER else 0).stdout
            then.close()
            unknown = re.findall(r"\+(\S+): unknown", told)
            assert unknown == ([ids[who]] if step in AFTER else []), (step, told)
            sent = collections.Counter(taken + [to for to, _ in then.taken])
            left = {f"p{who}@firma.example"} if step in AFTER else set()
            assert set(sent.values()) == {1} and {f"p{i}@firma.example" for i in range(COUNT)} - set(sent) == left - set(taken), (step, sent)
            taxcert("verify", "--sample", "0", run)
            shutil.rmtree(run)

    # a server that ends or refuses before the data: nobody was offered anything (side by side: who is left alone waits some seconds)
    def refuse(step, answer):
        run = shutil.copytree(work + "/run", f"{work}/{step}-{answer[:3]}")
        server = Server(work, fault=lambda at, argument, s: answer if at == step else None, login=True)
        done = taxcert(*command(run, server.port), code=None)
        server.close()
        found = marks(run)
        assert done.returncode in (1, 4) and not server.taken and not {"offered", "accepted", "unknown"} & {kind for kind, _ in found}, (step, answer, found)
        assert done.returncode == 1 or not [f for f in found if f[0] == "refused"], (step, answer, found)
        line = taxcert("deliveries", run).stdout.strip().splitlines()
        assert "sent 0 + copied only 3 + not yet 0" in line[-1] + line[-2] and "unknown 0" in line[-1] + line[-2], line

    with concurrent.futures.ThreadPoolExecutor(14) as pool:
        for done in [pool.submit(refuse, step, answer) for step in BEFORE for answer in ("drop", "554 no", "454 no", "421 going")]:
            done.result()
print("send_boundaries: ok")
