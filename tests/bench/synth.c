/*
 * synth PEOPLE SEED OUTDIR: a synthetic payroll of any size for German tax certificates of 2025.
 *
 * Writes OUTDIR/employees.json and OUTDIR/payroll.json, one record per line, and prints what it wrote on stdout as JSON.
 * The same arguments give the same bytes. Nothing is kept: a person is a pure function of seed and index, so the declarations, which
 * stand before the certificates, come from a first pass over all people and the certificates from a second.
 *
 * All money is int64 cents. Every certificate keeps the rules of the form; the tax is the tariff of 2025 on a simplified taxable wage.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { MONTHS = 12, SITES = 4 };

/* Monthly ceilings and the pay above which statutory insurance is a choice, in cents (2025). */
enum { RV_MAX = 805000, KV_MAX = 551250, CHOICE = 615000 };

/* Contribution rates in 1/1000 per cent; health with the average additional rate. */
enum { RV_RATE = 9300, ALV_RATE = 1300, KV_RATE = 8550, RATE_UNIT = 100000 };

/* 36 places for a pair x 9 digits to repeat x 8!/1! ways to fill the other seven places. */
static const int64_t TAX_IDS = INT64_C(36) * 9 * 40320;

enum line { L3, L4, L5, L6, L7, L8, L17, L18, L20, L22A, L23A, L24A, L24B, L24C, L25, L26, L27, L28, L29, LINES };

/* In the form's order, beside enum line. */
static const char *const LINE_KEYS[LINES] = {"3",   "4",   "5",   "6",   "7",  "8",  "17", "18", "20", "22a",
                                             "23a", "24a", "24b", "24c", "25", "26", "27", "28", "29"};

enum kind { FULL_TIME, PART_TIME, PENSIONER, MINI_JOB };
static const char *const KIND_KEYS[] = {"full_time", "part_time", "pensioner", "mini_job"};

enum insurance { STATUTORY, VOLUNTARY, PRIVATE, NONE };
static const char *const INSURANCE_KEYS[] = {"statutory", "voluntary", "private", "none"};

enum marks { NO_CHURCH, EV, RK, EV_RK };
static const char *const MARKS_KEYS[] = {"--", "ev", "rk", "ev rk"};

struct site {
    const char *id, *land, *tax_number, *office, *office_number, *city;
    int postcode;
    int church_rate; /* per cent */
    bool halves;     /* church tax of mixed marriages is shared between lines 6 and 7 */
    int pv_own;      /* care insurance, employee and employer, 1/1000 per cent */
    int pv_firm;
};

static const struct site SITE[SITES] = {
    {"FFM", "HE", "045 815 08158", "Finanzamt Frankfurt am Main", "2645", "Frankfurt am Main", 60311, 9, true, 1800, 1800},
    {"MUC", "BY", "143/815/08162", "Finanzamt München", "9143", "München", 80331, 8, false, 1800, 1800},
    {"HAM", "HH", "02/815/08156", "Finanzamt Hamburg", "2202", "Hamburg", 20095, 9, true, 1800, 1800},
    {"LEJ", "SN", "232/815/08156", "Finanzamt Leipzig II", "3232", "Leipzig", 4107, 9, true, 2300, 1300},
};

/* What the certificates of an establishment sum up to in one month. */
struct declaration {
    int64_t tax, soli, ev, rk, flat;
    int64_t people;
};

struct totals {
    int64_t certificates, with_entries, gross, tax;
    struct declaration by_month[SITES][MONTHS];
};

/* One certificate's months, 0 to 11, both inclusive. */
struct span {
    int first, last;
};

struct person {
    int64_t index;
    uint64_t rng; /* state after the draws below, for names and addresses */
    enum kind kind;
    enum insurance insurance;
    enum marks marks;
    int site, tax_class;
    int half_children; /* child allowances in halves */
    int pension_year;
    int64_t pay; /* per month */
    int64_t meals, ticket_17, flat_18;
    bool bonus, entries, without;
    int spans;
    struct span span[2];
};

/* One month of one certificate. */
struct month {
    int64_t pay, once, tax, soli, church;
    int64_t rv, alv, kv, pv, pv_firm;
};

/* ------------------------------------------------------------------------------------------------ random numbers */

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* xorshift64; the state must not be 0. */
static uint64_t draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A number from 0 to n - 1. The high half is used: xorshift's low bits are its weak ones. */
static int below(uint64_t *state, int n)
{
    return (int)((draw(state) >> 32) % (uint64_t)n);
}

/* ---------------------------------------------------------------------------------------------------- output */

struct out {
    FILE *file;
    size_t used;
    char buffer[1 << 16];
};

static void out_flush(struct out *o)
{
    fwrite(o->buffer, 1, o->used, o->file); /* checked by ferror() in out_close() */
    o->used = 0;
}

static void put(struct out *o, const char *text)
{
    size_t n = strlen(text);

    if (o->used + n > sizeof(o->buffer))
        out_flush(o);
    memcpy(o->buffer + o->used, text, n); /* no text here is as long as the buffer */
    o->used += n;
}

/* Decimal digits of n >= 0, with leading zeros up to width. */
static void put_number(struct out *o, int64_t n, int width)
{
    char digits[24];
    int at = (int)sizeof(digits) - 1;

    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
        width--;
    } while (n > 0 || width > 0);
    put(o, digits + at);
}

/* Cents as "123.45"; no amount of a synthetic payroll is negative. */
static void put_money(struct out *o, int64_t cents)
{
    put(o, "\"");
    put_number(o, cents / 100, 1);
    put(o, ".");
    put_number(o, cents % 100, 2);
    put(o, "\"");
}

/* ,"key":"value" */
static void put_pair(struct out *o, const char *key, const char *value)
{
    put(o, ",\"");
    put(o, key);
    put(o, "\":\"");
    put(o, value);
    put(o, "\"");
}

/* Opens dir/name for writing; returns false with a message on stderr if it cannot. */
static bool out_open(struct out *o, const char *dir, const char *name)
{
    char path[4096];

    o->used = 0;
    if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path)) {
        fprintf(stderr, "synth: path too long\n");
        return false;
    }
    o->file = fopen(path, "wb");
    if (o->file == NULL)
        perror(path);
    return o->file != NULL;
}

/* Returns false with a message on stderr if any write failed. */
static bool out_close(struct out *o)
{
    bool bad;

    out_flush(o);
    bad = ferror(o->file) != 0;
    if (fclose(o->file) != 0)
        bad = true;
    if (bad)
        perror("synth: write");
    return !bad;
}

/* ---------------------------------------------------------------------------------------------------- tax ids */

/* Check digit, ISO 7064 MOD 11,10. */
static int idnr_check(const char *ten)
{
    int p = 10;

    for (int i = 0; i < 10; i++) {
        int s = (ten[i] - '0' + p) % 10;
        p = 2 * (s == 0 ? 10 : s) % 11;
    }
    return (11 - p) % 10;
}

/*
 * The k-th test number, 0 <= k < TAX_IDS, into id[12]: a leading 0, then nine places that hold one digit twice and seven others
 * once. Different k give different numbers, since k is read as place of the pair, its digit, and a choice for each place left.
 */
static void idnr_write(int64_t k, char *id)
{
    char pool[9] = "123456789";
    int left = 9, pair = (int)(k % 36), a = 1, b, digit = (int)(k / 36 % 9);
    int64_t order = k / 36 / 9;

    while (pair >= 9 - a) /* the pair-th of the 36 places a < b in 1..9 */
        pair -= 9 - a++;
    b = a + 1 + pair;
    id[0] = '0';
    id[a] = id[b] = pool[digit];
    pool[digit] = pool[--left];
    for (int at = 1; at <= 9; at++) {
        if (at == a || at == b)
            continue;
        int pick = (int)(order % left);
        order /= left;
        id[at] = pool[pick];
        pool[pick] = pool[--left];
    }
    id[10] = (char)('0' + idnr_check(id));
    id[11] = '\0';
}

/* Spreads neighbours apart: a step coprime to TAX_IDS (2, 3, 5 and 7 are its primes) keeps this one to one. */
static int64_t idnr_scatter(int64_t index, uint64_t seed)
{
    int64_t start = (int64_t)(mix(seed) % (uint64_t)TAX_IDS);

    return (start + index * INT64_C(7919)) % TAX_IDS;
}

/* ------------------------------------------------------------------------------------------------- wage tax 2025 */

/* § 32a EStG 2025, whole euros in and out. The polynomials are evaluated over one denominator, so the floor is exact. */
static int64_t tariff(int64_t x)
{
    const int64_t unit = INT64_C(10000000000);

    if (x <= 12096)
        return 0;
    if (x <= 17443) {
        int64_t y = x - 12096;
        return (93230 * y * y + INT64_C(1400000000) * y) / unit;
    }
    if (x <= 68480) {
        int64_t z = x - 17443;
        return (17664 * z * z + INT64_C(2397000000) * z + 101513 * (unit / 100)) / unit;
    }
    if (x <= 277825)
        return (42 * x - 1091192) / 100;
    return (45 * x - 1924667) / 100;
}

static int64_t tariff_class_5_part(int64_t x)
{
    int64_t twice = 2 * (tariff(x * 5 / 4) - tariff(x * 3 / 4)), least = x * 14 / 100;

    return twice > least ? twice : least;
}

/* Class V, § 39b II 7 EStG; x stays below the third limit here. */
static int64_t tariff_class_5(int64_t x)
{
    const int64_t w1 = 13785, w2 = 34240;
    int64_t tax, top;

    if (x > w2)
        return tariff_class_5_part(w2) + (x - w2) * 42 / 100;
    tax = tariff_class_5_part(x);
    if (x <= w1)
        return tax;
    top = tariff_class_5_part(w1) + (x - w1) * 42 / 100;
    return tax < top ? tax : top;
}

static int64_t tax_by_class(int64_t x, int tax_class)
{
    if (x < 0)
        x = 0;
    if (tax_class == 3)
        return 2 * tariff(x / 2);
    return tax_class == 5 ? tariff_class_5(x) : tariff(x);
}

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Taxable part of an annual wage in cents, as whole euros: allowances and the contributions of the employee taken off. */
static int64_t taxable(const struct person *p, int64_t wage)
{
    int64_t euros = wage / 100;
    int64_t health = max64(min64(euros, 66150) * 104 / 1000, min64(euros * 12 / 100, p->tax_class == 3 ? 3000 : 1900));

    if (p->kind == PENSIONER)
        return euros - health - 102 - 36 - 1500;
    return euros - 1230 - 36 - health - (p->kind == MINI_JOB ? 0 : min64(euros, 96600) * 93 / 1000);
}

/* Annual tax in euros; *base is the tax that Soli and church tax are measured by, with the children's allowance. */
static int64_t annual_tax(const struct person *p, int64_t wage, int64_t *base)
{
    int64_t x = taxable(p, wage), child = (int64_t)p->half_children * (p->tax_class == 4 ? 2400 : 4800);

    *base = tax_by_class(x - child, p->tax_class);
    return tax_by_class(x, p->tax_class);
}

/* Annual Soli in cents for an annual tax in euros: free limit, then 11.9 % of the excess, at most 5.5 %. */
static int64_t annual_soli(int64_t tax, int tax_class)
{
    int64_t limit = tax_class == 3 ? 39900 : 19950;

    return tax <= limit ? 0 : min64(tax * 11 / 2, (tax - limit) * 119 / 10);
}

/* Tax, Soli and church tax of a month: current pay by a twelfth of the annual tax, one-off pay by the difference it makes. */
static void month_tax(const struct person *p, struct month *m)
{
    int64_t base, base_with, tax = annual_tax(p, 12 * m->pay, &base);
    int64_t tax_with = annual_tax(p, 12 * m->pay + m->once, &base_with);
    int64_t soli = annual_soli(base, p->tax_class), church_base = base * 100 / 12 + (base_with - base) * 100;

    m->tax = tax * 100 / 12 + (tax_with - tax) * 100;
    m->soli = soli / 12 + min64((base_with - base) * 11 / 2, annual_soli(base_with, p->tax_class) - soli);
    m->church = p->marks == NO_CHURCH ? 0 : church_base * SITE[p->site].church_rate / 100;
}

/* ------------------------------------------------------------------------------------------------ contributions */

/* Share of a base, rounded half up to the cent. */
static int64_t share(int64_t base, int rate)
{
    return (base * rate + RATE_UNIT / 2) / RATE_UNIT;
}

/* What the year so far left unused: bases below the ceilings, and contributions below the sum of the monthly maxima. */
struct room {
    int64_t rv_base, kv_base;
    int64_t rv, alv, kv, pv, pv_firm;
};

/* share(), but twelve roundings up never carry the year above its maximum; *left is what that leaves. */
static int64_t share_within(int64_t base, int rate, int64_t ceiling, int64_t *left)
{
    int64_t amount;

    *left += share(ceiling, rate);
    amount = min64(share(base, rate), *left);
    *left -= amount;
    return amount;
}

/* Base of a month: one-off pay also fills what earlier months, held in *room, left below the ceiling. */
static int64_t base_below(int64_t ceiling, const struct month *m, int64_t *room)
{
    int64_t now = min64(m->pay, ceiling), extra;

    *room += ceiling - now;
    extra = min64(m->once, *room);
    *room -= extra;
    return now + extra;
}

static void month_contributions(const struct person *p, struct month *m, struct room *room)
{
    const struct site *s = &SITE[p->site];
    int pv_own = s->pv_own + (p->half_children == 0 ? 600 : 0);
    int64_t rv_base, kv_base;

    if (p->kind == MINI_JOB)
        return;
    if (p->kind == PENSIONER) { /* bear everything alone, health above an exempt part only */
        m->kv = share(max64(m->pay - 18725, 0), 2 * KV_RATE);
        m->pv = share(m->pay, pv_own + s->pv_firm);
        return;
    }
    rv_base = base_below(RV_MAX, m, &room->rv_base);
    kv_base = base_below(KV_MAX, m, &room->kv_base);
    m->rv = share_within(rv_base, RV_RATE, RV_MAX, &room->rv);
    m->alv = share_within(rv_base, ALV_RATE, RV_MAX, &room->alv);
    m->kv = share_within(kv_base, KV_RATE, KV_MAX, &room->kv);
    m->pv = share_within(kv_base, pv_own, KV_MAX, &room->pv);
    m->pv_firm = share_within(kv_base, s->pv_firm, KV_MAX, &room->pv_firm);
}

/* The months of one certificate; the rest of the array is zero. */
static void run_months(const struct person *p, struct span span, struct month months[MONTHS])
{
    struct room room = {0};

    memset(months, 0, MONTHS * sizeof(*months));
    for (int i = span.first; i <= span.last; i++) {
        months[i].pay = p->pay;
        months[i].once = p->bonus && i == 10 ? p->pay : 0;
        month_contributions(p, &months[i], &room);
        month_tax(p, &months[i]);
    }
}

/* ------------------------------------------------------------------------------------------------- certificates */

static void add_insurance(const struct person *p, const struct month *m, int64_t v[LINES])
{
    switch (p->insurance) {
    case STATUTORY:
        v[L25] += m->kv;
        v[L26] += m->pv;
        break;
    case VOLUNTARY: /* the employer pays it all in, so the full contribution is certified beside the subsidy */
        v[L24A] += m->kv;
        v[L24C] += m->pv_firm;
        v[L25] += 2 * m->kv;
        v[L26] += m->pv + m->pv_firm;
        break;
    case PRIVATE:
        v[L24B] += 32000 + p->index % 1000 * 10;
        v[L24C] += 4500 + p->index % 300 * 5;
        v[L28] += 60000 + p->index % 1000 * 20;
        break;
    case NONE: v[L28] += m->pay * 12 / 100; break;
    }
}

static void add_month(const struct person *p, const struct month *m, int64_t v[LINES])
{
    int64_t half = p->marks == EV_RK && SITE[p->site].halves ? m->church / 2 : 0;

    v[L3] += m->pay + m->once;
    v[L4] += m->tax;
    v[L5] += m->soli;
    v[L6] += half > 0 ? half : m->church;
    v[L7] += half;
    if (p->kind == PENSIONER)
        v[L8] += m->pay + m->once;
    v[L17] += p->ticket_17;
    v[L18] += p->flat_18;
    v[L20] += p->meals;
    v[L22A] += m->rv;
    v[L23A] += m->rv;
    v[L27] += m->alv;
    add_insurance(p, m, v);
}

/* The lines of a certificate, summed over its months. */
static void sum_lines(const struct person *p, struct span span, const struct month months[MONTHS], int64_t v[LINES])
{
    memset(v, 0, LINES * sizeof(*v));
    for (int i = span.first; i <= span.last; i++)
        add_month(p, &months[i], v);
    if (p->kind == PENSIONER)
        v[L29] = 12 * (p->pay - p->pay / 10);
}

static void put_entry(struct out *o, int month, const char *wage_type, int64_t amount, bool *any)
{
    if (amount == 0)
        return;
    put(o, *any ? ",{\"month\":" : "{\"month\":");
    put_number(o, month + 1, 1);
    put_pair(o, "wage_type", wage_type);
    put(o, ",\"amount\":");
    put_money(o, amount);
    put(o, "}");
    *any = true;
}

/* Monthly entries; only statutorily insured people without church tax have them, see person_make(). */
static void put_entries(struct out *o, struct span span, const struct month months[MONTHS])
{
    bool any = false;

    put(o, ",\"entries\":[");
    for (int i = span.first; i <= span.last; i++) {
        const struct month *m = &months[i];

        put_entry(o, i, "1000", m->pay, &any);
        put_entry(o, i, "1200", m->once, &any);
        put_entry(o, i, "5000", m->rv, &any);
        put_entry(o, i, "5100", m->kv, &any);
        put_entry(o, i, "5110", m->pv, &any);
        put_entry(o, i, "5120", m->alv, &any);
        put_entry(o, i, "9100", m->tax, &any);
        put_entry(o, i, "9200", m->soli, &any);
    }
    put(o, "]");
}

static void put_values(struct out *o, const struct person *p, const int64_t v[LINES])
{
    bool any = false;

    put(o, ",\"values\":{");
    if (p->meals > 0) {
        put(o, "\"2.letters\":[\"M\"]");
        any = true;
    }
    for (int i = 0; i < LINES; i++) {
        if (v[i] == 0 && i != L4) /* a wage tax of nil is worth saying */
            continue;
        put(o, any ? ",\"" : "\"");
        put(o, LINE_KEYS[i]);
        put(o, "\":");
        put_money(o, v[i]);
        any = true;
    }
    if (p->kind == PENSIONER) {
        put(o, ",\"30\":");
        put_number(o, p->pension_year, 4);
    }
    put(o, "}");
}

static void put_date(struct out *o, int year, int month, int day)
{
    put(o, "\"");
    put_number(o, year, 4);
    put(o, "-");
    put_number(o, month, 2);
    put(o, "-");
    put_number(o, day, 2);
    put(o, "\"");
}

static int last_day(int month) /* 0 to 11, of 2025 */
{
    static const int days[MONTHS] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month];
}

/* One to three rows: what changes is the allowance, which this tax ignores. */
static void put_features(struct out *o, const struct person *p, struct span span)
{
    int rows = (int)min64(1 + p->index % 3, span.last - span.first + 1);

    put(o, ",\"deduction_features\":[");
    for (int i = 0; i < rows; i++) {
        put(o, i > 0 ? ",{\"valid_from\":" : "{\"valid_from\":");
        put_date(o, 2025, span.first + 1 + i, 1);
        put(o, ",\"tax_class\":");
        put_number(o, p->tax_class, 1);
        put(o, ",\"factor\":null,\"child_allowances\":\"");
        put_number(o, p->half_children / 2, 1);
        put(o, p->half_children % 2 ? ".5" : ".0");
        put(o, "\",\"annual_allowance\":");
        put_number(o, i * 600, 1);
        put(o, ",\"annual_addition\":0");
        put_pair(o, "church_marks", MARKS_KEYS[p->marks]);
        put(o, "}");
    }
    put(o, "]");
}

static void put_ticket(struct out *o, const struct person *p, int count)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint64_t state = mix((uint64_t)p->index * 2 + (uint64_t)count) | 1;
    char ticket[21] = "et";

    for (int i = 2; i < 20; i++)
        ticket[i] = letters[below(&state, 62)];
    put_pair(o, "transfer_ticket", ticket);
}

static void put_personnel_number(struct out *o, const struct person *p)
{
    put(o, "\"");
    put_number(o, 1000000 + p->index, 7);
    put(o, "\"");
}

/* Two voluntary rows for a fifth of the people. */
static void put_voluntary(struct out *o, const struct person *p)
{
    if (p->index % 5 != 1)
        return;
    put(o, ",\"voluntary\":[{\"text\":\"Arbeitnehmerbeitrag zur Zusatzversorgung\",\"amount\":");
    put_money(o, p->pay / 50);
    put(o, "},{\"text\":\"Anzahl der Arbeitstage\",\"value\":\"");
    put_number(o, 180 + p->index % 50, 1);
    put(o, "\"}]");
}

/* The count-th certificate of a person; count is 1 or 2. */
static void put_certificate(struct out *o, const struct person *p, int count, const struct month months[MONTHS], const int64_t v[LINES])
{
    struct span span = p->span[count - 1];

    put(o, "{\"id\":\"C25-");
    put_number(o, 1000000 + p->index, 7);
    put(o, count == 1 ? "-1\"" : "-2\"");
    put(o, ",\"personnel_number\":");
    put_personnel_number(o, p);
    put_pair(o, "establishment", SITE[p->site].id);
    put(o, ",\"period\":{\"from\":");
    put_date(o, 2025, span.first + 1, 1);
    put(o, ",\"to\":");
    put_date(o, 2025, span.last + 1, last_day(span.last));
    put(o, "}");
    if (p->entries)
        put_entries(o, span, months);
    else
        put_values(o, p, v);
    put_features(o, p, span);
    put(o, ",\"facts\":{\"insurance\":\"");
    put(o, INSURANCE_KEYS[p->insurance]);
    put(o, "\"}");
    put_ticket(o, p, count);
    put_voluntary(o, p);
    /* a key our reader skips, as exports of real payroll programs carry many */
    put_pair(o, "x_source", "synthetic payroll, run 2025-12-L, abrechnungskreis 01, journal 000481, released by batch user LOHN01");
    put(o, "}");
}

/* ------------------------------------------------------------------------------------------------------- people */

/* Most people work the whole year; leavers and joiners have one span, every third of them comes back later. */
static void draw_spans(struct person *p, bool whole_year)
{
    p->spans = 1;
    p->span[0] = (struct span){0, 11};
    if (whole_year)
        return;
    if (below(&p->rng, 2) == 0) {
        p->span[0].first = 1 + below(&p->rng, 10);
        return;
    }
    p->span[0].last = below(&p->rng, 8);
    if (below(&p->rng, 3) == 0) {
        p->spans = 2;
        p->span[1] = (struct span){p->span[0].last + 2, 11};
    }
}

/* Monthly pay in cents: two draws added make the middle more frequent than the ends. */
static int64_t draw_pay(struct person *p)
{
    switch (p->kind) {
    case FULL_TIME:
        if (below(&p->rng, 12) == 0)
            return 620000 + 1000 * (int64_t)below(&p->rng, 700);
        return 260000 + 100 * (int64_t)(below(&p->rng, 1700) + below(&p->rng, 1700));
    case PART_TIME: /* above 2,000 euros: below, employer and employee would pay different shares */
        return 200100 + 100 * (int64_t)below(&p->rng, 1200);
    case PENSIONER: return 40000 + 100 * (int64_t)(below(&p->rng, 1100) + below(&p->rng, 1100));
    case MINI_JOB: break;
    }
    return 25000 + 100 * (int64_t)below(&p->rng, 300);
}

static void draw_features(struct person *p)
{
    static const int classes[] = {1, 1, 1, 1, 3, 3, 4, 4, 5};
    static const enum marks marks[] = {NO_CHURCH, NO_CHURCH, NO_CHURCH, NO_CHURCH, EV, EV, RK, RK, RK, EV_RK};

    p->tax_class = p->kind == MINI_JOB ? 1 : classes[below(&p->rng, (int)COUNT(classes))];
    p->marks = marks[below(&p->rng, (int)COUNT(marks))];
    if (p->marks == EV_RK && p->tax_class != 3 && p->tax_class != 4) /* only of married people is a second church known */
        p->marks = EV;
    p->half_children = p->kind == PENSIONER || p->tax_class == 5 ? 0 : below(&p->rng, 2) * below(&p->rng, 5);
}

static void draw_extras(struct person *p)
{
    int r = below(&p->rng, 20);

    p->bonus = p->kind == FULL_TIME && below(&p->rng, 2) == 0;
    p->meals = r == 0 ? 2800 : 0;
    p->ticket_17 = r >= 1 && r <= 3 ? 5800 : 0;
    p->flat_18 = r == 4 ? 9600 : 0;
}

static enum insurance draw_insurance(struct person *p)
{
    if (p->kind == MINI_JOB)
        return NONE;
    if (p->kind == PENSIONER || p->pay <= CHOICE)
        return STATUTORY;
    return below(&p->rng, 3) == 0 ? PRIVATE : VOLUNTARY;
}

/* The person with this index; the same for the same seed whatever was made before. */
static void person_make(struct person *p, uint64_t seed, int64_t index)
{
    static const int sites[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 3};
    int r;

    memset(p, 0, sizeof(*p));
    p->index = index;
    p->rng = mix(mix(seed + 1) + (uint64_t)index * UINT64_C(0x9e3779b97f4a7c15)) | 1;
    p->site = sites[below(&p->rng, (int)COUNT(sites))];
    r = below(&p->rng, 100);
    p->kind = r < 75 ? FULL_TIME : r < 88 ? PART_TIME : r < 98 ? PENSIONER : MINI_JOB;
    p->pay = draw_pay(p);
    draw_features(p);
    draw_extras(p);
    draw_spans(p, r >= 6); /* six of the seventy-five full-time people in a hundred join or leave */
    p->insurance = draw_insurance(p);
    p->pension_year = 2006 + below(&p->rng, 18);
    p->without = below(&p->rng, 100) == 0;
    p->entries = below(&p->rng, 100) < 24 && p->kind <= PART_TIME && p->insurance == STATUTORY;
    if (p->entries) { /* few wage types: what the entries do not carry, these people do not have */
        p->marks = NO_CHURCH;
        p->meals = p->ticket_17 = p->flat_18 = 0;
    }
}

/* ---------------------------------------------------------------------------------------------- names, addresses */

static const char *const FIRST[] = {
    "Anna",        "Maria",      "Sophie",    "Johanna",   "Katharina", "Sabine",     "Petra",  "Ursula",   "Monika",   "Claudia",
    "Susanne",     "Andrea",     "Birgit",    "Jürgen",    "Günter",    "Jörg",       "Björn",  "Sören",    "Jérôme",   "André",
    "René",        "Michael",    "Thomas",    "Andreas",   "Stefan",    "Christian",  "Markus", "Matthias", "Florian",  "Sebastian",
    "Tobias",      "Lukas",      "Jonas",     "Paul",      "Felix",     "Maximilian", "Élodie", "José",     "Noël",     "Karl-Heinz",
    "Hans-Jürgen", "Anne-Marie", "Eva-Maria", "Françoise", "Inês",      "Zoë",        "Käthe",  "Bärbel",   "Mohammed", "Fatima"};
static const char *const LAST[] = {
    "Müller",    "Schmidt",       "Schneider", "Fischer",  "Weber",    "Meyer",    "Wagner",   "Becker",  "Schulz",   "Hoffmann",
    "Schäfer",   "Koch",          "Bauer",     "Richter",  "Klein",    "Wolf",     "Schröder", "Neumann", "Schwarz",  "Zimmermann",
    "Braun",     "Krüger",        "Hofmann",   "Hartmann", "Lange",    "Schmitt",  "Werner",   "Krause",  "Meier",    "Lehmann",
    "Schmid",    "Schulze",       "Maier",     "Köhler",   "Herrmann", "König",    "Walter",   "Mayer",   "Huber",    "Kaiser",
    "Fuchs",     "Peters",        "Lang",      "Scholz",   "Möller",   "Weiß",     "Jung",     "Hahn",    "Schubert", "Vogel",
    "Friedrich", "Keller",        "Günther",   "Frank",    "Berger",   "Winkler",  "Roth",     "Beck",    "Lorenz",   "Baumann",
    "Franke",    "Albrecht",      "Schuster",  "Simon",    "Ludwig",   "Böhm",     "Winter",   "Kraus",   "Martin",   "Schumacher",
    "Krämer",    "Vogt",          "Stein",     "Jäger",    "Otto",     "Sommer",   "Groß",     "Seidel",  "Heinrich", "Brandt",
    "Haas",      "Schreiber",     "Graf",      "Schulte",  "Dietrich", "Ziegler",  "Kuhn",     "Kühn",    "Pohl",     "Engel",
    "Horn",      "Busch",         "Rossi",     "García",   "Núñez",    "Sørensen", "Ångström", "Lefèvre", "d’Amico",  "van der Velde",
    "von Bülow", "de la Fontaine"};
static const char *const EXTENDED[] = {"Wałęsa",   "Łukaszewski", "Dvořák",      "Čapek",    "Kovačević", "Šimić",  "Đorđević",
                                       "Yıldırım", "Şahin",       "Çağlar",      "Erdoğan",  "Kőszegi",   "Szűcs",  "Bērziņš",
                                       "Kalniņa",  "Žukauskas",   "Ščerbinskas", "Popovići", "Ionaşcu",   "Ĝermana"};
static const char *const FAR[] = {"Nguyễn",           "Trần",           "Phạm",  "Đặng",  "Vũ Thị Hồng",  "Țepeș",
                                  "Șerban",           "Əliyev",         "Ḫalīl", "Ṣāliḥ", "M\u0302barga", "C\u0306er\u0144ik",
                                  "\u017D\u0326ukas", "R\u0325\u0304ta"};
static const char *const STREETS[] = {"Hauptstraße",
                                      "Bahnhofstraße",
                                      "Gartenstraße",
                                      "Schulstraße",
                                      "Lindenallee",
                                      "Am Mühlbach",
                                      "Goethestraße",
                                      "Schillerplatz",
                                      "Kirchgasse",
                                      "Rosenweg",
                                      "Karl-Liebknecht-Straße",
                                      "Äußere Ringstraße",
                                      "Bürgermeister-Smidt-Straße"};

/* About 3 % of the last names hold Latin Extended-A, 0.3 % letters beyond that or none of a single code point. */
static void put_last_name(struct out *o, uint64_t *rng)
{
    int r = below(rng, 1000);

    if (r < 3) {
        put(o, FAR[below(rng, (int)COUNT(FAR))]);
        return;
    }
    if (r < 33) {
        put(o, EXTENDED[below(rng, (int)COUNT(EXTENDED))]);
        return;
    }
    put(o, LAST[below(rng, (int)COUNT(LAST))]);
    if (r >= 930) {
        put(o, "-");
        put(o, LAST[below(rng, 90)]);
    }
}

static void put_name(struct out *o, uint64_t *rng)
{
    put(o, ",\"name\":{");
    if (below(rng, 40) == 0)
        put(o, "\"title\":\"Dr.\",");
    put(o, "\"first\":\"");
    put(o, FIRST[below(rng, (int)COUNT(FIRST))]);
    put(o, "\",\"last\":\"");
    put_last_name(o, rng);
    put(o, "\"}");
}

static void put_address(struct out *o, const struct person *p, uint64_t *rng)
{
    put(o, ",\"address\":{\"street\":\"");
    put(o, STREETS[below(rng, (int)COUNT(STREETS))]);
    put(o, " ");
    put_number(o, 1 + below(rng, 180), 1);
    put(o, "\",\"postcode\":\"");
    put_number(o, SITE[p->site].postcode + below(rng, 80), 5);
    put(o, "\"");
    put_pair(o, "city", SITE[p->site].city);
    put(o, ",\"country\":\"DE\"},\"mailing_address\":null");
}

/* Age and first day of work fit the kind: pensioners are past 65, all others under 65 and hired as adults. */
static void put_dates(struct out *o, const struct person *p, uint64_t *rng)
{
    bool pensioner = p->kind == PENSIONER;
    int born = pensioner ? p->pension_year - 66 : 1961 + below(rng, 40);
    int since = pensioner ? p->pension_year : (int)max64(born + 19, 2000 + below(rng, 24));

    put(o, ",\"birth_date\":");
    put_date(o, born, 1 + below(rng, 12), 1 + below(rng, 28));
    put(o, ",\"employment\":{\"kind\":\"");
    put(o, KIND_KEYS[p->kind]);
    put(o, "\",\"from\":");
    if (p->spans == 1 && p->span[0].first > 0)
        put_date(o, 2025, p->span[0].first + 1, 1);
    else
        put_date(o, since, 1, 1);
    put(o, ",\"to\":");
    if (p->spans == 1 && p->span[0].last < 11)
        put_date(o, 2025, p->span[0].last + 1, last_day(p->span[0].last));
    else
        put(o, "null");
    put(o, "}");
}

static void put_employee(struct out *o, const struct person *p, uint64_t seed)
{
    uint64_t rng = p->rng;
    char id[12];

    idnr_write(idnr_scatter(p->index, seed), id);
    put(o, "{\"personnel_number\":");
    put_personnel_number(o, p);
    put_pair(o, "tax_id", id);
    put_name(o, &rng);
    put_address(o, p, &rng);
    put_dates(o, p, &rng);
    put(o, ",\"cost_centre\":\"4");
    put_number(o, below(&rng, 900), 3);
    put(o, "\"");
    put_pair(o, "site", SITE[p->site].id);
    put(o, ",\"email\":\"");
    put_number(o, 1000000 + p->index, 7);
    put(o, "@musterbank.example\",\"delivery\":\"print\",\"no_certificate_reason\":");
    put(o, p->without ? "\"unbezahlter Urlaub, kein Arbeitslohn im Jahr\"}" : "null}");
}

/* -------------------------------------------------------------------------------------------------- the two files */

static bool write_employees(const char *dir, uint64_t seed, int64_t people)
{
    static struct out o;

    if (!out_open(&o, dir, "employees.json"))
        return false;
    put(&o, "{\"format\":\"taxcert/employees/1\",\"employees\":[\n");
    for (int64_t i = 0; i < people; i++) {
        struct person p;

        person_make(&p, seed, i);
        put_employee(&o, &p, seed);
        put(&o, i + 1 < people ? ",\n" : "\n");
    }
    put(&o, "]}\n");
    return out_close(&o);
}

/* Adds one certificate's months to what its establishment declares. */
static void declare(struct totals *t, const struct person *p, struct span span, const struct month months[MONTHS])
{
    for (int i = span.first; i <= span.last; i++) {
        struct declaration *d = &t->by_month[p->site][i];
        const struct month *m = &months[i];
        int64_t spouse = p->marks == EV_RK && SITE[p->site].halves ? m->church / 2 : 0;
        int64_t own = spouse > 0 ? spouse : m->church;

        d->people++;
        d->tax += m->tax;
        d->soli += m->soli;
        d->rk += p->marks == RK ? own : spouse;
        d->ev += p->marks == RK ? 0 : own;
        d->flat += p->flat_18 * 15 / 100;
        t->tax += m->tax;
        t->gross += m->pay + m->once;
    }
    t->certificates++;
    t->with_entries += p->entries;
}

/* First pass: the sums only. */
static void declare_all(struct totals *t, uint64_t seed, int64_t people)
{
    for (int64_t i = 0; i < people; i++) {
        struct month months[MONTHS];
        struct person p;

        person_make(&p, seed, i);
        for (int c = 0; c < p.spans && !p.without; c++) {
            run_months(&p, p.span[c], months);
            declare(t, &p, p.span[c], months);
        }
    }
}

static void put_kz(struct out *o, const char *key, int64_t cents)
{
    put(o, ",\"");
    put(o, key);
    put(o, "\":");
    put_money(o, cents);
}

static void put_declaration(struct out *o, int site, int month, const struct declaration *d)
{
    int64_t flat_soli = d->flat * 55 / 1000, flat_church = d->flat * 7 / 100;

    put(o, "{\"establishment\":\"");
    put(o, SITE[site].id);
    put(o, "\",\"period\":\"2025-");
    put_number(o, month + 1, 2);
    put(o, "\",\"calendar_year\":2025,\"amended\":false,\"values\":{\"86\":");
    put_number(o, d->people, 1);
    put_kz(o, "42", d->tax);
    put_kz(o, "41", d->flat);
    put_kz(o, "48", d->tax + d->flat);
    put_kz(o, "49", d->soli + flat_soli);
    put_kz(o, "47", flat_church);
    put_kz(o, "61", d->ev);
    put_kz(o, "62", d->rk);
    put_kz(o, "83", d->tax + d->flat + d->soli + flat_soli + flat_church + d->ev + d->rk);
    put(o, "}}");
}

static void put_head(struct out *o, const struct totals *t)
{
    put(o, "{\"format\":\"taxcert/payroll/1\",\"form\":\"de/lohnsteuerbescheinigung\",\"year\":2025,\"issue_date\":\"2026-01-28\",\n"
           "\"employer\":{\"name\":\"Synthetische Musterbank AG\",\"address\":{\"street\":\"Am Mustertor 1\",\"postcode\":\"60311\","
           "\"city\":\"Frankfurt am Main\",\"country\":\"DE\"}},\n\"establishments\":[");
    for (int s = 0; s < SITES; s++) {
        put(o, s > 0 ? ",\n{\"id\":\"" : "\n{\"id\":\"");
        put(o, SITE[s].id);
        put(o, "\"");
        put_pair(o, "tax_number", SITE[s].tax_number);
        put_pair(o, "land", SITE[s].land);
        put(o, ",\"tax_office\":{\"name\":\"");
        put(o, SITE[s].office);
        put(o, "\"");
        put_pair(o, "number", SITE[s].office_number);
        put(o, "}}");
    }
    put(o, "],\n\"declarations\":[");
    for (int i = 0; i < SITES * MONTHS; i++) {
        put(o, i > 0 ? ",\n" : "\n");
        put_declaration(o, i / MONTHS, i % MONTHS, &t->by_month[i / MONTHS][i % MONTHS]);
    }
    put(o,
        "],\n\"wage_types\":{\"1000\":{\"text\":\"Gehalt\",\"adds_to\":[\"3\"]},"
        "\"1200\":{\"text\":\"13. Monatsgehalt\",\"adds_to\":[\"3\"]},"
        "\"5000\":{\"text\":\"Rentenversicherung, je Hälfte\",\"adds_to\":[\"22a\",\"23a\"]},\n"
        "\"5100\":{\"text\":\"Krankenversicherung\",\"adds_to\":[\"25\"]},\"5110\":{\"text\":\"Pflegeversicherung\",\"adds_to\":[\"26\"]},"
        "\"5120\":{\"text\":\"Arbeitslosenversicherung\",\"adds_to\":[\"27\"]},\"9100\":{\"text\":\"Lohnsteuer\",\"adds_to\":[\"4\"]},\n"
        "\"9200\":{\"text\":\"Solidaritätszuschlag\",\"adds_to\":[\"5\"]}},\n"
        "\"certificates\":[\n");
}

/* Certificates stand establishment by establishment, so they are not in the employees' order: a reader must look people up. */
static bool write_payroll(const char *dir, uint64_t seed, int64_t people, const struct totals *t)
{
    static struct out o;
    int64_t left = t->certificates;

    if (!out_open(&o, dir, "payroll.json"))
        return false;
    put_head(&o, t);
    for (int64_t i = 0; i < SITES * people; i++) {
        struct month months[MONTHS];
        int64_t v[LINES];
        struct person p;

        person_make(&p, seed, i % people);
        if (p.site != i / people || p.without)
            continue;
        for (int c = 0; c < p.spans; c++) {
            run_months(&p, p.span[c], months);
            sum_lines(&p, p.span[c], months, v);
            put_certificate(&o, &p, c + 1, months, v);
            put(&o, --left > 0 ? ",\n" : "\n");
        }
    }
    put(&o, "]}\n");
    return out_close(&o);
}

/* A whole argument as a number from 0 to max; -1 if it is none. */
static int64_t argument(const char *text, int64_t max)
{
    char *end;
    long long n = strtoll(text, &end, 10);

    return *text == '\0' || *end != '\0' || n < 0 || n > max ? -1 : n;
}

int main(int argc, char **argv)
{
    static struct totals t;
    int64_t people = argc == 4 ? argument(argv[1], TAX_IDS) : -1, seed = argc == 4 ? argument(argv[2], INT64_MAX) : -1;

    if (people < 1 || seed < 0) {
        fprintf(stderr, "usage: synth PEOPLE SEED OUTDIR   (1 to %" PRId64 " people, OUTDIR exists)\n", TAX_IDS);
        return 2;
    }
    declare_all(&t, (uint64_t)seed, people);
    if (!write_employees(argv[3], (uint64_t)seed, people) || !write_payroll(argv[3], (uint64_t)seed, people, &t))
        return 4;
    printf("{\"people\":%" PRId64 ",\"certificates\":%" PRId64 ",\"with_entries\":%" PRId64 ",\"line_3_cents\":%" PRId64
           ",\"line_4_cents\":%" PRId64 "}\n",
           people, t.certificates, t.with_entries, t.gross, t.tax);
    return 0;
}
