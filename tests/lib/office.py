"""A workbook as LibreOffice sees it. It is loaded with an interaction handler that records whatever LibreOffice would ask a person;
recalculated hard; every formula is compared with the value stored in the file, and errors are searched for.

    with Office(folder) as office:
        book = office.open(path)          # Complaint where LibreOffice asks anything or cannot load it
        office.check(book, path)          # Complaint where a stored value is not what the formula gives; how many formulas
"""
import os
import subprocess
import time

import openpyxl
import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.sheet.CellFlags import FORMULA
from com.sun.star.sheet.FormulaResult import ERROR
from com.sun.star.task import XInteractionHandler


def verdicts(table, title="Gesamtergebnis der Prüfungen"):
    """The overview's three: whether it is reckoned right, how many are held back, what was reconciled (None: the form does not)."""
    at = next(i for i, r in enumerate(table) if r[0] == title)
    return table[at][1], int(table[at + 1][1]), table[at + 2][1] if table[at + 2][0] else None


def verdict(table):
    """The three in one word of the German forms: nothing is well that is not all well."""
    reckoned, held, reconciled = verdicts(table)
    assert reckoned in ("rechnerisch richtig", "rechnerisch falsch") and reconciled in ("stimmt", "WEICHT AB", "UNVOLLSTÄNDIG", "nicht abgestimmt"), (reckoned, reconciled)
    if reckoned == "rechnerisch falsch" or reconciled == "WEICHT AB":
        return "WEICHT AB"
    return "UNVOLLSTÄNDIG" if held or reconciled != "stimmt" else "stimmt"


class Complaint(Exception):
    pass


class Recorder(unohelper.Base, XInteractionHandler):
    """Answers nothing and remembers what was asked."""

    def __init__(self):
        self.asked = []

    def handle(self, request):
        self.asked.append(type(request.getRequest()).__name__)


class Office:
    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        pipe = f"taxcert{os.getpid()}"
        self.process = subprocess.Popen(
            ["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{self.folder}/profile",
             f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        for _ in range(600):
            try:
                context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                self.desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
                return self
            except Exception:
                time.sleep(0.2)
        raise SystemExit("LibreOffice did not start")

    def __exit__(self, *_):
        try:
            self.desktop.terminate()
        except Exception:
            pass  # the connection goes with the office
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def open(self, path):
        recorder = Recorder()
        properties = (PropertyValue("Hidden", 0, True, 0), PropertyValue("InteractionHandler", 0, recorder, 0))
        try:
            book = self.desktop.loadComponentFromURL("file://" + path, "_blank", 0, properties)
        except Exception as error:
            raise Complaint(f"LibreOffice cannot load it: {type(error).__name__}")
        if recorder.asked or book is None:
            if book is not None:
                book.close(False)
            raise Complaint(f"LibreOffice asks: {recorder.asked}")
        return book

    def check(self, book, path):
        """The number of formulas, whose stored values are all right."""
        try:
            stored = openpyxl.load_workbook(path, data_only=True)
        except Exception as error:
            raise Complaint(f"openpyxl cannot read it: {type(error).__name__}")
        formulas = 0
        book.calculateAll()
        for sheet in book.Sheets:
            if sheet.queryFormulaCells(ERROR).Count:
                raise Complaint(f"{sheet.Name}: a formula gives an error")
            area = used(sheet)
            texts, values = area.getFormulaArray(), area.getDataArray()
            for r, c in formula_cells(sheet):
                text, value = texts[r][c], values[r][c]
                if not (isinstance(text, str) and text.startswith("=")):
                    raise Complaint(f"{sheet.Name} row {r + 1} column {c + 1}: a formula that is none")
                formulas += 1
                kept = stored[sheet.Name].cell(r + 1, c + 1).value
                kept = "" if kept is None else kept
                same = value == kept if isinstance(kept, str) else not isinstance(value, str) and round(value, 6) == round(kept, 6)
                if not same:
                    raise Complaint(f"{sheet.Name} row {r + 1} column {c + 1}: stored {kept!r}, calculated {value!r}")
        return formulas


def formula_cells(sheet):
    """Row and column, from 0, of each: asked for by ranges, since a call a cell costs more than LibreOffice's reckoning."""
    for area in sheet.queryContentCells(FORMULA).RangeAddresses:
        for r in range(area.StartRow, area.EndRow + 1):
            for c in range(area.StartColumn, area.EndColumn + 1):
                yield r, c


def used(sheet):
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    return sheet.getCellRangeByPosition(0, 0, cursor.RangeAddress.EndColumn, cursor.RangeAddress.EndRow)


def rows(sheet):
    """What is shown, calculated: a list of tuples; titles of columns in one piece."""
    head, *body = used(sheet).getDataArray()
    return [tuple(whole(title) for title in head), *body]


def whole(title):
    """A column's title without the hyphens that break it on the sheet."""
    return title.replace("-\n", "") if isinstance(title, str) else title
