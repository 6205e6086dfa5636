from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import orjson
import pytest

from aligncleaner.detect.evidence import Flag, Verdict
from aligncleaner.report.build import figures
from aligncleaner.report.figures import Figures
from aligncleaner.report.judged import Judged
from aligncleaner.report.page import render
from aligncleaner.report.tally import Tally

Make = Callable[[Sequence[dict[str, Any]]], Judged]

HOSTILE = {
    "script": "<script>document.title='owned'</script><img src=x onerror=alert(1)><svg onload=x>",
    "breaks out": "</mark></div></details></style></title>--><style>*{display:none}</style>",
    "attribute": '" onmouseover="alert(1)" style=\'position:fixed\' x="',
    "links": "[click](javascript:alert(1)) ![x](http://127.0.0.1:9/leak?d=1)",
    "template": "{{7*7}} ${jndi:ldap://127.0.0.1/a} %s {0.__class__} $style",
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x08\x08",
    "direction": "abc \u202e dcba \u2066 x \u2069 \u200e",
    "unseen": "I can\u200bnot he\u200dlp w\u2060ith th\u00adat \ufeff",
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467 (e\u0301) \U0001d518",
    "marks": "s" + "\u0336\u0321\u0300" * 300,
    "controls": "".join(map(chr, [*range(1, 9), *range(14, 32), 127, 0x85])),
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "long": "cannot " * 2000,
}

VOID = {"meta", "rect", "path", "circle"}
TAGS = set(
    """
    html head meta title style body header main footer section div article p span b i bdi ul li dl
    dt dd code h1 h2 h3 table caption thead tbody tfoot tr th td details summary mark
    svg defs pattern path circle rect text tspan
""".split()
)
ATTRIBUTES = set(
    """
    lang charset http-equiv content name class style title dir scope open role aria-label
    aria-hidden width height viewbox id patternunits patterntransform d x y rx cx cy r fill dx
    text-anchor
""".split()
)


class Page(HTMLParser):
    """A page's elements in order, checked for balance; its visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] != "style":
            self.text.append(data)

    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture
def hostile(judged: Make, verdict: Callable[..., Verdict], flag: Callable[..., Flag]) -> Figures:
    """Every field that the log or a rule pack can fill holds hostile text."""
    rows = [
        {
            "answer": text,
            "prompt": text,
            "source": text[:40],
            "model": text[:60],
            "lang": text[:20],
            "verdict": verdict(outcome=outcome, reasons=("harm",), over_refusal=0.9),
            "fate": fate,
            "decided_by": text[:30],
            "flags": [
                flag("refuses", 2, 9, rule=text[:50], reason="harm"),
                flag("hedge", 0, 4, rule='"><b>'),
                flag("<odd>", 1, 5),
            ],
        }
        for text in HOSTILE.values()
        for outcome, fate in (("refuses", "conversation_dropped"), ("malformed", "kept"))
    ]
    tally = Tally.empty()
    tally.add(judged(rows))
    tally.add_records(kept=13, removed=13)
    for byte, text in enumerate(HOSTILE.values()):
        raw = b"\xff\xfe" + text.encode("utf-8")
        tally.add_quarantined(text[:40], 1, byte, text, raw, len(raw))
    return figures(tally, {"inputs": HOSTILE["script"], HOSTILE["attribute"]: HOSTILE["script"]})


def test_hostile_text_stays_text(hostile: Figures) -> None:
    source = render(hostile)
    page = Page(source)
    assert {tag for tag, _ in page.elements} <= TAGS
    for _, attributes in page.elements:
        assert set(attributes) <= ATTRIBUTES
        assert re.fullmatch(r"(width:\d+(\.\d+)?%)?", attributes.get("style", ""))
        assert re.fullmatch(r"(url\(#\w+\))?", attributes.get("fill", ""))
    assert page.count("style") == page.count("title") == 1
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]", source)
    source.encode("utf-8")
    assert "<script>document.title='owned'</script>" in page.words()


def test_the_policy_forbids_all_but_style(hostile: Figures) -> None:
    policies = [a["content"] for _, a in Page(render(hostile)).elements if "http-equiv" in a]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]


def test_nothing_is_fetched(hostile: Figures) -> None:
    page = Page(render(hostile))
    assert not any({"src", "href", "action", "srcset"} & set(a) for _, a in page.elements)
    style = render(hostile).partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"@import|url\(|expression", style)


def test_figures_survive_json(hostile: Figures) -> None:
    assert render(orjson.loads(orjson.dumps(hostile))) == render(hostile)


def test_spans_are_marked_where_they_are(
    judged: Make, verdict: Callable[..., Verdict], flag: Callable[..., Flag]
) -> None:
    row = {
        "answer": "Sorry <b>, I can't \U0001f600 do it.",
        "verdict": verdict(outcome="refuses"),
        "flags": [flag("hedge", 0, 9), flag("refuses", 6, 18, rule="r.cannot")],
    }
    tally = Tally.empty()
    tally.add(judged([row]))
    marks = re.findall(
        r'<mark class="(l-\w+)" title="([^"]*)">(.*?)</mark>', render(figures(tally, {}))
    )
    assert marks == [
        ("l-hedge", "hedge · en_test.hedge", "Sorry "),
        ("l-refuses", "hedge · en_test.hedge; refuses · r.cannot", "&lt;b&gt;"),
        ("l-refuses", "refuses · r.cannot", ", I can&#x27;t"),
    ]


@pytest.mark.parametrize(
    ("fate", "words", "style"),
    [
        ("kept", "1 warranted refusal found, all kept", "fine"),
        ("conversation_dropped", "1 of 1 warranted refusal was removed. This has a cost", "cost"),
    ],
)
def test_the_cost_of_removing_warranted_refusals_is_stated(
    judged: Make, verdict: Callable[..., Verdict], fate: str, words: str, style: str
) -> None:
    tally = Tally.empty()
    tally.add(judged([{"verdict": verdict(outcome="refuses", over_refusal=0.1), "fate": fate}]))
    source = render(figures(tally, {}))
    assert words in Page(source).words()
    assert f'<p class="{style}">' in source


def test_personal_data_is_minded(hostile: Figures) -> None:
    assert Page(render(hostile)).words().count("Mind personal data.") == 2


def test_every_table_has_a_caption_and_heads_of_rows_and_columns(hostile: Figures) -> None:
    source = render(hostile)
    tables = re.findall(r"<table>.*?</table>", source, re.DOTALL)
    assert len(tables) >= 9
    for table in tables:
        assert "<caption>" in table and 'scope="col"' in table and 'scope="row"' in table
        widths = {len(re.findall(r"<t[hd]\b", row)) for row in table.split("<tr>")[1:]}
        assert len(widths) == 1


def test_drawings_have_words(hostile: Figures) -> None:
    for tag, attributes in Page(render(hostile)).elements:
        if tag == "svg":
            assert "aria-hidden" in attributes or attributes["aria-label"]


def test_an_empty_log_has_a_page() -> None:
    page = Page(render(figures(Tally.empty(), {})))
    assert "No records were read." in page.words()


@pytest.mark.browser
def test_a_browser_runs_none_of_it(hostile: Figures, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("needs Chromium")
    page = tmp_path / "report.html"
    page.write_text(render(hostile), encoding="utf-8")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()]
    shown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert "<title>Cleaning report" in shown
    assert {tag for tag, _ in Page(shown).elements} <= TAGS
