"""What Streamlit runs for each session, again and again.

It lies in a folder of its own: Streamlit puts that folder on the import path, and would take a folder `pages` beside
it for pages that are scripts.
"""

from customer_health.dashboard.frame import run
from customer_health.dashboard.pages import PAGES

run(PAGES)
