"""`python -m katydid.gevent`."""

from . import main

main()
