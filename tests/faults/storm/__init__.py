"""Random schedules of clicks, faults, crashes, freezes and decisions over the real code, judged by the fake's ledger.

python -m tests.faults.storm --schedules 10000 --database sqlite --seed 1
"""
