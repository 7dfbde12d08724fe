#include "deliver/message.h"

#include <string.h>

#define LINE_BYTES 57 /* that base64 makes 76 signs of */
#define WORD_BYTES 39 /* of an encoded word: with its frame and the header's name it stays below 78 signs */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void add_base64(struct buf *out, const unsigned char *data, size_t length)
{
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        unsigned value = (unsigned)data[i] << 16 | (left > 1 ? (unsigned)data[i + 1] << 8 : 0) | (left > 2 ? data[i + 2] : 0u);
        const char four[4] = {letters[value >> 18], letters[value >> 12 & 63], left > 1 ? letters[value >> 6 & 63] : '=',
                              left > 2 ? letters[value & 63] : '='};

        buf_add(out, four, sizeof four);
    }
}

static void add_lines(struct buf *out, const void *data, size_t length)
{
    for (size_t i = 0; i < length; i += LINE_BYTES) {
        add_base64(out, (const unsigned char *)data + i, length - i < LINE_BYTES ? length - i : LINE_BYTES);
        buf_puts(out, "\r\n");
    }
}

/* A header's text as encoded words, whole characters each; nothing of it can be another header. */
static void add_words(struct buf *out, const char *text)
{
    size_t left = strlen(text);

    for (bool first = true; first || left > 0; first = false) {
        size_t length = left < WORD_BYTES ? left : WORD_BYTES;

        while (length < left && length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
        buf_puts(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        add_base64(out, (const unsigned char *)text, length);
        buf_puts(out, "?=");
        text += length;
        left -= length;
    }
}

static void add_date(struct buf *out, time_t date)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm utc;

    gmtime_r(&date, &utc);
    buf_printf(out, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0000\r\n", days + 3 * utc.tm_wday, utc.tm_mday, months + 3 * utc.tm_mon,
               utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

static void add_texts(struct buf *out, const char *const *texts)
{
    for (; *texts; texts++)
        buf_puts(out, *texts);
}

static void add_head(const struct message *m, struct buf *out)
{
    add_date(out, m->date);
    buf_puts(out, "From: ");
    if (m->from_name && *m->from_name) {
        add_words(out, m->from_name);
        buf_puts(out, "\r\n ");
    }
    add_texts(out, (const char *const[]){"<", m->from, ">\r\nTo: <", m->to, ">\r\nSubject: ", NULL});
    add_words(out, m->subject);
    add_texts(out, (const char *const[]){"\r\nMessage-ID: <", m->id,
                                         ">\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n"
                                         "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_taxcert\"\r\n\r\n",
                                         NULL});
}

void message_write(const struct message *m, struct buf *out)
{
    out->length = 0;
    add_head(m, out);
    /* base64 has no "=_": the boundary is in no part */
    buf_puts(out, "--=_taxcert\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    add_lines(out, m->text, strlen(m->text));
    add_texts(out, (const char *const[]){"--=_taxcert\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
                                         "Content-Disposition: attachment; filename=\"",
                                         m->file, "\"\r\n\r\n", NULL});
    add_lines(out, m->data, m->length);
    buf_puts(out, "--=_taxcert--\r\n");
}
