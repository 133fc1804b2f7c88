"""RSA keys of Box's JWT apps: found, read, judged and made, offline."""
