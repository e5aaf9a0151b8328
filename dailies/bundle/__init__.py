"""A whole project in one file, out and in again; and a project forked as a new version."""

from .forking import fork_project
from .importing import Arrived, bundle_data, import_bundle, verify_bundle
from .writing import Prepared, export_bundle, prepare

__all__ = [
    "Arrived",
    "Prepared",
    "bundle_data",
    "export_bundle",
    "fork_project",
    "import_bundle",
    "prepare",
    "verify_bundle",
]
