"""A profile's webhooks at Box: listing, linting and changing them."""
