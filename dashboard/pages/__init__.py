"""One module per page, each with one function `show(snapshot)`; entry/app.py lists them.

Belongs here: what a page shows, in which order and words.
Does not belong here: SQL (reading/), what all pages share (frame.py, markup.py, tables.py, theme.py).
"""
