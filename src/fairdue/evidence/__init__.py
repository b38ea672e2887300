"""Evidence packs: everything a regulator asks for about one person or a period, in one ZIP that proves itself.

pack = services.ask(scope=Scope(person_id=7), by=user, reason="…")      # queued
services.make(pack=pack)                                                          # by the worker
with services.take(pack=pack, by=user) as file: …                                 # journalled
"""
