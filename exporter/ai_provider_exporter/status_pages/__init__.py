"""Status pages: fetching, detection and reading; parsing is pure, one module a format, in `formats`."""
