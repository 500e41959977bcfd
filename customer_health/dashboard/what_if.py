"""Upload an edited configuration and see what it would change. The same question as `make what-if`.

Belongs here: the upload, running the question, its answer as a page.
Does not belong here: finding the answer (validation/what_if). It is the only thing in the dashboard that opens the
build file, read-only and for that long; everything else reads the publication.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from customer_health.configuration.folder import ConfigurationError
from customer_health.core.apart import BoundError, run_apart
from customer_health.core.build_file import BUILD_FILE
from customer_health.dashboard import frame, tables
from customer_health.dashboard.frame import warehouse
from customer_health.dashboard.markup import account_link, bullets, paragraph
from customer_health.dashboard.tables import Column
from customer_health.reading.published import Snapshot
from customer_health.validation.what_if import Answer, NeedsRebuildError, WhatIfError
from customer_health.validation.what_if import report as said
from customer_health.validation.what_if.uploaded import what_if_uploaded


def show(snapshot: Snapshot) -> None:
    """The place to upload, and below it the answer to what was uploaded last."""
    frame.section("What would an edit change?", "scores all history anew beside what is there; nothing is stored")
    if snapshot.reader.is_restricted:
        frame.nothing("The answer names accounts of everybody, so only those may ask who see everything.")
        return
    if not (warehouse() / BUILD_FILE).exists():
        frame.nothing(
            "This dashboard has the publication only. A what-if needs the build file as well: run "
            "`make what-if CONFIG=<edited folder>` where the builds run."
        )
        return
    with st.form("what_if", border=False):
        uploads = st.file_uploader(
            "Edited files of the configuration (CSV, vars.yml), or a zip of them. What you leave out stays as it is.",
            type=["csv", "yml", "zip"],
            accept_multiple_files=True,
            max_upload_size=20,
        )
        asked = st.form_submit_button("What if?", key="what_if_ask")
    if not asked:
        return
    if not uploads:
        frame.nothing("Choose a file first: for example scorecard_metrics.csv with other weights.")
        return
    with st.spinner("Scoring all history anew …"):
        answer = _answer({upload.name: upload.getvalue() for upload in uploads})
    if answer:
        _show(answer)


def _answer(uploads: dict[str, bytes]) -> Answer | None:
    """The answer, or nothing after saying why there is none."""
    with tempfile.TemporaryDirectory(prefix="edited_configuration_") as folder:
        try:
            # apart: whatever an upload makes of it, the server goes on
            answer = run_apart(what_if_uploaded, uploads, warehouse(), Path(folder))
            # where the files lie for a moment says nothing to whoever sent them
            return replace(answer, warnings=tuple(line.replace(f"{folder}/", "") for line in answer.warnings))
        except NeedsRebuildError as error:
            _refuse("This needs a build, since values of metrics would change:", error.reasons)
        except (ConfigurationError, WhatIfError, BoundError) as error:
            first, *others = str(error).replace(f"{folder}/", "").splitlines()
            _refuse(first, others)
    return None


def _refuse(why: str, reasons: Sequence[str]) -> None:
    st.html(Markup('<p class="stale" role="alert">{}</p>{}').format(why, bullets(reasons)))


def _show(answer: Answer) -> None:
    st.html(paragraph(" ".join(said.conclusion(answer)), "verdict"))
    for warning in answer.warnings:
        st.html(paragraph(f"To think about: {warning}", "subtitle"))
    _list("Edits", said.edits(answer))
    if answer.is_same:
        return
    _table("Scorecards", *said.scorecard_table(answer.scorecards))
    _table(f"Grades on {answer.as_of}", *said.grade_table(answer.grades))
    frame.section("Accounts changing grade")
    columns = [
        Column("Account", lambda row: account_link(row["account_id"], row["account_name"])),
        Column("MRR, USD", tables.number("mrr_usd"), "number"),
        Column("Grade", lambda row: f"{row['grade_before'] or 'none'} → {row['grade_after'] or 'none'}", "short"),
        Column("Before", tables.number("score_before", "{:.1f}"), "number"),
        Column("After", tables.number("score_after", "{:.1f}"), "number"),
        Column("Why", tables.text("why"), "long"),
        Column("CSM", tables.text("csm_name"), "short"),
    ]
    rows = [vars(move) for move in answer.moves[: said.ACCOUNTS_NAMED]]
    st.html(tables.table(rows, columns) if rows else paragraph("None on the last day.", "nothing"))
    if answer.accuracies:
        _table("Does it tell better who leaves?", *said.accuracy_table(answer.accuracies))
        st.html(paragraph(said.AREA_AND_LIFT, "subtitle"))
    st.download_button(
        "Download as Markdown", said.page(answer).markdown(), "what_if.md", "text/markdown", on_click="ignore"
    )


def _list(title: str, lines: Sequence[str]) -> None:
    frame.section(title)
    st.html(bullets(lines))


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    frame.section(title)
    columns = [
        Column(name, lambda row, at=at: row["cells"][at], "" if at == 0 else "number") for at, name in enumerate(head)
    ]
    st.html(tables.table([{"cells": cells} for cells in rows], columns))
