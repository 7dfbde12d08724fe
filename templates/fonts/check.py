#!/usr/bin/env python3
"""Checks the two fonts and sequences.tsv made by make.py; exit 1 with a line for each failure.

usage: check.py            check
       check.py --sheet    also draw contact-sheet.png
Needs the packages of requirements.txt and the Debian package fonts-noto-core 20201225-1.
"""
import os
import sys
import tempfile

import pathops
import uharfbuzz as hb
from fontTools.agl import toUnicode
from fontTools.pens.areaPen import AreaPen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

import make

ABOVE = {0x300, 0x301, 0x302, 0x304, 0x306, 0x307, 0x308, 0x30B, 0x30C, 0x30D, 0x310}
BELOW = {0x323, 0x325, 0x326, 0x331}
ATTACHED_BELOW = {0x327, 0x328}
GAP = 20       # least distance in height of a mark that stands free from its letter
OVERHANG = 35  # most a mark may stick out beyond its letter, sideways
failures = []


def expect(ok, *what):
    if not ok:
        failures.append(" ".join(map(str, what)))


def path(outline):
    p = pathops.Path()
    glyph = outline.glyph()
    glyph.draw(p.getPen(), None)
    return p


def area(p):
    p = pathops.Path(p)
    p.simplify()
    return abs(p.area)


def common(a, b):
    """The area two outlines have in common, in square units."""
    return area(pathops.op(path(a), path(b), pathops.PathOp.INTERSECTION))


def apart(a, b, by):
    """Whether the outlines stay without contact when one is moved by so much to any side."""
    return all(common(a, b.moved(dx, dy)) == 0 for dx in (-by, 0, by) for dy in (-by, 0, by))


def check_file(name, font, rows, seqs):
    expect(set(font.keys()) == make.TABLES - {"glyf", "loca"} | {"CFF "}, name, "tables", sorted(font.keys()))
    cmap, hmtx, glyphs = font.getBestCmap(), font["hmtx"], font.getGlyphSet()
    top = font["CFF "].cff.topDictIndex[0]
    order = font.getGlyphOrder()
    for g in order:
        top.CharStrings[g].decompile()
        expect(not {"hstem", "vstem", "hstemhm", "vstemhm", "callsubr", "callgsubr"} & set(top.CharStrings[g].program), name, g, "has hints or routines")
        box = bounds(glyphs, g)
        expect(not box or abs(hmtx[g][1] - box[0]) <= 1, name, g, "left bearing is not that of the ink")
    for byte in range(0x20, 0x100):  # what a PDF's WinAnsiEncoding calls it; 0xA0 and 0xAD share a name with others there
        point = bytes([byte]).decode("cp1252", "ignore")
        if point and byte not in (0x7F, 0xA0, 0xAD) and ord(point) in cmap:
            expect(cmap[ord(point)] != "u%04X" % ord(point) and toUnicode(cmap[ord(point)]) == point, name, "U+%04X is called" % ord(point), cmap[ord(point)])
    expect(len(order) == len(cmap) + 1 and len(set(cmap.values())) == len(cmap), name, "not one glyph for each code point")
    wanted = {p for _, _, points in rows for p in points} - make.UNWANTED | set(make.EXTRA) | {pua for pua, _ in seqs}
    expect(set(cmap) == wanted, name, "coverage", sorted(set(cmap) ^ wanted))
    for p in cmap:
        expect(bounds(glyphs, cmap[p]) or p in (0x20, 0xA0), name, "U+%04X has no ink" % p)
    expect(len({hmtx[cmap[d]][0] for d in range(0x30, 0x3A)}) == 1, name, "digits differ in width")
    expect(hmtx[cmap[0x20]][0] == hmtx[cmap[0xA0]][0], name, "no-break space differs in width from space")
    expect(font["post"].formatType == 3 and font["OS/2"].fsType == 0, name, "post or fsType")
    expect(font["name"].getDebugName(1) == make.FAMILY, name, "family")
    expect("Noto" not in "".join(font["name"].getDebugName(i) for i in (1, 2, 3, 4, 6)), name, "keeps the original's name")


def bounds(glyphs, g):
    pen = BoundsPen(glyphs)
    glyphs[g].draw(pen)
    return pen.bounds


class Points(BasePen):
    """Contours as points, STEPS for each curve and each side."""

    STEPS = 24

    def __init__(self, glyphs):
        super().__init__(glyphs)
        self.contours = []

    def _moveTo(self, p):
        self.contours.append([p])

    def _lineTo(self, p):
        x, y = self.contours[-1][-1]
        self.contours[-1] += [(x + (p[0] - x) * i / self.STEPS, y + (p[1] - y) * i / self.STEPS) for i in range(1, self.STEPS + 1)]

    def _curveToOne(self, b, c, d):
        a = self.contours[-1][-1]
        for i in range(1, self.STEPS + 1):
            t = i / self.STEPS
            s = 1 - t
            self.contours[-1].append(tuple(s * s * s * p + 3 * s * s * t * q + 3 * s * t * t * r + t * t * t * e for p, q, r, e in zip(a, b, c, d)))

    def _closePath(self):
        self._lineTo(self.contours[-1][0])


def near(points, line, limit):
    """Whether each eighth of the points is no further than limit from the line."""
    for x, y in points[::8]:
        for (ax, ay), (bx, by) in zip(line, line[1:]):
            if (ay - limit > y and by - limit > y) or (ay + limit < y and by + limit < y):
                continue
            dx, dy = bx - ax, by - ay
            t = max(0, min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy or 1)))
            if (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2 <= limit * limit:
                break
        else:
            return False
    return True


def check_curves(name, font, flat):
    """Cubic curves kept each glyph: its width, and each point of either outline within TOLERANCE of the other, and of rounding."""
    ours, theirs = font.getGlyphSet(), flat.getGlyphSet()
    for g in font.getGlyphOrder():
        expect(font["hmtx"][g][0] == flat["hmtx"][g][0] == ours[g].width, name, g, "has another width")
        a, b = Points(ours), Points(theirs)
        ours[g].draw(a)
        theirs[g].draw(b)
        expect(len(a.contours) == len(b.contours), name, g, "has other contours")
        for one, other in zip(a.contours, b.contours):
            expect(near(one, other, make.TOLERANCE + 1) and near(other, one, make.TOLERANCE + 1), name, g, "is drawn otherwise")


def check_same_ink(name, font, source):
    """Flattening kept each glyph: box and area as fontTools' own decomposition draws the source."""
    ours, theirs = font.getGlyphSet(), source.getGlyphSet()
    have, cmap = source.getBestCmap(), font.getBestCmap()
    for p in cmap:
        if p >= make.PUA or p not in have:
            continue
        boxes, areas = [], []
        for glyphs, g in ((ours, cmap[p]), (theirs, have[p])):
            b, a = BoundsPen(glyphs), AreaPen(glyphs)
            glyphs[g].draw(b)
            glyphs[g].draw(a)
            boxes.append(b.bounds)
            areas.append(a.value)
        # Clockwise ink has a negative area; the source's mirrored glyphs are the other way round and are put right.
        expect(areas[0] <= 0, name, "U+%04X runs the wrong way" % p)
        expect(boxes[0] == boxes[1] or max(abs(x - y) for x, y in zip(*boxes)) <= 1, name, "U+%04X box" % p, *boxes)
        expect(abs(abs(areas[0]) - abs(areas[1])) <= 1 + abs(areas[1]) / 100, name, "U+%04X area" % p, *areas)


def check_sequence(name, points, parts, advance, made):
    what = "%s %s %s" % (name, " ".join("%04X" % p for p in points), "".join(map(chr, points)))
    whole = parts[0]
    for o in parts[1:]:
        whole = whole + o
    expect((made.points, made.ends) == (whole.points, whole.ends), what, "differs from what make.py places")
    union = pathops.Path()
    pathops.union([c for o in parts for c in path(o).contours], union.getPen())
    expect(abs(area(path(made)) - area(union)) < 2, what, "overlapping ink cancels out")

    base, marks = parts[0], list(zip(points[1:], parts[1:]))
    if make.DOUBLE_MACRON_BELOW in points:
        k, bar, h = parts
        expect(bar.y1 <= min(k.y0, h.y0) - GAP, what, "the bar touches a letter")
        expect(k.x0 < bar.x0 < (k.x0 + k.x1) / 2 and (h.x0 + h.x1) / 2 < bar.x1 < h.x1, what, "the bar does not join both letters")
        expect(abs((bar.x0 + bar.x1) - (k.x0 + h.x1)) < 60, what, "the bar is off the middle")
        return
    for mark, o in marks:
        m = "U+%04X" % mark
        if mark in ABOVE:
            expect(o.y0 >= base.y1 + GAP, what, m, "is not above the letter:", o.y0, base.y1)
            expect(o.y0 <= base.y1 + 130, what, m, "floats:", o.y0, base.y1)
        elif mark in BELOW:
            expect(o.y1 <= base.y0 - GAP, what, m, "is not below the letter:", o.y1, base.y0)
            expect(o.y1 >= base.y0 - 130, what, m, "floats:", o.y1, base.y0)
        elif mark in ATTACHED_BELOW or mark == make.HORN:
            expect(common(base, o) > 0, what, m, "does not touch the letter")
            expect(common(base, o) < area(path(o)) * 0.6, what, m, "is swallowed by the letter")
        elif mark == make.COMMA_RIGHT:
            expect(apart(base, o, 15), what, m, "touches the letter")
            expect(o.x0 - base.x1 <= 80 and o.x0 >= base.x1, what, m, "is not right of the letter:", o.x0, base.x1)
            expect(o.y1 == 714, what, m, "top at", o.y1)
        else:
            expect(False, what, m, "has no rule")
        if mark in ATTACHED_BELOW:
            expect(o.y1 <= 20 and o.y0 < -100, what, m, "height", o.y0, o.y1)
        if mark == make.HORN:
            expect((base.x0 + base.x1) / 2 < o.x0 < base.x1 and o.y1 > min(base.y1, 600) * 0.95, what, m, "is not at the upper right")
        if mark in ABOVE | BELOW | ATTACHED_BELOW:
            if mark == 0x301 and base.x1 - base.x0 < 350:  # an acute leans out over the side of a narrow letter (i j J), its foot does not
                expect(base.x0 < o.x0 < base.x1 and o.x1 <= base.x1 + 150, what, m, "sticks out:", o.x0, o.x1, "letter", base.x0, base.x1)
            elif o.x1 - o.x0 <= base.x1 - base.x0:
                expect(o.x0 >= base.x0 - OVERHANG and o.x1 <= base.x1 + OVERHANG, what, m, "sticks out:", o.x0, o.x1, "letter", base.x0, base.x1)
            else:
                expect(o.x0 <= (base.x0 + base.x1) / 2 <= o.x1, what, m, "is beside the letter")
        expect(o.x0 >= min(0, base.x0) and o.x1 <= max(advance, base.x1 + 15), what, m, "hangs over a neighbour:", o.x0, o.x1, advance)
    for i, (m, a) in enumerate(marks):
        for n, b in marks[i + 1 :]:
            expect(apart(a, b, 15), what, "U+%04X and U+%04X touch" % (m, n))


def sheet(seqs, out):
    from PIL import Image, ImageDraw, ImageFont
    columns, w, h, size = 10, 132, 100, 44
    rows = -(-len(seqs) // columns)
    im = Image.new("L", (columns * w + 8, rows * h + 8), 255)
    draw = ImageDraw.Draw(im)
    fonts = [ImageFont.truetype(os.path.join(make.HERE, n), size, layout_engine=ImageFont.Layout.BASIC) for n in make.WEIGHTS]
    label = ImageFont.truetype(os.path.join(make.HERE, "taxcert-sans-regular.otf"), 10, layout_engine=ImageFont.Layout.BASIC)
    for i, (pua, points) in enumerate(seqs):
        x, y = 4 + i % columns * w, 4 + i // columns * h
        draw.rectangle((x, y, x + w, y + h), outline=210)
        for font, at in zip(fonts, (0.26, 0.74)):
            draw.text((x + w * at, y + 58), chr(pua), font=font, fill=0, anchor="ms")
        draw.text((x + w / 2, y + h - 5), "%04X = %s" % (pua, " ".join("%04X" % p for p in points)), font=label, fill=90, anchor="ms")
    im.quantize(16).save(out, optimize=True)


def main():
    rows = make.din_list()
    seqs, _ = make.sequences(rows)
    with tempfile.TemporaryDirectory() as again:
        argv, sys.argv = sys.argv, ["make.py", make.SOURCE_FOLDER, again]
        make.main()
        sys.argv = argv
        for n in [*make.WEIGHTS, "sequences.tsv"]:
            with open(os.path.join(again, n), "rb") as a, open(os.path.join(make.HERE, n), "rb") as b:
                expect(a.read() == b.read(), n, "is not what make.py makes")
    for pua, points in seqs:
        expect(make.nfc(points) == points and len(points) > 1, "U+%04X is not NFC" % pua)
    for name, (source, weight) in make.WEIGHTS.items():
        font, flat = TTFont(os.path.join(make.HERE, name)), make.build(make.SOURCE_FOLDER, source, weight, rows, seqs)
        file = os.path.join(make.SOURCE_FOLDER, source)
        original = TTFont(file)
        hbfont = hb.Font(hb.Face(hb.Blob.from_file_path(file)))
        check_file(name, font, rows, seqs)
        check_curves(name, font, flat)
        check_same_ink(name, flat, original)
        cmap = flat.getBestCmap()
        for pua, points in seqs:
            parts, advance = make.place(original, hbfont, points)
            expect(font["hmtx"][cmap[pua]][0] == advance, name, "U+%04X advance" % pua)
            check_sequence(name[13:-4], points, parts, advance, make.Outline.of(flat, cmap[pua]))
    if "--sheet" in sys.argv:
        sheet(seqs, os.path.join(make.HERE, "contact-sheet.png"))
    for f in failures:
        print("FAIL", f)
    print("%d sequences in %d fonts, %d failures" % (len(seqs), len(make.WEIGHTS), len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
