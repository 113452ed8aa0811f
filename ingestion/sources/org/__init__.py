"""Who owns what: teams, projects, cost centres, users, ownership, budgets, negotiated prices → `raw_org`."""
