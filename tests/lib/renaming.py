"""A form with every name of it changed: fields, groups, parameters, terms, identifiers, rules and captions; and a payroll that speaks them.

    names = Names(folder)                 # of a form's folder
    names.write(root, "xx/other", year)   # the renamed form below root
    names.payroll(data)                   # the same payroll for it
"""
import json
import pathlib
import re

CAPTIONS = {"caption", "major_caption", "minor_caption", "title", "note", "spoken", "major", "minor"}
EXPRESSIONS = {"when", "assert", "compute", "where"}
FIELDS = {"field", "order_by", "until", "at", "together", "together_by"}


class Names:
    def __init__(self, folder):
        self.folder, self.names = pathlib.Path(folder), {}
        read = lambda name: json.loads((self.folder / f"{name}.json").read_text()) if (self.folder / f"{name}.json").exists() else None
        self.template, self.rules, self.form, self.letter, self.summary = map(read, ("template", "rules", "form", "letter", "summary"))
        self.language = self.template["languages"][0]
        self.captions = json.loads((self.folder / f"captions.{self.language}.json").read_text())
        self.values = [f["id"] for f in self.template["fields"] if f.get("in", "values") == "values" and not {"fields", "path", "before"} & set(f)]
        self.columns = {g["id"]: [c["id"] for c in g["fields"] if "path" not in c] for g in self.template["fields"] if "fields" in g and "before" not in g}
        self.kept = tuple(self.prefixes([self.form, self.letter, self.summary]))
        for field in self.template["fields"]:
            self.new("group" if "fields" in field else "field", field["id"])
            for column in field.get("fields", []):
                self.new("field", column["id"])
        for kind, part in (("parameter", self.template["parameters"]), ("parameter", self.rules.get("terms", {})), ("identifier", self.template["identifiers"])):
            for name in part:
                self.new(kind, name)

    def prefixes(self, part):
        """What the keys of captions begin with that are found by a value."""
        if isinstance(part, list):
            return [p for one in part for p in self.prefixes(one)]
        if not isinstance(part, dict):
            return []
        own = [part[k] for k in ("values", "country_captions") if isinstance(part.get(k), str)]
        return own + self.prefixes(list(part.values()))

    def new(self, kind, old):
        """The new name of an old one, made where there is none yet."""
        of = self.names.setdefault(kind, {})
        return of.setdefault(old, f"{kind}{len(of) + 1}")

    def caption(self, key):
        return key if key[:1] == "@" or key.startswith(self.kept) else self.new("caption", key)

    def expression(self, text):
        text = re.sub(r"\[([^\]]+)\]", lambda m: m[0] if m[1] == "*" else f"[{self.names['field'][m[1]]}]", text)
        quoted = {**self.names["group"], **self.names["identifier"]} if "group" in self.names else self.names.get("identifier", {})
        text = re.sub(r'"([^"]*)"', lambda m: f'"{quoted.get(m[1], m[1])}"', text)
        names = "|".join(sorted(map(re.escape, self.names.get("parameter", {"-": 0})), key=len, reverse=True))
        return re.sub(r'"[^"]*"|\[[^\]]*\]|\b(' + names + r")\b", lambda m: self.names["parameter"][m[1]] if m[1] else m[0], text)

    def show(self, value):
        """A field's id, a list of parts, or what stands for one."""
        if isinstance(value, str):
            return self.names["field"][value]
        if isinstance(value, dict):
            return self.part(value)
        return [p if isinstance(p, str) else self.show(p) if isinstance(p, list) else self.part(p) for p in value]

    def part(self, part):
        """An object of form.json, letter.json or summary.json."""
        return {k: self.member(k, v) for k, v in part.items()}

    def member(self, key, value):
        if key in CAPTIONS and isinstance(value, str):
            return self.caption(value)
        if key in EXPRESSIONS and isinstance(value, str):
            return self.expression(value)
        if key == "group" and isinstance(value, str):
            return self.names["group"][value]
        if key in FIELDS and isinstance(value, str):
            return self.names["field"][value]
        if key in ("show", "text", "or", "before", "after") and not (key in ("before", "after") and isinstance(value, str) and value not in self.names["field"]):
            return self.show(value)
        if key == "stack":
            return [self.part(s) if isinstance(s, dict) else self.show(s) for s in value]
        if key == "words":
            return {k: self.caption(v) for k, v in value.items()}
        if key == "rows" and isinstance(value, dict):
            return {self.names["group"][k]: v for k, v in value.items()}
        if key in ("sum", "sums"):
            return [self.names["field"][f] for f in value]
        if key == "causes":
            return [self.caption(c) for c in value]
        if key == "together_norm":
            return self.names["identifier"][value]
        if key in ("least", "most") and value in self.names.get("parameter", {}):
            return self.names["parameter"][value]
        if key in ("labels",):
            return {k: self.caption(v) for k, v in value.items()}
        if isinstance(value, dict):
            return self.part(value)
        return [self.part(v) if isinstance(v, dict) else v for v in value] if isinstance(value, list) else value

    def field(self, field):
        was = {"before": self.names["field"][field["before"]]} if "before" in field else {}
        field = {**field, **was, "id": self.names["field"][field["id"]], **{k: self.expression(field[k]) for k in ("compute", "where") if k in field}, **{k: self.caption(field[k]) for k in ("title",) if k in field}}
        return field

    def renamed_template(self, identity, year):
        t = {**self.template, "id": identity, "year": year, "title": self.caption(self.template["title"]), "fields": []}
        for field in self.template["fields"]:
            if "fields" in field:
                was = {"before": self.names["group"][field["before"]], "by": [self.names["field"][b] for b in field.get("by", [])]} if "before" in field else {}
                t["fields"].append({**field, **was, "id": self.names["group"][field["id"]], "fields": [self.field(c) for c in field["fields"]]})
            else:
                own = {} if field.get("in", "values") == "values" or "path" in field or "before" in field else {"path": field["id"]}  # the input's own keys stay
                t["fields"].append({**self.field(field), **own})
        of = self.names["field"]
        for key in ("person", "fixed", "period"):
            if key in t:
                t[key] = [of[f] for f in t[key]] if isinstance(t[key], list) else of[t[key]]
        t["delivery"] = {k: self.names["identifier"][v] if k == "postcodes" else v if k in ("print", "email", "home", "mark") else [of[f] for f in v] if isinstance(v, list) else of[v]
                         for k, v in t["delivery"].items()}
        for kind, key in (("parameter", "parameters"), ("identifier", "identifiers")):
            t[key] = {self.names[kind][k]: v for k, v in t[key].items()}
        return t

    def renamed_rules(self):
        out = {**self.rules, "rules": []}
        if "terms" in self.rules:
            out["terms"] = {self.names["parameter"][k]: self.expression(v) for k, v in self.rules["terms"].items()}
        message = lambda v: {k: re.sub(r"\{(\w+)\}", lambda m: "{" + self.names["parameter"][m[1]] + "}", text) for k, text in v.items()}
        listed = lambda v: [self.names["field"][f] for f in v] if isinstance(v, list) else self.names["field"][v]
        for rule in self.rules["rules"]:
            change = {"id": lambda v: self.new("rule", v), "at": listed, "changed": listed, "only": listed, "kept": listed, "agree": listed,
                      "each": lambda v: self.names["group"][v], "also": lambda v: self.names["group"][v], "message": message, "when": self.expression, "assert": self.expression}
            out["rules"].append({k: change[k](v) if k in change else v for k, v in rule.items()})
        return out

    def write(self, root, identity, year):
        folder = pathlib.Path(root, identity, self.folder.name)
        folder.mkdir(parents=True)
        data = {"template": self.renamed_template(identity, year), "rules": self.renamed_rules(), "form": self.part(self.form),
                "summary": self.part(self.summary)}
        if self.letter:
            data["letter"] = self.part(self.letter)
        data[f"captions.{self.language}"] = {**self.captions, "captions": {self.caption(k): v for k, v in self.captions["captions"].items()},
                                             "seen": {self.caption(k): v for k, v in self.captions.get("seen", {}).items()}}
        for name, value in data.items():
            (folder / f"{name}.json").write_text(json.dumps(value))
        return folder

    def payroll(self, data, identity):
        of = self.names["field"]
        out = {**data, "form": identity, "certificates": []}
        if "wage_types" in data:
            out["wage_types"] = {k: {**w, "adds_to": [("-" if f[0] == "-" else "") + of[f.lstrip("-")] for f in w["adds_to"]]} for k, w in data["wage_types"].items()}
        for c in data["certificates"]:
            c = dict(c)
            if "values" in c:
                c["values"] = {of[k] if k in self.values else k: v for k, v in c["values"].items()}
            for group, columns in self.columns.items():
                if group in c:
                    c[self.names["group"][group]] = [{of[k] if k in columns else k: v for k, v in row.items()} for row in c.pop(group)]
            out["certificates"].append(c)
        return out
