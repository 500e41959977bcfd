"""What Streamlit runs: the pages, in the order of their menu. A new page is a module with `show`, and a line here.

It lies in a folder of its own: Streamlit puts that folder on the import path, and would take a folder `pages` beside
it for pages that are scripts.
"""

from dashboard import frame
from dashboard.pages import early_interventions

frame.run((frame.Page("early_interventions", "What to do", early_interventions.show),))
