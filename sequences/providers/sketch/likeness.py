"""What a prompt's names look like: references that were sent are put into words for the painter."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sequences.providers.base import ElementRef
from sequences.providers.sketch.scenes import read


def spoken(prompt: str, elements: Iterable[ElementRef]) -> str:
    """The prompt with each sent character described after its name, where that does not change the scene."""
    for element in elements:
        if element.kind == "character" and element.description:
            prompt = _described(prompt, element)
    return prompt


def _described(prompt: str, element: ElementRef) -> str:
    found = re.search(rf"\b{re.escape(element.name)}\b", prompt, re.IGNORECASE)
    if not found:
        return prompt
    told = f"{prompt[: found.end()]}, {element.description},{prompt[found.end() :]}"
    return told if read(told).family == read(prompt).family else prompt
