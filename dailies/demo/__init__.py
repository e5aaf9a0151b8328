"""The demo project, made through the verbs: which steps it takes, and walking them so that any kill can be resumed."""

from .director import Director, Stuck, project_of_demo
from .finish import finish_line
from .script import LIVE

__all__ = ["LIVE", "Director", "Stuck", "finish_line", "project_of_demo"]
