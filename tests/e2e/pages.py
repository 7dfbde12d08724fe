"""A form of several pages: the American sample's copies as the employer asks for them, each with its own legends; numbers masked on employees' copies only; what finds no
place stands on further forms, without the federal amounts. Usage: pages.py TAXCERT SOURCE_DIR"""
import glob
import json
import pathlib
import subprocess
import sys
import tempfile

program, source = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
payroll = json.loads((source / "samples/us/2026/payroll.json").read_text())
keep = {"W2-1001", "W2-1007"}  # one with a form, one with further forms
payroll.update(declarations=[], certificates=[c for c in payroll["certificates"] if c["id"] in keep])
payroll["employees"] = [e for e in payroll["employees"] if e["personnel_number"] in {c["personnel_number"] for c in payroll["certificates"]}]
B, C, TWO, EMPLOYER = "Copy B—To Be Filed With Employee’s FEDERAL Tax Return.", "Copy C—For EMPLOYEE’S RECORDS", "Copy 2—To Be Filed With Employee’s State, City, or Local", "Copy D—For Employer"


def pages(pdf):
    return subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout.split("\f")[:-1]


with tempfile.TemporaryDirectory() as work:
    for copies, mask, whole in (("two_up", True, [[B, C], [TWO, TWO]]), ("four_up", False, [[B, C, TWO, TWO]]), ("employer", True, [[EMPLOYER]])):
        payroll["employer"].update(copies=copies, mask_ssn=mask)
        path, out = pathlib.Path(work, f"{copies}.json"), f"{work}/{copies}"
        path.write_text(json.dumps(payroll))
        subprocess.run([program, "generate", "--templates", source / "templates", "--allow-test-ids", path, "-o", out], check=True, capture_output=True)
        subprocess.run([program, "verify", out], check=True, capture_output=True)
        for c, e in zip(payroll["certificates"], payroll["employees"]):
            read = pages(glob.glob(f"{out}/certificates/*/*+{c['id']}.pdf")[0])
            notice = 1 if copies != "employer" else 0
            forms = [page for page in read[:len(read) - notice]]
            further = 2 if c["id"] == "W2-1007" else 1
            assert len(forms) == len(whole) * further, (copies, c["id"], len(read))
            assert not notice or "Earned income tax credit (EITC)." in read[-1] and "Box 14b." in read[-1]
            for number, page in enumerate(forms):
                legends = whole[number % len(whole)]
                assert all(page.count(words) == legends.count(words) for words in (B, C, TWO, EMPLOYER)), (copies, number, page)
                masked = mask and copies != "employer"
                assert page.count(e["ssn"]) == (0 if masked else len(legends)) and page.count("XXX-XX-" + e["ssn"][-4:]) == (len(legends) if masked else 0), (copies, page)
                assert page.count(c["values"]["1"] + "\n") + page.count(c["values"]["1"] + " ") >= len(legends) * (number < len(whole)) and (number < len(whole) or c["values"]["5"] not in page), (copies, number)
                assert page.count("VOID") == (copies == "employer") and "22222" not in page and "OMB No. 1545-0029" in page
                assert page.count("See instructions for box 12") == sum(words != TWO for words in legends), (copies, page)
        if copies == "two_up":
            subprocess.run([program, "reprint", "--templates", source / "templates", out, "W2-1001", "--duplicate", "-o", f"{work}/again.pdf"], check=True, capture_output=True)
            assert [page.count("REISSUED STATEMENT") for page in pages(f"{work}/again.pdf")] == [2, 2, 0]
            one = {**payroll, "issue_date": "2027-03-02", "certificates": [{**payroll["certificates"][0], "correction": {"reason": "a test"}}]}
            one["certificates"][0]["values"] = {**one["certificates"][0]["values"], "2": "1.00"}
            path.write_text(json.dumps(one))
            subprocess.run([program, "correct", "--templates", source / "templates", "--allow-test-ids", out, path, "-o", f"{out}-03"], check=True, capture_output=True)
            assert [page.count("CORRECTED") for page in pages(glob.glob(f"{out}-03/certificates/*/*.pdf")[0])] == [2, 2, 0]
            subprocess.run([program, "batch", "--templates", source / "templates", f"{out}-03", "-o", f"{work}/print"], check=True, capture_output=True)
            printed = [p for p in glob.glob(f"{work}/print/*.pdf") if "cover" not in p]
            assert [page.count("CORRECTED") for page in pages(printed[0])] == [2, 2, 0], "its three sheets, by their order"
print("pages")
