#!/usr/bin/env python3
"""Write samples/rejects/payroll.json: employees and payroll in one file, each certificate breaks exactly one thing. That of another year that
has a form, samples/<year>/rejects/payroll.json, is the same file carried over (carry.py), with what only that year's form can refuse.

`x_expect` on a certificate names the rule that must refuse it (null: a good one), `x_why` says what is wrong in words. Where a pair
is needed (same id twice, same personnel number twice) every certificate concerned carries the mark: nobody can tell which is right.
"""
import copy
import json
import re
from decimal import Decimal as D

from carry import BASE, PRIVATE, Carry
from make_bank import HERE, address, idnr_check, idnr_digits_ok, idnr_test, pretty, row, tax_number, elster

EMPLOYEES, CERTIFICATES = [], []
GOOD_VALUES = {"3": "48000.00", "4": "6480.00", "6": "583.20", "22a": "4464.00", "23a": "4464.00", "25": "4104.00", "26": "1152.00",
               "27": "624.00"}


def employee(number, n):
    return {"personnel_number": number, "tax_id": idnr_test(9000 + n), "name": {"first": "Erika", "last": f"Beispiel-{chr(65 + n // 26)}{chr(65 + n % 26)}"},
            "birth_date": "1985-05-15", "address": address("Musterweg 1|60311|Frankfurt am Main"), "mailing_address": None,
            "employment": {"kind": "full_time", "from": "2015-01-01", "to": None}, "no_certificate_reason": None}


def certificate(ident, number):
    return {"id": ident, "personnel_number": number, "establishment": "FFM", "period": {"from": "2025-01-01", "to": "2025-12-31"},
            "values": copy.deepcopy(GOOD_VALUES), "deduction_features": [row(1, "ev")], "facts": {"insurance": "statutory"},
            "transfer_ticket": f"etreject{ident[-4:].rjust(12, '0')}".replace("/", "0").replace("-", "0").replace(".", "0")}


def warn(rule, why, change=None):
    """Issued, but with this one warning, or with these and no other."""
    e, c = case(None, why, change)
    c["x_warn"] = CERTIFICATES[-1]["x_warn"] = rule
    return e, c


def values(**more):
    """Changes values: keys l3, l22a and so on; None takes a line out."""
    def change(e, c):
        for key, amount in more.items():
            line = {"letters": "2.letters", "U": "2.U"}.get(key, key[1:])
            if amount is None:
                c["values"].pop(line, None)
            else:
                c["values"][line] = amount
    return change


def both(*changes):
    def change(e, c):
        for one in changes:
            one(e, c)
    return change


def features(**more):
    return lambda e, c: c["deduction_features"][0].update(more)


def case(expect, why, change=None, ident=None):
    """change(employee, certificate) makes the one mistake. Returns both, for the few cases that need more."""
    n = len(CERTIFICATES)
    number = f"R{n + 1:03d}"
    e, c = employee(number, n), certificate(ident or f"reject-{n + 1:03d}", number)
    if change:
        change(e, c)
    EMPLOYEES.append(e)
    CERTIFICATES.append({"x_expect": expect, "x_why": why, **c})
    return e, c


def put(*path, on="c"):
    """A change that sets the value at the path's end: put("values", "99", "1.00")."""
    def change(e, c):
        at = c if on == "c" else e
        for key in path[:-2]:
            at = at[key]
        at[path[-2]] = path[-1]
    return change


def drop(*path, on="c"):
    def change(e, c):
        at = c if on == "c" else e
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]
    return change


def entries(*rows):
    def change(e, c):
        c["entries"] = [{"month": m, "wage_type": w, "amount": a} for m, w, a in rows]
    return change


def instead(change):
    """entries without values."""
    def both(e, c):
        del c["values"]
        change(e, c)
    return both


def structure():
    case("missing", "the employee has no tax_id", drop("tax_id", on="e"))
    case("missing", "the certificate has no period", drop("period"))
    case("missing", "the employee's name has no last name", drop("name", "last", on="e"))
    case("missing", "the certificate has no deduction_features", drop("deduction_features"))
    case("value-type", "the address is a string", put("address", "Musterweg 1, 60311 Frankfurt am Main", on="e"))
    case("value-type", "an amount is an array", put("values", "3", ["48000.00"]))
    case("value-type", "deduction_features is an object", put("deduction_features", row(1, "ev")))
    case("value-type", "the count U is a string", put("values", "2.U", "1"))
    case("unknown-line", "a value on line 99", put("values", "99", "12.00"))
    case("unused-line", "a value on line 11, unused in 2025", put("values", "11", "12.00"))
    case("unused-line", "a value on line 33, unused in 2025", put("values", "33", "204.00"))
    case("value-not-allowed", "tax class 7", put("deduction_features", 0, "tax_class", 7))
    case("value-not-allowed", "letter X in line 2", put("values", "2.letters", ["X"]))
    case("value-not-allowed", "insurance is 'maybe'", put("facts", "insurance", "maybe"))
    case("decimal-format", "factor 1.5x", put("deduction_features", [row(4, "ev", factor="1.5x")]))


def amounts_and_dates():
    case("amount-format", "decimal comma and thousands dot", put("values", "3", "48.000,00"))
    case("amount-format", "three digits after the point", put("values", "3", "48000.125"))
    case("amount-format", "a JSON real that is no amount in cents", put("values", "20", 0.1234))   # a float on purpose
    case("amount-format", "leading zero", put("values", "3", "048000.00"))
    case("amount-format", "plus sign", put("values", "3", "+48000.00"))
    case("amount-format", "an empty string", put("values", "20", ""))
    case("amount-range", "16 digits before the point", put("values", "3", "1234567890123456.00"))
    case("amount-range", "a JSON integer of 16 digits", put("values", "3", 1234567890123456))
    case("amount-format", "an entry's amount with a decimal comma", instead(entries((1, "1000", "4.000,00"), (1, "9100", "540.00"))))
    case("date-format", "30 February", put("period", "to", "2025-02-30"))
    case("date-format", "German notation", put("birth_date", "15.05.1985", on="e"))
    case("period-year", "the period lies in 2024", lambda e, c: c.update(
        period={"from": "2024-01-01", "to": "2024-12-31"}, deduction_features=[row(1, "ev", frm="2024-01-01")]))
    case("period-year", "the period begins in December 2024", put("period", "from", "2024-12-15"))
    case("period-order", "the period ends before it begins", put("period", {"from": "2025-09-01", "to": "2025-03-31"}))


def handles_and_links():
    case("id-format", "slash in the certificate's id", ident="reject/030")
    case("id-format", "33 characters in the certificate's id", ident="reject-031-" + "x" * 22)
    case("certificate-case", "the id differs from the next one's in case only", ident="Reject-Case")
    case("certificate-case", "the id differs from the previous one's in case only", ident="reject-case")
    case("certificate-duplicate", "the id is used twice (first)", ident="reject-twice")
    case("certificate-duplicate", "the id is used twice (second)", ident="reject-twice")
    case("employee-missing", "no employee has this personnel number")
    EMPLOYEES.pop()
    e, _ = case("employee-duplicate", "two employees have this personnel number")
    twin = copy.deepcopy(e)
    twin["tax_id"], twin["name"]["first"] = idnr_test(9900), "Erik"
    EMPLOYEES.append(twin)
    case("establishment-unknown", "establishment HAM is not listed", put("establishment", "HAM"))
    case("wage-type-unknown", "wage type 4711 is not listed", instead(entries((1, "1000", "4000.00"), (1, "4711", "10.00"), (1, "9100", "540.00"))))
    case("entries-differ", "line 3 is 48,000.00 in values and 47,999.99 in entries", lambda e, c: (
        c.update(values={"3": "48000.00", "4": "6480.00"}), entries((1, "1000", "24000.00"), (7, "1000", "23999.99"), (1, "9100", "6480.00"))(e, c)))


def texts_and_ids():
    case("text-character", "Chinese characters in the name", put("name", "last", "山田", on="e"))
    case("text-character", "an emoji in the street", put("address", "street", "Musterweg 1 \U0001F3E0", on="e"))
    case("text-control", "control character U+0007 in the name", put("name", "last", "Bei\u0007spiel", on="e"))
    case("text-fit", "a last name of 200 letters", put("name", "last", ("Donaudampfschifffahrtsgesellschaft" * 6)[:200], on="e"))
    case("rows-overflow", "nine voluntary rows", put("voluntary", [
        {"text": f"Arbeitnehmerbeitrag zur Zusatzversorgung {i}", "amount": f"{10 * i}.00"} for i in range(1, 10)]))
    good = idnr_test(9950)
    case("idnr", "wrong check digit", put("tax_id", good[:10] + str((int(good[10]) + 1) % 10), on="e"))
    case("idnr", "ten digits", put("tax_id", good[:10], on="e"))
    for ten, why in (("0123456789", "no digit twice"), ("0112233456", "three digits twice"), ("0111345678", "three ones in a row")):
        assert not idnr_digits_ok(ten)
        case("idnr-digits", f"check digit right, but {why}", put("tax_id", ten + str(idnr_check(ten)), on="e"))


def taxes():
    warn("tax-above-wage", "4 is one cent above 3", values(l3="6479.99", l22a=None, l23a=None, l25="400.00", l26="100.00", l27=None))
    case("church-max", "6 is 13 cents above 9 % of 4, one more than a cent a month", values(l6="583.33"))
    warn("church-max-by-bw", "8.5 % church tax in Bayern", both(put("establishment", "MUC"), values(l6="550.80")))
    warn("church-without-mark", "church tax, but the mark is --", features(church_marks="--"))
    warn("church-spouse", "7 with one mark", values(l6="291.60", l7="291.60"))
    warn("soli-free", "surcharge in a full year, tax below the free limit", values(l5="1.00"))
    warn(("second-job-without-tax", "no-tax"), "class 6 and no tax", both(values(l4=None, l6=None), features(tax_class=6)))
    warn("letter-s-class", "letter S with class 6", both(values(letters=["S"]), features(tax_class=6)))
    warn("negative-amount", "17 is negative", values(l17="-10.00"))
    warn("pension-within-wage", "8 is one cent above 3", values(l8="48000.01", l29="48000.00", l30=2020, l22a=None, l23a=None, l27=None))
    warn("pension-several-within", "9 is one cent above 3", values(l9="48000.01", l30=2020))
    warn("severance-within-wage", "10 is one cent above 3", values(l10="48000.01"))
    case("death-grant-within-pension", "32 is one cent above 8", values(l8="1000.00", l29="1000.00", l30=2020, l32="1000.01"))
    case("pension-base-without-pension", "29 with 9 and without 8", values(l9="1000.00", l29="1000.00", l30=2020))
    case("further-pension-alone", "a further pension, but none on line 8", put("further_pensions", [{"8": "12000.00", "29": "12000.00", "30": 2018}]))
    case("further-pension-empty", "a further pension of nothing", both(values(l8="24000.00", l29="24000.00", l30=2020), put(
        "further_pensions", [{"8": "0.00"}])))
    case("transfer-ticket-missing", "no ticket", lambda e, c: c.update(transfer_ticket=None))


def insurance():
    warn("pension-insurance-halves", "22a and 23a differ by 13 cents", values(l22a="4464.13"))
    case("pension-insurance-employer-max", "22a is one cent above the year's maximum", values(l22a="8983.81", l23a="8983.80"))
    case("pension-insurance-employee-max", "23a is one cent above the year's maximum", values(l22a="8983.80", l23a="8983.81"))
    half = {"from": "2025-01-01", "to": "2025-06-30"}
    warn("pension-insurance-employer-months", "22a is 9 cents above six months' maximum", both(
        put("period", half), values(l22a="4491.99", l23a="4491.90", l27="627.90")))
    warn("pension-insurance-employee-months", "23a is 9 cents above six months' maximum", both(
        put("period", half), values(l22a="4491.90", l23a="4491.99", l27="627.90")))
    case("unemployment-max", "27 is one cent above the year's maximum", values(l27="1255.81"))
    warn("unemployment-months", "27 is one cent above six months' maximum", both(put("period", half), values(l22a="4491.90", l23a="4491.90", l27="627.91")))
    warn(("unemployment-without-pension", "pension-contributions-missing"), "27, but no 23a", values(l22a=None, l23a=None))
    case("private-subsidy-max", "24b is one cent above the year's maximum", both(put("facts", {"insurance": "private"}), values(l24b="5655.85")))
    case("care-subsidy-max", "24c is one cent above the year's maximum", values(l24c="1190.77"))
    warn(("health-subsidy-usual", "health-usual", "subsidies-ratio"), "24a and 25 are more than in the dearest fund", both(put("facts", {"insurance": "voluntary"}), values(
        l3="75000.00", l24a="6700.00", l24c="1190.76", l25="14600.00", l26="2381.52", l22a="6696.00", l23a="6696.00", l27="936.00")))
    warn("health-usual", "25 is more than in the dearest fund", both(put("facts", {"insurance": "voluntary"}), values(
        l3="75000.00", l24a="5655.84", l24c="1190.76", l25="14600.00", l26="2381.52", l22a="6696.00", l23a="6696.00", l27="936.00")))
    warn("health-voluntary-full", "25 is 13 cents less than twice 24a", both(put("facts", {"insurance": "voluntary"}), values(l24a="4000.00", l24c="864.00", l25="7999.87", l26="1728.00")))
    case("care-max", "26 is one cent above the year's maximum", values(l26="2778.37"))
    warn("subsidies-both", "24a and 24b", both(put("facts", {}), values(l24a="100.00", l24b="100.00", l24c="50.00")))


def features_and_facts():
    case("church-marks", "mark xx", features(church_marks="ev xx"))
    case("factor-class", "factor with class 1", features(factor="0.950"))
    case("factor-allowance", "factor and allowance", features(tax_class=4, factor="0.950", annual_allowance=1200))
    case("child-halves", "0.3 child allowances", features(child_allowances="0.3"))
    case("child-class", "child allowance with class 5", features(tax_class=5, child_allowances="0.5"))
    warn("feature-after-period", "features valid from after the period's end", both(
        put("period", {"from": "2025-01-01", "to": "2025-09-30"}), features(valid_from="2025-10-01")))
    case("birth-date", "born after the period began", put("birth_date", "2025-01-02", on="e"))
    case("tax-number", "a check digit wrong", put("establishment", "BAD"))
    warn("tax-office-number", "the office is another one", both(put("establishment", "OFF"), values(l6="518.40")))
    adjusted = put("facts", {"insurance": "statutory", "annual_adjustment": True})
    warn("adjustment-interruption", "U with annual adjustment", both(adjusted, values(U=1)))
    warn("adjustment-features", "class 5 with annual adjustment", both(adjusted, features(tax_class=5)))
    warn("adjustment-benefits", "15 with annual adjustment", both(adjusted, values(l15="500.00")))
    for rule, why, change in (("same-certificate", "same person, period and amounts twice", values()),):
        e, _ = case(rule, why + " (first)", change)
        f, _ = case(rule, why + " (second)", both(change, put("personnel_number", e["personnel_number"])))
        EMPLOYEES.remove(f)
    e, _ = warn("periods-overlap", "two certificates, one in the other's period (first)")
    f, _ = warn("periods-overlap", "two certificates, one in the other's period (second)", both(
        put("period", {"from": "2025-03-01", "to": "2025-08-31"}), values(l22a="2000.00", l23a="2000.00", l27="279.57"), put("personnel_number", e["personnel_number"])))
    EMPLOYEES.remove(f)
    e, _ = warn("several-personnel-numbers", "one tax id under two personnel numbers (first)", both(
        put("period", {"from": "2025-01-01", "to": "2025-05-31"}), values(l22a="2000.00", l23a="2000.00", l27="279.57")))
    warn("several-personnel-numbers", "one tax id under two personnel numbers (second)", both(
        put("period", {"from": "2025-06-01", "to": "2025-12-31"}), values(l22a="2000.00", l23a="2000.00", l27="279.57"), put("tax_id", e["tax_id"], on="e")))
    for why, change in (("birth dates differ", put("birth_date", "1991-08-03", on="e")), ("first names differ", put("name", "first", "Hans-Peter", on="e"))):
        e, _ = case("people-contradict", f"one tax id for two people, {why} (first)", put("period", {"from": "2025-01-01", "to": "2025-05-31"}))
        case("people-contradict", f"one tax id for two people, {why} (second)", both(
            put("period", {"from": "2025-06-01", "to": "2025-12-31"}), put("tax_id", e["tax_id"], on="e"), change))
    e, _ = warn("several-personnel-numbers", "one person, the name after a wedding and with an accent (first)", both(
        put("period", {"from": "2025-01-01", "to": "2025-05-31"}), values(l22a="2000.00", l23a="2000.00", l27="279.57", l25="2052.00", l26="480.00")))
    warn("several-personnel-numbers", "one person, the name after a wedding and with an accent (second)", both(
        put("period", {"from": "2025-06-01", "to": "2025-12-31"}), values(l22a="2000.00", l23a="2000.00", l27="279.57"), put("tax_id", e["tax_id"], on="e"),
        put("name", {"first": "Érika Maria", "last": "Neumann"}, on="e")))
    case("idnr-test", "a test number in a real run", None)
    CERTIFICATES[-1].update(x_expect=None)


def lines_against_lines():
    warn("short-time-within-15", "15a is more than 15", lambda e, c: c["values"].update({"15": "1000.00", "15a": "1000.01"}))
    case("soli-max", "5 is two cents above 5.5 % of 4", put("values", "5", "356.42"))
    case("pension-begin-missing", "8 and 29 without 30", lambda e, c: (
        e["employment"].update(kind="pensioner"), c.update(values={"3": "18000.00", "4": "310.00", "8": "18000.00", "29": "17400.00"})))
    case("no-certificate-due", "all amounts are zero", lambda e, c: c.update(values={"3": "0.00", "4": "0.00"}))
    case("soli-max", "5 above 5.5 % of 4, from entries of several wage types", instead(entries(
        (1, "1000", "4000.00"), (2, "1000", "4000.00"), (2, "1200", "10.00"), (1, "9100", "600.00"), (1, "9110", "60.00"))))
    case("no-certificate-due", "no amount at all", lambda e, c: c.update(values={}))
    taxes()
    insurance()
    features_and_facts()
    case("third-party", "a third party without a tax number", put("establishment", "THIRD"))
    case(None, "good: values", None)
    case(None, "good: amounts as JSON integer and as JSON real", lambda e, c: c["values"].update({"20": 84, "21": 120.5}))
    warn("soli-free", "good: a key beginning with x_ is ignored, 5 is one cent above 5.5 % of 4", lambda e, c: (
        c["values"].update({"5": "356.41"}), c.update(x_note="ignored"), e.update(x_note="ignored")))


def only_2024():
    """9 and 10 stand beside 3, their tax in 11 to 14; lower ceilings in the East; no 15a."""
    case("unknown-line", "a value on line 15a, which 2024 has not", put("values", "15a", "100.00"))
    case("reduced-soli-max", "12 is two cents above 5.5 % of 11", values(l10="20000.00", l11="4000.00", l12="220.02"))
    case("reduced-church-max", "13 is 13 cents above 9 % of 11", values(l10="20000.00", l11="4000.00", l13="360.13"))
    warn("reduced-tax-without-wage", "11 without 9 and 10", values(l11="4000.00"))
    warn("reduced-tax-above-wage", "11 is one cent above 45 % of 10", values(l10="1000.00", l11="450.01"))
    warn("severance-within-wage", "19 is one cent above 3", values(l19="48000.01"))
    east = both(put("establishment", "LEJ"), values(l3="90600.00", l4="17000.00", l6="1530.00", l25="5061.12", l26="1428.36", l22a="8314.20", l23a="8314.20", l27="1162.20"))
    warn("pension-insurance-east", "22a is one cent above the East's maximum", both(east, values(l22a="8314.21")))
    warn("unemployment-east", "27 is one cent above the East's maximum", both(east, values(l27="1162.21")))


def only_2026():
    """Private contributions are deduction features, not line 28."""
    amounts = lambda amount, frm="2025-01-01": lambda e, c: c.update({name: [{"valid_from": frm, "amount": amount}] for name in PRIVATE})
    private = both(put("facts", {"insurance": "private"}), values(l24b="4500.00", l24c="600.00", l25=None, l26=None))
    case("unused-line", "a value on line 28, unused in 2026", put("values", "28", "3000.00"))
    warn("private-amounts-missing", "24b, but no contributions among the deduction features", private)
    case(None, "good: four monthly contributions", both(private, amounts("750.00")))
    warn("private-amounts-statutory", "private contributions beside 25", amounts("750.00"))
    case("private-amounts-negative", "a contribution below zero", both(private, amounts("-0.01")))
    warn("private-amounts-later", "contributions that are valid after the period's end", both(
        private, amounts("750.00", "2025-10-01"), put("period", {"from": "2025-01-01", "to": "2025-09-30"})))


ONLY = {2024: only_2024, 2026: only_2026}
AMOUNT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]{2}")


def shifted(value, years):
    """Dates of the years around the form's, and years in words, so many years later."""
    if isinstance(value, dict):
        return {k: shifted(v, years) for k, v in value.items()}
    if isinstance(value, list):
        return [shifted(v, years) for v in value]
    return re.sub(r"\b202[456](?=\b|-)", lambda m: str(int(m[0]) + years), value) if isinstance(value, str) and not AMOUNT.fullmatch(value) else value


def carried(out, year, own):
    """The file of 2025 as another year's; the last so many certificates are that year's own, whose amounts stay."""
    law, new = Carry(year), shifted(out, year - BASE)
    new["year"] = year
    forms = HERE.parent / "templates" / out["form"] / str(year)
    severity = {r["id"]: r["severity"] for r in json.loads((forms / "rules.json").read_text(encoding="utf-8"))["rules"]}
    unused = {f["id"] for f in json.loads((forms / "template.json").read_text(encoding="utf-8"))["fields"] if f.get("type") == "unused"}
    known = {r["id"] for r in json.loads((forms.with_name(str(BASE)) / "rules.json").read_text(encoding="utf-8"))["rules"]}
    kept, last = [], len(new["certificates"]) - own
    for i, c in enumerate(new["certificates"]):
        rules = {c["x_expect"], *([c["x_warn"]] if isinstance(c.get("x_warn"), str) else c.get("x_warn") or [])} - {None}
        line = re.search(r"a value on line (\w+)", c["x_why"])
        if i < last and ((rules & known) - set(severity) or (c["x_expect"] == "unused-line" and line[1] not in unused) or "10 is one cent above" in c["x_why"] and year == 2024):
            continue        # the year has no such rule or line
        if severity.get(c["x_expect"]) == "warning":
            c["x_warn"], c["x_expect"] = c["x_expect"], None
        for key, amount in (c.get("values") or {}).items() if i < last else ():
            if isinstance(amount, str) and AMOUNT.fullmatch(amount):
                right = {"values": GOOD_VALUES, "facts": {}}
                c["values"][key] = str(law.scaled(key, D(amount), right) if amount == GOOD_VALUES.get(key) else law.changed_amount(key, D(amount), right))
        if i < last and year >= 2026 and not c["x_expect"] and "24b" in (c.get("values") or {}):
            c["x_warn"] = [c["x_warn"], "private-amounts-missing"]
        kept.append(c)
    numbers = {c.get("personnel_number") for c in kept}
    new["certificates"] = kept
    new["employees"] = [e for e in new["employees"] if e["personnel_number"] in numbers]
    return new


def write(out, *folders):
    place = HERE.joinpath(*folders)
    place.mkdir(parents=True, exist_ok=True)
    (place / "payroll.json").write_text(pretty(out) + "\n", encoding="utf-8")


def main():
    for part in (structure, amounts_and_dates, handles_and_links, texts_and_ids, lines_against_lines):
        part()
    write(payroll(), "rejects")
    base = len(CERTIFICATES), len(EMPLOYEES)
    for form in sorted((HERE.parent / "templates/de/lohnsteuerbescheinigung").glob("[0-9]*")):
        if int(form.name) != BASE:
            ONLY.get(int(form.name), lambda: None)()
            write(carried(payroll(), int(form.name), len(CERTIFICATES) - base[0]), form.name, "rejects")
            del CERTIFICATES[base[0]:], EMPLOYEES[base[1]:]


def payroll():
    number = tax_number("HE", "45", "815", "0815")
    return {
        "format": "taxcert/payroll/1", "form": "de/lohnsteuerbescheinigung", "year": 2025, "issue_date": "2026-01-28",
        "employer": {"name": "Musterbank Rhein-Main AG", "address": address("Am Mustertor 1|60311|Frankfurt am Main")},
        "establishments": [
            {"id": "FFM", "tax_number": number, "land": "HE", "tax_office": {"name": "Finanzamt Frankfurt am Main", "number": elster("HE", number)[:4]}},
            {"id": "MUC", "tax_number": "181/815/08155", "land": "BY", "tax_office": {"name": "Finanzamt München", "number": "9181"}},
            {"id": "BAD", "tax_number": "181/815/08156", "land": "BY", "tax_office": {"name": "Finanzamt München", "number": "9181"}},
            {"id": "THIRD", "tax_number": "181/815/08155", "land": "BY", "tax_office": {"name": "Finanzamt München", "number": "9181"},
             "third_party": {"name": "Musterkasse", "street": "Kassenweg 1", "postcode": "80331", "city": "München"}},
            {"id": "LEJ", "tax_number": "201/123/12340", "land": "SN", "tax_office": {"name": "Finanzamt Leipzig II", "number": "3201"}},
            {"id": "OFF", "tax_number": "181/815/08155", "land": "BY", "tax_office": {"name": "Finanzamt München", "number": "9143"}}],
        "declarations": [],
        "wage_types": {"1000": {"text": "Gehalt", "adds_to": ["3"]}, "1200": {"text": "Zulage", "adds_to": ["3"]}, "9100": {"text": "Lohnsteuer", "adds_to": ["4"]},
                       "9110": {"text": "Solidaritätszuschlag", "adds_to": ["5"]}},
        "employees": EMPLOYEES, "certificates": CERTIFICATES}


if __name__ == "__main__":
    main()
