"""What runs behind the pages: routes, middleware, lifespan, ownership and background work.

`start_background()` is the one door: the lifespan calls it, and so does `lib/ui/main.py` where no
lifespan ran. Nothing here imports streamlit, and nothing here decides what a visitor may see.
"""

from lib.app.asgi import lifespan, middleware, routes
from lib.app.process_runtime import current, start_background, stop_background
from lib.app.runtime import Runtime

__all__ = [
    "Runtime",
    "current",
    "lifespan",
    "middleware",
    "routes",
    "start_background",
    "stop_background",
]
