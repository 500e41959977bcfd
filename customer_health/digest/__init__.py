"""The weekly digest: one page for each CSM and one for the lead, written from the published scores.

Belongs here: what a digest says (content.py, csm.py, lead.py), how it looks (html_page.py, markdown_page.py), its files
(write.py).
Does not belong here: the questions behind it (reading/), sending it (a company's own mail), when it is written
(orchestration/assets/digest.py).
"""
