"""Every command, every option and every first word of the program's help is completed, by bash, and by zsh and fish where they are; also behind a language.
Usage: completions.py TAXCERT SOURCE_DIR"""
import os
import re
import shutil
import subprocess
import sys

program, source = sys.argv[1:3]
files = os.path.join(source, "src/commands/completions")
ENV = {**os.environ, "PATH": os.path.dirname(program) + ":" + os.environ["PATH"], "TAXCERT_LANG": "de", "LC_ALL": "C.UTF-8"}


def said(*words):
    return subprocess.run([program, *words], capture_output=True, text=True, env={**ENV, "TAXCERT_LANG": "en"}).stdout


def bash(*words):
    script = f'. {files}/taxcert.bash; COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _taxcert; printf "%s\\n" "${{COMPREPLY[@]}}"'
    return set(subprocess.run(["bash", "-c", script.replace("''", '""')], capture_output=True, text=True, env=ENV, check=True).stdout.split())


def fish(*words):
    script = f"source {files}/taxcert.fish; complete -C '{' '.join(words)}'"
    return {line.split("\t")[0] for line in subprocess.run(["fish", "-N", "-c", script], capture_output=True, text=True, env=ENV, check=True).stdout.splitlines()}


def zsh(*words):
    stub = "compadd() { shift; print -l -- ${(P)1}; }; _files() { }; "
    script = stub + f"CURRENT={len(words)}; words=({' '.join(w or chr(34) * 2 for w in words)}); . {files}/taxcert.zsh"
    return set(subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, env=ENV, check=True).stdout.split())


commands = {m for m in re.findall(r"^  taxcert ([a-z]+)", said("--help"), re.M)}
assert len(commands) >= 18, commands
shells = [f for f in (bash, fish, zsh) if shutil.which(f.__name__)]
for complete in shells:
    assert commands <= complete("taxcert", "''" if complete is bash else ""), (complete.__name__, commands - complete("taxcert", ""))
    for command in sorted(commands):
        options = set(re.findall(r"^ {2,6}(?:-[a-z], )?(--[a-z-]+)", said(command, "--help"), re.M))
        found = complete("taxcert", command, "--")
        assert options and options <= found, (complete.__name__, command, options ^ found)
    first = set(re.findall(r"^  ([a-z]+)  ", said("template", "--help"), re.M))
    empty = "''" if complete is bash else ""
    assert "list" in first and first <= complete("taxcert", "template", empty), (complete.__name__, complete("taxcert", "template", empty))
    assert not {"list", "find"} & complete("taxcert", "find", empty), complete.__name__
    for language in ("--lang", "de"), ("--lang", "=", "de") if complete is bash else ("--lang=de",):
        assert commands <= complete("taxcert", *language, empty), (complete.__name__, language)
        assert "--year" in complete("taxcert", *language, "find", "--"), (complete.__name__, language)
    assert not commands & complete("taxcert", "--lang", empty), complete.__name__
print("completions:", len(commands), "commands by", ", ".join(f.__name__ for f in shells))
