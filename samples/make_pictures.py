#!/usr/bin/python3
"""Makes the README's pictures of a certificate and of the workbook anew: the sample bank's run, printed by a German LibreOffice (soffice, pdftoppm, pdftotext).

usage: samples/make_pictures.py [PROGRAM=build/release/taxcert]
"""
import contextlib
import pathlib
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/taxcert")
FORM = ROOT / "templates/de/lohnsteuerbescheinigung/2025"
GERMAN = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>de-DE</value></prop></item></oor:items>
"""


TOP = ("-y", "25", "-H", "400")


def picture(pdf, page, name, *crop, dpi=110):
    subprocess.run(["pdftoppm", "-png", "-singlefile", "-r", str(dpi), "-f", str(page), *crop, pdf, FORM / name], check=True)
    path = FORM / (name + ".png")
    chunk = b"tEXtrun\0" + identity.encode()  # which run it shows: the test of the README compares it
    data = path.read_bytes()
    path.write_bytes(data[:-12] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[-12:])


with tempfile.TemporaryDirectory() as folder:
    profile = pathlib.Path(folder, "profile/user")
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(GERMAN)
    subprocess.run([PROGRAM, "generate", "--allow-test-ids", "--templates", ROOT / "templates", "-e", ROOT / "samples/bank/employees.json",
                    ROOT / "samples/bank/payroll.json", "-o", folder + "/run"], check=True, stderr=subprocess.DEVNULL)
    with contextlib.closing(sqlite3.connect(folder + "/run/ledger.db")) as ledger:
        [(identity,)] = ledger.execute("SELECT value FROM run WHERE key = 'identity'")
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf", "--outdir", folder,
                    folder + "/run/summary.xlsx"], check=True, stdout=subprocess.DEVNULL)
    [certificate] = pathlib.Path(folder, "run/certificates").glob("*/*-100015+*.pdf")
    picture(certificate, 1, "preview", dpi=80)
    pdf = folder + "/summary.pdf"
    pages = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout.split("\f")
    foot = [page.strip().splitlines()[-1].split()[0] if page.strip() else "" for page in pages]
    picture(pdf, 1, "workbook")
    picture(pdf, foot.index("Abstimmung") + 1, "workbook-reconciliation", *TOP)
    picture(pdf, foot.index("Bescheinigungen") + 1, "workbook-certificates", *TOP)
