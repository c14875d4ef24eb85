"""The month above the weeks: into which weeks the visits fall, and who can't reach her hours, proved.

Both are flows (OR-Tools): ``spread`` lays visits over weeks, ``reach`` finds the hours that no plan can serve.
"""
