"""A pure library: `Problem` in, `Plan` out. No web, no database, no clock, no names."""
