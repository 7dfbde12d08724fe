"""send against servers as they are: answers in pieces and of several lines, every login, limits of size; a refusal before the server knows for whom it is stops even where one
person is left, and so do ends that are none; greylisting of minutes and limits of any minute by a clock that nobody waits for; bodies that end in the middle; messages as
Python's parsers and those of mail programs (mutt, Courier's reformime, munpack) read them; addresses. Usage: mail_servers.py TAXCERT SOURCE_DIR"""
import base64, collections, email, email.policy, glob, json, os, pty, re, select, shutil, struct, subprocess, sys, tempfile, time

program, source = sys.argv[1:3]
clock = os.path.join(os.path.dirname(program), "tests/clock.so")
quick = os.path.join(os.path.dirname(program), "../release/taxcert")
program = quick if os.path.exists(quick) else program
clocked = program == quick and os.path.exists(clock)  # sanitizers want to be loaded first
sys.path.insert(0, os.path.join(source, "tests/lib"))
from mailserver import Server, certificates  # noqa: E402

bank = os.path.join(source, "samples/bank")
ENV = {**os.environ, "LC_ALL": "C", "TAXCERT_TEMPLATES": source + "/templates", "ASAN_OPTIONS": "detect_leaks=0"}
COUNT = 8
LOGIN = {"user": "lohn", "password": "geheim-4711"}
MAIL = {"format": "taxcert/mail/1", "from": "lohn@bank.example", "subject": "Bescheinigung", "text": "Guten Tag\n", "file": "Bescheinigung.pdf", "per_minute": 100000,
        "timeout": 3, "delays": [0, 0]}


def taxcert(*words, code=0, env=ENV):
    done = subprocess.run([program, *words], capture_output=True, text=True, env=env)
    assert done.returncode == code or code is None, (words, done)
    return done


def make_run(name, addresses):
    """People with these addresses, and their copies."""
    payroll, people = json.load(open(bank + "/payroll.json")), json.load(open(bank + "/employees.json"))
    numbers = collections.Counter(c["personnel_number"] for c in payroll["certificates"])
    payroll["certificates"] = [c for c in payroll["certificates"] if numbers[c["personnel_number"]] == 1][:len(addresses)]
    payroll.pop("declarations")
    of = [c["personnel_number"] for c in payroll["certificates"]]
    people["employees"] = [e for e in people["employees"] if e["personnel_number"] in of]
    for e in people["employees"]:
        e.update(delivery="email", email=addresses[of.index(e["personnel_number"])])
    for what, data in (("payroll", payroll), ("employees", people)):
        json.dump(data, open(f"{work}/{name}-{what}.json", "w"))
    taxcert("generate", "--allow-test-ids", "-e", f"{work}/{name}-employees.json", f"{work}/{name}-payroll.json", "-o", f"{work}/{name}")
    taxcert("copies", f"{work}/{name}", "-o", f"{work}/{name}-copies", "--list", f"{work}/{name}.csv")
    return [c["id"] for c in payroll["certificates"]]


def marks(run):
    return [e["event"] for e in map(json.loads, open(run + "/events.log")) if e["event"] in ("accepted", "refused", "unknown", "bounced")]


runs = iter(range(10 ** 6))


def send(server_, of="run", code=0, scheme="smtp", run=None, words=(), **more):
    """A fresh run unless one is given: what was said, states by id, the run. Nobody sleeps, where there is the clock for it."""
    env = {**ENV, "LD_PRELOAD": clock, "CLOCK_AHEAD": work + "/ahead"} if clocked else ENV
    run = run or shutil.copytree(f"{work}/{of}", f"{work}/fresh-{next(runs)}")
    json.dump({**MAIL, "server": f"{scheme}://localhost:{server_.port}/sender.example", "ca": work + "/ca.pem", **more}, open(work + "/mail.json", "w"))
    os.chmod(work + "/mail.json", 0o600)
    done = taxcert("send", run, "--mail", work + "/mail.json", "--copies", f"{work}/{of}-copies", *words, code=code, env=env)
    server_.close()
    return done, {m[1]: m[2] for m in re.finditer(r"\+(\S+): ([a-z -]+?)(?: \(\d+\))?$", done.stdout, re.M)}, run


def at(where, what, who=""):
    return lambda step, argument, server: what if step == where and str(argument).startswith(who) else None


def reaches_all(title, server, **more):
    done, states, run = send(server, **more)
    assert collections.Counter(to for to, _ in server.taken) == collections.Counter(f"p{i}@firma.example" for i in range(COUNT)), (title, done)
    assert marks(run) == ["accepted"] * COUNT and server.connections == 1, (title, done)
    assert all(base64.b64encode(open(f"{work}/run-copies/{i}.pdf", "rb").read())[:400] in c.replace(b"\r\n", b"") for i, (_, c) in zip(ids, server.taken)), title
    return server


def servers():
    """Whatever a server may say, everybody gets the message once, in one connection, and no server gets more than it offered to take."""
    several = {"connect": "220-mx.example ESMTP\r\n220-no advertising\r\n220 here", "MAIL": "250-2.1.0\r\n250 2.1.0 OK", "RCPT": "250-2.1.5\r\n250-and\r\n250 2.1.5 OK",
               "DATA": "354-well\r\n354 go on", "dot": "250-2.0.0\r\n250 2.0.0 queued as 4711", "EHLO": lambda usual, tls: "250-mx.example\r\n250-8BITMIME\r\n"
               "250-PIPELINING\r\n250-CHUNKING\r\n250-SMTPUTF8\r\n250-DSN\r\n250-BINARYMIME\r\n" + usual}
    reaches_all("in pieces", Server(work, pieces=True))
    reaches_all("several lines", Server(work, usual=several))
    reaches_all("bare", Server(work, usual={"EHLO": lambda usual, tls: usual if not tls else "250 mx.example"}))
    reaches_all("forwarded", Server(work, usual={"RCPT": "251 user not local; will forward", "dot": "250 "}))
    reaches_all("of TLS alone", Server(work, implicit=True, usual={"connect": several["connect"]}), scheme="smtps")
    only = lambda kinds: lambda usual, tls: usual.replace("AUTH PLAIN LOGIN", "AUTH " + kinds) if tls else "250-STARTTLS\r\n250 SIZE 10000000"
    for kinds in "PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2 PLAIN", "GSSAPI LOGIN":
        server = reaches_all(kinds, Server(work, login=True, usual={**several, "EHLO": only(kinds)}), **LOGIN)
        said = b" ".join(base64.b64decode(a) for s, a in server.log if s == "AUTH said")
        assert b"lohn" in said and (kinds == "CRAM-MD5") == (b"geheim" not in said) and b"AUTH" not in server.clear, (kinds, said)
    done, states, run = send(Server(work, login=True, usual={"EHLO": only("XNOTHING")}), code=4, **LOGIN)
    assert "[mail-stopped]" in done.stderr and not marks(run), done


def of_everybody():
    """Where the server does not know for whom it is, nobody is marked, even where one person is left; where it does, somebody is."""
    for step, said in (("connect", "554 no mail from here"), ("EHLO", "502 not here"), ("MAIL", "550 5.7.60 not your address"), ("MAIL", "552 5.3.4 too big"), ("AUTH", "535 no")):
        for scheme, login in (("smtp", {}), ("smtps", LOGIN)):
            if step == "AUTH" and not login:
                continue
            server = Server(work, fault=at(step, said), implicit=scheme == "smtps", login=bool(login))
            done, states, run = send(server, "one", 4, scheme, **login)
            assert "[mail-stopped]" in done.stderr and not marks(run) and not server.taken, (step, scheme, done)
    for step in "RCPT", "DATA", "dot":
        server = Server(work, fault=at(step, "554 5.7.1 no"), login=True)
        _, states, run = send(server, "one", 1, **LOGIN)
        assert set(states.values()) == {"refused"} and marks(run) == ["refused"], (step, states)
    # in a connection that was used before; the same command goes on when that is mended
    done, _, run = send(server := Server(work, fault=lambda step, argument, s: "550 enough" if step == "MAIL" and s.sent == COUNT - 1 else None), code=4)
    assert marks(run) == ["accepted"] * (COUNT - 1) and len(server.taken) == COUNT - 1, done
    send(server := Server(work), run=run)
    assert len(server.taken) == 1 and marks(run) == ["accepted"] * COUNT
    # no clear end to one after the other: whoever was offered is unknown, nobody else is offered; what is in between by itself stops nothing
    for words in "299 what", "354 go on", "200":
        done, states, run = send(server := Server(work, fault=at("dot", words)), code=5)
        assert "[mail-unclear]" in done.stderr and marks(run) == ["unknown"] * 5, (words, done)
        assert [s for s, _ in server.log].count("dot") == 5
    server = Server(work, fault=lambda step, argument, s: "299 what" if step == "dot" and argument != "p2@firma.example" else None)
    done, states, run = send(server, code=5)
    assert "[mail-unclear]" in done.stderr and collections.Counter(marks(run)) == {"unknown": COUNT - 1, "accepted": 1}, done
    send(server := Server(work), run=run, code=5)
    assert not server.taken, "none of them by itself"
    # a connection closed by the server in the middle, at each step, by 421: nobody is to blame
    # connections that serve one message each, or two: nobody is to blame for coming last, however often
    for each in 1, 2:
        server = Server(work, fault=lambda step, argument, s: "421 enough" if step == "MAIL" and s.sent == each else None)
        send(server)
        assert sorted(to for to, _ in server.taken) == [f"p{i}@firma.example" for i in range(COUNT)] and server.connections == -(-COUNT // each), (each, server.connections)
    for step in "RCPT", "DATA":
        once = []
        fault = lambda s, argument, server, step=step: once.append(1) or "421 closing" if s == step and not once else None
        _, states, run = send(server := Server(work, fault=fault))
        assert marks(run) == ["accepted"] * COUNT and len(server.taken) == COUNT, step


def now():
    """The program's clock, from anywhere: what it slept, which nobody waited for, is in it."""
    slept = struct.unpack("q", open(work + "/ahead", "rb").read())[0] / 1000 if os.path.exists(work + "/ahead") else 0
    return time.monotonic() + slept


def minutes():
    """Greylisting of five minutes for everybody, one for ever; limits of any minute."""
    if not clocked:
        print("mail_servers: without the clock")
        return
    attempts = collections.defaultdict(list)

    def gray(step, argument, server):
        if step != "RCPT":
            return None
        attempts[argument].append(now())
        return "450 4.2.0 greylisted" if now() - attempts[argument][0] < 290 or argument.startswith("p3@") else None

    more = {"delays": [300, 900, 1800, 3600], "timeout": 600, "per_minute": 30}
    done, states, run = send(server := Server(work, fault=gray), code=1, **more)
    assert states.pop(ids[3]) == "not-sent" and set(states.values()) == {"accepted"} and len(states) == COUNT - 1, states
    for who, times in attempts.items():
        waits = [b - a for a, b in zip(times, times[1:])]
        wanted = [300, 900, 1800, 3600] if who.startswith("p3@") else [300]
        assert len(waits) == len(wanted) and all(w - 5 <= d <= 1.1 * w + 5 for w, d in zip(wanted, waits)), (who, waits)
    assert max(t[1] for t in attempts.values()) - min(t[0] for t in attempts.values()) < 345, "nobody waits for the one"
    assert len({round(t[1] - t[0]) for t in attempts.values()}) > 2, "all of them come again at once"
    again = Server(work)
    send(again, run=run)
    assert [to for to, _ in again.taken] == ["p3@firma.example"], "not sent is no mark"
    # no minute has more than the limit, whatever the server is
    for limit in 1, 3:
        os.remove(work + "/ahead")
        times = []
        send(Server(work, fault=lambda step, argument, server: times.append(now()) if step == "MAIL" else None), **{**more, "per_minute": limit})
        assert len(times) == COUNT and all(b - a >= 60 for a, b in zip(times, times[limit:])), (limit, times)


def sizes():
    """A server's limit of bytes (SIZE behind TLS) to the byte: whoever is above it is named, gets no mark and keeps nobody from his; what it says before TLS is nobody's word."""
    limits = lambda tls_limit, clear="10000000": {"EHLO": lambda usual, tls: usual.replace("SIZE 10000000", "SIZE " + (tls_limit if tls else clear))}
    server = reaches_all("no limit", Server(work, usual=limits("0", "1")))
    lengths = {to: len(content) for to, content in server.taken}
    reaches_all("the largest fits", Server(work, usual=limits(str(max(lengths.values())))))
    assert len(set(lengths.values())) > 2, lengths
    limits_tried = min(lengths.values()), sorted(lengths.values())[COUNT // 2], max(lengths.values()) - 1, lengths["p0@firma.example"] - 1
    for limit, (scheme, login) in zip(limits_tried, 2 * (("smtp", {}), ("smtps", LOGIN))):
        small = {to for to, length in lengths.items() if length <= limit}
        server = Server(work, implicit=scheme == "smtps", login=bool(login), usual=limits(str(limit)))
        done, states, run = send(server, code=1, scheme=scheme, **login)
        assert {to for to, _ in server.taken} == small and marks(run) == ["accepted"] * len(small), (limit, done)
        assert [s for s, _ in server.log].count("MAIL") == len(small) and f"{COUNT - len(small)} not sent" in done.stdout, (limit, done)
        assert states == {i: "accepted" if f"p{n}@firma.example" in small else "larger than the server takes" for n, i in enumerate(ids)}, states
        send(server := Server(work), run=run)
        assert {to for to, _ in server.taken} == set(lengths) - small, "the same command goes on, where it may"
    done, states, run = send(server := Server(work, usual=limits("1")), code=1)
    assert server.connections == 1 and not marks(run) and set(states.values()) == {"larger than the server takes"} and len(states) == COUNT, done


def bodies():
    """Bodies of two lengths that are taken in part alone: never accepted, whatever the last code was; tried again, then not sent."""
    for text in "t\n", "z" * 60000:
        server = Server(work, fault=lambda step, argument, s: "drop" if step == "body" and argument >= 4000 else None)
        done, states, run = send(server, "one", code=None, text=text)
        assert set(states.values()) <= {"not-sent", "unknown"} and done.returncode in (1, 5) and "accepted" not in marks(run), (len(text), states)
        tried = [s for s, _ in server.log].count("DATA")
        assert 1 <= tried <= 4 and (tried == 4 or "unknown" in marks(run)), "the first, and three more"
    for step in "DATA", "RCPT":
        server = Server(work, fault=at(step, "drop"))
        done, states, run = send(server, "one", code=1)
        assert set(states.values()) == {"not-sent"} and not marks(run) and [s for s, _ in server.log].count(step) == 4, (step, states)


def mutt(mbox, out):
    """What mutt shows of the only message of a mailbox, and the attachment that it saves."""
    with open(work + "/muttrc", "w") as rc:
        rc.write(f'set quit=yes delete=no wait_key=no pipe_decode=yes charset=utf-8 move=no mark_old=no folder={work} record= postponed= spoolfile={mbox} sleep_time=0\n'
                 f'ignore *\nunignore from to subject\npush "<pipe-message>cat>{out}.txt<enter><view-attachments><next-entry><save-entry><kill-line>{out}.pdf<enter><exit><quit>"\n')
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="vt100", HOME=work, LC_ALL="C.UTF-8")
        os.execvp("mutt", ["mutt", "-n", "-F", work + "/muttrc", "-f", mbox])
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if select.select([fd], [], [], 1)[0] and not os.read(fd, 65536):
                break
        except OSError:
            break
    else:
        os.kill(pid, 9)
    os.waitpid(pid, 0)
    return open(out + ".txt", encoding="utf-8").read(), open(out + ".pdf", "rb").read()


def parsed(content, text, subject, name, to, pdf):
    """By each parser: the same people, subject, text and attachment."""
    for policy in email.policy.default, email.policy.SMTP, email.policy.strict, email.policy.compat32:
        m = email.message_from_bytes(content, policy=policy)
        parts = list(m.walk())
        assert not m.defects and not any(p.defects for p in parts), policy
        assert [p.get_content_type() for p in parts] == ["multipart/mixed", "text/plain", "application/pdf"]
        words = lambda header: str(email.header.make_header(email.header.decode_header(m[header]))) if policy is email.policy.compat32 else str(m[header])
        shown, address = email.utils.parseaddr(m["From"]) if policy is email.policy.compat32 else (m["From"].addresses[0].display_name, m["From"].addresses[0].addr_spec)
        assert words("Subject") == subject and address == "lohn@bank.example", (policy, words("Subject"))
        if policy is email.policy.compat32:  # the others put blanks between two encoded words of a name, which RFC 2047, 6.2 does not
            assert words("From") == f"{name} <lohn@bank.example>", words("From")
        else:
            assert shown.replace(" ", "") == name.replace(" ", ""), (policy, shown)
        assert email.utils.parseaddr(m["To"])[1] == to and [len(m.get_all(h, [])) for h in ("To", "Cc", "Bcc", "Date", "Message-ID")] == [1, 0, 0, 1, 1]
        assert parts[1].get_payload(decode=True).decode() == text and parts[2].get_payload(decode=True) == pdf and parts[2].get_filename() == "Bescheinigung.pdf"
    open(work + "/one.eml", "wb").write(content)
    open(work + "/one.mbox", "wb").write(b"From x@y.example Mon Nov 30 10:00:00 2026\n" + content.replace(b"\r\n", b"\n") + b"\n")
    if shutil.which("mutt"):
        shown, saved = mutt(work + "/one.mbox", work + "/by-mutt")
        head = dict(line.split(": ", 1) for line in re.sub(r"\n[ \t]+", " ", shown).splitlines()[1:4])
        assert saved == pdf and head["Subject"] == subject and head["To"].strip("<>") == to and text.replace("\r", "").strip() in shown, (head, shown[:600])
        os.remove(work + "/by-mutt.txt"), os.remove(work + "/by-mutt.pdf")
    if shutil.which("reformime"):
        section = lambda s: subprocess.run(["reformime", "-e", "-s", s], stdin=open(work + "/one.eml", "rb"), capture_output=True, check=True).stdout
        assert section("1.2") == pdf and section("1.1").decode() == text
    if shutil.which("munpack"):
        folder = tempfile.mkdtemp(dir=work)
        subprocess.run(["munpack", "-q", "-C", folder, work + "/one.eml"], check=True, capture_output=True)
        assert open(folder + "/Bescheinigung.pdf", "rb").read() == pdf


def messages():
    """Subjects, senders and texts of every kind; what stands on the line is ASCII, short, ended by CRLF, and the same bytes in a rerun but for the date."""
    texts = [("plain", "Lohnbüro", "Guten Tag,\n"), ("dots", "x", ".\n..\n...\n.. .\n.x\n\n.\n"), ("no end", "x", "ohne Zeilenende"),
             ("Ünïcödé „Anführung\" 'x' \\ <a@b> , ; : \U0001f600 שלום عربي", "Müller, \"Lohn\" <evil@x.example>, (Büro) \U0001f4bc שכר", "Grüße \U0001f600\nשלום\r\nZeile\tTab\n"),
             ("w" * 300, "Ö" * 200, "x" * 998 + "\n" + "ü" * 998 + "\nFrom somebody\n>From\n--=_taxcert--\n"), ("=?UTF-8?B?eA==?=", "=?x?=", "=3D=\n"), (" lead", "a@b", "\n")]
    for subject, name, text in texts:
        runs_of = []
        for _ in range(2):
            send(server := Server(work), "one", subject=subject, name=name, text=text)
            runs_of.append(server.taken[0])
        (to, content), (_, second) = runs_of
        undated = [re.sub(rb"\ADate: [^\r]*\r\n", b"", c) for c in (content, second)]
        assert undated[0] == undated[1] and undated[0] != content, subject
        lines = content.split(b"\r\n")
        assert content.isascii() and max(map(len, lines)) <= 78 and b"\n" not in b"".join(lines) and b"\r" not in b"".join(lines), subject
        assert all(len(w) <= 75 for w in re.findall(rb"=\?\S*\?=", content)), "an encoded word's limit (RFC 2047)"
        assert not any(line.startswith(b".") for line in lines) and b"\r\nAuto-Submitted: auto-generated\r\n" in content
        parsed(content, text, subject, name, to, open(f"{work}/one-copies/{ids[0]}.pdf", "rb").read())
    for wrong in ({"subject": "a\r\nBcc: x@y.example"}, {"name": "a\nb"}, {"subject": 7}, {"from": "jörg@bank.example"}, {"from": "a@b.example, c@d.example"}, {"file": "ä.pdf"},
                  {"file": "a\".pdf"}, {"file": "../a.pdf"}, {"text": None}, {"bcc": "x@y.example"}, {"server": "http://x"}, {"server": "smtp://u:p@x"}):
        done, _, run = send(server := Server(work), "one", code=2, **wrong)
        assert "[mail-config]" in done.stderr and not server.log and "y.example" not in done.stderr, (wrong, done)


ADDRESSES = [  # as it is given, as it is sent; None: not at all
    ("anna@MÜLLER.example", "anna@xn--mller-kva.example"), ("anna@xn--mller-kva.example.", None), ("Anna.B+lohn@x.example", "Anna.B+lohn@x.example"),
    ("a@straße.example", "a@xn--strae-oqa.example"), ("a@faß.example", "a@xn--fa-hia.example"), ("a@例え.example", "a@xn--r8jz45g.example"), ("a@mu\u0308ller2.example", "a@xn--mller2-3ya.example"),
    ("jörg@x.example", None), ("\"anna b\"@x.example", None), ("anna b@x.example", None), (" anna@x.example", None), ("anna@x.example ", None), ("anna@x.example\n", None),
    ("anna@x.example\r\nRCPT TO:<evil@x.example>", None), ("<anna@x.example>", None), ("Anna <anna@x.example>", None), ("anna@[127.0.0.1]", None), ("anna@127.0.0.1", None), ("anna@localhost", None),
    (".anna@x.example", None), ("anna.@x.example", None), ("an..na@x.example", None), ("anna@x..example", None), ("anna@-x.example", None), ("anna@x_y.example", None),
    ("a@b@x.example", None), ("@x.example", None), ("anna@", None), ("anna", None), ("a" * 65 + "@x.example", None), ("a" * 64 + "@x.example", "a" * 64 + "@x.example"),
    ("a@" + "b" * 64 + ".example", None), ("a@" + ".".join(["b" * 60] * 5) + ".example", None), ("mailto:anna@x.example", None), ("anna@x.example;berta@x.example", None),
    ("anna(lohn)@x.example", None), ("anna@x\u3002example", "anna@x.example"), ("anna@x.example\0", None), ("anna\u200b@x.example", None), ("o'hara@x.example", "o'hara@x.example")]


def addresses():
    """Each as it is to be sent, or named and not sent; one RCPT a message."""
    given = [a for a, _ in ADDRESSES]
    made = make_run("people", [a.replace("\0", "\u0001") for a in given])
    for offers in False, True:
        server = Server(work, usual={"EHLO": lambda usual, tls: "250-SMTPUTF8\r\n250-8BITMIME\r\n" + usual} if offers else {})
        done, states, run = send(server, "people", code=1)
        wrong = [(a, states[i], sent) for i, (a, sent) in zip(made, ADDRESSES) if states[i] != ("accepted" if sent else "no usable address")]
        assert not wrong, wrong
        got, wanted = (collections.Counter(a) for a in ((to for to, _ in server.taken), (sent for _, sent in ADDRESSES if sent)))
        assert got == wanted, (got - wanted, wanted - got)
        steps = [s for s, _ in server.log]
        assert steps.count("MAIL") == steps.count("RCPT") == steps.count("dot") == len(server.taken) and "SMTPUTF8" not in " ".join(str(a) for s, a in server.log if s == "MAIL")
        log = open(run + "/events.log").read() + done.stdout + done.stderr
        assert not any(a.split("@")[-1] in log for a, sent in ADDRESSES if sent), "an address in a log"


def shared():
    """Two people at one address, however it is written, are told before the start and need a yes; then each gets their own."""
    for one, other in (("A@X.example", "a@x.example"), ("a@m\u00fcller.example", "a@xn--mller-kva.example"), ("a@b.example", "a@b.example")):
        made = make_run("both", [one, other, "c@b.example"])
        done, states, run = send(server := Server(work), "both", code=2)
        assert "[shared-address]" in done.stderr and not server.log and {i for i, s in states.items() if s == "shared"} == set(made[:2]), done
        assert one not in done.stdout + done.stderr and other not in done.stdout + done.stderr and not marks(run)
        _, states, _ = send(server := Server(work), "both", words=["--shared"], run=run)
        assert list(states.values()) == ["accepted"] * 3 and len(server.taken) == 3
        for i, (_, content) in zip(made, server.taken):
            assert email.message_from_bytes(content).get_payload(1).get_payload(decode=True) == open(f"{work}/both-copies/{i}.pdf", "rb").read()
        for what in glob.glob(work + "/both*"):
            shutil.rmtree(what) if os.path.isdir(what) else os.remove(what)


with tempfile.TemporaryDirectory() as work:
    certificates(work)
    ids = make_run("run", [f"p{i}@firma.example" for i in range(COUNT)])
    assert make_run("one", ["p0@firma.example"]) == ids[:1]
    parts = [servers, of_everybody, sizes, minutes, bodies, messages, addresses, shared]
    for part in parts if len(sys.argv) < 4 else [p for p in parts if p.__name__ in sys.argv[3:]]:
        part()
print("mail_servers: ok")
