"""RSA keys of Box's JWT apps: found, read, checked and generated, offline."""
