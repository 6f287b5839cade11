"""The visual editor: what it does not change stays as it was, letter by letter; what comes from Word keeps its shape."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.sandbox import written_text
from portal.demo.documents import read_texts
from tests.browser.conftest import accessible, fits, paste
from tests.browser.test_document_life import APPROVER, EDITOR, Acts, approve, in_both_themes, make, reads
from tests.core import makers

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OpenPage = Callable[..., Page]
WORD = Path(__file__).with_name("word.html").read_text()
# Cases in which Markdown means otherwise than people who write care routines, and parts that the tools have not.
HARD = [
    "",
    "\n\n",
    "> 38,5 grader är feber\n\n> en quotation\n> i två rader",
    "Ge 2*3*4 mg, *inte* 2**3 mg.\n___\n",
    "1. ett\n2. två\n4. fyra\n7. sju\n\n1. om\n1. igen",
    "[1]: https://www.example.se\n\n[a][1]",
    "| a | b |\n|---|--:|\n| 1 | 2 | 3 |\n| x \\| y | `a\\|b` |",
    "Rubrik\n======\n\n    kod\n\n```js\nlet a = 1;\n```\n",
    "- a\n\n  > **Viktigt:** ring\n\n- b\n  1. c\n     - d",
    "<b>inte HTML</b> &amp; &lt; <https://www.example.se>",
    "rad ett  \nrad två\\\nrad tre\n* * *\n+ plus\n\n**Varning** inte en ruta",
    '> Observera: se [[RUT-0187]] och ![En hand](bild-1 "titel")',
    "# Högst\n###### Lägst ######\n####### ingen rubrik",
    "* a\n- b\n+ c\n\n\n\n\n1) d\n",
]


def text_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Skriv", exact=True)


def source(page: Page) -> str:
    """The text as it will be saved."""
    page.evaluate("document.querySelector('[data-editor]').editor.sync()")
    return page.locator("#id_body").input_value()


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar", name="Verktyg för texten").get_by_role("button", name=name, exact=True)


def same(html: str) -> str:
    """Without what readers cannot see: where lines and blanks between blocks are."""
    html = re.sub(r"<strong>(Viktigt|Observera|Varning):?</strong>:?", r"<strong>\1</strong>", html)
    return re.sub(
        r"\s*(</?(?:p|h\d|li|ul|ol|div|blockquote|t\w+|pre|hr|br)\b[^>]*>)\s*", r"\1", re.sub(r"\s+", " ", html)
    )


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    page = open_page(EDITOR)
    page.goto("/dokument/RUT-0210/andra/")
    # Another test may have typed in it: it was kept.
    if (thrown := page.locator("button[name=discard]")).count():
        thrown.click()
        expect(thrown).to_have_count(0)
    expect(text_of(page)).to_be_visible()
    return page


def test_texts_that_nobody_changed_are_written_as_they_were_and_anew_say_the_same(page: Page) -> None:
    texts = [text.body for text in read_texts()] + HARD
    assert len(texts) > 80
    told = page.evaluate(
        """texts => texts.map((text) => {
            const read = writing.read(text);
            return [read.write(read.doc).text, read.write(read.doc, { anew: true }).text, read.doc.content.content.filter((n) => n.type.name === "source").length];
        })""",
        texts,
    )
    for text, (kept, anew, in_source) in zip(texts, told, strict=True):
        assert kept == text
        assert same(written_text.render(anew, "RUT-1")) == same(written_text.render(text, "RUT-1")), anew
        assert text in HARD or not in_source, text


def test_a_change_touches_its_own_paragraph_alone_and_undo_brings_back_the_text(page: Page) -> None:
    before = source(page)
    paragraph = text_of(page).locator("> p").first
    paragraph.click()
    page.keyboard.press("End")
    page.keyboard.type(" Nytt ord.")
    after = source(page)
    assert after.count("Nytt ord.") == 1
    assert [line for line in after.split("\n") if "Nytt ord." not in line] == [
        line for line in before.split("\n") if line not in before.split("\n") or line in after.split("\n")
    ]
    while source(page) != before:
        assert tool(page, "Ångra").get_attribute("aria-disabled") == "false"
        tool(page, "Ångra").click()
    page.get_by_role("button", name="Skriv som källtext").click()
    assert page.locator("#id_body").input_value() == before
    expect(page.locator("#id_body")).to_be_focused()
    page.get_by_role("button", name="Skriv med verktyg").click()
    expect(text_of(page)).to_be_focused()


def test_two_lists_that_come_to_stand_beside_each_other_stay_two(page: Page) -> None:
    page.get_by_role("button", name="Skriv som källtext").click()
    page.locator("#id_body").fill("1. ett\n2. två\n\nmellan\n\n1. om igen\n\n> - a\n>\n> x\n>\n> - b\n")
    page.get_by_role("button", name="Skriv med verktyg").click()
    # The paragraph between them is taken away.
    for words in ("mellan", "x"):
        page.evaluate(
            """words => {
                const { view } = document.querySelector("[data-editor]").editor;
                view.state.doc.descendants((node, at) => {
                    if (node.isTextblock && node.textContent === words) view.dispatch(view.state.tr.delete(at, at + node.nodeSize));
                });
            }""",
            words,
        )
    written = source(page)
    assert written.strip() == "1. ett\n2. två\n\n1) om igen\n\n> - a\n>\n> * b"
    assert written_text.render(written).count("<ol") == text_of(page).locator("ol").count() == 2


def test_a_text_is_written_with_tools_and_keys_alone(page: Page) -> None:
    text_of(page).press("Control+a")
    keys = page.keyboard
    keys.press("Delete")
    keys.type("## Före provet")
    keys.press("Enter")
    keys.type("Tvätta händerna, se [[RUT-0187]]. ")
    keys.press("Control+b")
    keys.type("Genast.")
    keys.press("Control+b")
    keys.press("Enter")
    keys.type("- ett")
    keys.press("Enter")
    keys.type("två")
    keys.press("Enter")
    keys.press("Tab")
    keys.type("inre")
    for _ in range(3):
        keys.press("Enter")
    tool(page, "Viktigt").click()
    keys.type("Ring 112 vid 2*3 slag_per_minut")
    keys.press("Enter")
    keys.press("Enter")
    tool(page, "Tabell").click()
    for name in ("Poäng", "Bort", "Gör"):
        keys.type(name)
        keys.press("Tab")
    text_of(page).locator("th", has_text="Bort").click()
    tool(page, "Ta bort kolumnen").click()
    text_of(page).locator("th", has_text="Gör").click()
    tool(page, "Kolumn till höger").click()
    keys.press("Tab")
    keys.type("När")
    text_of(page).locator("th", has_text="Poäng").click()
    keys.press("Enter")
    tool(page, "Siffror åt höger").click()
    keys.type("7 | 8")
    expect(tool(page, "Siffror åt höger")).to_have_attribute("aria-pressed", "true")
    written = source(page)
    assert written.startswith(
        "## Före provet\n\nTvätta händerna, se [[RUT-0187]]. **Genast.**\n\n- ett\n- två\n  - inre\n\n"
        "> **Viktigt:** Ring 112 vid 2*3 slag_per_minut\n\n"
    )
    assert "| Poäng | Gör | När |\n|---:|---|---|\n| 7 \\| 8 |" in written
    # The caret is in the table: the preview shows it.
    expect(page.locator("#visning .is-here table")).to_be_visible()
    # Nobody is caught in the text.
    keys.press("Alt+F10")
    expect(page.locator(".editor__tools button:focus")).to_have_count(1)
    keys.press("Escape")
    expect(text_of(page)).to_be_focused()
    keys.press("Escape")
    keys.press("Tab")
    expect(text_of(page)).not_to_be_focused()
    in_both_themes(page)
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page)


def test_a_link_is_found_by_searching_and_an_address_is_looked_at(page: Page) -> None:
    text_of(page).press("Control+a")
    page.keyboard.type("Se ")
    page.keyboard.press("Control+k")
    accessible(page)
    page.get_by_label("Sök ett dokument").fill("RUT-0187")
    page.locator(".editor__found").first.wait_for()
    page.keyboard.press("Enter")
    assert source(page).strip() == "Se [[RUT-0187]]"
    page.keyboard.type(" och ")
    page.keyboard.press("Control+k")
    page.get_by_label("Eller en adress").fill("javascript:alert(1)")
    page.get_by_role("button", name="Lägg in adressen").click()
    expect(page.locator("#lank [data-said]")).to_contain_text("Skriv en adress")
    page.get_by_label("Eller en adress").fill("www.example.se")
    page.get_by_label("Länkens ord").fill("exemplet")
    page.get_by_role("button", name="Lägg in adressen").click()
    assert source(page).strip() == "Se [[RUT-0187]] och [exemplet](https://www.example.se)"


def test_a_picture_is_pasted_described_and_seen(page: Page) -> None:
    text_of(page).press("Control+End")
    sent = base64.b64encode(makers.jpeg()).decode()
    text_of(page).evaluate(
        """(element, data) => {
            const clipboardData = new DataTransfer();
            const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
            clipboardData.items.add(new File([bytes], "bild.jpg", { type: "image/jpeg" }));
            element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        sent,
    )
    window = page.locator("#bild")
    window.get_by_role("button", name="Lägg in den i texten").click()
    expect(window.locator("[data-said]")).to_contain_text("Skriv vad bilden visar")
    accessible(page)
    page.get_by_label("Vad visar den?").last.fill("En hand")
    window.get_by_role("button", name="Lägg in den i texten").click()
    expect(text_of(page).get_by_role("img", name="En hand")).to_be_visible()
    assert "![En hand](bild-" in source(page)
    expect(page.locator("#visning").get_by_role("img", name="En hand")).to_be_visible()


def test_a_chosen_picture_stays_chosen_where_its_words_are_missing(page: Page) -> None:
    page.get_by_role("button", name="Skriv som källtext").click()
    page.locator("summary", has_text="Lägg in en bild").click()
    page.locator("#id_picture").set_input_files({"name": "hand.jpg", "mimeType": "image/jpeg", "buffer": makers.jpeg()})
    put_in = page.locator("[name=add_picture]")
    put_in.click()
    says = page.locator("#id_picture_says")
    expect(says).to_be_focused()
    assert says.evaluate("one => one.validationMessage").startswith("Skriv vad bilden visar")
    assert page.locator("#id_picture").evaluate("one => one.files.length") == 1
    says.fill("En hand till")
    put_in.click()
    page.wait_for_function("document.getElementById('id_body').value.includes('![En hand till](bild-')")


def test_five_pages_from_word_are_pasted_mended_sent_and_approved(open_page: OpenPage) -> None:
    page, approver = open_page(EDITOR), open_page(APPROVER, width=360)
    number = make(page, "Regionens egna verksamheter", "regional")
    stopped: list[str] = []
    page.on(
        "console", lambda message: stopped.append(message.text) if "Content Security Policy" in message.text else None
    )
    body = re.search(r"<h2>Ordning.*(?=<!--End)", WORD, re.DOTALL)
    assert body
    # Some five pages: the second half comes again and again.
    paste(text_of(page), html=WORD.replace("<!--EndFragment-->", body[0] * 5))
    written = source(page)
    assert written.startswith(
        "## Venprovtagning på mottagning\n\n## Förbered\n\nTa fram rör och märk dem **före** provet."
    )
    for held in (
        "**minst** 2*3 ml",
        "10⁹/l, CO₂ i",
        "- Kontrollera identiteten\n  - fråga efter namn\n- Fråga om blodförtunnande",
        "## Ordning\n\n1. Citratrör\n2. Serumrör",
        "| **Rör** | **Rör** | **Antal \\| max** |\n|---|---|---|\n| Citrat | Blå propp; Vänd fem gånger | 2 |\n| Citrat | Grön propp | 4 |",
        "> Ring laboratoriet om provet är akut.",
        "[Vårdhandboken](https://www.vardhandboken.se/) och gamla rutinen. Gräns < 4 och > 38,5 grader.",
    ):
        assert held in written, held
    assert "Syfte" not in written
    told = page.locator("[data-told-lost]")
    expect(told).to_contain_text("Bilder som inte kom med, lägg in dem en och en: 6")
    expect(told).to_contain_text("Sammanslagna rutor")
    assert not stopped
    text_of(page).locator("td", has_text="Blå propp").first.click()
    page.keyboard.press("End")
    page.keyboard.type(" långsamt")
    acts = Acts()
    acts.fill(page.get_by_label("Vad är ändrat?"), "Första versionen.")
    acts.click(page.get_by_role("button", name="Skicka för fastställande"))
    page.wait_for_url("**/granska/")
    approve(approver, number, 1, "Vänd fem gånger långsamt")
    approver.get_by_role("button", name="Publicera version 1").click()
    reads(page, f"/dokument/{number}/", "Vänd fem gånger långsamt")


def test_without_scripts_the_box_is_there(open_page: OpenPage) -> None:
    page = open_page(EDITOR)
    state = page.context.storage_state()
    browser = page.context.browser
    assert browser
    plain = browser.new_context(
        base_url=page.url.split("/", 3)[0] + "//" + page.url.split("/")[2],
        storage_state=state,
        java_script_enabled=False,
    )
    still = plain.new_page()
    still.goto("/dokument/RUT-0210/andra/")
    expect(still.get_by_label("Skriv", exact=True)).to_be_visible()
    expect(still.locator("[data-editor]")).to_be_hidden()
    plain.close()
