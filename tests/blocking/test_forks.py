"""A fork while another thread tells what others did."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

FORK = """
import os, threading, time, warnings
warnings.simplefilter("ignore")
from payreq.blocking import block as rules
from payreq.blocking.block import Key
from payreq.blocking.ledger import Ledger
from payreq.blocking.memory import MemoryStore
from payreq.details import PaymentDetails

class Slow(MemoryStore):
    tells, goes_on = threading.Event(), threading.Event()

    def changes(self, cursor):
        self.tells.set()
        self.goes_on.wait(10)
        return super().changes(cursor)

store = Slow()
ledger = Ledger(store, time.time)
thread = threading.Thread(target=ledger.news, args=[["blocked"]])
thread.start()
store.tells.wait(10)
child = os.fork()
if child == 0:
    Slow.changes = MemoryStore.changes
    key = Key("https://api.example.com", "export", "alice")
    details = PaymentDetails(reason="unknown", status=402)
    store.swap(key, 0, rules.begin(key, details, time.time()), time.time())
    os._exit([told.name for told in ledger.news(["blocked"])] != ["blocked"])
store.goes_on.set()
thread.join()
print(os.waitpid(child, 0)[1])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_forked_while_its_parent_tells_what_others_did_goes_on_to_tell_it():
    ran = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, check=True)
    assert ran.stdout == "0\n"


NO_FORK = """
import os, sys
for name in ("fork", "register_at_fork"):
    vars(os).pop(name, None)  # as on Windows
import payreq
store = payreq.SQLiteStore(sys.argv[1])
print(store.reach(0.0, 60))
"""


def test_where_there_is_no_fork_a_store_is_kept_up_all_the_same(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", NO_FORK, tmp_path / "blocks.db"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "True\n"
