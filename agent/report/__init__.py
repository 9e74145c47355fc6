"""The report and the evidence pages, made from the ledger."""
