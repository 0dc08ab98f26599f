"""What may be done, one module a noun: rows, audit and feed event change in one transaction."""
