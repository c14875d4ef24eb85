"""The search: large-neighbourhood search with simulated annealing over the whole problem, in numba.

Follow one iteration through the files: ``removal`` takes visits out, ``insertion`` and ``together``
put them back, ``timing`` says whether a route can be walked and what its start times cost, ``state``
keeps the routes and takes back what was not accepted, ``anneal`` decides.
"""
