from __future__ import annotations

import subprocess
import sys
from time import monotonic

HANGS = """
import threading, time
from ai_provider_exporter.runtime.deadline_exit import exit_within
exit_within(0.2)
threading.Thread(target=time.sleep, args=(60,), name="dead file system").start()
"""


def test_a_process_that_a_thread_holds_up_ends_all_the_same_and_says_which_thread() -> None:
    began = monotonic()
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=50, check=False)

    assert ended.returncode == 0
    assert monotonic() - began < 50
    assert "held up by MainThread, dead file system; exiting now" in ended.stderr
