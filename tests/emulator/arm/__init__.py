"""Azure Resource Manager, and the authority that gives tokens for it, as Azure documents them.

It holds what `POST /emulator/azure/resources` gave it; nothing is made, changed or deleted by callers.
"""
