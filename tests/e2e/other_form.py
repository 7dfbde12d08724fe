"""Country, form, year and every id are data: the German folder copied to another country, form and year, with every
field, group, parameter, identifier, rule and caption renamed, gives the same certificates and totals under the new names.

Usage: other_form.py TAXCERT SOURCE_DIR"""
import glob, json, os, re, shutil, sqlite3, subprocess, sys, tempfile

program, source = sys.argv[1:3]
german = os.path.join(source, "templates/de/lohnsteuerbescheinigung/2025")
load = lambda name: json.load(open(os.path.join(german, name)))
template, rules, form, summary, captions = (load(n) for n in ("template.json", "rules.json", "form.json", "summary.json",
                                                              "captions.de.json"))
names = {}  # old -> new, for each kind of name


def new(kind, old):
    return names.setdefault(kind, {}).setdefault(old, f"{kind}{len(names.get(kind, {})) + 1}")


def rename_field(field):
    old = field["id"]
    if field.get("in", "values") not in ("values",) and "path" not in field:
        field["path"] = old  # the input format's own keys stay
    field["id"] = new("field", old)


for field in template["fields"]:
    if "fields" in field:
        for column in field["fields"]:
            rename_field(column)
            column.pop("path", None)
        field["id"] = new("group", field["id"])
    else:
        rename_field(field)
template["person"] = names["field"][template["person"]]
template["fixed"] = [names["field"][f] for f in template["fixed"]]
for key in "channel", "mailbox", "postcode", "country", "cost_centre":
    template["delivery"][key] = names["field"][template["delivery"][key]]
template["delivery"]["address"] = [[names["field"][f] for f in line] for line in template["delivery"]["address"]]
for key in "names", "needed":
    template["delivery"][key] = [names["field"][f] for f in template["delivery"][key]]
template["period"] = [names["field"][p] for p in template["period"]]
for kind, key in ("par", "parameters"), ("ident", "identifiers"):
    template[key] = {new(kind, k): v for k, v in template[key].items()}


template["delivery"]["postcodes"] = names["ident"][template["delivery"]["postcodes"]]


def expression(text):
    text = re.sub(r"\[([^\]]+)\]", lambda m: m[0] if m[1] == "*" else f"[{names['field'][m[1]]}]", text)
    text = re.sub(r'"([^"]*)"', lambda m: f'"{names["ident"].get(m[1], names["group"].get(m[1], m[1]))}"', text)
    return re.sub(r'"[^"]*"|\b(' + "|".join(names["par"]) + r")\b", lambda m: names["par"][m[1]] if m[1] else m[0], text)


names["par"].update({term: f"term{i}" for i, term in enumerate(rules["terms"])})
rules["terms"] = {names["par"][term]: expression(text) for term, text in rules["terms"].items()}
for rule in rules["rules"]:
    rule["message"] = {k: re.sub(r"\{(\w+)\}", lambda m: "{" + names["par"][m[1]] + "}", text) for k, text in rule["message"].items()}
    rule["id"] = new("rule", rule["id"])
    rule["at"] = [names["field"][f] for f in rule["at"]] if isinstance(rule["at"], list) else names["field"][rule["at"]]
    for key in "each", "also":
        if key in rule:
            rule[key] = names["group"][rule[key]]
    for key in "changed", "only", "kept", "agree":
        if key in rule:
            rule[key] = [names["field"][f] for f in rule[key]]
    for key in "when", "assert":
        if key in rule:
            rule[key] = expression(rule[key])


PREFIXES = {"country.": "land.", "kind.": "sort.", "land.": "region."}  # of the captions that are found by a value


def caption(key):
    for old, renamed in PREFIXES.items():
        if key.startswith(old):
            return renamed + key[len(old):]
    return new("caption", key)


def show(value):
    if isinstance(value, str):
        return names["field"][value]
    parts = lambda p: {"caption": caption(p["caption"])} if "caption" in p else dict(p, field=names["field"][p["field"]])
    return [parts(p) if isinstance(p, dict) else p for p in value]


def element(e):
    for key in list(e):
        if key in ("caption", "major_caption", "minor_caption"):
            e[key] = caption(e[key])
        elif key == "none":
            e[key] = {part: caption(words) for part, words in e[key].items()}
        elif key in ("show", "text", "or"):
            e[key] = show(e[key])
        elif key == "stack":
            e[key] = [{part: show(v) for part, v in s.items()} if isinstance(s, dict) else show(s) for s in e[key]]
        elif key in ("pairs", "columns", "table"):
            e[key] = [element(x) for x in e[key]]
        elif key == "group":
            e[key] = names["group"][e[key]]
        elif key in ("order_by", "until"):
            e[key] = names["field"][e[key]]
    return e


letter = load("letter.json")
letter.update(title=caption(letter["title"]), country_captions="land.")
for page in form, letter:
    page["elements"] = [element(e) for e in page["elements"]]
form["country_captions"] = "land."
for part in [template, *template["fields"]]:
    if "title" in part:
        part["title"] = caption(part["title"])
for part in summary["changes"]:
    part.update(title=caption(part["title"]), field=names["field"][part["field"]])
    if "group" in part:
        part["group"] = names["group"][part["group"]]
reconciliation = summary["reconciliation"]
for part in summary["sheets"] + summary["columns"] + summary["groups"] + reconciliation["shown"] + reconciliation["codes"]:
    for key in "title", "note":
        if key in part:
            part[key] = caption(part[key])
    for key in "field", "text":
        if key in part:
            part[key] = names["field"][part[key]]
    if "group" in part:
        part["group"] = names["group"][part["group"]]
    if "values" in part:
        part["values"] = PREFIXES[part["values"]]
    if "name" in part:
        part["name"] = new("name", part["name"]).replace("name", "name_")
    if "code" in part:
        part["code"] = new("code", part["code"])
    if "sum" in part:
        part["sum"] = [names["field"][f] for f in part["sum"]]
for part in reconciliation["declared"]:
    part.update(code=new("code", part["code"]), title=caption(part["title"]))
codes = lambda listed: [names["code"][c] for c in listed]
for part in reconciliation["flat"]:
    part.update({k: names["par"].get(part[k], part[k]) for k in ("least", "most")}, **{"in": codes(part["in"]), "of": codes(part["of"])})
    if "unless" in part:
        part["unless"] = names["code"][part["unless"]]
for part in reconciliation["totals"]:
    part.update(code=names["code"][part["code"]], add=codes(part["add"]))
    if "subtract" in part:
        part["subtract"] = codes(part["subtract"])
reconciliation.update(together=names["field"][reconciliation["together"]], together_by=names["field"][reconciliation["together_by"]],
                      together_norm=names["ident"][reconciliation["together_norm"]])
marks = reconciliation["marks"]
marks.update(group=names["group"][marks["group"]], field=names["field"][marks["field"]], sums=[names["field"][f] for f in marks["sums"]])
reconciliation["causes"] = [caption(c) for c in reconciliation["causes"]]
summary["labels"] = {k: caption(v) for k, v in summary["labels"].items()}
captions["captions"] = {caption(k): v for k, v in captions["captions"].items()}
captions["seen"] = {caption(k): v for k, v in captions["seen"].items()}
template.update(id="xx/other", year=2031)

payroll = json.load(open(os.path.join(source, "samples/bank/payroll.json")))
next(c for c in payroll["certificates"] if "entries" not in c)["values"]["17"] = "-10.00"  # a warning, which the bank has none of
here_text = json.dumps(payroll)
original = payroll["certificates"]
payroll.update(form="xx/other", year=2031)


def check_return_line(folder):
    """The return line of FORMAT.md, added to the form: it stands in the window's upper zone, y 45 to 62.7 mm."""
    text = open(os.path.join(source, "templates/FORMAT.md")).read()
    element, style = re.search(r'on its own:\n`(\{.*?\})` with a style such as `("return".*?\})`', text, re.S).groups()
    copied = os.path.join(folder, "return")
    shutil.copytree(os.path.join(source, "templates"), copied)
    path = os.path.join(copied, "de/lohnsteuerbescheinigung/2025/form.json")
    data = json.load(open(path))
    data["elements"].insert(5, json.loads(element))
    data["styles"].update(json.loads("{" + style + "}"))
    json.dump(data, open(path, "w"))
    pdf = os.path.join(folder, "return.pdf")
    subprocess.run([program, "template", "preview", "--templates", copied, "de/lohnsteuerbescheinigung", "2025", "-o", pdf], check=True)
    boxes = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True).stdout
    found = [float(v) * 25.4 / 72 for v in re.search(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">employer_name<', boxes).groups()]
    assert 45 <= found[0] < found[1] <= 62.7, found


def later(value):
    """Every date of the payroll six years later."""
    if isinstance(value, dict):
        return {k: later(v) for k, v in value.items()}
    if isinstance(value, list):
        return [later(v) for v in value]
    if isinstance(value, str) and re.fullmatch(r"(?:19|20)\d\d-\d\d(-\d\d)?", value):
        return str(int(value[:4]) + 6) + value[4:].replace("-02-29", "-02-28")  # six years later is no leap year
    return value


payroll = later(payroll)
for wage_type in payroll["wage_types"].values():
    wage_type["adds_to"] = [("-" if l[0] == "-" else "") + names["field"][l.lstrip("-")] for l in wage_type["adds_to"]]
for declaration in payroll["declarations"]:
    declaration["calendar_year"] += 6
    declaration["values"] = {names["code"].get(k, k): v for k, v in declaration["values"].items()}
for certificate in payroll["certificates"]:
    for group in list(names["group"]):
        if group in certificate:
            certificate[names["group"][group]] = [{names["field"][k]: v for k, v in row.items()} for row in certificate.pop(group)]
    if "values" in certificate:
        certificate["values"] = {names["field"][k]: v for k, v in certificate["values"].items()}

with tempfile.TemporaryDirectory() as folder:
    root = os.path.join(folder, "templates")
    os.makedirs(os.path.join(root, "xx/other/2031"))
    shutil.copytree(os.path.join(source, "templates/fonts"), os.path.join(root, "fonts"))
    for name, data in (("template.json", template), ("rules.json", rules), ("form.json", form), ("letter.json", letter), ("summary.json", summary),
                       ("captions.de.json", captions)):
        json.dump(data, open(os.path.join(root, "xx/other/2031", name), "w"))
    json.dump(payroll, open(os.path.join(folder, "payroll.json"), "w"))
    employees = os.path.join(source, "samples/bank/employees.json")
    json.dump(later(json.load(open(employees))), open(os.path.join(folder, "employees.json"), "w"))

    def run(templates, payroll_file, out, employees):
        made = subprocess.run([program, "generate", "--allow-test-ids", "--templates", templates, "-e",
                               employees, payroll_file, "-o", os.path.join(folder, out)],
                              capture_output=True, text=True)
        assert made.returncode == 0, made.stderr + made.stdout
        return made.stdout

    check_return_line(folder)
    lint = subprocess.run([program, "template", "lint", os.path.join(root, "xx/other/2031")], capture_output=True, text=True)
    assert lint.returncode == 0, lint.stderr
    with open(os.path.join(folder, "here.json"), "w") as file:
        file.write(here_text)
    here = run(os.path.join(source, "templates"), os.path.join(folder, "here.json"), "here", employees)
    there = run(root, os.path.join(folder, "payroll.json"), "there", os.path.join(folder, "employees.json"))
    for old, renamed in names["field"].items():
        there = there.replace(f"line {renamed} ", f"line {old} ")
    counts = lambda text: sorted(re.sub(r"rule\d+$", lambda m: rules_back[m[0]], line) for line in text.splitlines() if " times " in line)
    rest = lambda text: [line for line in text.splitlines() if " times " not in line]
    rules_back = {renamed: old for old, renamed in names["rule"].items()}
    assert "certificates and declarations agree" in here
    assert rest(here.replace("/here/", "/there/")) == rest(there)
    assert counts(here) == counts(there) and counts(here)

    copy = os.path.join(folder, "copy.pdf")  # from the run's own form alone: only the fonts are those installed
    subprocess.run([program, "reprint", "--duplicate", "--templates", os.path.join(source, "templates"), "-o", copy,
                    os.path.join(folder, "there"), original[0]["id"]], check=True)

    def text(pdf):
        return subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, text=True, check=True).stdout

    for certificate in original:
        name = f"{certificate['personnel_number']}+{certificate['id']}.pdf"
        a, b = (text(glob.glob(os.path.join(folder, run_, "certificates/*", "*-" + name))[0]) for run_ in ("here", "there"))
        shift = lambda m: m[1] + str(int(m[2]) + 6)
        head, body = a.split("\n", 1)
        a = head + "\n" + re.sub(r"(\d\d\.\d\d\.)(20[12]\d)\b", shift, body)
        born = re.search(r"^Geburtsdatum: (.*)$", b, re.M)[1]
        a = re.sub(r"^Geburtsdatum: .*$", "Geburtsdatum: " + born, a, flags=re.M)
        assert a == b, name
    whole = text(glob.glob(os.path.join(folder, "there/certificates/*", f"*+{original[0]['id']}.pdf"))[0])
    assert text(copy).endswith(whole) and text(copy) != whole
print("another country, form and year: ok")
