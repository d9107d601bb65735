"""The pool room: what a pool of assets yields per collection period, under stated assumptions.

    loan, claims, revenue     the assets: frozen data, each tagged with its `kind`
    pool                      `Pool`, `Asset`, and what one pays by its contract: `contract_flows`
    rep_lines, grouping       a loan tape as representative lines, and what that changes
    assumptions               prepayment, default, recovery, delinquency; disputed conventions by name
    periods                   collection periods; `months` makes them where a source has no dates
    project                   `project_pool`: the projection, a `PoolPeriod` for each period

Amounts are whole micro-units at the door. Inside they carry 18 further decimals, and are rounded
once, half up, when a row is made: per asset in `contract_flows`, per pool in `project_pool`.
"""
