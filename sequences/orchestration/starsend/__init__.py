"""Work of the script era, brought in: read, looked through, and written beside what people have done here since."""

from .importing import StarsendReport, import_starsend
from .report import Decided, RecordReport

__all__ = ["Decided", "RecordReport", "StarsendReport", "import_starsend"]
