"""What everybody who reads the published scores shares: dashboard, digest and assistants.

Belongs here: opening the publication, who may see which rows, questions that more than one of them asks.
Does not belong here: anything that writes, and how an answer is shown (dashboard/, digest/, assistants/).
"""
