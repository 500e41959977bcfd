"""The pages, in the order of their menu: one module per page, each with one function `show(snapshot)`.

Belongs here: which pages there are. A new page is a module and a line in PAGES. The first is the one that opens.
Does not belong here: SQL (reading/), what all pages share (dashboard/frame.py, dashboard/markup.py,
dashboard/tables.py, dashboard/theme.py).
"""

from customer_health.dashboard.frame import Page
from customer_health.dashboard.pages import (
    account,
    configuration,
    data_quality,
    does_it_work,
    early_interventions,
    journey,
    portfolio,
)

PAGES = (
    Page("", "Portfolio", portfolio.show),
    Page("account", "Account", account.show),
    Page("early_interventions", "What to do", early_interventions.show),
    Page("journey", "Journey", journey.show),
    Page("does_it_work", "Does it work?", does_it_work.show),
    Page("data_quality", "Data quality", data_quality.show, for_whole_book=True),
    Page("configuration", "Configuration", configuration.show),
)
