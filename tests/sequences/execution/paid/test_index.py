"""Every case of the groups P, B, M and W has a test, and every test that is named is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.sequences.execution.paid.index import CASES, HERE, OTHERWISE
from tests.sequences.execution.paid.test_on_file import CROWDS, KILLS

GROUPS = {"P": 18, "B": 16, "M": 6, "W": 9}


def functions(module: str) -> set[str]:
    """The functions a module defines."""
    tree = ast.parse(Path(ROOT, *module.split(".")).with_suffix(".py").read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_case_has_a_test() -> None:
    wanted = {f"{group}{number}" for group, most in GROUPS.items() for number in range(1, most + 1)}
    assert wanted <= {case for case, tests in CASES.items() if tests}
    assert set(OTHERWISE) <= set(CASES)


@pytest.mark.parametrize("name", sorted({name for names in CASES.values() for name in names}))
def test_every_named_test_is_there(name: str) -> None:
    module, _, function = name.partition("::")
    assert function in functions(module)


def test_every_proof_is_run() -> None:
    run = {*(f"{HERE}.crowds::{name}" for name in CROWDS), *(f"{HERE}.kills::{name}" for name in KILLS)}
    proofs = (f"{HERE}.crowds::", f"{HERE}.kills::")
    assert {name for names in CASES.values() for name in names if name.startswith(proofs)} <= run
