"""send: encrypted copies to a real server (aiosmtpd) over TLS that fails as the recipient's name says: at most once, unknown is never sent again by
itself, refusals that hit everybody mark nobody, no byte in clear without TLS, killed at any moment nobody twice.
Usage: send.py TAXCERT SOURCE_DIR"""
import asyncio, base64, collections, email, email.policy, hashlib, json, os, re, shutil, signal, ssl, subprocess, sys, tempfile, time

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP
except ImportError:
    print("send: aiosmtpd is not here")
    sys.exit(77)

program, source = sys.argv[1:3]
sys.path.insert(0, os.path.join(source, "tests/lib"))
from mailserver import certificates  # noqa: E402
bank = os.path.join(source, "samples/bank")
NAMES = ["ok", "ok2", "dropdot", "hangdot", "garbagedot", "refused", "refuseddot", "gray", "graydot", "later", "drop354", "rcpt421", "once421", "ok3"]


class Faults:
    """What came, and what goes wrong by the local part."""
    def __init__(self):
        self.clear()

    def clear(self):
        self.taken, self.tries, self.commands, self.all = [], collections.Counter(), [], None

    def local(self, address):
        return address.split("@")[0].rstrip("0123456789") if not address.startswith("ok") else "ok"

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.commands.append(("MAIL", session.ssl is not None))
        if self.all:
            return self.all
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.tries[address] += 1
        self.commands.append(("RCPT", address))
        name, n = self.local(address), self.tries[address]
        replies = {"refused": "550 no such user", "later": "450 later", "rcpt": "421 going"}
        if name in replies:
            return replies[name]
        if name == "gray" and n < 3:
            return "450 greylisted"
        if name == "once" and n < 2:
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        assert len(envelope.rcpt_tos) == 1
        name = self.local(envelope.rcpt_tos[0])
        if name == "refuseddot":
            return "554 no"
        if name == "graydot" and self.tries[envelope.rcpt_tos[0]] < 2:
            return "451 later"
        self.taken.append((envelope.rcpt_tos[0], envelope.content))
        if name == "dropdot":
            server.transport.abort()
        if name == "hangdot":
            await asyncio.sleep(4)
        return "what?" if name == "garbagedot" else "250 OK taken"


class Server(SMTP):
    async def smtp_DATA(self, arg):
        if self.envelope.rcpt_tos and self.envelope.rcpt_tos[0].startswith("drop354"):
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def serve(work, faults, name=None):
    context = None
    if name:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{work}/{name}.pem", f"{work}/{name}.key")

    class Local(Controller):
        def factory(self):
            return Server(faults, tls_context=context, require_starttls=name is not None, timeout=20)

    controller = Local(faults, hostname="127.0.0.1", port=0)
    controller.port = next_port()
    controller.start()
    return controller


def next_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def taxcert(*words, code=0):
    done = subprocess.run([program, *words], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == code, (words, done)
    return done


def configure(work, port, **more):
    config = {"format": "taxcert/mail/1", "server": f"smtp://localhost:{port}/sender.example", "ca": work + "/ca.pem", "from": "lohn@bank.example",
              "name": "Personal: „Müller\" & Söhne", "subject": {"de": "Ihre Lohnsteuerbescheinigung – für Sie persönlich, verschlüsselt, 2025"},
              "text": "Guten Tag,\n.\n..\nIhre Bescheinigung ist verschlüsselt.\n", "file": "Bescheinigung-2025.pdf", "per_minute": 100000,
              "timeout": 2, "delays": [0, 0, 1], **more}
    json.dump(config, open(work + "/mail.json", "w"))
    return work + "/mail.json"


def events(run):
    return [json.loads(line) for line in open(run + "/events.log")]


with tempfile.TemporaryDirectory() as work:
    certificates(work)
    people = json.load(open(bank + "/employees.json"))
    numbers = [c["personnel_number"] for c in json.load(open(bank + "/payroll.json"))["certificates"]]
    single = [n for n in dict.fromkeys(numbers) if numbers.count(n) == 1]
    mailed, wrong = {}, {}
    bad = ["a@b.example\r\nRCPT TO:<evil@x.example>", "<x@y.example> <z@y.example>", "a b@c.example", "a@b.example,c@d.example", "jörg@x.example",
           "x" * 65 + "@x.example", "a@b.example.", "a@b", "\"q\"@x.example", ""]
    for employee in people["employees"]:
        n = employee["personnel_number"]
        if n in single[:len(NAMES)]:
            mailed[n] = NAMES[single.index(n)] + "@müller.example"
        elif n in single[len(NAMES):len(NAMES) + len(bad)]:
            wrong[n] = bad[single.index(n) - len(NAMES)]
        if n in mailed or n in wrong:
            employee.update(delivery="email", email=mailed.get(n, wrong.get(n)))
    json.dump(people, open(work + "/employees.json", "w"))
    run, copies = work + "/run", work + "/copies"
    taxcert("generate", "--allow-test-ids", "--templates", source + "/templates", "-e", work + "/employees.json", bank + "/payroll.json", "-o", run)
    faults = Faults()
    config = configure(work, 1)
    assert "[no-copy]" in taxcert("send", run, "--mail", config, "--copies", copies, code=2).stderr
    taxcert("copies", run, "-o", copies, "--list", work + "/list.csv")
    fresh = shutil.copytree(run, work + "/fresh")
    id_of = {c["personnel_number"]: c["id"] for c in json.load(open(bank + "/payroll.json"))["certificates"]}
    ascii_of = {n: a.replace("müller", "xn--mller-kva") for n, a in mailed.items()}

    # no TLS, wrong TLS: not a byte of an address or a message, nobody is marked
    for name in None, "other", "expired":
        faults.clear()
        server = serve(work, faults, name)
        stopped = taxcert("send", run, "--mail", configure(work, server.port), "--copies", copies, code=4)
        server.stop()
        assert "[mail-stopped]" in stopped.stderr and not faults.commands and not faults.taken, (name, stopped, faults.commands)
        assert not {"accepted", "refused", "unknown"} & {e["event"] for e in events(run)}
    # everybody refused: the quota, not the people
    faults.clear()
    faults.all = "554 5.7.0 limit exceeded, try later"
    server = serve(work, faults, "right")
    config = configure(work, server.port)
    stopped = taxcert("send", run, "--mail", config, "--copies", copies, code=4)
    assert "[mail-stopped]" in stopped.stderr and not {"accepted", "refused", "unknown"} & {e["event"] for e in events(run)}

    # each as told
    faults.clear()
    done = taxcert("send", run, "--mail", config, "--copies", copies, code=5)
    state = {m[1]: m[2] for m in re.finditer(r"\+(\S+): ([a-z -]+?)(?: \(\d+\))?$", done.stdout, re.M)}
    named = {a.split("@")[0]: state[id_of[n]] for n, a in mailed.items()}
    assert named == {"ok": "accepted", "ok2": "accepted", "ok3": "accepted", "dropdot": "unknown", "hangdot": "unknown", "garbagedot": "unknown",
                     "refused": "refused", "refuseddot": "refused", "gray": "accepted", "graydot": "accepted", "later": "not-sent",
                     "drop354": named["drop354"], "rcpt421": named["rcpt421"], "once421": "accepted"}, named
    assert named["drop354"] in ("not-sent", "unknown") and named["rcpt421"] == "not-sent", named
    assert {state[id_of[n]] for n in wrong} == {"no usable address"}
    assert all(a in ascii_of.values() for a in faults.tries), faults.tries
    assert faults.tries[ascii_of[single[NAMES.index("later")]]] == 4, "the first try and one for each delay"
    count = collections.Counter(to for to, _ in faults.taken)
    assert set(count.values()) == {1}, count

    # the message, by Python's own parser: one To, one attachment with the copy's bytes, short ASCII lines
    for to, content in faults.taken:
        number = next(n for n, a in ascii_of.items() if a == to)
        assert content.isascii() and all(len(line) <= 78 for line in content.split(b"\r\n")) and content.count(b"\n") == content.count(b"\r\n")
        m = email.message_from_bytes(content, policy=email.policy.default)
        assert m.get_all("To") == ["<" + to + ">"] or m["To"].addresses[0].addr_spec == to
        assert not m["Cc"] and not m["Bcc"] and m["Auto-Submitted"] == "auto-generated" and m["Subject"].startswith("Ihre Lohnsteuerbescheinigung – für")
        assert m["From"].addresses[0].display_name == "Personal: „Müller\" & Söhne"
        text, pdf = m.iter_parts()
        assert text.get_content().replace("\r\n", "\n") == "Guten Tag,\n.\n..\nIhre Bescheinigung ist verschlüsselt.\n"
        assert pdf.get_filename() == "Bescheinigung-2025.pdf" and pdf.get_content() == open(f"{copies}/{id_of[number]}.pdf", "rb").read()
    first = dict(faults.taken)

    # again: only whoever was not sent; the unknown stay so until somebody decides, then under the same Message-ID
    faults.clear()
    again = taxcert("send", run, "--mail", config, "--copies", copies, code=5)
    assert {to.split("@")[0] for to, _ in faults.taken} == set() and {t.split("@")[0] for t in faults.tries} <= {"later", "drop354", "rcpt421"}, faults.tries
    gone = id_of[single[NAMES.index("dropdot")]]
    taxcert("send", run, "--resolve", gone + "=arrived")
    back = id_of[single[NAMES.index("hangdot")]]
    taxcert("send", run, "--resolve", back + "=again")
    assert "[resolve]" in taxcert("send", run, "--resolve", id_of[single[0]] + "=again", code=2).stderr
    faults.clear()
    taxcert("send", run, "--mail", config, "--copies", copies, code=5)
    assert [to.split("@")[0] for to, _ in faults.taken] == ["hangdot"]
    message = lambda content: email.message_from_bytes(content)["Message-ID"]
    assert message(faults.taken[0][1]) == message(first[faults.taken[0][0]])
    told = taxcert("deliveries", run).stdout
    line = list(map(int, re.search(r"issued (\d+) = printed (\d+) \+ sent (\d+) \+ copied only (\d+) \+ not yet (\d+)", told).groups()))
    assert line[0] == sum(line[1:]) and line[2] == 7, line
    assert f"+{gone}" in told and "delivered" not in told
    log = open(run + "/events.log").read() + told.replace("\t", " ") * 0 + done.stdout + done.stderr
    assert not any(a in log or a.split("@")[1] in log for a in list(mailed.values()) + list(ascii_of.values())), "an address in a log"
    taxcert("verify", run)

    # an attachment exchanged is found before anything leaves
    exchanged = shutil.copytree(fresh, work + "/exchanged")
    swapped = shutil.copytree(copies, work + "/swapped")
    shutil.copy(f"{copies}/{id_of[single[1]]}.pdf", f"{swapped}/{id_of[single[0]]}.pdf")
    faults.clear()
    assert "[copy-changed]" in taxcert("send", exchanged, "--mail", config, "--copies", swapped, code=4).stderr
    assert id_of[single[0]] not in [e.get("certificate") for e in events(exchanged) if e["event"] == "offered"]

    # two people at one address
    both = json.load(open(work + "/employees.json"))
    chosen = [e for e in both["employees"] if e["personnel_number"] in single[:2]]
    for e, a in zip(chosen, ("A@X.example", "a@x.example")):
        e["email"] = a
    json.dump(both, open(work + "/both.json", "w"))
    taxcert("generate", "--allow-test-ids", "--templates", source + "/templates", "-e", work + "/both.json", bank + "/payroll.json", "-o", work + "/both")
    taxcert("copies", work + "/both", "-o", work + "/both-copies", "--list", work + "/both.csv")
    assert "[shared-address]" in taxcert("send", work + "/both", "--mail", config, "--copies", work + "/both-copies", code=2).stderr

    # killed at any moment, and once more: nobody twice
    faults.clear()
    for i in range(6):
        process = subprocess.Popen([program, "send", fresh, "--mail", config, "--copies", copies], stdout=subprocess.DEVNULL)
        time.sleep(0.15 + 0.13 * i)
        process.send_signal(signal.SIGKILL)
        process.wait()
        taxcert("verify", fresh)
    count = collections.Counter(to for to, _ in faults.taken)
    assert not count or set(count.values()) == {1}, count
    server.stop()
print("send: ok")
