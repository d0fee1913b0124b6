"""A hook of MkDocs: equations as MathML, which browsers show without a script from elsewhere."""

import html
import re

from latex2mathml.converter import convert

_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_BLOCK = re.compile(r'<div class="arithmatex">\\\[(.*?)\\\]</div>', re.DOTALL)


def on_page_content(content: str, **_: object) -> str:
    """The page's HTML with MathML in place of the TeX that arithmatex has marked."""
    content = _BLOCK.sub(lambda found: convert(html.unescape(found[1]).strip(), display="block"), content)
    return _INLINE.sub(lambda found: convert(html.unescape(found[1])), content)
