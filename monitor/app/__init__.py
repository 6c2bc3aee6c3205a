"""The two pipelines: fetch to commit, and outbox to ledger."""
