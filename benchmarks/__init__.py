"""How well it works: tasks, records, metrics, reports, and speed beside the peers."""
