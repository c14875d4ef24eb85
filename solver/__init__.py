"""A pure library: `Problem` in, `Plan` out. No web, no database, no clock, no names.

========================================  ====================================================
``solver.problem``, ``solver.plan``       the question and the answer
``solver.solve.solve``                    from the one to the other (numba: slow to import)
``solver.judge.judge``                    which rules a plan breaks
``solver.cost.cost``                      what a plan costs
``solver.codec``                          both as JSON
``solver.reasons``                        why a visit has no place
``solver.bound.prove``                    what no plan costs less than
``solver.warm.warm``                      compile the search once, at set-up
========================================  ====================================================

Nothing is imported here, so that whoever only reads a plan does not load the compiler.
"""
