"""Months of the service in minutes: real plans of a made-up city, and chance instead of caregivers."""
