#!/usr/bin/python3
"""The forms of 2026 and 2024 from that of 2025, by a list of changes in the law.

    python3 templates/make_years.py . [YEAR...]     writes templates/de/lohnsteuerbescheinigung/2026 and /2024 (and then RULES.md of all)

2025 is the form that is edited; after each change of it run this again. Everything is done on the text, line by line, so that
`diff -r` of two years shows the changes of the law and nothing else. Whatever is named here must be there: a rule or parameter that
has gone, or a parameter that is new and not decided on below, ends the script with its name.
"""
import json
import pathlib
import re
import subprocess
import sys

BASE = 2025

# name: (2024, 2026). Contributions: a month's amount rounded to the cent, times twelve.
FIGURES = {
    "soli_free": ("18130", "20350"),                        # § 3 SolzG
    "soli_free_splitting": ("36260", "40700"),
    "soli_children_tax": ("54390", "61050"),                # three times the limit
    "pension_insurance_max": ("8425.80", "9430.20"),        # 9.3 % of 7,550 and 8,450 a month
    "pension_insurance_month": ("702.15", "785.85"),
    "unemployment_max": ("1177.80", "1318.20"),             # 1.3 % of the same
    "unemployment_month": ("98.15", "109.85"),
    "health_subsidy_max": ("5061.12", "6103.08"),           # 7.3 % and half of 1.7 % and 2.9 %, of 5,175.00 and 5,812.50 a month
    "health_max": ("10122.24", "12206.16"),
    "health_ceiling": ("62100", "69750"),
    "care_subsidy_max": ("1055.76", "1255.56"),             # 1.7 % and 1.8 %
    "care_subsidy_max_saxony": ("745.20", "906.72"),        # 1.2 % and 1.3 %
    "care_max": ("2484.12", "2929.56"),             # 1.7 and 2.3 %, 1.8 and 2.4 %, each rounded
    "care_half_top": ("2.3%", "2.4%"),                      # with the surcharge of the childless
    "care_half_top_saxony": ("2.8%", "2.9%"),
    "care_whole_top": ("4.0%", "4.2%"),
    "care_subsidy_rate": ("1.7%", "1.8%"),
    "care_whole_least": ("2.4%", "2.6%"),                   # with five children: 1.0 less
    "care_half_least": ("0.65%", "0.75%"),                  # the same of the employee's part, a twentieth of a point for rounding
    "converted_pay": ("3624", "4056"),                      # 4 % of the pension ceiling, § 1 I 1 Nr. 9 SvEV
    "miner_employer_max": ("17186.40", "19219.20"),         # 15.4 % of 9,300 and 10,400 a month
    "miner_employee_max": ("10378.80", "11606.40"),         # 9.3 %
    "transition_difference": ("68.52", "74.25"),            # 18.6 % of F times mini_job_top, a cent more
    "mini_job_top": ("538", "603"),                         # § 8 Ia SGB IV: minimum wage 12.41 and 13.90
}
# The same in the three years.
SAME = set("""mini_job_household_rate minimum_lump_rate health_half_least care_child benefit_small tax_rate_first tax_rate_second
    tax_rate_usual tax_usual_month tax_least_share tax_least_free age_orphan soli_rate church_rate church_rate_south pension_employee_rate unemployment_rate health_half_top health_whole_top miner_employer_rate
    trainee_free transition_top turkish_allowance cent halves_slack rates_slack slack age_least age_full_time age_insured age_free age_most
    age_most_pensioner interruptions_month correction_years tax_rate_top untaxed_year untaxed_year_parent untaxed_year_most untaxed_month_second_job
    church_children_tax insured_month mini_job_base mini_job_employer_rate transition_shares_top transition_wage_top commuting_top meals_top
    household_top""".split())


class File:
    """A file of the form as text. Every change must apply."""

    def __init__(self, path):
        self.name, self.text = path.name, path.read_text(encoding="utf-8")

    def sub(self, old, new, count=1):
        """count None: wherever it stands, once at least."""
        found = self.text.count(old)
        assert found == count if count else found, f"{self.name}: {found} times: {old[:90]}"
        self.text = self.text.replace(old, new)

    def line(self, start, new=None):
        """Replaces or takes out the one line that begins so (blanks aside). The lines of a list keep their commas."""
        lines = self.text.split("\n")
        at = [i for i, x in enumerate(lines) if (x if start[0] == " " else x.strip()).startswith(start)]
        assert len(at) == 1, f"{self.name}: {len(at)} lines begin with {start}"
        i = at[0]
        if new is not None:
            lines[i] = new
        else:
            if not lines[i].endswith(",") and lines[i - 1].endswith(","):
                lines[i - 1] = lines[i - 1][:-1]
            del lines[i]
        self.text = "\n".join(lines)

    def after(self, start, *new):
        """Puts lines after the one that begins so; their commas are seen to."""
        lines = self.text.split("\n")
        at = [i for i, x in enumerate(lines) if (x if start[0] == " " else x.strip()).startswith(start)]
        assert len(at) == 1, f"{self.name}: {len(at)} lines begin with {start}"
        last = not lines[at[0]].endswith(",")
        new = [x if x.endswith(",") else x + "," for x in new]
        if last:
            lines[at[0]] += ","
            new[-1] = new[-1][:-1]
        lines[at[0] + 1:at[0] + 1] = new
        self.text = "\n".join(lines)


class Captions(File):
    """Two lists of the same keys: what was seen where, and the words. Changes are to the words, if `seen` is not said."""

    def split(self):
        at = self.text.index('  "captions": {')
        return self.text[:at], self.text[at:]

    def part(self, seen, change, start, *more):
        head, words = self.split()
        self.text = head if seen else words
        change(start, *more)
        self.text = self.text + words if seen else head + self.text

    def line(self, start, new=None, seen=False):
        self.part(seen, super().line, start, *([] if new is None else [new]))

    def after(self, start, *new, seen=False):
        self.part(seen, super().after, start, *new)

    def see(self, key, where):
        """Where the wording of the caption was seen in this year; None: nowhere."""
        start = f'"{key}":'
        head, _ = self.split()
        last = not [x for x in head.split("\n") if x.strip().startswith(start)][0].endswith(",")
        self.line(start, f'    {start} {json.dumps(where, ensure_ascii=False)}{"" if last else ","}', seen=True)


class Rules(File):
    def rule(self, ident):
        lines = [x for x in self.text.split("\n") if x.startswith(f'    {{"id": "{ident}",')]
        assert len(lines) == 1, f"rules.json: {len(lines)} rules {ident}"
        return lines[0]

    def drop(self, *idents):
        for ident in idents:
            self.rule(ident)
            self.line(f'{{"id": "{ident}",')

    def edit(self, ident, *pairs):
        old = new = self.rule(ident)
        for a, b in pairs:
            assert a in new, f"{ident}: not there: {a[:90]}"
            new = new.replace(a, b)
        self.text = self.text.replace(old, new)

    def add(self, after, *rules):
        self.after(f'{{"id": "{after}",', *["    " + r for r in rules])


def rule(ident, severity, group, at, when, assert_, de, en, source):
    """A rule's line."""
    quote = lambda text: text.replace('"', '\\"')
    places = f'"{at}"' if isinstance(at, str) else "[" + ", ".join(f'"{a}"' for a in at) + "]"
    condition = f'"when": "{quote(when)}", ' if when else ""
    return (f'{{"id": "{ident}", "severity": "{severity}", "group": "{group}", "at": {places}, {condition}"assert": "{quote(assert_)}", '
            f'"message": {{"de": "{quote(de)}", "en": "{quote(en)}"}}, "source": "{quote(source)}"}}')


def figures(template, year):
    """The parameters of the year."""
    body = re.search(r'"parameters": \{\n(.*?)\n  \}', template.text, re.S)
    names = re.findall(r'^    "([a-z0-9_]+)":', body[1], re.M)
    unknown = set(names) - set(FIGURES) - SAME
    assert not unknown, f"parameters that nothing says the other years' figures of: {sorted(unknown)}"
    for name in names:
        if name in FIGURES:
            template.text, count = re.subn(rf'("{name}": )"[^"]*"', rf'\g<1>"{FIGURES[name][0 if year == 2024 else 1]}"', template.text)
            assert count == 1, name


def year_in_words(f, year):
    """Titles, the form's year, the latest beginning of a pension, the decree with the year's social insurance figures."""
    template, rules, captions = f["template.json"], f["rules.json"], f["captions.de.json"]
    template.sub(f'"year": {BASE},', f'"year": {year},')
    template.sub(f'"most": {BASE}}}', f'"most": {year}}}', 2)  # line 30, and that of further pensions
    captions.sub(f"Ausdruck der elektronischen Lohnsteuerbescheinigung für {BASE}", f"Ausdruck der elektronischen Lohnsteuerbescheinigung für {year}")
    captions.sub(f"Lohnsteuerbescheinigungen für {BASE}", f"Lohnsteuerbescheinigungen für {year}")
    for plain in ("BMF 05.09.2024, BStBl I 1255", "SVBezGrV 2025", "BMF 20.02.2025, Muster 2025"):
        assert rules.text.count(plain) == 1, f"rules.json: {plain} stands in a source; there is a name for it in sources"
    rules.sub(f"SVBezGrV {BASE}", f"SVBezGrV {year}")


# ------------------------------------------------------------------------------------------------------------------------ 2026

AMOUNTS_2026 = (("private_health_subsidy", "Private Krankenversicherung, monatlicher Beitrag\\n(für den Arbeitgeberzuschuss)"),
                ("private_care_subsidy", "Private Pflege-Pflichtversicherung, monatlicher Beitrag\\n(für den Arbeitgeberzuschuss)"),
                ("private_health_lump_sum", "Private Krankenversicherung, monatlicher Beitrag\\n(für die Vorsorgepauschale)"),
                ("private_care_lump_sum", "Private Pflege-Pflichtversicherung, monatlicher Beitrag\\n(für die Vorsorgepauschale)"))
SHORT_2026 = ("Private KV (Zuschuss)", "Private PV (Zuschuss)", "Private KV (Vorsorgepauschale)", "Private PV (Vorsorgepauschale)")


SEEN_2026 = ("tax_class child_allowances annual_allowance annual_addition church_marks line.3 line.4 line.5 line.6 line.22a line.23a line.24a line.24c "
             "line.25 line.26 line.27").split()


def law_2026(f):
    template, rules, form, summary, captions = (f[n] for n in ("template.json", "rules.json", "form.json", "summary.json", "captions.de.json"))
    # Line 28 is gone: the minimum lump sum was abolished, private contributions are deduction features (notice of 29.08.2025).
    template.line('{"id": "28", "type": "money"}', '    {"id": "28", "type": "unused"},')
    form.line('{"number": "28.",', '      {"number": "28.", "caption": "unused"},')
    summary.line('{"field": "28",')
    captions.line('"line.28":')
    captions.line('"line.28":', seen=True)
    captions.line('"l.28":')
    rules.sub(", abs([28])", "", None)
    rules.sub("BMF 20.02.2025, Muster 2025", "BMF 29.08.2025, Muster 2026")
    # Their premium is not known as a sum of the year: three times the subsidies stand for it.
    rules.edit("no-tax", ("[28]", "3 * ([24b] + [24c])"))
    rules.sub("tax_least_share * ([3] - [28])", "tax_least_share * ([3] - 3 * ([24b] + [24c]))")
    template.line('"minimum_lump_rate":')
    # Four monthly amounts, each with a validity of its own; the page shows those of the last wage-payment period.
    groups = "".join(
        f'    {{"id": "{name}", "most": 24, "fields": [\n      {{"id": "valid_from", "type": "date", "required": true}},\n'
        f'      {{"id": "amount", "type": "money", "required": true}}\n    ]}},\n' for name, _ in AMOUNTS_2026)
    template.sub('    {"id": "internal", "most": 50', groups + '    {"id": "internal", "most": 50')
    tables = "".join(
        f'    {{"columns": [\n      {{"caption": "{name}", "show": "amount"}}\n    ], "group": "{name}", "order_by": "valid_from", "descending": true, '
        f'"until": "to", "overflow": "none", "attached": true, "at": [20, {168 + 7 * i}], "columns_at": [104.4], "width": 18, "style": "private"}},\n'
        for i, (name, _) in enumerate(AMOUNTS_2026))
    form.sub('    {"caption": "employer", "at": [20, 183]', tables + '    {"caption": "employer", "at": [20, 200]')
    form.sub('"at": [20, 187.4]', '"at": [20, 204.4]')
    form.after('"features": {"size": 7.5', '    "private": {"size": 7.5, "least": 6, "leading": 3},')
    captions.after('"church_marks":', *[f'    "{name}": "{words}",' for name, words in AMOUNTS_2026])
    captions.after('"church_marks":', *[f'    "{name}": null,' for name, _ in AMOUNTS_2026], seen=True)
    for key in SEEN_2026:
        captions.see(key, "two public witnesses of the form of 2026")
    captions.see("title", "a public design note on the form of 2026")
    captions.see("unused", "a public design note on the form of 2026")
    captions.see("features", "a public program that quotes the form of 2026")
    captions.see("employer", "a public design note on the form of 2026")
    captions.after('"k.church_marks":', *[f'    "k.{name}{part}": "{short}: {word}",' for (name, _), short in zip(AMOUNTS_2026, SHORT_2026)
                                          for part, word in ((".from", "gültig ab"), (".amount", "Monatsbetrag"))])
    summary.after('{"field": "church_marks", "group"', *[
        f'    {{"field": "{field}", "group": "{name}", "title": "k.{name}.{part}"}},' for name, _ in AMOUNTS_2026
        for field, part in (("valid_from", "from"), ("amount", "amount"))])
    present = " or ".join(f'any("{name}", [amount] > 0)' for name, _ in AMOUNTS_2026)
    later = " or ".join(f'any("{name}", [valid_from] > [to])' for name, _ in AMOUNTS_2026)
    negative = " or ".join(f'any("{name}", [amount] < 0)' for name, _ in AMOUNTS_2026)
    source = "§ 39 Abs. 4 Nr. 4, § 41b Abs. 1 Satz 2 Nr. 12 EStG; {sample}"
    rules.line('{"id": "private-without-28",', "    " + rule(
        "private-amounts-missing", "warning", "insurance and employment", "24b", "[24b] > 0", present,
        "Ein Zuschuss zur privaten Krankenversicherung (Zeile 24b) ist bescheinigt, aber die Lohnsteuerabzugsmerkmale enthalten keine Beiträge zur privaten "
        "Kranken- und Pflege-Pflichtversicherung; richtig nur, wo die ELStAM keine nennen (Versicherer im Ausland, Papierbescheinigung). Sonst bitte ergänzen.",
        "A subsidy to private health insurance (line 24b) is certified, but the deduction features hold no contributions to private health and care insurance; "
        "right only where ELStAM names none (insurer abroad, paper certificate). Otherwise add them.", source) + ",")
    rules.line('{"id": "private-beside-statutory",', "    " + rule(
        "private-amounts-statutory", "warning", "insurance and employment", "25", "[25] > 0 and not private and not health_part and not insurer_changed", f"not ({present})",
        "Die Lohnsteuerabzugsmerkmale enthalten Beiträge zur privaten Krankenversicherung, und in Zeile 25 stehen eigene Beiträge; richtig nur bei einem "
        "Wechsel der Versicherung im Jahr. Sonst bitte eines von beiden entfernen.",
        "The deduction features hold contributions to private health insurance, and line 25 holds own contributions; right only after a change of insurance "
        "in the year. Otherwise remove one of the two.", source) + ",")
    rules.add(
        "private-amounts-statutory",
        rule("private-amounts-negative", "error", "insurance and employment", "24b", "", f"not ({negative})",
             "Ein Beitrag zur privaten Kranken- oder Pflege-Pflichtversicherung bei den Lohnsteuerabzugsmerkmalen ist negativ; bitte den Monatsbetrag der "
             "ELStAM angeben, oder 0, wo er weggefallen ist.",
             "A contribution to private health or care insurance among the deduction features is negative; give the month's amount of ELStAM, or 0 "
             "where it has ended.", source),
        rule("private-amounts-later", "warning", "insurance and employment", "to", "", f"not ({later})",
             "Ein Beitrag zur privaten Kranken- oder Pflege-Pflichtversicherung gilt erst nach dem Bescheinigungszeitraum; bitte \"gültig ab\" prüfen, bescheinigt "
             "werden die des letzten Lohnzahlungszeitraums.",
             "A contribution to private health or care insurance is valid only after the certificate period; check \"valid from\": those of the last wage-payment "
             "period are certified.",
             source))


# ------------------------------------------------------------------------------------------------------------------------ 2024

CAPTIONS_2024 = {
    "line.3": "Bruttoarbeitslohn einschl. Sachbezüge ohne 9. und 10.",
    "line.9": "Ermäßigt besteuerte Versorgungsbezüge für mehrere\\nKalenderjahre",
    "line.10": "Ermäßigt besteuerter Arbeitslohn für mehrere Kalenderjahre\\n(ohne 9.) und ermäßigt besteuerte Entschädigungen",
    "line.15": "(Saison-)Kurzarbeitergeld, Zuschuss zum Mutterschaftsgeld,\\nVerdienstausfallentschädigung (Infektionsschutzgesetz),\\n"
               "Aufstockungsbetrag und Altersteilzeitzuschlag",
}
NEW_CAPTIONS_2024 = {
    "line.11": "Einbehaltene Lohnsteuer von 9. und 10.",
    "line.12": "Einbehaltener Solidaritätszuschlag von 9. und 10.",
    "line.13": "Einbehaltene Kirchensteuer des Arbeitnehmers von 9. und 10.",
    "line.14": "Einbehaltene Kirchensteuer des Ehegatten/Lebenspartners\\nvon 9. und 10. (nur bei Konfessionsverschiedenheit)",
    "line.19": "Steuerpflichtige Entschädigungen und Arbeitslohn für\\nmehrere Kalenderjahre, die nicht ermäßigt besteuert wurden\\n- in 3. enthalten",
    "line.33": "Ausgezahltes Kindergeld",
}
SEEN_2024 = "line.period line.2.U line.3 line.4 line.5 line.6 line.8 line.9 line.11 line.12 line.13 line.19 line.28 line.29 line.30 line.31 line.32".split()
COLUMNS_2024 = {"11": "Lohnsteuer von 9. und 10.", "12": "Solidaritätszuschlag von 9. und 10.", "13": "Kirchensteuer AN von 9. und 10.",
                "14": "Kirchensteuer Ehegatte von 9. und 10.", "19": "Nicht ermäßigte Entschädigungen in 3."}


def law_2024(f):
    template, rules, form, summary, captions = (f[n] for n in ("template.json", "rules.json", "form.json", "summary.json", "captions.de.json"))
    # The forerunner of the ministry's letter.
    rules.sub("BMF 05.09.2024, BStBl I 1255", "BMF 09.09.2019, BStBl I 911")
    rules.line('"sample": ')
    # 9 and 10 stand beside 3, their tax in 11 to 14; 19 is used; there is no 15a.
    for line in ("9", "10"):
        template.line(f'    {{"id": "{line}", "type": "money"}}', f'    {{"id": "{line}", "type": "money", "control": true}},')
    for line in ("11", "12", "13", "14"):
        template.line(f'{{"id": "{line}", "type": "unused"}}', f'    {{"id": "{line}", "type": "money", "control": true}},')
        form.line(f'{{"number": "{line}.",', f'      {{"number": "{line}.", "caption": "line.{line}", "show": "{line}"}},')
    template.line('{"id": "19", "type": "unused"}', '    {"id": "19", "type": "money"},')
    form.line('{"number": "19.",', '      {"number": "19.", "caption": "line.19", "show": "19"},')
    form.line('{"number": "33.",', '      {"number": "33.", "caption": "line.33"},')
    form.sub('"padding": 1.65, "ascent": 2,', '"padding": 1.46, "ascent": 1.95,')       # four captions are a line longer each
    template.line('{"id": "15a",')
    form.line('{"number": "15a.",')
    summary.line('{"field": "15a",')
    captions.line('"line.15a":')
    captions.line('"line.15a":', seen=True)
    captions.line('"l.15a":')
    for key, words in CAPTIONS_2024.items():
        captions.line(f'"{key}":', f'    "{key}": "{words}",')
    for key, words in NEW_CAPTIONS_2024.items():
        before = {"line.11": "line.10", "line.19": "line.18", "line.33": "line.32"}.get(key) or f"line.{int(key[5:]) - 1}"
        captions.after(f'"{before}":', f'    "{key}": "{words}",')
        captions.after(f'"{before}":', f'    "{key}": null,', seen=True)
    captions.line('"unused":', seen=True)
    captions.line('"unused":')
    for key in SEEN_2024:
        captions.see(key, "a public list of the form of 2023 and 2024")
    for key in ("title", "major", "minor", "line.10", "line.15", "line.14", "line.33"):
        captions.see(key, {"title": "as on certificates of 2025", "major": "as on certificates of 2025", "minor": "as on certificates of 2025"}.get(key))
    captions.see("sentence", None)              # older prints say "übertragen"
    for line, words in COLUMNS_2024.items():
        before = {"11": "10", "19": "18"}.get(line) or str(int(line) - 1)
        captions.after(f'"l.{before}":', f'    "l.{line}": "{words}",')
        summary.after(f'{{"field": "{before}",', f'    {{"field": "{line}", "number": "{line}.", "title": "l.{line}", "width": 14}},')
    # What was declared holds both taxes.
    summary.sub('"sum": ["4"]', '"sum": ["4", "11"]')
    summary.sub('"sum": ["5"]', '"sum": ["5", "12"]')
    summary.sub('"sums": ["6", "7"]', '"sums": ["6", "7", "13", "14"]')
    rules_2024(rules)


def rules_2024(rules):
    eight, nine = "pension", "pensions"
    letter = "{letter}"
    rules.sub(", abs([15a])", "", None)
    rules.sub("abs([10])", "abs([10]), abs([11]), abs([12]), abs([13]), abs([14])", None)
    rules.sub("abs([18])", "abs([18]), abs([19])", None)
    rules.edit("negative-amount", ('"10", ', '"10", "11", "12", "13", "14", '), ('"18", ', '"18", "19", '))
    rules.edit("correction-withheld-tax", ('"changed": ["4", "5", "6", "7"]', '"changed": ["4", "5", "6", "7", "11", "12", "13", "14"]'),
               ("(Zeilen 4 bis 7)", "(Zeilen 4 bis 7 und 11 bis 14)"), ("(lines 4 to 7)", "(lines 4 to 7 and 11 to 14)"))
    # The older letter wants the ticket where that is technically possible.
    rules.line('{"id": "transfer-ticket-missing",', "    " + rule(
        "transfer-ticket-missing", "warning", "person and period", "transfer_ticket", "not [draft]", "present([transfer_ticket])",
        "Das Transferticket fehlt, es ist anzugeben, wenn es technisch möglich ist; bitte nach der Übermittlung aus dem Verarbeitungsprotokoll ergänzen.",
        "The transfer ticket is missing, which must be stated where technically possible; after the transmission take it from the processing protocol.",
        letter) + ",")
    # The record of a correction says its ground from 2025 on.
    rules.drop("correction-ground")
    # Short-time pay is somewhere in 15.
    rules.drop("short-time-within-15", "kug-beside-negative")
    rules.sub("[15a]", "[15]", None)
    rules.sub("Kurzarbeitergeld in Zeile 15a", "Kurzarbeitergeld in Zeile 15", None)
    rules.sub("short-time pay on line 15a", "short-time pay on line 15", None)
    # 9 and 10 are no parts of 3; 19 is one.
    rules.drop("pension-several-within")
    rules.edit("severance-within-wage", ('"10"', '"19"'), ("[10]", "[19]"), ("Arbeitslohn für mehrere Jahre und Entschädigungen (Zeile 10)", "Entschädigungen und Arbeitslohn für mehrere Jahre (Zeile 19)"),
               ("Wage for several years and compensation (line 10)", "Compensation and wage for several years (line 19)"))
    rules.edit("parts-within-wage", ('"at": "10"', '"at": "19"'), (f" and {nine} <= [3] and [10] <= [3]", " and [19] <= [3]"),
               (f"max({eight}, 0) + max({nine}, 0) + max([10], 0)", f"max({eight}, 0) + max([19], 0)"),
               ("Die Zeilen 8, 9 und 10 sind", "Die Zeilen 8 und 19 sind"), ("sie enthalten sind (9 ist nicht in 8 enthalten, 10 nicht in 9);", "sie enthalten sind (19 ist nicht in 8 enthalten);"),
               ("Lines 8, 9 and 10 are", "Lines 8 and 19 are"), ("contains them (9 is not contained in 8, 10 not in 9);", "contains them (19 is not contained in 8);"))
    rules.sub("[3] - pension - pensions - [10]", "[3] - pension - [19]")
    rules.edit("transition-wage", ("[3] - [10]", "[3] - [19]"))
    rules.sub("max([3], 0) + max([15], 0) + [17]", "max([3], 0) + max([10], 0) + max([15], 0) + [17]", None)
    rules.sub("(Zeilen 3, 15, 17 und 18", "(Zeilen 3, 10, 15, 17 und 18", None)
    rules.sub("(lines 3, 15, 17 and 18", "(lines 3, 10, 15, 17 and 18", None)
    rules.sub("(Zeile 3 ohne 10)", "(Zeile 3 ohne 19)")
    rules.sub("(line 3 without 10)", "(line 3 without 19)")
    # What holds of 4 to 7 holds of 11 to 14.
    rules.edit("church-without-mark", ("[6] == 0 and [7] == 0", "[6] == 0 and [7] == 0 and [13] == 0 and [14] == 0"))
    rules.edit("church-spouse", ("[7] != 0", "[7] != 0 or [14] != 0"))
    rules.edit("church-spouse-land", ("[7] == 0", "[7] == 0 and [14] == 0"))
    tax = "§ 39b Abs. 3 Satz 9 EStG; " + letter
    months = "(month([to]) - month([from]) + 1)"
    rules.add(
        "soli-max",
        rule("reduced-soli-max", "error", "tax", "12", "", "[12] <= soli_rate * [11] + cent",
             "Der Solidaritätszuschlag (Zeile 12) ist höher als {soli_rate} der Lohnsteuer (Zeile 11); bitte Zeilen 11 und 12 prüfen.",
             "The solidarity surcharge (line 12) is more than {soli_rate} of the wage tax (line 11); check lines 11 and 12.", "§ 4 SolzG 1995"))
    rules.add(
        "church-max",
        rule("reduced-church-max", "error", "tax", "13", "[11] >= 0 and [from] <= [to]", f"[13] + [14] <= church_rate * [11] + cent * {months}",
             "Die Kirchensteuer (Zeilen 13 und 14 zusammen) ist höher als {church_rate} der Lohnsteuer (Zeile 11); bitte diese Zeilen prüfen.",
             "Church tax (lines 13 and 14 together) is more than {church_rate} of the wage tax (line 11); check these lines.",
             "Kirchensteuergesetze der Länder"))
    rules.add(
        "tax-above-wage",
        rule("reduced-tax-without-wage", "warning", "tax", "11", "[11] > 0", "[9] + [10] != 0",
             "Lohnsteuer ist bescheinigt (Zeile 11), aber weder Versorgungsbezüge (Zeile 9) noch Arbeitslohn oder Entschädigung (Zeile 10), von denen sie einbehalten "
             "ist; bitte diese ergänzen oder Zeile 11 leeren.",
             "Wage tax is certified (line 11), but neither a pension (line 9) nor wage or compensation (line 10) from which it was withheld; add them, or empty "
             "line 11.", tax),
        rule("reduced-tax-above-wage", "warning", "tax", "11", "[9] + [10] > 0 and [11] > 0", "[11] <= tax_rate_top * ([9] + [10])",
             "Die Lohnsteuer (Zeile 11) ist höher als der höchste Steuersatz von {tax_rate_top} auf die Zeilen 9 und 10, deren Lohnsteuer sie ist; bitte prüfen, ob "
             "Beträge vertauscht sind.",
             "The wage tax (line 11) is more than the top rate of {tax_rate_top} of lines 9 and 10, whose wage tax it is; check whether amounts are exchanged.", tax))
    # Until 2024 the pension and unemployment ceilings were lower in the East.
    east = '([land] == "BB" or [land] == "MV" or [land] == "SN" or [land] == "ST" or [land] == "TH") and not [miner]'
    rules.add(
        "pension-insurance-employee-months",
        rule("pension-insurance-east", "warning", "contributions", ["22a", "23a"], east + " and [*] <= pension_insurance_max", "[*] <= pension_insurance_max_east",
             "Der Beitrag zur Rentenversicherung übersteigt den Jahreshöchstbetrag im Osten von {pension_insurance_max_east} EUR; richtig nur bei einer "
             "Beschäftigung, die zum Teil im Westen war, oder nach der Märzklausel. Sonst bitte die Zeile prüfen.",
             "The contribution to pension insurance exceeds the year's maximum in the East of {pension_insurance_max_east} EUR; right only where the employment "
             "was partly in the West, or under the March clause. Otherwise check the line.", "§§ 157 bis 159, 275a SGB VI; {limits}"))
    rules.add(
        "unemployment-months",
        rule("unemployment-east", "warning", "contributions", "27", east + " and [27] <= unemployment_max", "[27] <= unemployment_max_east",
             "Der Beitrag zur Arbeitslosenversicherung (Zeile 27) übersteigt den Jahreshöchstbetrag im Osten von {unemployment_max_east} EUR; richtig nur bei einer "
             "Beschäftigung, die zum Teil im Westen war, oder nach der Märzklausel. Sonst bitte Zeile 27 prüfen.",
             "The contribution to unemployment insurance (line 27) exceeds the year's maximum in the East of {unemployment_max_east} EUR; right only where the "
             "employment was partly in the West, or under the March clause. Otherwise check line 27.", "§ 341 SGB III; {limits}"))


FIGURES_2024 = {"pension_insurance_max_east": "8314.20", "unemployment_max_east": "1162.20"}    # 9.3 % and 1.3 % of 7,450 a month


def derive(forms, year):
    f = {p.name: {"rules.json": Rules, "captions.de.json": Captions}.get(p.name, File)(p) for p in sorted((forms / str(BASE)).glob("*.json"))}
    figures(f["template.json"], year)
    year_in_words(f, year)
    (law_2024 if year == 2024 else law_2026)(f)
    for name, number in (("cent", "0.01"), ("tax_rate_top", "0.45")):      # where the project has no such parameter yet
        if f'"{name}":' not in f["template.json"].text:
            f["rules.json"].text = re.sub(rf"\b{name}\b", number, f["rules.json"].text)
    if year == 2024:
        f["template.json"].after('"unemployment_month":', *[f'    "{k}": "{v}",' for k, v in FIGURES_2024.items()])
    folder = forms / str(year)
    folder.mkdir(exist_ok=True)
    for name, file in f.items():
        (folder / name).write_text(file.text, encoding="utf-8")


def main():
    project = pathlib.Path(sys.argv[1])
    forms = project / "templates/de/lohnsteuerbescheinigung"
    for year in map(int, sys.argv[2:] or ("2026", "2024")):
        derive(forms, year)
    subprocess.run([sys.executable, str(project / "templates/make_rules.py")], check=True)


if __name__ == "__main__":
    main()
