"""`python -m katydid.gevent`."""

from .main import main

main()
