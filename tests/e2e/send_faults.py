"""send against a server that fails at each step: without right TLS not a byte of an address or a login, a missing login, quota and a sender that nobody
wants mark nobody, 4xx and 5xx at each step, connections that end, many connections, whole messages of any size; what came back.
Usage: send_faults.py TAXCERT SOURCE_DIR"""
import collections, csv, email, email.policy, json, os, re, shutil, subprocess, sys, tempfile

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from mailserver import Server, certificates

bank = os.path.join(source, "samples/bank")
COUNT = 9


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": source + "/templates"})
    assert done.returncode == code or code is None, (words, done)
    return done


def make_run(work):
    """People whose addresses are p0, p1, ... of a domain."""
    payroll, people = json.load(open(bank + "/payroll.json")), json.load(open(bank + "/employees.json"))
    numbers = collections.Counter(c["personnel_number"] for c in payroll["certificates"])
    payroll["certificates"] = [c for c in payroll["certificates"] if numbers[c["personnel_number"]] == 1][:COUNT]
    payroll.pop("declarations")
    chosen = [c["personnel_number"] for c in payroll["certificates"]]
    people["employees"] = [e for e in people["employees"] if e["personnel_number"] in chosen]
    for e in people["employees"]:
        e.update(delivery="email", email=f"p{chosen.index(e['personnel_number'])}@firma.example")
    json.dump(payroll, open(work + "/payroll.json", "w"))
    json.dump(people, open(work + "/employees.json", "w"))
    taxcert("generate", "--allow-test-ids", "-e", work + "/employees.json", work + "/payroll.json", "-o", work + "/run")
    taxcert("copies", work + "/run", "-o", work + "/copies", "--list", work + "/list.csv")
    return [c["id"] for c in payroll["certificates"]]


def events(run):
    return [json.loads(line) for line in open(run + "/events.log")]


def marked(run):
    return [e["event"] for e in events(run) if e["event"] in ("accepted", "refused", "unknown")]


def send(server, run, code=0, scheme="smtp", limit=None, **more):
    config = {"format": "taxcert/mail/1", "server": f"{scheme}://localhost:{server.port}/sender.example", "ca": work + "/ca.pem", "from": "lohn@bank.example",
              "subject": "Bescheinigung", "text": "Guten Tag\n", "file": "Bescheinigung.pdf", "per_minute": 100000, "timeout": 3, "delays": [0, 0], **more}
    json.dump(config, open(work + "/mail.json", "w"))
    os.chmod(work + "/mail.json", 0o600)
    done = taxcert("send", run, "--mail", work + "/mail.json", "--copies", work + "/copies", *(["--limit", str(limit)] if limit else []), code=code)
    server.close()
    states = {m[1]: m[2] for m in re.finditer(r"\+(\S+): ([a-z -]+?)(?: \(\d+\))?$", done.stdout, re.M)}
    return done, states


def stopped(title, server, scheme="smtp", **more):
    """It is about everybody: nobody is marked, and nothing was said in clear."""
    done, _ = send(server, run, 4, scheme, **more)
    assert "[mail-stopped]" in done.stderr, (title, done)
    assert not marked(run) and not server.taken, title
    assert not re.search(rb"MAIL|RCPT|AUTH|firma|bank|Guten", server.clear), (title, server.clear)


at = lambda where, what, who="", times=10 ** 6, n=collections.Counter(): (
    lambda step, argument, server: what if step == where and str(argument).startswith(who) and (n.update([id(server)]) or n[id(server)] <= times) else None)

with tempfile.TemporaryDirectory() as work:
    certificates(work)
    ids = make_run(work)
    run = work + "/run"
    who = {i: f"p{k}@firma.example" for k, i in enumerate(ids)}
    login = {"user": "lohn", "password": "geheim-4711"}

    stopped("not offered", Server(work, starttls=False), **login)
    stopped("454", Server(work, fault=at("STARTTLS", "454 not now"), login=True), **login)
    stopped("answers behind 220", Server(work, fault=at("STARTTLS", b"220 go\r\n250 OK\r\n235 OK\r\n250 OK\r\n250 OK\r\n354 OK\r\n250 OK\r\n"), login=True), **login)
    for certificate in "self", "other", "expired":
        stopped(certificate, Server(work, certificate, login=True), **login)
        stopped(certificate, Server(work, certificate, implicit=True, login=True), scheme="smtps", **login)
    stopped("TLS 1.0", Server(work, old_tls=True, login=True), **login)
    stopped("smtps is clear", Server(work, starttls=False), scheme="smtps", **login)
    stopped("login", Server(work, fault=at("AUTH", "535 5.7.8 no"), login=True), **login)
    stopped("login now and then", Server(work, fault=at("AUTH", "550 5.7.30 basic authentication is disabled"), login=True), **login)
    stopped("no login offered", Server(work), **login)
    stopped("login wanted", Server(work, fault=at("MAIL", "530 5.7.0 authentication required")))
    stopped("sender", Server(work, fault=at("MAIL", "550 5.7.60 not your address")))
    stopped("quota", Server(work, fault=at("RCPT", "550 5.1.90 daily limit")))
    stopped("quota after the dot", Server(work, fault=at("dot", "554 5.2.0 SubmissionQuotaExceeded")))
    stopped("nothing but ends", Server(work, fault=at("RCPT", "drop")))

    # a login that is taken
    send(well := Server(work, login=True), shutil.copytree(run, work + "/login"), **login)
    assert len(well.taken) == COUNT and well.connections == 1 and not re.search(rb"AUTH|MAIL|RCPT", well.clear)
    # 4xx at the sender: later, and after the last delay not sent, which is no mark
    fresh = lambda name: shutil.copytree(run, f"{work}/{name}")
    done, states = send(Server(work, fault=at("MAIL", "451 later")), fresh("later"), 1)
    assert set(states.values()) == {"not-sent"} and len(states) == COUNT, states
    # each step, each kind, a person each; the others are not held up
    faults = {ids[0]: ("RCPT", "450 later"), ids[1]: ("RCPT", "550 nobody"), ids[2]: ("DATA", "451 later"), ids[3]: ("DATA", "554 no"), ids[4]: ("dot", "452 full"),
              ids[5]: ("dot", "552 too large"), ids[6]: ("dot", "drop"), ids[7]: ("dot", "nothing that a server says")}
    by_address = {who[i]: f for i, f in faults.items()}
    server = Server(work, fault=lambda step, argument, s: by_address[argument][1] if argument in by_address and step == by_address[argument][0] else None)
    done, states = send(server, fresh("each"), 5)
    assert states == {ids[0]: "not-sent", ids[1]: "refused", ids[2]: "not-sent", ids[3]: "refused", ids[4]: "not-sent", ids[5]: "refused", ids[6]: "unknown",
                      ids[7]: "unknown", ids[8]: "accepted"}, states
    tries = collections.Counter(a for s, a in server.log if s == "RCPT")
    assert all(tries[who[i]] == (3 if "not-sent" == states[i] else 1) for i in ids), tries
    again = Server(work)
    done, states = send(again, work + "/each", 5)
    assert sorted(to for to, _ in again.taken) == sorted(who[i] for i in (ids[0], ids[2], ids[4])), again.taken
    # what came back: it is told, and goes out again only when somebody says so
    taxcert("send", work + "/each", "--resolve", ids[8] + "=bounced")
    assert "\tbounced\n" in taxcert("deliveries", work + "/each", "--state", "bounced").stdout
    assert "[resolve]" in taxcert("send", work + "/each", "--resolve", ids[8] + "=bounced", code=2).stderr
    done, _ = send(again := Server(work), work + "/each", 5)
    assert not again.taken
    taxcert("send", work + "/each", "--resolve", ids[8] + "=again")
    send(again := Server(work), work + "/each", 5)
    assert [to for to, _ in again.taken] == [who[ids[8]]]
    taxcert("verify", work + "/each")

    # the server ends each connection after two messages; the connection ends once at each step: everybody once
    two = Server(work, fault=lambda step, argument, s: "421 enough" if step == "MAIL" and s.sent == 2 else None)
    send(two, fresh("two"))
    assert sorted(to for to, _ in two.taken) == sorted(who.values()) and two.connections >= COUNT // 2
    for step in "connect", "STARTTLS", "MAIL", "DATA":
        once = Server(work, fault=at(step, "drop", times=1))
        send(once, fresh("once-" + step))
        assert sorted(to for to, _ in once.taken) == sorted(who.values()), step
    middle = Server(work, fault=at("body", "drop", times=1))
    _, states = send(middle, fresh("middle"), code=None)
    assert sorted(states.values()) in (["accepted"] * COUNT, ["accepted"] * (COUNT - 1) + ["unknown"]), "its end was given to a buffer, or not"
    assert collections.Counter(to for to, _ in middle.taken).most_common(1)[0][1] == 1

    # whole: whatever the size of the message, by an independent parser, and the connection is used again
    one, one_text = Server(work), "\n".join([".", "..", "x" * 998, "ü" * 500, "from here\r.\n"])
    send(one, fresh("sizes"), text=one_text)
    assert one.connections == 1 and len(one.taken) == COUNT
    for to, content in one.taken:
        id_ = next(i for i in ids if who[i] == to)
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        text, pdf = parsed.iter_parts()
        assert pdf.get_content() == open(f"{work}/copies/{id_}.pdf", "rb").read() and content.isascii() and max(map(len, content.split(b"\r\n"))) <= 78
        assert parsed["To"].addresses[0].addr_spec == to and parsed.get_all("To").__len__() == 1
    base64 = lambda length: (length + 2) // 3 * 4 + (length + 56) // 57 * 2
    for size in range(65535, 65541):
        content = next(c for to, c in one.taken if to == who[ids[0]])
        used = len(content) - base64(len(one_text.encode())) - len("Bescheinigung.pdf")
        length, name = next((n, f) for n in range(1, 50000) for f in range(5, 61) if used + base64(n) + f == size)
        send(exact := Server(work), fresh(f"size-{size}"), text="y" * length, file="x" * (name - 4) + ".pdf", limit=1)
        assert [(to, len(c)) for to, c in exact.taken] == [(who[ids[0]], size)], (size, exact.taken[0][0], len(exact.taken[0][1]))

    # the server's log and ours: a login in no log
    assert "geheim" not in open(run + "/events.log").read() + done.stdout + done.stderr
print("send_faults: ok")
