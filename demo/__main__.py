"""`python -m douane.demo`: see main.py."""

from douane.demo.main import main

if __name__ == "__main__":
    raise SystemExit(main())
