"""The gate between a finished build and its publication: what arrives and what leaves must look like itself.

Belongs here: suites of checks per layer, the runner that judges a build, the report it ends in and the page it shows.
Does not belong here: keys, contracts and configuration (dbt tests guard those on every build), when a gate runs
(orchestration), or what happens to a build that is held (customer_health/publication/publish.py).
"""
