"""The command line: each verb with its options, and what it prints.

Belongs here: options and their defaults, the order of a verb's calls, exit codes.
Does not belong here: doing anything (the packages below); modules are imported by the verb that needs them, so that
`customer-health --help` answers at once.
"""
