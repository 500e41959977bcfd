"""In what mood was a text written? Read on this machine, with the lexicon that textblob brings.

Belongs here: small functions over texts.
Does not belong here: which texts are read and what is kept of them (models/staging/survey).
"""
