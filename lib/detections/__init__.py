"""What is unusual: detections over events, and the findings they make.

A detection asks the event store in SQL and judges what comes back. `registry.DETECTIONS` lists all
of them, `running.run` runs them. Nothing here writes.
"""
