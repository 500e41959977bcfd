"""What a user would pick instead of this project, for the few metrics that all of them compute.

Belongs here: one module for each way, with `make_metrics(folder)`, and what they share (inputs.py).
Does not belong here: our own models, or the script that makes all of our tables (handwritten.sql).
"""
