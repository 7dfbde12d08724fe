"""The workbook opens in LibreOffice, a hard recalculation gives its cached values and the console's totals, and the sheets hold
everyone. Usage: workbook.py TAXCERT SOURCE_DIR"""
import json, os, re, subprocess, sys, tempfile, time
import openpyxl, uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table.CellContentType import FORMULA

program, source = sys.argv[1:3]
bank = os.path.join(source, "samples/bank")


def generate(out, payroll, *more):
    return subprocess.run([program, "generate", "--json", "--allow-test-ids", "--templates", os.path.join(source, "templates"), *more,
                           payroll, "-o", out], capture_output=True, text=True)


def connect(folder):
    pipe = f"taxcert{os.getpid()}"
    office = subprocess.Popen(["soffice", "--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{folder}/profile",
                               f"--accept=pipe,name={pipe};urp;"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(300):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return office, context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except Exception:
            time.sleep(0.2)
    raise SystemExit("LibreOffice did not start")


def check(desktop, path, closing):
    book = desktop.loadComponentFromURL("file://" + path, "_blank", 0, (PropertyValue("Hidden", 0, True, 0),))
    assert book is not None, "LibreOffice cannot load the workbook"
    cached = openpyxl.load_workbook(path, data_only=True)
    book.calculateAll()
    formulas = 0
    for sheet in book.Sheets:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        for row in range(cursor.RangeAddress.EndRow + 1):
            for column in range(cursor.RangeAddress.EndColumn + 1):
                cell = sheet.getCellByPosition(column, row)
                if cell.Type != FORMULA:
                    continue
                formulas += 1
                assert cell.getError() == 0, (sheet.Name, row, column)
                stored = cached[sheet.Name].cell(row + 1, column + 1).value
                shown = cell.String if isinstance(stored, str) else round(cell.Value, 2)
                assert shown == stored, (sheet.Name, row, column, shown, stored)
    overview = book.Sheets[0]
    totals = {}
    for row in range(60):
        line = re.match(r"(\d+[a-c]?)\.? ", overview.getCellByPosition(0, row).String)
        if line:
            totals[line[1]] = round(overview.getCellByPosition(1, row).Value, 2)
            assert overview.getCellByPosition(3, row).String == "stimmt"
    for line, amount in closing["totals"].items():
        assert totals[line] == float(amount), line
    book.close(False)
    return cached, formulas


with tempfile.TemporaryDirectory() as folder:
    good, bad = os.path.join(folder, "good"), os.path.join(folder, "bad")
    lines = generate(good, os.path.join(bank, "payroll.json"), "-e", os.path.join(bank, "employees.json")).stdout.splitlines()
    worse = generate(bad, os.path.join(source, "samples/rejects/payroll.json")).stdout.splitlines()
    office, desktop = connect(folder)
    try:
        for run, output in (good, lines), (bad, worse):
            closing = json.loads(output[-1])
            book, formulas = check(desktop, os.path.join(run, "summary.xlsx"), closing)
            assert formulas > 60
            rows = {sheet.title: sheet.max_row - 1 for sheet in book}
            assert rows["Bescheinigungen"] == closing["issued"] and rows["Zurückgehalten"] == closing["withheld"]
            assert rows["Prüfungen"] == len(output) - 1 and rows["Ohne Bescheinigung"] == closing["without_certificate"]
    finally:
        office.terminate()
        office.wait()
print("workbook: ok")
