"""A hook of MkDocs: equations as MathML, which browsers show without a script from elsewhere."""

import html
import re

from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError
from mkdocs.structure.pages import Page

_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_LEFT = re.compile(r"\$\s*<math")
_BLOCK = re.compile(r'<div class="arithmatex">\\\[(.*?)\\\]</div>', re.DOTALL)


def on_page_content(content: str, page: Page, **_: object) -> str:
    """The page's HTML with MathML in place of the TeX that arithmatex has marked."""
    content = _BLOCK.sub(lambda found: convert(html.unescape(found[1]).strip(), display="block"), content)
    content = _INLINE.sub(lambda found: convert(html.unescape(found[1])), content)
    if _LEFT.search(content):
        message = f"{page.file.src_uri}: an equation between $$ needs an empty line before and after it"
        raise PluginError(message)
    return content
