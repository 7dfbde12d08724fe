"""A table of cases of 2025 as one of another year: dates, rates, ceilings and lines changed as the law did.

What an amount of 2025 is, is told by the amount: a maximum becomes the year's maximum (and a cent above it a cent above), a contribution
is scaled by its rate, what lies above another year's ceiling is cut there. A falsified copy's amounts are changed likewise, and those that
are another line's become that line's. Where a line means something else, the change of the law stands in LINES_2024 and LINES_2026.
"""
import copy
import re
from decimal import Decimal as D

from rates import YEARS, half_up, pct

BASE = 2025
PRIVATE = ("private_health_subsidy", "private_care_subsidy", "private_health_lump_sum", "private_care_lump_sum")
# Rules of 2025 that another year has not, or has another in place of: None where the case says nothing there.
RULES = {2024: {"short-time-within-15": None, "kug-beside-negative": None, "pension-several-within": None, "correction-ground": None},
         2026: {"private-without-28": "private-amounts-missing", "private-beside-statutory": "private-amounts-statutory"}}
# Falsified copies whose amounts follow from no rule of thumb: (case, why): values.
INSTEAD = {2024: {("leaver", "each within the wage, together not"): {"8": "12000.00", "19": "12000.00", "29": "12000.00", "30": 2019},
                  ("saxony", "what is left after the subsidy"): {"26": "1000.00"},
                  # nothing stands beside line 3 in 2025's sense
                  ("severance-high", "class III, 4 a hundredth"): None, ("pension-and-back-pay", "9 stands in 8 too"): None,
                  ("pension-civil", "began in the year of birth"): {"30": 1951}}}


def maxima(year, months):
    """Amounts that mean the most there is in so many months."""
    whole = D("14.6") + year.extra
    out = {"23a": 12 * pct(year.rv_month, "9.3"), "27": 12 * pct(year.rv_month, "1.3"), "24a": 12 * pct(year.kv_month, whole / 2),
           "24c": 12 * pct(year.kv_month, year.care), "24c saxony": 12 * pct(year.kv_month, year.care_employer_saxony),
           "25": 24 * pct(year.kv_month, whole / 2), "26": 12 * (pct(year.kv_month, year.care) + pct(year.kv_month, year.care + D("0.6"))), "26 both": 24 * pct(year.kv_month, year.care),
           "26 own": 12 * pct(year.kv_month, year.care + D("0.6")), "26 saxony": 12 * pct(year.kv_month, 2 * year.care)}
    return {k: v * months / 12 for k, v in out.items()}


class Carry:
    def __init__(self, year):
        self.year, self.old, self.new = year, YEARS[BASE], YEARS[year]
        pairs = [(a, b) for months in (12, 6) for a, b in zip(maxima(self.old, months).values(), maxima(self.new, months).values())]
        self.most = [(half_up(a), half_up(b)) for a, b in pairs]

    def near(self, amount):
        """An amount within a few cents of a maximum is as many cents from the year's; None where it is near none."""
        return next((b + amount - a for a, b in self.most if abs(amount - a) <= D("0.15")), None)

    def date(self, text):
        return text and (text if text < "1902" else str(int(text[:4]) + self.year - BASE) + text[4:])

    def scaled(self, line, amount, case):
        """An amount of the line by the year's rates; case says land and wage."""
        old, new = self.old, self.new
        if self.near(amount) is not None:
            return self.near(amount)
        if line == "25" or line == "24a" and case["facts"].get("insurance") == "voluntary":
            dearest = D(case["values"].get("3") or 0) * D("9.5") / 100 * (1 if line == "24a" else 2)    # a fund of 4.4 % additional rate
            return half_up(min(amount * (D("14.6") + new.extra) / (D("14.6") + old.extra), max(dearest, amount)))
        if line == "24c" and case["facts"].get("insurance") == "voluntary":
            return min(half_up(amount * new.care / old.care), 12 * pct(new.kv_month, new.care))
        if line == "26":
            rates = [(o + x, n + x) for o, n in ((old.care, new.care), (2 * old.care, 2 * new.care), (2 * old.care - old.care_employer_saxony,
                     2 * new.care - new.care_employer_saxony)) for x in (D(0), D("0.6"))]
            base = sum(D(case["values"].get(k) or 0) for k in ("3", "15")) or D(1)
            health = D(case["values"].get("25") or 0)
            rate = amount / health * (D("14.6") + old.extra) / 2 if health and case["facts"].get("insurance") == "statutory" and "8" not in case["values"] else amount * 100 / base
            o, n = min(rates, key=lambda r: abs(rate - r[0]))
            return half_up(amount * n / o)
        return amount

    def cut(self, line, amount, case, months):
        """No contribution of a right certificate is above the year's ceiling."""
        rate = {"22a": "9.3", "23a": "9.3", "22b": "9.3", "23b": "9.3", "27": "1.3"}.get(line)
        if rate and case["facts"].get("miner") and line != "27":
            return min(amount, months * pct(self.new.miner_month, "15.4" if line == "22a" else "9.3"))
        return min(amount, months * pct(self.new.pension_month(case["land"]), rate)) if rate else amount

    def right(self, case):
        case, year = copy.deepcopy(case), self.new
        person, values = case["person"], case["values"]
        for key in ("birth_date", "from", "to"):
            person[key] = self.date(person[key])
        months = int(case["period"][1][:2]) - int(case["period"][0][:2]) + 1
        for line, amount in list(values.items()):
            if isinstance(amount, str) and line[:2] in ("22", "23", "24", "25", "26", "27"):
                values[line] = str(self.cut(line, self.scaled(line, D(amount), case), case, months))
        if isinstance(case["features"], list):
            for row in case["features"]:
                row["valid_from"] = self.date(row["valid_from"])
        if case["facts"].get("transition_zone") and D(values["3"]) / months <= 2000:
            self.zone(case, months)
        if "30" in values:
            values["30"] += self.year - BASE
        if "5" in values or D(values.get("4") or 0) > self.old.soli_free * D("0.9"):
            features = case["features"][-1] if isinstance(case["features"], list) else case["features"]
            values["5"] = str(year.soli(D(values["4"]), features["tax_class"]))
        self.lines(case)
        return case

    def zone(self, case, months):
        values, year = case["values"], self.new
        total, own = year.zone(D(values["3"]) / months)
        share = pct(own, "9.3")
        values.update({"23a": str(months * share), "22a": str(months * (2 * pct(total, "9.3") - share))})
        for line, rate in (("25", (D("14.6") + year.extra) / 2), ("26", year.care_rates(case["land"], None)[0]), ("27", D("1.3"))):
            if line in values:
                values[line] = str(months * pct(own, rate))

    def lines(self, case):
        """Lines that mean something else."""
        values = case["values"]
        if self.year == 2024:
            values.pop("15a", None)
            beside = sum(D(values.get(k) or 0) for k in ("9", "10"))
            if beside and values.get("3"):
                whole = D(values["3"])
                for line, tax in (("4", "11"), ("5", "12"), ("6", "13"), ("7", "14")):
                    if values.get(line):
                        values[tax] = str(half_up(D(values[line]) * beside / whole))
                        values[line] = str(D(values[line]) - D(values[tax]))
                values["3"] = str(whole - beside)
        if self.year >= 2026:
            premium = values.pop("28", None)
            if premium and (case["facts"].get("insurance") == "private" or "24b" in values):
                case.update(self.amounts(case))

    def amounts(self, case):
        """Monthly contributions of the privately insured: twice the subsidy, and of the lump sum four fifths of that."""
        values, first = case["values"], f"{self.year}-{case['period'][0]}"
        monthly = [half_up(D(values.get(k) or 0) / 6) for k in ("24b", "24c")]
        return {name: [{"valid_from": first, "amount": str(amount)}]
                for name, amount in zip(PRIVATE, monthly + [half_up(m * D("0.8")) for m in monthly])}

    def falsified(self, one, right, carried):
        """right: the case of 2025 that it is a copy of; carried: that case as carried over. None: the year has no such rule."""
        rules = [RULES.get(self.year, {}).get(r, r) for r in one["rules"]]
        if None in rules:
            return None
        change = copy.deepcopy(one["change"])
        for key, date in change.get("person", {}).items():
            if isinstance(date, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", date):
                change["person"][key] = self.date(date)
        values = change.get("values", {})
        for line, amount in list(values.items()):
            same = next((k for k, v in right["values"].items() if v == amount and k[:2] in ("22", "23", "24", "25", "26", "27")), None)
            if same in carried["values"] and line[:2] in ("22", "23", "24", "25", "26", "27"):
                values[line] = carried["values"][same]
            elif isinstance(amount, str):
                values[line] = str(self.changed_amount(line, D(amount), right))
        self.changed_lines(change, values, one, carried)
        if (one["of"], one["why"]) in INSTEAD.get(self.year, {}):
            if INSTEAD[self.year][one["of"], one["why"]] is None:
                return None
            change["values"] = INSTEAD[self.year][one["of"], one["why"]]
        return {**one, "rules": rules, "change": change}

    def changed_amount(self, line, amount, right):
        """Amounts near or above a maximum lie as near to the year's."""
        if self.near(amount) is not None:
            return self.near(amount)
        old, new = maxima(self.old, 12), maxima(self.new, 12)
        top = {"22a": "23a", "22b": "23a", "23a": "23a", "23b": "23a", "27": "27", "24a": "24a", "24b": "24a", "24c": "24c"}.get(line)
        near = top and amount > old[top] * D("0.9")
        if right["facts"].get("miner") or not near:
            return amount
        return half_up(amount * new[top] / old[top])

    def changed_lines(self, change, values, one, carried):
        if self.year == 2024:
            values.pop("15a", None)
        if self.year >= 2026 and "28" in values:
            lost = values.pop("28") is None
            change.update({name: [] for name in PRIVATE} if lost and "private-without-28" in one["rules"] else
                          {} if lost else self.amounts({**carried, "values": {"24b": "6000.00", "24c": "900.00"}}))

    def table(self, table):
        named = {c["name"]: c for c in table["right"]}
        right = {name: self.right(c) for name, c in named.items()}
        falsified = [self.falsified(f, named[f["of"]], right[f["of"]]) for f in table["falsified"]]
        return {"right": list(right.values()), "falsified": [f for f in falsified if f]}


def carry(table, year):
    return Carry(year).table(table)
