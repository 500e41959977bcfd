"""Published scores for AI assistants, by the Model Context Protocol.

Belongs here: tools that read the publication, the shape of their answers, what they say in words.
Does not belong here: questions that dashboard or digest ask as well (reading/), anything that writes.
"""
