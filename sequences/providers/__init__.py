"""Who draws and films: one adapter an endpoint, limits and prices as data, no Django."""
