/* Source text into a tree: tokens, precedence, and the types of everything, so that evaluating cannot meet a wrong one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "form/expr_tree.h"

struct parser {
    const struct expr_env *env;
    struct expr_mistake *mistake;
    struct expr *e;
    int length, at, count, depth;
    bool failed;
    bool in_rows; /* within any or total */
    enum token_kind token;
    int start; /* of the token */
    struct expr_text text;
    struct decimal number;
};

static const struct function {
    const char *name;
    enum node_kind kind;
    enum expr_type type;
    int least, most;             /* arguments; most 0 is any number */
    enum expr_type arguments[3]; /* the first one stands for all where most is 0 */
} functions[] = {
    {"present", N_PRESENT, EXPR_BOOL, 1, 1, {EXPR_BOOL, EXPR_BOOL}},
    {"sum", N_SUM, EXPR_NUMBER, 1, 0, {EXPR_NUMBER, EXPR_NUMBER}},
    {"min", N_MIN, EXPR_NUMBER, 1, 0, {EXPR_NUMBER, EXPR_NUMBER}},
    {"max", N_MAX, EXPR_NUMBER, 1, 0, {EXPR_NUMBER, EXPR_NUMBER}},
    {"abs", N_ABS, EXPR_NUMBER, 1, 1, {EXPR_NUMBER, EXPR_NUMBER}},
    {"round", N_ROUND, EXPR_NUMBER, 2, 2, {EXPR_NUMBER, EXPR_NUMBER}},
    {"has", N_HAS, EXPR_BOOL, 2, 2, {EXPR_TEXT, EXPR_TEXT}},
    {"contains", N_CONTAINS, EXPR_BOOL, 2, 2, {EXPR_TEXT, EXPR_TEXT}},
    {"starts", N_STARTS, EXPR_BOOL, 2, 2, {EXPR_TEXT, EXPR_TEXT}},
    {"year", N_YEAR, EXPR_NUMBER, 1, 1, {EXPR_DATE, EXPR_DATE}},
    {"month", N_MONTH, EXPR_NUMBER, 1, 1, {EXPR_DATE, EXPR_DATE}},
    {"day", N_DAY, EXPR_NUMBER, 1, 1, {EXPR_DATE, EXPR_DATE}},
    {"valid", N_VALID, EXPR_BOOL, 2, 3, {EXPR_TEXT, EXPR_TEXT, EXPR_TEXT}},
    {"norm", N_NORM, EXPR_TEXT, 2, 3, {EXPR_TEXT, EXPR_TEXT, EXPR_TEXT}},
    {"within", N_WITHIN, EXPR_BOOL, 2, 2, {EXPR_TEXT, EXPR_TEXT}},
    {"any", N_ANY, EXPR_BOOL, 2, 2, {EXPR_TEXT, EXPR_BOOL}},
    {"total", N_TOTAL, EXPR_NUMBER, 2, 3, {EXPR_TEXT, EXPR_NUMBER, EXPR_BOOL}},
};

/* The first mistake wins. Always returns -1, which is no node. */
static int fail(struct parser *p, int position, const char *sentence)
{
    if (!p->failed) {
        p->mistake->position = position;
        snprintf(p->mistake->sentence, sizeof p->mistake->sentence, "%s", sentence);
    }
    p->failed = true;
    p->token = T_BAD;
    return -1;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(struct expr_text text, const char *word)
{
    return text.length == strlen(word) && memcmp(text.data, word, text.length) == 0;
}

/* The source is terminated, so reading one character past the token is allowed. */
static void read_number(struct parser *p)
{
    const char *s = p->e->source;

    while (is_digit(s[p->at]))
        p->at++;
    if (s[p->at] == '.' && is_digit(s[p->at + 1]))
        for (p->at++; is_digit(s[p->at]);)
            p->at++;
    p->token = T_NUMBER;
    if (!decimal_parse(s + p->start, (size_t)(p->at - p->start), &p->number))
        fail(p, p->start, "The number has too many digits.");
    else if (s[p->at] == '%') {
        p->at++;
        if (!decimal_mul(p->number, (struct decimal){1, 2}, &p->number))
            fail(p, p->start, "The percentage has too many decimals.");
    }
}

static void read_word(struct parser *p)
{
    static const struct {
        const char *word;
        enum token_kind token;
    } words[] = {
        {"if", T_IF},
        {"or", T_OR},
        {"and", T_AND},
        {"not", T_NOT},
    };
    const char *s = p->e->source;

    while (is_letter(s[p->at]) || is_digit(s[p->at]))
        p->at++;
    p->text = (struct expr_text){s + p->start, (size_t)(p->at - p->start)};
    p->token = T_NAME;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_word(p->text, words[i].word))
            p->token = words[i].token;
}

/* A string or a reference. */
static void read_enclosed(struct parser *p, char end, enum token_kind token, const char *unclosed)
{
    const char *s = p->e->source, *close;
    int first = p->start + 1;

    close = memchr(s + first, end, (size_t)(p->length - first));
    if (!close) {
        fail(p, p->start, unclosed);
        return;
    }
    p->text = (struct expr_text){s + first, (size_t)(close - s) - (size_t)first};
    p->at = (int)(close - s) + 1;
    p->token = token;
}

static void read_sign(struct parser *p)
{
    /* Longer signs first. */
    static const struct {
        const char *sign;
        enum token_kind token;
    } signs[] = {
        {"==", T_EQ},  {"!=", T_NE},   {"<=", T_LE},   {">=", T_GE},  {"<", T_LT},    {">", T_GT},
        {"+", T_PLUS}, {"-", T_MINUS}, {"*", T_TIMES}, {"(", T_OPEN}, {")", T_CLOSE}, {",", T_COMMA},
    };

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i].sign);

        if (strncmp(p->e->source + p->start, signs[i].sign, length) == 0) {
            p->at += (int)length;
            p->token = signs[i].token;
            return;
        }
    }
    fail(p, p->start, "This character means nothing here.");
}

static void next_token(struct parser *p)
{
    const char *s = p->e->source;

    if (p->failed)
        return;
    while (s[p->at] == ' ' || s[p->at] == '\t')
        p->at++;
    p->start = p->at;
    if (p->at >= p->length)
        p->token = T_END;
    else if (is_digit(s[p->at]))
        read_number(p);
    else if (is_letter(s[p->at]))
        read_word(p);
    else if (s[p->at] == '"')
        read_enclosed(p, '"', T_TEXT, "The text is not closed.");
    else if (s[p->at] == '[')
        read_enclosed(p, ']', T_REFERENCE, "The reference is not closed.");
    else
        read_sign(p);
}

/* Every node stands for a token of its own, so that as many nodes as characters are enough. */
static int add_node(struct parser *p, enum node_kind kind, enum expr_type type, int position, int first)
{
    p->e->nodes[p->count] = (struct expr_node){
        .kind = kind,
        .type = type,
        .position = position,
        .first = first,
        .next = -1,
    };
    return p->count++;
}

static bool expect_type(struct parser *p, int at, enum expr_type type)
{
    static const char *const sentences[] = {
        [EXPR_NUMBER] = "A number is expected here.",
        [EXPR_TEXT] = "A text is expected here.",
        [EXPR_DATE] = "A date is expected here.",
        [EXPR_BOOL] = "A condition is expected here.",
    };

    if (p->e->nodes[at].type == type)
        return true;
    fail(p, p->e->nodes[at].position, sentences[type]);
    return false;
}

/* Steps over the current token into something nested. Only success needs to leave again. */
static bool enter(struct parser *p)
{
    if (++p->depth > EXPR_DEPTH_MAX) {
        fail(p, p->start, "The expression is nested too deeply.");
        return false;
    }
    next_token(p);
    return true;
}

static int parse_condition(struct parser *p);

/* Copies the name and ends it. */
static bool copy_name(struct parser *p, struct expr_text text, int position, char name[EXPR_NAME_MAX + 1])
{
    if (text.length == 0 || text.length > EXPR_NAME_MAX) {
        fail(p, position, text.length ? "The name is too long." : "The name is empty.");
        return false;
    }
    memcpy(name, text.data, text.length);
    name[text.length] = '\0';
    return true;
}

static int parse_slot(struct parser *p, struct expr_text text, int position, bool bracketed)
{
    char name[EXPR_NAME_MAX + 1];
    enum expr_type type = EXPR_NUMBER;
    int slot = 0, at;

    if (!copy_name(p, text, position, name))
        return -1;
    if (!p->env->resolve(p->env->ctx, name, bracketed, &type, &slot))
        return fail(p, position, bracketed ? "There is no field of this name." : "There is no parameter or term of this name.");
    at = add_node(p, N_SLOT, type, position, -1);
    p->e->nodes[at].index = slot;
    return at;
}

/* What the argument types alone do not say. */
static int finish_call(struct parser *p, int call)
{
    struct expr_node *n = &p->e->nodes[call], *first = &p->e->nodes[n->first];
    struct expr_node *second = first->next < 0 ? NULL : &p->e->nodes[first->next];
    char name[EXPR_NAME_MAX + 1];
    struct decimal digits;

    if (n->kind == N_PRESENT && first->kind != N_SLOT)
        return fail(p, first->position, "Only a field or a parameter can be present.");
    if (n->kind == N_ROUND && second->kind == N_NUMBER) {
        digits = second->number;
        if (digits.scale != 0 || digits.m > DECIMAL_SCALE_MAX)
            return fail(p, second->position, "The digits must be a whole number from 0 to 18.");
    }
    if (n->kind == N_VALID || n->kind == N_NORM) {
        if (second->kind != N_TEXT)
            return fail(p, second->position, "The check must be named by a text in quotes.");
        if (!copy_name(p, second->text, second->position, name))
            return -1;
        if (!p->env->check(p->env->ctx, name, &n->index))
            return fail(p, second->position, "There is no check of this name.");
    }
    return call;
}

/* Behind the name of the group of any and total: its fields are meant first from here to the closing parenthesis. */
static bool begin_rows(struct parser *p, int call, int at)
{
    const struct expr_node *group = &p->e->nodes[at];
    char name[EXPR_NAME_MAX + 1];

    if (p->in_rows || group->kind != N_TEXT) {
        fail(p, group->position,
             p->in_rows ? "any and total cannot stand within each other." : "The group must be named by a text in quotes.");
        return false;
    }
    if (!copy_name(p, group->text, group->position, name))
        return false;
    if (!p->env->group(p->env->ctx, name, &p->e->nodes[call].index)) {
        fail(p, group->position, "There is no group of this name.");
        return false;
    }
    p->in_rows = true;
    return true;
}

static void end_rows(struct parser *p)
{
    p->env->group(p->env->ctx, NULL, NULL);
    p->in_rows = false;
}

/* The functions whose further arguments are about each row of the group that the first one names. */
static bool about_rows(const struct function *f)
{
    return f->kind == N_ANY || f->kind == N_TOTAL;
}

/* The opening parenthesis is the current token. */
static int parse_call(struct parser *p, const struct function *f, int position)
{
    int call = add_node(p, f->kind, f->type, position, -1), last = -1, count = 0, at;

    do {
        if (count == 0 ? !enter(p) : (next_token(p), false))
            return -1;
        if (f->most && count == f->most)
            return fail(p, p->start, "The function has too many arguments.");
        if ((at = parse_condition(p)) < 0)
            return -1;
        if (f->kind != N_PRESENT && !expect_type(p, at, f->arguments[f->most ? count : 0]))
            return -1;
        if (about_rows(f) && count == 0 && !begin_rows(p, call, at))
            return -1;
        *(last < 0 ? &p->e->nodes[call].first : &p->e->nodes[last].next) = at;
        last = at;
        count++;
    } while (p->token == T_COMMA);
    if (p->token != T_CLOSE)
        return fail(p, p->start, "A comma or a closing parenthesis is expected here.");
    if (count < f->least)
        return fail(p, p->start, "The function has too few arguments.");
    if (about_rows(f))
        end_rows(p);
    p->depth--;
    next_token(p);
    return p->failed ? -1 : finish_call(p, call);
}

static int parse_name(struct parser *p)
{
    struct expr_text text = p->text;
    int position = p->start;

    next_token(p);
    if (p->token != T_OPEN)
        return p->failed ? -1 : parse_slot(p, text, position, false);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (is_word(text, functions[i].name))
            return parse_call(p, &functions[i], position);
    return fail(p, position, "There is no function of this name.");
}

static int parse_parentheses(struct parser *p)
{
    int at;

    if (!enter(p) || (at = parse_condition(p)) < 0)
        return -1;
    if (p->token != T_CLOSE)
        return fail(p, p->start, "A closing parenthesis is expected here.");
    p->depth--;
    next_token(p);
    return at;
}

static int parse_primary(struct parser *p)
{
    int at = -1;

    switch (p->token) {
    case T_NAME: return parse_name(p);
    case T_OPEN: return parse_parentheses(p);
    case T_NUMBER:
        at = add_node(p, N_NUMBER, EXPR_NUMBER, p->start, -1);
        p->e->nodes[at].number = p->number;
        break;
    case T_TEXT:
        at = add_node(p, N_TEXT, EXPR_TEXT, p->start, -1);
        p->e->nodes[at].text = p->text;
        break;
    case T_REFERENCE: at = parse_slot(p, p->text, p->start, true); break;
    default: return fail(p, p->start, "A value is expected here.");
    }
    next_token(p);
    return at;
}

/* Unary - and not: the operator is the current token, its operand read by `operand`. */
static int parse_prefix(struct parser *p, enum node_kind kind, enum expr_type type, int (*operand)(struct parser *))
{
    int position = p->start, at;

    if (!enter(p) || (at = operand(p)) < 0 || !expect_type(p, at, type))
        return -1;
    p->depth--;
    return add_node(p, kind, type, position, at);
}

static int parse_unary(struct parser *p)
{
    return p->token == T_MINUS ? parse_prefix(p, N_NEG, EXPR_NUMBER, parse_unary) : parse_primary(p);
}

/* Operands joined by one of two operators become one flat node, so that a long sum is not a deep tree. */
static int parse_chain(struct parser *p, enum token_kind op, enum token_kind other, enum expr_type type, int (*operand)(struct parser *))
{
    int first = operand(p), last = first, position = p->start, at;

    if (first < 0 || (p->token != op && p->token != other))
        return first;
    if (!expect_type(p, first, type))
        return -1;
    while (p->token == op || p->token == other) {
        enum token_kind join = p->token;

        next_token(p);
        if ((at = operand(p)) < 0 || !expect_type(p, at, type))
            return -1;
        p->e->nodes[at].join = join;
        p->e->nodes[last].next = at;
        last = at;
    }
    return add_node(p, N_CHAIN, type, position, first);
}

static int parse_product(struct parser *p)
{
    return parse_chain(p, T_TIMES, T_TIMES, EXPR_NUMBER, parse_unary);
}

static int parse_sum(struct parser *p)
{
    return parse_chain(p, T_PLUS, T_MINUS, EXPR_NUMBER, parse_product);
}

static int parse_comparison(struct parser *p)
{
    int left = parse_sum(p), right, at, position = p->start;
    enum token_kind op = p->token;
    enum expr_type type;

    if (left < 0 || op < T_EQ || op > T_GE)
        return left;
    type = p->e->nodes[left].type;
    if (op > T_NE && (type == EXPR_TEXT || type == EXPR_BOOL))
        return fail(p, position, "Only numbers and dates have an order.");
    next_token(p);
    if ((right = parse_sum(p)) < 0 || !expect_type(p, right, type))
        return -1;
    if (p->token >= T_EQ && p->token <= T_GE)
        return fail(p, p->start, "Comparisons cannot be chained.");
    p->e->nodes[left].next = right;
    at = add_node(p, N_COMPARE, EXPR_BOOL, position, left);
    p->e->nodes[at].op = op;
    return at;
}

static int parse_not(struct parser *p)
{
    return p->token == T_NOT ? parse_prefix(p, N_NOT, EXPR_BOOL, parse_not) : parse_comparison(p);
}

static int parse_and(struct parser *p)
{
    return parse_chain(p, T_AND, T_AND, EXPR_BOOL, parse_not);
}

static int parse_or(struct parser *p)
{
    return parse_chain(p, T_OR, T_OR, EXPR_BOOL, parse_and);
}

static int parse_condition(struct parser *p)
{
    int claim = parse_or(p), condition, position = p->start;

    if (claim < 0 || p->token != T_IF)
        return claim;
    if (!expect_type(p, claim, EXPR_BOOL))
        return -1;
    next_token(p);
    if ((condition = parse_or(p)) < 0 || !expect_type(p, condition, EXPR_BOOL))
        return -1;
    p->e->nodes[condition].next = claim;
    return add_node(p, N_IF, EXPR_BOOL, position, condition);
}

struct expr *expr_compile(const char *source, size_t length, const struct expr_env *env, struct expr_mistake *mistake)
{
    struct parser p = {.env = env, .mistake = mistake, .length = (int)length};

    if (length > EXPR_LENGTH_MAX) {
        fail(&p, EXPR_LENGTH_MAX, "The expression is too long.");
        return NULL;
    }
    p.e = malloc(sizeof *p.e + length * sizeof *p.e->nodes + length + 1);
    if (!p.e) {
        fail(&p, 0, "There is no memory for the expression.");
        return NULL;
    }
    p.e->source = (char *)(p.e->nodes + length);
    memcpy(p.e->source, source, length);
    p.e->source[length] = '\0';
    next_token(&p);
    p.e->root = parse_condition(&p);
    p.e->count = p.count;
    if (p.e->root >= 0 && p.token != T_END)
        fail(&p, p.start, "The expression should have ended here.");
    if (p.failed) {
        expr_free(p.e);
        return NULL;
    }
    return p.e;
}
