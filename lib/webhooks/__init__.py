"""What arrives: receiving deliveries of webhooks, keeping them, and asking what came.

`receiver` judges and keeps one request, `keeper` makes many of them durable at once, `routes` is
where they come in (in the app and in `python -m lib receive` alike), `log` and `figures` answer
what came, `sending` signs and sends one like the real sender. How the two senders sign is in
`lib.box.signatures` and `lib.kloudless.signatures`.
"""
