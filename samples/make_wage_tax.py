#!/usr/bin/env python3
"""Write samples/wage-tax.tsv: what an independent program works out by the ministry's flow chart.

    samples/make_wage_tax.py CLONE      CLONE: a clone of github.com/MarcelLehmann/Lohnsteuer; javac and java are needed

That program is Java, generated from the ministry's own XML of the flow chart. Nothing of it is here: it is compiled in a temporary folder, a
driver below sets its inputs by their names, and only the results are kept, a row for each case of CASES and for each call of make_bank.py.
A further year is a class name in CLASSES, cases in CASES, and an entry of YEARS in wage_tax.py.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import make_bank
from wage_tax import DEFAULTS, INPUTS, OUTPUTS

HERE = Path(__file__).resolve().parent
SOURCE = "LohnPapGenerator/src/de/powerproject/lohnpap/pap"
CLASSES = {2024: "Lohnsteuer2024", 2025: "Lohnsteuer2025", 2026: "Lohnsteuer2026"}

DRIVER = """
import de.powerproject.lohnpap.pap.*;
import java.lang.reflect.*;
import java.math.BigDecimal;
import java.util.*;

/** Reads "class name=value ..." a line; writes the outputs named by the arguments. */
public class Drive {
    static Object call(Object o, String kind, String name, String value) throws Exception {
        String wanted = kind + name.charAt(0) + name.substring(1);
        for (Method m : o.getClass().getMethods()) {
            if (!m.getName().equalsIgnoreCase(wanted)) continue;
            if (value == null) return m.invoke(o);
            Class<?> t = m.getParameterTypes()[0];
            return m.invoke(o, t == int.class ? (Object) Integer.valueOf(value) : t == double.class ? (Object) Double.valueOf(value) : new BigDecimal(value));
        }
        throw new IllegalArgumentException(name);
    }
    public static void main(String[] outputs) throws Exception {
        Scanner in = new Scanner(System.in);
        while (in.hasNextLine()) {
            String[] words = in.nextLine().split(" ");
            Object o = Class.forName("de.powerproject.lohnpap.pap." + words[0]).getDeclaredConstructor().newInstance();
            for (int i = 1; i < words.length; i++)
                try { call(o, "set", words[i].split("=")[0], words[i].split("=")[1]); }
                catch (IllegalArgumentException absent) { if (Double.parseDouble(words[i].split("=")[1]) != 0) throw absent; } // another year's input
            o.getClass().getMethod("main").invoke(o);
            StringBuilder line = new StringBuilder();
            for (String name : outputs) {
                String got;
                try { got = ((BigDecimal) call(o, "get", name, null)).setScale(0, BigDecimal.ROUND_DOWN).toPlainString(); }
                catch (IllegalArgumentException absent) { got = ""; }
                line.append(line.length() > 0 ? " " : "").append(got.isEmpty() ? "-" : got);
            }
            System.out.println(line);
        }
    }
}
"""

# name: inputs of the flow chart that are not 0 or absent, amounts in cents (LZZ: 1 year, 2 month, 3 week, 4 day; monthly where not said)
S = {"KVZ": "2.5"}      # insured by statute
CASES = {
    2025: {
        "class I, childless, a year": {**S, "LZZ": 1, "RE4": 6812000, "PVZ": 1},
        "class I, a child": {**S, "RE4": 740000, "ZKF": 1, "R": 1},
        "class I, three children, church tax": {**S, "RE4": 512345, "ZKF": "1.5", "PVA": 2, "R": 1},
        "class I, at the tariff's first euro": {**S, "LZZ": 1, "RE4": 1721100, "PVZ": 1},
        "class I, in the first zone": {**S, "RE4": 165000, "PVZ": 1},
        "class I, top rate, full surcharge": {**S, "RE4": 3150000, "PVZ": 1, "R": 1},
        "class I, surcharge's relief zone": {**S, "RE4": 805000, "PVZ": 1, "R": 1},
        "class I, allowance and addition": {**S, "RE4": 433000, "PVZ": 1, "LZZFREIB": 25000, "LZZHINZU": 4000},
        "class II, two children, Saxony": {**S, "STKL": 2, "RE4": 310000, "ZKF": "2.0", "PVS": 1, "PVA": 1, "R": 1},
        "class III, two children": {**S, "STKL": 3, "RE4": 468000, "ZKF": "2.0", "PVA": 1, "R": 1},
        "class III, relief zone by child allowances": {**S, "STKL": 3, "RE4": 1480000, "ZKF": "3.0", "PVA": 2, "R": 1},
        "class III, privately insured with subsidy": {"STKL": 3, "RE4": 765000, "PKV": 2, "PKPV": 74115, "ZKF": 2},
        "class III, private without subsidy": {"STKL": 3, "RE4": 765000, "PKV": 1, "PKPV": 74115},
        "class IV, factor": {**S, "STKL": 4, "RE4": 455000, "ZKF": "1.0", "af": 1, "f": "0.950", "R": 1},
        "class IV, no pension insurance": {**S, "STKL": 4, "RE4": 455000, "KRV": 1, "PVZ": 1},
        "class V, low": {**S, "STKL": 5, "RE4": 98000, "PVZ": 1},
        "class V, second step": {**S, "STKL": 5, "RE4": 231000, "R": 1},
        "class V, third step": {**S, "STKL": 5, "RE4": 640000, "PVZ": 1, "R": 1},
        "class V, above the third step": {**S, "STKL": 5, "RE4": 2450000, "PVZ": 1, "R": 1},
        "class VI, mini-job": {"STKL": 6, "RE4": 54000, "KRV": 1, "PKV": 1},
        "class VI, second job": {**S, "STKL": 6, "RE4": 180050, "R": 1},
        "class VI, privately insured": {"STKL": 6, "RE4": 300000, "PKV": 2, "PKPV": 51000},
        "a day of a part month": {**S, "LZZ": 4, "RE4": 16067, "PVZ": 1, "R": 1},
        "a week": {**S, "LZZ": 3, "RE4": 95030, "PVZ": 1},
        "a part year by the year's table": {**S, "LZZ": 1, "RE4": 3471055, "PVZ": 1, "R": 1},
        "aged 64 in 2021, wage": {**S, "RE4": 250000, "ALTER1": 1, "AJAHR": 2022},
        "aged 64 in 2004, wage, class VI": {**S, "STKL": 6, "RE4": 90000, "KRV": 1, "ALTER1": 1, "AJAHR": 2005},
        "one-off pay, class I": {**S, "RE4": 524000, "PVZ": 1, "R": 1, "JRE4": 6288000, "SONSTB": 524000},
        "one-off pay over the surcharge's limit, a child": {**S, "RE4": 760000, "ZKF": "1.0", "R": 1, "JRE4": 9120000, "SONSTB": 1900000},
        "one-off pay just below the surcharge's limit": {**S, "RE4": 700000, "ZKF": "2.0", "PVA": 1, "JRE4": 8400000, "SONSTB": 600000},
        "one-off pay, privately insured": {"RE4": 300000, "PKV": 2, "PKPV": 60000, "JRE4": 1200000, "SONSTB": 250000},
        "one-off pay, class VI alone": {**S, "STKL": 6, "SONSTB": 560000, "R": 1},
        "one-off pay, class V, allowance": {**S, "STKL": 5, "RE4": 200000, "JRE4": 2400000, "SONSTB": 300000, "JFREIB": 120000, "PVZ": 1},
        "one-off pay, factor": {**S, "STKL": 4, "af": 1, "f": "0.873", "RE4": 410000, "JRE4": 4920000, "SONSTB": 410000, "PVZ": 1, "R": 1},
        "severance": {**S, "RE4": 576000, "PVZ": 1, "R": 1, "JRE4": 6912000, "SONSTB": 6850000, "SONSTENT": 6850000},
        "severance with bonus": {**S, "STKL": 3, "RE4": 400000, "JRE4": 4800000, "SONSTB": 3500000, "SONSTENT": 3000000},
        "bonus after severance": {**S, "STKL": 3, "RE4": 400000, "JRE4": 7800000, "JRE4ENT": 3000000, "SONSTB": 500000},
        "pension of 2005": {**S, "RE4": 200000, "VBEZ": 200000, "VBEZM": 190000, "VBEZS": 50000, "VJAHR": 2004, "KRV": 1, "ZMVB": 12},
        "pension of 2014": {**S, "RE4": 162000, "VBEZ": 162000, "VBEZM": 150000, "VJAHR": 2014, "KRV": 1, "R": 1, "ZMVB": 12},
        "pension of 2021, class III": {**S, "STKL": 3, "RE4": 400000, "VBEZ": 400000, "VBEZM": 380000, "VJAHR": 2021, "KRV": 1, "ZMVB": 12},
        "pension of 2025, half a year": {**S, "LZZ": 1, "RE4": 1100000, "VBEZ": 1100000, "VBEZM": 183333, "VJAHR": 2025, "KRV": 1, "ZMVB": 6},
        "pension of 2024, class VI": {**S, "STKL": 6, "RE4": 131000, "VBEZ": 131000, "VBEZM": 125000, "VJAHR": 2024, "KRV": 1, "ZMVB": 12},
        "pension beside wage, aged": {**S, "RE4": 380000, "VBEZ": 120000, "VBEZM": 120000, "VJAHR": 2019, "ZMVB": 12, "ALTER1": 1, "AJAHR": 2019},
        "small pension": {**S, "RE4": 9000, "VBEZ": 9000, "VBEZM": 9000, "VJAHR": 2012, "KRV": 1, "ZMVB": 12},
        "death grant": {**S, "RE4": 98000, "VBEZ": 98000, "VBEZM": 98000, "VJAHR": 2017, "KRV": 1, "ZMVB": 11, "JRE4": 1078000, "JVBEZ": 1078000,
                        "SONSTB": 490000, "VBS": 490000, "STERBE": 490000, "PVZ": 1},
        "pensions for several years": {**S, "STKL": 3, "RE4": 224000, "VBEZ": 224000, "VBEZM": 210000, "VJAHR": 2015, "KRV": 1, "ZMVB": 12,
                                       "JRE4": 2688000, "JVBEZ": 2688000, "SONSTB": 735000, "VBS": 735000, "R": 1},
    },
}




def other_years():
    """The cases of 2025 by the other years' charts: another average rate, other beginnings, what is taxed at a fifth, the employer's subsidy."""
    for year, extra in ((2024, "1.7"), (2026, "2.9")):
        CASES[year] = {}
        for name, inputs in CASES[2025].items():
            new = dict(inputs)
            if "KVZ" in new:
                new["KVZ"] = extra
            if year == 2024:
                if new.get("KRV") == 1:
                    new["KRV"] = 2
                if new.get("VJAHR") == 2025:
                    new["VJAHR"] = 2024
                if new.get("PVS"):
                    new["KRV"] = new.get("KRV", 1)
                if name == "severance":
                    new["VMT"], new["SONSTB"], new["SONSTENT"] = new["SONSTB"], 0, 0
                if name == "severance with bonus":
                    new["VMT"], new["SONSTB"], new["SONSTENT"] = 3000000, 500000, 0
            if year == 2026:
                if new.get("PKV") == 2:
                    new["PKV"], new["PKPVAGZ"] = 1, min(new["PKPV"] // 2, 61322)
                if new.get("KRV"):
                    new["ALV"] = 1
                if new.get("VJAHR") == 2025:
                    new["VJAHR"] = 2026
            CASES[year][name] = new
    CASES[2024]["severance above all else"] = {**S, "KVZ": "1.7", "RE4": 0, "VMT": 9000000, "PVZ": 1, "R": 1}
    CASES[2024]["pensions for several years at a fifth"] = {
        **S, "KVZ": "1.7", "STKL": 3, "RE4": 224000, "VBEZ": 224000, "VBEZM": 210000, "VJAHR": 2015, "KRV": 2, "ZMVB": 12, "JRE4": 2688000, "JVBEZ": 2688000,
        "VKAPA": 735000, "R": 1}
    CASES[2024]["severance, class V"] = {**S, "KVZ": "1.7", "STKL": 5, "RE4": 200000, "JRE4": 2400000, "VMT": 1500000, "R": 1}
    CASES[2024]["severance, class III, children"] = {**S, "KVZ": "1.7", "STKL": 3, "ZKF": 2, "RE4": 900000, "JRE4": 10800000, "VMT": 12000000, "R": 1, "PVA": 1}
    CASES[2024]["East, above its ceiling"] = {**S, "KVZ": "1.7", "RE4": 800000, "KRV": 1, "PVZ": 1, "PVS": 1}


def rows():
    other_years()
    for year, cases in sorted(CASES.items()):
        for name, inputs in cases.items():
            yield year, name, inputs
    for year in sorted(CASES):
        bank = make_bank.of(year)
        bank.build()
        for inputs, number in bank.CALLS.items():
            yield year, f"bank {number + 1}", dict(inputs)


def answers(clone, asked):
    """The independent program's outputs, a list for each question."""
    with tempfile.TemporaryDirectory() as folder:
        driver = Path(folder) / "Drive.java"
        driver.write_text(DRIVER)
        sources = [str(Path(clone) / SOURCE / (name + ".java")) for name in ["LohnsteuerInterface", *CLASSES.values()]]
        subprocess.run(["javac", "-nowarn", "-encoding", "UTF-8", "-d", folder, *sources, str(driver)], check=True)
        text = "\n".join(" ".join([CLASSES[year], *(f"{k}={v}" for k, v in {**DEFAULTS, **inputs}.items())]) for year, _, inputs in asked)
        told = subprocess.run(["java", "-cp", folder, "Drive", *OUTPUTS], input=text, capture_output=True, text=True, check=True).stdout
    return [line.split(" ") for line in told.splitlines()]


def main():
    asked = list(rows())
    told = answers(sys.argv[1], asked)
    assert len(told) == len(asked)
    lines = ["# Made by make_wage_tax.py, with github.com/MarcelLehmann/Lohnsteuer. Amounts in cents; names are the flow chart's; - is absent.",
             "\t".join(["year", "case", *INPUTS, *OUTPUTS])]
    for (year, name, inputs), got in zip(asked, told):
        lines.append("\t".join([str(year), name, *(str(inputs.get(k, DEFAULTS[k])) for k in INPUTS), *got]))
    (HERE / "wage-tax.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main()
