"""Papers: PDF in Chinese and English on a machine with nothing installed. Pure: no clock, no database, no framework.

    paper = Paper(title="…", language="zh", parts=[heading("…"), paragraph("…"), table(["日期", "金额"], rows)])
    pdf(paper, made_at=now)        # the same paper and moment give the same bytes

The font comes with us (fonts/, OFL 1.1). A character it lacks is shown as its code, such as [U+2CDA8], and named in a
note at the end, never left out silently. Text is data: nothing in it is read as markup.
"""

from fairdue.papers.glyphs import covered, shown, uncovered
from fairdue.papers.paper import Paper, Part, heading, items, paragraph, pdf, png, table, terms

__all__ = [
    "Paper",
    "Part",
    "covered",
    "heading",
    "items",
    "paragraph",
    "pdf",
    "png",
    "shown",
    "table",
    "terms",
    "uncovered",
]
