"""Whether hi itself is well, and what a person should do if not. The one source of `/health/*`, `manage.py doctor`, the
System page and the gauges of `/metrics`: `rows.read_facts` looks, `check.judge` says what it means."""
