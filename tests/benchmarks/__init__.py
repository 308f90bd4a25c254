"""What the program promises about time and memory, measured beside its peers on the same data.

python -m tests.benchmarks [--rows 1000000] [--repeat 5] [csv ndjson memory help first_byte]
"""
