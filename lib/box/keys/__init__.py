"""RSA keys of Box's JWT apps, found and read offline in every format that people have them in."""
