"""Every sentence that a user can see has its translation, and it says as much: its values, options, numbers and names. Usage: translated.py SOURCE_DIR
A sentence is a text of src/ with two words in it, or the text of a call that tells something. Which texts are no sentences (what is written into files) is said here, by what they hold."""
import ast
import json
import pathlib
import re
import sys
from collections import Counter

LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"')
# Calls whose texts are words or sentences, however short.
TELLS = re.compile(r'\b(?:tc_word|tc_say|command_tell|command_misuse|on_problem|problem|tell_problem)\(')
# What is written into files: PDF, SQL, XML, mail, JSON; and what is asked of the system.
NO_SENTENCE = re.compile(r'<<|>>|/[A-Z][A-Za-z]+ |\bobj\b|\bendobj|\bxref\b|begincmap|endcmap|\bCREATE |\bSELECT |\bINSERT |\bPRAGMA |\bAND instr|personnel_number = |<[a-z?][^>]*"|r="'
                         r'|^ ?(?:t|s|ht|customHeight)="|^<|MIME|Content-|Message-ID|X-Auto|^taxcert (?:%|batch 1|seal 1)|Gray gamma|rdf:|BDC|BMC| Tf | Td | cm| re\b|^q |^Q |^%[*0-9]|FLOCK|0123456789'
                         r'|corrects IS|state = |^\\n12 dict|^format(?: [a-z_]+)+$|\{s:|^ ids=| 0 R')

# Calls whose texts are names of keys, facts of the ledger or JSON; a character such as '"' begins what only looks like a text.
NO_TELLING = re.compile(r"""(?:\w*_keys|\w*_fact|json_pack|json_string|json_object_set_new|strcmp|writer_puts)\([^;]*$|'$""")

# Names of keys and facts, and what is JSON, one by one.
NOT_SAID = {"form files", "taxcert pages %d\n%llu\n", "method forms refused", "method characters", "method length", "method count most", "method modulus weights or_weights summands fold remainder signs equals", "method at characters by", "method forms to", "method from count least most except", "declaration values",
            "employer data", "first total", "first total %s", "first issued", "kept until the end of %d; today is %.10s", "taxcert input of %.100s %d", ", \"transfer_ticket\": ", ") ORDER BY number",
            "{\n \"format\": \"taxcert/employees/1\",\n \"employees\": ["}


def plain(text):
    return re.sub(r"/\*.*?\*/", lambda m: " " * len(m[0]), text, flags=re.S)


def unescape(literal):
    return ast.literal_eval(literal)


def texts(path):
    """Literals of a file, those side by side joined; and whether a call that tells something takes them."""
    text = "\n".join("" if line.startswith("#include") else line for line in plain(path.read_text()).split("\n"))
    for name, value in re.findall(r'#define (\w+) +\\?\n?((?:\s*"(?:[^"\\\n]|\\.)*"\s*\\?\n?)+)', text):  # a macro's text stands where it is used
        text = re.sub(rf"\b{name}\b(?! +\\)", lambda m: value.replace("\\\n", "\n"), text)
    text = re.sub(r"^#define(?:[^\n]*\\\n)*[^\n]*", lambda m: "" if '"' in m[0] and "(" not in m[0].split('"')[0] else m[0], text, flags=re.M)
    at = 0
    while (found := LITERAL.search(text, at)):
        parts, end = [found[0]], found.end()
        while (more := re.compile(r'\s*("(?:[^"\\\n]|\\.)*")').match(text, end)):
            parts.append(more[1])
            end = more.end()
        before = text[max(0, found.start() - 400):found.start()]
        call = before[max(before.rfind(";"), before.rfind("{\n")) + 1:]
        at = end
        yield "".join(unescape(p) for p in parts), bool(TELLS.search(call)), call


def sentences(source):
    found = {}
    for path in sorted(source.glob("src/**/*.c")):
        for text, told, call in texts(path):
            assert "commands/" not in str(path) or not re.search(r"\b(?:f?printf|f?puts)\([^;]*$", call) or told or '\\"' in call or "json" in call or "JSON" in text or not re.search(r"[a-z]{3,} [a-z]{2,}", text), f"{path}: {text!r} is told in English alone: command_tell"
            words = re.findall(r"[A-Za-z]{2,}|\b[aI]\b", re.sub(r"%[-+ #0-9.*lhzjt]*[a-zA-Z]", " ", text))
            if text in NOT_SAID or NO_SENTENCE.search(text) or NO_TELLING.search(call) or not re.search("[a-z]{2}", text):
                continue
            if len(words) >= 2 and " " in text.strip() or told and words:
                found.setdefault(text, str(path.relative_to(source)))
    return found


OF_NUMBERS = ("decimal point", "between thousands")
DIRECTIVE = re.compile(r"%[-+ #0-9.*lhzjt]*[a-zA-Z]")
# What both must name: options, numbers, keys and formats in quotes, what is put for a word of one's own.
OPTION = re.compile(r"(?<![\w-])--?[a-z](?:[a-z-]*[a-z])?\b")
PLACEHOLDERS = {"RUN": "LAUF", "FILE": "DATEI", "FOLDER": "ORDNER", "DIR": "ORDNER", "ID": "KENNUNG", "REASON": "GRUND", "SEAL": "SIEGEL", "LOG": "PROTOKOLL", "JOB": "AUFTRAG",
                "PAYROLL": "ABRECHNUNG", "EMPLOYEES": "STAMMDATEN", "MAPPING": "ZUORDNUNG", "COMMAND": "BEFEHL", "YEAR": "JAHR", "FORM": "FORMULAR", "NUMBER": "NUMMER", "OUT": "AUSGABE"}
SAME = re.compile(r"[A-Z]{3,}[A-Z_]*|\b[\w-]+/[\w/.-]+\b|\b[a-z]+_[a-z_]+\b|\b\w+\.(?:json|xlsx|csv|log|pem)\b")


def numbers(text):
    return sorted(n.replace(",", "").replace(".", "") for n in re.findall(r"(?<![A-Z])\d+(?:[.,]\d+)*", re.sub(r"\{\d\*?\}", "", DIRECTIVE.sub("", text))))


def less(english, german):
    """What the translation does not say that the sentence says."""
    parts = len(DIRECTIVE.findall(english))
    said = sorted({int(n) for n in re.findall(r"\{(\d)\*?\}", german)})
    if parts and said != list(range(1, parts + 1)):
        yield f"the sentence has {parts} values, the translation names {said}"
    if Counter(numbers(english)) - Counter(numbers(german)):
        yield f"numbers {numbers(english)} and {numbers(german)}"
    if sorted(OPTION.findall(english)) != sorted(OPTION.findall(german)):
        yield f"options {OPTION.findall(english)} and {OPTION.findall(german)}"
    plain_english = DIRECTIVE.sub(" ", english)
    for word in set(re.findall(r"\b[A-Z]{2,}\b", plain_english)) & set(PLACEHOLDERS):
        if not re.search(rf"\b{PLACEHOLDERS[word]}", german):
            yield f"{word} without {PLACEHOLDERS[word]}"
    for word in set(re.findall(r"`\w+`|\[[a-z-]+\]$", plain_english)):
        if word not in german:
            yield f"{word} is not named"
    if len(english) > 12 and english not in OF_NUMBERS and len(re.sub(r"\W", "", german)) < 0.45 * len(re.sub(r"\W", "", plain_english)):
        yield "it is less than half as long"
    if english.endswith("\n") != german.endswith("\n"):
        yield "a line's end"


def rules(source):
    """Rules without German, or whose German lacks a parameter, fact or number of the English."""
    for path in sorted(source.glob("templates/*/*/*/rules.json")):
        for rule in json.loads(path.read_text())["rules"]:
            named = {language: set(re.findall(r"\{\w+\}|facts\.\w+|\b\d+[ab]?\b", text)) for language, text in rule["message"].items()}
            if "de" not in named or not named["en"] <= named["de"]:
                yield f"{path.relative_to(source)}: {rule['id']}: {named['en'] - named['de'] if 'de' in named else 'no German'}"


def main(source):
    german = json.loads((source / "templates/messages.de.json").read_text())["words"]
    found, mistakes = sentences(source), []
    everything = "\n".join(sorted({t for p in source.glob("src/**/*.c") for t, _, _ in texts(p)}))
    for text, where in found.items():
        if text not in german:
            mistakes.append(f"{where}: {json.dumps(text)} has no German")
    for text, other in german.items():
        if text not in everything and text not in OF_NUMBERS:
            mistakes.append(f"messages.de.json: {json.dumps(text)} is said nowhere")
        mistakes += [f"messages.de.json: {json.dumps(text)}: {what}" for what in less(text, other)]
    mistakes += rules(source)
    assert not mistakes, "\n" + "\n".join(mistakes)
    assert len(found) > 500, len(found)  # what finds sentences has not gone blind
    print("translated: ok", len(found))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
