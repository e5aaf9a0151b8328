"""Addresses of the board pages."""

from django.urls import path

from sequences.views import batches, board, costs, finals, run

_BATCH = "p/<slug:slug>/batches/<int:number>/"

urlpatterns = [
    path("p/<slug:slug>/", board.board, name="board"),
    path("p/<slug:slug>/live/", board.board_live, name="board_live"),
    path("p/<slug:slug>/run/", run.board_run, name="board_run"),
    path("p/<slug:slug>/run/<slug:code>/", board.board_start, name="board_start"),
    path("p/<slug:slug>/batches/", batches.batches, name="batches"),
    path(_BATCH, batches.batch, name="batch"),
    path(f"{_BATCH}live/", batches.batch_live, name="batch_live"),
    *(path(f"{_BATCH}{verb}/", batches.batch_verb, {"verb": verb}, name=f"batch_{verb}") for verb in batches.VERBS),
    path("p/<slug:slug>/final/", finals.board_final, name="board_final"),
    path("p/<slug:slug>/costs/", costs.costs, name="costs"),
    path("p/<slug:slug>/costs/cap/", costs.costs_cap, name="costs_cap"),
    path("p/<slug:slug>/costs/ledger.csv", costs.costs_ledger, name="costs_ledger"),
]
