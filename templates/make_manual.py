"""Makes the German manual page from what the program says with --help. Usage: make_manual.py TAXCERT [--check]
So it says of every command and option what the help says; the English page has more, and is the one to be edited by hand."""
import os
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent / "taxcert.de.1"
ENVIRONMENT = {**os.environ, "TAXCERT_LANG": "de"}
HEAD = r"""\" Aus der Hilfe des Programms: templates/make_manual.py
.TH TAXCERT 1 "" "taxcert" "taxcert"
.SH BEZEICHNUNG
taxcert \- Bescheinigungen zum Jahresende aus Abrechnungsdaten
.SH BESCHREIBUNG
Aus den Abrechnungsdaten eines Jahres entstehen je Person eine Bescheinigung (PDF), dazu eine Arbeitsmappe für Abrechnung und Prüfung (XLSX) und ein Register (SQLite).
taxcert rechnet keinen Lohn und übermittelt nichts: Das tut das Lohnprogramm, und taxcert druckt danach. Die Anleitung für Abrechnung, Personalabteilung und Prüfung liegt
neben den Formularen (ANLEITUNG.de.md), die Begriffe in GLOSSARY.md. Diese Seite enthält die Hilfe aller Befehle; die englische Seite, taxcert(1), sagt mehr.
"""
TAIL = r""".SH UMGEBUNGSVARIABLEN
.TP
.B TAXCERT_LANG
Sprache der Ausgaben, wenn \-\-lang fehlt; sonst die des Systems, sonst Englisch.
.TP
.B TAXCERT_TEMPLATES
Ordner der Formulare, wenn \-\-templates fehlt.
.SH EXIT-CODE
.TP
.B 0
alles ausgestellt oder unverändert
.TP
.B 1
fertig, einige zurückgehalten; Abweichungen gefunden
.TP
.B 2
Aufruf oder Formular falsch; nichts wurde geschrieben
.TP
.B 3
Eingabe nicht lesbar oder im Ganzen falsch; nichts wurde geschrieben
.TP
.B 4
Datenträger oder Arbeitsspeicher; derselbe Befehl setzt den Lauf fort
.TP
.B 5
fertig; von einigen E-Mails weiß niemand, ob sie angenommen wurden
.SH SIEHE AUCH
taxcert(1)
"""


def help_of(program, *words):
    return subprocess.run([program, *words, "--help"], capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text, flags=re.M)


def command(program, name):
    usage, rest = help_of(program, name).split("\n", 1)
    lines = rest.strip("\n").split("\n")
    options = [line for line in lines if re.match(r"  (?:   |-\w,) --", line)]
    yield f'.SS "{roff(name)}"'
    yield f".B {roff(usage.removeprefix('Aufruf: '))}"
    yield ".PP"
    yield from (roff(line) if line.strip() else ".PP" for line in lines if line not in options)
    for line in options:
        letter, option, argument, said = split(line)
        yield ".TP"
        yield f".B {roff(letter + option + argument)}"
        yield roff(said)


def split(line):
    """Letter, name, argument and what is said of an option: the argument is in capitals, and one blank behind the name."""
    letter, rest = line[2:5].strip(), line[5:].strip()
    option, _, rest = rest.partition(" ")
    argument = re.match(r"[A-ZÄÖÜ][A-ZÄÖÜ,=_.a-z]*(?=\s|$)", rest) if not rest.startswith(" ") else None
    return (letter + " " if letter else "", option, " " + argument[0] if argument else "", rest[argument.end():].strip() if argument else rest.strip())


def page(program):
    names = re.findall(r"^  taxcert ([a-z]+) ", help_of(program), re.M)
    assert len(names) > 15, names
    lines = [line for name in names for line in command(program, name)]
    return "." + HEAD + ".SH BEFEHLE\n" + "\n".join(lines) + "\n" + TAIL


if __name__ == "__main__":
    made = page(sys.argv[1])
    if "--check" in sys.argv:
        assert PAGE.read_text() == made, f"{PAGE.name} is not what the help says: templates/make_manual.py PROGRAM"
    else:
        PAGE.write_text(made)
