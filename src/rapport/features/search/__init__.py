"""One search over everything a person may see, on either database.

`finding.search` reads, `maintenance.reindex` brings an object up to date; the index keeps itself in step otherwise.
"""
