"""The verbs that commit us: what people ask for and decide. Pages, commands and admin call these, nothing else.

Every verb takes keywords only. `actor` is the person who asks; None is the machine's owner on the command
line. A verb does the whole thing and returns the rows, or raises Refusal with one sentence and writes nothing.
"""

from __future__ import annotations
