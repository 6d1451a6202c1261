"""Processes that share a file, as stores in one process, and the line between each and the file."""

from __future__ import annotations

import time

from payreq.blocking import block as rules
from payreq.blocking.block import Key
from payreq.details import PaymentDetails
from payreq.reasons import Reason

DETAILS = PaymentDetails(reason=Reason.UNKNOWN, status=402)
EXPORT = Key("https://api.example.com", "export", "alice")
CHAT = EXPORT._replace(feature="chat")


class Line:
    """What lies between a process and the place: it can be cut, be slow, and be listened to."""

    def __init__(self, backend):
        self.backend = backend
        self.cut = None
        self.before = self.after = lambda question: None
        self.asked = []
        self.closed = False

    def ask(self, question):
        self.asked.append(question)
        if self.cut is not None:
            raise self.cut
        self.before(question)
        answer = self.backend.ask(question)
        self.after(question)
        return answer

    def close(self):
        self.closed = True
        self.backend.close()


def NOW():  # noqa: N802  # reads like the constant that it nearly is
    return time.time()


def begin(store, key=EXPORT):
    held = store.get(key)
    generation = 0 if held is None else held.generation
    return store.swap(key, generation, rules.begin(key, DETAILS, NOW()), NOW())


def begin_chat(store):
    """Begin a block in a process that has yet to hear of the place."""
    return begin(store, CHAT) or begin(store, CHAT)


def change(store, rule, key=EXPORT):
    held = store.get(key)
    return store.swap(key, held.generation, rule(held, NOW()), NOW())


def catch_up(clock, *stores):
    clock.now += 1
    for _ in range(2):
        for store in stores:
            store.refresh(NOW(), at_once=True)
