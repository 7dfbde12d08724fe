"""What the law says of three years: ceilings, rates and limits of social insurance, tariff and free limits of wage tax.

The figures are those of the ordinances on the calculation bases of social insurance (SVBezGrV), of § 32a EStG and of § 3 SolzG, typed in once.
Samples and test cases are worked out with them; the forms' parameters are held against them by tests/e2e/cases.py.
"""
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal as D

CENT = D("0.01")
EAST = ("BB", "MV", "SN", "ST", "TH")


def half_up(x):
    return x.quantize(CENT, ROUND_HALF_UP)


def pct(base, rate):
    """rate per cent of base, rounded to the cent as contributions are."""
    return half_up(base * D(rate) / 100)


@dataclass(frozen=True)
class Year:
    year: int
    rv_month: D             # pension and unemployment insurance, a month's ceiling
    rv_month_east: D        # the same in the East: another one until 2024
    kv_month: D             # health and care insurance
    miner_month: D          # miners' pension insurance
    extra: D                # average additional rate of health insurance, in per cent
    care: D                 # half of the care rate; in Sachsen the employee bears half a point more
    care_employer_saxony: D
    mini: D                 # pay of a mini-job, a month
    zone_factor: D          # F of § 20 IIa SGB IV
    pension_exempt: D       # § 226 II SGB V: of company pensions
    soli_free: D            # year's wage tax, classes other than III
    tariff: tuple           # § 32a EStG: basic allowance, end of the first zone, its y, end of the second, its z, constant, 42 % less, 45 % less
    steps: tuple            # classes V and VI: W1, W2, W3 of § 39b II 7 EStG
    child: int              # both child allowances of both parents

    def care_rates(self, land, children):
        """(employee, employer); children None is the surcharge for the childless."""
        more = D("0.6") if children is None else -D("0.25") * max(0, min(children, 5) - 1)
        own, firm = (2 * self.care - self.care_employer_saxony, self.care_employer_saxony) if land == "SN" else (self.care, self.care)
        return own + more, firm

    def pension_month(self, land):
        return self.rv_month_east if land in EAST else self.rv_month

    def zone(self, pay):
        """Transition zone: (base for the total, base for the employee's part)."""
        top = D(2000)
        slope = top / (top - self.mini) - self.mini / (top - self.mini) * self.zone_factor
        return half_up(self.zone_factor * self.mini + slope * (pay - self.mini)), half_up(top / (top - self.mini) * (pay - self.mini))

    def soli(self, tax, cls=1):
        """Of an annual tax: free limit, then 11.9 % of the excess, at most 5.5 %."""
        limit = 2 * self.soli_free if cls == 3 else self.soli_free
        return max(D(0), min(tax * D("0.055"), (tax - limit) * D("0.119"))).quantize(CENT, "ROUND_DOWN")

    def parameters(self):
        """The figures of the form's template.json that follow from these, by name."""
        year = lambda month, rate: str(12 * pct(month, rate))
        whole = 14 + D("0.6") + self.extra
        return {
            "soli_free": str(self.soli_free), "soli_free_splitting": str(2 * self.soli_free),
            "pension_insurance_max": year(self.rv_month, "9.3"), "pension_insurance_month": str(pct(self.rv_month, "9.3")),
            "unemployment_max": year(self.rv_month, "1.3"), "unemployment_month": str(pct(self.rv_month, "1.3")),
            "health_ceiling": str(int(12 * self.kv_month)), "health_subsidy_max": year(self.kv_month, whole / 2), "health_max": str(24 * pct(self.kv_month, whole / 2)),
            "care_subsidy_max": year(self.kv_month, self.care), "care_subsidy_max_saxony": year(self.kv_month, self.care_employer_saxony),
            "care_max": str(12 * (pct(self.kv_month, self.care) + pct(self.kv_month, self.care + D("0.6")))),
            "care_half_top": f"{self.care_rates('HE', None)[0]}%", "care_half_top_saxony": f"{self.care_rates('SN', None)[0]}%",
            "care_whole_top": f"{2 * self.care + D('0.6')}%", "care_subsidy_rate": f"{self.care}%", "care_whole_least": f"{2 * self.care - 1}%",
            "care_half_least": f"{self.care - 1 - D('0.05')}%",
            "converted_pay": str(int(12 * self.rv_month * 4 / 100)), "mini_job_top": str(self.mini),
            "miner_employer_max": year(self.miner_month, "15.4"), "miner_employee_max": year(self.miner_month, "9.3"),
            **({"pension_insurance_max_east": year(self.rv_month_east, "9.3"), "unemployment_max_east": year(self.rv_month_east, "1.3")}
               if self.rv_month_east != self.rv_month else {})}


YEARS = {y.year: y for y in (
    Year(2024, D(7550), D(7450), D("5175.00"), D(9300), D("1.7"), D("1.7"), D("1.2"), D(538), D("0.6846"), D("176.75"), D(18130),
         (11604, 17005, D("922.98"), 66760, D("181.19"), D("1025.38"), D("10602.13"), D("18936.88")), (13279, 33380, 222260), 9312),
    Year(2025, D(8050), D(8050), D("5512.50"), D(9900), D("2.5"), D("1.8"), D("1.3"), D(556), D("0.6683"), D("187.25"), D(19950),
         (12096, 17443, D("932.30"), 68480, D("176.64"), D("1015.13"), D("10911.92"), D("19246.67")), (13785, 34240, 222260), 9600),
    Year(2026, D(8450), D(8450), D("5812.50"), D(10400), D("2.9"), D("1.8"), D("1.3"), D(603), D("0.6619"), D("197.75"), D(20350),
         (12348, 17799, D("914.51"), 69878, D("173.10"), D("1034.87"), D("11135.63"), D("19470.38")), (14071, 34939, 222260), 9756))}
