"""Webhooks: receiving deliveries, storing them, and querying what arrived.

`receiver` verifies and stores one request, `keeper` makes many of them durable at once, `routes` is
where they come in (in the app and in `python -m lib receive` alike), `log` and `figures` query what
arrived, `sending` signs and sends one like the real sender. How the two senders sign is in
`lib.box.signatures` and `lib.kloudless.signatures`.
"""
