"""A mail server on the loopback that fails as it is told, with TLS of the certificate that it is given; and certificates to fail with."""
import datetime, os, socket, ssl, subprocess, threading, time


def certificates(work):
    """A CA, and certificates of it: right, of another name, expired (of no days: a second later); and one that nobody vouches for."""
    sh = lambda line: subprocess.run(line, shell=True, cwd=work, check=True, capture_output=True)
    sh("openssl ecparam -name prime256v1 -genkey -noout -out ca.key && openssl req -x509 -new -key ca.key -out ca.pem -subj /CN=ca -days 2")
    for name, host, days in (("right", "localhost", 2), ("other", "other.example", 2), ("expired", "localhost", 0)):
        sh(f"openssl ecparam -name prime256v1 -genkey -noout -out {name}.key && openssl req -new -key {name}.key -out {name}.csr -subj /CN={host} && "
           f"echo subjectAltName=DNS:{host} > ext && openssl x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext -days {days} -out {name}.pem")
    sh("openssl ecparam -name prime256v1 -genkey -noout -out self.key && openssl req -x509 -new -key self.key -out self.pem -subj /CN=localhost "
       "-addext subjectAltName=DNS:localhost -days 2")
    time.sleep(1.1)


class Server:
    """fault(step, argument, server) at connect, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, body (each 4 KB) and dot: None goes on as usual, "drop" ends the
    connection, a text is the answer, bytes too but go out as they are. usual: other words for a step that goes on, or what makes them of the usual
    ones and whether it is behind TLS; pieces: every answer in single bytes. clear: what came before TLS; log: steps; taken: (address, message)."""

    def __init__(self, work, certificate="right", fault=lambda step, argument, server: None, starttls=True, implicit=False, login=False, old_tls=False,
                 usual={}, pieces=False):
        self.usual, self.pieces = usual, pieces
        self.fault, self.starttls, self.implicit, self.login = fault, starttls and not implicit, implicit, login
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(f"{work}/{certificate}.pem", f"{work}/{certificate}.key")
        if old_tls:
            self.context.set_ciphers("ALL:@SECLEVEL=0")
            self.context.minimum_version = self.context.maximum_version = ssl.TLSVersion.TLSv1
        self.clear, self.log, self.taken, self.connections = b"", [], [], 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.socket.close()

    def accept(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            self.connections += 1
            self.sent = 0  # messages in this connection
            try:
                self.serve(connection)
            except (OSError, ssl.SSLError, ValueError):
                pass
            connection.close()

    def step(self, step, argument=""):
        self.log.append((step, argument))
        return self.fault(step, argument, self)

    def answer(self, stream, step, argument, usual):
        """Whether it went on as usual."""
        said = self.step(step, argument)
        if said == "drop":
            raise OSError
        usual = self.usual.get(step, usual) if isinstance(self.usual.get(step, ""), str) else self.usual[step](usual, isinstance(stream, ssl.SSLSocket))
        self.say(stream, said if isinstance(said, bytes) else ((said or usual) + "\r\n").encode())
        return said is None

    def say(self, stream, data):
        for piece in [data[i:i + 1] for i in range(len(data))] if self.pieces else [data]:
            stream.sendall(piece)

    def lines(self, stream):
        data = b""
        while True:
            while b"\r\n" not in data:
                more = stream.recv(4096)
                if not more:
                    raise OSError
                if not isinstance(stream, ssl.SSLSocket):
                    self.clear += more
                data += more
            line, data = data.split(b"\r\n", 1)
            if (yield line, data):
                data = b""

    def body(self, stream, data):
        while not data.endswith(b"\r\n.\r\n"):
            if self.step("body", len(data)) == "drop":
                raise OSError
            more = stream.recv(4096)
            if not more:
                raise OSError
            data += more
        return data[:-3].replace(b"\r\n..", b"\r\n.")

    def serve(self, stream):
        if self.implicit:
            stream = self.context.wrap_socket(stream, server_side=True)
        if not self.answer(stream, "connect", "", "220 here"):
            return
        to, lines = None, self.lines(stream)
        line, rest = next(lines)
        while True:
            word, argument = line[:4].upper().decode(), line.decode("latin-1")
            again = False
            if word == "EHLO":
                more = (["STARTTLS"] if self.starttls and not isinstance(stream, ssl.SSLSocket) else []) + (["AUTH PLAIN LOGIN"] if self.login else [])
                self.answer(stream, "EHLO", argument, "".join(f"250-{m}\r\n" for m in more) + "250 SIZE 10000000")
            elif word == "STAR":
                if self.answer(stream, "STARTTLS", argument, "220 go"):
                    stream = self.context.wrap_socket(stream, server_side=True)
                    lines = self.lines(stream)
                    line, rest = next(lines)
                    continue
            elif word == "AUTH":
                if len(argument.split()) < 3:  # the login itself comes when it is asked for
                    for question in ("334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n") if argument.split()[1] == "LOGIN" else ("334 \r\n",):
                        self.say(stream, question.encode())
                        self.log.append(("AUTH said", next(lines)[0]))
                else:
                    self.log.append(("AUTH said", argument.split()[2].encode()))
                self.answer(stream, "AUTH", argument, "235 welcome")
            elif word == "MAIL":
                self.answer(stream, "MAIL", argument, "250 OK")
            elif word == "RCPT":
                address = argument.split("<")[1].split(">")[0]
                to = address if self.answer(stream, "RCPT", address, "250 OK") else None
            elif word == "DATA":
                if self.answer(stream, "DATA", to, "354 go on"):
                    content = self.body(stream, rest)
                    again = True
                    said = self.fault("dot", to, self)
                    self.log.append(("dot", to))
                    if said is None or said in ("drop", "250 taken"):
                        self.taken.append((to, content))
                        self.sent += 1
                    if said == "drop":
                        raise OSError
                    self.say(stream, ((said or self.usual.get("dot", "250 taken")) + "\r\n").encode())
            elif word == "QUIT":
                stream.sendall(b"221 bye\r\n")
                return
            else:
                stream.sendall(b"250 OK\r\n")
            line, rest = lines.send(again)
