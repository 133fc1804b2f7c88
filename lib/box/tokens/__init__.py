"""Access tokens for Box: assertions, grants, the token endpoint, and how tokens are kept."""
