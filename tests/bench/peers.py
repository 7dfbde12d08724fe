#!/usr/bin/python3
"""One page of texts and lines through other PDF engines, each document made from nothing, against taxcert in the same run.

usage: python3 tests/bench/peers.py [PEOPLE=4000] [PAIRS=5] [PROGRAM=build/release/taxcert]

Peers: a plain libharu program (haru.c), ReportLab and Typst from PyPI (a virtual environment is made in the work folder).
They get the texts with their places ready: no input is read, nothing checked, no tags, no metadata, no ledger. taxcert does all of
that: its figure is the whole of `generate`. One core for all (taxcert: --jobs 1); user + system time.
"""
import html
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from run import packing  # noqa: E402 (its arguments are ours)

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
PAIRS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
PROGRAM = sys.argv[3] if len(sys.argv) > 3 else str(ROOT / "build/release/taxcert")
FONT = ROOT / "templates/fonts/taxcert-sans-regular.otf"
# Two of them read TrueType alone: the same font with quadratic curves.
TRUETYPE = """
import sys
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
font = TTFont(sys.argv[1])
glyphs, made = font.getGlyphSet(), {}
for name in font.getGlyphOrder():
    pen = TTGlyphPen(None)
    glyphs[name].draw(Cu2QuPen(pen, 1, reverse_direction=True))
    made[name] = pen.glyph()
del font["CFF "], font["maxp"]
font.sfntVersion = "\\0\\1\\0\\0"
builder = FontBuilder(font=font)
builder.isTTF = True
builder.setupGlyf(made)
builder.setupMaxp()
font.save(sys.argv[2])
"""

REPORTLAB = """
import sys
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
lines = [l.rstrip("\\n").split(" ", 3) for l in sys.stdin]
pdfmetrics.registerFont(TTFont("F", sys.argv[3]))
for i in range(int(sys.argv[2])):
    c = Canvas(f"{sys.argv[1]}/{i}.pdf", pagesize=(595.28, 841.89))
    for x, y, size, text in lines:
        c.setFont("F", float(size)); c.drawString(float(x), float(y), text)
    for k in range(55):
        c.setLineWidth(0.3); c.line(311, 760 - 12 * k, 567, 760 - 12 * k)
    c.save()
"""
TYPST = """
import sys, typst
lines = [l.rstrip("\\n").split(" ", 3) for l in sys.stdin]
out = ['#set page(width: 595.28pt, height: 841.89pt, margin: 0pt)', '#set text(font: "Taxcert Sans")']
for x, y, size, text in lines:
    quoted = text.replace("\\\\", "\\\\\\\\").replace('"', '\\\\"')
    out.append(f'#place(top + left, dx: {x}pt, dy: {841.89 - float(y) - float(size):.2f}pt, text(size: {size}pt, "{quoted}"))')
for k in range(55):
    out.append(f'#place(top + left, dx: 311pt, dy: {82 + 12 * k}pt, line(length: 256pt, stroke: 0.3pt))')
source = "\\n".join(out)
for i in range(int(sys.argv[2])):
    open(f"{sys.argv[1]}/page.typ", "w").write(source + f"\\n// {i}")
    open(f"{sys.argv[1]}/{i}.pdf", "wb").write(typst.compile(f"{sys.argv[1]}/page.typ", font_paths=[sys.argv[4]]))
"""


def cpu(command, **more):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in ((0, 1) if command[0] == PROGRAM else (0,)):
        sys.exit(f"{command}: failed")
    return used.ru_utime + used.ru_stime


def page_lines(pdf):
    """The words of one certificate with their places."""
    boxes = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True).stdout
    for x, top, bottom, word in re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">(.*?)</word>', boxes):
        size = (float(bottom) - float(top)) / 1.362
        yield f"{float(x):.2f} {841.89 - float(bottom) + 0.293 * size:.2f} {size:.1f} {html.unescape(word)}"


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="taxcert-peers-", dir=os.environ.get("TMPDIR", "/tmp")))
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-o", str(work / "synth"), str(ROOT / "tests/bench/synth.c")], check=True)
    subprocess.run(["cc", "-O2", "-o", str(work / "haru"), str(ROOT / "tests/bench/haru.c"), "-lhpdf"], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(work / "venv")], check=True)
    subprocess.run([str(work / "venv/bin/pip"), "-q", "install", "reportlab", "typst", "fonttools"], check=True)
    (work / "input").mkdir()
    subprocess.run([str(work / "synth"), str(PEOPLE), "1", str(work / "input")], check=True, stdout=subprocess.DEVNULL)
    (work / "reportlab_page.py").write_text(REPORTLAB)
    (work / "typst_page.py").write_text(TYPST)
    python = str(work / "venv/bin/python")
    (work / "fonts").mkdir()
    font, fonts = str(work / "fonts/taxcert-sans-regular.ttf"), str(work / "fonts")
    subprocess.run([python, "-c", TRUETYPE, str(FONT), font], check=True)
    few = max(50, PEOPLE // 20)

    def taxcert(out, verb="generate"):
        return cpu([PROGRAM, verb, "--jobs", "1", "--allow-test-ids", "--templates", str(ROOT / "templates"), "-e",
                    str(work / "input/employees.json"), str(work / "input/payroll.json"), *(["-o", str(out)] if out else [])])

    taxcert(work / "warm")
    lines = "\n".join(page_lines(str(next((work / "warm/certificates").glob("*/*.pdf"))))) + "\n"
    (work / "lines").write_text(lines)
    peers = {"libharu": ([str(work / "haru"), None, None, font], few), "ReportLab": ([python, str(work / "reportlab_page.py"), None, None, font], few),
             "Typst": ([python, str(work / "typst_page.py"), None, None, font, fonts], few)}

    def peer(name, count, folder):
        command, _ = peers[name]
        folder.mkdir()
        at = command.index(None)
        with open(work / "lines") as stdin:
            return cpu(command[:at] + [str(folder), str(count)] + command[at + 2:], stdin=stdin)

    rows = {name: [] for name in ("taxcert generate", "less packing the workbook", "less that and check", *peers)}
    for i in range(PAIRS):
        whole, check = taxcert(work / f"run-{i}"), taxcert(None, "check")
        rows["taxcert generate"].append(whole / PEOPLE)
        packed = packing(work / f"run-{i}", work)
        rows["less packing the workbook"].append((whole - packed) / PEOPLE)
        rows["less that and check"].append((whole - packed - check) / PEOPLE)
        for name, (_, count) in peers.items():  # less what one costs with starting up
            rows[name].append((peer(name, count + 1, work / f"{name}-{i}") - peer(name, 1, work / f"{name}-one-{i}")) / count)
    print(f"microseconds of CPU per certificate, one core, {PAIRS} interleaved rounds (taxcert: {PEOPLE} people, peers: {few})")
    ours = statistics.median(rows["taxcert generate"])
    for name, values in rows.items():
        median = statistics.median(values)
        print(f"{name:25} {median * 1e6:8.0f} ({min(values) * 1e6:.0f} to {max(values) * 1e6:.0f}), {median / ours:.1f} times taxcert's whole run")
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
