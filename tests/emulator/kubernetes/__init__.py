"""An API server that answers as Kubernetes does: who asks, what they may, lists in pages, and chosen faults.

It holds what `POST /emulator/kubernetes/objects` gave it; nothing controls, schedules or runs anything.
"""
