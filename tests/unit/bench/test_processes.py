import os
import subprocess
import sys
import time

from bench import processes


def test_a_busy_process_is_seen_to_be_busy():
    before = processes.busy_s([os.getpid()])
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    assert processes.busy_s([os.getpid()]) - before >= 0.05


def test_children_that_have_ended_count_as_their_parent():
    before = processes.busy_s([os.getpid()])
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    assert processes.busy_s([os.getpid()]) > before


def test_a_family_is_a_process_with_its_children():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert {os.getpid(), child.pid} <= set(processes.family(os.getpid()))
        assert processes.rss_mb([child.pid]) > 0
    finally:
        child.kill()
        child.communicate()


def test_a_process_that_is_gone_uses_nothing():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert processes.busy_s([child.pid]) == 0
    assert processes.rss_mb([child.pid]) == 0
