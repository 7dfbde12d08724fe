"""The published JSON Schema and taxcert agree on structure, record by record, for all samples, good and bad. The validator is
python3-jsonschema. Usage: schema.py TAXCERT SOURCE_DIR"""
import json, os, sqlite3, subprocess, sys, tempfile
from jsonschema import Draft202012Validator

program, source = sys.argv[1:3]
templates = os.path.join(source, "templates")
made = subprocess.run([program, "template", "--templates", templates, "schema", "de/lohnsteuerbescheinigung", "2025"],
                      capture_output=True, text=True, check=True)
schema = json.loads(made.stdout)
Draft202012Validator.check_schema(schema)


def validator(definition):
    return Draft202012Validator({"$defs": schema["$defs"], **definition})


payroll_record = validator({"$ref": "#/$defs/payroll/properties/certificates/items"})
employee_record = validator({"$ref": "#/$defs/payroll/properties/employees/items"})
whole_payroll, whole_employees = validator({"$ref": "#/$defs/payroll"}), validator({"$ref": "#/$defs/employees"})

# What a schema cannot say stays to taxcert: other records, other fields, calendars, characters, the room on the page, and
# that a JSON real is the nearest double to an amount.
STRUCTURE = {"missing", "value-type", "unknown-line", "unused-line", "value-not-allowed", "decimal-format", "id-format", "amount-range",
             "amount-format"}


def findings(payroll, employees):
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        done = subprocess.run([program, "generate", "--allow-test-ids", "--templates", templates, *(["-e", employees] if employees else []),
                               payroll, "-o", run], capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        found = {}
        for number, rule in sqlite3.connect(os.path.join(run, "ledger.db")).execute(
                "SELECT number, rule FROM finding WHERE severity = 'error'"):
            found.setdefault(number, set()).add(rule)
        return found


bank = os.path.join(source, "samples/bank")
whole_payroll.validate(json.load(open(os.path.join(bank, "payroll.json"))))
whole_payroll.validate(json.load(open(os.path.join(bank, "corrections.json"))))
whole_employees.validate(json.load(open(os.path.join(bank, "employees.json"))))
assert not findings(os.path.join(bank, "payroll.json"), os.path.join(bank, "employees.json"))

path = os.path.join(source, "samples/rejects/payroll.json")
rejects = json.load(open(path))
found = findings(path, None)
people = {}
for employee in rejects["employees"]:
    people.setdefault(employee.get("personnel_number"), employee)
refused = 0
for number, certificate in enumerate(rejects["certificates"]):
    employee = people.get(certificate.get("personnel_number")) if isinstance(certificate.get("personnel_number"), str) else None
    errors = list(payroll_record.iter_errors(certificate)) + (list(employee_record.iter_errors(employee)) if employee else [])
    rules = found.get(number, set())
    real = any(isinstance(v, float) for v in (certificate.get("values") or {}).values()) if isinstance(certificate.get("values"), dict) else False
    structural = bool(rules & STRUCTURE) and not (real and rules == {"amount-format"})
    if errors and rules and rules <= {"text-fit", "date-format"}:
        continue  # the schema's maxLength and pattern see some of these, the page and the calendar the others
    assert bool(errors) == structural, (number, rules, [e.message[:60] for e in errors])
    refused += structural
assert refused >= 15
print("schema:", refused, "structural rejects agree")
