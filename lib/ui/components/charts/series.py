"""A series of events as a chart takes it: widths of buckets, axis, colours."""

from datetime import datetime, timedelta
from typing import Final

import pandas as pd

from lib.activity.model.zones import BucketSize
from lib.activity.queries import time_series
from lib.activity.queries.time_series import Series
from lib.ui.components.charts import series_chart
from lib.ui.components.charts.chart_style import CATEGORIES, SHOWN

SIZES: Final = {BucketSize.HOUR: "hour", BucketSize.DAY: "day", BucketSize.WEEK: "week"}
WIDTHS: Final = {
    BucketSize.HOUR: timedelta(hours=1),
    BucketSize.DAY: timedelta(days=1),
    BucketSize.WEEK: timedelta(days=7),
}


def folded(found: Series, by: str) -> tuple[pd.DataFrame, list[str]]:
    """The series that have a colour of their own, and the rest as one: (frame, keys in order)."""
    if by == "category":
        keys: list[str] = [name for name in CATEGORIES if name in found.order]
    else:
        keys = [name for name in found.order if name != time_series.OTHER_SERIES][:SHOWN]
    return series_chart.folded(found.frame, keys)


def axis(found: Series) -> tuple[datetime, datetime]:
    """The whole buckets of a series as an axis, in wall-clock times of its zone."""
    bars = found.buckets
    first = bars["bucket"].iloc[0].tz_localize(None)
    last = bars["end"].iloc[-1].tz_localize(None)
    return first.to_pydatetime(), last.to_pydatetime()
