/* A plain libharu program as one would write it: every document made from nothing. The peer that taxcert is measured against.
 * usage: haru FOLDER COUNT FONT < lines of "x y size text" (points from the bottom left) */
#include <hpdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
    float x, y, size;
    char text[200];
};

static struct line lines[2000];

static size_t read_lines(void)
{
    size_t count = 0;

    while (count < 2000 && scanf("%f %f %f %199[^\n]", &lines[count].x, &lines[count].y, &lines[count].size, lines[count].text) == 4)
        count++;
    return count;
}

static int make(const char *path, const char *font_file, size_t count)
{
    HPDF_Doc doc = HPDF_New(NULL, NULL);
    HPDF_Page page;
    HPDF_Font font;
    int code;

    HPDF_UseUTFEncodings(doc);
    HPDF_SetCompressionMode(doc, HPDF_COMP_ALL);
    font = HPDF_GetFont(doc, HPDF_LoadTTFontFromFile(doc, font_file, HPDF_TRUE), "UTF-8");
    page = HPDF_AddPage(doc);
    HPDF_Page_SetWidth(page, 595.28F);
    HPDF_Page_SetHeight(page, 841.89F);
    for (size_t i = 0; i < count; i++) {
        HPDF_Page_BeginText(page);
        HPDF_Page_SetFontAndSize(page, font, lines[i].size);
        HPDF_Page_TextOut(page, lines[i].x, lines[i].y, lines[i].text);
        HPDF_Page_EndText(page);
    }
    for (int i = 0; i < 55; i++) {
        HPDF_Page_SetLineWidth(page, 0.3F);
        HPDF_Page_MoveTo(page, 311, 760 - 12 * (float)i);
        HPDF_Page_LineTo(page, 567, 760 - 12 * (float)i);
        HPDF_Page_Stroke(page);
    }
    code = HPDF_SaveToFile(doc, path) != HPDF_OK;
    HPDF_Free(doc);
    return code;
}

int main(int argc, char **argv)
{
    int count = argc == 4 ? atoi(argv[2]) : 0;
    size_t texts = read_lines();

    if (count == 0 || texts == 0)
        return 2;
    for (int i = 0; i < count; i++) {
        char path[1000];

        snprintf(path, sizeof path, "%s/%d.pdf", argv[1], i);
        if (make(path, argv[3], texts) != 0)
            return 1;
    }
    return 0;
}
