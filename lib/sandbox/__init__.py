"""A Box and a Kloudless of our own over real HTTP, for trying the product and for its tests.

It is a second, independent reading of the two contracts: it shares no code with the clients, so
that one misunderstanding can't sit on both sides.
"""
