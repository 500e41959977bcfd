"""The dashboard: pages for people, over the published file.

Belongs here: how answers are shown, and the server that shows them.
Does not belong here: SQL (reading/), what a number means (models/marts), who somebody is (a proxy in front).
"""
