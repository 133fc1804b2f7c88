"""Sessions that run a page again and again, as browsers do, in a process of its own.

`python -m benchmarks._sessions URL PAGE SESSIONS THINK_S` opens so many WebSockets, runs the page,
waits for its end, thinks, and runs it again until standard input ends. Then it prints how often the
page ran, and the median milliseconds of a run.
"""

import statistics
import sys
import threading
import time
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol


def session(
    url: str, page: str, think_s: float, stopping: threading.Event, runs: list[float]
) -> None:
    """One visitor; the milliseconds of each run are appended."""
    name, _, query = page.partition("?")
    asked = BackMsg()
    asked.rerun_script.page_name = name
    asked.rerun_script.query_string = query
    asked.rerun_script.context_info.url = f"{url}/{page}"
    asked.rerun_script.context_info.timezone = "UTC"
    with connect(
        f"ws://{urlsplit(url).netloc}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
    ) as line:
        while not stopping.is_set():
            started = time.perf_counter()
            line.send(asked.SerializeToString())
            while True:
                frame = line.recv(timeout=120)
                raw = frame.encode() if isinstance(frame, str) else frame
                if ForwardMsg.FromString(raw).WhichOneof("type") == "script_finished":
                    break
            runs.append((time.perf_counter() - started) * 1000)
            stopping.wait(think_s)


def main() -> None:
    """Run until standard input ends."""
    url, page, number, think_s = sys.argv[1:]
    stopping = threading.Event()
    runs: list[float] = []
    threads = [
        threading.Thread(target=session, args=(url, page, float(think_s), stopping, runs))
        for _ in range(int(number))
    ]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stopping.set()
    for thread in threads:
        thread.join(120)
    print(len(runs), round(statistics.median(runs)) if runs else 0, flush=True)


if __name__ == "__main__":
    main()
