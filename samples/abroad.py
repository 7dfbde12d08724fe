"""What the samples of other countries' forms share: people, files, and records that break a rule. Each country's own numbers are worked out in make_<country>.py."""
import copy
import json
import pathlib
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal as D

HERE = pathlib.Path(__file__).resolve().parent
CENT = D("0.01")


def cents(amount):
    return D(amount).quantize(CENT, ROUND_HALF_UP)


def floor(amount, step="0.01"):
    return D(amount).quantize(D(step), ROUND_DOWN)


def dump(path, data):
    """A record a line, so that a difference is read by people."""
    parts = []
    for key, value in data.items():
        rows = isinstance(value, list) and value and isinstance(value[0], dict)
        text = "[\n" + ",\n".join("    " + json.dumps(v, ensure_ascii=False) for v in value) + "\n  ]" if rows else json.dumps(value, ensure_ascii=False)
        parts.append(f"  {json.dumps(key)}: {text}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")


def person(number, first, last, born, address, country, hired="2018-03-01", left=None, **more):
    street, postcode, city = address.split("|")
    return {"personnel_number": number, **more, "name": {"first": first, "last": last}, "birth_date": born,
            "address": {"street": street, "postcode": postcode, "city": city, "country": country},
            "employment": {"from": hired, "to": left}, "cost_centre": "100" if int(number) % 2 else "200", "delivery": "print", "no_certificate_reason": None}


class Rejects:
    """Copies of a good record, each with one thing changed; every copy is a person of its own."""

    def __init__(self, head, employee, certificate, identify):
        self.head, self.employee, self.certificate, self.identify = head, employee, certificate, identify
        self.employees, self.certificates = [], []

    def add(self, error, warning, why, change=None):
        """change(employee, certificate). error, warning: the rule that must refuse it, the rules that must warn."""
        n = len(self.certificates) + 1
        e, c = copy.deepcopy(self.employee), copy.deepcopy(self.certificate)
        e["personnel_number"] = c["personnel_number"] = str(9000 + n)
        e["name"]["last"] += f"-{chr(64 + (n - 1) // 26 + 1)}{chr(65 + (n - 1) % 26)}"
        self.identify(e, n)
        c.update(id=f"R-{9000 + n}", x_expect=error, x_why=why)
        if change:
            change(e, c)
        if warning:
            c["x_warn"] = warning
        self.employees.append(e)
        self.certificates.append(c)
        return e, c

    def twin(self, like, error, warning, why, change=None):
        """A further certificate of the same person."""
        c = copy.deepcopy(like)
        c.update(id=like["id"] + "-2", x_expect=error, x_why=why)
        c.pop("x_warn", None)
        if warning:
            c["x_warn"] = warning
        if change:
            change(None, c)
        self.certificates.append(c)
        return c

    def write(self, folder):
        dump(HERE / folder / "rejects/payroll.json", {**self.head, "employees": self.employees, "certificates": self.certificates})


def put(**values):
    """Changes values; keys begin with v, for most are numbers; None takes one out."""
    def change(e, c):
        for key, amount in values.items():
            key = key[1:].replace("_", ".")
            c["values"].pop(key, None)
            if amount is not None:
                c["values"][key] = amount
    return change


def facts(**more):
    return lambda e, c: c["facts"].update(more)


def both(*changes):
    def change(e, c):
        for one in changes:
            one(e, c)
    return change


def of(part, **more):
    """Changes keys of the employee ("e"), the certificate ("c"), or one of their objects ("address", "period")."""
    def change(e, c):
        ({"e": e, "c": c}.get(part) if part in "ec" else e[part] if part in (e or {}) else c[part]).update(more)
    return change
