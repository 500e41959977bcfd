"""Companies to try the project on.

Belongs here: one folder per example, each ending in landing files of the raw contract.
Does not belong here: anything the project itself needs to run.
"""
